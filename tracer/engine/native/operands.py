"""The operands of an instruction of rebuilt code, as far as variables and constants tell."""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType
from typing import Final

from ...code.instruction import CodeNames
from ...code.wordcode import Wordcode, number, numbers, pops_and_pushes
from ..values import Value
from .assembly import read_words
from .call_layout import stacks
from .sites import Origin

_LOAD_CONST: Final = number("LOAD_CONST")
_LOAD_GLOBAL: Final = number("LOAD_GLOBAL")
_PRECALL: Final = number("PRECALL")
_LOADS: Final = numbers("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW", "LOAD_DEREF")
_LOAD_TWO: Final = numbers("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW")
_BUILDS: Final = numbers("BUILD_SLICE", "BUILD_TUPLE", "BUILD_LIST")


def operands_of(origin: Origin, frame: FrameType, offset: int) -> tuple[Value, ...]:
    """Return the known operands of an instruction.

    Args:
        origin: That of the frame's code.
        frame: The frame.
        offset: The offset of the instruction in the original, in bytes.
    """
    words = read_words(origin.code)
    index = words.at(offset // 2)
    while words.ops[index] == _PRECALL:  # which makes the call itself, when it is specialised
        index += 1
    before = stacks(words)
    return tuple(_worked_on(words, before, frame, index)) if index in before else ()


def _worked_on(
    words: Wordcode, before: dict[int, tuple[int, ...]], frame: FrameType, index: int
) -> Iterator[object]:
    moved = pops_and_pushes(words.ops[index], words.args[index])
    stack = before[index]
    for slot in () if moved is None else stack[len(stack) - moved[0] :]:
        if slot >= 0:
            yield from _loaded(words, before, frame, slot)


def _loaded(
    words: Wordcode, before: dict[int, tuple[int, ...]], frame: FrameType, index: int
) -> Iterator[object]:
    op, oparg, code = words.ops[index], words.args[index], words.code
    names: tuple[str, ...] = ()
    if op == _LOAD_CONST:
        yield code.co_consts[oparg]
    elif op in _LOADS or op in _LOAD_TWO:
        every = CodeNames.of(code).localsplus
        names = (every[oparg],) if op in _LOADS else (every[oparg >> 4], every[oparg & 15])
    elif op == _LOAD_GLOBAL:
        name = code.co_names[oparg >> 1]
        if name in frame.f_globals:
            yield frame.f_globals[name]
    elif op in _BUILDS:
        yield from _worked_on(words, before, frame, index)
    yield from (frame.f_locals[name] for name in names if name in frame.f_locals)
