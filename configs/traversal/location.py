"""Where a value is in a graph, at how many places, and whether there is any node."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator
from typing import Any

from .paths import Path, PathElement, format_path
from .traverse import kind_of, parts_of, walk


def contains_buildable(value: object) -> bool:
    """Return whether ``value`` is a buildable, or a container with one somewhere inside.

    Example:
        >>> from bytefig.configs import Config
        >>> contains_buildable({"a": [Config(int)]}), contains_buildable([1])
        (True, False)
    """
    return any(kind.buildable for _, kind in walk(value))


def all_paths(graph: object, value: object) -> Iterator[Path]:
    """Yield every path from the root of a graph to a value, in the order of the arguments.

    There is one for each way through shared nodes, so there may be exponentially many; the next
    one is looked for when it is asked for. Ways that lead through the same node twice, as they do
    in a cycle, do not count.

    Args:
        graph: A buildable, or containers that hold some.
        value: The very object to find: usually a node; equal ones do not count.

    Example:
        >>> from bytefig.configs import Config, format_path
        >>> shared = Config(int)
        >>> cfg = Config(dict, a=shared, b=[shared])
        >>> for path in all_paths(cfg, shared):
        ...     print(format_path(path))
        <root>.a
        <root>.b[0]
    """
    if graph is value:
        yield ()
        return
    wanted = _leading_to(graph, {id(value)}) | {id(value)}
    steps, path = [_steps(graph, wanted)], list[PathElement]()
    inside: dict[int, None] = {id(graph): None}
    while steps:
        for element, child in steps[-1]:
            if child is value:
                yield (*path, element)
            elif id(child) not in inside:
                inside[id(child)] = None
                path.append(element)
                steps.append(_steps(child, wanted))
                break
        else:
            steps.pop()
            inside.popitem()
            del path[-1:]


def _steps(
    node: object, wanted: Container[int] | None = None
) -> Iterator[tuple[PathElement, object]]:
    """Yield the step to each child of a value, or to each with one of these ids, and the child."""
    kind = kind_of(node)
    if kind is None:
        return
    for key, child in zip(*parts_of(kind, node), strict=True):
        if wanted is None or id(child) in wanted:
            yield kind.element(key), child


def count_uses(graph: object, counted: Callable[[object], object] = kind_of) -> Counter[int]:
    """Return at how many places of a graph each node is, by its id; the root is at one more."""
    uses = Counter((id(graph),))
    for node, kind in walk(graph):
        uses.update(id(child) for child in parts_of(kind, node)[1] if counted(child))
    return uses


def depth_over(graph: object, depth: int) -> list[Any]:
    """Return the buildables that have more than so many others above them on every path.

    Containers between them do not count. Cycles are fine.

    Args:
        graph: A buildable, or containers that hold some.
        depth: How many others may be above one that is not returned.

    Example:
        >>> from bytefig.configs import Config
        >>> depth_over(Config(dict, a=[Config(dict, b=Config(list))]), 1)
        [<Config[list()]>]
    """
    level, seen = [graph], set[int]()
    for _ in range(depth + 1):
        below: list[object] = []
        while level:
            value = level.pop()
            kind = kind_of(value)
            if kind is not None and id(value) not in seen:
                seen.add(id(value))
                (below if kind.buildable else level).extend(parts_of(kind, value)[1])
        level = below
    return [node for node, kind in walk(graph) if kind.buildable and id(node) not in seen]


def holders(graph: object) -> set[int]:
    """Return the ids of all buildables of a graph, and of all containers with one inside."""
    buildables = {id(node) for node, kind in walk(graph) if kind.buildable}
    return buildables | _leading_to(graph, buildables)


def _leading_to(graph: object, values: set[int]) -> set[int]:
    """Return the ids of the nodes from which some way leads to one of these values."""
    parents: dict[int, list[int]] = defaultdict(list)
    for node, kind in walk(graph):
        for child in parts_of(kind, node)[1]:
            parents[id(child)].append(id(node))
    found: set[int] = set()
    pending = list(values)
    while pending:
        for parent in parents.get(pending.pop(), ()):
            if parent not in found:
                found.add(parent)
                pending.append(parent)
    return found


def shortest_path(graph: object, node: object) -> str:
    """Return one of the shortest paths from the root to a node, as text for messages."""
    parents: dict[int, tuple[object, PathElement]] = {}
    level = [graph]
    while level and id(node) not in parents:
        below: list[object] = []
        for value in level:
            for element, child in _steps(value):
                if child is not graph and id(child) not in parents:
                    parents[id(child)] = (value, element)
                    below.append(child)
        level = below
    steps: list[PathElement] = []
    while node is not graph:
        if id(node) not in parents:
            return "a node that has left the graph"
        node, element = parents[id(node)]
        steps.append(element)
    return format_path(reversed(steps))
