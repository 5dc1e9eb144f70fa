"""The traversal for users: `iterate` over the values of a graph, `map_graph` them to others."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from ..core.errors import CycleError, ManyPathsError
from ..core.keys import Arguments
from ..core.shown import plain_repr
from ..core.slots import NodeSlots
from .paths import Path, PathElement, format_path
from .traverse import EFFECTS, NodeKind, Visit, fold, kind_of, path_inside, path_of, walk

_MANY: Final = 50_000
#: How many paths to each value are taken for meant.
_PATHS_EACH: Final = 8


@attrs.frozen(eq=False, repr=False)
class Place:
    """A value of a graph, and the way that led to it.

    Attributes:
        value: The value.
        parent: Where the container of the value is; None for the root.
        key: The key of the value in its container.
    """

    value: Any
    parent: Place | None = None
    _kind: NodeKind | None = None
    key: Any = None

    @property
    def element(self) -> PathElement | None:
        """The last step of the path; None for the root."""
        return None if self._kind is None else self._kind.element(self.key)

    @property
    def path(self) -> Path:
        """The path from the root; worked out when asked for, as deep graphs have long ones."""
        steps: list[PathElement] = []
        place: Place | None = self
        while place is not None and place._kind is not None:
            steps.append(place._kind.element(place.key))
            place = place.parent
        return tuple(reversed(steps))

    @property
    def node(self) -> NodeSlots | None:
        """The node that this is an argument of, if it is one."""
        if self.parent is None or self._kind is None or not self._kind.buildable:
            return None
        return self.parent.value

    def __str__(self) -> str:
        """Return the path as text."""
        return format_path(self.path)

    def __repr__(self) -> str:
        """Return the path and the value."""
        return f"<Place {self} of {plain_repr(self.value)}>"


def iterate(graph: object, memoized: bool = True) -> Iterator[Place]:
    """Yield every value of a graph, leaves included, parents first.

    What is inside a value is looked up after it was yielded, so it may be edited.

    Args:
        graph: A buildable, containers that hold some, or any other value.
        memoized: Yield each node once, however many paths lead to it; cycles are fine. If false,
            yield it once for each path, which may be exponentially often.

    Raises:
        CycleError: The graph contains itself, and is not memoized.

    Example:
        >>> from bytefig.configs import Config
        >>> shared = Config(dict, a=1)
        >>> [str(place) for place in iterate([shared, shared])]
        ['<root>', '<root>[0]', '<root>[0].a']
        >>> [place.value for place in iterate([shared, shared], memoized=False)][2:]
        [1, <Config[dict(a=1)]>, 1]
    """
    return (place for place, first in places(graph, memoized=memoized) if first is None)


def places(
    graph: object,
    inner: Container[int] | None = None,
    arguments: Callable[[NodeSlots], Arguments] | None = None,
    memoized: bool = True,
) -> Iterator[tuple[Place, Place | None]]:
    """Yield every value of a graph, parents first, and where it was already, if it is shared.

    Args:
        graph: A buildable, containers that hold some, or any other value.
        inner: The ids of the nodes to look into; of all by default. Of the others, those that
            cannot be edited are not said to be shared.
        arguments: Returns the children of a node; by default its arguments.
        memoized: Look into each node once. If false, once for each path, and nothing is said to
            be shared.

    Raises:
        CycleError: The graph contains itself, and is not memoized.
        ManyPathsError: It is not memoized, and there is no end to its paths.
    """
    # Where each node was first, by its id. Keeps the values alive, too.
    entered: dict[int, Place] = {}
    counter = PathCounter(graph)
    pending: list[Iterator[Place]] = [iter((Place(graph),))]
    inside: list[Place] = []
    # Where nodes with effects are, by their id.
    acted_on: dict[int, Place] = {}
    effects: list[Place] = []
    while pending or effects:
        if not pending:
            pending.append(iter(effects))
            effects = []
        place = next(pending[-1], None)
        if place is None:
            pending.pop()
            if inside:
                left = inside.pop()
                if not memoized:
                    del entered[id(left.value)]
            continue
        kind = kind_of(place.value)
        if kind is None:
            yield place, None
            continue
        known = entered.get(id(place.value))
        if known is not None and not memoized:
            raise CycleError(str(known), str(place))
        if not memoized:
            counter.count(lambda place=place: place.path)
        yield place, known
        if known is not None:
            continue
        enter = inner is None or id(place.value) in inner
        if enter or (memoized and kind.mutable):
            entered[id(place.value)] = place
        if enter:
            if kind.buildable and acted_on.setdefault(id(place.value), place) is place:
                effects.extend(_children(place, EFFECTS, None))
            inside.append(place)
            pending.append(_children(place, kind, arguments))


def _children(
    place: Place, kind: NodeKind, arguments: Callable[[NodeSlots], Arguments] | None
) -> Iterator[Place]:
    items: Iterable[tuple[object, object]]
    if kind.buildable and arguments is not None:
        items = arguments(place.value).items()
    else:
        items = zip(*kind.flatten(place.value), strict=True)
    return (Place(value, place, kind, key) for key, value in items)


class PathCounter:
    """Counts the values that are met, path by path, and stops where there is no end to them."""

    __slots__ = ("_graph", "_left")

    def __init__(self, graph: object) -> None:
        self._graph = graph
        self._left: float = _MANY

    def count(self, path: Callable[[], Path]) -> None:
        """Count one more value, the path to which can be asked for.

        Raises:
            ManyPathsError: The graph has far more paths than values.
        """
        self._left -= 1
        if self._left < 0:
            values = sum(1 + len(kind.flatten(node)[0]) for node, kind in walk(self._graph))
            if _PATHS_EACH * values <= _MANY:
                raise ManyPathsError(format_path(path()))
            self._left = _PATHS_EACH * values


class _Forgetful(dict[int, object]):
    """A memo that remembers nothing, but counts."""

    def __init__(self, graph: object, stack: list[Visit]) -> None:
        super().__init__()
        self._counter = PathCounter(graph)
        self._stack = stack

    def __setitem__(self, key: int, value: object) -> None:
        self._counter.count(lambda: path_inside(self._stack[:-1]))


def map_graph(fn: Callable[[object], object], graph: object, memoized: bool = True) -> Any:
    """Return a graph with every value replaced by a function of it, children first.

    Args:
        fn: Given a value: a leaf, or a copy of a node whose children are replaced already. Returns
            what takes its place.
        graph: A buildable, containers that hold some, or any other value; it does not change.
        memoized: Map each node once, so that sharing is kept. If false, it is mapped for each path
            anew.

    Raises:
        CycleError: The graph contains itself.
        ManyPathsError: It is not memoized, and there is no end to its paths.

    Example:
        >>> from bytefig.configs import Config
        >>> map_graph(lambda value: value + 1 if type(value) is int else value, Config(dict, a=[1]))
        <Config[dict(a=[2])]>
    """
    stack: list[Visit] = []
    memo = None if memoized else _Forgetful(graph, stack)
    return fold(graph, lambda visit, _: fn(visit.rebuild()), fn, memo, stack)


def map_with_path(
    fn: Callable[[Path, object], object], graph: object, memoized: bool = True
) -> Any:
    """Map a graph as `map_graph`, by a function that is given the path of each value, too.

    Args:
        fn: Given the first path that leads to a value, and the value, as for `map_graph`.
        graph: As for `map_graph`.
        memoized: As for `map_graph`.

    Raises:
        CycleError: The graph contains itself.
        ManyPathsError: It is not memoized, and there is no end to its paths.

    Example:
        >>> map_with_path(lambda path, value: format_path(path) if value == 1 else value, [[1], 2])
        [['<root>[0][0]'], 2]
    """
    stack: list[Visit] = []

    def leaf(value: object) -> object:
        return fn(path_inside(stack), value)

    def combine(visit: Visit, visits: Sequence[Visit]) -> object:
        return fn(path_of(visits), visit.rebuild())

    memo = None if memoized else _Forgetful(graph, stack)
    return fold(graph, combine, leaf, memo, stack)
