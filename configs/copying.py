"""Deep copies of graphs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .traverse import Visit, fold, walk

if TYPE_CHECKING:
    from .buildable import Buildable


def deepcopy_graph(root: Buildable[Any], memo: dict[int, Any]) -> Buildable[Any]:
    """Return a deep copy of ``root``; sharing is kept, callables and provenance are not copied.

    Works for graphs of any depth, and with cycles.

    Args:
        root: The buildable to copy.
        memo: The memo of `copy.deepcopy`: copies by the id of the original.

    Returns:
        A buildable of the same class.
    """
    nodes = [(node, kind) for node, kind in walk(root) if kind.mutable and id(node) not in memo]
    # Everything that can be filled later is known, still empty, before anything is copied. So a
    # leaf object that refers back to it finds the copy, and no cycle is ever walked.
    for node, kind in nodes:
        memo[id(node)] = kind.rebuild(node, (), [])
    for node, kind in nodes:
        keys, values = kind.flatten(node)
        copies = [
            fold(value, _rebuild, lambda leaf: copy.deepcopy(leaf, memo), memo) for value in values
        ]
        copied = memo[id(node)]
        if type(node) is list:
            copied.extend(copies)
        else:
            target = copied.__arguments__ if kind.buildable else copied
            target.update(zip(keys, copies, strict=True))
    return memo[id(root)]


def _rebuild(visit: Visit, _: object) -> object:
    return visit.rebuild()
