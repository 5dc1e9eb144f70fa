"""Deep copies of graphs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from .traverse import Visit, fold, walk

if TYPE_CHECKING:
    from .buildable import Buildable

    BuildableT = TypeVar("BuildableT", bound=Buildable[Any])


def deepcopy_graph(root: Buildable[Any], memo: dict[int, Any]) -> Buildable[Any]:
    """Return a deep copy of ``root``; sharing is kept, callables and provenance are not copied.

    Works for graphs of any depth, and with cycles.

    Args:
        root: The buildable to copy.
        memo: The memo of `copy.deepcopy`: copies by the id of the original.

    Returns:
        A buildable of the same class.
    """
    nodes = [(node, kind) for node, kind in walk(root) if kind.fill and id(node) not in memo]
    # Everything that can be filled later is known, still empty, before anything is copied. So a
    # leaf object that refers back to it finds the copy, and no cycle is ever walked.
    for node, kind in nodes:
        memo[id(node)] = kind.rebuild(node, (), [])
    for node, kind in nodes:
        keys, values = kind.flatten(node)
        copies = [
            fold(value, _rebuild, lambda leaf: copy.deepcopy(leaf, memo), memo) for value in values
        ]
        if kind.fill is not None:
            kind.fill(memo[id(node)], keys, copies)
    return memo[id(root)]


def _rebuild(visit: Visit, _: object) -> object:
    return visit.rebuild()


def copy_with(buildable: BuildableT, /, **arguments: object) -> BuildableT:
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


def deepcopy_with(buildable: BuildableT, /, **arguments: object) -> BuildableT:
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


def _with(node: BuildableT, arguments: dict[str, object]) -> BuildableT:
    for name, value in arguments.items():
        setattr(node, name, value)
    return node
