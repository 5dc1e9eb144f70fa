"""Jumps, iteration and return."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from ...code.instruction import Instruction
from ..binders import Binder, Handlers
from ..frame import NULL, RETURNED, Frame
from ..tiers import TIERS
from ..values import Step, Value, type_of
from .generators import RECEIVERS


def jump(ins: Instruction) -> Step:
    """Go to the target."""
    target = ins.target

    def step(_: Frame) -> int:
        return target

    return step


def jump_backward(ins: Instruction) -> Step:
    """Go to the target, the head of a loop, until the native tier takes over there."""
    target, left = ins.target, TIERS.jumps
    in_frame = left // 4

    def step(frame: Frame) -> int:
        nonlocal left
        if left > 0:
            left -= 1
            return target
        # Native code that asks is made anew for each recorder: that has to pay in one frame.
        if frame.jumps < in_frame and frame.interceptor.asks:
            frame.jumps += 1
            return target
        return TIERS.take_over(frame, target, None)

    return step


def _backward(forward: Binder) -> Binder:
    """Return the binder of a conditional jump to the head of a loop (3.11)."""

    def bind(ins: Instruction) -> Step:
        jump_or_not, again, target = forward(ins), jump_backward(ins), ins.target

        def step(frame: Frame) -> int:
            index = jump_or_not(frame)
            return again(frame) if index == target else index

        return step

    return bind


def _pop_jump(ins: Instruction, when: bool) -> Step:
    """``value --``; jump when it is true, or false."""
    yes, no = (ins.target, ins.next) if when else (ins.next, ins.target)

    def step(frame: Frame) -> int:
        return yes if frame.stack.pop() else no

    return step


def _is_none(frame: Frame, index: int) -> bool:
    value = frame.stack.pop()
    if value is None:
        return True
    if type(value) in frame.interceptor.guarded_types:
        frame.interceptor.is_none(frame, index, value)
    return False


def _pop_jump_none(ins: Instruction, when: bool) -> Step:
    """``value --``; jump when it is None, or is not."""
    index, (yes, no) = ins.index, (ins.target, ins.next) if when else (ins.next, ins.target)

    def step(frame: Frame) -> int:
        return yes if _is_none(frame, index) else no

    return step


def _jump_or_pop(ins: Instruction, when: bool) -> Step:
    """``value -- value`` and jump when it is true, or false; else ``value --`` (3.11)."""
    target, following = ins.target, ins.next

    def step(frame: Frame) -> int:
        if (not frame.stack[-1]) is not when:  # ``bool`` may have been patched
            return target
        frame.stack.pop()
        return following

    return step


def get_iter(ins: Instruction) -> Step:
    """``iterable -- iterator``."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack[-1] = iter(frame.stack[-1])
        return following

    return step


def get_iter_and_null(ins: Instruction) -> Step:
    """``iterable -- iterator, NULL``; an oparg says that it is for ``yield from`` (3.15).

    CPython leaves a list or tuple and pushes an index: an error of ``yield from`` tells.
    """
    following, delegates = ins.next, bool(ins.oparg)

    def step(frame: Frame) -> int:
        stack = frame.stack
        value = stack[-1]
        if not delegates or type_of(value) not in RECEIVERS:
            stack[-1] = iter(value)
        stack.append(NULL)
        return following

    return step


def _for_iter(skip: int) -> Callable[[Instruction], Step]:
    def bind(ins: Instruction) -> Step:
        following, exhausted = ins.next, ins.target + skip

        def step(frame: Frame) -> int:
            stack = frame.stack
            value: Value = next(stack[-1], NULL)
            if value is NULL:
                stack.pop()
                return exhausted
            stack.append(value)
            return following

        return step

    return bind


#: ``iterator -- iterator, value``; at the end ``iterator --`` and jump. From 3.12 on the jump
#: goes past the clean-up that the target holds for specialised code: END_FOR (3.12), and
#: END_FOR with POP_TOP (3.13). Source: CPython ``Python/bytecodes.c``, FOR_ITER.
for_iter = _for_iter(0)
for_iter_past_end_for = _for_iter(1)
for_iter_past_end_for_and_pop = _for_iter(2)


def for_iter_above_null(ins: Instruction) -> Step:
    """``iterator, NULL -- iterator, NULL, value``; at the end both go, past the clean-up (3.15)."""
    following, exhausted = ins.next, ins.target + 2

    def step(frame: Frame) -> int:
        stack = frame.stack
        value: Value = next(stack[-2], NULL)
        if value is NULL:
            del stack[-2:]
            return exhausted
        stack.append(value)
        return following

    return step


def end_for_two(ins: Instruction) -> Step:
    """``iterator, NULL --`` (3.12)."""
    following = ins.next

    def step(frame: Frame) -> int:
        del frame.stack[-2:]
        return following

    return step


def return_value(_: Instruction) -> Step:
    """``value --``; stop with it as result."""

    def step(frame: Frame) -> int:
        frame.result = frame.stack.pop()
        frame.signal = RETURNED
        return 0

    return step


def return_const(ins: Instruction) -> Step:
    """Stop with a constant as result (3.12)."""
    value = ins.const

    def step(frame: Frame) -> int:
        frame.result = value
        frame.signal = RETURNED
        return 0

    return step


#: The conditional jumps that pop the value.
_POP_JUMPS: Final[Handlers] = {
    "POP_JUMP_IF_FALSE": partial(_pop_jump, when=False),
    "POP_JUMP_IF_NONE": partial(_pop_jump_none, when=True),
    "POP_JUMP_IF_NOT_NONE": partial(_pop_jump_none, when=False),
    "POP_JUMP_IF_TRUE": partial(_pop_jump, when=True),
}

HANDLERS: Handlers = {
    **_POP_JUMPS,
    **{
        name.replace("JUMP", "JUMP_BACKWARD"): _backward(forward)
        for name, forward in _POP_JUMPS.items()
    },
    "END_FOR_TWO": end_for_two,
    "FOR_ITER": for_iter,
    "FOR_ITER_ABOVE_NULL": for_iter_above_null,
    "FOR_ITER_PAST_END_FOR": for_iter_past_end_for,
    "FOR_ITER_PAST_END_FOR_AND_POP": for_iter_past_end_for_and_pop,
    "GET_ITER": get_iter,
    "GET_ITER_AND_NULL": get_iter_and_null,
    "JUMP": jump,
    "JUMP_BACKWARD": jump_backward,
    "JUMP_IF_FALSE_OR_POP": partial(_jump_or_pop, when=False),
    "JUMP_IF_TRUE_OR_POP": partial(_jump_or_pop, when=True),
    "RETURN_CONST": return_const,
    "RETURN_VALUE": return_value,
}
