"""What a profile says of instructions, and where a call has its callable."""

from __future__ import annotations

import dis
import opcode
from collections.abc import Callable, Mapping
from opcode import opmap
from types import CodeType, MappingProxyType
from typing import Any, Final

import attrs

from ..engine.values import NULL


@attrs.frozen
class ProfiledInstruction:
    """An instruction, as a profile shows it.

    Attributes:
        name: Its opcode.
        oparg: Its raw argument, EXTENDED_ARG included.
        line: The line, or None.
        column: The column, as a count of UTF-8 bytes from 0, or None.
    """

    name: str
    oparg: int
    line: int | None
    column: int | None


def instructions_by_offset(code: CodeType) -> dict[int, ProfiledInstruction]:
    """Return the instructions of a code object by their offsets in bytes.

    Example:
        >>> instructions_by_offset((lambda: 1).__code__)[0].name
        'RESUME'
    """
    found: dict[int, ProfiledInstruction] = {}
    for ins in dis.get_instructions(code):
        positions = ins.positions
        found[ins.offset] = ProfiledInstruction(
            ins.opname,
            ins.arg or 0,
            None if positions is None else positions.lineno,
            None if positions is None else positions.col_offset,
        )
    return found


#: Takes the callable of a call from the value stack, before the call.
Callee = Callable[[list[Any]], Any]

#: From 3.13 on NULL or the receiver is above the callable, and names are on the stack.
_CALLABLE_FIRST: Final = "CALL_KW" in opmap
#: From 3.14 on there is a mapping or NULL on the stack, always.
_CALL_EX: Final = opmap["CALL_FUNCTION_EX"]
_ALWAYS_MAPPING: Final = _CALL_EX not in getattr(opcode, "hasarg", (_CALL_EX,))


def _at(depth: int) -> Callee:
    return lambda stack: stack[-depth]


def _call(oparg: int) -> Callee:
    if _CALLABLE_FIRST:
        return _at(oparg + 2)

    def callee(stack: list[Any]) -> Any:
        first = stack[-oparg - 2]
        return stack[-oparg - 1] if first is NULL else first

    return callee


def _call_kw(oparg: int) -> Callee:
    return _at(oparg + 3)


def _call_ex(oparg: int) -> Callee:
    mapping = 1 if _ALWAYS_MAPPING else oparg & 1
    return _at(2 + mapping + _CALLABLE_FIRST)


#: By opcode, gives what finds the callable, given the oparg.
CALLEES: Final[Mapping[str, Callable[[int], Callee]]] = MappingProxyType(
    {"CALL": _call, "CALL_KW": _call_kw, "CALL_FUNCTION_EX": _call_ex}
)
