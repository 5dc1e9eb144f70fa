"""A graph as a tree of rows, each node drawn at one of them: every drawing starts here.

The tree may be compared with an earlier graph, by path: then rows have a mark, and what is only in
the earlier graph has rows of its own.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any, Final, Literal, TypeAlias

import attrs

from ...core.errors import CycleError
from ...core.sentinels import NO_VALUE
from ...core.slots import NodeSlots
from ...core.tag_storage import tags_at
from ...core.tag_type import TagType
from ...traversal.content_hash import hash_inside
from ...traversal.item_pairs import likeness_of_nodes, match_items
from ...traversal.paths import Effect, Index, Key, Path, PathElement, format_path, parse_path
from ...traversal.traverse import NodeKind, is_shareable, kind_of
from .value_comparison import same_node, same_value

Mark: TypeAlias = Literal["", "added", "removed", "changed"]

_NO_TAGS: Final[frozenset[TagType]] = frozenset()


@attrs.define(eq=False)
class Row:
    """One value of a graph, at one path.

    Attributes:
        element: The step from the parent; None for the root.
        value: The value; `NO_VALUE` for an argument that has tags only.
        kind: How the value is taken apart; None for a leaf.
        parent: The row of the container.
        depth: Count of steps from the root.
        tags: The tags of the argument.
        children: The rows of what is inside; empty if the node is drawn elsewhere.
        target: The row at which the node is drawn, if not here.
        uses: At how many paths the node is; of a node that is left, in the later graph.
        linked: Whether another row is a link to it.
        cut: Whether something inside was left out.
        mark: How it compares with the earlier graph.
        before: What was there in the earlier graph, if that is what changed.
        note: How its sharing compares with the earlier graph.
        inside: Whether a row inside has a mark.
    """

    element: PathElement | None
    value: Any
    kind: NodeKind | None
    parent: Row | None = None
    depth: int = 0
    tags: frozenset[TagType] = _NO_TAGS
    children: list[Row] = attrs.field(factory=list["Row"])
    target: Row | None = None
    uses: int = 1
    linked: bool = False
    cut: bool = False
    mark: Mark = ""
    before: Row | None = None
    note: str = ""
    inside: bool = False


@attrs.frozen(eq=False)
class Outline:
    """A graph as a tree of rows.

    Attributes:
        root: The row of the root.
        marks: How many rows have which mark.
        values: How many values the graph has, at all paths.
        nodes: How many of them are buildables; a shared one counts once.
        shared: How many nodes are shared.
    """

    root: Row
    marks: Counter[Mark]
    values: int
    nodes: int
    shared: int

    def drawn(self) -> Iterator[Row]:
        """Yield all rows."""
        return _drawn(self.root)


def outline(
    graph: object,
    earlier: object = NO_VALUE,
    *,
    changed: Iterable[str | Path] = (),
    max_rows: int | None = None,
    max_depth: int | None = None,
) -> Outline:
    """Return a graph as a tree of rows. Any depth will do, and so will cycles.

    Args:
        graph: A buildable, containers that hold some, or any other value.
        earlier: A graph to compare with.
        changed: Paths to mark as changed.
        max_rows: Leave out what is inside of nodes once there are so many rows.
        max_depth: Leave out what is inside of nodes that many steps from the root.

    Raises:
        ValueError: One of the ``changed`` paths is not in the graph, or is not a path.

    Example:
        >>> rows = outline({"a": 1, "b": 2}, earlier={"a": 0, "c": 3})
        >>> [(str(row.element), row.mark) for row in rows.root.children]
        [("['a']", 'changed'), ("['b']", 'added'), ("['c']", 'removed')]
    """
    maker = _Maker(earlier is not NO_VALUE, max_rows, max_depth)
    root = Row(None, graph, kind_of(graph))
    maker.make(root, Row(None, earlier, kind_of(earlier)) if maker.comparing else None)
    for path in changed:
        _mark(_find(root, parse_path(path) if isinstance(path, str) else path), "changed")
    return _counted(root)


@attrs.define(eq=False)
class _Maker:
    comparing: bool
    max_rows: int | None
    max_depth: int | None
    size: int = 1
    drawn: dict[int, Row] = attrs.field(factory=dict[int, Row])
    # Which nodes are at the same path: id to id, and the id of the earlier one to the row.
    earlier_of: dict[int, int] = attrs.field(factory=dict[int, int])
    later_of: dict[int, Row] = attrs.field(factory=dict[int, Row])
    # Rows of the earlier graph: those only it has, and all, which keeps the ids above valid.
    removed: list[Row] = attrs.field(factory=list[Row])
    alive: list[Row] = attrs.field(factory=list[Row])
    hashes: dict[int, int] = attrs.field(factory=dict[int, int])

    def make(self, root: Row, earlier: Row | None) -> None:
        """Fill in everything below a root, depth first, so that a node is drawn where it is met."""
        pending: list[tuple[Row, Row | None]] = [(root, earlier)]
        while pending:
            row, old = pending.pop()
            if old is not None:
                self.alive.append(old)
            if self._link(row, self.drawn):
                self._compare_link(row, old)
                continue
            self._compare(row, old)
            pending.extend(reversed(self._enter(row, old)))
        # Last, when it is known which of the earlier nodes the graph still has.
        self._make_removed()

    def _make_removed(self) -> None:
        drawn = dict(self.later_of)
        pending = list(reversed(self.removed))
        while pending:
            row = pending.pop()
            _mark(row, "removed")
            if not self._link(row, drawn):
                row.children = self._parts(row)
                pending.extend(reversed(row.children))

    def _link(self, row: Row, drawn: dict[int, Row]) -> bool:
        """Return whether the node of a row is drawn already; if not, it is drawn there."""
        if row.kind is None or not _is_shareable(row):
            return False
        row.target = drawn.get(id(row.value))
        if row.target is None:
            drawn[id(row.value)] = row
            return False
        row.target.linked = True
        # A place that the later graph does not have is no use of a node that it has.
        if row.mark != "removed" or row.target.mark == "removed":
            row.target.uses += 1
        return True

    def _enter(self, row: Row, old: Row | None) -> list[tuple[Row, Row | None]]:
        if self._is_too_far(row):
            row.cut = row.kind is not None
            return []
        parts = self._parts(row)
        before = [] if old is None else self._parts(old)
        pairs: list[tuple[Row, Row | None]] = []
        for part, other in self._paired(parts, before, row, old):
            if part is not None:
                row.children.append(part)
                pairs.append((part, other))
            elif other is not None:
                other.parent, other.depth = row, row.depth + 1
                row.children.append(other)
                self.removed.append(other)
        return pairs

    def _paired(
        self, parts: list[Row], before: list[Row], row: Row, old: Row | None
    ) -> Iterator[tuple[Row | None, Row | None]]:
        """Yield the rows of a container, each with its former value."""
        lists = old is not None and type(row.value) is type(old.value) in (list, tuple, deque)
        if lists and len(parts) != len(before):
            yield from self._matched(parts, before)
            return
        others = {_key(part): part for part in before}
        for part in parts:
            yield part, others.pop(_key(part), None)
        for part in others.values():
            yield None, part

    def _matched(
        self, parts: list[Row], before: list[Row]
    ) -> Iterator[tuple[Row | None, Row | None]]:
        values, olds = [part.value for part in parts], [part.value for part in before]
        try:
            numbers, old_numbers = [*map(self._hash, values)], [*map(self._hash, olds)]
        except CycleError:  # such a graph can be shown, too; but no insertions found in it
            yield from ((part, old) for part, old in zip_longest(parts, before))
            return

        def alike(old: int, new: int) -> int:
            return likeness_of_nodes(olds[old], values[new], self._hash)

        for old, new in match_items(old_numbers, numbers, alike):
            yield None if new is None else parts[new], None if old is None else before[old]

    def _hash(self, value: object) -> int:
        return hash_inside(value, self.hashes)

    def _is_too_far(self, row: Row) -> bool:
        return (self.max_depth is not None and row.depth >= self.max_depth) or (
            self.max_rows is not None and self.size >= self.max_rows
        )

    def _parts(self, row: Row) -> list[Row]:
        kind = row.kind
        if kind is None:
            return []
        parts = [
            Row(kind.element(key), value, kind_of(value), row, row.depth + 1, tags)
            for key, value, tags in islice(_items(kind, row.value), self.max_rows)
        ]
        row.cut = len(parts) == self.max_rows
        self.size += len(parts)
        return parts

    def _compare(self, row: Row, old: Row | None) -> None:
        if old is None:
            if self.comparing:
                _mark(row, "added")
            return
        if row.tags != old.tags or not _is_same(row, old):
            row.before = old
            _mark(row, "changed")
        if type(row.value) is not type(old.value) or not _is_shareable(row):
            return
        other = self.later_of.setdefault(id(old.value), row)
        self.earlier_of[id(row.value)] = id(old.value)
        if other is not row and not self._is_copied(row.parent, old.parent):
            row.note = "was shared"
            _mark(row, "changed")

    def _is_copied(self, row: Row | None, old: Row | None) -> bool:
        """Return whether a node was shared itself, so that all inside of it was shared with it."""
        if row is None or old is None:
            return False
        return self.later_of.get(id(old.value), row) is not row

    def _compare_link(self, row: Row, old: Row | None) -> None:
        if old is None:
            self._compare(row, old)
        elif row.tags != old.tags or not _is_same(row, old):
            row.before = old
            _mark(row, "changed")
        elif self.earlier_of.get(id(row.value)) != id(old.value):
            row.note = "was not shared"
            _mark(row, "changed")


def _drawn(root: Row) -> Iterator[Row]:
    pending = [root]
    while pending:
        row = pending.pop()
        yield row
        pending.extend(row.children)


def _counted(root: Row) -> Outline:
    marks: Counter[Mark] = Counter()
    values = nodes = shared = 0
    for row in _drawn(root):
        if row.mark:
            marks[row.mark] += 1
        if row.mark == "removed":
            continue
        values += 1
        if row.kind is not None and row.target is None:
            nodes += row.kind.buildable
            shared += row.uses > 1
    return Outline(root, marks, values, nodes, shared)


def _items(kind: NodeKind, value: Any) -> Iterable[tuple[object, object, frozenset[TagType]]]:
    keys, values = kind.flatten(value)
    if not kind.buildable:
        for key, item in zip(keys, values, strict=True):
            yield key, item, _NO_TAGS
        return
    for key, item in zip(keys, values, strict=True):
        yield key, item, tags_at(value, key)
    node: NodeSlots = value
    for name, tags in (node.__argument_tags__ or {}).items():
        if name not in node.__arguments__:
            yield name, NO_VALUE, tags
    for index, effect in enumerate(node.__effects__ or ()):
        yield Effect(index), effect, _NO_TAGS


def _key(row: Row) -> object:
    try:
        hash(row.element)
    except TypeError:  # a key of a registered container
        return str(row.element)
    return row.element


def _is_shareable(row: Row) -> bool:
    return row.kind is not None and is_shareable(row.kind, row.value)


def _is_same(row: Row, old: Row) -> bool:
    if row.kind is None or old.kind is None:
        return row.kind is old.kind and same_value(row.value, old.value)
    return same_node(row.value, old.value, row.kind.buildable)


def _mark(row: Row, mark: Mark) -> None:
    row.mark = mark
    parent = row.parent
    while parent is not None and not parent.inside:
        parent.inside = True
        parent = parent.parent


def _find(root: Row, path: Path) -> Row:
    row = root
    for element in path:
        same: set[PathElement] = {element}
        if isinstance(element, Index):  # which is also how a text gives an integer key
            same.add(Key(element.index))
        inside = (row.target or row).children
        found = next((part for part in inside if part.element in same), None)
        if found is None:
            raise ValueError(f"cannot mark {format_path(path)}: the graph has no value there")
        row = found
    return row
