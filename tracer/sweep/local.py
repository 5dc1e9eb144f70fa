"""The engine of this machine: a process for each trial, some at a time."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from . import attempts
from .atomic_files import JsonObject
from .engine import drive
from .folder import Folder, FolderError
from .jobs import Task
from .journal import Event, Journal, attempts_of, done_said
from .processes import Keeper, Process
from .returned import ResultError, Returned
from .workers import BEAT, PATIENCE, Observer, Worker

#: So many characters of the end of a log are kept with what failed.
_END: Final = 2000
#: Stands for the exit code of a process that ended well, but left no result.
_NOTHING: Final = 1000


@attrs.frozen(eq=False)
class _Attempt:
    """A trial that is being run.

    Attributes:
        trial: Its id.
        number: Which attempt it is.
        said: What its file says.
        process: The process.
        result: The file that the process writes.
        start: Where in the log it begins.
    """

    trial: str
    number: int
    said: JsonObject
    process: Process
    result: Path
    start: int


@attrs.frozen(eq=False)
class _Work:
    """The work in one folder.

    Attributes:
        folder: The folder.
        allow: What graphs may name.
        worker: This process, as one that works there.
        journal: Its journal.
        observer: Watches the others.
    """

    folder: Folder
    allow: Sequence[str]
    worker: Worker
    journal: Journal
    observer: Observer


class Local:
    """Runs each trial in a process of its own, on this machine.

    Args:
        jobs: How many at a time.
        beat: Every how many seconds this process says that it lives.
        patience: After how many seconds without that another one is taken for dead.
        task: The task of another engine that this is, if it is one.
    """

    def __init__(
        self,
        jobs: int = 1,
        *,
        beat: float = BEAT,
        patience: float = PATIENCE,
        task: Task | None = None,
    ) -> None:
        if jobs < 1:
            raise ValueError(f"jobs is how many trials run at a time, not {jobs}")
        self._jobs = jobs
        self._beat, self._patience = beat, patience
        self._task = task
        self._work: _Work | None = None
        self._waiting: deque[str] = deque()
        self._busy: list[str] = []
        self._running: list[_Attempt] = []
        self._keeper = Keeper()

    def submit(self, folder: Folder, ids: Sequence[str], allow: Sequence[str]) -> None:
        """Take on some trials."""
        if self._work is None:
            worker = Worker(folder.root, self._beat)
            journal = Journal(folder.root, worker.name)
            observer = Observer(folder.root, self._patience)
            self._work = _Work(folder, allow, worker, journal, observer)
        self._waiting += ids

    def poll(self) -> bool:
        """Start trials, and see which have ended; return whether more is to come."""
        if self._work is None:
            return False
        if self._task is not None and (reason := self._task.over()):
            self.cancel(reason)
            return False
        for attempt in [*self._running]:
            code = attempt.process.ended()
            if code is not None:
                self._running.remove(attempt)
                self._finish(self._work, attempt, code)
        while self._waiting and len(self._running) < self._jobs:
            self._begin(self._work, self._waiting.popleft())
        if self._work.worker.beat():
            self._waiting += self._busy
            self._busy.clear()
            for attempt in self._running:
                if self._is_taken_over(self._work, attempt):
                    attempt.process.end()
        return bool(self._waiting or self._busy or self._running)

    def cancel(self, reason: str = "it was stopped") -> None:
        """End all running trials, which may run again.

        Args:
            reason: Why.
        """
        self._waiting.clear()
        self._busy.clear()
        work, running = self._work, self._running
        self._work, self._running = None, []
        for attempt in running:
            attempt.process.end()
        self._keeper.close()
        if work is not None:
            with suppress(OSError):  # of a full disk: others find out that it is not run any more
                for attempt in running:
                    self._end(work, attempt, Event.stopped, reason)
            work.journal.close()

    def _begin(self, work: _Work, trial: str) -> None:
        """Claim a trial and start it, if nobody else has."""
        place = work.folder.trial(trial)
        if self._note_result(work, trial):
            return
        tries = attempts_of(place)
        number, last = tries[-1] if tries else (0, {})
        outcome = last.get("outcome")
        if outcome == Event.failed and not last.get("again"):
            work.journal.write(Event.failed, trial, attempt=number, reason=last.get("reason", ""))
            return
        is_open = number and not outcome
        if is_open and work.observer.is_alive(str(last.get("worker"))):
            self._busy.append(trial)
            return
        number += 1
        said = attempts.claim(work.folder, trial, number, self._said(work.worker))
        if not said:
            self._busy.append(trial)
            return
        if is_open:
            gone = (work.folder, work.journal, trial, number - 1, last)
            attempts.end(*gone, Event.stopped, "its worker was gone")
        work.journal.write(Event.began, trial, attempt=number)
        self._start(work, trial, number, said)

    def _said(self, worker: Worker) -> dict[str, object]:
        """Return the process and the machine of a worker, for the file of an attempt."""
        where = {"engine": "local"} if self._task is None else self._task.where
        return {"worker": worker.name, "host": worker.host, "pid": os.getpid(), **where}

    def _start(self, work: _Work, trial: str, number: int, said: dict[str, object]) -> None:
        place = work.folder.trial(trial)
        result = place / f".result-{number}.json"
        cwd, search = work.folder.surroundings()
        log = os.open(place / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            start = os.lseek(log, 0, os.SEEK_END)
            words = [sys.executable, "-m", "bytefig.tracer", "run"]
            words += ["--config", str(work.folder.graph_file(trial).resolve())]
            words += ["--result", str(result.resolve())]
            words += [word for name in work.allow for word in ("--allow-import", name)]
            process = self._keeper.start(words, log, _environment(search), cwd)
        except (FolderError, OSError) as error:
            failed = (Event.failed, f"it did not start: {error}")
            attempts.end(work.folder, work.journal, trial, number, said, *failed)
            return
        finally:
            os.close(log)
        self._running.append(_Attempt(trial, number, said, process, result, start))

    def _finish(self, work: _Work, attempt: _Attempt, code: int) -> None:
        """Publish the result of an attempt, or say why there is none."""
        try:
            text = attempt.result.read_text("utf-8")
            Returned.read(text)
        except (OSError, ResultError, UnicodeDecodeError):
            code, text = code or _NOTHING, ""
        if code == 0 and work.folder.publish(attempt.trial, text):
            self._end(work, attempt, Event.done)
        elif code == 0 or self._is_taken_over(work, attempt):
            self._end(work, attempt, Event.stopped, "somebody else has taken it over")
        elif code == -signal.SIGTERM and self._task is not None:
            # Some systems say that a job is to end to all of its processes; they know why.
            self._end(work, attempt, Event.stopped, self._task.over())
        else:
            log = work.folder.trial(attempt.trial) / "log.txt"
            more = {"exit": code, "log_end": _end_of(log, attempt.start)}
            self._end(work, attempt, Event.failed, _why(code), **more)
        self._note_result(work, attempt.trial)
        with suppress(FileNotFoundError):
            attempt.result.unlink()

    def _note_result(self, work: _Work, trial: str) -> bool:
        """Put the result of a trial into the journal, if it has one."""
        try:
            returned = Returned.read((work.folder.trial(trial) / "result.json").read_text("utf-8"))
        except FileNotFoundError:
            return False
        work.journal.write(Event.done, trial, **done_said(returned))
        return True

    def _is_taken_over(self, work: _Work, attempt: _Attempt) -> bool:
        place = work.folder.trial(attempt.trial)
        return (place / f"attempt-{attempt.number + 1}.json").exists()

    def _end(
        self, work: _Work, attempt: _Attempt, outcome: Event, reason: str = "", **more: object
    ) -> None:
        which = (attempt.trial, attempt.number, attempt.said)
        attempts.end(work.folder, work.journal, *which, outcome, reason, **more)


def run_trials(
    folder: Path | str, ids: Sequence[str] | None = None, jobs: int = 1, allow: Sequence[str] = ()
) -> None:
    """Run trials of a folder in this process, for engines that start processes elsewhere.

    A trial that somebody else works on, or that has a result, is not run.

    Args:
        folder: The folder.
        ids: Which; all that wait by default.
        jobs: How many at a time.
        allow: What their graphs may name, if this user has not made the folder.

    Raises:
        FolderError: It is no folder of a sweep, or more has to be allowed.
        OSError: It cannot be written.
    """
    found = Folder.at(Path(folder))
    drive(Local(jobs), found, found.allowed(allow), ids=ids)


def _environment(search: Sequence[str]) -> dict[str, str]:
    found = {**os.environ, "PYTHONUNBUFFERED": "1"}
    before = [found["PYTHONPATH"]] if found.get("PYTHONPATH") else []
    if search or before:
        found["PYTHONPATH"] = os.pathsep.join([*search, *before])
    return found


def _why(code: int) -> str:
    if code == _NOTHING:
        return "it ended without a result"
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    more = "; the system does that when it has no memory left" if name == "SIGKILL" else ""
    return f"it was ended by {name}{more}"


def _end_of(log: Path, start: int) -> str:
    with suppress(OSError), log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(start, size - _END))
        return file.read().decode("utf-8", "replace")
    return ""
