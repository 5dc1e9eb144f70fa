"""Native code made of a program, and how to tell it from other code."""

from __future__ import annotations

from types import CodeType

import attrs

from ..marks import Works
from ..site import Site
from ..values import Null


class Native(Works):
    """Marks native code; a constant of it.

    Attributes:
        indexes: By code unit, the index in the program of what stands there.
    """

    __slots__ = ("indexes",)

    def __init__(self) -> None:
        self.indexes: tuple[int, ...] = ()


def native_mark(code: CodeType) -> Native | None:
    """Return the mark of native code, or None for any other."""
    consts = code.co_consts
    mark = consts[-1] if consts else None
    return mark if isinstance(mark, Native) else None


@attrs.frozen(eq=False)
class Region:
    """The native code of a program.

    Attributes:
        code: The code object.
        mark: Its mark.
        entries: By index, the number of the entry there and the depth of the stack.
        cells: The slots whose cells it closes over.
        slots: How many of the frame's slots are its locals.
        unbound: What they hold when none is bound.
        shown: By index, how many values on top of the stack an instruction works on, which an
            error is to be explained with.
        loaded: By index, where on the stack methods may be that are loaded but not bound.
        near: The indexes that a call may come to after so few instructions that going over for them
            does not pay.
        sites: The sites that it is run from.
    """

    code: CodeType
    mark: Native
    entries: dict[int, tuple[int, int]]
    cells: tuple[int, ...]
    slots: int
    unbound: tuple[Null, ...]
    shown: dict[int, int]
    loaded: dict[int, tuple[int, ...]]
    near: frozenset[int]
    sites: set[Site] = attrs.field(factory=set[Site])
