"""The last way to get an object's arguments: its class's constructor, read from bytecode."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from types import CodeType, FunctionType, MethodDescriptorType
from typing import Any, Final, cast

import attrs

from ...configs import NO_VALUE, Signature, WeakIdentityCache, signature_of
from ...configs.for_tracer import Arguments
from ..code.flags import argument_count
from ..engine.functions import own_code
from ..engine.values import type_of
from .abstract import LITERALS, SELF, Root, UnreadableError, ValueKind, parameter
from .own_attributes import ABSENT, attribute, instance_dict, unrecorded
from .plain_values import is_immutable
from .reader import Reader
from .routes import RefusedError, differs
from .steps import ITEM

#: An empty container.
EMPTY: Final = object()


@attrs.frozen(eq=False)
class Constructor:
    """The effects of a constructor, as far as reading tells; it does not refer to its class.

    Attributes:
        holders: For each parameter, the attributes that hold its argument.
        extras: Defaults of the parameters that only its ``**kwargs`` take.
        ignored: Parameters that it never looks at, or passes on whole.
        constants: Attributes that it sets to the same at every call.
        written: All attributes that it may set.
        touched: Roots of arguments that it may have changed.
    """

    holders: Mapping[str, tuple[str, ...]]
    extras: Mapping[str, object]
    ignored: frozenset[str]
    constants: Mapping[str, object]
    written: frozenset[str]
    touched: frozenset[Root]


#: What was read of a class, or why it was not, with the code that was read.
_read: Final[WeakIdentityCache[type, tuple[CodeType | None, Constructor | str]]] = (
    WeakIdentityCache()
)


def arguments_by_bytecode(obj: object) -> Arguments:
    """Return arguments with which the class of an object makes an equal one.

    Raises:
        RefusedError: If that cannot be told from the constructor.

    Example:
        >>> class Dense:
        ...     def __init__(self, units, rate=0.5):
        ...         if units < 0:
        ...             raise ValueError(units)
        ...         self._units = units
        ...         self.rate = rate
        >>> arguments_by_bytecode(Dense(8, rate=0.1))
        {'units': 8, 'rate': 0.1}
    """
    cls = type_of(obj)
    constructor = _constructor_of(cls)
    signature = signature_of(cls)
    _check_state(obj, constructor)
    found: dict[str, object] = {}
    missing: list[str] = []
    every = [*signature.positional, *signature.keyword_only, *constructor.extras]
    every += [name for name in (signature.varargs, signature.varkw) if name is not None]
    every = [name for name in every if name not in signature.unlisted]
    for name in every:
        holders = constructor.holders.get(name, ())
        values = [attribute(obj, holder) for holder in holders]
        if not values:
            if name not in constructor.ignored:
                missing.append(name)
            continue
        if any(value is ABSENT or differs(value, values[0]) for value in values):
            raise RefusedError(
                f"{name} was kept as {' and '.join(holders)}, which are not the same any more",
                (name,),
            )
        _check_untouched(name, values[0], constructor.touched)
        found[name] = values[0]
    if missing:
        raise RefusedError("its constructor does not keep all parameters unchanged", tuple(missing))
    return _stored(signature, found)


def _stored(signature: Signature, found: dict[str, object]) -> Arguments:
    rest: object = found.pop(signature.varargs, ()) if signature.varargs else ()
    more: object = found.pop(signature.varkw, {}) if signature.varkw else {}
    if type_of(rest) is not tuple or type_of(more) is not dict:
        raise RefusedError("its constructor keeps variadic arguments in another form")
    positional = zip(signature.keys, signature.positional, strict=True)
    stored: Arguments = {key: found.pop(name) for key, name in positional if name in found}
    stored.update(enumerate(cast("tuple[object, ...]", rest), len(signature.keys)))
    return {**stored, **found, **cast("dict[str, object]", more)}


def _check_untouched(name: str, value: object, touched: frozenset[Root]) -> None:
    for root in touched:
        if root[0] == name and not _is_unchangeable(value, root[1:]):
            raise RefusedError(f"its constructor passes {name} to code that may change it", (name,))


def _is_unchangeable(value: Any, steps: Root) -> bool:
    """Return whether the object at some steps from a value cannot be changed in place."""
    if is_immutable(value):
        return True
    if not steps:
        return False
    if steps[0] == ITEM:
        if type_of(value) not in (list, tuple, set, frozenset, dict):
            return False
        items = (*value, *value.values()) if type_of(value) is dict else value
        return all(_is_unchangeable(item, steps[1:]) for item in items)
    found = attribute(value, steps[0])
    return found is not ABSENT and _is_unchangeable(found, steps[1:])


def _check_state(obj: object, constructor: Constructor) -> None:
    """Refuse an object that something else than its constructor has given a state."""
    for name, constant in constructor.constants.items():
        value = attribute(obj, name)
        same = constant is not EMPTY and not differs(value, constant)
        if constant is EMPTY:
            same = isinstance(value, list | tuple | set | dict) and not value
        if value is ABSENT or not same:
            raise RefusedError(f"{name} is not what its constructor sets it to any more")
    for name in instance_dict(obj):
        found = inspect.getattr_static(type_of(obj), name, None)
        if name not in constructor.written and not isinstance(found, functools.cached_property):
            raise RefusedError(f"it has an attribute that its constructor does not set: {name}")


def _constructor_of(cls: type) -> Constructor:
    init = unrecorded(cls.__init__)
    code = own_code(init) if isinstance(init, FunctionType) else None
    known = _read.get(cls)
    if known is not None and known[0] is code:
        found = known[1]
    else:
        try:
            found = _read_constructor(cls, init, code)
        except UnreadableError as error:
            found = f"its constructor {error}"
        _read.set(cls, (code, found))
    if isinstance(found, str):
        signature = signature_of(cls)
        raise RefusedError(found, (*signature.positional, *signature.keyword_only))
    return found


def _read_constructor(cls: type, init: Any, code: CodeType | None) -> Constructor:
    _check_class(cls)
    if init is object.__init__:
        return Constructor({}, {}, frozenset(), {}, frozenset(), frozenset())
    if code is None or hasattr(init, "__wrapped__"):
        raise UnreadableError("is not a plain function")
    signature = signature_of(cls)
    variadic = {"*": signature.varargs, "**": signature.varkw}
    names = code.co_varnames[: argument_count(code)]
    if {*signature.positional, *signature.keyword_only} - set(names):
        raise UnreadableError("has other parameters than its class")
    reader = Reader(cls, {kind: name for kind, name in variadic.items() if name is not None})
    variables = {name: parameter(name) for name in names[1:]}
    attributes = reader.read(init, {names[0]: SELF, **variables})
    holders: dict[str, list[str]] = {}
    constants: dict[str, object] = {}
    for name, value in attributes.items():
        if value.kind is ValueKind.PARAMETER:
            holders.setdefault(value.payload, []).append(name)
        elif value.kind is ValueKind.CONSTANT:
            constants[name] = value.payload
        elif value.kind in LITERALS and not value.payload and id(value) not in reader.shared:
            constants[name] = EMPTY
    optional = set(names) - {signature.parameter_name(key) for key in signature.required}
    extras = {
        name: value.payload if value.kind is ValueKind.CONSTANT else NO_VALUE
        for name, value in reader.extras.items()
    }
    return Constructor(
        {name: tuple(found) for name, found in holders.items()},
        extras,
        frozenset(optional - reader.used) | frozenset(reader.forwarded),
        constants,
        frozenset(reader.written),
        frozenset(reader.touched),
    )


def _check_class(cls: type) -> None:
    if cls.__new__ is not object.__new__:
        raise UnreadableError("is not all that makes its objects: there is a __new__")
    bases: tuple[type, ...] = cls.__mro__[:-1]
    members = (member for base in bases for member in vars(base).values())
    if any(isinstance(member, MethodDescriptorType) for member in members):
        raise UnreadableError("is written in C, at least in part")
    if type(cls).__call__ is not type.__call__:
        raise UnreadableError("is called by a metaclass of its own")
    hooks = ("__setattr__", "__getattribute__")
    if any(getattr(cls, name) is not getattr(object, name) for name in hooks):
        raise UnreadableError("sets attributes by a __setattr__ of its own")
