"""The doors from native code to the interceptor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...code.wordcode import NULL_AFTER
from ..frame import Frame
from ..frame_builtins import FRAME_BUILTINS
from ..interception import InlineCache
from ..values import NULL

#: What the door returns for a call that the interpreter has to make.
LEAVE: Final = object()

#: Given what CALL finds on the stack, the frame, what the CALL remembers, and the names of the last
#: arguments. The list is its own, unless it returns `LEAVE`.
Door = Callable[[list[Any], Frame, InlineCache, tuple[str, ...]], Any]
#: Looked up here, not among the builtins, which the program may patch.
_id: Final = id


def _call_null_first(
    values: list[Any], frame: Frame, cache: InlineCache, names: tuple[str, ...]
) -> Any:
    fn = values[0]
    absent = fn is NULL
    if absent:
        fn = values[1]
    if _id(fn) in FRAME_BUILTINS:  # they look at the frame, which native code has taken
        return LEAVE
    del values[: 1 + absent]
    return frame.interceptor.call_at(frame, cache, fn, values, names)


def _call_callable_first(
    values: list[Any], frame: Frame, cache: InlineCache, names: tuple[str, ...]
) -> Any:
    fn = values[0]
    if _id(fn) in FRAME_BUILTINS:
        return LEAVE
    del values[: 1 + (values[1] is NULL)]
    return frame.interceptor.call_at(frame, cache, fn, values, names)


def builtin_to_replace(frame: Frame, builtin: Any) -> Any:
    """Return a builtin, or `NULL` if no loop may be run in its place: see LOAD_COMMON_CONSTANT."""
    return builtin if frame.interceptor.runs(builtin) else NULL


#: Whether CALL finds the callable below NULL (to 3.12), or above it.
NULL_FIRST: Final = not NULL_AFTER

CALL: Final[Door] = _call_null_first if NULL_FIRST else _call_callable_first
