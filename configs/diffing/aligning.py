"""Which values of one graph become which values of another."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, cast

import attrs

from ..traverse import NodeKind, Visit, fold, kind_of, walk
from .changes import OLD, AlignmentError, old_text

_Pair = tuple[Any, Any]
# So that a value that half of a graph has in common does not make alignment quadratic.
_MOST_CANDIDATES: Final = 8


@attrs.frozen
class AlignedValues:
    """A value of the old graph and the value of the new one that it becomes."""

    old_value: Any
    new_value: Any


class DiffAlignment:
    """A one-to-one relation between buildables, lists and dicts of two graphs.

    A diff changes an old value in place into the new one that it is aligned with; other new values
    are made anew. Every alignment gives a correct diff; a good one gives a short diff.

    Args:
        old: The root of the old graph.
        new: The root of the new graph.
        old_name: What to call the old graph.
        new_name: What to call the new graph.

    Example:
        >>> from bytefig.configs import Config
        >>> old, new = Config(int), Config(str)
        >>> alignment = DiffAlignment(old, new)
        >>> alignment.align(old, new)
        >>> alignment.new_from_old(old) is new
        True
    """

    def __init__(self, old: Any, new: Any, old_name: str = OLD, new_name: str = "new") -> None:
        self.old = old
        self.new = new
        self.old_name = old_name
        self.new_name = new_name
        self._new_by_old: dict[int, AlignedValues] = {}
        self._old_by_new: dict[int, AlignedValues] = {}

    def is_old_value_aligned(self, old_value: object) -> bool:
        """Return whether a value of the old graph is aligned."""
        return id(old_value) in self._new_by_old

    def is_new_value_aligned(self, new_value: object) -> bool:
        """Return whether a value of the new graph is aligned."""
        return id(new_value) in self._old_by_new

    def new_from_old(self, old_value: object) -> Any:
        """Return what a value becomes.

        Raises:
            KeyError: It is not aligned.
        """
        return self._new_by_old[id(old_value)].new_value

    def old_from_new(self, new_value: object) -> Any:
        """Return what becomes a value.

        Raises:
            KeyError: It is not aligned.
        """
        return self._old_by_new[id(new_value)].old_value

    def are_aligned(self, old_value: object, new_value: object) -> bool:
        """Return whether the one becomes the other."""
        pair = self._old_by_new.get(id(new_value))
        return pair is not None and pair.old_value is old_value

    def aligned_values(self) -> list[AlignedValues]:
        """Return all pairs, in the order in which they were aligned."""
        return list(self._new_by_old.values())

    def can_align(self, old_value: object, new_value: object) -> bool:
        """Return whether `align` would accept two values."""
        return self._obstacle(old_value, new_value) is None

    def align(self, old_value: object, new_value: object) -> None:
        """Say that a value of the old graph becomes one of the new.

        Raises:
            AlignmentError: One is aligned already, they are of different kinds, or the value is
                none that can be changed.
        """
        obstacle = self._obstacle(old_value, new_value)
        if obstacle is not None:
            pair = f"{old_text(old_value)} with {old_text(new_value)}"
            raise AlignmentError(f"cannot align {pair}: {obstacle}")
        pair = AlignedValues(old_value, new_value)
        self._new_by_old[id(old_value)] = self._old_by_new[id(new_value)] = pair

    def forget(self, new_value: object) -> None:
        """Take back the alignment of a value of the new graph."""
        pair = self._old_by_new.pop(id(new_value))
        del self._new_by_old[id(pair.old_value)]

    def old_from_new_id(self, new_id: int) -> Any:
        """Return what becomes the value with an id; None if it is not aligned."""
        pair = self._old_by_new.get(new_id)
        return None if pair is None else pair.old_value

    def _obstacle(self, old_value: object, new_value: object) -> str | None:
        if self.is_old_value_aligned(old_value) or self.is_new_value_aligned(new_value):
            return "one of them is aligned already"
        if not _same_kind(old_value, new_value):
            return "they are of different kinds"
        kind = kind_of(new_value)
        if kind is None or not kind.mutable:
            return "such a value is replaced, not changed"
        return None

    def __repr__(self) -> str:
        """Return the names and the number of pairs."""
        count = len(self._new_by_old)
        return f"<DiffAlignment of {self.old_name!r} and {self.new_name!r}: {count} values>"


def _same_kind(one: Any, other: Any) -> bool:
    """Return whether one can become the other by changes of its children."""
    kind, other_kind = kind_of(one), kind_of(other)
    if kind is None or kind is not other_kind:
        return False
    if kind.buildable:
        return True
    if type(one) is not type(other):
        return False
    if type(one) is deque:
        return one.maxlen == other.maxlen
    if type(one) is OrderedDict:  # a diff does not say where in the order a value goes
        return [*one] == [*other]
    return type(one) is not defaultdict or one.default_factory is other.default_factory


def align_by_id(old: Any, new: Any, old_name: str = OLD, new_name: str = "new") -> DiffAlignment:
    """Align what is the same object in both graphs.

    Args:
        old: The root of the old graph.
        new: The root of the new graph.
        old_name: What to call the old graph.
        new_name: What to call the new graph.

    Example:
        >>> from bytefig.configs import Config
        >>> part = Config(int)
        >>> align_by_id([part], [1, part])
        <DiffAlignment of 'old' and 'new': 1 values>
    """
    alignment = DiffAlignment(old, new, old_name, new_name)
    _align_identical(alignment)
    return alignment


def _align_identical(alignment: DiffAlignment) -> None:
    known = {id(node) for node, _ in walk(alignment.old)}
    for node, _ in walk(alignment.new):
        if id(node) in known and alignment.can_align(node, node):
            alignment.align(node, node)


def align_heuristically(
    old: Any, new: Any, old_name: str = OLD, new_name: str = "new"
) -> DiffAlignment:
    """Align two graphs so that the diff is short, in time linear in their size.

    Aligned are, in this order: the roots; what is the same object; nodes with the same path and
    callable, and containers with the same path; equal values elsewhere; nodes of the same callable
    with at least half of the arguments equal; and nodes with the same path that have an argument
    name in common. In a list whose length changed, items are matched from both ends as long as
    they are equal. Versions may differ in this.

    Args:
        old: The root of the old graph.
        new: The root of the new graph.
        old_name: What to call the old graph.
        new_name: What to call the new graph.

    Raises:
        CycleError: A graph contains itself.

    Example:
        >>> from bytefig.configs import Config
        >>> old = Config(dict, a=Config(int, "1"))
        >>> new = Config(dict, a=1, moved=Config(int, "1"))
        >>> align_heuristically(old, new).new_from_old(old.a) is new.moved
        True
    """
    alignment = DiffAlignment(old, new, old_name, new_name)
    aligner = _Aligner(alignment)
    if alignment.can_align(old, new):
        alignment.align(old, new)
    _align_identical(alignment)
    left = aligner.align_paths(old, new)
    aligner.align_best(aligner.equals)
    aligner.align_best(aligner.similar)
    for one, other in left:
        if not one.__arguments__.keys().isdisjoint(other.__arguments__) and alignment.can_align(
            one, other
        ):
            alignment.align(one, other)
    return alignment


@attrs.define
class _Aligner:
    alignment: DiffAlignment
    # Hashes of what is inside of nodes, by id. Only a hint: nothing depends on them being unique.
    hashes: dict[int, int] = attrs.field(factory=dict[int, int])
    # Ids of values that were looked at side by side already.
    paired: set[tuple[int, int]] = attrs.field(factory=set[tuple[int, int]])

    def __attrs_post_init__(self) -> None:
        for root in (self.alignment.old, self.alignment.new):
            fold(root, _hash_node, _hash_leaf, self.hashes)

    def hash_of(self, value: object) -> int:
        return _hash_leaf(value) if kind_of(value) is None else self.hashes[id(value)]

    def align_paths(self, old: Any, new: Any) -> list[_Pair]:
        """Align what has the same path below two values.

        Returns:
            The nodes with the same path whose callables differ.
        """
        alignment = self.alignment
        seen: set[int] = set()
        seen_new: set[int] = set()
        left: list[_Pair] = []
        pending = [(old, new)]
        while pending:
            one, other = pending.pop()
            kind = kind_of(other)
            if kind is None or not _same_kind(one, other):
                continue
            pair = (id(one), id(other))
            if pair in self.paired or (pair[0] in seen and pair[1] in seen_new):
                continue
            self.paired.add(pair)
            seen.add(id(one))
            seen_new.add(id(other))
            if kind.mutable and not alignment.are_aligned(one, other):
                if not alignment.can_align(one, other):
                    continue
                if kind.buildable and not _same_callable(one, other):
                    left.append((one, other))
                else:
                    alignment.align(one, other)
            pending.extend(reversed(self._child_pairs(kind, one, other)))
        return left

    def _child_pairs(self, kind: NodeKind, one: Any, other: Any) -> list[_Pair]:
        keys, values = kind.flatten(one)
        other_keys, others = kind.flatten(other)
        if type(one) not in (list, deque) or len(values) == len(others):
            matches = dict(zip(other_keys, others, strict=True))
            pairs = zip(keys, values, strict=True)
            return [(value, matches[key]) for key, value in pairs if key in matches]
        shorter = min(len(values), len(others))
        first = 0
        while first < shorter and self.hash_of(values[first]) == self.hash_of(others[first]):
            first += 1
        last = 0
        while last < shorter - first and self.hash_of(values[-1 - last]) == self.hash_of(
            others[-1 - last]
        ):
            last += 1
        middle = zip(values[first : len(values) - last], others[first : len(others) - last])  # noqa: B905
        ends = zip(values[len(values) - last :], others[len(others) - last :], strict=True)
        return [*zip(values[:first], others[:first], strict=True), *middle, *ends]

    def align_best(self, clues: Callable[[Any, NodeKind], Iterable[object]]) -> None:
        """Align each new value with the old one that has most clues in common, at least half."""
        alignment = self.alignment
        known: dict[object, deque[Any]] = {}
        for one, kind in walk(alignment.old):
            if not alignment.is_old_value_aligned(one):
                for clue in clues(one, kind):
                    known.setdefault(clue, deque()).append(one)
        for other, kind in walk(alignment.new) if known else ():
            if alignment.is_new_value_aligned(other):
                continue
            votes: Counter[int] = Counter()
            candidates: dict[int, Any] = {}
            wanted = list(clues(other, kind))
            for clue in wanted:
                for one in self._free(known.get(clue, deque())):
                    votes[id(one)] += 1
                    candidates[id(one)] = one
            if votes:
                best, count = votes.most_common(1)[0]
                if 2 * count >= len(wanted) and alignment.can_align(candidates[best], other):
                    alignment.align(candidates[best], other)
                    self.align_paths(candidates[best], other)

    def _free(self, candidates: deque[Any]) -> list[Any]:
        # Those that are aligned by now are dropped once, not looked at again and again.
        while candidates and self.alignment.is_old_value_aligned(candidates[0]):
            candidates.popleft()
        return [
            one
            for one in islice(candidates, _MOST_CANDIDATES)
            if not self.alignment.is_old_value_aligned(one)
        ]

    def equals(self, value: Any, kind: NodeKind) -> Iterator[object]:
        # An empty container is like any other: that it moved would be a guess.
        if kind.mutable and (kind.buildable or len(kind.flatten(value)[1])):
            yield self.hashes[id(value)]

    def similar(self, value: Any, kind: NodeKind) -> Iterator[object]:
        if kind.buildable:
            for key, child in value.__arguments__.items():
                yield _identity(value.__fn_or_cls__), key, self.hash_of(child)


def _same_callable(one: Any, other: Any) -> bool:
    return one.__fn_or_cls__ is other.__fn_or_cls__ or one.__fn_or_cls__ == other.__fn_or_cls__


def _hash_node(visit: Visit, _: object) -> int:
    node = visit.node
    kind = hash(cast("type[Any]", type(node)))
    if visit.kind.buildable:
        kind = _identity(node.__fn_or_cls__)
    items = zip(map(_hash_leaf, visit.keys), cast("list[int]", visit.results), strict=True)
    return hash((kind, frozenset(items) if isinstance(node, dict) else tuple(items)))


def _hash_leaf(value: object) -> int:
    try:
        return hash((type(value), value))
    except Exception:  # a set, an array: what is the same at all is that it is one
        return hash(type(value))


def _identity(fn: object) -> int:
    return _hash_leaf(fn)
