"""The canonical texts of many graphs that differ in a few arguments, and ids made of them.

Most axes set numbers and words. The documents of such graphs differ in those only, so one is
written, and cut where the values are: the texts of the others are joined, not written.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from ...configs import (
    BUILDABLE_TYPES,
    NO_VALUE,
    Attr,
    Index,
    Path,
    SerializationError,
    dump_json,
    follow_path,
    set_argument,
)
from ...configs.for_tracer import Allowed, needed_to_load
from ..engine.values import type_of

_PLAIN: Final = frozenset((bool, float, int, str, type(None)))
_LARGEST: Final = 2**53
_MOST: Final = 1000


def id_of(text: str) -> str:
    """Return the id of the graph of a canonical text.

    Example:
        >>> id_of("{}")
        '44136fa355b3678a'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def names_in(graph: object) -> list[str]:
    """Return the names to allow so that another process can read the document of a graph.

    Raises:
        SerializationError: No process can, or no other one.
    """
    names = needed_to_load(graph, Allowed(()))
    for name in names:
        if name.partition(":")[0] == "__main__":
            raise SerializationError(
                "it names what is defined in __main__, which is no file that another process could"
                " import: define it in a module",
                "<root>",
            )
    return names


#: What is between the plain values of a document, and which of them stands after each piece.
_Cut: TypeAlias = tuple[list[str], list[int]]


class CanonicalTexts:
    """Writes graphs of one sweep.

    Args:
        paths: Where they differ.
        needed: Is given what the graphs name, which has to be allowed.
    """

    def __init__(self, paths: Sequence[Path], needed: set[str]) -> None:
        self._paths = paths
        self._needed = needed
        self._cuts: dict[object, _Cut | None] = {}

    def text(self, graph: object, shape: Sequence[object]) -> str:
        """Return the document of a graph, as `dump_json` does.

        Args:
            graph: The graph.
            shape: What was set at each path. It is looked at where that is no plain value: graphs
                for which these are equal differ in plain values only.

        Raises:
            SerializationError: Something in the graph cannot be written.
        """
        texts = [_plain_text(_argument(graph, path)) for path in self._paths]
        key = tuple(
            known if text is None else None for known, text in zip(shape, texts, strict=True)
        )
        if key not in self._cuts:
            if len(self._cuts) >= _MOST:
                self._cuts.clear()
            self._needed.update(names_in(graph))
            self._cuts[key] = self._cut(graph, texts)
        cut = self._cuts[key]
        if cut is None:
            self._needed.update(names_in(graph))
            return dump_json(graph)
        pieces, order = cut
        parts = [pieces[0]]
        for index, piece in zip(order, pieces[1:], strict=True):
            parts += (texts[index] or "", piece)
        return "".join(parts)

    def _cut(self, graph: object, texts: Sequence[str | None]) -> _Cut | None:
        """Cut the document of a graph; None if a plain value in it is set at two paths."""
        marked = copy.deepcopy(graph)
        marks: dict[str, int] = {}
        for index, (path, text) in enumerate(zip(self._paths, texts, strict=True)):
            if text is not None:
                mark = f"<bytefig {id(self):x} {index}>"
                marks[json.dumps(mark)] = index
                set_argument(follow_path(marked, path[:-1]), _key(path), mark)
        whole = dump_json(marked)
        places = sorted((whole.find(mark), mark) for mark in marks)
        if places and places[0][0] < 0:
            return None
        pieces: list[str] = []
        start = 0
        for at, mark in places:
            pieces.append(whole[start:at])
            start = at + len(mark)
        return [*pieces, whole[start:]], [marks[mark] for _, mark in places]


def _key(path: Path) -> Any:
    last = path[-1]
    return last.name if isinstance(last, Attr) else last.index if isinstance(last, Index) else None


def _argument(graph: object, path: Path) -> object:
    """Return the argument of a node that a path leads to; `NO_VALUE` if it leads elsewhere."""
    try:
        holder = follow_path(graph, path[:-1])
    except (AttributeError, LookupError, TypeError):
        return NO_VALUE
    if type_of(holder) not in BUILDABLE_TYPES:
        return NO_VALUE
    return holder.__arguments__.get(_key(path), NO_VALUE)


def _plain_text(value: Any) -> str | None:
    kind = type_of(value)
    if kind not in _PLAIN or (kind is float and not math.isfinite(value)):
        return None
    if kind is int and not -_LARGEST <= value <= _LARGEST:
        return None
    return json.dumps(value)
