"""Putting values in place of nodes, everywhere in a graph."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

from ..core.registry import BUILDABLE_TYPES
from .program_order import reachable
from .traverse import Visit, fold, walk


def find_edits(
    graph: object, matching: Container[int], make: Callable[[], object]
) -> tuple[list[tuple[Any, object, object]], list[tuple[Any, tuple[object, ...]]]]:
    """Return the assignments that replace nodes; nothing is changed yet.

    The nodes to replace are given by id; each is replaced by another value that is made for it.

    Returns:
        Assignments, each as target, key and value; and nodes with the effects that they are to
        have. What takes the place of an effect and is no node is none.

    Raises:
        ValueError: The root is a tuple that would have to be made anew.
    """
    # What a value turns into. Whatever can be edited stays, so that `fold` only walks tuples.
    memo: dict[int, object] = {}
    hosts: list[tuple[object, Sequence[object], Sequence[object]]] = []
    for value, kind in walk(graph, matching):
        if id(value) in matching:
            memo[id(value)] = make()
        elif kind.fill is not None:
            memo[id(value)] = value
            target = value.__arguments__ if kind.buildable else value
            hosts.append((target, *kind.flatten(value)))
    if fold(graph, rebuild_if_changed, memo=memo) is not graph:
        raise ValueError(
            "cannot replace nodes in a root that is a tuple, which cannot be edited in place\n"
            "  fix: pass a list to select, or select in each item"
        )
    edits: list[tuple[Any, object, object]] = []
    for target, keys, children in hosts:
        for key, child in zip(keys, children, strict=True):
            new = fold(child, rebuild_if_changed, memo=memo)
            if new is not child:
                edits.append((target, key, new))
    acted_on: list[tuple[Any, tuple[object, ...]]] = []
    for node in reachable(graph):
        made = tuple(memo.get(id(effect), effect) for effect in node.__effects__ or ())
        if any(id(effect) in matching for effect in node.__effects__ or ()):
            acted_on.append((node, tuple(one for one in made if type(one) in BUILDABLE_TYPES)))
    return edits, acted_on


def rebuild_if_changed(visit: Visit, _: object) -> object:
    """Return the node of a visit; only if a child has changed, one like it."""
    old = visit.kind.flatten(visit.node)[1]
    changed = any(one is not other for one, other in zip(old, visit.results, strict=True))
    return visit.rebuild() if changed else visit.node
