"""Moving a running frame from the interpreter to native code, and back."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ..frame import Frame
from ..marks import RunsFrame, runs_frame
from ..values import NULL
from .diverting import NULL_FIRST
from .region import Region


@runs_frame(RunsFrame(frame=0, index=2))
def run_native(frame: Frame, region: Region, index: int) -> int:
    """Run a frame from an index on in native code, and return where the interpreter goes on.

    Raises:
        BaseException: What the user's code raises; ``frame.native`` is the index where.
    """
    fast, held, slots = frame.fast, frame.stack, region.slots
    closure = tuple([fast[slot] for slot in region.cells]) if region.cells else None
    native = FunctionType(region.code, frame.globals, None, None, closure)
    number, _ = region.entries[index]
    interceptor = frame.interceptor
    guarded, plain = interceptor.guarded_types, interceptor.plain
    # Native code takes them out of the list in turn: objects may not live longer for it.
    taken: list[Any] = [fast[:slots], held[::-1]]
    held.clear()
    fast[:slots] = region.unbound
    try:
        stack, index, names = native(frame, number, guarded, plain.functions, plain.methods, taken)
    except BaseException as error:
        frame.operands = _put_back_raised(frame, region, index, taken, error) or frame.operands
        raise
    if index in region.loaded:
        for place in region.loaded[index]:
            _bind(stack, place)
    held[:] = stack
    fast[:slots] = names
    return index


def _bind(stack: list[Any], place: int) -> None:
    """Bind what CPython has loaded as a method and its object, as the interpreter loads it."""
    method, owner = stack[place : place + 2]
    if method is not NULL and owner is not NULL:
        bound = method.__get__(owner)
        stack[place : place + 2] = (NULL, bound) if NULL_FIRST else (bound, NULL)


def _put_back_raised(
    frame: Frame, region: Region, entry: int, taken: list[Any], error: BaseException
) -> tuple[Any, ...]:
    """Give a frame its state back after an error; return what the instruction worked on."""
    if taken:  # native code has not begun
        names, stack = taken
        frame.native = entry
        frame.stack[:] = stack[::-1]
        frame.fast[: region.slots] = names
        return ()
    state: tuple[list[Any], tuple[Any, ...]] = frame.native
    stack, names = state
    frame.fast[: region.slots] = names
    # Its entry stands below that of the caller of this.
    traceback = error.__traceback__
    assert traceback is not None
    assert traceback.tb_next is not None
    failed = frame.native = region.mark.indexes[traceback.tb_next.tb_lasti // 2]
    shown = region.shown.get(failed, 0)
    operands = tuple(stack[-shown:]) if shown else ()
    handler = frame.program.handlers[failed]
    frame.stack[:] = stack[: 0 if handler is None else handler.depth]
    return operands
