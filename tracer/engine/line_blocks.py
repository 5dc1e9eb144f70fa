"""The native code that shows a program's lines: a block for each, chosen by number.

Its text asks the mapping that is its locals for four names, so that nothing of it is among the
user's variables: the number of the block to run next; what the block calls, which tells whether the
frame has stopped; what to return then; and what keeps the result of a debugger's call.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from opcode import opmap
from types import CodeType
from typing import Final

import attrs

from ..code.line_table import encode_lines
from .frame import LINE, Frame
from .marks import Hidden
from .values import Step

ASK_BLOCK: Final = "__bytefig_block__"
ASK_CALL: Final = "__bytefig_call__"
ASK_KEEP: Final = "__bytefig_keep__"
ASK_RESULT: Final = "__bytefig_result__"

#: The number of the block for instructions that no line is to be seen for.
NO_LINE: Final = 1

_LOAD_NAME, _POP_TOP, _RESUME, _RETURN_VALUE = (
    opmap[name] for name in ("LOAD_NAME", "POP_TOP", "RESUME", "RETURN_VALUE")
)
#: To 3.12, a debugger that is called stops at the next event: that is to be one of the user's line.
_STOPS_AFTER: Final = sys.version_info < (3, 13)


class ShowsLines(Hidden):
    """Marks the native code."""

    __slots__ = ()


_MARK: Final = ShowsLines()


def shows_lines(code: CodeType) -> bool:
    """Tell whether code is what runs a program line by line."""
    return _MARK in code.co_consts


@attrs.frozen(eq=False)
class LineBlocks:
    """How a program is run line by line.

    Attributes:
        code: The native code; what it is evaluated with is described in `observing`.
        steps: The program's, but they stop the loop where a line starts.
        numbers: By index, the number of the block of the instruction's line.
        count: How many lines there are.
    """

    code: CodeType
    steps: tuple[Step, ...]
    numbers: tuple[int, ...]
    count: int

    def at(self, index: int) -> int:
        """Return the number of the block that runs an instruction."""
        return self.numbers[index]

    def calling(self, index: int) -> int:
        """Return the number of the block that makes an instruction's call."""
        return max(self.numbers[index], NO_LINE + 1) + self.count


def line_blocks(frame: Frame) -> LineBlocks:
    """Return those of a frame's program, made at their first use."""
    found = frame.program.line_blocks
    if found is None:
        found = frame.program.line_blocks = _make(frame)
    return found


def _make(frame: Frame) -> LineBlocks:
    program, code = frame.program, frame.code
    by_unit = _lines(code)
    # What comes up to the first RESUME is no line that is run: the call is seen there.
    start = code.co_code[::2].index(_RESUME, program.offsets[program.made_at] // 2)
    units = (offset // 2 for offset in program.offsets)
    by_index = [by_unit[unit] if unit > start else None for unit in units]
    lines = sorted({line for line in by_index if line is not None}) or [code.co_firstlineno]
    numbers = {line: number for number, line in enumerate(lines, start=NO_LINE + 1)}
    found = tuple(NO_LINE if line is None else numbers[line] for line in by_index)
    return LineBlocks(
        code=_native_code(code, lines),
        steps=tuple(
            step if number == NO_LINE else _stopping(step, index, number)
            for index, (step, number) in enumerate(zip(program.steps, found, strict=True))
        ),
        numbers=found,
        count=len(lines),
    )


def _lines(code: CodeType) -> list[int | None]:
    """Return the line of each code unit."""
    return [line for start, stop, line in code.co_lines() for _ in range(start, stop, 2)]


def _stopping(step: Step, index: int, number: int) -> Step:
    """Return a step that stops the loop if its line starts: it is another, or run again."""

    def stop(frame: Frame) -> int:
        line, last = frame.line
        if line == number and last < index:
            frame.line = (line, index)
            return step(frame)
        frame.signal, frame.resume = LINE, index
        return 0

    return stop


def _native_code(code: CodeType, lines: list[int]) -> CodeType:
    text, numbers = _text(len(lines))
    made = compile(text, code.co_filename, "exec", dont_inherit=True)
    by_number = (None, None, *lines, *lines)
    units = [by_number[numbers.get(line or 0, NO_LINE)] for line in _lines(made)]
    units[0] = code.co_firstlineno  # RESUME: the call is seen there
    return made.replace(
        co_code=_returning(made),
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_firstlineno=code.co_firstlineno,
        co_linetable=encode_lines(units, code.co_firstlineno),
        co_consts=(*made.co_consts, _MARK),
    )


def _returning(code: CodeType) -> bytes:
    """Return the instructions, with a return where the result is named: a module cannot say it."""
    written = bytearray(code.co_code)
    result = code.co_names.index(ASK_RESULT)
    for offset in range(0, len(written), 2):
        if written[offset] == _LOAD_NAME and written[offset + 1] == result:
            assert written[offset + 2] == _POP_TOP
            written[offset + 2] = _RETURN_VALUE
    return bytes(written)


@lru_cache(maxsize=64)
def _text(count: int) -> tuple[str, dict[int, int]]:
    """Return the text for a number of lines, and by its own lines the numbers of their blocks."""
    written = ["while True:"]
    numbers: dict[int, int] = {}

    def write(depth: int, text: str, number: int = NO_LINE) -> None:
        written.append(" " * depth + text)
        numbers[len(written)] = number

    def choose(first: int, last: int, depth: int) -> None:
        if first == last:
            write_block(first, depth)
            return
        middle = (first + last + 1) // 2
        write(depth, f"if {ASK_BLOCK} < {middle}:")
        choose(first, middle - 1, depth + 1)
        write(depth, "else:")
        choose(middle, last, depth + 1)

    def write_block(number: int, depth: int) -> None:
        if number <= NO_LINE + count:
            write(depth, f"if {ASK_CALL}():", number)
            write(depth + 1, ASK_RESULT, number)
            return
        write(depth, f"{ASK_KEEP}({ASK_CALL}())", number)
        if _STOPS_AFTER:
            # An event of the same line: after an instruction of none, and without asking.
            write(depth, "0 < 1")
            write(depth, "0 < 1", number)

    choose(NO_LINE, NO_LINE + 2 * count, 1)
    return "\n".join(written) + "\n", numbers
