"""Rows of a graph as the records that the script of a page makes its rows from.

A record is a list: the level, the label, the kind, what it is, and if needed a dict of more:

- ``mark``: ``"added"``, ``"removed"`` or ``"changed"``; ``was``: the text of the value before
- ``tags``: pairs of a name and what it means; ``uses``: at how many paths the node is
- ``note``: how its sharing compares; ``to``: the number of the record where the node is
- ``long``: the text of a long value; ``edits``: lines that tell of edits; ``cut``: 1

What a node is, is a number: that of a list of its type, its callable, the full name of that, and
the line that says where it was made. Many nodes have the same.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final, TypeAlias

import attrs

from ...core.sentinels import NO_VALUE
from ...node.dunders.representation import short_repr
from .rows import Row
from .text import (
    MAX_TEXT,
    before_text,
    fn_name,
    full_fn_name,
    kind_text,
    label,
    made_lines,
    path_text,
    rest_text,
    sorted_tags,
    tag_title,
    value_text,
    visible,
    visible_type_name,
    without_many,
)

_MAX_LONG_TEXT: Final = 10_000

Record: TypeAlias = list[Any]


class Kind(IntEnum):
    """The kind of thing that a record is; the script of the page has the same numbers."""

    LEAF = 0
    MAPPING = 1
    SEQUENCE = 2
    NODE = 3
    UNSET = 4
    LINK = 5
    REST = 6


@attrs.define(eq=False)
class Records:
    """Records of rows, and the texts that many of them share.

    Attributes:
        folder: What to leave out at the beginning of files' names.
        heads: What nodes are: type, callable, full name, where made.
        records: The records, each before what is inside.
    """

    folder: str = ""
    heads: dict[tuple[str, ...], int] = attrs.field(factory=dict[tuple[str, ...], int])
    records: list[Record] = attrs.field(factory=list[Record])

    def add(self, root: Row) -> None:
        """Add the records of everything below a root."""
        numbers: dict[Row, int] = {}
        links: list[tuple[dict[str, object], Row]] = []
        pending: list[tuple[int, Row | str]] = [(0, root)]
        while pending:
            level, row = pending.pop()
            if isinstance(row, str):
                self.records.append([level, "", Kind.REST, row])
                continue
            numbers[row] = len(self.records)
            kind, what = self._what(row)
            more = self._more(row)
            if kind is Kind.LEAF and len(str(what)) == MAX_TEXT:
                more["long"] = visible(short_repr(row.value, _MAX_LONG_TEXT), keep="\n")
            self.records.append([level, label(row), kind, what])
            if row.target is not None:
                links.append((more, row.target))
            if more or row.target is not None:
                self.records[-1].append(more)
            shown = without_many(row.children)
            if len(shown) < len(row.children):
                pending.append((level + 1, rest_text(len(row.children) - len(shown))))
            pending.extend((level + 1, part) for part in reversed(shown))
        for more, target in links:
            more["to"] = numbers[target]

    def _what(self, row: Row) -> tuple[Kind, str | int]:
        if row.target is not None:
            target = row.target
            return Kind.LINK, f"{value_text(target, 80)}, shared: {path_text(target)}"
        if row.value is NO_VALUE:
            return Kind.UNSET, value_text(row, MAX_TEXT)
        if row.kind is None:
            return Kind.LEAF, value_text(row, MAX_TEXT)
        if not row.kind.buildable:
            sequence = isinstance(row.value, list | tuple)
            return Kind.SEQUENCE if sequence else Kind.MAPPING, kind_text(row)
        node = row.value
        made = made_lines(row, self.folder)[: _is_made(row)]
        head = (visible_type_name(node), fn_name(node), full_fn_name(node), *made)
        return Kind.NODE, self.heads.setdefault(head, len(self.heads))

    def _more(self, row: Row) -> dict[str, object]:
        more: dict[str, object] = {}
        if row.mark:
            more["mark"] = row.mark
        if row.before is not None:
            more["was"] = before_text(row)
        if row.tags:
            more["tags"] = [
                [visible(tag.__qualname__), tag_title(tag)] for tag in sorted_tags(row.tags)
            ]
        if row.uses > 1:
            more["uses"] = row.uses
        if row.note:
            more["note"] = row.note
        if row.cut:
            more["cut"] = 1
        if row.target is None:
            edits = made_lines(row, self.folder)[_is_made(row) :]
            if edits:
                more["edits"] = edits
        return more


def _is_made(row: Row) -> bool:
    """Return whether it is known where a node was made."""
    return row.kind is not None and row.kind.buildable and row.value.__provenance__ is not None
