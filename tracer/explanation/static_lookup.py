"""Attribute look-up that runs no user code: no property, ``__getattr__`` or other descriptor."""

from __future__ import annotations

import inspect
from types import (
    ClassMethodDescriptorType,
    FunctionType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Final

from ...configs.for_tracer import class_namespace
from ..auto_config import AutoConfig
from ..engine.values import Null, Value, type_of

#: An attribute that does not exist, or that only running code can tell.
MISSING: Final = Null()

#: Descriptors written in C whose ``__get__`` is harmless.
_NATIVE: Final = frozenset(
    {
        ClassMethodDescriptorType,
        MemberDescriptorType,
        MethodDescriptorType,
        WrapperDescriptorType,
    }
)
#: What an `AutoConfig` may wrap for its ``__get__`` to be harmless.
_BINDABLE: Final = frozenset({FunctionType, MethodType, classmethod, staticmethod})
#: The types whose attribute look-up runs no code but that of descriptors.
_PLAIN: Final[tuple[type, ...]] = (
    *(object, BaseException, ModuleType, SimpleNamespace),
    *(bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple),
)
_PLAIN_LOOKUPS: Final[tuple[object, ...]] = tuple(
    vars(kind)["__getattribute__"] for kind in _PLAIN if "__getattribute__" in vars(kind)
)
_OURS: Final[type] = AutoConfig
_MRO: Final[Value] = type.__dict__["__mro__"]  # which a metaclass is not asked for


def attribute_if_static(obj: object, name: str) -> Value:
    """Return the value of ``obj.name``, or `MISSING` when no one can tell without running code.

    Example:
        >>> import math
        >>> attribute_if_static(math, "sqrt")
        <built-in function sqrt>
        >>> class Model:
        ...     @property
        ...     def size(self): print("this is never run")
        >>> attribute_if_static(Model(), "size") is MISSING
        True
    """
    kind = type_of(obj)
    if issubclass(kind, type):
        return _of_class(obj, kind, name)
    if not any(_in_class(kind, "__getattribute__") is known for known in _PLAIN_LOOKUPS):
        return MISSING
    found = inspect.getattr_static(obj, name, MISSING)
    if found is not _in_class(kind, name):
        return found  # the object's own
    return _bound(found, obj, kind)


def _in_class(kind: type, name: str) -> Value:
    """Return the entry of a class or its bases for a name, unbound."""
    for owner in _MRO.__get__(kind):
        namespace = class_namespace(owner)
        if name in namespace:
            return namespace[name]
    return MISSING


def _of_class(cls: Value, metaclass: type, name: str) -> object:
    if _in_class(metaclass, "__getattribute__") is not type.__getattribute__:
        return MISSING
    inherited = _in_class(metaclass, name)
    is_data = _in_class(type_of(inherited), "__set__") is not MISSING
    found = _in_class(cls, name)
    if found is MISSING or is_data:
        return MISSING if is_data else _bound(inherited, cls, metaclass)
    return _bound(found, None, cls)


def _bound(found: Value, obj: Value, owner: type) -> Value:
    """Bind a class's entry as an attribute access does; of a class itself, ``obj`` is None."""
    kind = type_of(found)
    if kind is staticmethod:
        return found.__func__
    if kind is classmethod:
        function = found.__func__
        return MethodType(function, owner) if type_of(function) is FunctionType else MISSING
    if kind is FunctionType:
        return found if obj is None else MethodType(found, obj)
    if kind in _NATIVE or (kind is _OURS and _is_bindable(found)):
        try:
            return found.__get__(obj, owner)
        except AttributeError:  # an empty slot
            return MISSING
    return found if _in_class(kind, "__get__") is MISSING else MISSING


def _is_bindable(found: Value) -> bool:
    kind = type_of(found.func)
    return kind in _BINDABLE or _in_class(kind, "__get__") is MISSING
