"""Paths from the root of a graph to a value in it, such as ``<root>.layers[0]['k']``."""

from __future__ import annotations

import ast
import enum
import re
import sys
from collections.abc import Iterable
from typing import Any, Final, TypeAlias, cast

import attrs

from ..core.errors import ConfigError
from ..core.registry import class_namespace
from ..core.shown import plain_repr


class _Ordered:
    """Steps have an order, so that paths can be sorted: names, indices, keys, effects."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, _Ordered):
            return NotImplemented
        return _rank(self) < _rank(other)


@attrs.frozen
class Attr(_Ordered):
    """A step to a named argument, or to a field of a named tuple."""

    name: str

    def follow(self, container: object) -> object:
        """Return the value one step further from ``container``."""
        return getattr(container, self.name)

    def __str__(self) -> str:
        """Return ``.name``, with quotes around a name that is no identifier."""
        return f".{self.name}" if self.name.isidentifier() else f".{self.name!r}"


@attrs.frozen
class Index(_Ordered):
    """A step to an item of a sequence, or to a positional argument."""

    index: int

    def follow(self, container: Any) -> object:
        """Return the value one step further from ``container``."""
        return container[self.index]

    def __str__(self) -> str:
        """Return ``[0]``."""
        return f"[{self.index}]"


@attrs.frozen
class Key(_Ordered):
    """A step to a value of a dict."""

    key: object

    def follow(self, container: Any) -> object:
        """Return the value one step further from ``container``."""
        return container[self.key]

    def __str__(self) -> str:
        """Return ``['key']``; of a member of an enum, ``[module:Enum.MEMBER]``."""
        return f"[{_member_text(self.key) or plain_repr(self.key)}]"


_MEMBER: Final = re.compile(r"(?P<module>[^:]+):(?P<cls>[^:]+)\.(?P<name>[^:.]+)")


def _member_text(key: object) -> str | None:
    """Return the text of a member of an enum that is found by it; None for all else."""
    if not isinstance(key, enum.Enum):
        return None
    cls = type(key)
    text = f"{cls.__module__}:{cls.__qualname__}.{key.name}"
    return text if _member(text) is key else None


def _member(text: str) -> object:
    """Return the member of an enum of a loaded module, without running any code; or None."""
    match = _MEMBER.fullmatch(text)
    if match is None:
        return None
    found: object = sys.modules.get(match["module"])
    for name in match["cls"].split("."):
        if isinstance(found, type):
            found = class_namespace(found).get(name)
        else:
            found = getattr(found, "__dict__", {}).get(name)
    if not issubclass(type(found), enum.EnumType):
        return None
    members = cast("dict[str, object]", class_namespace(cast("type", found))["_member_map_"])
    return members.get(match["name"])


@attrs.frozen
class Effect(_Ordered):
    """A step to one of the effects of a node."""

    index: int

    def follow(self, container: Any) -> object:
        """Return the value one step further from ``container``."""
        return (container.__effects__ or ())[self.index]

    def __str__(self) -> str:
        """Return ``.<effects>[0]``."""
        return f".<effects>[{self.index}]"


def _rank(element: Any) -> tuple[int, str, object]:
    key = element.key if type(element) is Key else None
    match element:
        case Attr():
            return 0, "", element.name
        case Index():
            return 1, "", element.index
        case Key() if type(key) in (int, str):
            return 2, type(key).__name__, key
        case Key():  # which may have no order, or one that takes no part of others
            return 2, type(key).__qualname__, str(element)
        case _:
            return 3, "", element.index


PathElement: TypeAlias = Attr | Index | Key | Effect
Path: TypeAlias = tuple[PathElement, ...]


def key_of(element: PathElement) -> Any:
    """Return the target of a step: the name of an argument, the index of an item, or the key.

    Example:
        >>> key_of(Attr("layers")), key_of(Index(0))
        ('layers', 0)
    """
    match element:
        case Attr():
            return element.name
        case Index():
            return element.index
        case Key():
            return element.key
        case Effect():
            return element


def format_path(path: Iterable[PathElement]) -> str:
    """Return the path as text.

    Example:
        >>> format_path((Attr("layers"), Index(0), Key("k")))
        "<root>.layers[0]['k']"
    """
    return "<root>" + "".join(map(str, path))


#: What may be a name. Some characters of names, such as the vowel signs of Hindi, are no ``\w``.
_NAME: Final = r"(?!\d)(?:\w|[^\x00-\x7f])+"
#: A step to a name; one whose brackets or quotes remain to be read; or neither.
_STEP: Final = re.compile(
    rf"\.?<effects>\[(?P<effect>\d+)\]|\.(?P<name>{_NAME})|(?P<opening>\[|\.(?=['\"]))"
)
_FIRST: Final = re.compile(rf"<root>|(?=<effects>)|(?={_NAME})")
#: What matters inside brackets: a string, or a bracket.
_TOKEN: Final = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<open>[\[({])|(?P<close>[\])}])""",
    re.DOTALL,
)


def parse_path(text: str) -> Path:
    """Return the path that a text describes; the inverse of `format_path`.

    Nothing is evaluated: a key is a literal, or a member of an enum of a module that is loaded. An
    integer in brackets gives an `Index`, which leads to the same value as a `Key`.

    Args:
        text: Such as ``<root>.layers[0]['k']``; the root, and a dot in front, may be left out.

    Raises:
        ValueError: It is not a path.

    Example:
        >>> parse_path("layers[0]['k']")
        (Attr(name='layers'), Index(index=0), Key(key='k'))
    """
    path: list[PathElement] = []
    first = _FIRST.match(text)
    position = 0 if first is None else first.end()
    if first is not None and not first[0] and text[0] != "<":  # a name without a dot in front of it
        text = f".{text}"
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            raise _not_a_path(text, position, "expected .name or [key]")
        position = step.end()
        if step["effect"]:
            path.append(Effect(int(step["effect"])))
        elif step["name"]:
            path.append(Attr(step["name"]))
        elif step["opening"] == "[":
            end = _end_of_brackets(text, position)
            key = _literal(text, position, end)
            path.append(Index(key) if type(key) is int else Key(key))
            position = end + 1
        else:
            string = _TOKEN.match(text, position)
            if string is None:
                raise _not_a_path(text, position, "the quote is never closed")
            path.append(Attr(str(_literal(text, position, string.end()))))
            position = string.end()
    return tuple(path)


def _end_of_brackets(text: str, start: int) -> int:
    depth = 1
    for token in _TOKEN.finditer(text, start):
        depth += bool(token["open"]) - bool(token["close"])
        if not depth:
            return token.start()
    raise _not_a_path(text, start, "the bracket is never closed")


def _literal(text: str, start: int, end: int) -> object:
    member = _member(text[start:end])
    if member is not None:
        return member
    try:
        key = ast.literal_eval(text[start:end])
        hash(key)
        ast.literal_eval(repr(key))  # not so of `...` and `1e999`, which no path prints
        return key
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise _not_a_path(text, start, "the key is not a literal") from None


def _not_a_path(text: str, position: int, problem: str) -> ValueError:
    return ValueError(f"not a path: {text!r}, at character {position}: {problem}")


class PathError(ConfigError, ValueError):
    """A path leads nowhere. It also is of the type of the error that following it has raised."""

    def __str__(self) -> str:
        """Return the text; a KeyError shows the ``repr`` of it."""
        return str(self.args[0])


class _NoNameError(PathError, AttributeError):
    pass


class _NoIndexError(PathError, IndexError):
    pass


class _NoKeyError(PathError, KeyError):
    pass


class _NoItemsError(PathError, TypeError):
    pass


_DEAD_ENDS: Final = (_NoNameError, _NoIndexError, _NoKeyError, _NoItemsError)


def follow_path(root: object, path: Iterable[PathElement]) -> Any:
    """Return the value that ``path`` leads to.

    Args:
        root: Where the path starts.
        path: The steps to take.

    Returns:
        The value; ``root`` itself for an empty path.

    Raises:
        PathError: (a ValueError) A step leads nowhere: an AttributeError, too, of a named one; an
            IndexError or KeyError; a TypeError, of an item of a value that has none.

    Example:
        >>> follow_path({"k": [1, 2]}, (Key("k"), Index(1)))
        2
    """
    taken: list[PathElement] = []
    value = root
    for element in path:
        taken.append(element)
        try:
            value = element.follow(value)
        except (AttributeError, LookupError, TypeError) as error:
            kind = next(
                (each for each in _DEAD_ENDS if isinstance(error, each.__bases__[1])), PathError
            )
            raise kind(
                f"{format_path(taken)} leads nowhere: {plain_repr(element)} does not lead on from"
                f" {format_path(taken[:-1])}, which is {plain_repr(value)}: {error}"
            ) from error
    return value
