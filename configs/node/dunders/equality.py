"""Equality of buildables: same values, same sharing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.leaf_equality import same_leaf
from ...core.registry import BUILDABLE_TYPES, LEAF_TYPES, UNUSED_ID_BITS, class_of
from ...core.slots import NodeSlots
from ...signature.signature import signature_of
from ...traversal.traverse import NodeKind, kind_of

# Not a list of pairs: so many tuples would have the garbage collector look through both graphs.
_Children = tuple[Sequence[object], Sequence[object]]
_Numbers = tuple[list[int], list[int]]


def equal(left: object, right: object) -> bool:
    """Return whether two graphs have equal nodes and values, and the same sharing.

    An unset argument equals one set to the default; effects have to be equal. Neither tags nor
    history count, nor program order and the form of calls. Of immutable containers, which build the
    same shared or not, only the content counts. Works for graphs of any depth, and with cycles.
    """
    if left is right:
        return True
    comparison = _Comparison()
    ones, others = comparison.ones, comparison.others
    ones.append(left)
    others.append(right)
    while ones:
        one, other = ones.pop(), others.pop()
        cls = class_of(one)
        if cls in BUILDABLE_TYPES:
            if type(other) is not cls or not comparison.same_node(one, other):
                return False
        elif not comparison.same_value(one, other):
            return False
    return comparison.one_to_one()


class _Comparison:
    """The knowledge so far, and the values left to compare: each of the ones with its other."""

    def __init__(self) -> None:
        self.ones: list[Any] = []
        self.others: list[Any] = []
        # Sharing is the same if the nodes of both sides pair up one to one. They live as long as
        # the graphs, so their ids are their own; a user's ``__eq__`` that edits them is on its own.
        # Ones as they came and, at the same places, what each was met with first. That of each
        # later meeting is kept apart and looked at in the end: most graphs share little.
        self._known: set[int] = set()
        self._numbers: _Numbers = ([], [])
        self._again: _Numbers = ([], [])
        self._compared: set[tuple[int, int]] = set()

    def one_to_one(self) -> bool:
        """Tell whether each node or container was paired with one of the other side only."""
        ones, others = self._numbers
        if len(set(others)) != len(others):
            return False
        if not self._again[0]:
            return True
        other_of = dict(zip(ones, others, strict=True))
        return all(other_of[one] == other for one, other in zip(*self._again, strict=True))

    def meets_first(self, one: object, other: object) -> bool:
        """Pair two nodes or containers; tell whether the one was not seen before."""
        number = id(one) >> UNUSED_ID_BITS
        ones, others = self._numbers
        new = number not in self._known
        if new:
            self._known.add(number)
        else:
            ones, others = self._again
        ones.append(number)
        others.append(id(other) >> UNUSED_ID_BITS)
        return new

    def same_node(self, one: NodeSlots, other: NodeSlots) -> bool:
        """Compare two buildables of one class but for their children."""
        if not self.meets_first(one, other):
            return True
        fn = one.__fn_or_cls__
        if fn is not other.__fn_or_cls__ and not same_leaf(fn, other.__fn_or_cls__):
            return False
        mine, theirs = one.__arguments__, other.__arguments__
        if mine.keys() != theirs.keys():
            defaults = signature_of(fn).defaults
            set_here, set_there = mine.keys() - theirs.keys(), theirs.keys() - mine.keys()
            if not (set_here | set_there) <= defaults.keys():
                return False
            mine = {**mine, **{key: defaults[key] for key in set_there}}
            theirs = {**theirs, **{key: defaults[key] for key in set_here}}
        if one.__effects__ or other.__effects__:
            if len(one.__effects__ or ()) != len(other.__effects__ or ()):
                return False
            self.ones.extend(one.__effects__ or ())
            self.others.extend(other.__effects__ or ())
        for key, value in mine.items():
            match = theirs[key]
            if class_of(value) in LEAF_TYPES:
                if value is match:
                    continue
                if class_of(match) in LEAF_TYPES:
                    if value != match:
                        return False
                    continue
            self.ones.append(value)
            self.others.append(match)
        return True

    def same_value(self, one: object, other: object) -> bool:
        """Compare two values that are no buildables of one class, but for their children."""
        kind = kind_of(one)
        if kind is None:
            # Identity first, as containers do it: NaN, and arrays that compare by element.
            # A node on the other side is no leaf, whatever a permissive ``==`` would say.
            return one is other or (kind_of(other) is None and same_leaf(one, other))
        if type(one) is not type(other):
            return False
        if kind.mutable:
            if not self.meets_first(one, other):
                return True
        else:
            pair = (id(one), id(other))
            if pair in self._compared:
                return True
            self._compared.add(pair)
        children = _pair_children(kind, one, other)
        if children is None:
            return False
        self.ones.extend(reversed(children[0]))
        self.others.extend(reversed(children[1]))
        return True


def _pair_children(kind: NodeKind, one: Any, other: Any) -> _Children | None:
    """Return the children of both to compare; None if the two differ already."""
    keys, values = kind.flatten(one)
    if isinstance(one, dict):
        if one.keys() != other.keys():
            return None
        return values, [other[key] for key in keys]
    other_keys, others = kind.flatten(other)
    if len(values) != len(others) or list(keys) != list(other_keys):
        return None
    return values, others
