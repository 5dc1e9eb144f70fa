"""The changes that turn one graph into another, given which of their values are aligned."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final, cast

from ..core.keys import ArgumentKey
from ..core.leaf_equality import both_nan, same_leaf
from ..core.names import callable_name
from ..core.registry import LEAF_TYPES, class_of
from ..core.slots import NodeSlots, set_effects
from ..core.tag_storage import tags_at
from ..traversal.content_hash import hash_leaf
from ..traversal.item_pairs import match_items
from ..traversal.location import count_uses
from ..traversal.paths import Index, Path, PathElement
from ..traversal.traverse import NodeKind, Visit, fold, is_shareable, kind_of, parts_of
from .alignment import DiffAlignment, align_surveyed
from .changes import (
    NEW_SHARED,
    OLD,
    AddTag,
    ChangeBuildableClass,
    ChangeCallable,
    DeleteValue,
    Diff,
    DiffOperation,
    InsertValue,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
    old_text,
)
from .survey import Survey

_NOTHING: Final = object()


def build_diff(old: object, new: object) -> Diff:
    """Return the changes that turn one graph into another, aligned heuristically.

    Sharing counts: a node used twice is no longer the same if it becomes two. An unset argument
    differs from one set to the default, and ``1`` from ``True``, though nodes with them are equal.

    Args:
        old: A buildable, containers that hold some, or any other value; it does not change.
        new: What it is to become; it does not change.

    Raises:
        CycleError: A graph contains itself.

    Example:
        >>> from bytefig.configs import Config
        >>> part = Config(int, "1")
        >>> print(build_diff(Config(dict, a=part), Config(dict, b=part)))
        --- old
        +++ new
        - <root>.a = <Config[int]>
        + <root>.b = <old.a>
    """
    old_survey, new_survey = Survey(old), Survey(new)
    alignment = align_surveyed(old_survey, new_survey)
    return _Comparison(alignment, old_survey, new_survey).build()


def build_diff_from_alignment(alignment: DiffAlignment) -> Diff:
    """Return the changes that turn one graph into another, given an alignment.

    Args:
        alignment: The alignment. Of containers that cannot be changed in place, pairs whose
            content differs are dropped from it.

    Raises:
        CycleError: A graph contains itself.
    """
    return _Comparison(alignment, Survey(alignment.old), Survey(alignment.new)).build()


class _NewValues(dict[int, object]):
    """The new values of a diff, by id; references stand for aligned ones."""

    def __init__(self, alignment: DiffAlignment, old: Survey) -> None:
        super().__init__()
        self._alignment = alignment
        self._old = old

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or self._aligned(key) is not None

    def __missing__(self, key: int) -> Reference:
        old = self._aligned(key)
        # Not kept, since a reference to somewhere deep has a long path.
        return Reference(OLD, self._old.path(old))

    def _aligned(self, key: object) -> object:
        return self._alignment.old_from_new_id(cast("int", key))


class _Comparison:
    def __init__(self, alignment: DiffAlignment, old: Survey, new: Survey) -> None:
        self.alignment = alignment
        self.old = old
        self.new = new
        self.new_values = _NewValues(alignment, old)
        self.changes: list[DiffOperation] = []
        self.shared: list[object] = []
        # New nodes and the effects that theirs are made of, once all nodes are known.
        self.acted_on: list[tuple[object, Iterable[object]]] = []
        self.same: set[tuple[int, int]] = set()
        self.old_numbers: dict[int, object] = {}
        self.new_numbers: dict[int, object] = {}

    @cached_property
    def uses(self) -> Counter[int]:
        """How many places of the new graph a node is used by."""
        return count_uses(self.new.root)

    def build(self) -> Diff:
        if any(kind.mutable and kind.fill is None for kind in self.new.kinds):
            fold(self.new.root, self._drop_changed)
        old, new = self.old.root, self.new.root
        if not self._unchanged(old, new):
            self.changes.append(ModifyValue((), self._new_value(new), old_text(old)))
        aligned = self.alignment.old_from_new_id
        for node, kind in self.new.mutable_nodes():
            if kind.fill is not None and (one := aligned(id(node))) is not None:
                self._compare(kind, one, node)
        for value, effects in self.acted_on:  # grows
            set_effects(value, tuple(map(self._new_value, effects)))
        return Diff(tuple(self.changes), tuple(self.shared))

    def _drop_changed(self, visit: Visit, _: object) -> None:
        """Unalign values that would have to change and cannot be changed in place."""
        kind, new = visit.kind, visit.node
        if not kind.mutable or kind.fill or not self.alignment.is_new_value_aligned(new):
            return
        keys, values = kind.flatten(new)
        old_keys, olds = kind.flatten(self.alignment.old_from_new(new))
        if list(keys) != list(old_keys) or not all(map(self._unchanged, olds, values)):
            self.alignment.forget(new)

    def _compare(self, kind: NodeKind, old: Any, new: Any) -> None:
        if kind.buildable:
            self._compare_heads(old, new)
        if type(old) in (list, deque) and len(old) != len(new):
            self._compare_items(old, new)
            return
        leaves = LEAF_TYPES
        before = dict(zip(*parts_of(kind, old), strict=True))
        after = dict(zip(*parts_of(kind, new), strict=True))
        for key in {**before, **after}:
            value, match = before.get(key, _NOTHING), after.get(key, _NOTHING)
            if value is match and class_of(value) in leaves:
                continue
            if value is _NOTHING:
                change = SetValue(self._target(old, kind.element(key)), self._new_value(match))
            elif match is _NOTHING:
                change = DeleteValue(self._target(old, kind.element(key)), old_text(value))
            elif self._unchanged(value, match):
                continue
            else:
                change = self._modify(value, match, old, kind.element(key))
            self.changes.append(change)
        if kind.buildable and old.__argument_tags__ != new.__argument_tags__:
            self._compare_tags(kind, old, new)

    def _compare_items(self, old: Sequence[object], new: Sequence[object]) -> None:
        """Compare two lists of different lengths."""
        numbers = [self._number(item, id, self.old_numbers) for item in old]
        new_numbers = [self._number(item, self._old_id, self.new_numbers) for item in new]
        following, added = 0, 0
        for index, other in match_items(numbers, new_numbers):
            if index is None:
                assert other is not None
                at_end = following == len(old)
                target = self._target(old, Index(following + added))
                change = SetValue if at_end else InsertValue
                self.changes.append(change(target, self._new_value(new[other])))
                added += at_end
                continue
            following = index + 1
            if other is None:
                self.changes.append(
                    DeleteValue(self._target(old, Index(index)), old_text(old[index]))
                )
            elif not self._unchanged(old[index], new[other]):
                self.changes.append(self._modify(old[index], new[other], old, Index(index)))

    def _modify(self, value: object, match: object, old: object, step: PathElement) -> ModifyValue:
        return ModifyValue(self._target(old, step), self._new_value(match), old_text(value))

    def _number(
        self, value: object, identity: Callable[[object], int], known: dict[int, object]
    ) -> int:
        """Return a number that is the same for a value and the one it is aligned with.

        Only a hint, as a hash is; but what is aligned has it of its own.
        """

        def number(visit: Visit, _: object) -> int:
            if visit.kind.mutable:
                return hash((True, identity(visit.node)))
            return hash((hash_leaf(cast("object", type(visit.node))), *visit.results))

        return cast("int", fold(value, number, hash_leaf, known, effects=False))

    def _old_id(self, new: object) -> int:
        old = self.alignment.old_from_new_id(id(new))
        return -id(new) if old is None else id(old)

    def _compare_heads(self, old: NodeSlots, new: NodeSlots) -> None:
        cls = cast("type[Any]", type(new))
        if type(old) is not cls:
            name = type(old).__name__
            self.changes.append(ChangeBuildableClass(self._target(old), cls, name))
        fn, other = old.__fn_or_cls__, new.__fn_or_cls__
        if not same_leaf(fn, other):
            self.changes.append(ChangeCallable(self._target(old), other, callable_name(fn)))

    def _compare_tags(self, kind: NodeKind, old: NodeSlots, new: NodeSlots) -> None:
        keys: Iterable[ArgumentKey] = {
            **(old.__argument_tags__ or {}),
            **(new.__argument_tags__ or {}),
        }
        for key in keys:
            before, after = tags_at(old, key), tags_at(new, key)
            target = self._target(old, kind.element(key))
            self.changes += (RemoveTag(target, tag) for tag in sorted(before - after, key=str))
            self.changes += (AddTag(target, tag) for tag in sorted(after - before, key=str))

    def _target(self, old: object, *elements: PathElement) -> Path:
        return (*self.old.path(old), *elements)

    def _unchanged(self, old: object, new: object) -> bool:
        """Return whether nothing has to be done at a place for its value to become another."""
        kind = kind_of(new)
        if kind is None:
            return kind_of(old) is None and _same_leaf(old, new)
        if kind.mutable:
            return self.alignment.are_aligned(old, new)
        return self._unchanged_inside(old, new)

    def _unchanged_inside(self, old: object, new: object) -> bool:
        """Return the same for a container that is replaced, not changed."""
        seen: set[tuple[int, int]] = set()
        pending = [(old, new)]
        while pending:
            one, other = pending.pop()
            kind = kind_of(other)
            if kind is None or kind.mutable:
                if not self._unchanged(one, other):
                    return False
            elif type(one) is not type(other):
                return False
            elif (pair := (id(one), id(other))) not in self.same and pair not in seen:
                seen.add(pair)
                keys, values = kind.flatten(one)
                other_keys, others = kind.flatten(other)
                if list(keys) != list(other_keys):
                    return False
                pending.extend(zip(values, others, strict=True))
        self.same |= seen
        return True

    def _new_value(self, value: object) -> object:
        return fold(value, self._made, memo=self.new_values, effects=False)

    def _made(self, visit: Visit, _: object) -> object:
        value: object = visit.rebuild()
        if visit.kind.buildable and visit.node.__effects__:
            self.acted_on.append((value, visit.node.__effects__))
        if self.uses[id(visit.node)] < 2 or not is_shareable(visit.kind, visit.node):
            return value
        self.shared.append(value)
        return Reference(NEW_SHARED, (Index(len(self.shared) - 1),))


def _same_leaf(one: object, other: object) -> bool:
    if one is other:
        return True
    return type(one) is type(other) and (same_leaf(one, other) or both_nan(one, other))
