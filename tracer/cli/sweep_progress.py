"""How far a sweep is: a bar on a terminal, else a line a minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ..sweep.journal import State
from .screen import errors, errors_seen, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_EVERY: Final = 60.0


class Progress:
    """Shows how many trials there are of each state, and how much time is left."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._last = self._start = time.monotonic()
        self._done_before: int | None = None

    def __enter__(self) -> Progress:
        if errors_seen():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, counts: Mapping[State, int]) -> None:
        """Show it, if it is time to."""
        total = sum(counts.values())
        ended = counts[State.done] + counts[State.failed]
        if self._done_before is None:
            self._done_before = ended
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task("", total=total, completed=ended)
            said = _counts(counts)
            self._bar.update(self._task, description=said, total=total, completed=ended)
            return
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            say(f"{_counts(counts)}{self._left(ended, total, now)}")

    def _left(self, ended: int, total: int, now: float) -> str:
        new = ended - (self._done_before or 0)
        if not new:
            return ""
        seconds = (now - self._start) / new * (total - ended)
        return f", about {seconds / 60:,.0f} min left"


def _counts(counts: Mapping[State, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in counts.items() if count)


def _bar() -> Bar:
    from rich.progress import (  # noqa: PLC0415 - only on a terminal
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeRemainingColumn(),
        console=errors(),
        transient=True,
    )


@contextmanager
def checking(total: int) -> Generator[Callable[[int], None]]:
    """Show on a terminal how many trials have been checked, once that takes a while."""
    if not errors_seen():
        yield lambda _: None
        return
    with _bar() as bar:
        task = bar.add_task("checked", total=total)
        yield lambda count: bar.update(task, completed=count)
