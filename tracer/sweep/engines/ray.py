"""Ray: an actor for each trial that runs, on a cluster that there is, or one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from .remote import Ending, EngineError, Remote, library, work

#: So many seconds are given to tasks that were told to end.
_GRACE: Final = 15.0


class Ray(Remote):
    """Runs trials in actors of Ray.

    Args:
        jobs: How many at a time; by default, as many as the cluster has processors for.
        retries: How often a trial is run again whose actor was lost.
        address: The address of a cluster; by default the one that is connected already or named by
            ``RAY_ADDRESS``, or else one that is made on this machine.
        num_cpus: How many processors each trial takes.
        num_gpus: How many GPUs.
        resources: How much of what else the nodes of the cluster have.

    Raises:
        EngineError: Ray is not installed.
    """

    name: ClassVar[str] = "ray"

    def __init__(
        self,
        jobs: int | None = None,
        *,
        retries: int = 2,
        address: str = "",
        num_cpus: float = 1,
        num_gpus: float = 0,
        resources: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(jobs, retries)
        self._ray = library("ray", "ray")
        self._address = address
        self._options: dict[str, object] = {
            "num_cpus": num_cpus,
            "num_gpus": num_gpus,
            "resources": resources,
        }
        self._opened = False
        self._actors: dict[str, tuple[Any, Any]] = {}

    def open(self) -> None:
        """Connect to the cluster, or start one."""
        if not self._ray.is_initialized():
            own = {} if self._address else {"include_dashboard": False}
            try:
                # Its workers print to their own logs.
                self._ray.init(address=self._address or None, log_to_driver=False, **own)
            except Exception as error:  # it has no class of its own for most of them
                raise EngineError(f"the cluster of Ray cannot be reached: {error}") from None
            self._opened = True
        self._class = self._ray.remote(**self._options)(_Runner)
        processors = self._ray.cluster_resources().get("CPU", 1)
        self._fit = max(1, int(processors / (self._options["num_cpus"] or 1)))

    def room(self, running: int) -> int:
        """Return how many more actors are to be started."""
        return (self._jobs or self._fit) - running

    def begin(self, ids: Sequence[str]) -> None:
        """Start an actor for each of some trials."""
        for trial in ids:
            actor = self._class.remote()
            self._actors[trial] = actor, actor.run.remote(*self.for_work(trial))

    def over(self) -> Iterable[tuple[str, Ending]]:
        """Return the trials whose actors have ended."""
        futures = {future: trial for trial, (_, future) in self._actors.items()}
        done = futures and self._ray.wait([*futures], num_returns=len(futures), timeout=0)[0]
        for future in done:
            trial = futures[future]
            del self._actors[trial]
            yield trial, self._ending(future)

    def close(self) -> None:
        """Wait for the actors to end, and close the connection if it was opened here."""
        if self._actors:
            futures = [future for _, future in self._actors.values()]
            self._ray.wait(futures, num_returns=len(futures), timeout=_GRACE)
            for actor, _ in self._actors.values():
                self._ray.kill(actor)
            self._actors.clear()
        if self._opened:
            self._ray.shutdown()
            self._opened = False

    def _ending(self, future: Any) -> Ending:
        try:
            self._ray.get(future)
        except self._ray.exceptions.RayError as error:
            lost = not isinstance(error, self._ray.exceptions.RayTaskError)
            return Ending(f"Ray: {type(error).__name__}: {error}", again=lost)
        return Ending()


class _Runner:
    """Runs a trial, in an actor of Ray."""

    def run(self, root: str, job: str, trial: str, allow: Sequence[str]) -> None:
        """Run it."""
        context = library("ray", "ray").get_runtime_context()
        work(root, job, trial, allow, Ray.name, context.get_actor_id())
