"""The traversal for users: `iterate` over the values of a graph, `map_graph` them to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import attrs

from ..core.errors import CycleError, ManyPathsError
from ..core.shown import plain_repr
from .paths import Path, PathElement, format_path
from .traverse import NodeKind, Visit, fold, kind_of, walk

_MANY: Final = 50_000
#: How many paths to each value are taken for meant.
_PATHS_EACH: Final = 8
_ROOT: Final = object()


@attrs.frozen(eq=False, repr=False)
class Place:
    """A value of a graph, and the way that led to it.

    Attributes:
        value: The value.
        parent: Where the container of the value is; None for the root.
    """

    value: Any
    parent: Place | None
    _kind: NodeKind | None
    _key: object

    @property
    def path(self) -> Path:
        """The path from the root; worked out when asked for."""
        steps: list[PathElement] = []
        place: Place | None = self
        while place is not None and place._kind is not None:
            steps.append(place._kind.element(place._key))
            place = place.parent
        return tuple(reversed(steps))

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
    # Places that are entered, by the id of their value. Keeps the values alive, too.
    entered: dict[int, Place] = {}
    pending = [iter((Place(graph, None, None, _ROOT),))]
    inside: list[Place] = []
    while pending:
        place = next(pending[-1], None)
        if place is None:
            pending.pop()
            if inside and not memoized:
                del entered[id(inside[-1].value)]
            if inside:
                inside.pop()
            continue
        kind = kind_of(place.value)
        if kind is None:
            yield place
            continue
        known = entered.get(id(place.value))
        if known is not None:
            if not memoized:
                raise CycleError(str(known), str(place))
            continue
        yield place
        entered[id(place.value)] = place
        inside.append(place)
        pending.append(_children(place, kind))


def _children(place: Place, kind: NodeKind) -> Iterator[Place]:
    keys, values = kind.flatten(place.value)
    return (Place(value, place, kind, key) for key, value in zip(keys, values, strict=True))


class PathCounter:
    """Counts the values that are met, path by path, and stops where there is no end to them.

    Args:
        graph: What is gone through.
    """

    __slots__ = ("_graph", "_left")

    def __init__(self, graph: object) -> None:
        """Start at none."""
        self._graph = graph
        self._left: float = _MANY

    def count(self, path: Callable[[], Path]) -> None:
        """Count one more value.

        Args:
            path: Gives the path to it.

        Raises:
            ManyPathsError: The graph has far more paths than values.
        """
        self._left -= 1
        if self._left < 0:
            values = sum(1 + len(kind.flatten(node)[0]) for node, kind in walk(self._graph))
            if _PATHS_EACH * values <= _MANY:
                raise ManyPathsError(format_path(path()))
            self._left = _PATHS_EACH * values


class _Forgetful(dict[int, Any]):
    """A memo that remembers nothing, but counts."""

    def __init__(self, graph: object, stack: list[Visit]) -> None:
        super().__init__()
        self._counter = PathCounter(graph)
        self._stack = stack

    def __setitem__(self, key: int, value: object) -> None:
        self._counter.count(lambda: _path_inside(self._stack[:-1]))


def map_graph(fn: Callable[[Any], object], graph: object, memoized: bool = True) -> Any:
    """Return a graph with every value replaced by what a function makes of it, children first.

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


def map_with_path(fn: Callable[[Path, Any], object], graph: object, memoized: bool = True) -> Any:
    """Do what `map_graph` does with a function that is given the path of each value, too.

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
        return fn(_path_inside(stack), value)

    def combine(visit: Visit, visits: Any) -> object:
        return fn(_path_inside(visits[:-1]), visit.rebuild())

    memo = None if memoized else _Forgetful(graph, stack)
    return fold(graph, combine, leaf, memo, stack)


def _path_inside(visits: list[Visit]) -> Path:
    """Return the path of the child that the innermost visit is at."""
    return tuple(
        visit.kind.element(cast("Any", visit.keys)[len(visit.results)]) for visit in visits
    )
