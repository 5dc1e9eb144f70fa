"""``path+=value`` and its kin: the old value and a new one, combined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Flag
from typing import Any, Final

from ..engine.values import Value, type_of
from .trees import is_a

_NUMBERS: Final = frozenset({int, float, complex})
_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], object]]] = {
    "+": lambda old, new: old + new,
    "-": lambda old, new: old - new,
    "*": lambda old, new: old * new,
    "/": lambda old, new: old / new,
}
#: The signs before a ``=``.
SIGNS: Final = frozenset("+-*/|")


class UncombinableError(Exception):
    """Two values cannot be combined; the text says why. Never leaves this package."""


def is_number(value: object) -> bool:
    """Tell whether a value is one to reckon with; True and False are none."""
    return type_of(value) in _NUMBERS


def combined(sign: str, old: Value, new: Value) -> object:
    """Return the combination of two values; neither is changed.

    Numbers are reckoned with. ``+`` joins text and sequences, and puts an item that is none at the
    end; ``|`` joins sets, flags, and dicts, where the new value wins; ``-`` takes items away.

    Args:
        sign: One of `SIGNS`.
        old: What is there.
        new: What was written.

    Raises:
        UncombinableError: They cannot be.

    Example:
        >>> combined("+", [1], 2), combined("|", {"a": 1}, {"b": 2}), combined("/", 6, 2)
        ([1, 2], {'a': 1, 'b': 2}, 3)
    """
    made: object = None
    if is_number(old) and is_number(new) and sign in _ARITHMETIC:
        made = _number(sign, old, new)
    elif sign == "+" and is_a(old, list | tuple) and not hasattr(old, "_fields"):
        items = new if is_a(new, list | tuple) else [new]
        made = type_of(old)([*old, *items])
    elif sign == "+" and type_of(old) is str and type_of(new) is str:
        made = old + new
    elif sign == "-" and is_a(old, list | tuple) and not hasattr(old, "_fields"):
        away = new if is_a(new, list | tuple) else [new]
        made = type_of(old)([each for each in old if each not in away])
    elif sign == "-" and is_a(old, set | frozenset):
        made = old - (new if is_a(new, set | frozenset) else {new})
    elif sign in "|+" and type_of(old) is dict and type_of(new) is dict:
        made = {**old, **new}
    elif sign in "|+" and is_a(old, set | frozenset):
        made = old | (new if is_a(new, set | frozenset) else {new})
    elif sign == "|" and is_a(old, Flag) and type_of(old) is type_of(new):
        made = old | new
    if made is None:
        raise UncombinableError(f"{sign}= is not for a {type_of(old).__name__}")
    return made


def _number(sign: str, old: object, new: object) -> object:
    try:
        made: Any = _ARITHMETIC[sign](old, new)
    except (ArithmeticError, ValueError) as error:
        raise UncombinableError(str(error)) from None
    # An int stays one where that is exact.
    whole = type_of(old) is int and type_of(made) is float and made.is_integer()
    return int(made) if whole else made
