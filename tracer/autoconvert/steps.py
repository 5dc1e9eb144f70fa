"""The effect of each instruction on a state, for `reader`.

Stack shapes are CPython's; instructions without an entry pop and push unknown values.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Final

import attrs

from ..code.instruction import Instruction
from ..code.wordcode import COMMON_CONSTANTS, LIST_TO_TUPLE, pops_and_pushes
from ..engine.values import type_of
from .abstract import (
    LITERALS,
    NOTHING_KNOWN,
    NULL,
    SELF,
    FrameState,
    UnreadableError,
    Value,
    ValueKind,
    attribute_of,
    constant,
    unknown,
)
from .call_results import follow_call, load_from
from .construction import Activation

_Step = Callable[[Activation, FrameState, Instruction], object]

#: Instructions that may change what they pop.
_CHANGING: Final = frozenset(
    {
        *("STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE", "DELETE_ATTR", "SEND", "YIELD_VALUE"),
        *("BEFORE_WITH", "LOAD_SPECIAL", "BEFORE_ASYNC_WITH", "GET_AWAITABLE", "SET_UPDATE"),
    }
)
#: Those that give a part of what they pop.
_PARTS: Final = frozenset({"BINARY_SUBSCR", "GET_ITER", "UNPACK_SEQUENCE", "UNPACK_EX"})
#: The step of a path to any item of a container.
ITEM: Final = "[]"
_IN_PLACE: Final = range(13, 26)
_SUBSCRIPT: Final = 26


def perform(frame: Activation, ins: Instruction, state: FrameState) -> None:
    """Change a state as an instruction does."""
    step = _STEPS.get(ins.name)
    if step is not None:
        step(frame, state, ins)
        return
    taken = take_effect(ins, state)
    if ins.name in _CHANGING:
        frame.construction.touch(taken, "code that is not followed")


def take_effect(ins: Instruction, state: FrameState, *, jump: bool = False) -> list[Value]:
    """Replace the values that an instruction pops by one made of them, and return them."""
    effect = pops_and_pushes(ins.op, ins.oparg, jump)
    if effect is None or effect[0] > len(state.stack):
        raise UnreadableError("has code that cannot be followed")
    popped, pushed = effect
    taken = state.pop(popped)
    made = unknown(taken)
    if ins.name in _PARTS:
        made = attribute_of(made, ITEM)
    state.stack += [made] * pushed
    return taken


def _load_variable(frame: Activation, state: FrameState, ins: Instruction) -> None:
    for name in ins.locals:
        _load_named(frame, state, name)


def _load_named(frame: Activation, state: FrameState, name: str) -> None:
    value = state.variables.get(name, NOTHING_KNOWN)
    if value.kind is ValueKind.PARAMETER:
        frame.construction.used.add(value.payload)
    state.stack.append(value)


def _store_variable(frame: Activation, state: FrameState, ins: Instruction) -> None:
    for name in ins.locals:
        _store_named(frame, state, name)


def _store_named(frame: Activation, state: FrameState, name: str) -> None:
    value = state.variables[name] = state.stack.pop()
    if value.kind in LITERALS:
        frame.construction.shared.add(id(value))


def _store_and_load(frame: Activation, state: FrameState, ins: Instruction) -> None:
    stored, loaded = ins.locals
    _store_named(frame, state, stored)
    _load_named(frame, state, loaded)


def _load_closure(frame: Activation, state: FrameState, ins: Instruction) -> None:
    _load_variable(frame, state, ins)
    state.stack[-1] = unknown(state.stack[-1:])


def _load_const(frame: Activation, state: FrameState, ins: Instruction) -> None:
    value = constant(ins.const)
    if type_of(ins.const) is tuple:
        value = Value(ValueKind.SEQUENCE, tuple(constant(item) for item in ins.const))
    state.stack.append(value)


def _load_common_constant(frame: Activation, state: FrameState, ins: Instruction) -> None:
    value = COMMON_CONSTANTS[ins.oparg]
    state.stack.append(Value(ValueKind.OBJECT if callable(value) else ValueKind.CONSTANT, value))


def _load_global(frame: Activation, state: FrameState, ins: Instruction) -> None:
    if ins.pushes_null:
        state.stack.append(NULL)
    found = frame.globals.get(ins.text, getattr(builtins, ins.text, None))
    known = callable(found) or isinstance(found, ModuleType)
    state.stack.append(Value(ValueKind.OBJECT, found) if known else NOTHING_KNOWN)


def _load_attr(frame: Activation, state: FrameState, ins: Instruction) -> None:
    owner = state.stack.pop()
    if ins.pushes_null:
        state.stack.append(NULL)
    state.stack.append(load_from(frame, owner, ins.text))


def _load_super_attr(frame: Activation, state: FrameState, ins: Instruction) -> None:
    _, cls, instance = state.pop(3)
    if ins.pushes_null:
        state.stack.append(NULL)
    if cls.kind is not ValueKind.OBJECT or instance.kind is not ValueKind.SELF:
        raise UnreadableError("uses super() of something else")
    state.stack.append(frame.construction.load_super(cls.payload, ins.text))


def _store_attr(frame: Activation, state: FrameState, ins: Instruction) -> None:
    owner = state.stack.pop()
    value = NOTHING_KNOWN if ins.name == "DELETE_ATTR" else state.stack.pop()
    if owner.kind is ValueKind.SELF:
        frame.construction.store(ins.text, value)
    else:
        frame.construction.touch([value] if SELF.roots & value.roots else [], "another object")
        frame.construction.touch([owner], "code that is not followed")


def _swap(frame: Activation, state: FrameState, ins: Instruction) -> None:
    stack = state.stack
    stack[-1], stack[-ins.oparg] = stack[-ins.oparg], stack[-1]


def _build_sequence(frame: Activation, state: FrameState, ins: Instruction) -> None:
    parts = state.pop(ins.oparg)
    state.stack.append(Value(ValueKind.SEQUENCE, tuple(parts), unknown(parts).roots))


def _list_extend(frame: Activation, state: FrameState, ins: Instruction) -> None:
    added = state.stack.pop()
    target = state.stack[-ins.oparg]
    made = unknown((target, added))
    if target.kind is ValueKind.SEQUENCE:
        made = Value(ValueKind.SEQUENCE, (*target.payload, *_spread(added)), made.roots)
    state.stack[-ins.oparg] = made


def _spread(value: Value) -> Sequence[Value]:
    """Return the items of a sequence; for any other value, itself with a star."""
    if value.kind is ValueKind.SEQUENCE:
        return value.payload
    return [attrs.evolve(value, starred=True)]


def _add(frame: Activation, state: FrameState, ins: Instruction) -> None:
    added = state.pop(2 if ins.name == "MAP_ADD" else 1)
    state.stack[-ins.oparg] = unknown((state.stack[-ins.oparg], *added))


def _build_map(frame: Activation, state: FrameState, ins: Instruction) -> None:
    flat = state.pop(2 * ins.oparg)
    _push_mapping(state, flat[::2], flat[1::2])


def _build_const_key_map(frame: Activation, state: FrameState, ins: Instruction) -> None:
    keys = state.stack.pop()
    _push_mapping(state, keys.payload, state.pop(ins.oparg))


def _push_mapping(state: FrameState, keys: Sequence[Value], values: Sequence[Value]) -> None:
    if all(key.kind is ValueKind.CONSTANT and isinstance(key.payload, str) for key in keys):
        pairs = tuple((key.payload, value) for key, value in zip(keys, values, strict=True))
        state.stack.append(Value(ValueKind.MAPPING, pairs, unknown(values).roots))
    else:
        state.stack.append(unknown((*keys, *values)))


def _dict_merge(frame: Activation, state: FrameState, ins: Instruction) -> None:
    added = state.stack.pop()
    target = state.stack[-ins.oparg]
    made = unknown((target, added))
    if target.kind is ValueKind.MAPPING:
        pairs = added.payload if added.kind is ValueKind.MAPPING else ((None, added),)
        made = Value(ValueKind.MAPPING, (*target.payload, *pairs), made.roots)
    state.stack[-ins.oparg] = made


def _binary_op(frame: Activation, state: FrameState, ins: Instruction) -> None:
    operands = state.pop(2)
    made = unknown(operands)
    if ins.oparg in _IN_PLACE:
        frame.construction.touch(operands[:1], "code that is not followed")
    elif ins.oparg == _SUBSCRIPT:
        made = attribute_of(made, ITEM)
    state.stack.append(made)


def _intrinsic(frame: Activation, state: FrameState, ins: Instruction) -> None:
    if ins.oparg != LIST_TO_TUPLE:
        state.stack[-1] = unknown(state.stack[-1:])


def _call_kw(frame: Activation, state: FrameState, ins: Instruction) -> None:
    names = state.stack.pop()
    _call_with(frame, state, ins.oparg, [value.payload for value in names.payload])


def _call_with(frame: Activation, state: FrameState, count: int, names: Sequence[str]) -> None:
    first, second, *args = state.pop(count + 2)
    fn = second if first.kind is ValueKind.NULL else first
    if ValueKind.NULL not in (first.kind, second.kind):
        args.insert(0, second)
    split = len(args) - len(names)
    named: dict[str | None, Value] = dict(zip(names, args[split:], strict=True))
    state.stack.append(follow_call(frame, fn, args[:split], named))


def _call_function_ex(frame: Activation, state: FrameState, ins: Instruction) -> None:
    operands = state.pop(ins.popped)
    # From 3.14 on it may be NULL.
    first, second, args, kwargs = (*operands, NULL) if len(operands) < 4 else operands
    fn = second if first.kind is ValueKind.NULL else first
    named: dict[str | None, Value] = {}
    if kwargs.kind is ValueKind.MAPPING:
        named = dict(kwargs.payload)
        if len(named) < len(kwargs.payload):
            raise UnreadableError("passes several ** arguments in one call")
    elif kwargs.kind is not ValueKind.NULL:
        named = {None: kwargs}
    state.stack.append(follow_call(frame, fn, _spread(args), named))


_STEPS: Final[dict[str, _Step]] = {
    **dict.fromkeys(
        (
            *("NOP", "RESUME", "MAKE_CELL", "COPY_FREE_VARS"),
            *("LIST_TO_TUPLE", "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"),
        ),
        lambda frame, state, ins: None,
    ),
    **dict.fromkeys(
        (
            *("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW", "LOAD_DEREF"),
            *("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"),
        ),
        _load_variable,
    ),
    **dict.fromkeys(("STORE_FAST", "STORE_DEREF", "STORE_FAST_STORE_FAST"), _store_variable),
    **dict.fromkeys(
        ("DELETE_FAST", "DELETE_DEREF"), lambda _, state, ins: state.variables.pop(ins.local, None)
    ),
    "LOAD_FAST_AND_CLEAR": lambda _, state, ins: state.stack.append(
        state.variables.pop(ins.local, NOTHING_KNOWN)
    ),
    "STORE_FAST_LOAD_FAST": _store_and_load,
    "LOAD_CLOSURE": _load_closure,
    "LOAD_CONST": _load_const,
    "LOAD_SMALL_INT": lambda _, state, ins: state.stack.append(constant(ins.oparg)),
    "LOAD_COMMON_CONSTANT": _load_common_constant,
    "PUSH_NULL": lambda _, state, __: state.stack.append(NULL),
    "LOAD_GLOBAL": _load_global,
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD"), _load_attr),
    "LOAD_SUPER_ATTR": _load_super_attr,
    **dict.fromkeys(("STORE_ATTR", "DELETE_ATTR"), _store_attr),
    "COPY": lambda _, state, ins: state.stack.append(state.stack[-ins.oparg]),
    "SWAP": _swap,
    "RETURN_VALUE": lambda frame, state, _: frame.returns(state.stack.pop()),
    "RETURN_CONST": lambda frame, _, ins: frame.returns(constant(ins.const)),
    **dict.fromkeys(("BUILD_TUPLE", "BUILD_LIST"), _build_sequence),
    "LIST_EXTEND": _list_extend,
    **dict.fromkeys(("LIST_APPEND", "SET_ADD", "SET_UPDATE", "DICT_UPDATE", "MAP_ADD"), _add),
    "BUILD_MAP": _build_map,
    "BUILD_CONST_KEY_MAP": _build_const_key_map,
    "DICT_MERGE": _dict_merge,
    "BINARY_OP": _binary_op,
    "CALL_INTRINSIC_1": _intrinsic,
    "CALL": lambda frame, state, ins: _call_with(frame, state, ins.oparg, ins.keyword_names),
    "CALL_KW": _call_kw,
    "CALL_FUNCTION_EX": _call_function_ex,
}
