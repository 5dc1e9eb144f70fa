"""The results of the trials of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import attrs

from .atomic_files import JsonObject, Point
from .folder import Folder
from .journal import Ledger, LedgerEntry, State
from .returned import ResultError, Returned, metric


@attrs.frozen(eq=False)
class TrialResult:
    """The result of a trial.

    Attributes:
        id: Its id.
        point: What was set, by path.
        status: How far it is.
        reason: Why it failed; else empty.
    """

    id: str
    point: Point
    status: State
    reason: str
    _folder: Folder = attrs.field(repr=False)
    _entry: LedgerEntry = attrs.field(repr=False)

    @property
    def value(self) -> Any:
        """The returned value, as far as JSON can say it; None if there is none."""
        return self._returned().value if self.status is State.done else None

    @property
    def result(self) -> Any:
        """The returned object. If JSON cannot say it, a pickle is opened, which can run any code.

        Raises:
            ResultError: There is no result, or it cannot be opened here.
        """
        if self.status is not State.done:
            raise ResultError(f"{self.id} has no result: it is {self.status}")
        return self._returned().result()

    @property
    def log(self) -> str:
        """The output of the trial."""
        return self._folder.log(self.id)

    def row(self) -> JsonObject:
        """Return the row of a table: ``id``, ``point``, ``status`` and ``result``.

        Why it failed is its ``reason``, and the class of a result that JSON cannot say its
        ``type``.
        """
        found: dict[str, object] = {
            "id": self.id,
            "point": dict(self.point),
            "status": self.status.value,
            "result": self.value,
        }
        if self.reason:
            found["reason"] = self.reason
        if self.status is State.done and (kind := self._returned().type):
            found["type"] = kind
        return found

    def _returned(self) -> Returned:
        if self._entry.result is None:
            try:
                text = (self._folder.trial(self.id) / "result.json").read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ResultError(f"the result of {self.id} cannot be read: {error}") from None
            self._entry.result = Returned.read(text)
        return self._entry.result


class Results(Sequence[TrialResult]):
    """The results of all trials of a folder, in the order in which they were made.

    Args:
        folder: The folder.
        ledger: What is known of them.
    """

    def __init__(self, folder: Folder, ledger: Ledger) -> None:
        self.folder = folder
        self._entries: list[LedgerEntry] = list(ledger.entries.values())
        self._counts = ledger.counts()

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> TrialResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[TrialResult]: ...
    def __getitem__(self, index: int | slice) -> TrialResult | list[TrialResult]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        entry = self._entries[index]
        return TrialResult(entry.id, entry.point, entry.state, entry.reason, self.folder, entry)

    def __repr__(self) -> str:
        said = ", ".join(f"{count:,} {state}" for state, count in self._counts.items() if count)
        return f"<Results of {self.folder.root}: {said or 'none'}>"

    @property
    def counts(self) -> dict[State, int]:
        """How many trials there are of each state."""
        return dict(self._counts)

    def table(self) -> list[JsonObject]:
        """Return a row of each trial: see `TrialResult.row`."""
        return [result.row() for result in self]

    def best(self, name: str = "", *, maximize: bool = False) -> TrialResult:
        """Return the trial whose result is least.

        Args:
            name: Under which name the result has the number; none if it is one itself.
            maximize: Return the one whose result is greatest.

        Raises:
            ResultError: No trial has a number there.
        """
        sign = -1 if maximize else 1
        found = [
            (sign * number, index)
            for index, result in enumerate(self)
            if (number := metric(result.value, name)) is not None
        ]
        if not found:
            raise ResultError(f"no trial has a number as its result{f' {name}' if name else ''}")
        return self[min(found)[1]]
