"""Deep copies of graphs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .traverse import Visit, fold, iter_nodes

if TYPE_CHECKING:
    from .buildable import Buildable


def deepcopy_graph(root: Buildable[Any], memo: dict[int, Any]) -> Buildable[Any]:
    """Return a deep copy of ``root``; sharing is kept, callables and provenance are not copied.

    Works for graphs of any depth, and with cycles that pass through a buildable.

    Args:
        root: The buildable to copy.
        memo: The memo of `copy.deepcopy`: copies by the id of the original.

    Returns:
        A buildable of the same class.

    Raises:
        CycleError: A container contains itself.
    """
    nodes = [node for node in iter_nodes(root) if id(node) not in memo]
    # Every node is known, still empty, before anything is copied. So a leaf object that refers
    # back to a node finds the copy, and no cycle of nodes is ever walked.
    for node in nodes:
        memo[id(node)] = type(node).__from_bound__(node.__fn_or_cls__, {}, node.__provenance__)
    for node in nodes:
        copied = memo[id(node)].__arguments__
        for key, value in node.__arguments__.items():
            copied[key] = fold(value, _rebuild, lambda leaf: copy.deepcopy(leaf, memo), memo)
    return memo[id(root)]


def _rebuild(visit: Visit, _: object) -> object:
    return visit.rebuild()
