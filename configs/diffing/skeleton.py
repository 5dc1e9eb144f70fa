"""The least that a graph must have for a diff to fit, with placeholders for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import attrs

from ..core.tag_type import TagType
from ..editing.effects import add_effects
from ..editing.tags import add_tag
from ..node.kinds import Config
from ..traversal.paths import Attr, Effect, Index, Key, Path, PathElement, format_path, key_of
from ..traversal.traverse import KINDS, fold
from .changes import (
    OLD,
    AddTag,
    ChangeBuildableClass,
    ChangeCallable,
    Diff,
    DiffError,
    InsertValue,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
)


@attrs.frozen(repr=False)
class AnyValue:
    """Stands in a skeleton for a value that a diff says nothing about."""

    def __repr__(self) -> str:
        """Return ``*``."""
        return "*"


@attrs.frozen(repr=False)
class AnyCallable(AnyValue):
    """Stands in a skeleton for the callable of a node; takes any arguments."""

    # The first name is no other argument's: one called ``args`` could not be set by name.
    def __call__(self, /, *__positional: object, **kwargs: object) -> NoReturn:
        """Refuse: a skeleton cannot be built.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            "this is a skeleton, so nobody knows what to call\n"
            "  fix: apply the diff to a graph, and build that"
        )


class ListPrefix(list[object]):
    """Stands in a skeleton for a list of which a diff knows the first items only."""

    def __repr__(self) -> str:
        """Return ``ListPrefix(*, *)``."""
        return f"ListPrefix({', '.join(map(repr, self))})"


def _rebuild(_: object, __: object, values: list[object]) -> ListPrefix:
    return ListPrefix(values)


KINDS[ListPrefix] = attrs.evolve(KINDS[list], rebuild=_rebuild)


def skeleton_from_diff(diff: Diff) -> Any:
    """Return the least graph that has every path of the old graph that a diff speaks of.

    Nodes are a `Config` of `AnyCallable`, lists a `ListPrefix`, and all other values `AnyValue`. An
    `Index` is taken for that of a list, unless other changes say that a node is there.

    Args:
        diff: The diff; it does not change.

    Raises:
        DiffError: No graph has all of these paths.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.diffing import build_diff
        >>> old, new = (Config(dict, a=[1, Config(dict, b=1)], b=0) for _ in range(2))
        >>> new.a[1].b = 2
        >>> skeleton_from_diff(build_diff(old, new))
        <Config[*(a=ListPrefix(*, <Config[*(b=*)]>))]>
    """
    root = _Place()
    for change in diff.changes:
        if isinstance(change, ChangeCallable | ChangeBuildableClass):
            root.at(change.target).is_node = True
            continue
        if isinstance(change, SetValue | InsertValue | ModifyValue):
            _add_references(root, change.new_value)
        if not change.target:
            continue
        parent, last = root.at(change.target[:-1]), change.target[-1]
        if isinstance(change, AddTag | RemoveTag):
            parent.is_node = True
        if isinstance(change, RemoveTag):
            parent.tags.append((last, change.tag))
        if isinstance(change, SetValue):
            parent.added.append(last)
        elif not isinstance(change, AddTag | RemoveTag):
            parent.at((last,))
    _add_references(root, list(diff.new_shared_values))
    return root.build()


def _add_references(root: _Place, value: object) -> None:
    def leaf(value: object) -> None:
        if type(value) is Reference and value.root == OLD:
            root.at(value.target)

    fold(value, lambda _, __: None, leaf)


@attrs.define(eq=False)
class _Place:
    """The knowledge about one place in the old graph."""

    outer: _Place | None = None
    element: PathElement | None = None
    inside: dict[PathElement, _Place] = attrs.field(factory=dict[PathElement, "_Place"])
    # What is not there yet, and tags of what may be there.
    added: list[PathElement] = attrs.field(factory=list[PathElement])
    tags: list[tuple[PathElement, TagType]] = attrs.field(factory=list[tuple[PathElement, TagType]])
    is_node: bool = False

    def at(self, path: Path) -> _Place:
        """Return the place at a path from here; makes it known if it is not."""
        place = self
        for element in path:
            place = place.inside.setdefault(element, _Place(place, element))
        return place

    def __str__(self) -> str:
        """Return the path to it as text."""
        steps: list[PathElement] = []
        place = self
        while place.outer is not None and place.element is not None:
            steps.append(place.element)
            place = place.outer
        return format_path(reversed(steps))

    def build(self) -> object:
        """Return the least value that has all of it."""
        places: list[_Place] = [self]
        for place in places:  # grows: what is inside comes after what it is in
            places.extend(place.inside.values())
        values: dict[int, Any] = {}
        for place in reversed(places):
            made = {element: values[id(inside)] for element, inside in place.inside.items()}
            values[id(place)] = place.hold(made)
        return values[id(self)]

    def hold(self, made: dict[PathElement, Any]) -> object:
        """Return a value that holds others at some places."""
        kinds = {type(element) for element in (*made, *self.added, *(it for it, _ in self.tags))}
        is_node = self.is_node or Attr in kinds or Effect in kinds
        if Key in kinds and len(kinds) + is_node > 1:
            other = "a node" if is_node else "a list"
            raise DiffError(f"{self} would have to be both {other} and a dict")
        if is_node:
            return self._node(made)
        if Key in kinds:
            return {key_of(element): value for element, value in made.items()}
        return ListPrefix(_items(made, self.added)) if kinds else AnyValue()

    def _node(self, made: dict[PathElement, Any]) -> Config[object]:
        node = Config[object](AnyCallable(), *_items(made, self.added))
        for element, value in made.items():
            if isinstance(element, Attr):
                setattr(node, element.name, value)
            elif isinstance(element, Effect):
                add_effects(node, value)
        for element, tag in self.tags:
            add_tag(node, key_of(element), tag)
        return node


def _items(made: dict[PathElement, object], added: Iterable[PathElement]) -> Iterator[object]:
    """Yield the items up to the last that is known; those that are added follow them."""
    known = {place.index: value for place, value in made.items() if isinstance(place, Index)}
    first_added = min((place.index for place in added if isinstance(place, Index)), default=0)
    length = max([first_added, *(index + 1 for index in known)])
    return (known.get(index, AnyValue()) for index in range(length))
