"""Keeping the garbage collector away, or back, while a graph is made."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: How many more objects there may be before they are searched for garbage; CPython's own thresholds
#: are 700 to 2000. With more, a graph of 100,000 nodes is captured or built no faster.
SELDOM: Final = 50_000


def without_collection(fn: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function of ours so that no garbage collection starts while it runs.

    For one that makes many objects, leaves no garbage and calls nobody's code. Whenever there are
    some hundred objects more, CPython looks for cycles that nothing refers to. All that a copy or a
    parser makes is still in use, so it looks in vain, the longer the greater the graph is.

    What other threads leave behind meanwhile is collected afterwards. When two threads are inside,
    the first to leave ends it for both, which costs time only. A ``gc.disable()`` of another thread
    at just that time would be undone: those who call that do it once, when a program starts.

    Args:
        fn: The function.

    Example:
        >>> without_collection(gc.isenabled)(), gc.isenabled()
        (False, True)
    """

    @wraps(fn)
    def paused(*args: P.args, **kwargs: P.kwargs) -> T:
        if not gc.isenabled():
            return fn(*args, **kwargs)
        gc.disable()
        try:
            return fn(*args, **kwargs)
        finally:
            gc.enable()

    return paused


def collect_seldom() -> int | None:
    """Let garbage collections start seldom, and return what `collect_as_before` needs to know.

    For a function of ours that makes many objects and calls other people's code, which may make
    garbage: they still start, after `SELDOM` new objects. CPython would start one after some
    hundred, and each time that the heap has grown by a quarter search all of it: in a graph of
    100,000 nodes that is a third of the time that it takes to make it, and finds nothing. For all
    threads, as every setting of the collector.

    Returns:
        None if collections are seldom already, or the collector is off.

    Example:
        >>> before = collect_seldom()
        >>> gc.get_threshold()[0]
        50000
        >>> collect_as_before(before)
    """
    before = gc.get_threshold()[0]
    if not 0 < before < SELDOM:
        return None
    gc.set_threshold(SELDOM)
    return before


def collect_as_before(before: int | None) -> None:
    """Undo what `collect_seldom` did, unless someone has set the collector anew meanwhile."""
    if before is not None and gc.get_threshold()[0] == SELDOM:
        gc.set_threshold(before)
