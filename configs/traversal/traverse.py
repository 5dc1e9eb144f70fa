"""One traversal for all tools: containers and buildables, with sharing, without recursion.

A *node* here is any value that the traversal looks inside: a buildable, or exactly a list, tuple,
dict, frozendict (3.15), defaultdict, OrderedDict, deque or slice, a named tuple, or a container
registered with `register_container`. Everything else, other subclasses included, is a leaf.
"""

from __future__ import annotations

import builtins
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Container, Iterable, Iterator, MutableMapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from ..core.errors import CycleError
from ..core.keys import ArgumentKey
from ..core.registry import BUILDABLE_TYPES, LEAF_TYPES, UNUSED_ID_BITS
from ..core.slots import NodeSlots, copy_node, set_effects
from ..signature.signature import signature_of
from .paths import Attr, Effect, Index, Key, Path, PathElement, format_path

T = TypeVar("T")


@attrs.frozen
class NodeKind:
    """How to look inside the values of one type.

    Attributes:
        flatten: Takes a value apart into the keys and the values of its children.
        rebuild: Makes a value like the first argument from keys and new children.
        element: The path element for one key.
        buildable: Whether this is the kind of all buildables.
        mutable: Whether its sharing is a part of what a graph means.
        fill: Adds children by their keys to an empty one in place; None if they can only be
            given when it is made.
    """

    flatten: Callable[[Any], tuple[Sequence[Any], Sequence[object]]]
    rebuild: Callable[[Any, Sequence[Any], list[object]], object]
    element: Callable[[Any], PathElement]
    buildable: bool = False
    mutable: bool = True
    fill: Callable[[Any, Sequence[Any], Sequence[object]], None] | None = None


def _flatten_sequence(value: Sequence[object]) -> tuple[Sequence[int], Sequence[object]]:
    return range(len(value)), tuple(value)


def _flatten_dict(value: dict[object, object]) -> tuple[Sequence[object], Sequence[object]]:
    return tuple(value), tuple(value.values())


def _flatten_buildable(value: NodeSlots) -> tuple[Sequence[object], Sequence[object]]:
    stored = value.__arguments__
    order = signature_of(value.__fn_or_cls__).shape(stored).order
    if order is None:
        return tuple(stored), tuple(stored.values())
    return order, tuple(map(stored.__getitem__, order))


def _argument_element(key: ArgumentKey | Effect) -> PathElement:
    if isinstance(key, Effect):
        return key
    return Attr(key) if isinstance(key, str) else Index(key)


def _fill_list(value: list[object] | deque[object], _: object, values: Sequence[object]) -> None:
    value.extend(values)


def _fill_dict(
    value: dict[object, object], keys: Sequence[object], values: Sequence[object]
) -> None:
    value.update(zip(keys, values, strict=True))


BUILDABLE_KIND: Final = NodeKind(
    _flatten_buildable,
    lambda node, keys, values: copy_node(node, dict(zip(keys, values, strict=True))),
    _argument_element,
    buildable=True,
    fill=lambda node, keys, values: _fill_dict(node.__arguments__, keys, values),
)
EFFECTS: Final = NodeKind(
    lambda node: (tuple(map(Effect, range(len(node.__effects__ or ())))), node.__effects__ or ()),
    lambda node, _, __: node,
    lambda key: key,
)
"""How nodes are looked into for their effects only."""


def _mapping_kind(
    make: Callable[[Any, Iterable[tuple[Any, object]]], object],
    fill: Callable[[Any, Sequence[object], Sequence[object]], None] | None = None,
) -> NodeKind:
    def rebuild(value: object, keys: Sequence[object], values: list[object]) -> object:
        return make(value, zip(keys, values, strict=True))

    return NodeKind(_flatten_dict, rebuild, Key, mutable=fill is not None, fill=fill)


_NAMED_TUPLE: Final = NodeKind(
    lambda value: (value._fields, tuple(value)),
    lambda value, _, values: value._make(values),
    Attr,
    mutable=False,
)
KINDS: Final[dict[type, NodeKind]] = {
    list: NodeKind(_flatten_sequence, lambda _, __, values: list(values), Index, fill=_fill_list),
    tuple: NodeKind(_flatten_sequence, lambda _, __, values: tuple(values), Index, mutable=False),
    dict: _mapping_kind(lambda _, items: dict(items), _fill_dict),
    defaultdict: _mapping_kind(
        lambda value, items: defaultdict(value.default_factory, items), _fill_dict
    ),
    OrderedDict: _mapping_kind(lambda _, items: OrderedDict(items), _fill_dict),
    deque: NodeKind(
        _flatten_sequence,
        lambda value, _, values: deque(values, value.maxlen),
        Index,
        fill=_fill_list,
    ),
    slice: NodeKind(
        lambda value: (("start", "stop", "step"), (value.start, value.stop, value.step)),
        lambda _, __, values: slice(*values),
        Attr,
        mutable=False,
    ),
    **{
        frozen: _mapping_kind(lambda value, items: type(value)(items))
        for name, frozen in vars(builtins).items()
        if name == "frozendict"  # which came with 3.15
    },
}
"""How to look inside, by exact type; named tuples, which need not be registered, are not in it."""


def register_buildable(cls: type) -> None:
    """Make the traversal look inside instances of this subclass of `Buildable`."""
    BUILDABLE_TYPES.add(cls)
    KINDS[cls] = BUILDABLE_KIND


def register_container(
    cls: type[T],
    *,
    flatten: Callable[[T], tuple[Sequence[object], Sequence[object]]],
    rebuild: Callable[[T, Sequence[object], list[object]], T],
    element: Callable[[object], PathElement] = Key,
    mutable: bool = False,
) -> None:
    """Make every tool look inside the instances of a class, though not of its subclasses.

    The tools never edit such a container, but put a new one in its place.

    Args:
        cls: The class.
        flatten: Takes an instance apart into the keys and the values of its children.
        rebuild: Makes an instance like the first argument from keys and new children.
        element: Gives the path element for a key: `Attr`, `Index` or `Key`.
        mutable: Whether it matters if the same instance is used twice, as for a list.

    Raises:
        TypeError: ``cls`` is not a class.
        ValueError: The tools look inside its instances already.

    Example:
        >>> class Box:
        ...     def __init__(self, content):
        ...         self.content = content
        >>> register_container(
        ...     Box,
        ...     flatten=lambda box: (["content"], [box.content]),
        ...     rebuild=lambda box, keys, values: Box(*values),
        ...     element=Attr,
        ... )
        >>> from bytefig.configs import Config, build
        >>> build(Box(Config(int, "7"))).content
        7
    """
    if not isinstance(cls, type):  # pyright: ignore[reportUnnecessaryIsInstance] - a user's error
        raise TypeError(f"cannot register {cls!r}: it is not a class")
    if cls in KINDS or (tuple in cls.__mro__ and hasattr(cls, "_fields")):
        raise ValueError(f"cannot register {cls.__qualname__}: its instances are traversed already")
    LEAF_TYPES.discard(cls)
    KINDS[cls] = NodeKind(flatten, rebuild, element, mutable=mutable)


def kind_of(value: object) -> NodeKind | None:
    """Return how to look inside ``value``; None for a leaf."""
    cls = type(value)
    kind = KINDS.get(cls)
    if kind is None and issubclass(cls, tuple) and hasattr(value, "_fields"):
        return _NAMED_TUPLE
    return kind


def parts_of(kind: NodeKind, value: Any) -> tuple[Sequence[Any], Sequence[object]]:
    """Return the keys and values of the children of a value, and of its effects if it is a node.

    The path element of an effect is its key. An effect mostly leads back to the node.
    """
    keys, values = kind.flatten(value)
    effects = value.__effects__ if kind.buildable else None
    if effects is None:
        return keys, values
    return (*keys, *map(Effect, range(len(effects)))), (*values, *effects)


def is_shareable(kind: NodeKind, node: object) -> bool:
    """Return whether it can matter that the same node is used twice.

    A tuple of plain values may be a constant of the program, and is the same whether shared or not;
    not so one with nodes inside.
    """
    return kind.mutable or any(kind_of(child) is not None for child in kind.flatten(node)[1])


@attrs.define(eq=False)
class Visit:
    """A node that a traversal is inside of.

    Attributes:
        node: The node.
        kind: How it is taken apart.
        keys: Keys of its children.
        pending: Its children from the one after the current child on.
        results: What the children before the current one turned into.
    """

    node: Any
    kind: NodeKind
    keys: Sequence[Any]
    pending: Iterator[object]
    results: list[object]

    def rebuild(self) -> object:
        """Return a value like the node, made from the results."""
        return self.kind.rebuild(self.node, self.keys, self.results)


def _enter(node: object, kind: NodeKind) -> Visit:
    keys, values = kind.flatten(node)
    return Visit(node, kind, keys, iter(values), [])


def path_of(stack: Sequence[Visit]) -> Path:
    """Return the path of the innermost node of ``stack``."""
    return path_inside(stack[:-1])


def path_inside(stack: Sequence[Visit]) -> Path:
    """Return the path of the child that the innermost visit of ``stack`` is at."""
    return tuple(visit.kind.element(visit.keys[len(visit.results)]) for visit in stack)


def fold(
    root: object,
    combine: Callable[[Visit, Sequence[Visit]], object],
    leaf: Callable[[object], object] | None = None,
    memo: MutableMapping[int, Any] | None = None,
    stack: list[Visit] | None = None,
    kinds: Callable[[Any], NodeKind | None] = kind_of,
    effects: bool = True,
) -> object:
    """Visit a graph children first, each node once, and return the result for the root.

    After the root come the effects of all nodes; those that turn into nodes are the effects of what
    the node turns into.

    Args:
        root: Where to start.
        combine: Called with a node whose results are complete and with the stack of visits that
            leads to it (itself last); returns what the node turns into.
        leaf: What a leaf turns into; itself by default.
        memo: Results by the id of the node; a node found here is not visited. Filled as it goes.
        stack: An empty list to keep the stack of visits in, where ``leaf`` can see it.
        kinds: Says how to look inside a value, for graphs of other libraries.
        effects: Whether effects are visited, too.

    Raises:
        CycleError: A node contains itself.

    Example:
        >>> fold([1, (2, 3)], lambda visit, _: sum(visit.results))
        6
    """
    memo = {} if memo is None else memo
    stack = [] if stack is None else stack
    acted_on: list[NodeSlots] = []
    result = _fold(root, combine, leaf, memo, stack, kinds, acted_on)
    for node in acted_on if effects else ():  # grows
        made = [
            _fold(effect, combine, leaf, memo, stack, kinds, acted_on)
            for effect in node.__effects__ or ()
        ]
        other = memo[id(node)]
        if other is not node and type(other) in BUILDABLE_TYPES:
            nodes = tuple(effect for effect in made if type(effect) in BUILDABLE_TYPES)
            set_effects(other, nodes or None)
    return result


def _fold(
    root: object,
    combine: Callable[[Visit, Sequence[Visit]], object],
    leaf: Callable[[object], object] | None,
    memo: MutableMapping[int, object],
    stack: list[Visit],
    kinds: Callable[[object], NodeKind | None],
    acted_on: list[NodeSlots],
) -> object:
    """Visit a graph as `fold`, but for effects: note the nodes that have any."""
    if id(root) in memo:
        return memo[id(root)]
    kind = kinds(root)
    if kind is None:
        return root if leaf is None else leaf(root)
    # Keeps visited nodes alive, or a callable that edits the graph could free one and
    # let another object take its id.
    alive: list[object] = [root]
    stack.append(_enter(root, kind))
    active = {id(root)}
    while True:
        visit = stack[-1]
        results = visit.results
        for child in visit.pending:
            kind = kinds(child)
            if kind is None:
                results.append(child if leaf is None else leaf(child))
            elif id(child) in memo:
                results.append(memo[id(child)])
            elif id(child) in active:
                raise _cycle(stack, child)
            else:
                alive.append(child)
                active.add(id(child))
                stack.append(_enter(child, kind))
                break
        else:
            result = memo[id(visit.node)] = combine(visit, stack)
            # Nodes of other libraries have none; asking them would make text of a whole graph.
            if type(visit.node) in BUILDABLE_TYPES and visit.node.__effects__:
                acted_on.append(visit.node)
            active.discard(id(visit.node))
            stack.pop()
            if not stack:
                return result
            stack[-1].results.append(result)


def _cycle(stack: list[Visit], child: object) -> CycleError:
    first = next(index for index, visit in enumerate(stack) if visit.node is child)
    return CycleError(format_path(path_inside(stack[:first])), format_path(path_inside(stack)))


def walk(graph: object, closed: Container[int] = ()) -> Iterator[tuple[Any, NodeKind]]:
    """Yield every distinct node of a graph once and its kind, parents first; cycles are fine.

    The effects of nodes come last. Nodes that are not to be looked into are given by id.
    """
    seen: set[int] = set()
    # Holds the visited nodes too: the consumer may edit the graph between two steps.
    alive: list[object] = []
    pending = [graph]
    effects: list[object] = []
    while pending or effects:
        if not pending:
            pending, effects = effects[::-1], []
        value = pending.pop()
        kind = kind_of(value)
        number = id(value) >> UNUSED_ID_BITS
        if kind is None or number in seen:
            continue
        seen.add(number)
        alive.append(value)
        yield value, kind
        if id(value) not in closed:
            pending.extend(reversed(kind.flatten(value)[1]))
            if kind.buildable:
                node: Any = value
                effects.extend(node.__effects__ or ())
