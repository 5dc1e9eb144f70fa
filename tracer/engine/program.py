"""The decoded form of a code object."""

from __future__ import annotations

from types import CodeType

from ..code.instruction import CodeNames, Handler
from .values import NULL, Step, Value


class Program:
    """A code object decoded into steps. It keeps no reference to its code object.

    Attributes:
        steps: The steps by index, one for each instruction; index 0 is the stop and holds a step
            that is never run.
        offsets: By index, the offset in ``co_code`` of the instruction, in bytes.
        handlers: By index, where an exception raised there goes, or None.
        localsplus, free_start, cells: See `CodeNames`.
        padding: NULL for each local slot that is not an argument.
        flags: ``co_flags``.
        call_sites: By index and the slots that are bound, the code that makes a call in the user's
            name; by minus the index that of one in a namespace. See ``call_sites``.
        made_at: The index of what makes the generator, if more than cells comes before it: a
            generator expression has its iterator by then (3.15). Else 0.
        has_loop: Whether there is a jump backward.
        calls_left: How many calls more are interpreted before the native tier runs them.
        is_native: Whether the native tier has run it, or a call of it.
        survives: Whether CPython survives running it, None as long as nobody has asked.
        slots: Those of all local variables.
        templates: What the native tier has made of it; see ``native``.
    """

    __slots__ = (
        "__weakref__",
        "call_sites",
        "calls_left",
        "cells",
        "flags",
        "free_start",
        "handlers",
        "has_loop",
        "is_native",
        "localsplus",
        "made_at",
        "offsets",
        "padding",
        "slots",
        "steps",
        "survives",
        "templates",
    )

    def __init__(
        self,
        steps: tuple[Step, ...],
        offsets: tuple[int, ...],
        handlers: tuple[Handler | None, ...],
        names: CodeNames,
        arguments: int,
        made_at: int = 0,
        has_loop: bool = False,
        calls_left: int = 0,
    ) -> None:
        self.steps = steps
        self.offsets = offsets
        self.handlers = handlers
        self.localsplus = names.localsplus
        self.cells = names.cells
        self.slots = tuple(range(len(names.localsplus)))
        self.free_start = names.free_start
        self.padding: tuple[Value, ...] = (NULL,) * (names.free_start - arguments)
        self.flags = names.flags
        self.call_sites: dict[tuple[int, ...], CodeType] = {}
        self.made_at = made_at
        self.has_loop = has_loop
        self.calls_left = calls_left
        self.is_native = False
        self.survives: bool | None = None
        self.templates: dict[Value, Value] = {}
