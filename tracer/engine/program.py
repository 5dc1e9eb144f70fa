"""The decoded form of a code object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from ..code.instruction import CodeNames, Step
from .frame import NULL
from .tiers import Site

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


class Fusion(NamedTuple):
    """Steps that may stand for several instructions.

    Attributes:
        steps: By index, the step of the instructions from there on; from the end, by negative
            index, the steps of one instruction each.
        raising: By index, that of the instruction which may raise in the step.
    """

    steps: tuple[Step, ...]
    raising: Sequence[int]


def raised_at(index: int, raising: Sequence[int] | None) -> int:
    """Return the index of the instruction that raised, or calls, in a step.

    Args:
        index: That of the step, as the run loop has it.
        raising: That of the `Fusion` it runs; None if it runs steps of one instruction.
    """
    if index < 0:
        return -index
    return index if raising is None else raising[index]


class Program:
    """A code object decoded into steps. Immutable; it keeps no reference to its code object.

    Attributes:
        steps: The steps by index, one for each instruction; index 0 is the stop and holds a step
            that is never run.
        fused: What the run loop uses, once it is worth it: see `Fusion`.
        has_loop: Whether there is a jump backward.
        entry: Where another tier may take over a call, or None if that cannot pay.
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
        "_fuse",
        "_is_worth_fusing",
        "call_sites",
        "cells",
        "entry",
        "flags",
        "fused",
        "handlers",
        "has_loop",
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
        fuse: Callable[[], Fusion] | None = None,
        has_loop: bool = False,
        entry: Site | None = None,
    ) -> None:
        self.steps = steps
        self.fused = None if fuse else _one_by_one(steps)
        self.has_loop = has_loop
        self.entry = entry
        self._fuse = fuse
        self._is_worth_fusing = has_loop
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

    def warm_up(self) -> Fusion:
        """Return what to run. Steps are fused for code that has a loop, or runs again."""
        fuse = self._fuse
        if fuse is None or not self._is_worth_fusing:
            self._is_worth_fusing = True
            return _one_by_one(self.steps)
        self.fused = fusion = fuse()
        self._fuse = None
        return fusion


def _one_by_one(steps: tuple[Step, ...]) -> Fusion:
    # Without ``len``: the program may have patched it, with this code even.
    return Fusion(steps, range(steps.__len__()))
