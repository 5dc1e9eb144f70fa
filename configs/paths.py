"""Paths from the root of a graph to a value in it, such as ``<root>.layers[0]['k']``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs


@attrs.frozen
class Attr:
    """A step to a named argument, or to a field of a named tuple."""

    name: str

    def follow(self, container: Any) -> object:
        """Return the value one step further from ``container``."""
        return getattr(container, self.name)

    def __str__(self) -> str:
        """Return ``.name``."""
        return f".{self.name}"


@attrs.frozen
class Index:
    """A step to an item of a sequence, or to a positional argument."""

    index: int

    def follow(self, container: Any) -> object:
        """Return the value one step further from ``container``."""
        return container[self.index]

    def __str__(self) -> str:
        """Return ``[0]``."""
        return f"[{self.index}]"


@attrs.frozen
class Key:
    """A step to a value of a dict."""

    key: object

    def follow(self, container: Any) -> object:
        """Return the value one step further from ``container``."""
        return container[self.key]

    def __str__(self) -> str:
        """Return ``['key']``."""
        return f"[{self.key!r}]"


PathElement: TypeAlias = Attr | Index | Key
Path: TypeAlias = tuple[PathElement, ...]


def format_path(path: Iterable[PathElement]) -> str:
    """Return the path as text.

    Example:
        >>> format_path((Attr("layers"), Index(0), Key("k")))
        "<root>.layers[0]['k']"
    """
    return "<root>" + "".join(map(str, path))


def follow_path(root: object, path: Iterable[PathElement]) -> Any:
    """Return the value that ``path`` leads to.

    Args:
        root: Where the path starts.
        path: The steps to take.

    Returns:
        The value; ``root`` itself for an empty path.

    Raises:
        AttributeError: A named step leads nowhere.
        LookupError: An index or a key does not exist.
        TypeError: A step asks for an item of a value that has none.

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
            error.add_note(f"while following {format_path(taken)}: its last step leads nowhere")
            raise
    return value
