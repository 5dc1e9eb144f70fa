"""Values without parts: how each type is written, and read back.

A leaf is JSON's own null, true, false, string, and number, or an object with one key, which says
what it is: ``{"bytes": "AAE="}``.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import enum
import functools
import math
import pathlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from ..core import leaf_types
from ..core.errors import DocumentError, UnwritableError, excerpt
from ..core.leaf_types import CONSTANTS, form_of
from ..core.type_forms import FORMS, UNION, form_name
from ..editing.tags import _value as tagged_value  # pyright: ignore[reportPrivateUsage]
from ..permission import Allowed
from ..symbols import class_namespace, symbol_of
from .document_parts import of_type

#: Larger integers are not exact where JSON's numbers are doubles.
LARGEST: Final = 2**53

#: Values that there is one of, and that are told by identity.
_CONSTANTS: Final[Mapping[str, object]] = {**CONSTANTS, "TaggedValue": tagged_value}

_PATHS: Final[Mapping[str, type[pathlib.PurePath]]] = {
    "Path": pathlib.Path,
    "PurePosixPath": pathlib.PurePosixPath,
    "PureWindowsPath": pathlib.PureWindowsPath,
}
_DAY: Final = 86_400
#: The name of a time zone.
ZONE: Final = re.compile(r"\w[\w+-]*(/\w[\w+-]*)*", re.ASCII)
_FLAG_BITS: Final = 1024

T = TypeVar("T")
_Clock = TypeVar("_Clock", datetime.datetime, datetime.time)


def name_of_constant(value: object) -> str | None:
    """Return the name of a value that there is one of; None for all others."""
    return "TaggedValue" if value is tagged_value else leaf_types.constant_name(value)


def encode_int(value: int) -> object:
    """Return an integer as a number, or as text if it is large; in hex, which takes linear time."""
    return value if -LARGEST <= value <= LARGEST else {"int": hex(value)}


def encode_float(value: float) -> object:
    """Return a float as a number, whose repr is exact, or as text if JSON has no such number."""
    return value if math.isfinite(value) else {"float": str(value)}


def _made_from(value: object) -> tuple[Any, ...]:
    form = form_of(value)
    assert form is not None  # a class of the table
    return form.args


def _encode_bytes(value: bytes | bytearray) -> str:
    return base64.b64encode(value).decode()


def _encode_path(value: pathlib.PurePath) -> object:
    kind = "Path" if isinstance(value, pathlib.Path) else type(value).__name__
    return {"path": [kind, str(value)]}


def _encode_clock(value: datetime.datetime | datetime.time) -> object:
    zone = _encode_zone(value.tzinfo)
    return {type(value).__name__: [value.replace(tzinfo=None).isoformat(), value.fold, zone]}


def _encode_zone(zone: datetime.tzinfo | None) -> object:
    if zone is None or zone is datetime.UTC:
        return None if zone is None else "UTC"
    if type(zone) is datetime.timezone:
        # Its arguments, of which the second is only there if it was given a name.
        parts, *name = _made_from(zone)
        return {"timezone": [parts.days * _DAY + parts.seconds, parts.microseconds, *name]}
    cls = type(zone)
    key = getattr(zone, "key", None)
    if (cls.__module__, cls.__qualname__) == ("zoneinfo", "ZoneInfo") and isinstance(key, str):
        return {"zone": key}
    raise UnwritableError(
        f"the time zone {zone!r} is neither a fixed offset nor a ZoneInfo with a key"
    )


ENCODERS: Final[dict[type, Callable[[Any], object]]] = {
    int: encode_int,
    float: encode_float,
    bytes: lambda value: {"bytes": _encode_bytes(value)},
    bytearray: lambda value: {"bytearray": _encode_bytes(value)},
    complex: lambda value: {"complex": [*map(encode_float, _made_from(value))]},
    range: lambda value: {"range": [*map(encode_int, _made_from(value))]},
    datetime.date: lambda value: {"date": value.isoformat()},
    datetime.datetime: _encode_clock,
    datetime.time: _encode_clock,
    datetime.timedelta: lambda value: {
        "timedelta": [value.days, value.seconds, value.microseconds]
    },
    datetime.timezone: lambda value: {"tzinfo": _encode_zone(value)},
    pathlib.PosixPath: _encode_path,
    pathlib.WindowsPath: _encode_path,
    pathlib.PurePosixPath: _encode_path,
    pathlib.PureWindowsPath: _encode_path,
}
"""How values of exactly these types are written; None, booleans and strings are written as is."""


def encode_enum(member: enum.Enum) -> object:
    """Return a member of an enum that can be imported, or a combination of members of a flag."""
    cls = type(member)
    symbol = symbol_of(cls)
    name: Any = member.name  # a combination of flags may have none
    if name is not None and class_namespace(cls)["_member_map_"].get(name) is member:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        return {"enum": [symbol, name]}
    if isinstance(member, enum.Flag) and type(member.value) is int:
        return {"flag": [symbol, encode_int(member.value)]}
    raise UnwritableError(f"{member!r} is not a member of {symbol}")


def _parts(value: object, *lengths: int) -> list[object]:
    found = of_type(value, list)
    if len(found) not in lengths:
        counts = " or ".join(map(str, lengths))
        raise DocumentError(f"expected {counts} items, found {len(found)}")
    return found


def _only(key: str, value: object) -> object:
    fields = cast("dict[object, object]", value)
    if not isinstance(value, dict) or fields.keys() != {key}:
        raise DocumentError(f"expected a number or {key!r}, found {excerpt(fields)}")
    return fields[key]


def decode_int(value: object) -> int:
    """Return an integer that is written as a number or as text."""
    if not isinstance(value, int):
        return _decode_hex(_only("int", value), None)
    if not -LARGEST <= of_type(value, int) <= LARGEST:
        raise DocumentError("a large integer is written as {'int': '0x...'}")
    return value


def decode_float(value: object) -> float:
    """Return a float that is written as a number or as text."""
    if not isinstance(value, float):
        return _decode_special(_only("float", value), None)
    return check_float(of_type(value, float))


def check_float(value: float) -> float:
    """Return a number that a document has as such, which JSON only lets be a finite one."""
    if not math.isfinite(value):
        raise DocumentError(
            "a float that is no number is written as {'float': 'nan'}, 'inf' or '-inf'"
        )
    return value


def _decode_hex(payload: object, _: Allowed | None) -> int:
    text: str = of_type(payload, str)
    digits = text.removeprefix("-")
    # `int` is more liberal: it takes underscores, spaces and digits of all scripts.
    if not (digits.startswith("0x") and digits.isascii() and digits[2:].isalnum()):
        raise DocumentError(f"expected an integer such as '-0x1f', found {excerpt(text)}")
    return int(text, 16)


def _decode_special(payload: object, _: Allowed | None) -> float:
    if of_type(payload, str) not in ("nan", "inf", "-inf"):
        raise DocumentError(f"expected 'nan', 'inf' or '-inf', found {excerpt(payload)}")
    return float(cast("str", payload))


def _decode_bytes(payload: object, _: Allowed) -> bytes:
    try:
        return base64.b64decode(of_type(payload, str), validate=True)
    except binascii.Error as error:
        raise DocumentError(f"not base64: {error}") from None


def _decode_path(payload: object, _: Allowed) -> pathlib.PurePath:
    kind, text = _parts(payload, 2)
    return _one_of(_PATHS, kind)(of_type(text, str))


def _decode_clock(cls: type[_Clock], payload: object, allowed: Allowed) -> _Clock:
    text, fold, zone = _parts(payload, 3)
    naive = cls.fromisoformat(of_type(text, str))
    return naive.replace(fold=of_type(fold, int), tzinfo=_decode_zone(zone, allowed))


def _decode_zone(zone: object, allowed: Allowed) -> datetime.tzinfo | None:
    if zone is None:
        return None
    if zone == "UTC":
        return datetime.UTC
    if len(of_type(zone, dict)) == 1:
        ((kind, payload),) = cast("dict[str, object]", zone).items()
        if kind == "timezone":
            seconds, microseconds, *name = _parts(payload, 2, 3)
            offset = datetime.timedelta(0, of_type(seconds, int), of_type(microseconds, int))
            return datetime.timezone(offset, *(of_type(part, str) for part in name))
        if kind == "zone":
            # A module like any other: it reads files, and may import a package of zones.
            allowed.require("zoneinfo")
            if not ZONE.fullmatch(of_type(payload, str)):
                raise DocumentError(f"{excerpt(payload)} is not the name of a time zone")
            return allowed.load("zoneinfo").ZoneInfo(payload)
    raise DocumentError(f"expected null, 'UTC', a timezone or a zone, found {excerpt(zone)}")


def _decode_tzinfo(payload: object, allowed: Allowed) -> datetime.tzinfo:
    zone = _decode_zone(payload, allowed)
    if zone is None:
        raise DocumentError("expected a time zone, found null")
    return zone


def _one_of(known: Mapping[str, T], name: object) -> T:
    if of_type(name, str) not in known:
        raise DocumentError(f"expected one of {', '.join(known)}, found {excerpt(name)}")
    return known[cast("str", name)]


def _decode_form(payload: object, _: Allowed) -> object:
    name: str = of_type(payload, str)
    if name != "UnionType" and name not in FORMS:
        raise DocumentError(f"typing has no form {excerpt(name)}")
    return FORMS.get(name, UNION)


def encode_form(value: object) -> object:
    """Return a form of `typing` that is not subscripted; None for all other values."""
    name = "UnionType" if value is UNION else form_name(value)
    return None if name is None else {"typing": name}


def _enum_class(symbol: object, base: type, allowed: Allowed) -> Any:
    cls = allowed.resolve(symbol)
    if not issubclass(type(cls), enum.EnumType) or not issubclass(cls, base):
        raise DocumentError(f"{excerpt(symbol)} is not a {base.__name__.lower()}")
    return cls


def _decode_enum(payload: object, allowed: Allowed) -> enum.Enum:
    symbol, name = _parts(payload, 2)
    namespace = class_namespace(_enum_class(symbol, enum.Enum, allowed))
    members = cast("dict[object, enum.Enum]", namespace["_member_map_"])
    if of_type(name, str) not in members:
        raise DocumentError(f"{excerpt(symbol)} has no member {excerpt(name)}")
    return members[name]


def _decode_flag(payload: object, allowed: Allowed) -> object:
    symbol, number = _parts(payload, 2)
    cls, value = _enum_class(symbol, enum.Flag, allowed), decode_int(number)
    if value.bit_length() > _FLAG_BITS:
        raise DocumentError("the number of a flag is too large")
    known = cast("dict[object, object]", class_namespace(cls)["_value2member_map_"])
    # Not by calling the class, which could run a `_missing_` of its own.
    make: Any = enum.Flag._missing_
    return known[value] if value in known else make.__func__(cls, value)


DECODERS: Final[dict[str, Callable[[Any, Allowed], object]]] = {
    "int": _decode_hex,
    "float": _decode_special,
    "bytes": _decode_bytes,
    "bytearray": lambda payload, allowed: bytearray(_decode_bytes(payload, allowed)),
    "complex": lambda payload, _: complex(*map(decode_float, _parts(payload, 2))),
    "path": _decode_path,
    "range": lambda payload, _: range(*map(decode_int, _parts(payload, 3))),
    "date": lambda payload, _: datetime.date.fromisoformat(of_type(payload, str)),
    "datetime": functools.partial(_decode_clock, datetime.datetime),
    "time": functools.partial(_decode_clock, datetime.time),
    "timedelta": lambda payload, _: datetime.timedelta(
        *(of_type(part, int) for part in _parts(payload, 3))
    ),
    "tzinfo": _decode_tzinfo,
    "constant": lambda payload, _: _one_of(_CONSTANTS, payload),
    "typing": _decode_form,
    "enum": _decode_enum,
    "flag": _decode_flag,
    "symbol": lambda payload, allowed: allowed.resolve(payload),
}
"""How each kind of leaf is read; each may raise `DocumentError`, or what a constructor raises."""
