"""Plain values from words, quoted text and numbers, by the class that is expected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag
from fractions import Fraction
from pathlib import PurePath
from typing import Any, Final, Literal, TypeVar, cast, get_args, get_origin
from uuid import UUID

import attrs

from ...configs.for_tracer import near_match
from ..engine.values import type_of

T = TypeVar("T")

_TRUTH: Final = "expected bool: write True or False"
_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
#: Words that stand for None, in lower case.
NONES: Final = frozenset({"none", "null"})
#: What `raw_value` returns if a text has to be parsed.
NOTHING: Final = attrs.NOTHING
#: Numbers that need no parsing.
_INT: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_FLOAT: Final = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{0,30})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_INFINITE: Final = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan, "-nan": math.nan}
_MEANINGS: Final[Mapping[type, Mapping[str, bool | float]]] = {
    bool: _WORDS,
    float: _INFINITE,
    complex: _INFINITE,
}
_EXPONENT: Final = re.compile(r"[eE][-+]?([\d_]+)")
_DURATION: Final = re.compile(
    r"(?:(?P<days>-?\d+) days?,? *)?"
    r"(?:(?P<hours>\d+):(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]?\d(?:\.\d{1,6})?))?"
)


class UnfitError(Exception):
    """A value does not fit; the text says why. Never leaves this package."""


def _exactly(cls: type, fix: str) -> Callable[[object], object]:
    """Return a function that takes the values of one class only."""

    def convert(value: object) -> object:
        if type_of(value) is cls:
            return value
        raise UnfitError(fix)

    return convert


def _int(value: Any) -> int:
    if type_of(value) is int:
        return value
    whole = type_of(value) is float and value.is_integer()
    raise UnfitError(f"expected int: write {int(value)}" if whole else "expected int")


def _float(value: Any) -> float:
    if type_of(value) is float:
        return value
    if type_of(value) is not int:
        raise UnfitError("expected float")
    try:
        made = float(value)
    except OverflowError:
        made = math.inf
    if made != value:
        raise UnfitError("no float is exactly that: write it with an exponent")
    return made


def _complex(value: Any) -> complex:
    return value if type_of(value) is complex else complex(_float(value))


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text.strip())
    if found is None or not text.strip():
        raise ValueError("write it as in '1 day, 2:30:00'")
    parts = {unit: float(number) for unit, number in found.groupdict().items() if number}
    return timedelta(**parts)


def _fraction(text: str | int) -> Fraction:
    exponent = _EXPONENT.search(text) if isinstance(text, str) else None
    if exponent is not None and len(exponent[1].lstrip("0")) > 3:
        raise ValueError("its exponent is too large")  # `Fraction` would write out all the zeros
    return Fraction(text)


def _from_text(name: str, parse: Callable[..., object], *also: type) -> Callable[[object], object]:
    """Return a function for a class whose values are written as text, or as its argument."""

    def convert(value: object) -> object:
        if type_of(value) is not str and type_of(value) not in also:
            raise UnfitError(f"expected {name}, as text in quotes")
        try:
            return parse(value)
        except (ValueError, TypeError, ArithmeticError) as error:
            detail = str(error) if type(error) is ValueError else "it is not one"
            raise UnfitError(f"expected {name}: {detail}") from None

    return convert


#: Whose values are text, without quotes too when nothing else is expected.
TEXTUAL: Final[dict[type, Callable[[object], object]]] = {
    str: _exactly(str, "expected str: write quotes around it"),
    date: _from_text("date", date.fromisoformat),
    datetime: _from_text("datetime", datetime.fromisoformat),
    time: _from_text("time", time.fromisoformat),
    timedelta: _from_text("timedelta", _duration),
    UUID: _from_text("UUID", UUID),
    Decimal: _from_text("Decimal", Decimal, int),
    Fraction: _from_text("Fraction", _fraction, int),
}
_PLAIN: Final[dict[type, Callable[[object], object]]] = {
    bool: _exactly(bool, _TRUTH),
    int: _int,
    float: _float,
    complex: _complex,
    bytes: _exactly(bytes, "expected bytes: write b'...'"),
    type(None): _exactly(type(None), "expected None"),
}


def register_parser(cls: type[T], parse: Callable[[str], T]) -> None:
    """Have the values of a class written as text, which a function turns into one.

    On the command line then stands the text alone, where nothing but text is expected, and a text
    in quotes inside of other values; a call of the class is a config, as ever.

    Args:
        cls: The class, as it is annotated; its subclasses are not included.
        parse: Takes the text; raises ValueError or TypeError if it is none of the class.

    Raises:
        TypeError: ``cls`` is no class, or ``parse`` cannot be called.

    Example:
        >>> from bytefig.tracer.values import parse_value
        >>> class Money:
        ...     def __init__(self, cents): self.cents = cents
        >>> register_parser(Money, lambda text: Money(round(100 * float(text.strip("$")))))
        >>> parse_value("$2.50", Money).cents
        250
    """
    given: Any = (
        cls,
        parse,
    )  # by users, so a type checker has not seen all of it
    if not isinstance(given[0], type) or not callable(given[1]):
        raise TypeError(f"register_parser takes a class and a function, not {given!r}")
    TEXTUAL[cls] = _from_text(cls.__name__, parse)


def raw_value(text: str, options: list[object]) -> object:
    """Return the value of an annotation that a text is as it stands, else `NOTHING`.

    That is a choice of a ``Literal`` or an enum, whatever it would mean as a value, and a number or
    truth where one is expected. The text has no blanks around it.

    Example:
        >>> from typing import Literal
        >>> raw_value("bf16-mixed", [Literal["bf16-mixed", 32]]), raw_value("3", [float])
        ('bf16-mixed', 3.0)
        >>> raw_value("a", [int])
        NOTHING
    """
    for option in options:
        if get_origin(option) is Literal:
            choices = get_args(option)
            other = any(type_of(each) is not str and repr(each) == text for each in choices)
            if text in (each for each in choices if type_of(each) is str) and not other:
                return text
        elif isinstance(option, type) and issubclass(option, Enum):
            try:
                return _member(option, text, named=True)
            except UnfitError:
                continue
    return _plain_value(text, options[0]) if len(options) == 1 else NOTHING


def _plain_value(text: str, cls: object) -> object:
    if cls is int and _INT.fullmatch(text):
        return int(text)
    if cls is float and _FLOAT.fullmatch(text):
        return float(text)
    return _WORDS.get(text.lower(), NOTHING) if cls is bool else NOTHING


def is_choice(option: object) -> bool:
    """Tell whether an annotation is a ``Literal`` or an enum.

    Example:
        >>> from typing import Literal
        >>> is_choice(Literal["a"]), is_choice(str)
        (True, False)
    """
    return get_origin(option) is Literal or (isinstance(option, type) and issubclass(option, Enum))


def is_textual(cls: Any) -> bool:
    """Tell whether the values of a class are written as text.

    Example:
        >>> is_textual(date), is_textual(int)
        (True, False)
    """
    return cls in TEXTUAL or (isinstance(cls, type) and issubclass(cls, PurePath))


def text_last(cls: object) -> tuple[bool, bool]:
    """Return the sort key of an option of a union: every word is some text.

    Example:
        >>> sorted([str, date, int], key=text_last) == [int, date, str]
        True
    """
    return is_textual(cls), cls is str


def constant_converter(cls: Any) -> Callable[[object], object] | None:
    """Return the function that makes a value of a class from a literal, or None.

    Example:
        >>> convert = constant_converter(date)
        >>> convert and convert("2026-01-31")
        datetime.date(2026, 1, 31)
    """
    if not isinstance(cls, type):
        return None
    known = TEXTUAL.get(cls) or _PLAIN.get(cls)
    if known is not None:
        return known
    if issubclass(cls, PurePath):
        return _from_text(cls.__name__, cls)
    if issubclass(cls, Enum):
        return lambda value: _member(cls, value)
    return None


def word_value(cls: type, word: str) -> object:
    """Return the value of a class that a word without quotes, perhaps with dots, stands for.

    Raises:
        UnfitError: It stands for none.

    Example:
        >>> word_value(bool, "yes"), word_value(float, "inf"), word_value(str, "adam")
        (True, inf, 'adam')
    """
    meanings = _MEANINGS.get(cls, {})
    if word.lower() in meanings:
        return meanings[word.lower()]
    if cls is bool:
        raise UnfitError(_TRUTH)
    if issubclass(cls, Enum):
        return _member(cls, word, named=True)
    if is_textual(cls):
        convert = constant_converter(cls)
        assert convert is not None
        return convert(word)
    raise UnfitError(f"expected {cls.__name__}, not a name")


def _member(cls: type[Enum], value: Any, named: bool = False) -> Enum:
    """Return a member by its value or, for text, its name, too; of a flag, several with a bar."""
    is_text = type_of(value) is str
    if is_text and named:
        value = value.removeprefix(f"{cls.__name__}.")
    if is_text and "|" in value and issubclass(cls, Flag):
        made = cls(0)
        for part in value.split("|"):
            made |= cast("Flag", _member(cls, part.strip(), named=True))
        return made
    members: dict[str, Enum] = dict(cls.__members__)
    found = {
        id(member): member
        for name, member in members.items()
        if (is_text and name == value)
        or (type_of(member.value) is type_of(value) and member.value == value)
    }
    if len(found) == 1:
        return found.popitem()[1]
    if found:
        raise UnfitError(f"it is the name of one {cls.__name__} and the value of another")
    known = [*members, *(member.value for member in cls if type_of(member.value) is str)]
    near = near_match(value, known) if is_text else ""
    shown = ", ".join(list(members)[:12])
    raise UnfitError(f"{cls.__name__} has no such member{near} (members: {shown})")
