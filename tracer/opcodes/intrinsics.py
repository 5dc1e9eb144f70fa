"""CALL_INTRINSIC_1 and CALL_INTRINSIC_2 (from 3.12 on)."""

from __future__ import annotations

from typing import Final

from ..errors import UnsupportedInstructionError
from ..instruction import Binder, Handlers, Instruction, Step
from .asynchronous import async_gen_wrap
from .containers import list_to_tuple
from .operators import unary_positive


def stopiteration_error(ins: Instruction) -> Step:
    """``exception -- exception``: the native generator that drives the frame converts it."""
    following = ins.next

    def step(_: object) -> int:
        return following

    return step


#: Source: CPython 3.12 and 3.13 ``Include/internal/pycore_intrinsics.h``.
UNARY_INTRINSICS: Final[dict[int, Binder]] = {
    3: stopiteration_error,
    4: async_gen_wrap,
    5: unary_positive,
    6: list_to_tuple,
}

_TYPE_PARAMETERS: Final = "type parameters (PEP 695) cannot be made in a traced function yet"

UNSUPPORTED_UNARY: Final[dict[int, str]] = {
    1: "printing an expression happens in interactive code only",
    2: "'import *' is allowed at module level only",
    **dict.fromkeys(range(7, 12), _TYPE_PARAMETERS),
}

UNSUPPORTED_BINARY: Final[dict[int, str]] = {
    1: "'except*' cannot be traced yet",
    **dict.fromkeys(range(2, 6), _TYPE_PARAMETERS),
}


def call_intrinsic_1(ins: Instruction) -> Step:
    """``value -- result``."""
    binder = UNARY_INTRINSICS.get(ins.oparg)
    if binder is None:
        raise UnsupportedInstructionError(UNSUPPORTED_UNARY[ins.oparg])
    return binder(ins)


def call_intrinsic_2(ins: Instruction) -> Step:
    """``left, right -- result``; none of them can be reached yet."""
    raise UnsupportedInstructionError(UNSUPPORTED_BINARY[ins.oparg])


HANDLERS: Handlers = {
    "CALL_INTRINSIC_1": call_intrinsic_1,
    "CALL_INTRINSIC_2": call_intrinsic_2,
}
