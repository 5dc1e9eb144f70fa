"""Writing native code: instructions, what covers them, and the ways out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from opcode import opmap
from typing import Any

from bytecode import Instr, Label
from bytecode.instr import TryBegin, TryEnd

from .diverting import NULL_FIRST
from .reading import Place

FRAME, ENTRY, GUARDED, STATE = ".frame", ".entry", ".guarded", ".state"
FUNCTIONS, METHODS = ".functions", ".methods"
_ERROR = ".error"

IF_TRUE, IF_FALSE = (
    f"POP_JUMP_FORWARD_{test}" if f"POP_JUMP_FORWARD_{test}" in opmap else f"POP_JUMP_{test}"
    for test in ("IF_TRUE", "IF_FALSE")
)


class Writer:
    """Writes instructions.

    Attributes:
        locals: The names of the frame's locals in native code.
        written: What has been written.
        indexes: The index in the program that each instruction written is for.
        after: Writes what is to stand behind everything else.
        covering: Where errors go of what is written next, and how many values stay on the stack.
        index: The index that is written for.
        location: The place in the source.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.locals = names
        self.written: list[Instr | Label | TryBegin | TryEnd] = []
        self.indexes: list[int] = []
        self.after: list[Callable[[], None]] = []
        self.covering: tuple[Label, int] | None = None
        self.index = 0
        self.location: Any = None
        self._covered: tuple[Label, int] | None = None
        self._block: TryBegin | None = None
        self._leaving: dict[int, Label] = {}
        self._raising: dict[int, Label] = {}

    def put(self, name: str, *arg: Any) -> None:
        """Write an instruction."""
        self._write(Instr(name, *arg, location=self.location))

    def keep(self, place: Place) -> None:
        """Write an instruction as it was."""
        self._write(place.instr)

    def _write(self, instr: Instr) -> None:
        if self.covering != self._covered:
            self.settle()
        self.written.append(instr)
        self.indexes.append(self.index)

    def label(self, label: Label) -> None:
        """Write a label."""
        self.written.append(label)

    def cover(self, target: Label | None, depth: int = 0) -> None:
        """Have errors of what is written next go to a label, with so many values on the stack."""
        self.covering = None if target is None else (target, depth)

    def settle(self) -> None:
        """Begin and end what is covered, now that something is written: no part may be empty."""
        if self._block is not None:
            self.written.append(TryEnd(self._block))
            self._block = None
        self._covered = self.covering
        if self._covered is not None:
            target, depth = self._covered
            self._block = TryBegin(target, push_lasti=False, stack_depth=depth)
            self.written.append(self._block)

    def call(self, function: Any, arguments: Iterable[Callable[[], None]]) -> None:
        """Call a function; the stack is two values deeper when the first argument is loaded."""
        if NULL_FIRST:
            self.put("PUSH_NULL")
            self.put("LOAD_CONST", function)
        else:
            self.put("LOAD_CONST", function)
            self.put("PUSH_NULL")
        count = 0
        for load in arguments:
            load()
            count += 1
        if "PRECALL" in opmap:
            self.put("PRECALL", count)
        self.put("CALL", count)

    def leave(self, place: Place) -> Label:
        """Return where to jump for the interpreter to go on at a place."""
        found = self._leaving.get(place.index)
        if found is None:
            found = self._leaving[place.index] = Label()
            self.after.append(lambda: self._write_leave(found, place))
        return found

    def _write_leave(self, label: Label, place: Place) -> None:
        assert place.depth is not None
        self.index = place.index
        self.label(label)
        self.put("BUILD_LIST", place.depth)
        self.put("LOAD_CONST", place.index)
        self.give_back()
        self.put("BUILD_TUPLE", 3)
        self.put("RETURN_VALUE")

    def give_back(self) -> None:
        """``-- locals``."""
        for name in self.locals:
            self.put("LOAD_FAST", name)
        self.put("BUILD_TUPLE", len(self.locals))

    def raise_from(self, depth: int) -> Label:
        """Return where errors go when the frame is to keep so many values of its stack."""
        found = self._raising.get(depth)
        if found is None:
            found = self._raising[depth] = Label()
            self.after.append(lambda: self._write_raise(found, depth))
        return found

    def _write_raise(self, label: Label, depth: int) -> None:
        self.label(label)
        self.put("STORE_FAST", _ERROR)
        self.put("BUILD_LIST", depth)
        self.give_back()
        self.put("BUILD_TUPLE", 2)
        self.reraise()

    def reraise(self) -> None:
        """``state --``: leave it in the frame and raise again; the error is not kept."""
        self.put("LOAD_FAST", FRAME)
        self.put("STORE_ATTR", "native")
        self.put("LOAD_FAST", _ERROR)
        self.put("LOAD_CONST", None)
        self.put("STORE_FAST", _ERROR)
        self.put("RERAISE", 0)
