"""Values of the user's program, their absence, and the steps that work on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CellType
from typing import Any, Final, TypeAlias

#: A value of the user's program. ``Any``, not ``object``: every operation on one is legitimate
#: here, and whether it succeeds is the user's program's business.
Value = Any


#: What stands for a value in a graph: a node of this library, or of a peer, which has no types.
Node = Any

#: The positional arguments of a call.
Args: TypeAlias = tuple[object, ...]
#: Its named arguments.
Kwargs: TypeAlias = Mapping[str, object]

#: ``type`` with one argument, for values of which a type checker knows nothing.
type_of: Final[Callable[[Value], type[Any]]] = type


class Null:
    """The type of `NULL`, the absence of a value on the stack or in a local (never ``None``)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL"


NULL: Final = Null()


def content(cell: CellType) -> Value:
    """Return the content of a cell, or `NULL`; errors are raised outside, so that none chains."""
    try:
        return cell.cell_contents
    except ValueError:
        return NULL


#: Runs one instruction in a `Frame` and returns the index of the next one; 0 stops the loop.
Step: TypeAlias = Callable[[Any], int]
