"""Deep copies of graphs."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from ...core.registry import BUILDABLE_TYPES, LEAF_TYPES, class_of
from ...core.slots import NodeSlots, NodeT, copy_node, set_effects
from ...traversal.replacement import rebuild_if_changed
from ...traversal.traverse import Visit, fold, kind_of

#: A holder, its key and what is to be copied there. It is a dict (of arguments, too) or a list.
_Later = tuple[Any, object, object]


def deepcopy_graph(root: NodeSlots, memo: dict[int, object]) -> object:
    """Return a deep copy of ``root``; sharing is kept, callables and provenance are not copied.

    Works for graphs of any depth, and with cycles. The memo is that of `copy.deepcopy`.
    """
    # Everything that can be filled later is known before any other value is copied. So a leaf
    # object that refers back to it finds the copy, and no cycle is ever walked.
    skeleton = _Skeleton(memo)
    skeleton.copy(root)

    def leaf(value: object) -> object:
        try:
            return copy.deepcopy(value, memo)
        except ReferenceError:
            if type(value) in weakref.ProxyTypes:  # a dead one, of which nothing can be asked
                return value
            raise

    def rebuild(visit: Visit, _: object) -> object:
        return visit.rebuild()

    def copied(value: object) -> object:
        return value if type(value) in LEAF_TYPES else fold(value, rebuild, leaf, memo)

    for holder, key, value in skeleton.later:
        holder[key] = copied(value)
    for value in skeleton.empty:
        kind = kind_of(value)
        assert kind is not None  # `_enter` asked
        assert kind.fill is not None
        keys, values = kind.flatten(value)
        kind.fill(memo[id(value)], keys, list(map(copied, values)))
    return memo[id(root)]


class _Skeleton:
    """Copies the buildables, lists and dicts of a graph, all in one pass.

    Attributes:
        later: Where the copies of all other values are to go.
        empty: Values of other types whose copies are made and have to be filled.
    """

    def __init__(self, memo: dict[int, object]) -> None:
        self.later: list[_Later] = []
        self.empty: list[object] = []
        self._memo = memo
        # Keeps the originals alive: what is copied later may edit the graph, and free their ids.
        self._alive: list[object] = []
        # Copies that still hold children of the original, and an iterator over those. The children
        # of the last one come first: what is copied together lies together in memory.
        self._pending: list[tuple[Any, Iterator[tuple[object, Any]]]] = []
        self._entered: set[int] = set()
        # Copies of nodes whose effects are those of the original still.
        self._acted_on: list[NodeSlots] = []

    def copy(self, root: NodeSlots) -> None:
        self._copy_shallowly(root)
        self._copy_pending()
        for made in self._acted_on:  # grows
            effects: list[object] = list(made.__effects__ or ())
            for at, effect in enumerate(effects):
                if id(effect) not in self._memo:
                    self._copy_shallowly(effect)
                    self._copy_pending()
                effects[at] = self._memo[id(effect)]
            set_effects(made, tuple(effects))

    def _copy_pending(self) -> None:  # noqa: PLR0912 - all nodes come by
        memo, pending, alive, later = self._memo, self._pending, self._alive, self.later
        leaves = LEAF_TYPES
        while pending:
            holder, rest = pending[-1]
            for key, value in rest:
                cls = class_of(value)
                if cls in leaves:
                    continue
                number = id(value)
                known = memo.get(number, memo)
                if known is not memo:
                    holder[key] = known
                elif cls in BUILDABLE_TYPES:  # as `_copy_shallowly` does, without the calls
                    inner = value.__arguments__.copy()
                    memo[number] = holder[key] = made = copy_node(value, inner)
                    if made.__effects__ is not None:
                        self._acted_on.append(made)
                    alive.append(value)
                    for child in inner.values():
                        if class_of(child) not in leaves:
                            break
                    else:
                        continue
                    pending.append((inner, iter(inner.items())))
                    break
                elif cls is list or cls is dict:
                    holder[key] = self._copy_shallowly(value)
                    break
                else:
                    later.append((holder, key, value))
                    if self._enter(value):
                        break
            else:
                pending.pop()

    def _copy_shallowly(self, value: Any) -> object:
        """Copy a buildable, list or dict."""
        self._alive.append(value)
        cls = class_of(value)
        if cls is list or cls is dict:
            inner = made = value.copy()
        else:
            inner = value.__arguments__.copy()
            made = copy_node(value, inner)
            if made.__effects__ is not None:
                self._acted_on.append(made)
        # Only values are replaced, which an iterator does not mind.
        rest: Any = enumerate(inner) if cls is list else iter(inner.items())
        self._pending.append((inner, rest))
        self._memo[id(value)] = made
        return made

    def _enter(self, value: object) -> bool:
        """Find buildables, lists and dicts in another value; return whether there are any."""
        before = len(self._pending)
        pending = [value]
        while pending:
            value = pending.pop()
            kind = kind_of(value)
            if kind is None or id(value) in self._memo or id(value) in self._entered:
                continue
            if kind.buildable or type(value) is list or type(value) is dict:
                self._copy_shallowly(value)
                continue
            self._alive.append(value)
            self._entered.add(id(value))
            if kind.fill is not None:
                self._memo[id(value)] = kind.rebuild(value, (), [])
                self.empty.append(value)
            pending.extend(kind.flatten(value)[1])
        return len(self._pending) > before


def copy_alone(node: NodeT, cls: type[NodeT] | None = None) -> NodeT:
    """Return a node with the same arguments; its effects are copies that act on it."""
    made = copy_node(node, dict(node.__arguments__), cls)
    set_effects(made, effects_acting_on({id(node): made}, node))
    return made


def effects_acting_on(
    becomes: Mapping[int, object], node: NodeSlots
) -> tuple[NodeSlots, ...] | None:
    """Return the effects of a node, copied where they act on a node that becomes another.

    The others are given by the ids of the nodes that become them.
    """
    effects = node.__effects__
    if effects is None:
        return None
    copied: Any = fold(list(effects), rebuild_if_changed, memo=dict(becomes))
    return tuple(copied)


def copy_with(buildable: NodeT, /, **arguments: object) -> NodeT:
    """Return a shallow copy of a node, with other values for some arguments.

    Args:
        buildable: The node; it does not change.
        **arguments: The arguments.

    Raises:
        AttributeError: The callable has no such parameter.

    Example:
        >>> from bytefig.configs import Config
        >>> copy_with(Config(dict, a=1, b=2), b=3)
        <Config[dict(a=1, b=3)]>
    """
    return _with(copy.copy(buildable), arguments)


def deepcopy_with(buildable: NodeT, /, **arguments: object) -> NodeT:
    """Return a deep copy of a node, with other values for some arguments.

    Args:
        buildable: The node; it does not change.
        **arguments: The arguments, which are not copied.

    Raises:
        AttributeError: The callable has no such parameter.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, a=Config(list), b=2)
        >>> copied = deepcopy_with(cfg, b=3)
        >>> copied, copied.a is cfg.a
        (<Config[dict(a=<Config[list()]>, b=3)]>, False)
    """
    return _with(copy.deepcopy(buildable), arguments)


def _with(node: NodeT, arguments: dict[str, object]) -> NodeT:
    for name, value in arguments.items():
        setattr(node, name, value)
    return node
