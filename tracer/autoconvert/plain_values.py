"""Values that stay themselves in a graph: they need no config to be made again."""

from __future__ import annotations

import datetime
import enum
import numbers
import pathlib
import types
import typing
from typing import Final, get_origin

from ..engine.values import type_of

#: Immutable through and through.
_ATOMS: Final = (
    str,
    bytes,
    bool,
    type(None),
    numbers.Number,
    enum.Enum,
    pathlib.PurePath,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.tzinfo,
    range,
    type(Ellipsis),
    type(NotImplemented),
)
#: By module and name, so that nothing is imported for it.
_NAMED_ATOMS: Final = frozenset(
    {
        ("re", "Pattern"),
        ("uuid", "UUID"),
        ("numpy", "generic"),
        ("numpy", "dtype"),
        ("torch", "dtype"),
        ("torch", "device"),
    }
)
#: Callables and types: what a graph refers to, rather than makes.
_REFERRED: Final = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.ModuleType,
    types.GenericAlias,
    types.UnionType,
    typing.TypeVar,
)
#: Numbers in bulk: they can be changed in place, but are no object with a constructor to recall.
_BULK: Final = frozenset({("numpy", "ndarray"), ("builtins", "bytearray")})


def is_atom(value: object) -> bool:
    """Tell whether a value is immutable and holds nothing else.

    Example:
        >>> is_atom("text"), is_atom(2.5), is_atom([])
        (True, True, False)
    """
    return isinstance(value, _ATOMS) or _is_named(type_of(value), _NAMED_ATOMS)


def is_referred(value: object) -> bool:
    """Tell whether a value is a class, a function or the like.

    Example:
        >>> is_referred(int), is_referred(len), is_referred(3)
        (True, True, False)
    """
    return isinstance(value, _REFERRED) or (
        get_origin(value) is not None or type_of(value).__module__ == "typing"
    )


def is_bulk(value: object) -> bool:
    """Tell whether a value is an array of numbers, which is passed on like one number."""
    return _is_named(type_of(value), _BULK)


def is_immutable(value: object) -> bool:
    """Tell whether nothing can change a value, or anything in it, in place.

    Example:
        >>> is_immutable((1, "a")), is_immutable((1, []))
        (True, False)
    """
    pending = [value]
    while pending:
        found: object = pending.pop()
        if isinstance(found, tuple | frozenset):
            pending.extend(found)  # pyright: ignore[reportUnknownArgumentType]
        elif not (is_atom(found) or is_referred(found)):
            return False
    return True


def _is_named(cls: type, names: frozenset[tuple[str, str]]) -> bool:
    return any((base.__module__, base.__name__) in names for base in cls.__mro__)
