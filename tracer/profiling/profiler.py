"""Making a profile."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Final

from ..auto_config import capturable
from ..engine.callers import caller
from ..errors import TracerError
from .calibration import cost_of_counting
from .counters import Collector
from .profile import Profile
from .summary import summary


class ProfileError(TracerError, RuntimeError):
    """A profile cannot be made."""


_one_at_a_time: Final = threading.Lock()


def profile(fn: Callable[..., object], /, *args: object, **kwargs: object) -> Profile:
    """Capture one call as `capture` does, and return where the time went.

    What other threads run meanwhile is not counted. Only one profile can be made at a time.

    Args:
        fn: An auto_config function, or anything that `auto_config` takes.
        *args: The call's positional arguments.
        **kwargs: The call's named arguments.

    Returns:
        The profile; its ``graph`` is what `capture` returns.

    Raises:
        ProfileError: Another profile is being made, or the function is a coroutine function.
        TracerError: As `capture` does.

    Example:
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> found = profile(lambda n: [Dense(i) for i in range(n)], 3)
        >>> found.graph
        [<Config[Dense(units=0)]>, <Config[Dense(units=1)]>, <Config[Dense(units=2)]>]
        >>> [(site.calls, site.decision.name) for site in found.sites if "Dense" in site.callee]
        [(3, 'RECORD')]
    """
    wrapped = capturable(fn, deferred=True)
    if inspect.iscoroutinefunction(wrapped.func):
        raise _error(
            "a coroutine function cannot be profiled", "profile a function that runs it to its end"
        )
    if not _one_at_a_time.acquire(blocking=False):
        raise _error("another profile is being made", "wait until it is made")
    try:
        cost = cost_of_counting()
        with Collector(cost) as collector:
            start = perf_counter()
            graph = wrapped.as_buildable(*args, **kwargs)
            measured = perf_counter() - start - collector.preparing
    finally:
        _one_at_a_time.release()
    return summary(collector, cost, wrapped, graph, measured, lambda: wrapped(*args, **kwargs))


def _error(what: str, fix: str) -> ProfileError:
    return ProfileError.of(what, caller(), fix)
