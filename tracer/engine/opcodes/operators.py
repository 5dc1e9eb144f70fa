"""Unary, binary and comparison operators, subscripts and slices."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..call_sites import call_site
from ..frame import Frame
from ..values import Step, Value, type_of

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
#: Looked up here, not among the builtins, which the program may patch.
_issubclass: Final = issubclass
_slice: Final = slice
_CLASS: Final = type
#: Types whose operators are written in C, and look at no frame.
_PLAIN: Final = frozenset(
    {bool, bytes, complex, dict, float, frozenset, int, list, range, set, slice, str, tuple, type}
    | {type(None)}
)


def _by_method(frame: Frame, index: int, apply: Callable[..., Value], *operands: Value) -> Value:
    """Apply an operator so that a method which it calls finds the user's frame above it."""
    guarded = frame.interceptor.guarded_types
    if [operand for operand in operands if type_of(operand) in guarded]:
        return apply(*operands)
    return call_site(frame, index)(apply, operands, {})


def _binary(ins: Instruction, apply: Callable[[Value, Value], object]) -> Step:
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        left = stack[-1]
        if type_of(left) in _PLAIN and type_of(right) in _PLAIN:
            stack[-1] = apply(left, right)
        else:
            stack[-1] = _by_method(frame, index, apply, left, right)
        return following

    return step


def _unary(ins: Instruction, apply: Callable[[Value], object]) -> Step:
    """``value -- result``."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        value = stack[-1]
        if type_of(value) in _PLAIN:
            stack[-1] = apply(value)
        else:
            stack[-1] = _by_method(frame, index, apply, value)
        return following

    return step


#: ``value -- +value``.
unary_positive: Final = partial(_unary, apply=operator.pos)
#: ``~bool`` warns as CPython does, from the operator itself.
_INVERT: Final[Callable[[Value], object]] = operator.invert


def binary_op(ins: Instruction) -> Step:
    """``left, right -- result``."""
    return _binary(ins, BINARY_OPERATORS[ins.oparg])


def binary_op_or_subscr(ins: Instruction) -> Step:
    """``left, right -- result``, a subscript being one more operator (3.14)."""
    return binary_subscr(ins) if ins.oparg == _SUBSCRIPT else binary_op(ins)


def _compare(ins: Instruction, hints: int) -> Step:
    """``left, right -- result``; the operator stands above some bits of hints."""
    return _binary(ins, COMPARE_OPERATORS[ins.oparg >> hints])


def compare_op_over_mask_and_bool(ins: Instruction) -> Step:
    """``left, right -- result``; above five bits, one of which asks for a bool (3.13)."""
    compare = _binary(ins, COMPARE_OPERATORS[ins.oparg >> 5])
    return _then(compare, operator.truth) if ins.oparg & _COERCE_TO_BOOL else compare


def _then(operation: Step, apply: Callable[[Value], object]) -> Step:
    """Apply an operator to the result of an operation."""

    def step(frame: Frame) -> int:
        following = operation(frame)
        stack = frame.stack
        stack[-1] = apply(stack[-1])
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
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        container = stack.pop()
        member = stack[-1]
        if type_of(container) in _PLAIN:
            stack[-1] = member in container
        else:
            stack[-1] = _by_method(frame, index, operator.contains, container, member)
        return following

    return _then(step, operator.not_) if ins.oparg else step


def binary_subscr(ins: Instruction) -> Step:
    """``container, key -- value``; ``operator.getitem`` has another message for types."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        key = stack.pop()
        container: Value = stack[-1]
        if type_of(container) in _PLAIN or _issubclass(type_of(container), _CLASS):
            stack[-1] = container[key]
        else:
            stack[-1] = _by_method(frame, index, operator.getitem, container, key)
        return following

    return step


def store_subscr(ins: Instruction) -> Step:
    """``value, container, key --``."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        key, container = stack.pop(), stack.pop()
        if type_of(container) in _PLAIN:
            container[key] = stack.pop()
        else:
            _by_method(frame, index, operator.setitem, container, key, stack.pop())
        return following

    return step


def delete_subscr(ins: Instruction) -> Step:
    """``container, key --``."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        key = frame.stack.pop()
        _by_method(frame, index, operator.delitem, frame.stack.pop(), key)
        return following

    return step


def binary_slice(ins: Instruction) -> Step:
    """``container, start, stop -- value``."""
    return _with_slice(binary_subscr(ins))


def store_slice(ins: Instruction) -> Step:
    """``value, container, start, stop --``."""
    return _with_slice(store_subscr(ins))


def _with_slice(operation: Step) -> Step:
    """Make a slice of the two values on top of the stack first."""

    def step(frame: Frame) -> int:
        stack = frame.stack
        stop = stack.pop()
        stack[-1] = _slice(stack[-1], stop)
        return operation(frame)

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
