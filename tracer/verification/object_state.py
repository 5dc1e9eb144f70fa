"""The state by which two objects of a type are compared when their ``==`` is not the answer."""

from __future__ import annotations

import inspect
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Iterator
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    ModuleType,
)
from typing import Any, Final

from ...configs.for_tracer import class_namespace
from ..engine.opcodes.cells import content
from ..engine.values import NULL, type_of

_OF_CONTENT: Final[tuple[Any, ...]] = (
    *(object, dict, list, tuple, set, frozenset, deque, OrderedDict),
)
_EQ_OF_CONTENT: Final[frozenset[object]] = frozenset(kind.__eq__ for kind in _OF_CONTENT)
#: The file names of the code that dataclasses and attrs generate.
_GENERATED: Final = ("<string>", "<attrs generated")


def eq_is_structural(kind: type) -> bool:
    """Tell whether ``==`` of a type compares identity, or structure as we would.

    That is so for containers and where dataclasses or attrs wrote ``__eq__``. A structural
    comparison then says more: where the difference is, and whether objects are shared.

    Example:
        >>> eq_is_structural(list), eq_is_structural(str)
        (True, False)
    """
    eq: object = kind.__eq__
    if eq in _EQ_OF_CONTENT or kind is MappingProxyType:
        return True
    return isinstance(eq, FunctionType) and eq.__code__.co_filename.startswith(_GENERATED)


_SINGLETONS: Final = frozenset(
    {type(None), type(...), type(NotImplemented), bool, BuiltinFunctionType, ModuleType}
)


def identity_matters(kind: type) -> bool:
    """Tell whether it matters that two places hold one object of a type, not two equal ones.

    It does where objects are compared by identity, or can be changed.

    Example:
        >>> identity_matters(list), identity_matters(str)
        (True, False)
    """
    if kind in _SINGLETONS or issubclass(kind, type):
        return False
    eq: object = kind.__eq__
    hashes: object = kind.__hash__
    return eq is object.__eq__ or hashes is None


def is_iterator(value: object) -> bool:
    """Tell whether looking into a value would use it up.

    Example:
        >>> is_iterator(iter([])), is_iterator([])
        (True, False)
    """
    return issubclass(type_of(value), Iterator | AsyncIterator | Awaitable)


def is_made_anew(left: type, right: type) -> bool:
    """Tell whether two classes are those that one class statement in a function made in two runs.

    Example:
        >>> def make():
        ...     class Local: ...
        ...     return Local
        >>> is_made_anew(make(), make()), is_made_anew(int, str)
        (True, False)
    """
    return (
        left.__qualname__ == right.__qualname__
        and left.__module__ == right.__module__
        and "<locals>" in left.__qualname__
    )


def closure_contents(cell: CellType) -> list[object]:
    """Return the content of a cell, in a list that is empty if the cell is."""
    value = content(cell)
    return [] if value is NULL else [value]


def compared_state(obj: object) -> dict[str, object]:
    """Return the attributes that make up an object: instance dict, slots, C members.

    Of a dataclass or an attrs class only those that its ``==`` looks at; of a class, its namespace
    without what CPython adds.

    Example:
        >>> import attrs
        >>> @attrs.define
        ... class Point:
        ...     x: int
        ...     note: str = attrs.field(default="", eq=False)
        >>> compared_state(Point(1, "ignored"))
        {'x': 1}
    """
    kind = type_of(obj)
    if issubclass(kind, type):
        cls: Any = obj
        return {
            name: value
            for name, value in class_namespace(cls).items()
            if type_of(value) not in (GetSetDescriptorType, MemberDescriptorType)
            and not name.startswith("_abc_")
        }
    state = dict(_members(obj, kind))
    instance: object = inspect.getattr_static(obj, "__dict__", None)
    if isinstance(instance, dict | GetSetDescriptorType):
        state.update(object.__getattribute__(obj, "__dict__"))
    compared = _compared_fields(kind) if eq_is_structural(kind) else None
    return {name: state[name] for name in state if compared is None or name in compared}


def _members(obj: object, kind: type) -> Iterator[tuple[str, object]]:
    for owner in kind.__mro__:
        for name, descriptor in vars(owner).items():
            if type(descriptor) is MemberDescriptorType:
                try:
                    yield name, descriptor.__get__(obj)
                except AttributeError:  # an empty slot
                    continue


def _compared_fields(kind: type) -> set[str] | None:
    if kind.__eq__ is object.__eq__:
        return None
    fields: Any = getattr(kind, "__attrs_attrs__", None)
    if fields is not None:
        return {field.name for field in fields if field.eq}
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None:
        return {name for name, field in fields.items() if field.compare}
    return None


def reduced(obj: object, has_state: bool) -> list[object] | None:
    """Return the parts that pickle an object whose attributes do not tell all of it, or None.

    If `compared_state` found attributes, only one that says itself how to pickle it is asked.
    """
    kind = type_of(obj)
    own = kind.__reduce__ is not object.__reduce__ or kind.__reduce_ex__ is not object.__reduce_ex__
    if has_state and not own:
        return None
    try:
        parts = obj.__reduce_ex__(2)
    except Exception:  # it cannot be pickled, or the user's code fails
        return None
    if type_of(parts) is not tuple:
        return [parts]
    return [list(part) if is_iterator(part) else part for part in parts]
