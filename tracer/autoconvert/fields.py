"""The arguments of objects whose class declares its fields: dataclasses, attrs and the like."""

from __future__ import annotations

import copy
import dataclasses
import pathlib
import sys
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final, cast

import attrs

from ...configs import NO_VALUE, ArgumentKey, signature_of
from ...configs.for_tracer import Arguments
from ..engine.values import type_of
from .abstract import SELF, UnreadableError
from .own_attributes import ABSENT, attribute
from .reader import Reader
from .routes import RefusedError, differs

#: Converters that leave their own results as they are.
_IDEMPOTENT: Final = (
    *(bool, int, float, complex, str, bytes, tuple, list, set, frozenset, dict),
    *(pathlib.Path, pathlib.PurePath, None),
)


def dataclass_arguments(obj: object) -> Arguments | None:
    """Return the fields of a dataclass instance that its constructor takes; None if it is none.

    Example:
        >>> @dataclasses.dataclass
        ... class Point:
        ...     x: int
        ...     y: int = 0
        >>> dataclass_arguments(Point(1, 2))
        {'x': 1, 'y': 2}
    """
    cls: Any = type_of(obj)
    owner = _owner_of(cls, "__init__")
    if owner is None or "__dataclass_fields__" not in vars(owner):
        return None
    if not owner.__dataclass_params__.init:
        return None
    every: dict[str, dataclasses.Field[object]] = cls.__dataclass_fields__
    unknown = [name for name, field in every.items() if _kind(field) == "_FIELD_INITVAR"]
    if unknown:
        raise RefusedError("an InitVar is not kept", tuple(unknown))
    fields = [field for field in every.values() if _kind(field) == "_FIELD"]
    names = {field.name: field.name for field in fields if field.init}
    found = _values(obj, names)
    changed = _changed_by(cls, "__post_init__")
    for field in fields:
        default = field.default
        if field.init or default is dataclasses.MISSING:
            continue
        if changed is None or field.name in changed:
            continue
        if differs(getattr(obj, field.name, None), default):
            raise RefusedError(f"its field {field.name}, which is no argument, has changed")
    _confirm(obj, found, names, changed)
    return found


def _kind(field: Any) -> str:
    return field._field_type.name


def attrs_arguments(obj: object) -> Arguments | None:
    """Return the fields of an instance of an attrs class that its constructor takes, or None.

    Example:
        >>> @attrs.define
        ... class Point:
        ...     x: int
        ...     _y: int = 0
        >>> attrs_arguments(Point(1, y=2))
        {'x': 1, 'y': 2}
    """
    cls: Any = type_of(obj)
    owner = _owner_of(cls, "__init__")
    if owner is None or "__attrs_attrs__" not in vars(owner) or "__attrs_init__" in vars(owner):
        return None
    fields = [field for field in attrs.fields(cls) if field.init]
    names = {field.alias or field.name.lstrip("_"): field.name for field in fields}
    found = _values(obj, names)
    changed = _changed_by(cls, "__attrs_post_init__")
    # By identity: converters are users' objects.
    converted = any(all(each is not field.converter for each in _IDEMPOTENT) for field in fields)
    _confirm(obj, found, names, None if converted else changed)
    return found


def pydantic_arguments(obj: Any) -> Arguments | None:
    """Return the fields of a pydantic model that were set, or are not the default; or None."""
    pydantic: Any = sys.modules.get("pydantic")
    if pydantic is None or not isinstance(obj, pydantic.BaseModel):
        return None
    cls: Any = type_of(obj)
    if cls.__init__ is not pydantic.BaseModel.__init__:
        return None
    settings = cls.model_config
    by_name = bool(settings.get("populate_by_name") or settings.get("validate_by_name"))
    names: dict[str, str] = {}
    for name, field in cls.model_fields.items():
        alias = field.validation_alias or field.alias
        if alias is None or by_name or settings.get("validate_by_alias") is False:
            names[name] = name
            continue
        aliases = [each for each in getattr(alias, "choices", [alias]) if isinstance(each, str)]
        if not aliases:
            raise RefusedError(f"its field {name} has an alias that is no name", (name,))
        names[aliases[0]] = name
    given = obj.model_fields_set
    found: Arguments = {
        key: getattr(obj, name)
        for key, name in names.items()
        if name in given or differs(getattr(obj, name), cls.model_fields[name].default)
    }
    names.update({name: name for name in obj.model_extra or ()})
    found.update(obj.model_extra or {})
    _confirm(obj, found, names, None)  # validators are not said to leave what is valid as it is
    return found


def msgspec_arguments(obj: object) -> Arguments | None:
    """Return the fields of a msgspec struct, or None."""
    msgspec: object = sys.modules.get("msgspec")
    if msgspec is None or not isinstance(obj, msgspec.Struct):
        return None
    names = {name: name for name in type_of(obj).__struct_fields__}
    found = _values(obj, names)
    _confirm(obj, found, names, _changed_by(type_of(obj), "__post_init__"))
    return found


def parameters_of_estimator(obj: Any) -> Arguments | None:
    """Return the ``get_params`` of a scikit-learn estimator, or the like; or None."""
    cls: Any = type_of(obj)
    if not (callable(getattr(cls, "get_params", None)) and hasattr(cls, "set_params")):
        return None
    try:
        found: object = obj.get_params(deep=False)
    except Exception as error:  # it is a user's method
        raise RefusedError(f"its get_params() failed: {error}") from error
    signature = signature_of(cls)
    if type_of(found) is not dict:
        raise RefusedError(f"its get_params() returned a {type_of(found).__name__}")
    parameters: Arguments = {**cast("dict[ArgumentKey, object]", found)}
    unknown = [str(name) for name in parameters if not signature.accepts(str(name))]
    if unknown:
        raise RefusedError("its get_params() gives what its class does not take", tuple(unknown))
    missing = signature.missing(parameters)
    if missing:
        raise RefusedError(
            "its get_params() does not give all parameters", tuple(map(str, missing))
        )
    return parameters


FIELDS: Final[tuple[tuple[str, Callable[[Any], Arguments | None]], ...]] = (
    ("dataclass", dataclass_arguments),
    ("attrs", attrs_arguments),
    ("pydantic", pydantic_arguments),
    ("msgspec", msgspec_arguments),
    ("get_params", parameters_of_estimator),
)


def _owner_of(cls: type, name: str) -> Any:
    return next((base for base in cls.__mro__ if name in vars(base)), None)


def _values(obj: object, names: Mapping[str, str]) -> Arguments:
    """Return the values of attributes, by the keys that their names stand for."""
    found: Arguments = {}
    for key, name in names.items():
        try:
            found[key] = getattr(obj, name)
        except AttributeError:
            raise RefusedError(f"its attribute {name} is gone", (key,)) from None
    return found


def _changed_by(cls: type, name: str) -> frozenset[str] | None:
    """Return the attributes that a method may set after the fields are; None if any."""
    method = getattr(cls, name, None)
    if method is None:
        return frozenset()
    if not isinstance(method, FunctionType) or method.__code__.co_argcount != 1:
        return None
    reader = Reader(cls, {})
    try:
        reader.run(method, {method.__code__.co_varnames[0]: SELF})
    except UnreadableError:
        return None
    return frozenset(reader.written)


def _confirm(
    obj: Any, arguments: Arguments, names: Mapping[str, str], changed: frozenset[str] | None
) -> None:
    """Make an object of the arguments, and refuse if its fields differ from the first one's.

    For classes that change some arguments, or any if it is None: twice may not be the same as once.
    """
    if not names or (changed is not None and changed.isdisjoint(names.values())):
        return
    given = {
        # Containers are copied, in case they are changed in place.
        str(key): copy.copy(value) if type(value) in (list, dict, set) else value
        for key, value in arguments.items()
    }
    try:
        made = type_of(obj)(**given)
    except Exception as error:  # it is a user's class
        raise RefusedError(f"it cannot be made of its fields: {error}") from error
    for key in given:
        name = names[key]
        new = attribute(made, name)
        new = getattr(made, name, NO_VALUE) if new is ABSENT else new
        if differs(new, getattr(obj, name)):
            raise RefusedError(f"its class changes {key} whenever it is made", (key,))
