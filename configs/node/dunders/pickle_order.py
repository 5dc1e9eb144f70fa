"""The order in which the values of a graph are pickled, so that deep graphs can be.

Pickle recurses. It remembers what it has pickled, though, so a graph whose values come children
first needs no depth at all. The state of the first node of a graph to be pickled therefore is a
`Contents`, which pickles as a list: for a deep graph all its values, and then the state itself.
"""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Iterator
from typing import Final
from weakref import ref

from ...core.slots import Block, NodeSlots, ranks_of
from ...traversal.program_order import reachable
from ...traversal.traverse import kind_of

#: A level takes some of pickle's recursion limit of a thousand, of which a user needs a part.
_SHALLOW: Final = 32


class _Active(threading.local):
    """The plans that picklers of this thread are in the middle of, innermost last."""

    def __init__(self) -> None:
        self.plans: list[ref[_Plan]] = []

    def plan_of(self, node: object) -> _Plan | None:
        """Return the plan of the graph that a node is pickled as a part of, if there is one."""
        # A pickler drops the plan when it is done with it or fails, so no flag can be left behind.
        # A plan of another pickler in this thread does no harm: the node is pickled by recursion.
        self.plans = [one for one in self.plans if one() is not None]
        plans = (plan for one in self.plans if (plan := one()) is not None)
        return next((plan for plan in plans if id(node) in plan.ids), None)


_active: Final = _Active()


class _Plan:
    """Yields the values to pickle; a pickler holds it just as long as it pickles them."""

    __slots__ = ("__weakref__", "_block", "_ranks", "_values", "ids")

    def __init__(self, root: NodeSlots) -> None:
        values, height = _children_first(root)
        nodes = reachable(root)  # effects, too
        self.ids = {*map(id, values), *map(id, nodes)}
        self._ranks = ranks_of(nodes)
        self._block = Block()
        state = self.state_of(root)
        # The root comes last; pickle knows it already.
        self._values: Iterator[object] = iter((*(values[:-1] if height > _SHALLOW else ()), *state))

    def state_of(self, node: NodeSlots) -> tuple[object, ...]:
        """Return the parts of a node of the graph."""
        number = node.__order__
        moment = (self._block, self._ranks[number]) if number else None
        edits = node.__history__
        return node.__arguments__, node.__argument_tags__, edits, moment, node.__effects__

    def __iter__(self) -> _Plan:
        return self

    def __next__(self) -> object:
        return next(self._values)


class Contents:
    """The state of a node that is the first of its graph to be pickled."""

    __slots__ = ("_root",)

    def __init__(self, root: NodeSlots) -> None:
        """Make the state of ``root``; everything else waits until pickle asks."""
        self._root = root

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as a list that ends with the parts."""
        plan = _Plan(self._root)
        _active.plans.append(ref(plan))
        return list, (), None, plan


class OfModule:
    """The pickled form of a method of an instance that a module offers as a function.

    By itself it would be pickled with the instance, and be another's where it is loaded: those of
    `random` would draw from a generator of their own.
    """

    __slots__ = ("_name",)

    def __init__(self, module: str, name: str) -> None:
        self._name = f"{module}:{name}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as a call that looks it up."""
        return pkgutil.resolve_name, (self._name,)


def state_of(node: NodeSlots) -> object:
    """Return the state that a node is to be pickled with; its last five items are the parts."""
    plan = _active.plan_of(node)
    if plan is not None:
        return plan.state_of(node)
    if not node.__effects__ and all(kind_of(one) is None for one in node.__arguments__.values()):
        return _Plan(node).state_of(node)
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


def _children(value: object) -> Iterator[object]:
    kind = kind_of(value)
    return iter(() if kind is None else kind.flatten(value)[1])
