"""Fused steps: one for a run of instructions that is frequent, in place of one for each.

A run is fused when one handler protects all of it, and only one of its instructions may raise: so a
traceback and the exception table know where it did. Where another one might, because a variable is
unbound, the fused step does nothing and returns the negative index of its first instruction, and
the run loop takes the plain step of that one. Each instruction of a run keeps a step of its own,
so jumps may lead into its middle.

Which runs are worth it, ``benchmarks/instruction_runs.py`` tells. Jumps backward are left alone:
whether a loop goes on here is decided at them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from ...code.instruction import Instruction
from ..binders import Binder
from ..frame import Frame
from ..values import NULL, Step
from . import attributes, calls, control, names, operators, stack
from .fused_steps import (
    Apply,
    Jump,
    Loads,
    apply_constant,
    apply_constant_and_store,
    apply_loads,
    apply_loads_and_store,
    apply_local,
    attribute_of_local,
    compare_constant,
    compare_loads,
    push_constants,
    push_loads,
    return_constant,
    return_local,
    test_local,
)


class Fused(NamedTuple):
    """A fused step, and the index of the one instruction that may raise."""

    step: Step
    raising: int


class Part(NamedTuple):
    """An instruction of a run, and its binder, which tells what it does."""

    ins: Instruction
    binder: Binder


#: Returns the fused step for the start of some instructions, or None.
_Fuser: TypeAlias = Callable[[Sequence[Part]], Fused | None]

#: The longest run.
LONGEST: Final = 4


def fused_step(parts: Sequence[Part]) -> Fused | None:
    """Return a fused step for as many as possible of these instructions, or None.

    Args:
        parts: At most `LONGEST` instructions that one handler protects, in order.
    """
    for fuser in _FUSERS.get(parts[0].binder, ()):
        found = fuser(parts)
        if found is not None:
            return found
    return None


_FAST: Final = frozenset({names.load_fast, names.load_fast_unchecked})
_CONSTANTS: Final[dict[Binder, Callable[[Instruction], Any]]] = {
    stack.load_const: lambda ins: ins.const,
    stack.load_small_int: lambda ins: ins.oparg,
    stack.load_common_constant: lambda ins: (
        NULL if ins.oparg in stack.REPLACED else stack.COMMON_CONSTANTS[ins.oparg]
    ),
}


def _constant(part: Part) -> Any:
    """Return what an instruction loads whatever happens, or NULL if it is no such instruction."""
    ins, binder = part
    return _CONSTANTS[binder](ins) if binder in _CONSTANTS else NULL


def _two_loads(parts: Sequence[Part]) -> Loads | None:
    ins, binder = parts[0]
    if binder is names.load_fast_load_fast:
        return Loads(ins.index, ins.oparg >> 4, ins.oparg & 15, None, 1)
    if len(parts) < 2:
        return None
    other = parts[1]
    if other.binder in _FAST:
        return Loads(ins.index, ins.oparg, other.ins.oparg, None, 2)
    value = _constant(other)
    return None if value is NULL else Loads(ins.index, ins.oparg, None, value, 2)


def _subscript(container: Any, key: Any) -> Any:
    return container[key]


def _operator(part: Part) -> Apply | None:
    """Return the function that an instruction applies to two operands."""
    ins, binder = part
    if binder is operators.binary_op:
        return operators.BINARY_OPERATORS[ins.oparg]
    if binder is operators.binary_subscr:
        return _subscript
    if binder is operators.binary_op_or_subscr:
        return _subscript if ins.oparg == _SUBSCRIPT else operators.BINARY_OPERATORS[ins.oparg]
    return None


_SUBSCRIPT: Final = len(operators.BINARY_OPERATORS)


_COMPARE_SHIFTS: Final[dict[Binder, int]] = {
    operators.compare_op: 0,
    operators.compare_op_over_mask: 4,
    operators.compare_op_over_mask_and_bool: 5,
}


def _jump(parts: Sequence[Part]) -> Jump | None:
    """Return the jump that comes first, if it is one forward."""
    if not parts or parts[0].ins.target <= parts[0].ins.index:
        return None
    ins, binder = parts[0]
    if binder is control.pop_jump_if_true:
        return Jump(ins.target, ins.next, ins.index)
    if binder is control.pop_jump_if_false:
        return Jump(ins.next, ins.target, ins.index)
    return None


def _comparison(parts: Sequence[Part]) -> tuple[Apply, Jump] | None:
    """Return the comparison that comes first, and the jump that it is made for."""
    if not parts or parts[0].binder not in _COMPARE_SHIFTS:
        return None
    ins, binder = parts[0]
    jump = _jump(parts[1:])
    if jump is None:
        return None
    if binder is operators.compare_op_over_mask_and_bool:
        jump = jump._replace(jump_at=0)
    return operators.COMPARE_OPERATORS[ins.oparg >> _COMPARE_SHIFTS[binder]], jump


def _stored(parts: Sequence[Part]) -> int | None:
    """Return the slot that the first instruction stores in."""
    return parts[0].ins.oparg if parts and parts[0].binder is names.store_fast else None


def _from_loads(parts: Sequence[Part]) -> Fused | None:
    """Two loads; an operator, and what becomes of its result."""
    loads = _two_loads(parts)
    if loads is None:
        return None
    rest = parts[loads.taken :]
    compared = _comparison(rest)
    if compared is not None:
        return Fused(compare_loads(loads, *compared), rest[0].ins.index)
    apply = _operator(rest[0]) if rest else None
    if apply is None:
        return Fused(push_loads(loads), loads.head) if loads.taken > 1 else None
    slot, after = _stored(rest[1:]), rest[0].ins.next
    if slot is None:
        return Fused(apply_loads(loads, apply, after), rest[0].ins.index)
    return Fused(apply_loads_and_store(loads, apply, slot, after + 1), rest[0].ins.index)


def _local_and_more(parts: Sequence[Part]) -> Fused | None:
    """A local, and what is done with it: an attribute or a test, an operator with the stack."""
    slot, head = parts[0].ins.oparg, parts[0].ins.index
    if len(parts) < 2:
        return None
    second = parts[1]
    if second.binder in _ATTRIBUTES:
        pushed = _ATTRIBUTES[second.binder](second.ins)
        return Fused(attribute_of_local(head, slot, second.ins, *pushed), second.ins.index)
    jump = _jump(parts[1:])
    if jump is not None:
        return Fused(test_local(head, slot, jump), second.ins.index)
    if second.binder is operators.to_bool:
        jump = _jump(parts[2:])
        return jump and Fused(test_local(head, slot, jump), second.ins.index)
    if second.binder is control.return_value:
        return Fused(return_local(head, slot), head)
    apply = _operator(second)
    return apply and Fused(apply_local(head, slot, apply, second.ins.next), second.ins.index)


#: What makes the step of a load of an attribute give, beside the value: the name, and what to push
#: before and after it.
def _attribute_311(ins: Instruction) -> tuple[str, bool, bool]:
    return ins.names.names[ins.oparg], False, False


def _method_311(ins: Instruction) -> tuple[str, bool, bool]:
    return ins.names.names[ins.oparg], True, False


def _attribute_312(ins: Instruction) -> tuple[str, bool, bool]:
    return ins.names.names[ins.oparg >> 1], bool(ins.oparg & 1), False


def _attribute_313(ins: Instruction) -> tuple[str, bool, bool]:
    return ins.names.names[ins.oparg >> 1], False, bool(ins.oparg & 1)


_ATTRIBUTES: Final[dict[Binder, Callable[[Instruction], tuple[str, bool, bool]]]] = {
    attributes.load_attr: _attribute_311,
    attributes.load_method: _method_311,
    attributes.load_attr_or_method: _attribute_312,
    attributes.load_attr_or_method_null_after: _attribute_313,
}


def _from_constants(parts: Sequence[Part]) -> Fused | None:
    """Constants, and what is done with them: a call, an operator with the stack, a return."""
    values: list[Any] = []
    for part in parts:
        value = _constant(part)
        if value is NULL:
            break
        values.append(value)
    head, rest = parts[0].ins.index, parts[len(values) :]
    if rest and rest[0].binder in _CALLS:
        ins, binder = rest[0]
        on_stack = binder is calls.call_kw_callable_first  # the last constant is the names
        if len(values) - on_stack <= ins.oparg:
            return Fused(_CALLS[binder](ins, tuple(values)), ins.index)
    if len(values) > 1:
        return Fused(push_constants(tuple(values), head + len(values)), head)
    if not (values and rest):
        return None
    after, value = rest[0].ins.next, values[0]
    if rest[0].binder is control.return_value:
        return Fused(return_constant(value), head)
    compared = _comparison(rest)
    if compared is not None:
        return Fused(compare_constant(value, *compared), rest[0].ins.index)
    apply = _operator(rest[0])
    if apply is None:
        return None
    slot = _stored(rest[1:])
    if slot is None:
        return Fused(apply_constant(value, apply, after), rest[0].ins.index)
    return Fused(apply_constant_and_store(value, apply, slot, after + 1), rest[0].ins.index)


_CALLS: Final[dict[Binder, Callable[[Instruction, tuple[Any, ...]], Step]]] = {
    calls.call_null_first: calls.call_null_first_with,
    calls.call_callable_first: calls.call_callable_first_with,
    calls.call_kw_callable_first: calls.call_kw_callable_first_with,
}


def _apply_and_store(parts: Sequence[Part]) -> Fused | None:
    """An operator, and the local that its result is stored in."""
    apply, slot = _operator(parts[0]), _stored(parts[1:])
    if apply is None or slot is None:
        return None
    following = parts[1].ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        frame.fast[slot] = apply(stack.pop(), right)
        return following

    return Fused(step, parts[0].ins.index)


def _compare_and_jump(parts: Sequence[Part]) -> Fused | None:
    """A comparison, and the jump that it is made for."""
    compared = _comparison(parts)
    if compared is None:
        return None
    compare, (if_true, if_false, jump_at) = compared

    def step(frame: Frame) -> int:
        stack = frame.stack
        right = stack.pop()
        result = compare(stack.pop(), right)
        if result is True:
            return if_true
        if result is False:
            return if_false
        if not jump_at:
            return if_true if result else if_false
        stack.append(result)
        return jump_at

    return Fused(step, parts[0].ins.index)


def _test_and_jump(parts: Sequence[Part]) -> Fused | None:
    """A test of the top of the stack, and the jump that it is made for (3.13)."""
    jump = _jump(parts[1:])
    if jump is None:
        return None
    if_true, if_false, _ = jump

    def step(frame: Frame) -> int:
        return if_true if frame.stack.pop() else if_false

    return Fused(step, parts[0].ins.index)


def _next_and_store(parts: Sequence[Part]) -> Fused | None:
    """The head of a loop, and the local that it stores in."""
    slot = _stored(parts[1:])
    if slot is None:
        return None
    ins, binder = parts[0]
    following, exhausted = parts[1].ins.next, ins.target + _PAST_TARGET[binder]
    depth = -2 if binder is control.for_iter_above_null else -1

    def step(frame: Frame) -> int:
        stack = frame.stack
        value: Any = next(stack[depth], NULL)
        if value is NULL:
            del stack[depth:]
            return exhausted
        frame.fast[slot] = value
        return following

    return Fused(step, ins.index)


_PAST_TARGET: Final[dict[Binder, int]] = {
    control.for_iter: 0,
    control.for_iter_past_end_for: 1,
    control.for_iter_past_end_for_and_pop: 2,
    control.for_iter_above_null: 2,
}

#: By the binder of the first instruction, what fuses; the longest run first.
_FUSERS: Final[dict[Binder, tuple[_Fuser, ...]]] = {
    **dict.fromkeys(_FAST, (_from_loads, _local_and_more)),
    names.load_fast_load_fast: (_from_loads,),
    **dict.fromkeys(_CONSTANTS, (_from_constants,)),
    **dict.fromkeys(
        (operators.binary_op, operators.binary_op_or_subscr, operators.binary_subscr),
        (_apply_and_store,),
    ),
    **dict.fromkeys(_COMPARE_SHIFTS, (_compare_and_jump,)),
    operators.to_bool: (_test_and_jump,),
    **dict.fromkeys(_PAST_TARGET, (_next_and_store,)),
}
