"""The door from native code to the interceptor."""

from __future__ import annotations

from collections.abc import Callable
from opcode import opmap
from typing import Any, Final

from ..frame import NULL, Frame
from ..frame_builtins import FRAME_BUILTINS
from ..opcodes.calls import NO_KEYWORDS

#: What the door returns for a call that the interpreter has to make.
LEAVE: Final = object()

#: Given what CALL finds on the stack, the frame and the index of the call.
Door = Callable[..., Any]


def _call_null_first(values: tuple[Any, ...], frame: Frame, index: int) -> Any:
    fn = values[0]
    if fn is NULL:
        fn, args = values[1], values[2:]
    else:
        args = values[1:]
    if id(fn) in FRAME_BUILTINS:  # they look at the frame, which native code has taken
        return LEAVE
    return frame.interceptor.call(frame, index, fn, args, NO_KEYWORDS)


def _call_callable_first(values: tuple[Any, ...], frame: Frame, index: int) -> Any:
    fn = values[0]
    args = values[2:] if values[1] is NULL else values[1:]
    if id(fn) in FRAME_BUILTINS:
        return LEAVE
    return frame.interceptor.call(frame, index, fn, args, NO_KEYWORDS)


def _call_names_null_first(
    values: tuple[Any, ...], frame: Frame, index: int, names: tuple[str, ...]
) -> Any:
    fn = values[0]
    if fn is NULL:
        fn, args = values[1], values[2:]
    else:
        args = values[1:]
    return _with_names(fn, args, names, frame, index)


def _call_names_callable_first(
    values: tuple[Any, ...], frame: Frame, index: int, names: tuple[str, ...]
) -> Any:
    args = values[2:] if values[1] is NULL else values[1:]
    return _with_names(values[0], args, names, frame, index)


def _with_names(
    fn: Any, args: tuple[Any, ...], names: tuple[str, ...], frame: Frame, index: int
) -> Any:
    if id(fn) in FRAME_BUILTINS:
        return LEAVE
    given = args.__len__() - names.__len__()
    kwargs = dict(zip(names, args[given:], strict=True))
    return frame.interceptor.call(frame, index, fn, args[:given], kwargs)


#: Whether CALL finds the callable below NULL (to 3.12), or above it.
NULL_FIRST: Final = "CALL_KW" not in opmap

CALL: Final[Door] = _call_null_first if NULL_FIRST else _call_callable_first
CALL_WITH_NAMES: Final[Door] = _call_names_null_first if NULL_FIRST else _call_names_callable_first
