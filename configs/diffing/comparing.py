"""The changes that turn one graph into another, given which of their values are aligned."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import attrs

from ..argument_tags import tags_at
from ..iteration import Place, iterate
from ..paths import Index, Path, PathElement
from ..signatures import ArgumentKey, callable_name
from ..traverse import NodeKind, Visit, fold, kind_of, walk
from .aligning import DiffAlignment, align_heuristically
from .changes import (
    NEW_SHARED,
    OLD,
    AddTag,
    ChangeBuildableClass,
    ChangeCallable,
    DeleteValue,
    Diff,
    DiffOperation,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
    old_text,
)


def build_diff(old: Any, new: Any) -> Diff:
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
    return build_diff_from_alignment(align_heuristically(old, new))


def build_diff_from_alignment(alignment: DiffAlignment) -> Diff:
    """Return the changes that turn one graph into another, given what becomes what.

    Args:
        alignment: The alignment. Of containers that cannot be changed in place, pairs whose
            content differs are dropped from it.

    Raises:
        CycleError: A graph contains itself.
    """
    return _Comparison(alignment).build()


class _NewValues(dict[int, Any]):
    """What new values are in a diff, by id; those that are aligned are references."""

    def __init__(self, alignment: DiffAlignment, places: dict[int, Place]) -> None:
        super().__init__()
        self._alignment = alignment
        self._places = places

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or self._aligned(key) is not None

    def __missing__(self, key: int) -> Reference:
        old = self._aligned(key)
        # Not kept, since a reference to somewhere deep has a long path.
        return Reference(OLD, self._places[id(old)].path)

    def _aligned(self, key: object) -> Any:
        return self._alignment.old_from_new_id(cast("int", key))


@attrs.define(init=False)
class _Comparison:
    alignment: DiffAlignment
    places: dict[int, Place]
    uses: Counter[int]
    new_values: _NewValues
    changes: list[DiffOperation]
    shared: list[Any]
    same: set[tuple[int, int]]

    def __init__(self, alignment: DiffAlignment) -> None:
        self.alignment = alignment
        self.places = {}
        for place in iterate(alignment.old):
            if kind_of(place.value) is not None:
                self.places.setdefault(id(place.value), place)
        self.uses = Counter((id(alignment.new),))
        for node, kind in walk(alignment.new):
            self.uses.update(map(id, kind.flatten(node)[1]))
        self.new_values = _NewValues(alignment, self.places)
        self.changes = []
        self.shared = []
        self.same = set()

    def build(self) -> Diff:
        fold(self.alignment.new, self._drop_changed)
        old, new = self.alignment.old, self.alignment.new
        if not self._unchanged(old, new):
            self.changes.append(ModifyValue((), self._new_value(new), old_text(old)))
        for node, kind in walk(new):
            if kind.fill is not None and self.alignment.is_new_value_aligned(node):
                self._compare(kind, self.alignment.old_from_new(node), node)
        return Diff(tuple(self.changes), tuple(self.shared))

    def _drop_changed(self, visit: Visit, _: object) -> None:
        """Unalign what would have to change and cannot be changed in place."""
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
        before = dict(zip(*kind.flatten(old), strict=True))
        after = dict(zip(*kind.flatten(new), strict=True))
        for key, value in before.items():
            if key not in after:
                self.changes.append(
                    DeleteValue(self._target(old, kind.element(key)), old_text(value))
                )
            elif not self._unchanged(value, after[key]):
                target = self._target(old, kind.element(key))
                new_value = self._new_value(after[key])
                self.changes.append(ModifyValue(target, new_value, old_text(value)))
        for key, value in after.items():
            if key not in before:
                target = self._target(old, kind.element(key))
                self.changes.append(SetValue(target, self._new_value(value)))
        if kind.buildable and old.__argument_tags__ != new.__argument_tags__:
            self._compare_tags(kind, old, new)

    def _compare_heads(self, old: Any, new: Any) -> None:
        cls = cast("type[Any]", type(new))
        if type(old) is not cls:
            path, name = self._target(old), type(old).__name__
            self.changes.append(ChangeBuildableClass(path, cls, name))
        fn, other = old.__fn_or_cls__, new.__fn_or_cls__
        if fn is not other and fn != other:
            self.changes.append(ChangeCallable(self._target(old), other, callable_name(fn)))

    def _compare_tags(self, kind: NodeKind, old: Any, new: Any) -> None:
        keys: dict[ArgumentKey, object] = {
            **(old.__argument_tags__ or {}),
            **(new.__argument_tags__ or {}),
        }
        for key in keys:
            before, after = tags_at(old, key), tags_at(new, key)
            if before != after:
                target = self._target(old, kind.element(key))
                for tag in sorted(before - after, key=str):
                    self.changes.append(RemoveTag(target, tag))
                for tag in sorted(after - before, key=str):
                    self.changes.append(AddTag(target, tag))

    def _target(self, old: Any, *elements: PathElement) -> Path:
        return (*self.places[id(old)].path, *elements)

    def _unchanged(self, old: Any, new: Any) -> bool:
        """Return whether nothing has to be done at a place for its value to become another."""
        seen: set[tuple[int, int]] = set()
        pending = [(old, new)]
        while pending:
            one, other = pending.pop()
            kind = kind_of(other)
            if kind is None:
                if kind_of(one) is not None or not _same_leaf(one, other):
                    return False
            elif kind.mutable:
                if not self.alignment.are_aligned(one, other):
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

    def _new_value(self, value: Any) -> Any:
        return fold(value, self._made, memo=self.new_values)

    def _made(self, visit: Visit, _: object) -> object:
        value = visit.rebuild()
        if self.uses[id(visit.node)] < 2:
            return value
        if not visit.kind.mutable and not _holds_nodes(visit):
            return value
        self.shared.append(value)
        return Reference(NEW_SHARED, (Index(len(self.shared) - 1),))


def _holds_nodes(visit: Visit) -> bool:
    # A tuple of plain values may be a constant of the program, used everywhere.
    return any(kind_of(child) is not None for child in visit.kind.flatten(visit.node)[1])


def _same_leaf(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    try:
        return bool(one == other)
    except Exception:  # an array compares by element, so it counts as another
        return False
