"""Write code objects anew, with more instructions in them.

All that points into the code is written again: jumps, the exception table and the table of
positions. What is added has the place in the source, and the handler, of what it is added to.

Source: CPython ``Objects/locations.md`` and ``Objects/exception_handling_notes.txt``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from opcode import opmap
from types import CodeType
from typing import Final, NamedTuple

from ...code.wordcode import BACKWARD, Position, Wordcode, numbers, positions_of

_CACHE: Final = opmap["CACHE"]
_EXTENDED_ARG: Final = opmap["EXTENDED_ARG"]
#: What is left out of the instructions that are read, to be written again where it is needed.
_IMPLIED: Final = numbers("CACHE", "EXTENDED_ARG")
_JUMP_FORWARD: Final = opmap["JUMP_FORWARD"]
#: Stands for the place of what comes from no instruction.
NOWHERE: Final = -1
_NO_POSITION: Final = (None, None, None, None)


class Added(NamedTuple):
    """An instruction to add.

    Attributes:
        op: The opcode.
        arg: The oparg; of a jump, how many of the added instructions after it are gone past.
        caches: How many inline caches it has.
        jumps: Whether it is a jump.
    """

    op: int
    arg: int = 0
    caches: int = 0
    jumps: bool = False


class Change(NamedTuple):
    """The new form of an instruction.

    Attributes:
        before: What is added before it; a jump to it goes there.
        instead: What it is replaced by; None to keep it.
        after: What is added after it.
        handler: What is added after that, and finds on the stack what that leaves there or raises.
        depth: How many values are below that.
    """

    before: tuple[Added, ...] = ()
    instead: tuple[Added, ...] | None = None
    after: tuple[Added, ...] = ()
    handler: tuple[Added, ...] = ()
    depth: int = 0


class _Guarded(NamedTuple):
    """A part of the stream with a handler of its own, which follows it.

    Attributes:
        source: The number of the original instruction.
        start: Its first place in the stream.
        end: That of the handler.
        depth: As in `Change`.
    """

    source: int
    start: int
    end: int
    depth: int


class Written(NamedTuple):
    """Code that was written anew.

    Attributes:
        code: The code object.
        offsets: By its code unit, where in the original, in bytes, stands what it comes from; less
            than nothing if it comes from nothing.
        starts: By the original's instruction, the code unit that stands for it.
    """

    code: CodeType
    offsets: tuple[int, ...]
    starts: tuple[int, ...]


def read_words(code: CodeType) -> Wordcode:
    """Read a code object so that nothing of it is lost when it is written again."""
    return Wordcode(code, _IMPLIED)


def write(
    words: Wordcode,
    changes: Mapping[int, Change],
    consts: tuple[object, ...],
    stack: int,
    first: tuple[tuple[int, Added], ...] = (),
    enter: int = 0,
) -> Written:
    """Write a code object with changes.

    Args:
        words: What `read` has read.
        changes: By the number of an instruction.
        consts: The constants of the code to write.
        stack: How many more values are on the stack.
        first: What is added before the first instruction, and the number of the one whose place in
            the source it has, or `NOWHERE`.
        enter: The number of the instruction that goes on with, if anything is added.

    Returns:
        The new code, and what stands where in it.
    """
    stream = _Stream(words, changes, first, enter)
    stream.lay_out()
    code = words.code
    positions = positions_of(code)
    units = stream.units()
    return Written(
        code.replace(
            co_code=stream.encoded(),
            co_consts=consts,
            co_stacksize=code.co_stacksize + stack,
            co_linetable=encode_positions(
                (_NO_POSITION if unit == NOWHERE else positions[unit] for unit in units),
                code.co_firstlineno,
            ),
            co_exceptiontable=encode_handlers(sorted(stream.handlers())),
        ),
        tuple(2 * unit for unit in units),
        tuple(stream.at(index) for index in range(len(words.ops))),
    )


class _Stream:
    """The instructions to write, and where each of them comes to stand."""

    def __init__(
        self,
        words: Wordcode,
        changes: Mapping[int, Change],
        first: tuple[tuple[int, Added], ...],
        enter: int,
    ) -> None:
        self._words = words
        self._ops: list[int] = []
        self._args: list[int] = []
        self._caches: list[int] = []
        #: By place in the stream, the place that a jump goes to, or -1.
        self._targets: list[int] = []
        #: By place in the stream, the number of the original instruction.
        self._sources: list[int] = []
        #: By original instruction, its place in the stream.
        self._labels: list[int] = []
        self._guarded: list[_Guarded] = []
        jumps: list[tuple[int, int]] = []
        for source, each in first:
            self._add(source, each)
        if first:
            jumps.append((len(self._ops), enter))
            self._add(first[-1][0], Added(_JUMP_FORWARD, jumps=True))
        raw = words.code.co_code[::2]
        ends = [*words.units[1:], len(raw)]
        unchanged = Change()
        for index, op in enumerate(words.ops):
            change = changes.get(index, unchanged)
            self._labels.append(len(self._ops))
            for each in change.before:
                self._add(index, each)
            if change.instead is None:
                if words.targets[index] >= 0:
                    jumps.append((len(self._ops), words.targets[index]))
                unit = words.units[index] + 1
                caches = 0
                while unit + caches < ends[index] and raw[unit + caches] == _CACHE:
                    caches += 1
                self._add(index, Added(op, words.args[index], caches))
            else:
                for each in change.instead:
                    self._add(index, each)
            self._add_after(index, change)
        for place, target in jumps:
            self._targets[place] = self._labels[target]

    def _add_after(self, index: int, change: Change) -> None:
        start = len(self._ops)
        for each in change.after:
            self._add(index, each)
        if change.handler:
            self._guarded.append(_Guarded(index, start, len(self._ops), change.depth))
        for each in change.handler:
            self._add(index, each)

    def _add(self, source: int, added: Added) -> None:
        place = len(self._ops)
        self._ops.append(added.op)
        self._args.append(0 if added.jumps else added.arg)
        self._caches.append(added.caches)
        self._targets.append(place + 1 + added.arg if added.jumps else -1)
        self._sources.append(source)

    def lay_out(self) -> None:
        """Work out where everything stands, until no jump needs more room."""
        prefixes = [(arg.bit_length() - 1) // 8 if arg else 0 for arg in self._args]
        jumps = [place for place, target in enumerate(self._targets) if target >= 0]
        while True:
            self._starts = starts = [0]
            for prefix, caches in zip(prefixes, self._caches, strict=True):
                starts.append(starts[-1] + prefix + 1 + caches)
            grown = False
            for place in jumps:
                way = starts[self._targets[place]] - starts[place + 1]
                arg = -way if self._ops[place] in BACKWARD else way
                self._args[place] = arg
                needed = (arg.bit_length() - 1) // 8 if arg else 0
                if needed > prefixes[place]:
                    prefixes[place] = needed
                    grown = True
            if not grown:
                self._prefixes = prefixes
                return

    def at(self, index: int) -> int:
        """Return the code unit where an original instruction, or the end, stands now."""
        place = self._labels[index] if index < len(self._labels) else len(self._ops)
        return self._starts[place]

    def handlers(self) -> Iterator[tuple[int, int, int, int, bool]]:
        """Yield the entries of the exception table, as `encode_handlers` takes them."""
        starts = self._starts
        for start, end, target, depth, push_lasti in self._words.handlers():
            first = self.at(start)
            for part in self._guarded:
                if start <= part.source < end:
                    yield first, starts[part.start], self.at(target), depth, push_lasti
                    first = starts[part.end]
            yield first, self.at(end), self.at(target), depth, push_lasti
        for part in self._guarded:
            yield starts[part.start], starts[part.end], starts[part.end], part.depth, False

    def units(self) -> list[int]:
        """Return by code unit the original's unit that it comes from."""
        found: list[int] = []
        starts, originals = self._starts, self._words.units
        for place, source in enumerate(self._sources):
            unit = NOWHERE if source == NOWHERE else originals[source]
            found += [unit] * (starts[place + 1] - starts[place])
        return found

    def encoded(self) -> bytes:
        """Return the instructions."""
        written = bytearray()
        parts = zip(self._ops, self._args, self._caches, self._prefixes, strict=True)
        for op, arg, caches, prefixes in parts:
            for shift in range(8 * prefixes, 0, -8):
                written += bytes((_EXTENDED_ARG, arg >> shift & 0xFF))
            written += bytes((op, arg & 0xFF))
            written += bytes(2 * caches)
        return bytes(written)


def encode_handlers(entries: Iterable[tuple[int, int, int, int, bool]]) -> bytes:
    """Return a ``co_exceptiontable``.

    Args:
        entries: The first code unit, the one after the last and that of the handler, the depth of
            the stack, and whether the place of the instruction that raised is pushed.

    Example:
        >>> encode_handlers([(1, 3, 70, 0, True)]).hex(" ")
        '81 02 41 06 01'
    """
    table = bytearray()
    for start, end, target, depth, push_lasti in entries:
        first = len(table)
        for value in (start, end - start, target, depth << 1 | push_lasti):
            for shift in range((value.bit_length() - 1) // 6 * 6 if value else 0, 0, -6):
                table.append(0x40 | value >> shift & 0x3F)
            table.append(value & 0x3F)
        table[first] |= 0x80
    return bytes(table)


_NO_LOCATION: Final = 15
_LONG: Final = 14
_NO_COLUMNS: Final = 13


def encode_positions(positions: Iterable[Position], first: int) -> bytes:
    """Return a ``co_linetable``.

    Args:
        positions: That of each code unit.
        first: The code object's ``co_firstlineno``.

    Example:
        >>> def f(): pass
        >>> table = encode_positions(positions_of(f.__code__), f.__code__.co_firstlineno)
        >>> list(f.__code__.replace(co_linetable=table).co_positions()) == positions_of(f.__code__)
        True
    """
    table = bytearray()
    current = first
    for (line, last, column, end), run in groupby(positions):
        units = sum(1 for _ in run)
        while units:
            size = min(units, 8)
            units -= size
            if line is None:
                table.append(0x80 | _NO_LOCATION << 3 | size - 1)
                continue
            delta = line - current
            current = line
            if last is None or column is None or end is None:
                table.append(0x80 | _NO_COLUMNS << 3 | size - 1)
                _varint(table, _signed(delta))
            else:
                table.append(0x80 | _LONG << 3 | size - 1)
                for value in (_signed(delta), last - line, column + 1, end + 1):
                    _varint(table, value)
    return bytes(table)


def _signed(value: int) -> int:
    return -value << 1 | 1 if value < 0 else value << 1


def _varint(table: bytearray, value: int) -> None:
    while value > 0x3F:
        table.append(0x40 | value & 0x3F)
        value >>= 6
    table.append(value)
