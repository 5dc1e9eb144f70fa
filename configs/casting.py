"""`cast`: the same call as another kind of node."""

from __future__ import annotations

from typing import Any, TypeVar, overload

from .core.slots import copy_node
from .node.buildable import Buildable
from .node.kinds import ArgFactory, Config, Partial
from .traversal.traverse import BUILDABLE_TYPES

T = TypeVar("T")
BuildableT = TypeVar("BuildableT", bound=Buildable[Any])


@overload
def cast(new_type: type[Config[Any]], buildable: Buildable[T]) -> Config[T]: ...
@overload
def cast(new_type: type[Partial[Any]], buildable: Buildable[T]) -> Partial[T]: ...
@overload
def cast(new_type: type[ArgFactory[Any]], buildable: Buildable[T]) -> ArgFactory[T]: ...
@overload
def cast(new_type: type[BuildableT], buildable: Buildable[Any]) -> BuildableT: ...
def cast(new_type: type[Buildable[Any]], buildable: Buildable[Any]) -> Buildable[Any]:
    """Return a shallow copy of a node that is of another class.

    Args:
        new_type: The class, such as `Partial`.
        buildable: The node; it does not change.

    Raises:
        TypeError: One is not a subclass, the other not an instance of `Buildable`.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> cast(Partial, Config(dict, a=1))
        <Partial[dict(a=1)]>
    """
    if type(buildable) not in BUILDABLE_TYPES:
        raise TypeError(f"cannot cast {buildable!r}: it is not a Buildable")
    if new_type not in BUILDABLE_TYPES:
        raise TypeError(f"cannot cast to {new_type!r}: it is not a subclass of Buildable")
    return copy_node(buildable, dict(buildable.__arguments__), new_type)
