"""``inline``: expand a node that stands for an auto_config function into that function's graph."""

from __future__ import annotations

import inspect
from typing import Any, Final, TypeAlias

from ..configs import (
    BUILDABLE_TYPES,
    Buildable,
    get_callable,
    iter_nodes,
    replace_all_in_place,
    replace_in_place,
    signature_of,
)
from .auto_config import is_auto_config
from .engine.callers import caller
from .engine.values import Node, Value, type_of
from .errors import InlineError
from .recording.partials import is_config

_Node: TypeAlias = Buildable[object]
#: More expansions inside each other than this are taken for endless ones.
_DEEPEST: Final = 1_000


def inline(buildable: Any) -> None:
    """Replace a node in place by the root of the graph its auto_config function gives.

    In place, so that everything that refers to the node now refers to the root. To keep the node
    as it is, inline a ``copy.copy`` of it. If anything fails the node is left as it was.

    Args:
        buildable: A Config of an auto_config function, which a capture makes of a call of a
            function with ``experimental_always_inline=False``. Its arguments may have been
            edited; they are what the function is captured with.

    Raises:
        InlineError: (a ValueError) If it is not a Config, if its callable is no auto_config
            function, or if the function returns something else than one buildable.

    Example:
        >>> from bytefig.tracer import auto_config
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> @auto_config(experimental_always_inline=False)
        ... def make_dense(width): return Dense(units=8 * width)
        >>> config = auto_config(lambda: [make_dense(width=2)]).as_buildable()
        >>> config
        [<Config[make_dense(width=2)]>]
        >>> config[0].width = 3
        >>> inline(config[0])
        >>> config
        [<Config[Dense(units=24)]>]
    """
    replace_in_place(buildable, _root(buildable))


def inline_all(graph: object) -> None:
    """Inline every node of a graph that can be, and the ones in the graphs that come in.

    A node that several places refer to is expanded once. If anything fails, the graph is left as
    it was.

    Args:
        graph: A node, or containers of nodes.

    Raises:
        InlineError: (a ValueError) If a function returns something else than one buildable, or
            expands without end.

    Example:
        >>> from bytefig.tracer import auto_config
        >>> class Pair:
        ...     def __init__(self, left, right): ...
        >>> leaf = auto_config(lambda n: Pair(n, n), experimental_always_inline=False)
        >>> tree = auto_config(lambda: Pair(leaf(1), leaf(2)), experimental_always_inline=False)
        >>> config = auto_config(lambda: [tree()]).as_buildable()
        >>> inline_all(config)
        >>> config[0].right
        <Config[Pair(left=2, right=2)]>
    """
    # What each node becomes is worked out first; the graph is changed at the end.
    becomes: dict[int, tuple[_Node, _Node]] = {}
    # With each node those whose expansion it came out of, each out of the one before.
    pending: list[tuple[_Node, tuple[_Node, ...]]] = [
        (node, ()) for node in iter_nodes(graph) if _can_inline(node)
    ]
    while pending:
        node, outer = pending.pop()
        if id(node) in becomes:
            continue
        if len(outer) > _DEEPEST or node in outer:
            raise _error(
                node,
                "its function gives a graph that holds this node again, so that expanding it"
                " never ends",
                "let the function stop calling itself, or let it always inline",
            )
        root = _root(node)
        becomes[id(node)] = node, root
        pending += [(each, (*outer, node)) for each in iter_nodes(root) if _can_inline(each)]
    replace_all_in_place([(node, _last(root, becomes)) for node, root in becomes.values()])


def _last(root: _Node, becomes: dict[int, tuple[_Node, _Node]]) -> _Node:
    """Follow a root that is itself inlined to its last replacement."""
    while id(root) in becomes:
        root = becomes[id(root)][1]
    return root


def _can_inline(node: _Node) -> bool:
    return is_config(node) and is_auto_config(get_callable(node))


def _root(node: Node) -> _Node:
    """Return the root of the graph that a node's function gives."""
    if not is_config(node):
        what = "only a Config of an auto_config function can be"
        raise _error(node, what, "pass the node itself")
    fn: Value = get_callable(node)
    if not is_auto_config(fn):
        raise _error(node, "its callable is not an auto_config function", _why_not(fn))
    args, kwargs = signature_of(fn).call_arguments(node.__arguments__, node.__form__)
    try:
        root: Value = fn.as_buildable(*args, **kwargs)
    except RecursionError as error:
        what = "its function calls itself without end"
        raise _error(node, what, "let it stop calling itself") from error
    kind = type_of(root)
    if kind not in BUILDABLE_TYPES:
        what = f"it gives a {kind.__name__}, not one buildable"
        raise _error(node, what, "return one object from the function, or let it always inline")
    return root


def _why_not(fn: Value) -> str:
    if is_auto_config(inspect.unwrap(fn, stop=is_auto_config)):
        return f"a decorator stands above @auto_config on {fn.__qualname__}; put it below"
    return "wrap the function with auto_config(experimental_always_inline=False)"


def _error(node: object, what: str, fix: str) -> InlineError:
    place = getattr(node, "__provenance__", None) or caller()
    return InlineError.of(f"cannot inline {node!r}: {what}", str(place), fix)
