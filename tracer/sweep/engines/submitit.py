"""submitit: a job of it for each trial, on this machine or as an array of Slurm."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final, TypeAlias

from .remote import Ending, EngineError, Remote, library, work
from .slurm import LARGEST, Queue, ending_in

#: So that a word is text, and a number one.
_Option: TypeAlias = bool | int | float | str | list[str] | dict[str, str]
#: So many seconds are given to jobs that were told to end.
_GRACE: Final = 60.0
#: A signal with which submitit warns a job of its limit, some minutes before, would end it at once.
_LEAST: Final = 5


class Submitit(Remote):
    """Runs trials as jobs of submitit.

    Args:
        jobs: How many at a time; by default as many as this machine has processors, or as Slurm
            does.
        retries: How often a trial is run again whose process was lost.
        cluster: ``"local"`` or ``"slurm"``; by default Slurm where that is.
        timeout_min: How many minutes a trial may take.
        options: What else `submitit.AutoExecutor` takes: ``mem_gb=8``, ``slurm_partition="gpu"``.

    Raises:
        EngineError: submitit is not installed, or does not take the options.
    """

    name: ClassVar[str] = "submitit"

    def __init__(
        self,
        jobs: int | None = None,
        *,
        retries: int = 2,
        cluster: str = "",
        timeout_min: int = 60,
        **options: _Option,
    ) -> None:
        super().__init__(jobs, retries)
        self._submitit = library("submitit", "submitit")
        if timeout_min < _LEAST:
            raise EngineError(
                f"submitit warns a job of its limit so early that {timeout_min} min would end it"
                f" at once\n  fix: set timeout_min to {_LEAST} or more"
            )
        self._cluster = cluster or self._submitit.AutoExecutor.which()
        self._options = {"timeout_min": timeout_min, "stderr_to_stdout": True, **options}
        if jobs is not None:
            self._options.setdefault("slurm_array_parallelism", jobs)
        self._executor(os.curdir)
        self._tasks: dict[str, Any] = {}
        self._queue = Queue()

    def open(self) -> None:
        """Make the executor that takes jobs."""
        self._submits = self._executor(str(self._job.root / "submitit"))

    def room(self, running: int) -> int:
        """Return how many more jobs are to be begun; of arrays there is one at a time."""
        if self._cluster == "slurm":
            return 0 if running else LARGEST
        return (self._jobs or os.cpu_count() or 1) - running

    def begin(self, ids: Sequence[str]) -> None:
        """Have a job run for each of some trials."""
        words = zip(*map(self.for_work, ids), strict=True)
        try:
            tasks = self._submits.map_array(_work, *words)
        except (OSError, RuntimeError, self._submitit.core.utils.FailedJobError) as error:
            raise EngineError(f"submitit takes no jobs: {error}") from None
        self._tasks |= zip(ids, tasks, strict=True)

    def over(self) -> Iterable[tuple[str, Ending]]:
        """Return the trials whose jobs are over."""
        left: set[str] | None = None
        if self._cluster == "slurm" and self._tasks:
            # Its own way to find out needs the accounts of Slurm.
            left = self._queue.left(
                {task.job_id.partition("_")[0] for task in self._tasks.values()}
            )
            if left is None:
                return
        for trial, task in [*self._tasks.items()]:
            if task.job_id not in left if left is not None else task.done():
                del self._tasks[trial]
                yield trial, _ending(task, left is not None)

    def close(self) -> None:
        """Wait for the jobs to end, or cancel them."""
        deadline = time.monotonic() + _GRACE
        if self._cluster == "slurm":
            for task in self._tasks.values():
                task.cancel(check=False)
        while self._tasks and time.monotonic() < deadline:
            for _ in self.over():
                pass
            time.sleep(0.05)
        for task in self._tasks.values():
            task.cancel(check=False)
        self._tasks.clear()

    def _executor(self, folder: str) -> Any:
        try:
            made = self._submitit.AutoExecutor(folder=folder, cluster=self._cluster)
            made.update_parameters(**self._options)
        except (AssertionError, NameError, RuntimeError, TypeError, ValueError) as error:
            raise EngineError(f"submitit does not take this: {error}") from None
        return made


def _ending(task: Any, of_slurm: bool) -> Ending:
    # What Slurm says comes first: submitit goes on when it is asked to end, and has a result then.
    said = ending_in(task.paths.stdout) if of_slurm else Ending()
    if not said.reason and task.paths.result_pickle.exists():
        error = task.exception()
        if error is not None:
            return Ending(f"submitit: {str(error).strip().splitlines()[-1]}", again=False)
    return said


def _work(root: str, job: str, trial: str, allow: Sequence[str]) -> None:
    """Run a trial, in a job of submitit."""
    said: Any = library("submitit", "submitit").JobEnvironment()
    work(root, job, trial, allow, Submitit.name, said.job_id, str(said.paths.stdout))
