"""Dask: a task of `distributed` for each trial, on a cluster that there is, or one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from .remote import Ending, EngineError, Remote, library, work

#: So many seconds are given to tasks that were told to end.
_GRACE: Final = 30.0
#: So many tasks are given at a time, unless that is said.
_MANY: Final = 1000


class Dask(Remote):
    """Runs trials on the workers of Dask.

    Args:
        jobs: How many at a time; by default, as many as Dask does.
        retries: How often a trial is run again whose worker was lost.
        address: The address of a scheduler, ``tcp://host:8786``; by default, a cluster is made on
            this machine, with as many workers as `jobs`.
        scheduler_file: The file in which a scheduler says its address.
        resources: What each trial takes of what workers say they have: ``{"GPU": 1}``.

    Raises:
        EngineError: Dask is not installed.
    """

    name: ClassVar[str] = "dask"

    def __init__(
        self,
        jobs: int | None = None,
        *,
        retries: int = 2,
        address: str = "",
        scheduler_file: str = "",
        resources: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(jobs, retries)
        self._distributed = library("distributed", "dask")
        self._address, self._file, self._resources = address, scheduler_file, resources
        self._given: Any = None
        self._client: Any = None
        self._cluster: Any = None
        self._futures: dict[str, Any] = {}

    @classmethod
    def of(cls, client: Any, jobs: int | None = None, **options: Any) -> Dask:
        """Return the engine of a client that there is, which stays open.

        Args:
            client: The client.
            jobs: As for the class.
            options: Likewise.
        """
        engine = cls(jobs, **options)
        engine._given = client
        return engine

    def open(self) -> None:
        """Connect to the scheduler, or start a cluster."""
        client = self._distributed.Client
        try:
            if self._given is not None:
                self._client = self._given
            elif self._address or self._file:
                given = {"scheduler_file": self._file} if self._file else {"address": self._address}
                self._client = client(**given, set_as_default=False)
            else:
                # One thread each: a trial has a process of its own, which may use several.
                self._cluster = self._distributed.LocalCluster(
                    n_workers=self._jobs, threads_per_worker=1, dashboard_address=None
                )
                self._client = client(self._cluster, set_as_default=False)
        except (OSError, ValueError) as error:
            raise EngineError(f"the scheduler of Dask cannot be reached: {error}") from None

    def room(self, running: int) -> int:
        """Return how many more tasks are to be begun."""
        return (self._jobs or _MANY) - running

    def begin(self, ids: Sequence[str]) -> None:
        """Give the scheduler a task for each of some trials."""
        for trial in ids:
            self._futures[trial] = self._client.submit(
                _work,
                *self.for_work(trial),
                key=f"{self._job.name}-{trial}",
                pure=False,
                resources=self._resources,
            )

    def over(self) -> Iterable[tuple[str, Ending]]:
        """Return the trials whose tasks are over."""
        for trial, future in [*self._futures.items()]:
            if future.status != "pending":
                del self._futures[trial]
                yield trial, self._ending(future)

    def close(self) -> None:
        """Wait for the tasks to end, and close all that was opened here."""
        if self._futures:
            left = [*self._futures.values()]
            try:
                self._distributed.wait(left, timeout=_GRACE)
            except (TimeoutError, self._distributed.CancelledError):
                self._client.cancel(left)
            self._futures.clear()
        if self._client is not None and self._given is None:
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        self._client = self._cluster = None

    def _ending(self, future: Any) -> Ending:
        if future.status != "error":
            # Done, or lost with its scheduler, or cancelled by somebody else.
            return Ending("" if future.status == "finished" else f"its task is {future.status}",
                          again=future.status != "cancelled")  # fmt: skip
        error = future.exception()
        lost = isinstance(error, self._distributed.KilledWorker)
        return Ending(f"Dask: {type(error).__name__}: {error}", again=lost)


def _work(root: str, job: str, trial: str, allow: Sequence[str]) -> None:
    """Run a trial, in a worker of Dask."""
    worker: Any = library("distributed", "dask").get_worker()
    work(root, job, trial, allow, Dask.name, f"{worker.name} {job}-{trial}")
