"""The events in the folder of a sweep: a journal of each worker, and all of them together.

A line of a journal is one event of one trial. The lines of several journals have no order between
them, so that they are put together by the number of the attempt; a result wins. The journals say
nothing that the files of the trials do not, so that they can be made again from those.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

import attrs

from .atomic_files import JsonObject, Point, read_object, write_all
from .returned import ResultError, Returned

_FOLDER: Final = "journal"
#: Longer results are read from their own file.
_LONGEST: Final = 2000


class State(StrEnum):
    """How far a trial is."""

    waiting = "waiting"
    running = "running"
    done = "done"
    failed = "failed"


class Event(StrEnum):
    """An event in the life of a trial."""

    made = "made"
    began = "began"
    stopped = "stopped"
    failed = "failed"
    again = "again"
    done = "done"


#: What each event turns a trial into, and what wins over what in the same attempt.
_STATES: Final[Mapping[Event, tuple[State, int]]] = {
    Event.made: (State.waiting, 0),
    Event.began: (State.running, 1),
    Event.stopped: (State.waiting, 2),
    Event.failed: (State.failed, 2),
    Event.again: (State.waiting, 3),
    Event.done: (State.done, 4),
}


@attrs.define(eq=False)
class LedgerEntry:
    """The state of a trial.

    Attributes:
        id: Its id.
        point: Its point.
        state: How far it is.
        attempt: The number of the last attempt.
        reason: Why it failed.
        result: What it returned, as far as JSON can say it; None if that is not in the journal.
    """

    id: str
    point: Point = attrs.field(factory=dict[str, object])
    state: State = State.waiting
    attempt: int = 0
    reason: str = ""
    result: Returned | None = None
    _rank: int = 0

    def apply(self, event: Event, said: JsonObject) -> None:
        """Take an event into account, whichever order they come in."""
        if event is Event.made:
            self.point = said["point"]
        if "result" in said:
            self.result = Returned(**said["result"])
        attempt = said.get("attempt", 0)
        state, rank = _STATES[event]
        if self.state is State.done or (state is not State.done and attempt < self.attempt):
            return
        if attempt == self.attempt and rank <= self._rank:
            if rank == self._rank:  # whoever ran it may not have known why it ended
                self.reason = self.reason or said.get("reason", "")
            return
        self.state, self.attempt, self._rank = state, attempt, rank
        self.reason = said.get("reason", "")


class Journal:
    """The journal of one worker, which nobody else writes.

    Args:
        folder: The folder of the sweep.
        name: That of the worker.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, folder: Path, name: str) -> None:
        place = folder / _FOLDER
        place.mkdir(exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._number = os.open(place / f"{name}.jsonl", flags, 0o666)

    def write(self, event: Event, trial: str, **said: object) -> None:
        """Add an event.

        Raises:
            OSError: It cannot be written.
        """
        line = json.dumps({"event": event.value, "id": trial, **said}, separators=(",", ":"))
        write_all(self._number, f"{line}\n".encode())

    def close(self) -> None:
        """Write no more."""
        os.close(self._number)


class Ledger:
    """All journals together.

    Args:
        folder: The folder of the sweep.

    Attributes:
        entries: The trials, by their ids.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}
        self.entries: dict[str, LedgerEntry] = {}
        if (folder / "trials").is_dir() and not (folder / _FOLDER).is_dir():
            rebuild_journals(folder)

    def refresh(self) -> None:
        """Read the new lines of all journals.

        Raises:
            OSError: A journal cannot be read.
        """
        for file in sorted((self._folder / _FOLDER).glob("*.jsonl")):
            start = self._read.get(file.name, 0)
            with file.open("rb") as lines:
                lines.seek(start)
                for line in lines:
                    if not line.endswith(b"\n"):
                        break  # it is being written, or its worker has died over it
                    start += len(line)
                    self._apply(line)
            self._read[file.name] = start

    def _apply(self, line: bytes) -> None:
        try:
            said: dict[str, object] = json.loads(line)
            event, trial = Event(said["event"]), str(said["id"])
            self.entries.setdefault(trial, LedgerEntry(trial)).apply(event, said)
        except (ValueError, KeyError, TypeError):
            return  # a line of a full disk

    def settle(self, is_alive: Callable[[str], bool]) -> None:
        """See in their own files how trials ended of which a journal says only that they began.

        Their worker may have died in between.

        Args:
            is_alive: Tells whether a worker may still be at it.
        """
        for entry in self.entries.values():
            if entry.state is State.running:
                place = self._folder / "trials" / entry.id
                for event, said in _events_of(place):
                    entry.apply(event, said)
                attempts = attempts_of(place)
                if entry.state is State.running and attempts:
                    number, last = attempts[-1]
                    if not is_alive(str(last.get("worker"))):
                        entry.apply(Event.stopped, {"attempt": number})

    def counts(self) -> dict[State, int]:
        """Return how many trials there are of each state."""
        found = Counter(entry.state for entry in self.entries.values())
        return {state: found[state] for state in State}


def done_said(returned: Returned) -> dict[str, object]:
    """Return the result for the journal: all of it, unless it is long."""
    said = {key: value for key, value in attrs.asdict(returned, recurse=False).items() if value}
    said.setdefault("value", returned.value)
    return {"result": said} if len(json.dumps(said)) <= _LONGEST else {}


def rebuild_journals(folder: Path) -> None:
    """Make the journals again from the files of the trials.

    Raises:
        OSError: They cannot be written.
    """
    journal = Journal(folder, f"rebuilt-{secrets.token_hex(8)}")
    try:
        for trial in sorted((folder / "trials").glob("[!.]*"), key=_age):
            for event, said in _events_of(trial):
                journal.write(event, trial.name, **said)
    finally:
        journal.close()


def _age(trial: Path) -> tuple[int, str]:
    """Return a key to sort trials by, in the order in which they were made."""
    with suppress(FileNotFoundError):
        return (trial / "point.json").stat().st_mtime_ns, trial.name
    return 0, trial.name


def _events_of(trial: Path) -> Iterator[tuple[Event, dict[str, object]]]:
    """Yield the events in the files of a trial."""
    if (trial / "point.json").is_file():
        yield Event.made, {"point": read_object(trial / "point.json")}
    for attempt, said in attempts_of(trial):
        yield Event.began, {"attempt": attempt}
        if outcome := said.get("outcome"):
            # That it is done, only its result says.
            event = Event.stopped if outcome == Event.done else Event(outcome)
            yield event, {"attempt": attempt, "reason": said.get("reason", "")}
        if said.get("again"):
            yield Event.again, {"attempt": attempt}
    try:
        returned = Returned.read((trial / "result.json").read_text("utf-8"))
        yield Event.done, {"attempt": 0, **done_said(returned)}
    except (OSError, ResultError, UnicodeDecodeError):
        return


def attempts_of(trial: Path) -> list[tuple[int, JsonObject]]:
    """Return the attempts at a trial in their order, each with the content of its file."""
    found: list[tuple[int, JsonObject]] = []
    for file in trial.glob("attempt-*.json"):
        number = file.stem.removeprefix("attempt-")
        if number.isdecimal():
            found.append((int(number), read_object(file)))
    return sorted(found, key=lambda each: each[0])
