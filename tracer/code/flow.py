"""Following the instructions of a code object without running them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import CodeType
from typing import Generic, TypeVar

from .instruction import CodeNames, Handler, Instruction, read_instructions
from .wordcode import ENDS

StateT = TypeVar("StateT")


class Flow(ABC, Generic[StateT]):
    """Finds the state before each instruction, on all paths that lead to it.

    A state says what is known at one place. It is never changed, but replaced by one that says
    less, until nothing new is found.

    Attributes:
        code: The code object.
        names: Its tables.
        instructions: Its instructions; the index of the first one is 1.
    """

    def __init__(self, code: CodeType) -> None:
        """Read a code object."""
        self.code = code
        self.names = CodeNames.of(code)
        self.instructions, self._handlers = read_instructions(code, self.names)
        self._known: dict[int, StateT] = {}
        self._pending: list[int] = []

    @abstractmethod
    def perform(self, ins: Instruction, before: StateT) -> tuple[StateT, StateT]:
        """Return the state after an instruction, and the one at its jump target, if any."""

    @abstractmethod
    def caught(self, handler: Handler, state: StateT) -> StateT | None:
        """Return the state at a handler, given the one at an exception; None if there is none."""

    @abstractmethod
    def joined(self, known: StateT, state: StateT) -> StateT | None:
        """Return the state that holds in either case, or None if that is no less than ``known``."""

    def follow(self, state: StateT) -> None:
        """Follow all paths from the first instruction on."""
        self._known = {}
        self._enter(1, state)
        while self._pending:
            index = self._pending.pop()
            ins, before = self.instructions[index - 1], self._known[index]
            after, jumped = self.perform(ins, before)
            handler = self._handlers[index]
            if handler is not None:
                # The exception may come before or after what the instruction does.
                for at in (before, after):
                    found = self.caught(handler, at)
                    if found is not None:
                        self._enter(handler.target, found)
            if ins.target:
                self._enter(ins.target, jumped)
            if ins.op not in ENDS:
                self._enter(ins.next, after)

    def _enter(self, index: int, state: StateT) -> None:
        entry: StateT | None = state
        if index in self._known:
            entry = self.joined(self._known[index], state)
        if entry is not None:
            self._known[index] = entry
            if index not in self._pending:
                self._pending.append(index)
