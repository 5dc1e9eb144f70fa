"""Results and side effects of calls and attribute accesses, for `reader`."""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType, WrapperDescriptorType
from typing import Final

from ..engine.interceptor import HEAP_TYPE
from .abstract import (
    NOTHING_KNOWN,
    SELF,
    UnreadableError,
    Value,
    ValueKind,
    attribute_of,
    constant,
    unknown,
)
from .construction import Activation

#: Builtins that change nothing they are given.
_HARMLESS: Final = frozenset(
    id(getattr(builtins, name))
    for name in (
        *("abs", "all", "any", "bool", "bytes", "callable", "complex", "dict", "divmod"),
        *("enumerate", "filter", "float", "format", "frozenset", "hasattr", "hash", "id", "int"),
        *("isinstance", "issubclass", "len", "list", "max", "min", "pow", "print", "range"),
        *("repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type"),
        "zip",
    )
)


def load_from(frame: Activation, owner: Value, name: str) -> Value:
    """Return an attribute of a value."""
    if owner.kind is ValueKind.SELF:
        return frame.construction.load(name)
    if owner.kind is ValueKind.SUPER:
        return frame.construction.load_super(owner.payload, name)
    if owner.kind is ValueKind.OBJECT and isinstance(owner.payload, type | ModuleType):
        found = inspect.getattr_static(owner.payload, name, None)
        if isinstance(found, staticmethod):
            found = found.__func__
        kinds = FunctionType | BuiltinFunctionType | WrapperDescriptorType | type | ModuleType
        return Value(ValueKind.OBJECT, found) if isinstance(found, kinds) else NOTHING_KNOWN
    return attribute_of(owner, name)


def follow_call(
    frame: Activation, fn: Value, args: Sequence[Value], kwargs: Mapping[str | None, Value]
) -> Value:
    """Follow a call, or note the objects that it may change."""
    construction = frame.construction
    every = (*args, *kwargs.values())
    target = fn.payload
    if fn.kind is ValueKind.METHOD:
        if isinstance(target, FunctionType):
            return construction.call(target, [SELF, *args], kwargs)
        if target is object.__setattr__:
            return _set(frame, [SELF, *args]) or NOTHING_KNOWN
        return NOTHING_KNOWN  # `object.__init__`
    if fn.kind is ValueKind.OBJECT:
        special = _SPECIAL.get(id(target))
        if special is not None:
            found = special(frame, args)
            if found is not None:
                return found
        if not every and id(target) in _EMPTY:
            return Value(_EMPTY[id(target)], ())
        if id(target) in _HARMLESS or _is_exception(target):
            return unknown(every)
        if isinstance(target, FunctionType) and any(each.kind is ValueKind.SELF for each in every):
            return construction.call(target, args, kwargs)
    # A method is called: what it belongs to may change, too.
    owners = [Value(ValueKind.UNKNOWN, None, frozenset(root[:-1] or root for root in fn.roots))]
    construction.touch([fn, *owners, *every], _describe(fn))
    return unknown((fn, *every))


def _is_exception(target: object) -> bool:
    """Tell whether a callable is an exception class that only keeps its arguments."""
    return (
        isinstance(target, type)
        and BaseException in target.__mro__
        and not target.__flags__ & HEAP_TYPE
    )


def _describe(fn: Value) -> str:
    name = getattr(fn.payload, "__qualname__", None) if fn.kind is ValueKind.OBJECT else None
    return f"{name}()" if isinstance(name, str) else "a function that cannot be followed"


def _set(frame: Activation, args: Sequence[Value]) -> Value | None:
    if (
        len(args) != 3
        or args[0].kind is not ValueKind.SELF
        or args[1].kind is not ValueKind.CONSTANT
    ):
        return None
    frame.construction.store(args[1].payload, args[2])
    return constant(None)


def _get(frame: Activation, args: Sequence[Value]) -> Value | None:
    if len(args) < 2 or args[1].kind is not ValueKind.CONSTANT:
        return None
    found = load_from(frame, args[0], args[1].payload)
    return found if len(args) == 2 else unknown((found, *args[2:]))


def _super(frame: Activation, args: Sequence[Value]) -> Value | None:
    cls = args[0] if args else frame.class_cell
    if (
        cls is None
        or cls.kind is not ValueKind.OBJECT
        or any(a.kind is not ValueKind.SELF for a in args[1:])
    ):
        raise UnreadableError("uses super() of something else")
    return Value(ValueKind.SUPER, cls.payload, SELF.roots)


def _type(frame: Activation, args: Sequence[Value]) -> Value | None:
    is_self = len(args) == 1 and args[0].kind is ValueKind.SELF
    return Value(ValueKind.OBJECT, frame.construction.cls) if is_self else None


_SPECIAL: Final[dict[int, Callable[[Activation, Sequence[Value]], Value | None]]] = {
    id(setattr): _set,
    id(object.__setattr__): _set,
    id(getattr): _get,
    id(super): _super,
    id(type): _type,
    id(object.__init__): lambda frame, args: NOTHING_KNOWN,
}

_EMPTY: Final[dict[int, ValueKind]] = {
    id(list): ValueKind.SEQUENCE,
    id(set): ValueKind.SEQUENCE,
    id(tuple): ValueKind.SEQUENCE,
    id(dict): ValueKind.MAPPING,
}
