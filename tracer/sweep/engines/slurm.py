"""Slurm: an array of tasks, each the same ``bytefig`` command for one trial.

Slurm is asked for the tasks that it still has, and for nothing else: it need not keep accounts.
What became of the others, the folder of the sweep says, and Slurm's own words in the log of a task.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Final

from ....configs.for_tracer import near_match
from ..folder import Folder
from ..jobs import Job, Task, own_log
from .remote import Ending, EngineError, Remote, run_task

#: What Slurm writes to the log of a task that it ends.
_NOTICE: Final = re.compile(r"\*\*\* (?:JOB|STEP) \S+ ON \S+ (CANCELLED .*?) \*\*\*")
_OPTION: Final = re.compile(r"--([a-z][a-z-]+)")
#: Options that an engine gives itself, and those with which sbatch would do something else.
_OWN: Final = frozenset(
    ("array", "chdir", "error", "open-mode", "output", "parsable", "test-only", "wait", "wrap")
)
#: With it a task begins, so that its log tells what was before.
_BEGINS: Final = "begins: "
#: An array has at most so many tasks, whatever the cluster says.
LARGEST: Final = 1000
#: Every so many seconds Slurm is asked, or less often if it is slow to answer.
_ASK: Final = 2.0
#: So many seconds are given to tasks that were cancelled.
_GRACE: Final = 60.0


class Slurm(Remote):
    """Runs trials as array jobs of Slurm.

    Args:
        jobs: How many at a time; by default, as many as Slurm does.
        retries: How often a trial is run again whose task was lost.
        options: Options of sbatch, by their long names: ``partition="gpu"``, ``time="2:00:00"``,
            ``cpus_per_task="4"``.

    Raises:
        EngineError: There is no Slurm here, or sbatch has no such option.
    """

    name: ClassVar[str] = "slurm"

    def __init__(self, jobs: int | None = None, *, retries: int = 2, **options: str) -> None:
        super().__init__(jobs, retries)
        self._options = [_option(name, value) for name, value in options.items()]
        if self._options:
            _refuse_unknown([*options])
        else:
            _run("sbatch", "--version")
        self._arrays: list[str] = []
        #: By what Slurm calls a task, its trial.
        self._trials: dict[str, str] = {}
        self._queue = Queue()

    def open(self) -> None:
        """Do nothing: arrays are submitted one by one."""

    def room(self, running: int) -> int:
        """Return how many tasks an array may have; there is one at a time."""
        return 0 if running else LARGEST

    def begin(self, ids: Sequence[str]) -> None:
        """Have an array of tasks run."""
        count = len(self._arrays) + 1
        listed = self._job.root / f"array-{count}.txt"
        listed.write_text("".join(f"{trial}\n" for trial in ids), encoding="utf-8")
        script = self._job.root / f"array-{count}.sh"
        script.write_text(self._script(listed), encoding="utf-8")
        at_once = f"%{self._jobs}" if self._jobs else ""
        words = [f"--array=0-{len(ids) - 1}{at_once}", "--parsable", "--open-mode=append"]
        words += [f"--output={str(self._job.root).replace('%', '%%')}/%A_%a.log"]
        words += [f"--job-name={self._job.folder.root.resolve().name}", *self._options]
        array = _run("sbatch", *words, str(script)).strip().partition(";")[0]
        self._arrays.append(array)
        self._trials |= {f"{array}_{index}": trial for index, trial in enumerate(ids)}

    def over(self) -> Iterable[tuple[str, Ending]]:
        """Return the trials whose tasks Slurm has no more."""
        left = self._queue.left(self._arrays) if self._trials else None
        if left is not None:
            for task in [each for each in self._trials if each not in left]:
                yield self._trials.pop(task), ending_in(self._job.root / f"{task}.log")

    def close(self) -> None:
        """Cancel all tasks, and wait until they are gone."""
        if self._trials:
            with suppress(EngineError):  # not wanted any more, they end by themselves, too
                _run("scancel", *self._arrays)
            deadline = time.monotonic() + _GRACE
            while self._queue.left(self._arrays) != set() and time.monotonic() < deadline:
                time.sleep(0.1)
        self._trials.clear()
        self._arrays.clear()

    def _script(self, listed: Path) -> str:
        root = str(self._job.folder.root.resolve())
        words = [sys.executable, "-m", "bytefig.tracer", "sweep", root, "--job", self._job.name]
        words += [word for name in self._allow for word in ("--allow-import", name)]
        nth = f'$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" {shlex.quote(str(listed))})'
        first = f'echo "{_BEGINS}$(date) on $(hostname)"'
        return f'#!/bin/sh\n{first}\nexec {shlex.join(words)} --only "{nth}"\n'


class Queue:
    """The tasks that Slurm has, asked for from time to time."""

    def __init__(self) -> None:
        self._next = 0.0

    def left(self, jobs: Iterable[str]) -> set[str] | None:
        """Return which jobs, and tasks of arrays, wait or run; None if that is not known now."""
        begun = time.monotonic()
        if begun < self._next:
            return None
        words = ["squeue", "--noheader", "--array", "--format=%i", f"--jobs={','.join(jobs)}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        now = time.monotonic()
        self._next = now + max(_ASK, 10 * (now - begun))
        if done.returncode == 0:
            return set(done.stdout.split())
        return set() if "Invalid job id" in done.stderr else None


def ending_in(log: Path) -> Ending:
    """Return how a task has ended that Slurm has no more, as its log says.

    Example:
        >>> ending_in(Path("there is none"))
        Ending(reason='it was cancelled before it began', again=False)
    """
    try:
        text = log.read_text("utf-8", "replace")
    except FileNotFoundError:
        return Ending("it was cancelled before it began", again=False)
    notice = _last_notice(text)
    if "REQUEUE" in notice:
        return Ending("it was cancelled while it waited to begin again", again=False)
    return Ending(notice, again=not notice or "NODE FAILURE" in notice)


def work_for(folder: Folder, name: str, trial: str, allow: Sequence[str]) -> None:
    """Run a trial, as the task of an array that this process is.

    Args:
        folder: The folder of the sweep.
        name: The name of the job.
        trial: The id of the trial.
        allow: What its graph may name.

    Raises:
        FolderError: More has to be allowed.
        OSError: The folder cannot be written.
    """
    said = os.environ
    id = f"{said.get('SLURM_ARRAY_JOB_ID', '')}_{said.get('SLURM_ARRAY_TASK_ID', '')}"
    task = Task(Job(folder, name), Slurm.name, id)

    def end(*_: object) -> None:
        notice = ""
        if log := own_log():
            notice = _last_notice(Path(log).read_text("utf-8", "replace"))
        task.end(notice or "Slurm has ended it")

    before = signal.signal(signal.SIGTERM, end)
    try:
        run_task(task, folder, trial, allow)
    finally:
        signal.signal(signal.SIGTERM, before)


def _last_notice(text: str) -> str:
    """Return the reason in a log why Slurm has ended the task, since that last began."""
    found: list[str] = _NOTICE.findall(text.rpartition(_BEGINS)[2])
    return f"Slurm: {found[-1]}" if found else ""


def _option(name: str, value: str) -> str:
    return f"--{name.replace('_', '-')}={value}"


def _refuse_unknown(options: Sequence[str]) -> None:
    known = set(_OPTION.findall(_run("sbatch", "--help")))
    for each in options:
        name = each.replace("_", "-")
        if name in _OWN:
            raise EngineError(f"{name} is set for sbatch already\n  fix: leave it out")
        if name not in known:
            near = near_match(name, known - _OWN)
            raise EngineError(f"sbatch has no option --{name}{near}\n  fix: see sbatch --help")


def _run(*words: str) -> str:
    """Run a command of Slurm's, and return its output.

    Raises:
        EngineError: It is not there, or has failed.
    """
    if shutil.which(words[0]) is None:
        raise EngineError(
            f"there is no {words[0]} here, which the engine slurm needs\n"
            "  fix: run it where jobs are submitted; on Debian, slurm-client has it"
        )
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"{words[0]} has failed: {done.stderr.strip()}")
    return done.stdout
