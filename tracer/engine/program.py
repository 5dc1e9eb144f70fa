"""The decoded form of a code object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, NamedTuple

from ..code.instruction import CodeNames, Handler
from .site import Site
from .values import NULL, Step


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
        localsplus, free_start, cells: See `CodeNames`.
        padding: NULL for each local slot that is not an argument.
        flags: ``co_flags``.
        call_sites: By index, the code that makes a call in the user's name; see ``call_sites``.
        with_nops: The program with a step for each NOP, once it is needed; see ``decode``.
        line_blocks: How it is run line by line, once it has been; see ``line_blocks``.
        native: What the compiled tier has made of it; see ``compiled``.
        made_at: The index of what makes the generator, if more than cells comes before it: a
            generator expression has its iterator by then (3.15). Else 0.
    """

    __slots__ = (
        "__weakref__",
        "_fuse",
        "_is_worth_fusing",
        "call_sites",
        "cells",
        "entry",
        "flags",
        "free_start",
        "fused",
        "handlers",
        "has_loop",
        "line_blocks",
        "localsplus",
        "made_at",
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
        made_at: int = 0,
    ) -> None:
        self.steps = steps
        self.fused = None if fuse else _one_by_one(steps)
        self.has_loop = has_loop
        self.entry = entry
        self.made_at = made_at
        self._fuse = fuse
        self._is_worth_fusing = has_loop
        self.call_sites: dict[int, CodeType] = {}
        self.line_blocks: Any = None
        self.with_nops: Program | None = None
        self.native: dict[bool, Any] = {}
        self.offsets = offsets
        self.handlers = handlers
        self.localsplus = names.localsplus
        self.cells = names.cells
        self.free_start = names.free_start
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
