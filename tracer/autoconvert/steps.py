"""What each instruction does to what is known, for `reading`.

Stack shapes are CPython's; instructions without an entry pop and push unknown values.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ..frame import type_of
from ..opcodes.stack import COMMON_CONSTANTS
from .abstract import (
    LITERALS,
    NOTHING_KNOWN,
    NULL,
    SELF,
    Kind,
    State,
    UnreadableError,
    Value,
    attribute_of,
    unknown,
)
from .calling import call, load_from
from .listing import Listed

if TYPE_CHECKING:
    from .reading import Following

_Step = Callable[["Following", State, Any], None]

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


def perform(frame: Following, listed: Listed, state: State) -> State:
    """Do what an instruction does to a state, which is changed and returned."""
    step = _STEPS.get(listed.name)
    if step is not None:
        step(frame, state, listed.arg)
        return state
    popped, pushed = listed.effect
    taken = state.pop(popped)
    if listed.name in _CHANGING:
        frame.reader.touch(taken, "code that is not followed")
    made = unknown(taken)
    if listed.name in _PARTS:
        made = attribute_of(made, ITEM)
    state.stack += [made] * pushed
    return state


def _nothing(frame: Following, state: State, arg: Any) -> None: ...


def _name_of(arg: Any) -> str:
    return arg if isinstance(arg, str) else arg.name


def _load_variable(frame: Following, state: State, arg: Any) -> None:
    value = state.variables.get(_name_of(arg), NOTHING_KNOWN)
    if value.kind is Kind.PARAMETER:
        frame.reader.used.add(value.payload)
    state.stack.append(value)


def _store_variable(frame: Following, state: State, arg: Any) -> None:
    value = state.variables[_name_of(arg)] = state.stack.pop()
    if value.kind in LITERALS:
        frame.reader.shared.add(id(value))


def _delete_variable(frame: Following, state: State, arg: Any) -> None:
    state.variables.pop(_name_of(arg), None)


def _load_and_clear(frame: Following, state: State, arg: Any) -> None:
    state.stack.append(state.variables.pop(_name_of(arg), NOTHING_KNOWN))


def _load_two(frame: Following, state: State, arg: Any) -> None:
    for each in arg:
        _load_variable(frame, state, each)


def _store_two(frame: Following, state: State, arg: Any) -> None:
    for each in arg:
        _store_variable(frame, state, each)


def _store_and_load(frame: Following, state: State, arg: Any) -> None:
    _store_variable(frame, state, arg[0])
    _load_variable(frame, state, arg[1])


def _load_closure(frame: Following, state: State, arg: Any) -> None:
    _load_variable(frame, state, arg)
    state.stack[-1] = unknown(state.stack[-1:])


def _load_const(frame: Following, state: State, arg: Any) -> None:
    if type_of(arg) is tuple:
        items: tuple[Any, ...] = (*arg,)
        parts = tuple(Value(Kind.CONSTANT, item) for item in items)
        state.stack.append(Value(Kind.SEQUENCE, parts))
    else:
        state.stack.append(Value(Kind.CONSTANT, arg))


def _load_common_constant(frame: Following, state: State, arg: Any) -> None:
    value = COMMON_CONSTANTS[arg]
    state.stack.append(Value(Kind.OBJECT if callable(value) else Kind.CONSTANT, value))


def _push_null(frame: Following, state: State, arg: Any) -> None:
    state.stack.append(NULL)


def _flagged(arg: Any) -> tuple[bool, str]:
    """Return whether an instruction pushes NULL, too, and the name that it looks up."""
    return (arg[0], arg[1]) if isinstance(arg, tuple) else (False, arg)  # pyright: ignore[reportUnknownVariableType]


def _load_global(frame: Following, state: State, arg: Any) -> None:
    push_null, name = _flagged(arg)
    if push_null:
        state.stack.append(NULL)
    found = frame.fn.__globals__.get(name, getattr(builtins, name, None))
    known = callable(found) or isinstance(found, ModuleType)
    state.stack.append(Value(Kind.OBJECT, found) if known else NOTHING_KNOWN)


def _load_attr(frame: Following, state: State, arg: Any) -> None:
    push_null, name = _flagged(arg)
    owner = state.stack.pop()
    if push_null:
        state.stack.append(NULL)
    state.stack.append(load_from(frame, owner, name))


def _load_method(frame: Following, state: State, arg: Any) -> None:
    _load_attr(frame, state, (True, arg))


def _load_super_attr(frame: Following, state: State, arg: Any) -> None:
    _, cls, instance = state.pop(3)
    if arg[0]:
        state.stack.append(NULL)
    if cls.kind is not Kind.OBJECT or instance.kind is not Kind.SELF:
        raise UnreadableError("uses super() of something else")
    state.stack.append(frame.reader.load_super(cls.payload, arg[-1]))


def _store_attr(frame: Following, state: State, arg: Any) -> None:
    value, owner = state.pop(2)
    if owner.kind is Kind.SELF:
        frame.reader.store(arg, value)
    else:
        frame.reader.touch([value] if SELF.roots & value.roots else [], "another object")
        frame.reader.touch([owner], "code that is not followed")


def _delete_attr(frame: Following, state: State, arg: Any) -> None:
    owner = state.stack.pop()
    if owner.kind is Kind.SELF:
        frame.reader.store(arg, NOTHING_KNOWN)
    else:
        frame.reader.touch([owner], "code that is not followed")


def _copy(frame: Following, state: State, arg: int) -> None:
    state.stack.append(state.stack[-arg])


def _swap(frame: Following, state: State, arg: int) -> None:
    stack = state.stack
    stack[-1], stack[-arg] = stack[-arg], stack[-1]


def _return_value(frame: Following, state: State, arg: Any) -> None:
    frame.returns(state.stack.pop(), frame.reader.attributes)


def _return_const(frame: Following, state: State, arg: Any) -> None:
    frame.returns(Value(Kind.CONSTANT, arg), frame.reader.attributes)


def _build_sequence(frame: Following, state: State, arg: int) -> None:
    parts = state.pop(arg)
    state.stack.append(Value(Kind.SEQUENCE, tuple(parts), unknown(parts).roots))


def _list_extend(frame: Following, state: State, arg: int) -> None:
    added = state.stack.pop()
    target = state.stack[-arg]
    if target.kind is Kind.SEQUENCE:
        if added.kind is Kind.SEQUENCE:
            parts = (*target.payload, *added.payload)
        else:
            star = Value(added.kind, added.payload, added.roots, starred=True)
            parts = (*target.payload, star)
        state.stack[-arg] = Value(Kind.SEQUENCE, parts, target.roots | added.roots)
    else:
        state.stack[-arg] = unknown((target, added))


def _add_one(frame: Following, state: State, arg: int) -> None:
    added = state.stack.pop()
    state.stack[-arg] = unknown((state.stack[-arg], added))


def _add_pair(frame: Following, state: State, arg: int) -> None:
    added = state.pop(2)
    state.stack[-arg] = unknown((state.stack[-arg], *added))


def _build_map(frame: Following, state: State, arg: int) -> None:
    flat = state.pop(2 * arg)
    _push_mapping(state, flat[::2], flat[1::2])


def _build_const_key_map(frame: Following, state: State, arg: Any) -> None:
    keys = state.stack.pop()
    _push_mapping(state, keys.payload, state.pop(arg))


def _push_mapping(state: State, keys: Sequence[Value], values: Sequence[Value]) -> None:
    if all(key.kind is Kind.CONSTANT and isinstance(key.payload, str) for key in keys):
        pairs = tuple((key.payload, value) for key, value in zip(keys, values, strict=True))
        state.stack.append(Value(Kind.MAPPING, pairs, unknown(values).roots))
    else:
        state.stack.append(unknown((*keys, *values)))


def _dict_merge(frame: Following, state: State, arg: int) -> None:
    added = state.stack.pop()
    target = state.stack[-arg]
    pairs: Any = ((None, added),)
    if added.kind is Kind.MAPPING:
        pairs = added.payload
    if target.kind is Kind.MAPPING:
        roots = target.roots | added.roots
        state.stack[-arg] = Value(Kind.MAPPING, (*target.payload, *pairs), roots)
    else:
        state.stack[-arg] = unknown((target, added))


def _binary_op(frame: Following, state: State, arg: Any) -> None:
    operands = state.pop(2)
    made = unknown(operands)
    if int(arg) in _IN_PLACE:
        frame.reader.touch(operands[:1], "code that is not followed")
    elif int(arg) == _SUBSCRIPT:
        made = attribute_of(made, ITEM)
    state.stack.append(made)


def _intrinsic(frame: Following, state: State, arg: Any) -> None:
    if getattr(arg, "name", "") != "INTRINSIC_LIST_TO_TUPLE":
        state.stack[-1] = unknown(state.stack[-1:])


def _call(frame: Following, state: State, arg: Any) -> None:
    _call_with(frame, state, *arg)


def _call_kw(frame: Following, state: State, arg: Any) -> None:
    names = state.stack.pop()
    _call_with(frame, state, arg, [value.payload for value in names.payload])


def _call_with(frame: Following, state: State, count: int, names: Sequence[str]) -> None:
    first, second, *args = state.pop(count + 2)
    fn = second if first.kind is Kind.NULL else first
    if Kind.NULL not in (first.kind, second.kind):
        args.insert(0, second)
    split = len(args) - len(names)
    named: dict[str | None, Value] = dict(zip(names, args[split:], strict=True))
    state.stack.append(call(frame, fn, args[:split], named))


def _call_function_ex(frame: Following, state: State, arg: Any) -> None:
    # On 3.14 it may be NULL.
    kwargs = state.stack.pop() if arg else NULL
    args = state.stack.pop()
    first, second = state.pop(2)
    fn = second if first.kind is Kind.NULL else first
    if args.kind is Kind.SEQUENCE:
        positional: list[Value] = list(args.payload)
    else:
        positional = [Value(args.kind, args.payload, args.roots, starred=True)]
    named: dict[str | None, Value] = {}
    if kwargs.kind is Kind.MAPPING:
        named = dict(kwargs.payload)
        if len(named) < len(kwargs.payload):
            raise UnreadableError("passes several ** arguments in one call")
    elif kwargs.kind is not Kind.NULL:
        named = {None: kwargs}
    state.stack.append(call(frame, fn, positional, named))


_STEPS: Final[dict[str, _Step]] = {
    **dict.fromkeys(
        (
            *("NOP", "RESUME", "PRECALL", "MAKE_CELL", "COPY_FREE_VARS", "EXTENDED_ARG", "CACHE"),
            *("LIST_TO_TUPLE", "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"),
            *("NOT_TAKEN", "KW_NAMES"),
        ),
        _nothing,
    ),
    **dict.fromkeys(
        ("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW", "LOAD_DEREF"), _load_variable
    ),
    **dict.fromkeys(("STORE_FAST", "STORE_DEREF"), _store_variable),
    **dict.fromkeys(("DELETE_FAST", "DELETE_DEREF"), _delete_variable),
    "LOAD_FAST_AND_CLEAR": _load_and_clear,
    **dict.fromkeys(("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"), _load_two),
    "STORE_FAST_STORE_FAST": _store_two,
    "STORE_FAST_LOAD_FAST": _store_and_load,
    "LOAD_CLOSURE": _load_closure,
    **dict.fromkeys(("LOAD_CONST", "LOAD_SMALL_INT", "LOAD_CONST_IMMORTAL"), _load_const),
    "LOAD_COMMON_CONSTANT": _load_common_constant,
    "PUSH_NULL": _push_null,
    "LOAD_GLOBAL": _load_global,
    "LOAD_ATTR": _load_attr,
    "LOAD_METHOD": _load_method,
    "LOAD_SUPER_ATTR": _load_super_attr,
    "STORE_ATTR": _store_attr,
    "DELETE_ATTR": _delete_attr,
    "COPY": _copy,
    "SWAP": _swap,
    "RETURN_VALUE": _return_value,
    "RETURN_CONST": _return_const,
    **dict.fromkeys(("BUILD_TUPLE", "BUILD_LIST"), _build_sequence),
    "LIST_EXTEND": _list_extend,
    **dict.fromkeys(("LIST_APPEND", "SET_ADD", "SET_UPDATE", "DICT_UPDATE"), _add_one),
    "MAP_ADD": _add_pair,
    "BUILD_MAP": _build_map,
    "BUILD_CONST_KEY_MAP": _build_const_key_map,
    "DICT_MERGE": _dict_merge,
    "BINARY_OP": _binary_op,
    "CALL_INTRINSIC_1": _intrinsic,
    "CALL": _call,
    "CALL_KW": _call_kw,
    "CALL_FUNCTION_EX": _call_function_ex,
}
