"""Keeping the garbage collector away while a graph is made."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


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
