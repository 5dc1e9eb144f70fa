"""A code object as flat lists of opcodes, opargs, jump targets and places.

`dis` and `bytecode` make an object of every instruction; what only looks for a few opcodes cannot
afford that.
"""

from __future__ import annotations

import opcode
from collections.abc import Iterable
from types import CodeType
from typing import Final

#: First line, first column, last line, last column.
Place = tuple[int, int, int, int]


def numbers(*names: str) -> frozenset[int]:
    """Return the numbers of the opcodes that this Python has, of these.

    Example:
        >>> len(numbers("RETURN_VALUE", "NO_SUCH_OPCODE"))
        1
    """
    return frozenset(opcode.opmap[name] for name in names if name in opcode.opmap)


def number(name: str) -> int:
    """Return the number of an opcode, or -1, which no opcode has.

    Example:
        >>> number("NO_SUCH_OPCODE")
        -1
    """
    return opcode.opmap.get(name, -1)


def named(prefix: str = "", suffix: str = "") -> frozenset[int]:
    """Return the numbers of the opcodes whose names start and end so.

    Example:
        >>> opcode.opmap["STORE_ATTR"] in named("STORE_")
        True
    """
    return frozenset(
        value
        for name, value in opcode.opmap.items()
        if name.startswith(prefix) and name.endswith(suffix)
    )


NOP: Final = number("NOP")
COPY: Final = number("COPY")
SWAP: Final = number("SWAP")
FOR_ITER: Final = number("FOR_ITER")
PUSH_NULL: Final = number("PUSH_NULL")
BACKWARD: Final = named("JUMP_BACKWARD") | named("POP_JUMP_BACKWARD")
FORWARD: Final = numbers("JUMP_FORWARD")
#: Jumps that are always taken.
JUMPS: Final = FORWARD | numbers("JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")
#: Jumps that pop what they test.
CONDITIONAL: Final = named("POP_JUMP_")
#: 3.11 only: jumps that keep what they test if they jump.
KEEPING: Final = numbers("JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP")
#: What control never passes.
ENDS: Final = JUMPS | numbers("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")

_CACHE: Final = number("CACHE")
_EXTENDED_ARG: Final = number("EXTENDED_ARG")
_NOT_TAKEN: Final = number("NOT_TAKEN")
_RELATIVE: Final = frozenset(opcode.hasjrel)


class Wordcode:
    """The instructions of a code object, without caches and prefixes, numbered from 0.

    The NOT_TAKEN that 3.14 puts behind a conditional jump is left out, too: it marks a place.

    Attributes:
        code: The code object.
        ops: The opcode of each instruction.
        args: Its full oparg.
        targets: Where it jumps to, or -1.
        places: Its range in the source, or None if any part of it is unknown.
        lines: Its line, or None.
        sources: The jumps to an instruction.

    Example:
        >>> words = Wordcode(compile("x = [y]", "<example>", "exec"))
        >>> [opcode.opname[op] for op in words.ops if op in numbers("BUILD_LIST")]
        ['BUILD_LIST']
    """

    __slots__ = ("_at", "args", "code", "lines", "ops", "places", "sources", "targets")

    def __init__(self, code: CodeType) -> None:
        """Decode a code object."""
        self.code = code
        self.ops: list[int] = []
        self.args: list[int] = []
        self._at: dict[int, int] = {}
        units: list[int] = []
        ends: list[int] = []
        raw = code.co_code
        high = 0
        for unit in range(len(raw) // 2):
            op = raw[2 * unit]
            if op == _CACHE and self.ops:
                ends[-1] = unit + 1
                continue
            # A jump to a prefixed instruction is a jump to its first prefix.
            self._at[unit] = len(self.ops)
            if op == _NOT_TAKEN:
                continue
            if op == _EXTENDED_ARG:
                high = (high | raw[2 * unit + 1]) << 8
                continue
            self.ops.append(op)
            self.args.append(high | raw[2 * unit + 1])
            high = 0
            units.append(unit)
            ends.append(unit + 1)
        self._place(units)
        self._aim(ends)

    def _place(self, units: list[int]) -> None:
        positions = list(self.code.co_positions())
        self.places: list[Place | None] = []
        self.lines: list[int | None] = []
        for unit in units:
            line, last, column, end = (
                positions[unit] if unit < len(positions) else (None, None, None, None)
            )
            if line is None or last is None or column is None or end is None:
                self.places.append(None)
            else:
                self.places.append((line, column, last, end))
            self.lines.append(line)

    def _aim(self, ends: list[int]) -> None:
        self.targets: list[int] = []
        self.sources: dict[int, list[int]] = {}
        for index, op in enumerate(self.ops):
            target = -1
            if op in _RELATIVE:
                offset = -self.args[index] if op in BACKWARD else self.args[index]
                target = self._at.get(ends[index] + offset, -1)
                if target >= 0:
                    self.sources.setdefault(target, []).append(index)
            self.targets.append(target)

    def handlers(self) -> Iterable[tuple[int, int, int]]:
        """Yield the exception table: first instruction, one after the last, handler.

        The format is that of CPython's ``Objects/exception_handling_notes.txt``.
        """
        table = iter(self.code.co_exceptiontable)

        def varint() -> int:
            byte = next(table)
            value = byte & 63
            while byte & 64:
                byte = next(table)
                value = value << 6 | byte & 63
            return value

        count = len(self.ops)
        while True:
            try:
                start, length, target, _ = varint(), varint(), varint(), varint()
            except StopIteration:
                return
            first = self._at.get(start, -1)
            handler = self._at.get(target, -1)
            if first >= 0 and handler >= 0:
                yield first, self._at.get(start + length, count), handler

    def settle(self, index: int) -> int:
        """Return where control gets to from an instruction by jumps alone."""
        seen: set[int] = set()
        while index not in seen and index < len(self.ops):
            seen.add(index)
            op = self.ops[index]
            if op in JUMPS and self.targets[index] >= 0:
                index = self.targets[index]
            elif op == NOP and self.lines[index] is None:
                index += 1
            else:
                break
        return index

    def depth(self, start: int, end: int) -> int | None:
        """Return what a branch adds to the stack, if it is plain and reaches ``end``."""
        depth = 0
        index = start
        while start <= index < end:
            op = self.ops[index]
            if op in FORWARD:
                return depth if self.targets[index] >= end else None
            if op in ENDS or op in CONDITIONAL or op in KEEPING or op == FOR_ITER:
                return None
            argument = self.args[index] if op >= opcode.HAVE_ARGUMENT else None
            try:
                depth += opcode.stack_effect(op, argument, jump=False)
            except ValueError:
                return None
            index += 1
        return None

    def loops(self, heads: dict[int, list[int]]) -> dict[int, list[int]]:
        """Return those jumps back that close a loop, from their heads.

        From 3.12 on handlers are at the end of the code, and jump back without looping. A jump
        closes a loop if control has passed its target on the way to it.
        """
        handler: dict[int, int] = {}
        for start, end, target in self.handlers():
            for index in range(start, end):
                handler[index] = target
        count = len(self.ops)
        entered: set[int] = set()
        open_: set[int] = set()
        found: dict[int, list[int]] = {}
        stack: list[tuple[int, list[int]]] = []
        # A handler of nothing is compiled too.
        roots = iter(range(count))
        while True:
            if not stack:
                root = next((root for root in roots if root not in entered), None)
                if root is None:
                    break
                entered.add(root)
                open_.add(root)
                stack.append((root, self._next(root, handler)))
            index, following = stack[-1]
            if not following:
                open_.discard(index)
                stack.pop()
                continue
            target = following.pop()
            if target in open_ and index in heads.get(target, ()):
                found.setdefault(target, []).append(index)
            if target < count and target not in entered:
                entered.add(target)
                open_.add(target)
                stack.append((target, self._next(target, handler)))
        return found

    def following(self, index: int) -> list[int]:
        """Return where control may go from an instruction that raises nothing."""
        following: list[int] = []
        if self.ops[index] not in ENDS:
            following.append(index + 1)
        if self.targets[index] >= 0:
            following.append(self.targets[index])
        return following

    def _next(self, index: int, handler: dict[int, int]) -> list[int]:
        following = self.following(index)
        if index in handler:
            following.append(handler[index])
        return following


def within(inner: Place | None, outer: Place | None) -> bool:
    """Tell whether a place lies in another, or is the same.

    Example:
        >>> within((1, 4, 1, 5), (1, 0, 2, 3))
        True
        >>> within(None, (1, 0, 2, 3))
        False
    """
    return (
        inner is not None
        and outer is not None
        and outer[:2] <= inner[:2]
        and inner[2:] <= outer[2:]
    )
