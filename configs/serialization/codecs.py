"""How values of types that this package does not know are written: `register_codec`."""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import attrs

from ..core.leaf_types import full_name
from ..core.registry import BUILDABLE_TYPES
from .leaves import ZONE

T = TypeVar("T")

Encode = Callable[[Any], object]
Decode = Callable[[Any], object]

_OURS: Final = (list, tuple, dict, defaultdict, set, frozenset, type(None), bool, int, float, str)
_OURS_TOO: Final = (bytes, complex)


@attrs.frozen
class Codec:
    """The way to write the values of one type, as `register_codec` explains."""

    type: type
    name: str
    encode: Encode
    decode: Decode
    subclasses: bool = False


_BY_TYPE: Final[dict[type, Codec]] = {}
_BY_NAME: Final[dict[str, Codec]] = {}


def register_codec(
    type: type[T],
    name: str,
    encode: Callable[[T], object],
    decode: Callable[[object], T],
    *,
    subclasses: bool = False,
) -> None:
    """Make graphs with values of a type serialisable.

    A document names the codec, and reading it calls ``decode`` with what the document says, which
    may be anything: check it, if documents may come from others. A class that is defined again,
    as in a notebook, replaces the codec of the old one.

    Args:
        type: The type.
        name: What documents call it; once there are some, it cannot change.
        encode: Turns a value into one that can be written: a list, a dict, text, even a graph.
        decode: Turns that back into a value of the type.
        subclasses: Use it for instances of subclasses as well, which ``decode`` has to tell apart.

    Raises:
        TypeError: ``type`` is not a class, or ``name`` is not text.
        ValueError: The type can be written already, or the name is taken.

    Example:
        >>> from bytefig.configs import Config, dump_json, load_json
        >>> from fractions import Fraction
        >>> register_codec(Fraction, "fraction", str, Fraction)
        >>> load_json(dump_json(Config(dict, share=Fraction(1, 3))))
        <Config[dict(share=Fraction(1, 3))]>
    """
    if not inspect.isclass(type):
        raise TypeError(f"cannot register {type!r}: it is not a class")
    if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"the name of a codec is text, not {name!r}")
    if type in (*_OURS, *_OURS_TOO) or type in BUILDABLE_TYPES:
        raise ValueError(f"{type.__qualname__} is written without a codec")
    taken = _BY_NAME.get(name)
    if (taken is not None and full_name(taken.type) != full_name(type)) or name in LIBRARIES:
        raise ValueError(f"a codec called {name!r} is registered already")
    before = _BY_TYPE.get(type)
    if before is not None:
        del _BY_NAME[before.name]
    if taken is not None:
        _BY_TYPE.pop(taken.type, None)
    _BY_TYPE[type] = _BY_NAME[name] = Codec(type, name, encode, decode, subclasses)


def codec_for(cls: type) -> Codec | None:
    """Return the codec for values of exactly this class."""
    for base in cls.__mro__:
        codec = _BY_TYPE.get(base) or LIBRARIES.get(full_name(base))
        if codec is not None and (codec.subclasses or base is cls):
            return codec
    return None


def codec_named(name: str) -> Codec | None:
    """Return the registered codec of this name, or None."""
    return _BY_NAME.get(name)


_SIMPLE_DTYPE: Final = re.compile(r"[<>|=]?[?bBiufcmMOSUV]\d{0,9}(\[\d{0,9}[a-zA-Z]{1,2}\])?")


def _checked(
    name: str, check: Callable[[Any], object], expected: str
) -> Callable[[object, object], object]:
    """Return a decoder that calls a function of a module with a payload that passes a check."""

    def decode(module: object, payload: object) -> object:
        if not check(payload):
            raise ValueError(f"not {expected}")
        return getattr(module, name)(payload)

    return decode


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_integers(value: object) -> bool:
    return type(value) is list and all(type(each) is int for each in cast("list[object]", value))


def _encode_numpy_dtype(dtype: Any) -> str:
    text: str = dtype.str
    numpy: Any = sys.modules["numpy"]
    if dtype.fields or dtype.subdtype or dtype.metadata or numpy.dtype(text) != dtype:
        raise ValueError(f"the dtype {dtype!r} is not a plain one")
    return text


_decode_numpy_dtype = _checked(
    "dtype", lambda text: isinstance(text, str) and _SIMPLE_DTYPE.fullmatch(text), "a plain dtype"
)


def _encode_numpy_scalar(value: Any) -> object:
    if value.dtype.hasobject or not value.nbytes:
        raise ValueError("it holds an object, or nothing")
    return [_encode_numpy_dtype(value.dtype), value.tobytes()]


def _decode_numpy_scalar(module: Any, payload: tuple[object, object]) -> object:
    text, data = payload
    dtype: Any = _decode_numpy_dtype(module, text)
    if dtype.hasobject or not isinstance(data, bytes) or len(data) != dtype.itemsize or not data:
        raise ValueError("not the bytes of one number")
    return module.frombuffer(data, dtype)[0]


def _decode_torch_name(kind: str) -> Callable[[object, object], object]:
    def decode(module: object, name: object) -> object:
        names = cast("dict[object, object]", vars(module))
        value = names.get(name)
        if not isinstance(value, cast("type", names[kind])):
            raise ValueError(f"not a {kind}")
        return value

    return decode


def _decode_pattern(module: Any, payload: tuple[object, object]) -> object:
    text, flags = payload
    if not isinstance(text, str | bytes) or type(flags) is not int:
        raise ValueError("not a pattern and its flags")
    return module.compile(text, flags)


def _decode_fraction(module: Any, payload: Any) -> object:
    if not _are_integers(payload) or len(payload) != 2:
        raise ValueError("not a numerator and a denominator")
    return module.Fraction(*payload)  # not of text, of which a short one may be a huge number


_decode_zone = _checked(
    "ZoneInfo",
    lambda key: isinstance(key, str) and ZONE.fullmatch(key),
    "the name of a time zone",
)


def _library(
    name: str,
    encode: Encode,
    decode: Callable[..., object],
    *,
    subclasses: bool = False,
) -> Codec:
    # The type is not known before the library is imported. `decode` is given the module first.
    return Codec(object, name, encode, cast("Decode", decode), subclasses)


LIBRARIES: Final[dict[str, Codec]] = {
    codec.name: codec
    for codec in (
        _library("numpy.dtype", _encode_numpy_dtype, _decode_numpy_dtype, subclasses=True),
        _library("numpy.generic", _encode_numpy_scalar, _decode_numpy_scalar, subclasses=True),
        *(
            _library(
                f"torch.{kind}",
                lambda value: repr(value).removeprefix("torch."),
                _decode_torch_name(kind),
            )
            for kind in ("dtype", "layout", "memory_format", "qscheme")
        ),
        _library("torch.device", str, _checked("device", _is_text, "a device")),
        _library("torch.Size", list, _checked("Size", _are_integers, "a list of integers")),
        _library("re.Pattern", lambda value: [value.pattern, value.flags], _decode_pattern),
        _library(
            "collections.Counter",
            dict,
            _checked("Counter", lambda counts: type(counts) is dict, "a mapping"),
        ),
        _library("zoneinfo.ZoneInfo", lambda value: value.key, _decode_zone),
        _library(
            "fractions.Fraction",
            lambda value: [value.numerator, value.denominator],
            _decode_fraction,
        ),
        _library("decimal.Decimal", str, _checked("Decimal", _is_text, "text")),
        _library("uuid.UUID", str, _checked("UUID", _is_text, "text")),
    )
}
"""Codecs by the full name of a type of a library. Reading imports the library, if it is allowed."""
