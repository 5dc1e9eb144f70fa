"""Moving a running frame from the interpreter to native code, and back."""

from __future__ import annotations

from types import FunctionType
from typing import Any, Final

from ..frame import NULL, Frame
from .region import Region

#: The local of `run_native` that holds what the instruction that raised worked on.
OPERANDS: Final = "operands"


def run_native(frame: Frame, region: Region, index: int) -> int:
    """Run a frame from an index on in native code, and return where the interpreter goes on.

    Raises:
        BaseException: What the user's code raises; ``frame.native`` is the index where.
    """
    fast = frame.fast
    native = FunctionType(
        region.code, frame.globals, None, None, tuple([fast[slot] for slot in region.cells])
    )
    number, _ = region.entries[index]
    try:
        # What is taken is referenced by nothing but the native code's frame.
        stack, index, names = native(
            frame, number, frame.interceptor.guarded_types, _taken(frame, region.slots)
        )
    except BaseException:
        operands = _put_back_raised(frame, region, index)  # noqa: F841 - see OPERANDS
        raise
    frame.stack[:] = stack
    fast[: region.slots] = names
    return index


def _taken(frame: Frame, slots: int) -> tuple[tuple[Any, ...], list[Any]]:
    """Take locals and stack, reversed, from a frame: objects may not live longer for it."""
    stack = frame.stack[::-1]
    frame.stack.clear()
    names = tuple(frame.fast[:slots])
    frame.fast[:slots] = [NULL] * slots
    return names, stack


def _put_back_raised(frame: Frame, region: Region, entry: int) -> tuple[Any, ...]:
    """Give a frame its state back after an error; return what the instruction worked on."""
    state: Any = frame.native
    frame.native = entry
    if len(state) == 2:  # interrupted before anything was run
        names, stack = state
        frame.stack[:] = stack[::-1]
        frame.fast[: region.slots] = names
        return ()
    stack, unit, names = state
    index = region.mark.indexes[unit]
    frame.native = index
    frame.fast[: region.slots] = names
    shown = region.shown.get(index, 0)
    operands = tuple(stack[-shown:]) if shown else ()
    handler = frame.program.handlers[index]
    frame.stack[:] = stack[: 0 if handler is None else handler.depth]
    return operands
