"""Deep copies of graphs."""

from __future__ import annotations

import copy
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .traverse import NodeKind, Visit, fold, kind_of, walk

if TYPE_CHECKING:
    from .buildable import Buildable

    BuildableT = TypeVar("BuildableT", bound=Buildable[Any])


#: Leaves of which the copy is the value itself.
_ATOMIC: Final = frozenset({type(None), bool, int, float, complex, str, bytes, FunctionType, type})


def deepcopy_graph(root: Buildable[Any], memo: dict[int, Any]) -> Buildable[Any]:
    """Return a deep copy of ``root``; sharing is kept, callables and provenance are not copied.

    Works for graphs of any depth, and with cycles.

    Args:
        root: The buildable to copy.
        memo: The memo of `copy.deepcopy`: copies by the id of the original.

    Returns:
        A buildable of the same class.
    """
    # Few lists and tuples live long here: of a great graph, the garbage collector looks at each.
    nodes = [node for node, kind in walk(root) if kind.fill and id(node) not in memo]
    # Everything that can be filled later is known, still empty, before anything is copied. So a
    # leaf object that refers back to it finds the copy, and no cycle is ever walked.
    for node in nodes:
        memo[id(node)] = _kind(node).rebuild(node, (), [])

    def leaf(value: object) -> object:
        return copy.deepcopy(value, memo)

    for node in nodes:
        kind = _kind(node)
        keys, values = kind.flatten(node)
        if kind.fill is not None:
            copies = [
                value if type(value) in _ATOMIC else fold(value, _rebuild, leaf, memo)
                for value in values
            ]
            kind.fill(memo[id(node)], keys, copies)
    return memo[id(root)]


def _kind(node: object) -> NodeKind:
    kind = kind_of(node)
    assert kind is not None  # `walk` gave it
    return kind


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
