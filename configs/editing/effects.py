"""Effects: calls that a program made, and whose results are no part of the one it returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

from ..core.registry import LEAF_TYPES, class_of
from ..core.slots import NodeSlots, next_number, set_effects, set_form, set_order
from ..core.tag_storage import TAGGED_TYPES
from ..node.buildable import Buildable
from ..node.kinds import Config, iter_nodes
from ..signature.signature import signature_of
from ..traversal.program_order import called, children_first, reachable
from ..traversal.traverse import walk

BuildableT = TypeVar("BuildableT", bound=Buildable[object])


def effects(graph: object) -> list[Buildable[Any]]:
    """Return the effects of a graph: calls that `build` makes though nothing uses their results.

    A capture finds them: ``random.seed(0)``, or ``register(model)``. Each is kept with a node of
    the graph that it acts on, and goes where that goes. They are nodes, and can be edited.

    Args:
        graph: A buildable, or containers that hold some.

    Returns:
        A new list, in the order in which the program made the calls.

    Example:
        >>> from bytefig.configs import Config
        >>> effects([add_effects(Config(dict, a=1), Config(print, "built"))])
        [<Config[print(0='built')]>]
    """
    found: Any = [effect for node in reachable(graph) for effect in node.__effects__ or ()]
    return [*cast("Any", called(found)), *(effect for effect in found if not effect.__order__)]


def add_effects(node: BuildableT, /, *added: Buildable[object]) -> BuildableT:
    """Add effects to a node, which `build` builds although nothing uses their results.

    Args:
        node: The node that they act on: they go where that goes.
        *added: The effects. Those made by hand are built last.

    Returns:
        The node.

    Example:
        >>> from bytefig.configs import Config, build
        >>> model = Config(dict, a=1)
        >>> build(add_effects(model, Config(print, "built")))
        built
        {'a': 1}
    """
    set_effects(node, (*(node.__effects__ or ()), *added) or None)
    return node


def as_called(node: BuildableT, /, *, positional: int = 0) -> BuildableT:
    """Let a node that was made by hand be as if a capture had met its call just now.

    `build` calls it after all that were called before, wherever it is in the graph.

    Args:
        node: The node; it is changed.
        positional: How many of the first parameters are passed by position.

    Returns:
        The node.

    Example:
        >>> from bytefig.configs import Config, build
        >>> first, second = as_called(Config(print, 1)), as_called(Config(print, 2))
        >>> build([second, first])
        1
        2
        [None, None]
    """
    set_order(node, next_number())
    set_form(node, signature_of(node.__fn_or_cls__).form(positional))
    return node


def remove_effects(graph: object, *unwanted: Buildable[object]) -> None:
    """Remove effects from a graph.

    Args:
        graph: A buildable, or containers that hold some.
        *unwanted: The effects; all by default.

    Raises:
        ValueError: One is no effect of the graph; then none is removed.

    Example:
        >>> from bytefig.configs import Config
        >>> graph = add_effects(Config(dict, a=1), Config(print, "built"))
        >>> remove_effects(graph, *effects(graph))
        >>> effects(graph)
        []
    """
    hosts = [node for node in reachable(graph) if node.__effects__]
    known = {id(effect) for node in hosts for effect in node.__effects__ or ()}
    doomed = set(map(id, unwanted)) if unwanted else known
    for effect in unwanted:
        if id(effect) not in known:
            raise ValueError(f"cannot remove {effect!r}: it is no effect of the graph")
    for node in hosts:
        kept = tuple(one for one in node.__effects__ or () if id(one) not in doomed)
        set_effects(node, kept or None)


def keep_effects(
    graph: object,
    made: Sequence[Any],
    first: int,
    held: Callable[[object], object] | None = None,
) -> None:
    """Give nodes of a graph the calls of a program that the graph does not reach, as effects.

    Args:
        graph: What the program returned.
        made: The nodes of all calls that it made.
        first: A number below that of the program's first call: nodes that it was given stay as they
            are, unless one is all that it returned.
        held: Returns what is used inside of a value although it is no part of it as a graph.
    """
    if _surely_reaches(graph, made):
        return
    used = graph if held is None else [graph, held([graph, *made])]
    reached = set(map(id, reachable(used)))
    unreached = {id(one): one for one in made if id(one) not in reached}
    left = {number: one for number, one in unreached.items() if issubclass(class_of(one), Config)}
    for node in left.values():
        set_effects(node, None)  # of an inlined capture; they are among those that are left
    needed = set(map(id, reachable([node.__arguments__ for node in left.values()])))
    own = [node for node in iter_nodes(graph) if node.__order__ > first]
    host = next(iter(own or iter_nodes(graph)), None)
    if host is None:
        return
    hosts = set(map(id, own))
    for effect in called(list(left.values())):
        if id(effect) in needed:
            continue
        nodes = (node for node, _ in walk(effect) if id(node) in hosts)
        acted_on = next(nodes, host)
        # An inlined capture may have given it some that come later.
        every = (*(acted_on.__effects__ or ()), effect)
        set_effects(acted_on, tuple(called(every)))


def _surely_reaches(graph: object, made: Sequence[object]) -> bool:
    """Return whether a quick look finds all nodes in a graph, as it does nearly always."""
    left = set(map(id, made))
    seen: set[int] = set()
    values: list[Any] = [graph]
    for value in values:  # grows
        cls = class_of(value)
        if cls in LEAF_TYPES:
            continue
        number = id(value)
        if number in left:
            left.remove(number)
            if not left:
                return True
            values += value.__arguments__.values()
        elif cls in _CONTAINERS and number not in seen:
            seen.add(number)
            values += value.values() if cls is dict else value
    return False


_CONTAINERS: Final = frozenset({list, tuple, dict})


def number_calls(graph: object) -> list[NodeSlots]:
    """Return the nodes of a graph that a program takes over, each with its place in the program.

    A value with tags is no call: the argument that gets the value leaves the node behind.
    """
    nodes = [node for node in children_first(graph) if type(node) not in TAGGED_TYPES]
    for node in nodes:
        if not node.__order__:
            set_order(node, next_number())
    return nodes
