"""Unary, binary and comparison operators, subscripts and slices."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..values import Step, Value

#: BINARY_OP's oparg to its function. Source: CPython 3.11-3.14 ``Include/opcode.h``, ``NB_*``.
BINARY_OPERATORS: Final[tuple[Callable[[Value, Value], Value], ...]] = tuple(
    getattr(operator, name)
    for name in (
        *("add", "and_", "floordiv", "lshift", "matmul", "mul", "mod"),
        *("or_", "pow", "rshift", "sub", "truediv", "xor"),
        *("iadd", "iand", "ifloordiv", "ilshift", "imatmul", "imul", "imod"),
        *("ior", "ipow", "irshift", "isub", "itruediv", "ixor"),
    )
)

#: COMPARE_OP's operator number to its function. Source: ``dis.cmp_op``.
COMPARE_OPERATORS: Final[tuple[Callable[[Value, Value], Value], ...]] = (
    operator.lt,
    operator.le,
    operator.eq,
    operator.ne,
    operator.gt,
    operator.ge,
)

_COERCE_TO_BOOL: Final = 16
_SUBSCRIPT: Final = len(BINARY_OPERATORS)


def _binary(apply: Callable[[Value, Value], object], following: int) -> Step:
    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        stack[-1] = apply(stack[-1], right)
        return following

    return step


def _unary(ins: Instruction, apply: Callable[[Value], object]) -> Step:
    """``value -- result``."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        stack[-1] = apply(stack[-1])
        return following

    return step


#: ``value -- +value``.
unary_positive: Final = partial(_unary, apply=operator.pos)
#: ``~bool`` warns as CPython does, from the operator itself.
_INVERT: Final[Callable[[Value], object]] = operator.invert


def binary_op(ins: Instruction) -> Step:
    """``left, right -- result``."""
    return _binary(BINARY_OPERATORS[ins.oparg], ins.next)


def binary_op_or_subscr(ins: Instruction) -> Step:
    """``left, right -- result``, a subscript being one more operator (3.14)."""
    return binary_subscr(ins) if ins.oparg == _SUBSCRIPT else binary_op(ins)


def _compare(ins: Instruction, hints: int) -> Step:
    """``left, right -- result``; the operator stands above some bits of hints."""
    return _binary(COMPARE_OPERATORS[ins.oparg >> hints], ins.next)


def compare_op_over_mask_and_bool(ins: Instruction) -> Step:
    """``left, right -- result``; above five bits, one of which asks for a bool (3.13)."""
    apply, following = COMPARE_OPERATORS[ins.oparg >> 5], ins.next
    if not ins.oparg & _COERCE_TO_BOOL:
        return _binary(apply, following)

    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        stack[-1] = bool(apply(stack[-1], right))
        return following

    return step


def is_op(ins: Instruction) -> Step:
    """``left, right -- bool``; oparg 1 negates."""
    apply, index, following = operator.is_not if ins.oparg else operator.is_, ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        left = stack[-1]
        if right is None and left is not None and type(left) in frame.interceptor.guarded_types:
            frame.interceptor.is_none(frame, index, left)
        stack[-1] = apply(left, right)
        return following

    return step


def contains_op(ins: Instruction) -> Step:
    """``member, container -- bool``; oparg 1 negates."""
    if ins.oparg:
        return _binary(lambda member, container: member not in container, ins.next)
    return _binary(lambda member, container: member in container, ins.next)


def binary_subscr(ins: Instruction) -> Step:
    """``container, key -- value``; not ``operator.getitem``, whose message for types differs."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        key = stack.pop()
        stack[-1] = stack[-1][key]
        return following

    return step


def store_subscr(ins: Instruction) -> Step:
    """``value, container, key --``."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        key, container = stack.pop(), stack.pop()
        container[key] = stack.pop()
        return following

    return step


def delete_subscr(ins: Instruction) -> Step:
    """``container, key --``."""
    following = ins.next

    def step(frame: Frame) -> int:
        key = frame.stack.pop()
        container = frame.stack.pop()
        del container[key]
        return following

    return step


def binary_slice(ins: Instruction) -> Step:
    """``container, start, stop -- value``."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        stop, start = stack.pop(), stack.pop()
        stack[-1] = stack[-1][start:stop]
        return following

    return step


def store_slice(ins: Instruction) -> Step:
    """``value, container, start, stop --``."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        stop, start, container = stack.pop(), stack.pop(), stack.pop()
        container[start:stop] = stack.pop()
        return following

    return step


def build_slice(ins: Instruction) -> Step:
    """``start, stop[, step] -- slice``."""
    count, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        parts = stack[-count:]
        stack[-count:] = [slice(*parts)]
        return following

    return step


HANDLERS: Handlers = {
    "BINARY_OP": binary_op,
    "BINARY_OP_OR_SUBSCR": binary_op_or_subscr,
    "BINARY_SLICE": binary_slice,
    "BINARY_SUBSCR": binary_subscr,
    "BUILD_SLICE": build_slice,
    "COMPARE_OP": partial(_compare, hints=0),  # 3.11
    "COMPARE_OP_OVER_MASK": partial(_compare, hints=4),  # 3.12
    "COMPARE_OP_OVER_MASK_AND_BOOL": compare_op_over_mask_and_bool,
    "CONTAINS_OP": contains_op,
    "DELETE_SUBSCR": delete_subscr,
    "IS_OP": is_op,
    "STORE_SLICE": store_slice,
    "STORE_SUBSCR": store_subscr,
    "TO_BOOL": partial(_unary, apply=operator.truth),
    "UNARY_INVERT": partial(_unary, apply=_INVERT),
    "UNARY_NEGATIVE": partial(_unary, apply=operator.neg),
    "UNARY_NOT": partial(_unary, apply=operator.not_),
    "UNARY_POSITIVE": unary_positive,
}
