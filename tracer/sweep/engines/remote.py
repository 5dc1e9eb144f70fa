"""The common part of engines that have other processes run trials, here or elsewhere.

Such a process runs one trial, as `work` does. What became of it, the folder of the sweep says; the
engine only tells which tasks are over.
"""

from __future__ import annotations

import importlib
import os
import socket
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import attrs

from ...errors import TracerError
from .. import attempts
from ..atomic_files import JsonObject
from ..folder import Folder
from ..jobs import Job, Task
from ..journal import Event, Journal, attempts_of
from ..local import Local

_PAUSE: Final = 0.01


class EngineError(TracerError):
    """An engine is not there, or does not take its options."""


@attrs.frozen
class Ending:
    """How a task has ended, as far as its engine knows.

    Attributes:
        reason: Why, if it did not end by itself.
        again: Whether its trial is to run again, if it has neither a result nor failed.
    """

    reason: str = ""
    again: bool = True


class Remote(ABC):
    """Has an engine run trials, a task for each, and gives it those again that were lost.

    Args:
        jobs: How many at a time; by default, what the engine makes of it.
        retries: How often a trial is run again whose process was lost.

    Raises:
        ValueError: One of them is too small.
    """

    name: ClassVar[str]

    def __init__(self, jobs: int | None, retries: int) -> None:
        if jobs is not None and jobs < 1:
            raise ValueError(f"jobs is how many trials run at a time, not {jobs}")
        if retries < 0:
            raise ValueError(f"retries is how often a trial is run again, not {retries}")
        self._jobs, self._retries = jobs, retries
        self._is_open = False
        self._waiting: deque[str] = deque()
        #: By trial, how many attempts there were when its task began.
        self._running: dict[str, int] = {}
        self._lost: dict[str, int] = {}

    @abstractmethod
    def open(self) -> None:
        """Get ready for the tasks of a job.

        Raises:
            EngineError: The engine cannot be reached.
        """

    @abstractmethod
    def room(self, running: int) -> int:
        """Return how many more tasks are to be begun while so many run."""

    @abstractmethod
    def begin(self, ids: Sequence[str]) -> None:
        """Begin a task for each of some trials.

        Raises:
            EngineError: The engine does not take them.
        """

    @abstractmethod
    def over(self) -> Iterable[tuple[str, Ending]]:
        """Return the trials whose tasks are over since the last time."""

    @abstractmethod
    def close(self) -> None:
        """End all tasks. They have been told to end."""

    def submit(self, folder: Folder, ids: Sequence[str], allow: Sequence[str]) -> None:
        """Take on some trials."""
        self._waiting += ids
        if not self._is_open:
            self._job, self._allow = Job.begin(folder, self.name), allow
            self._journal = Journal(folder.root, self._job.name)
            self._is_open = True
            self.open()

    def poll(self) -> bool:
        """Begin trials, and see which are over; return whether more is to come."""
        if not self._is_open:
            return False
        for trial, ending in self.over():
            before = self._running.pop(trial)
            if not self._is_settled(trial) and self._is_to_run_again(trial, before, ending):
                self._waiting.append(trial)
        room = self.room(len(self._running)) if self._waiting else 0
        ids = [self._waiting.popleft() for _ in range(min(room, len(self._waiting)))]
        if ids:
            for trial in ids:
                self._running[trial] = len(attempts_of(self._job.folder.trial(trial)))
            self.begin(ids)
        return bool(self._waiting or self._running)

    def cancel(self) -> None:
        """Stop, and leave nothing running."""
        self._waiting.clear()
        if self._is_open:
            self._is_open = False
            try:
                self._job.end()
            finally:
                self.close()
                self._running.clear()
                self._lost.clear()
                self._job.clean()
                self._journal.close()

    def for_work(self, trial: str) -> tuple[str, str, str, list[str]]:
        """Return the arguments with which a task of a trial calls `work`."""
        root = str(self._job.folder.root.resolve())
        return root, self._job.name, trial, [*self._allow]

    def _is_settled(self, trial: str) -> bool:
        place = self._job.folder.trial(trial)
        if (place / "result.json").exists():
            return True
        _, last = next(reversed(attempts_of(place)), (0, JsonObject()))
        return last.get("outcome") == Event.failed and not last.get("again")

    def _is_to_run_again(self, trial: str, before: int, ending: Ending) -> bool:
        """Say in a trial's folder that its task is over, and tell whether to begin another one."""
        lost = self._lost[trial] = self._lost.get(trial, 0) + ending.again
        outcome = Event.stopped if lost <= self._retries else Event.failed
        reason = ending.reason
        if outcome is Event.failed:
            reason = f"its process was lost {lost} times{f': {reason}' if reason else ''}"
        self._say(trial, before, outcome, reason)
        return ending.again and outcome is Event.stopped

    def _say(self, trial: str, before: int, outcome: Event, reason: str) -> None:
        folder = self._job.folder
        number, last = next(reversed(attempts_of(folder.trial(trial))), (0, JsonObject()))
        if number > before and last.get("job") == self._job.name:
            why = reason or last.get("reason") or "its process was lost"
            attempts.end(folder, self._journal, trial, number, last, outcome, why)
        elif number == before and (not number or last.get("outcome")):
            said = {"engine": self.name, "job": self._job.name, "host": socket.gethostname()}
            told = attempts.claim(folder, trial, number + 1, {**said, "pid": os.getpid()})
            if told:
                why = reason or "its task has not begun"
                attempts.end(folder, self._journal, trial, number + 1, told, outcome, why)


def work(
    root: str,
    job: str,
    trial: str,
    allow: Sequence[str],
    engine: str,
    id: str,
    log: str | None = None,
) -> None:
    """Run a trial, as a task of an engine: its process calls this.

    Args:
        root: The folder of the sweep.
        job: The name of the job.
        trial: The id of the trial.
        allow: What its graph may name.
        engine: The name of the engine.
        id: What the engine calls the task.
        log: The file to which the engine writes what this process prints.

    Raises:
        FolderError: The folder is not there, or more has to be allowed.
        OSError: The folder cannot be written.
    """
    folder = Folder.at(Path(root))
    run_task(Task(Job(folder, job), engine, id, log), folder, trial, allow)


def run_task(task: Task, folder: Folder, trial: str, allow: Sequence[str]) -> None:
    """Run a trial, as a task.

    Args:
        task: The task.
        folder: The folder of the sweep.
        trial: The id of the trial.
        allow: What its graph may name.

    Raises:
        FolderError: More has to be allowed.
        OSError: The folder cannot be written.
    """
    local = Local(task=task)
    try:
        local.submit(folder, [trial], folder.allowed(allow))
        while local.poll():
            time.sleep(_PAUSE)
    except BaseException as error:  # of the engine, say, which ends the task so
        local.cancel(f"its task was ended: {type(error).__name__}: {error}")
        raise
    finally:
        local.cancel()


def library(name: str, extra: str) -> Any:
    """Return the module of an engine.

    Args:
        name: The name of the module.
        extra: Which extra of bytefig has it.

    Raises:
        EngineError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise EngineError(
            f"the engine {extra} needs {error.name}, which is not installed\n"
            f"  fix: pip install 'bytefig[{extra}]'"
        ) from None
