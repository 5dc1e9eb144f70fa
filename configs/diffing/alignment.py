"""Which values of one graph become which values of another."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import attrs

from ..core.leaf_equality import same_leaf
from ..core.registry import LEAF_TYPES, class_of
from ..core.slots import NodeSlots
from ..traversal.content_hash import hash_inside, hash_leaf
from ..traversal.item_pairs import likeness_of_nodes, match_items
from ..traversal.traverse import NodeKind, kind_of, parts_of
from .changes import OLD, AlignmentError, old_text
from .survey import Survey

_Pair = tuple[object, object]
_Children = tuple[Iterator[object], Iterator[object]]
# So that a value that half of a graph has in common does not make alignment quadratic.
_MOST_CANDIDATES: Final = 8
_NOTHING: Final = object()


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

    def __init__(
        self, old: object, new: object, old_name: str = OLD, new_name: str = "new"
    ) -> None:
        self.old = old
        self.new = new
        self.old_name = old_name
        self.new_name = new_name
        # By id, what the one becomes, and what becomes the other.
        self._new_by_old: dict[int, object] = {}
        self._old_by_new: dict[int, object] = {}

    def is_old_value_aligned(self, old_value: object) -> bool:
        """Return whether a value of the old graph is aligned."""
        return id(old_value) in self._new_by_old

    def is_new_value_aligned(self, new_value: object) -> bool:
        """Return whether a value of the new graph is aligned."""
        return id(new_value) in self._old_by_new

    def new_from_old(self, old_value: object) -> Any:
        """Return the new value that an old one is aligned with.

        Raises:
            KeyError: It is not aligned.
        """
        return self._new_by_old[id(old_value)]

    def old_from_new(self, new_value: object) -> Any:
        """Return the old value that a new one is aligned with.

        Raises:
            KeyError: It is not aligned.
        """
        return self._old_by_new[id(new_value)]

    def are_aligned(self, old_value: object, new_value: object) -> bool:
        """Return whether the one becomes the other."""
        return self._old_by_new.get(id(new_value), _NOTHING) is old_value

    def aligned_values(self) -> list[AlignedValues]:
        """Return all pairs, in the order in which they were aligned."""
        new_values = self._new_by_old.values()
        return [AlignedValues(self._old_by_new[id(new)], new) for new in new_values]

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
        self.align_unchecked(old_value, new_value)

    def align_unchecked(self, old_value: object, new_value: object) -> None:
        """Align as `align`, two values that `can_align` accepted."""
        self._new_by_old[id(old_value)] = new_value
        self._old_by_new[id(new_value)] = old_value

    def forget(self, new_value: object) -> None:
        """Take back the alignment of a value of the new graph."""
        del self._new_by_old[id(self._old_by_new.pop(id(new_value)))]

    def old_from_new_id(self, new_id: int) -> object:
        """Return the old value for the id of a new one; None if it is not aligned."""
        return self._old_by_new.get(new_id)

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


def align_by_id(
    old: object, new: object, old_name: str = OLD, new_name: str = "new"
) -> DiffAlignment:
    """Align the objects that are in both graphs.

    Args:
        old: The root of the old graph.
        new: The root of the new graph.
        old_name: What to call the old graph.
        new_name: What to call the new graph.

    Raises:
        CycleError: A graph contains itself.

    Example:
        >>> from bytefig.configs import Config
        >>> part = Config(int)
        >>> align_by_id([part], [1, part])
        <DiffAlignment of 'old' and 'new': 1 values>
    """
    alignment = DiffAlignment(old, new, old_name, new_name)
    _align_identical(alignment, Survey(old), Survey(new))
    return alignment


def _align_identical(alignment: DiffAlignment, old: Survey, new: Survey) -> None:
    for node in new.nodes:
        if node in old and alignment.can_align(node, node):
            alignment.align_unchecked(node, node)


def align_heuristically(
    old: object, new: object, old_name: str = OLD, new_name: str = "new"
) -> DiffAlignment:
    """Align two graphs so that the diff is short, in time linear in their size.

    Aligned are, in this order: the roots; what is the same object; nodes with the same path and
    callable, and containers with the same path; equal values elsewhere; nodes of the same callable
    with at least half of the arguments equal; and nodes with the same path that have an argument
    name in common. In a list whose length changed, equal items are matched, as many as are in the
    same order; between them, those that are most alike. Versions may differ in this.

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
    return align_surveyed(Survey(old), Survey(new), old_name, new_name)


def align_surveyed(
    old: Survey, new: Survey, old_name: str = OLD, new_name: str = "new"
) -> DiffAlignment:
    """Align two graphs as `align_heuristically`, given a survey of each."""
    alignment = DiffAlignment(old.root, new.root, old_name, new_name)
    aligner = _Aligner(alignment, old, new)
    if alignment.can_align(old.root, new.root):
        alignment.align_unchecked(old.root, new.root)
    _align_identical(alignment, old, new)
    left = aligner.align_paths(old.root, new.root)
    aligner.align_best(aligner.equals)
    aligner.align_best(aligner.similar)
    for one, other in left:
        alike = not one.__arguments__.keys().isdisjoint(other.__arguments__)
        if alike and alignment.can_align(one, other):
            alignment.align_unchecked(one, other)
    return alignment


@attrs.define
class _Aligner:
    alignment: DiffAlignment
    old: Survey
    new: Survey
    # Hashes of what is inside of nodes, by id; worked out when first needed. Only a hint: nothing
    # depends on them being unique.
    _hashes: dict[int, int] = attrs.field(factory=dict[int, int])
    # Ids of values that were looked at side by side already: of each old one and the first new one,
    # and pairs with others, of which there are few.
    first: dict[int, int] = attrs.field(factory=dict[int, int])
    paired: set[tuple[int, int]] = attrs.field(factory=set[tuple[int, int]])

    def hash_of(self, value: object) -> int:
        # Of all the graph at once, so that a value is never looked into twice.
        if not self._hashes:
            for survey in (self.old, self.new):
                hash_inside(survey.root, self._hashes)
        return hash_inside(value, self._hashes)

    def align_paths(self, old: object, new: object) -> list[tuple[NodeSlots, NodeSlots]]:
        """Align the values of one path below two; return the nodes whose callables differ."""
        alignment, first, paired, leaves = self.alignment, self.first, self.paired, LEAF_TYPES
        seen: set[int] = set()
        seen_new: set[int] = set()
        left: list[tuple[NodeSlots, NodeSlots]] = []
        ones, others = list[Any]([old]), list[Any]([new])
        while ones:
            one, other = ones.pop(), others.pop()
            kind = kind_of(other)
            if kind is None or not _same_kind(one, other):
                continue
            number, number_new = id(one), id(other)
            met = first.get(number)
            if met is None:
                first[number] = number_new
            elif met == number_new:
                continue
            else:
                pair = (number, number_new)
                if pair in paired or (number in seen and number_new in seen_new):
                    continue
                paired.add(pair)
            seen.add(number)
            seen_new.add(number_new)
            if kind.mutable and not alignment.are_aligned(one, other):
                if not alignment.can_align(one, other):
                    continue
                if kind.buildable and not same_leaf(one.__fn_or_cls__, other.__fn_or_cls__):
                    left.append((one, other))
                else:
                    alignment.align_unchecked(one, other)
            for value, match in zip(*self._children(kind, one, other), strict=True):
                if class_of(value) not in leaves:
                    ones.append(value)
                    others.append(match)
        return left

    def _children(self, kind: NodeKind, one: object, other: object) -> _Children:
        """Return the pairs of values at the same places, from the last place to the first."""
        keys, values = parts_of(kind, one)
        other_keys, others = parts_of(kind, other)
        if type(one) in (list, deque) and len(values) != len(others):
            pairs = self._matched(values, others)
        elif type(keys) in (tuple, range) and keys == other_keys:
            return reversed(values), reversed(others)
        else:
            matches = dict(zip(other_keys, others, strict=True))
            pairs = [
                (value, matches[key])
                for key, value in zip(keys, values, strict=True)
                if key in matches
            ]
        return (value for value, _ in reversed(pairs)), (match for _, match in reversed(pairs))

    def _matched(self, values: Sequence[object], others: Sequence[object]) -> list[_Pair]:
        """Match the items of two lists of different lengths."""
        matches = match_items(
            [*map(self.hash_of, values)],
            [*map(self.hash_of, others)],
            lambda index, other: likeness_of_nodes(values[index], others[other], self.hash_of),
        )
        return [
            (values[index], others[other])
            for index, other in matches
            if index is not None and other is not None
        ]

    def align_best(self, clues: Callable[[object, NodeKind], Iterable[object]]) -> None:
        """Align each new value with the old one that has most clues in common, at least half."""
        alignment = self.alignment
        known: dict[object, deque[object]] = {}
        for one, kind in self.old.mutable_nodes():
            if not alignment.is_old_value_aligned(one):
                for clue in clues(one, kind):
                    known.setdefault(clue, deque()).append(one)
        for other, kind in self.new.mutable_nodes() if known else ():
            if alignment.is_new_value_aligned(other):
                continue
            votes: Counter[int] = Counter()
            candidates: dict[int, object] = {}
            wanted = list(clues(other, kind))
            for clue in wanted:
                for one in self._free(known.get(clue, deque())):
                    votes[id(one)] += 1
                    candidates[id(one)] = one
            if votes:
                best, count = votes.most_common(1)[0]
                if 2 * count >= len(wanted) and alignment.can_align(candidates[best], other):
                    alignment.align_unchecked(candidates[best], other)
                    self.align_paths(candidates[best], other)

    def _free(self, candidates: deque[object]) -> list[object]:
        # Those that are aligned by now are dropped once, not looked at again and again.
        while candidates and self.alignment.is_old_value_aligned(candidates[0]):
            candidates.popleft()
        return [
            one
            for one in islice(candidates, _MOST_CANDIDATES)
            if not self.alignment.is_old_value_aligned(one)
        ]

    def equals(self, value: object, kind: NodeKind) -> Iterator[object]:
        # An empty container is like any other: that it moved would be a guess.
        if kind.buildable or len(kind.flatten(value)[1]):
            yield self.hash_of(value)

    def similar(self, value: Any, kind: NodeKind) -> Iterator[object]:
        if kind.buildable:
            for key, child in value.__arguments__.items():
                yield hash_leaf(value.__fn_or_cls__), key, self.hash_of(child)
