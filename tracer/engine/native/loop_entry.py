"""Let a frame that is interpreted go on in native code, for good.

A new frame is given the variables and the stack of the interpreted one, and runs from there to the
end. The frame of a generator or a coroutine stays where it is, since it would be left again.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final

from ...code.crashes import may_crash
from ...code.flags import CO_OPTIMIZED, SUSPENDABLE
from ...errors import UnsupportedInstructionError
from ...supported import CAN_REBUILD
from ..frame import RETURNED, Frame
from ..interception import Interceptor
from ..program import Program
from ..tiers import is_observed
from ..values import NULL, Value
from .rebuild import EntryPoint, Template, marked, rebuild

#: What deletes all items of a list.
_ALL: Final = slice(None)


def native_code(
    code: CodeType, program: Program, interceptor: Interceptor[Any], global_names: dict[str, Any]
) -> CodeType | None:
    """Return the code that CPython is to run instead, or None if it has to be interpreted.

    Args:
        code: The code object.
        program: What it is decoded to, which keeps what is made of it.
        interceptor: Who decides about its calls.
        global_names: The globals of the function.
    """
    if not _survives(code, program):
        return None
    if not interceptor.asks:
        program.is_native = True
        return marked(code, interceptor, global_names)
    kept, key = interceptor.natives, (id(code), id(global_names))
    native = None if kept is None else kept.get(key)
    if native is None:
        template = _template(code, program, None, interceptor)
        if template is None:
            return None
        native = template.instance(code, interceptor, global_names)
        if kept is not None:
            kept[key] = native
    return native


def take_over(frame: Frame, index: int, call: Callable[[], object] | None) -> int:
    """Run a frame natively from an index on; see `TakeOver`."""
    code, program = frame.code, frame.program
    if (
        code.co_flags & (SUSPENDABLE | CO_OPTIMIZED) != CO_OPTIMIZED
        or not frame.interceptor.goes_native
    ):
        return index
    entry = _entry(frame, index, call)
    template = _template(code, program, entry, frame.interceptor)
    if template is None:
        return index
    function, argument = _function(frame, template, entry, call), code.co_argcount
    # From here on nothing arrives until the new frame is in its handlers.
    frame.fast, frame.stack, frame.signal = [], [], RETURNED
    frame.result = function(None) if argument else function()
    return 0


def _entry(frame: Frame, index: int, call: Callable[[], object] | None) -> EntryPoint:
    """Return where the frame goes on; no value of the user's is held while code is rebuilt."""
    values = frame.fast[: frame.program.free_start]
    slots = tuple([slot for slot, value in enumerate(values) if value is not NULL])
    del values
    lengths = tuple([row.__len__() for row in _rows(_stack(frame, call))])
    offset = 0 if index == 1 else frame.program.offsets[index]
    return EntryPoint(offset, slots, lengths, call is not None, is_observed())


def _function(
    frame: Frame, template: Template, entry: EntryPoint, call: Callable[[], object] | None
) -> FunctionType:
    """Return a function whose call goes on with the frame."""
    values = [frame.fast[slot] for slot in entry.slots]
    calls = () if call is None else (call,)
    entering = (_ALL, values, *_rows(_stack(frame, call)), *calls)
    native = template.instance(frame.code, frame.interceptor, frame.globals, entering)
    closure = tuple(frame.fast[frame.program.free_start :])
    return FunctionType(native, frame.globals, frame.code.co_name, None, closure or None)


def _stack(frame: Frame, call: Callable[[], object] | None) -> list[Value]:
    """Return the values on the stack; where the result of a call is to be, there is something."""
    return frame.stack if call is None else frame.stack[:-1]


def _rows(stack: list[Value]) -> list[list[Value]]:
    """Return the values between NULLs, the last first."""
    rows: list[list[object]] = [[]]
    for value in stack:
        if value is NULL:
            rows.append([])
        else:
            rows[-1].insert(0, value)
    return rows


def _survives(code: CodeType, program: Program) -> bool:
    if program.survives is None:
        program.survives = not may_crash(code)
    return program.survives


def _template(
    code: CodeType, program: Program, entry: EntryPoint | None, interceptor: Interceptor[Any]
) -> Template | None:
    if not CAN_REBUILD or not _survives(code, program):
        return None
    asks, of_none = interceptor.asks, interceptor.asks_of_none
    key = asks, of_none, entry
    found = program.templates.get(key, _MISSING)
    if found is _MISSING:
        try:
            found = rebuild(code, asks=asks, of_none=of_none, entry=entry)
        except UnsupportedInstructionError:
            found = None
        program.templates[key] = found
    if found is not None:
        program.is_native = True
    return found


_MISSING: Final = object()
