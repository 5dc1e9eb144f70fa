"""Stack manipulation and constants."""

from __future__ import annotations

from ...code.instruction import Instruction
from ...code.wordcode import COMMON_CONSTANTS, REPLACED
from ..binders import Handlers
from ..frame import Frame
from ..values import NULL, Step


def load_const(ins: Instruction) -> Step:
    """``-- const``."""
    return _load(ins.const, ins.next)


def _load(value: object, following: int) -> Step:
    def step(frame: Frame) -> int:
        frame.stack.append(value)
        return following

    return step


def load_small_int(ins: Instruction) -> Step:
    """``-- int``; the oparg itself (3.14)."""
    return _load(ins.oparg, ins.next)


def load_common_constant(ins: Instruction) -> Step:
    """``-- value``, whatever its name is bound to (3.14).

    A builtin is loaded for one purpose: to ask whether the name is bound to it, and if it is, to
    run a loop in its place. Nothing is identical to the NULL that says not to.
    """
    value, following = COMMON_CONSTANTS[ins.oparg], ins.next
    if ins.oparg not in REPLACED:
        return _load(value, following)

    def step(frame: Frame) -> int:
        frame.stack.append(value if frame.interceptor.runs(value) else NULL)
        return following

    return step


def push_null(ins: Instruction) -> Step:
    """``-- NULL``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(NULL)
        return following

    return step


def pop_iter_and_null(ins: Instruction) -> Step:
    """``iterator, NULL --`` (3.15)."""
    following = ins.next

    def step(frame: Frame) -> int:
        del frame.stack[-2:]
        return following

    return step


def pop_top(ins: Instruction) -> Step:
    """``value --``."""
    following = ins.next

    def step(frame: Frame) -> int:
        del frame.stack[-1]
        return following

    return step


def copy(ins: Instruction) -> Step:
    """``value[i], ... -- value[i], ..., value[i]``; i counts from the top, the top being 1."""
    depth, following = -ins.oparg, ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(frame.stack[depth])
        return following

    return step


def swap(ins: Instruction) -> Step:
    """Exchange the top with the value at depth i, the top being 1."""
    depth, following = -ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        stack[-1], stack[depth] = stack[depth], stack[-1]
        return following

    return step


HANDLERS: Handlers = {
    "COPY": copy,
    "LOAD_COMMON_CONSTANT": load_common_constant,
    "LOAD_CONST": load_const,
    "LOAD_SMALL_INT": load_small_int,
    "POP_ITER_AND_NULL": pop_iter_and_null,
    "POP_TOP": pop_top,
    "PUSH_NULL": push_null,
    "SWAP": swap,
}
