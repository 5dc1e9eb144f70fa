"""The order in which a graph is printed: which values get a line, and which are shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from .core.errors import CycleError
from .core.sentinels import NO_VALUE
from .signature.signature import ArgumentKey, Arguments, signature_of
from .traversal.iteration import PathCounter
from .traversal.paths import Path, PathElement, format_path
from .traversal.traverse import NodeKind, kind_of, walk

if TYPE_CHECKING:
    from .node.buildable import Buildable


@attrs.frozen(eq=False)
class Spot:
    """A value, or an unset argument, and the way that led to it.

    Attributes:
        value: The value; an `Unset` for an argument that has none.
        parent: Where the container of the value is; None for the root.
        element: The last step of the path; None for the root.
        key: The key of the value in its container.
    """

    value: Any
    parent: Spot | None = None
    element: PathElement | None = None
    key: Any = None

    @property
    def path(self) -> Path:
        """The path from the root; worked out when asked for, as deep graphs have long ones."""
        steps: list[PathElement] = []
        spot: Spot | None = self
        while spot is not None and spot.element is not None:
            steps.append(spot.element)
            spot = spot.parent
        return tuple(reversed(steps))

    @property
    def node(self) -> Buildable[Any] | None:
        """The node that this is an argument of, if it is one."""
        if self.parent is None:
            return None
        kind = kind_of(self.parent.value)
        return self.parent.value if kind is not None and kind.buildable else None


@attrs.frozen
class Unset:
    """Stands for an argument that is not set.

    Attributes:
        default: The default; `NO_VALUE` without one.
        made: Whether the default is made by a factory at every call.
    """

    default: Any = NO_VALUE
    made: bool = False


def holders(root: object) -> set[int]:
    """Return the ids of all buildables of a graph, and of all containers with one inside."""
    found: list[int] = []
    parents: dict[int, list[int]] = {}
    for node, kind in walk(root):
        if kind.buildable:
            found.append(id(node))
        for child in kind.flatten(node)[1]:
            if kind_of(child) is not None:
                parents.setdefault(id(child), []).append(id(node))
    known = set(found)
    while found:
        for parent in parents.get(found.pop(), ()):
            if parent not in known:
                known.add(parent)
                found.append(parent)
    return known


def arguments_with_unset(
    node: Buildable[Any], include_unset: bool, include_defaults: bool
) -> Arguments:
    """Return the arguments of a node in order, with an `Unset` for those that are not set.

    Args:
        node: The node.
        include_unset: Include those without a default, too.
        include_defaults: Include those with a default, too.
    """
    signature = signature_of(node.__fn_or_cls__)
    found: dict[ArgumentKey, object] = {}
    if include_unset:
        found.update(dict.fromkeys(signature.required, Unset()))
    if include_defaults:
        found.update(dict.fromkeys(signature.factories, Unset(made=True)))
        found.update((key, Unset(default)) for key, default in signature.defaults.items())
    found.update(node.__arguments__)
    for key in node.__argument_tags__ or ():  # a tag is to be seen, value or not
        found.setdefault(key, Unset(signature.default(key), key in signature.factories))
    return signature.ordered(found)


def spots(
    root: object,
    inner: set[int],
    arguments: Callable[[Buildable[Any]], Arguments],
    memoized: bool = True,
) -> Iterator[tuple[Spot, Spot | None]]:
    """Yield every value to print, parents first, and where it was already, if it is shared.

    Containers without a node inside are not looked into.

    Args:
        root: A buildable, containers that hold some, or any other value.
        inner: What `holders` returns for it.
        arguments: What to look at as the children of a node.
        memoized: Look into each node once. If false, once for each path, and nothing is said to
            be shared.

    Raises:
        CycleError: The graph contains itself, and is not memoized.
        ManyPathsError: There is no end to its paths, and it is not memoized.
    """
    seen: dict[int, Spot] = {}
    counter = PathCounter(root)
    pending: list[Iterator[Spot]] = [iter((Spot(root),))]
    inside: list[Spot] = []
    while pending:
        spot = next(pending[-1], None)
        if spot is None:
            pending.pop()
            if inside:
                left = inside.pop()
                if not memoized:
                    del seen[id(left.value)]
            continue
        kind = kind_of(spot.value)
        known = None if kind is None else seen.get(id(spot.value))
        holds = kind is not None and id(spot.value) in inner
        if known is not None and not memoized:
            raise CycleError(format_path(known.path), format_path(spot.path))
        if not memoized:
            counter.count(lambda spot=spot: spot.path)
        yield spot, known
        if kind is None or known is not None:
            continue
        if holds or (memoized and kind.mutable):
            seen[id(spot.value)] = spot
        if holds:
            inside.append(spot)
            pending.append(_children(spot, kind, arguments))


def _children(
    spot: Spot, kind: NodeKind, arguments: Callable[[Buildable[Any]], Arguments]
) -> Iterator[Spot]:
    items: Iterable[tuple[Any, object]]
    if kind.buildable:
        items = arguments(spot.value).items()
    else:
        items = zip(*kind.flatten(spot.value), strict=True)
    return (Spot(value, spot, kind.element(key), key) for key, value in items)
