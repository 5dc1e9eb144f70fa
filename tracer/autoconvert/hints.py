"""Annotations that ask for an instance where a class is given: ``encoder: Encoder``."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from types import FunctionType
from typing import Any, Final, get_args, get_origin

from ...configs import Place
from ...configs.for_tracer import (
    ANY,
    HintMatcher,
    fits_type,
    hint_class,
    hints_of,
    is_open_protocol,
    options_of,
    plain_hint,
)
from ..engine.values import type_of

_PLAIN: Final = (object, type)


def asks_for_instance(hint: object, value: object) -> bool:
    """Tell whether a hint asks for the product of a class or function, and not for itself.

    Example:
        >>> class Encoder: ...
        >>> asks_for_instance(Encoder | None, Encoder), asks_for_instance(type[Encoder], Encoder)
        (True, False)
    """
    if hint is None or HintMatcher().fits(Place(value), hint):
        return False
    made = value if isinstance(value, type) else _result_of(value)
    return made is not None and any(_is_made(option, made) for option in options_of(hint))


def _result_of(value: object) -> type | None:
    if not isinstance(value, FunctionType):
        return None
    found = plain_hint(hints_of(value).result)
    return found if isinstance(found, type) and found not in _PLAIN else None


def _is_made(option: object, made: type) -> bool:
    cls = hint_class(option)
    if cls is None or cls in _PLAIN or is_open_protocol(cls):
        return False
    return fits_type(made, option)


def hint_inside(hint: object, value: object, key: Any) -> object:
    """Return the hint for the value at a key of a container, or None if nothing says it.

    Example:
        >>> hint_inside(dict[str, list[int]] | None, {"a": [1]}, "a")
        list[int]
    """
    for option in options_of(hint):
        if typing.is_typeddict(option):
            if isinstance(value, dict):
                return _fields(option).get(key)
        elif option is not ANY and _is_instance(value, hint_class(option)):
            return _inside(option, value, key)
    return None


def _inside(option: object, value: object, key: Any) -> object:
    fields = getattr(value, "_fields", None)
    if isinstance(value, tuple) and fields is not None:
        return _fields(type_of(value)).get(key)
    args = get_args(option)
    if not args:
        return None
    if isinstance(value, Mapping):
        return args[-1] if len(args) == 2 else None
    if isinstance(value, tuple) and get_origin(option) is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return args[0]
        return args[key] if isinstance(key, int) and key < len(args) else None
    return args[0]


def _fields(cls: object) -> dict[str, object]:
    try:
        return typing.get_type_hints(cls)
    except Exception:  # They are a user's expressions.
        return {}


def _is_instance(value: object, cls: type | None) -> bool:
    try:
        return cls is not None and isinstance(value, cls)
    except TypeError:  # a protocol that is not for this
        return False
