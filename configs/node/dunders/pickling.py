"""The order in which the values of a graph are pickled, so that deep graphs can be.

Pickle recurses. It remembers what it has pickled, though, so a graph whose values come children
first needs no depth at all. The state of the first node of a graph to be pickled therefore is a
`Contents`, which pickles as a list: for a deep graph all its values, and then the state itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final
from weakref import ref

from ...core.slots import NodeSlots
from ...traversal.traverse import kind_of

#: A level takes some of pickle's recursion limit of a thousand, of which a user needs a part.
_SHALLOW: Final = 32


class _Active(threading.local):
    """The plans that picklers of this thread are in the middle of, innermost last."""

    def __init__(self) -> None:
        self.plans: list[ref[_Plan]] = []

    def covers(self, node: object) -> bool:
        """Return whether a node is pickled as a part of a graph."""
        # A pickler drops the plan when it is done with it or fails, so no flag can be left behind.
        # A plan of another pickler in this thread does no harm: the node is pickled by recursion.
        self.plans = [one for one in self.plans if one() is not None]
        return any(plan is not None and id(node) in plan.ids for plan in (p() for p in self.plans))


_active: Final = _Active()


class _Plan:
    """Yields what is to be pickled; a pickler holds it just as long as it pickles that."""

    __slots__ = ("__weakref__", "_values", "ids")

    def __init__(self, root: NodeSlots) -> None:
        values, height = _children_first(root)
        self.ids = set(map(id, values))
        state = (root.__arguments__, root.__argument_tags__, root.__history__)
        # The root comes last; pickle knows it already.
        self._values: Iterator[Any] = iter((*(values[:-1] if height > _SHALLOW else ()), *state))

    def __iter__(self) -> _Plan:
        return self

    def __next__(self) -> Any:
        return next(self._values)


class Contents:
    """What a node that is the first of its graph to be pickled gives as its state."""

    __slots__ = ("_root",)

    def __init__(self, root: NodeSlots) -> None:
        """Make the state of ``root``; everything else waits until pickle asks."""
        self._root = root

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a list that ends with arguments, tags and history."""
        plan = _Plan(self._root)
        _active.plans.append(ref(plan))
        return list, (), None, plan


def state_of(node: NodeSlots) -> object:
    """Return the state that a node is to be pickled with; its last three items are the parts."""
    if all(kind_of(value) is None for value in node.__arguments__.values()) or _active.covers(node):
        return node.__arguments__, node.__argument_tags__, node.__history__
    return Contents(node)


def _children_first(root: object) -> tuple[list[object], int]:
    """Return every distinct value with children below a root, children first, and the height.

    Of a cycle, the edge that closes it is left out.
    """
    order: list[object] = []
    heights: dict[int, int] = {id(root): 0}
    stack: list[tuple[object, Iterator[object]]] = [(root, _children(root))]
    while stack:
        value, pending = stack[-1]
        for child in pending:
            if kind_of(child) is None:
                continue
            if id(child) not in heights:
                heights[id(child)] = 0
                stack.append((child, _children(child)))
                break
            heights[id(value)] = max(heights[id(value)], heights[id(child)] + 1)
        else:
            stack.pop()
            order.append(value)
            if stack:
                above = id(stack[-1][0])
                heights[above] = max(heights[above], heights[id(value)] + 1)
    return order, heights[id(root)]


def _children(value: Any) -> Iterator[object]:
    kind = kind_of(value)
    return iter(() if kind is None else kind.flatten(value)[1])
