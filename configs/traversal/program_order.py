"""The order in which a program made the calls of a graph, beside the graph's own."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from ..core.registry import BUILDABLE_TYPES, LEAF_TYPES, class_of
from ..core.slots import NodeSlots
from .traverse import Visit, fold, kind_of


def reachable(root: object) -> list[NodeSlots]:
    """Return every distinct node of a graph, effects included, in no order that means anything.

    Every capture and every build asks. So whole levels are looked at together, for which Python
    takes few steps.

    Example:
        >>> from bytefig.configs import Config
        >>> shared = Config(int)
        >>> len(reachable([shared, Config(dict, a=shared)]))
        2
    """
    found: list[NodeSlots] = []
    seen: dict[int, object] = {}
    leaves, nodes = LEAF_TYPES, BUILDABLE_TYPES
    level: list[Any] = [root]
    while level:
        new = {id(value): value for value in level}
        if not seen.keys().isdisjoint(new):
            new = {number: value for number, value in new.items() if number not in seen}
        seen.update(new)  # which keeps them alive
        inner = [value for value in new.values() if class_of(value) in nodes]
        level = [
            child
            for node in inner
            for child in node.__arguments__.values()
            if class_of(child) not in leaves
        ]
        level += [
            effect for node in inner if node.__effects__ is not None for effect in node.__effects__
        ]
        if len(inner) < len(new):
            for value in new.values():
                kind = None if class_of(value) in nodes else kind_of(value)
                if kind is not None:
                    children = kind.flatten(value)[1]
                    level += [child for child in children if class_of(child) not in leaves]
        found += inner
    return found


def children_first(root: object) -> list[NodeSlots]:
    """Return every distinct node of a graph after those that it needs, effects last.

    Raises:
        CycleError: The graph contains itself.

    Example:
        >>> from bytefig.configs import Config
        >>> children_first([Config(dict, a=Config(int)), Config(str)])
        [<Config[int()]>, <Config[dict(a=<Config[int()]>)]>, <Config[str()]>]
    """
    found: list[NodeSlots] = []

    def combine(visit: Visit, _: object) -> None:
        if visit.kind.buildable:
            found.append(visit.node)

    fold(root, combine)
    return found


def called(nodes: Sequence[NodeSlots]) -> list[NodeSlots]:
    """Return the nodes of calls that a program made, in its order; not those made by hand."""
    return sorted((node for node in nodes if node.__order__), key=_number)


def is_program_order_needed(root: object, nodes: Sequence[NodeSlots]) -> bool:
    """Return whether a graph tells something else than its program did, without the order of calls.

    Args:
        root: The graph.
        nodes: All of its nodes.

    Raises:
        CycleError: The graph contains itself.
    """
    if any(node.__effects__ for node in nodes):
        return True
    if not any(node.__order__ for node in nodes):
        return False
    numbers = [node.__order__ for node in children_first(root) if node.__order__]
    return numbers != sorted(numbers)


_number = attrgetter("__order__")
