"""The decoded form of a code object."""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any

import attrs

from .frame import NULL
from .instruction import CodeNames, Step

if TYPE_CHECKING:
    from .line_blocks import LineBlocks

CO_OPTIMIZED = 0x1
CO_NEWLOCALS = 0x2
CO_VARARGS = 0x4
CO_VARKEYWORDS = 0x8
CO_GENERATOR = 0x20
CO_COROUTINE = 0x80
CO_ITERABLE_COROUTINE = 0x100
CO_ASYNC_GENERATOR = 0x200
# Source for the flags: ``inspect``, of the same names.

#: The flags of code whose call makes a generator or coroutine instead of running it.
SUSPENDABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR


@attrs.frozen
class Handler:
    """What an exception table entry says about one instruction.

    Attributes:
        target: Index of the handler's first step.
        depth: How many values stay on the stack.
        push_lasti: Whether the failing index is pushed before the exception.
        enters: Whether the handler starts with PUSH_EXC_INFO, so that the exception becomes the
            one being handled.
    """

    target: int
    depth: int
    push_lasti: bool
    enters: bool


def argument_count(code: CodeType) -> int:
    """Return how many of the first local slots are arguments, ``*args`` and ``**kwargs`` included.

    Example:
        >>> def f(a, /, b, *c, d, **e): ...
        >>> argument_count(f.__code__)
        5
    """
    return (
        code.co_argcount
        + code.co_kwonlyargcount
        + bool(code.co_flags & CO_VARARGS)
        + bool(code.co_flags & CO_VARKEYWORDS)
    )


class Program:
    """A code object decoded into steps. Immutable; it keeps no reference to its code object.

    Attributes:
        steps: The steps by index; index 0 is the stop and holds a step that is never run.
        offsets: By index, the offset in ``co_code`` of the instruction, in bytes.
        handlers: By index, where an exception raised there goes, or None.
        localsplus, cells: See `CodeNames`.
        padding: NULL for each local slot that is not an argument.
        flags: ``co_flags``.
        call_sites: By index, the code that makes a call in the user's name; see ``call_sites``.
        with_nops: The program with a step for each NOP, once it is needed; see ``decode``.
        line_blocks: How it is run line by line, once it has been; see ``line_blocks``.
        native: What the compiled tier has made of it; see ``compiled``.
    """

    __slots__ = (
        "__weakref__",
        "call_sites",
        "cells",
        "flags",
        "handlers",
        "line_blocks",
        "localsplus",
        "native",
        "offsets",
        "padding",
        "steps",
        "with_nops",
    )

    def __init__(
        self,
        steps: tuple[Step, ...],
        offsets: tuple[int, ...],
        handlers: tuple[Handler | None, ...],
        names: CodeNames,
        arguments: int,
    ) -> None:
        self.steps = steps
        self.call_sites: dict[int, CodeType] = {}
        self.line_blocks: LineBlocks | None = None
        self.with_nops: Program | None = None
        self.native: dict[bool, Any] = {}
        self.offsets = offsets
        self.handlers = handlers
        self.localsplus = names.localsplus
        self.cells = names.cells
        self.padding: tuple[Any, ...] = (NULL,) * (names.free_start - arguments)
        self.flags = names.flags
