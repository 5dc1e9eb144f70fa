"""`select`: find the nodes that configure a callable, and edit all of them at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

import attrs

from .buildable import Buildable
from .paths import PathElement, format_path
from .representation import short_repr
from .signatures import callable_name
from .traverse import BUILDABLE_TYPES, Visit, fold, iter_nodes, kind_of


def select(
    graph: object,
    fn_or_cls: Callable[..., Any],
    *,
    match_subclasses: bool = True,
    buildable_type: type[Buildable[Any]] = Buildable,
) -> Selection:
    """Select the nodes of a graph that configure a callable.

    Args:
        graph: A buildable, or containers that hold some. Cycles are fine.
        fn_or_cls: The function, class or other callable that the nodes configure.
        match_subclasses: If ``fn_or_cls`` is a class, select nodes of its subclasses too.
        buildable_type: Only select nodes of this class, or of a subclass of it.

    Returns:
        The selection. It may be empty, and stays up to date when the graph is edited.

    Raises:
        TypeError: ``fn_or_cls`` is not callable.

    Example:
        >>> from bytefig.configs import Config
        >>> def layer(units, rate=0.0): ...
        >>> cfg = Config(dict, layers=[Config(layer, 8), Config(layer, 16), Config(list)])
        >>> select(cfg, layer).set(rate=0.5)
        >>> cfg.layers[1]
        <Config[layer(units=16, rate=0.5)]>
        >>> list(select(cfg, layer).get("units"))
        [8, 16]
    """
    if not callable(fn_or_cls):
        message = f"cannot select by {short_repr(fn_or_cls)}: it is not callable"
        if type(fn_or_cls) in BUILDABLE_TYPES:
            raise TypeError(f"{message}; pass get_callable(node) to select by that of a node")
        raise TypeError(f"{message}; pass a function or a class")
    return Selection(graph, fn_or_cls, match_subclasses, buildable_type)


@attrs.frozen(repr=False)
class Selection:
    """The nodes of a graph that match; made by `select`.

    Every use searches the graph anew. Each node counts once, however many paths lead to it.

    Attributes:
        graph: Where to search.
        fn_or_cls: What the nodes configure.
        match_subclasses: Whether subclasses of ``fn_or_cls`` match.
        buildable_type: The class of the nodes.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> select([Config(int), Partial(int), Config(bool)], int, buildable_type=Config)
        <Selection[int, match_subclasses=True, buildable_type=Config]>
        >>> list(_)
        [<Config[int()]>, <Config[bool()]>]
    """

    graph: object
    fn_or_cls: Callable[..., Any]
    match_subclasses: bool
    buildable_type: type[Buildable[Any]]

    def __iter__(self) -> Iterator[Buildable[Any]]:
        """Yield the matching nodes, parents first."""
        return filter(self._matches, iter_nodes(self.graph))

    def __repr__(self) -> str:
        """Return what is searched for; the graph, which may be large, is left out."""
        return (
            f"<Selection[{callable_name(self.fn_or_cls)},"
            f" match_subclasses={self.match_subclasses},"
            f" buildable_type={self.buildable_type.__name__}]>"
        )

    def get(self, name: str) -> Iterator[Any]:
        """Yield the argument of each matching node, or its default.

        Args:
            name: Name of the argument.

        Raises:
            AttributeError: A node has no such argument, or it is unset and has no default.

        Example:
            >>> from bytefig.configs import Config
            >>> def scale(factor=1): ...
            >>> list(select([Config(scale, 3), Config(scale)], scale).get("factor"))
            [3, 1]
        """
        for node in self:
            try:
                value = getattr(node, name)
            except AttributeError as error:
                error.add_note(self._locate(node))
                raise
            yield value

    def set(self, /, **arguments: object) -> None:
        """Set arguments on every matching node; on all, or in case of an error on none.

        The nodes share the values, which are not copied.

        Args:
            **arguments: The arguments.

        Raises:
            AttributeError: The callable of a node has no such parameter.

        Example:
            >>> from bytefig.configs import Config
            >>> def scale(factor=1): ...
            >>> graph = [Config(scale), Config(scale)]
            >>> select(graph, scale).set(factor=2)
            >>> graph
            [<Config[scale(factor=2)]>, <Config[scale(factor=2)]>]
        """
        nodes = list(self)
        for node in nodes:
            # A trial on a copy, so that what a node accepts stays its own decision.
            trial = copy.copy(node)
            for name, value in arguments.items():
                try:
                    setattr(trial, name, value)
                except AttributeError as error:
                    raise AttributeError(
                        f"{error}\n  {self._locate(node)}\n  no node was changed"
                    ) from None
        for node in nodes:
            for name, value in arguments.items():
                setattr(node, name, value)

    def replace(self, value: object, deepcopy: bool = True) -> None:
        """Put a value wherever the graph refers to a matching node.

        The graph is edited in place: its other nodes, lists and dicts keep their identity, only
        tuples are made anew. The matching nodes stay as they are, just no longer in the graph. In
        case of an error, nothing changes.

        Args:
            value: The replacement; not necessarily a buildable.
            deepcopy: Give each matching node a deep copy of its own, taken before any change. If
                false, all are replaced by ``value`` itself.

        Raises:
            ValueError: The root of the graph matches, or is a tuple that holds a matching node.

        Example:
            >>> from bytefig.configs import Config
            >>> cfg = Config(dict, a=Config(int), b=[Config(int)])
            >>> select(cfg, int).replace(Config(float))
            >>> cfg
            <Config[dict(a=<Config[float()]>, b=[<Config[float()]>])]>
            >>> cfg.a is cfg.b[0]
            False
        """
        matching = {id(node): node for node in self}
        if id(self.graph) in matching:
            raise ValueError(
                f"cannot replace the root of the graph: it matches {self!r}, and whoever holds it"
                " would not see the new value\n"
                "  fix: use the new value instead of the root, or replace_in_place(root, value)"
            )
        edits = _find_edits(
            self.graph, matching, lambda: copy.deepcopy(value) if deepcopy else value
        )
        # Everything that can fail is done.
        for target, key, new in edits:
            target[key] = new

    def _matches(self, node: Buildable[Any]) -> bool:
        fn, wanted = node.__fn_or_cls__, self.fn_or_cls
        if not isinstance(node, self.buildable_type):
            return False
        # By equality as well: each access of a bound method makes another object.
        if fn is wanted or fn == wanted:
            return True
        return (
            self.match_subclasses
            and isinstance(wanted, type)
            and isinstance(fn, type)
            and issubclass(fn, wanted)
        )

    def _locate(self, node: Buildable[Any]) -> str:
        made = node.__provenance__
        return f"at {_shortest_path(self.graph, node)}" + (f", made at {made}" if made else "")


def _find_edits(
    graph: object, matching: Container[int], make: Callable[[], object]
) -> list[tuple[Any, Any, object]]:
    """Return what to assign, as target, key and value, to replace the nodes with these ids."""
    # What a value turns into. Whatever can be edited stays, so that `fold` only walks tuples.
    memo: dict[int, object] = {}
    seen: set[int] = set()
    hosts: list[tuple[Any, Sequence[Any], Sequence[object]]] = []
    pending = [graph]
    while pending:
        value: Any = pending.pop()
        kind = kind_of(value)
        if kind is None or id(value) in seen:
            continue
        seen.add(id(value))
        if id(value) in matching:
            memo[id(value)] = make()
            continue
        keys, children = kind.flatten(value)
        pending.extend(reversed(children))
        if kind.fill is not None:
            memo[id(value)] = value
            hosts.append((value.__arguments__ if kind.buildable else value, keys, children))
    if fold(graph, _rebuild_if_changed, memo=memo) is not graph:
        raise ValueError(
            "cannot replace nodes in a root that is a tuple, which cannot be edited in place\n"
            "  fix: pass a list to select, or select in each item"
        )
    edits: list[tuple[Any, Any, object]] = []
    for target, keys, children in hosts:
        for key, child in zip(keys, children, strict=True):
            new = fold(child, _rebuild_if_changed, memo=memo)
            if new is not child:
                edits.append((target, key, new))
    return edits


def _rebuild_if_changed(visit: Visit, _: object) -> object:
    old = visit.kind.flatten(visit.node)[1]
    changed = any(one is not other for one, other in zip(old, visit.results, strict=True))
    return visit.rebuild() if changed else visit.node


def _shortest_path(graph: object, node: object) -> str:
    parents: dict[int, tuple[object, PathElement]] = {}
    level = [graph]
    while level and id(node) not in parents:
        below: list[object] = []
        for value in level:
            kind = kind_of(value)
            if kind is None:
                continue
            for key, child in zip(*kind.flatten(value), strict=True):
                if child is not graph and id(child) not in parents:
                    parents[id(child)] = (value, kind.element(key))
                    below.append(child)
        level = below
    steps: list[PathElement] = []
    while node is not graph:
        if id(node) not in parents:
            return "a node that has left the graph"
        node, element = parents[id(node)]
        steps.append(element)
    return format_path(reversed(steps))
