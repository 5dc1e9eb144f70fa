"""The calls that make values of the standard library's classes, and of numpy's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs


@attrs.frozen
class CallForm:
    """The call that makes a value.

    Attributes:
        callable: A function or class that can be imported by its name.
        args: Positional arguments, which need source of their own.
        kwargs: Named arguments, likewise.
    """

    callable: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


def _class_of(value: Any) -> Any:
    return value.__class__


def full_name(cls: type) -> str:
    """Return the module and the qualified name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def numpy_form(cls: type) -> Callable[[Any], CallForm] | None:
    """Return the form of a numpy dtype or scalar, without importing numpy; None for others."""
    bases = {full_name(base) for base in cls.__mro__}
    if "numpy.dtype" in bases:
        return lambda value: CallForm(sys.modules["numpy"].dtype, (value.str,))
    if "numpy.number" in bases or (cls.__module__ == "numpy" and cls.__name__ in ("bool", "bool_")):
        return lambda value: CallForm(cls, (value.item(),))
    return None


def _datetime(value: Any) -> CallForm:
    parts = (value.year, value.month, value.day, value.hour, value.minute, value.second)
    return _with_zone(value, parts)


def _time(value: Any) -> CallForm:
    return _with_zone(value, (value.hour, value.minute, value.second))


def _with_zone(value: Any, parts: tuple[int, ...]) -> CallForm:
    optional = {
        "microsecond": value.microsecond,
        "tzinfo": value.tzinfo,
        "fold": value.fold,
    }
    return CallForm(
        _class_of(value), parts, {name: found for name, found in optional.items() if found}
    )


def _timedelta(value: Any) -> CallForm:
    names = ("days", "seconds", "microseconds")
    parts = {name: getattr(value, name) for name in names if getattr(value, name)}
    return CallForm(_class_of(value), (), parts)


def _pattern(value: Any) -> CallForm:
    import re  # noqa: PLC0415 - whoever has a pattern has it imported

    flags = value.flags & ~re.UNICODE.value if isinstance(value.pattern, str) else value.flags
    return CallForm(re.compile, (value.pattern, flags) if flags else (value.pattern,))


def _deque(value: Any) -> CallForm:
    limit = {} if value.maxlen is None else {"maxlen": value.maxlen}
    return CallForm(_class_of(value), ([*value],), limit)


#: By the full name of the class, so that its module need not be imported.
FORMS_BY_NAME: Final[dict[str, Callable[[Any], CallForm]]] = {
    "collections.Counter": lambda value: CallForm(_class_of(value), (dict(value),)),
    "collections.OrderedDict": lambda value: CallForm(_class_of(value), ([*value.items()],)),
    "collections.deque": _deque,
    "datetime.date": lambda value: CallForm(_class_of(value), (value.year, value.month, value.day)),
    "datetime.datetime": _datetime,
    "datetime.time": _time,
    "datetime.timedelta": _timedelta,
    "datetime.timezone": lambda value: CallForm(_class_of(value), value.__getinitargs__()),
    "decimal.Decimal": lambda value: CallForm(_class_of(value), (str(value),)),
    "fractions.Fraction": lambda value: CallForm(
        _class_of(value), (value.numerator, value.denominator)
    ),
    "re.Pattern": _pattern,
    "uuid.UUID": lambda value: CallForm(_class_of(value), (str(value),)),
    "zoneinfo.ZoneInfo": lambda value: CallForm(_class_of(value), (value.key,)),
}
