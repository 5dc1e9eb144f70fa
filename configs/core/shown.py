"""The text of any value: it never fails, and is never much longer than the value.

Python's own ``repr`` writes what is used twice inside of a value twice. If that is nested, level by
level, a value of some lines gives text without an end; here it is cut, and ``...`` says where.
"""

from __future__ import annotations

import functools
import reprlib
import types
import typing
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, GenericAlias, MappingProxyType
from typing import Any, Final, cast

_FUNCTIONS: Final = (FunctionType, BuiltinFunctionType)
_name_of_class: Final[Callable[[Any], str]] = type.__dict__["__qualname__"].__get__
#: Shorter text is written in full in any case.
_SHORT: Final = 10_000
#: How many times longer than the value its text may be.
_RATIO: Final = 8
_DEPTH: Final = 6
_ITEMS: Final = 6
_ELIDED: Final = "..."


def _dict_parts(value: dict[object, object]) -> Sequence[object]:
    return (*value, *value.values())


def _partial_parts(value: functools.partial[object]) -> Sequence[object]:
    return (value.func, *value.args, *value.keywords.values())


def _slice_parts(value: slice) -> Sequence[object]:
    return (value.start, value.stop, value.step)


def _alias_parts(value: Any) -> Sequence[object]:
    return value.__args__


#: The types whose own repr is that of their parts, and how to take them apart.
_PARTS: Final[Mapping[object, Callable[[Any], Sequence[object]]]] = MappingProxyType(
    {
        **dict.fromkeys((list, tuple, set, frozenset, deque), tuple),
        **dict.fromkeys((dict, OrderedDict, defaultdict, MappingProxyType), _dict_parts),
        functools.partial: _partial_parts,
        slice: _slice_parts,
        **dict.fromkeys(
            (GenericAlias, types.UnionType, type(typing.List[int]), type(typing.Optional[int])),  # noqa: UP006, UP045
            _alias_parts,
        ),
    }
)
_BRACKETS: Final[Mapping[type, str]] = MappingProxyType(
    {list: "[]", tuple: "()", set: "{}", dict: "{}"}
)


def shown(value: object) -> str:
    """Return the repr of a value, of a function or class its name.

    Example:
        >>> shown([len, 1]), shown(len)
        ('[<built-in function len>, 1]', 'len')
        >>> value = []
        >>> for _ in range(60):
        ...     value = [value, value]
        >>> len(shown(value)) < 1000
        True
    """
    cls = type(value)  # which `isinstance` would ask the value for
    if issubclass(cls, type):
        return _name_of_class(value)
    return cast("Any", value).__qualname__ if cls in _FUNCTIONS else plain_repr(value)


def plain_repr(value: object) -> str:
    """Return the repr of a value; cut if it is much longer than the value, and never failing."""
    try:
        return _cut(value, 0) if _parts_of(value) and unfolds(value) else repr(value)
    except Exception:  # A repr is often asked for while debugging that very value.
        return f"<{type(value).__name__} object whose repr fails>"


def unfolds(value: object) -> bool:
    """Return whether a value is used inside of itself so often that its text has no end.

    Example:
        >>> unfolds([[1] * 1000, [2] * 1000])
        False
    """
    sizes: dict[int, int] = {}
    distinct = 0
    entered = {id(value)}
    stack = [_entered(value)]
    while stack:
        inside, parts, pending = stack[-1]
        part = next(pending, None)
        if part is None:
            stack.pop()
            distinct += 1 + len(parts)
            sizes[id(inside)] = 1 + sum(sizes.get(id(part), 1) for part in parts)
        elif id(part) not in entered:
            entered.add(id(part))
            stack.append(_entered(part))
    size = sizes[id(value)]
    return size > _SHORT and size > _RATIO * distinct


def _entered(value: object) -> tuple[object, Sequence[object], Iterator[object]]:
    parts = _parts_of(value) or ()
    return value, parts, (part for part in parts if _parts_of(part))


def _parts_of(value: object) -> Sequence[object] | None:
    cls = type(value)
    take = _PARTS.get(cls)
    if take is not None:
        return take(value)
    if issubclass(cls, tuple):  # a named tuple
        return (*cast("Any", tuple).__iter__(value),)
    return None


def _cut(value: object, depth: int) -> str:
    parts = _parts_of(value)
    if parts is None:
        return plain_repr(value)
    if depth == _DEPTH:
        return _ELIDED
    texts = [_cut(part, depth + 1) for part in parts[:_ITEMS]]
    if len(parts) > _ITEMS:
        texts.append(_ELIDED)
    inside = ", ".join(texts)
    brackets = _BRACKETS.get(type(value))
    return f"{type(value).__name__}({inside})" if brackets is None else inside.join(brackets)


class Brief(reprlib.Repr):
    """Text of one line or two for values that nest; of others as by `plain_repr`."""

    def repr_instance(self, x: object, level: int) -> str:
        """Return the text of a value of any other type."""
        text = plain_repr(x)
        return text if len(text) <= self.maxother else f"{text[: self.maxother - 3]}{_ELIDED}"
