"""The fused steps themselves: see `fused` for what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from ...code.instruction import Instruction
from ..frame import RETURNED, Frame
from ..values import NULL, Step, type_of

#: What an operator does to its operands.
Apply: TypeAlias = Callable[[Any, Any], Any]


class Loads(NamedTuple):
    """What the first ``taken`` instructions load: a local, and another or else a constant."""

    head: int
    first: int
    second: int | None
    const: Any
    taken: int


class Jump(NamedTuple):
    """Where a jump goes, and its own index, or 0 if the test is a part of what is before it."""

    if_true: int
    if_false: int
    jump_at: int


def push_loads(loads: Loads) -> Step:
    """``-- value, value``."""
    head, first, second, const, taken = loads
    following = head + taken
    if second is None:

        def step_const(frame: Frame) -> int:
            left = frame.fast[first]
            if left is NULL:
                return -head
            frame.stack += (left, const)
            return following

        return step_const

    def step(frame: Frame) -> int:
        fast = frame.fast
        left, right = fast[first], fast[second]
        if left is NULL or right is NULL:
            return -head
        frame.stack += (left, right)
        return following

    return step


def apply_loads(loads: Loads, apply: Apply, following: int) -> Step:
    """``-- result`` of an operator."""
    head, first, second, const, _ = loads
    if second is None:

        def step_const(frame: Frame) -> int:
            left = frame.fast[first]
            if left is NULL:
                return -head
            frame.stack.append(apply(left, const))
            return following

        return step_const

    def step(frame: Frame) -> int:
        fast = frame.fast
        left, right = fast[first], fast[second]
        if left is NULL or right is NULL:
            return -head
        frame.stack.append(apply(left, right))
        return following

    return step


def apply_loads_and_store(loads: Loads, apply: Apply, slot: int, following: int) -> Step:
    """Store the result of an operator."""
    head, first, second, const, _ = loads
    if second is None:

        def step_const(frame: Frame) -> int:
            fast = frame.fast
            left = fast[first]
            if left is NULL:
                return -head
            fast[slot] = apply(left, const)
            return following

        return step_const

    def step(frame: Frame) -> int:
        fast = frame.fast
        left, right = fast[first], fast[second]
        if left is NULL or right is NULL:
            return -head
        fast[slot] = apply(left, right)
        return following

    return step


def compare_loads(loads: Loads, compare: Apply, jump: Jump) -> Step:
    """Jump by the result of a comparison."""
    head, first, second, const, _ = loads
    if_true, if_false, jump_at = jump
    if second is None:

        def step_const(frame: Frame) -> int:
            left = frame.fast[first]
            if left is NULL:
                return -head
            result = compare(left, const)
            if result is True:
                return if_true
            if result is False:
                return if_false
            if not jump_at:
                return if_true if result else if_false
            frame.stack.append(result)
            return jump_at

        return step_const

    def step(frame: Frame) -> int:
        fast = frame.fast
        left, right = fast[first], fast[second]
        if left is NULL or right is NULL:
            return -head
        result = compare(left, right)
        if result is True:
            return if_true
        if result is False:
            return if_false
        if not jump_at:
            return if_true if result else if_false
        frame.stack.append(result)
        return jump_at

    return step


def attribute_of_local(
    head: int, slot: int, ins: Instruction, name: str, null_before: bool, null_after: bool
) -> Step:
    """``-- attribute``, or NULL before or after it."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        obj = frame.fast[slot]
        if obj is NULL:
            return -head
        interceptor = frame.interceptor
        if type_of(obj) in interceptor.guarded_types:
            value = interceptor.load_attr(frame, index, obj, name)
        else:
            value = getattr(obj, name)
        if null_before:
            frame.stack += (NULL, value)
        elif null_after:
            frame.stack += (value, NULL)
        else:
            frame.stack.append(value)
        return following

    return step


def test_local(head: int, slot: int, jump: Jump) -> Step:
    """Jump by the truth of a local."""
    if_true, if_false, _ = jump

    def step(frame: Frame) -> int:
        value = frame.fast[slot]
        if value is NULL:
            return -head
        return if_true if value else if_false

    return step


def return_local(head: int, slot: int) -> Step:
    """Stop with a local as result."""

    def step(frame: Frame) -> int:
        value = frame.fast[slot]
        if value is NULL:
            return -head
        frame.result = value
        frame.signal = RETURNED
        return 0

    return step


def apply_local(head: int, slot: int, apply: Apply, following: int) -> Step:
    """``left -- result`` of an operator with a local."""

    def step(frame: Frame) -> int:
        right = frame.fast[slot]
        if right is NULL:
            return -head
        stack = frame.stack
        stack[-1] = apply(stack[-1], right)
        return following

    return step


def push_constants(values: tuple[Any, ...], following: int) -> Step:
    """``-- value * n``."""

    def step(frame: Frame) -> int:
        frame.stack += values
        return following

    return step


def return_constant(value: Any) -> Step:
    """Stop with a constant as result."""

    def step(frame: Frame) -> int:
        frame.result = value
        frame.signal = RETURNED
        return 0

    return step


def compare_constant(right: Any, compare: Apply, jump: Jump) -> Step:
    """``left --`` and jump by the result of a comparison with a constant."""
    if_true, if_false, jump_at = jump

    def step(frame: Frame) -> int:
        result = compare(frame.stack.pop(), right)
        if result is True:
            return if_true
        if result is False:
            return if_false
        if not jump_at:
            return if_true if result else if_false
        frame.stack.append(result)
        return jump_at

    return step


def apply_constant(right: Any, apply: Apply, following: int) -> Step:
    """``left -- result`` of an operator with a constant."""

    def step(frame: Frame) -> int:
        stack = frame.stack
        stack[-1] = apply(stack[-1], right)
        return following

    return step


def apply_constant_and_store(right: Any, apply: Apply, slot: int, following: int) -> Step:
    """``left --``; store the result of an operator with a constant."""

    def step(frame: Frame) -> int:
        frame.fast[slot] = apply(frame.stack.pop(), right)
        return following

    return step
