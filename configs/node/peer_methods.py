"""Names of nodes that are no arguments: NeMo Run's methods, IPython's, and the callable's name.

Nodes have no members but dunders, so that every name is free for arguments. These names are looked
up last, so a parameter called ``walk`` is still an argument.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable
from typing import Final

from ..core.names import callable_name
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE
from ..core.slots import NodeSlots, become, copy_node
from ..core.transaction import Changes
from ..signature.signature import signature_of
from ..traversal.iteration import iterate


def clone(node: NodeSlots) -> NodeSlots:
    """Return a deep copy of the graph.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, inner=Config(dict, a=1))
        >>> copied = cfg.clone()
        >>> copied == cfg, copied.inner is cfg.inner
        (True, False)
    """
    return copy.deepcopy(node)


def walk(node: NodeSlots, /, **functions: Callable[[object], object]) -> NodeSlots:
    """Set arguments in the whole graph, each by a function of the node that has it.

    As in NeMo Run the graph itself is changed, and returned. Other than there, nodes in lists and
    the like are reached, and a node that is used twice is changed once.

    Args:
        node: The root of the graph.
        **functions: For each name, a function that is given a node with an argument, or a default,
            of that name, and returns the new value. Parents come first.

    Raises:
        TypeError: A function is not callable. After this and any other error, of a function too,
            all nodes are as before.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, units=2, layers=[Config(dict, units=3)])
        >>> cfg.walk(units=lambda node: 2 * node.units)
        <Config[dict(units=4, layers=[<Config[dict(units=6)]>])]>
    """
    for name, function in functions.items():
        if not callable(function) or type(function) in BUILDABLE_TYPES:
            raise TypeError(
                f"walk needs a function for {name!r}, not {function!r}; to set the same value"
                " everywhere use broadcast"
            )
    # All of them first: what a function puts in is not walked.
    found = [place.value for place in iterate(node) if type(place.value) in BUILDABLE_TYPES]
    before = [(each, copy_node(each, dict(each.__arguments__))) for each in found]
    try:
        for name, function in functions.items():
            for each in found:
                signature = signature_of(each.__fn_or_cls__)
                if name in each.__arguments__ or signature.default(name) is not NO_VALUE:
                    setattr(each, name, function(each))
    except BaseException:
        changes = Changes()
        for each, kept in before:
            become(changes, each, kept)
        changes.commit()
        raise
    return node


def broadcast(node: NodeSlots, /, **values: object) -> NodeSlots:
    """Set arguments in the whole graph, wherever a node has an argument or default of that name.

    As in NeMo Run the graph itself is changed, and returned; see `walk`.

    Args:
        node: The root of the graph.
        **values: The value for each name.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, units=2, layers=[Config(dict, units=3), Config(dict, a=1)])
        >>> cfg.broadcast(units=8)
        <Config[dict(units=8, layers=[<Config[dict(units=8)]>, <Config[dict(a=1)]>])]>
    """
    return walk(node, **{name: _constant(value) for name, value in values.items()})


def _constant(value: object) -> Callable[[object], object]:
    return lambda _: value


def getdoc(node: NodeSlots) -> str:
    """Return the signature and the docstring of the callable, for ``node?`` in IPython.

    Example:
        >>> from bytefig.configs import Config
        >>> def dense(units, rate=0.5):
        ...     "Return a layer."
        >>> print(Config(dense, 8).getdoc())
        Config of dense(units, rate=0.5)
        <BLANKLINE>
        Return a layer.
    """
    fn: object = node.__fn_or_cls__
    try:
        parameters = str(inspect.signature(fn))
    except (TypeError, ValueError):  # it says nothing of them
        parameters = "(...)"
    head = f"{type(node).__name__} of {callable_name(fn)}{parameters}"
    doc = inspect.getdoc(fn)
    return f"{head}\n\n{doc}" if doc else head


_METHODS: Final = {method.__name__: method for method in (clone, walk, broadcast, getdoc)}


def look_up(node: NodeSlots, name: str) -> object:
    """Return the value of a name that is no argument of a node, or `NO_VALUE`."""
    fn = node.__fn_or_cls__
    if name in signature_of(fn).names:
        return NO_VALUE
    method = _METHODS.get(name)
    if method is not None:
        return functools.partial(method, node)
    if name == "__name__":
        return getattr(fn, "__name__", NO_VALUE)
    return NO_VALUE
