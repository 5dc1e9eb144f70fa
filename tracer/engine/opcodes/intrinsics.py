"""CALL_INTRINSIC_1 and CALL_INTRINSIC_2 (from 3.12 on), and the opcode that one replaced."""

from __future__ import annotations

import sys
from typing import Any, Final

from ...code.instruction import Instruction
from ...errors import UnsupportedInstructionError
from ..binders import Binder, Handlers
from ..frame import Frame
from ..values import Step
from .asynchronous import async_gen_wrap
from .containers import list_to_tuple
from .exception_groups import prep_reraise_star
from .native import run_opcode
from .operators import unary_positive


def stopiteration_error(ins: Instruction) -> Step:
    """``exception -- exception``: the native generator that drives the frame converts it."""
    following = ins.next

    def step(_: Frame) -> int:
        return following

    return step


def _displayed(value: object) -> None:
    """Show the value of an expression statement of interactive code."""
    hook: Any = getattr(sys, "displayhook", None)
    if hook is None:
        raise RuntimeError("lost sys.displayhook")
    hook(value)


def display(ins: Instruction) -> Step:
    """``value -- None``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = _displayed(frame.stack[-1])
        return following

    return step


def print_expr(ins: Instruction) -> Step:
    """``value --`` (3.11)."""
    following = ins.next

    def step(frame: Frame) -> int:
        _displayed(frame.stack.pop())
        return following

    return step


def _refuse(reason: str) -> Binder:
    def bind(_: Instruction) -> Step:
        raise UnsupportedInstructionError(reason)

    return bind


#: The unary intrinsics that CPython does not run for us.
#: Source: CPython 3.12 to 3.14 ``Include/internal/pycore_intrinsics.h``.
UNARY_INTRINSICS: Final[dict[int, Binder]] = {
    1: display,
    2: _refuse("'import *' is allowed at module level only"),
    3: stopiteration_error,
    4: async_gen_wrap,
    5: unary_positive,
    6: list_to_tuple,
}


def call_intrinsic_1(ins: Instruction) -> Step:
    """``value -- result``."""
    return UNARY_INTRINSICS.get(ins.oparg, _native_unary)(ins)


def _native_unary(ins: Instruction) -> Step:
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        stack[-1] = run_opcode(frame, "CALL_INTRINSIC_1", ins.oparg, (stack[-1],))
        return following

    return step


#: Source: CPython 3.12 to 3.15 ``Include/internal/pycore_intrinsics.h``.
_PREP_RERAISE_STAR: Final = 1


def call_intrinsic_2(ins: Instruction) -> Step:
    """``left, right -- result``."""
    if ins.oparg == _PREP_RERAISE_STAR:
        return prep_reraise_star(ins)
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        stack[-1] = run_opcode(frame, "CALL_INTRINSIC_2", ins.oparg, (stack[-1], right))
        return following

    return step


HANDLERS: Handlers = {
    "CALL_INTRINSIC_1": call_intrinsic_1,
    "CALL_INTRINSIC_2": call_intrinsic_2,
    "PRINT_EXPR": print_expr,
}
