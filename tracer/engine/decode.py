"""Code object to `Program`: every operand is resolved here, once, so that steps need not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from opcode import hasjrel, opmap, opname
from types import CodeType
from typing import Final, Protocol

from ...configs import Provenance, WeakIdentityCache
from ..code.instruction import CodeNames, Instruction, Step
from ..errors import UnsupportedCodeError, UnsupportedInstructionError, describe
from .frame import Frame
from .opcodes import ELIDED, HANDLERS, LONGEST, UNSUPPORTED, Part, fused_step
from .program import CO_OPTIMIZED, SUSPENDABLE, Fusion, Handler, Program, argument_count
from .tiers import CALLED, LONG, NEVER, TIERS, Site


class ProgramCache(Protocol):
    """Where `decode` finds the program of a code object."""

    def get(self, key: CodeType, /) -> Program | None:
        """Return the program, or None if it has not been decoded."""
        ...

    def set(self, key: CodeType, value: Program, /) -> None:
        """Keep a program that has been decoded."""
        ...


_programs: ProgramCache = WeakIdentityCache[CodeType, Program]()


def replace_programs(cache: ProgramCache) -> ProgramCache:
    """Have `decode` use another cache from now on, and return the one that it used: to profile."""
    global _programs
    replaced, _programs = _programs, cache
    return replaced


def decode(code: CodeType) -> Program:
    """Return the program of a code object, decoded at its first use and kept as long as it lives.

    CPython's specialised and instrumented opcodes are not seen: ``co_code`` is the unadaptive
    code.

    Raises:
        UnsupportedCodeError: If an instruction cannot be traced, with its place in the source.

    Example:
        >>> def double(x): return 2 * x
        >>> decode(double.__code__) is decode(double.__code__)
        True
    """
    program = _programs.get(code)
    if program is None:
        program = _decode(code, ELIDED)
        _programs.set(code, program)
    return program


def decode_with_nops(program: Program, code: CodeType) -> Program:
    """Return the program of a code object with a step for each NOP: it may be all of a line.

    Args:
        program: What `decode` gives for it, which keeps the other one.
        code: The code object.
    """
    found = program.with_nops
    if found is None:
        found = program.with_nops = _decode(code, ELIDED - {"NOP"})
    return found


def read(code: CodeType) -> tuple[list[Instruction], list[Handler | None]]:
    """Return the instructions of a code object that become steps, and their handlers by index.

    Example:
        >>> def double(x): return 2 * x
        >>> read(double.__code__)[0][-1].name
        'RETURN_VALUE'
    """
    return _read(code, CodeNames.of(code), ELIDED)


def _read(
    code: CodeType, names: CodeNames, elided: frozenset[str]
) -> tuple[list[Instruction], list[Handler | None]]:
    words, index_at = _scan(code, _numbers(elided))
    instructions = [
        Instruction(
            name=opname[word.op],
            oparg=word.oparg,
            index=index,
            offset=2 * word.unit,
            # What is aimed at the end of the code, such as a mark of 3.14's, is no jump.
            target=index_at.get(word.target, 0),
            names=names,
            keyword_names=word.keyword_names,
            attributes=word.attributes,
        )
        for index, word in enumerate(words, start=1)
    ]
    return instructions, [None, *_handlers(code, instructions, index_at)]


def _decode(code: CodeType, elided: frozenset[str]) -> Program:
    names = CodeNames.of(code)
    instructions, handlers = _read(code, names, elided)
    steps = (_stopped, *(_bind(instruction, code) for instruction in instructions))
    entry = _entry(code, instructions)
    return Program(
        steps=_with_entry(steps, entry),
        offsets=(0, *(instruction.offset for instruction in instructions)),
        handlers=tuple(handlers),
        names=names,
        arguments=argument_count(code),
        # Fused, they would not ask.
        fuse=None if TIERS.everywhere else partial(_fused, instructions, handlers, steps, entry),
        has_loop=bool([ins for ins in instructions if 0 < ins.target <= ins.index]),
        entry=entry,
    )


def _entry(code: CodeType, instructions: list[Instruction]) -> Site | None:
    """Return where another tier may take over a call, if the code is long enough for that to pay.

    Generators and coroutines are left out: that tier has to leave them wherever they are suspended.
    """
    if (
        TIERS.everywhere
        or TIERS.calls == NEVER
        or len(instructions) < LONG
        or code.co_flags & (SUSPENDABLE | CO_OPTIMIZED) != CO_OPTIMIZED
    ):
        return None
    first = next(ins.index for ins in instructions if ins.name != "MAKE_CELL")
    return Site(first, CALLED, TIERS.calls)


def _with_entry(steps: tuple[Step, ...], entry: Site | None) -> tuple[Step, ...]:
    if entry is None:
        return steps
    index = entry.index
    return (*steps[:index], _taken_over(steps[index], entry), *steps[index + 1 :])


def _fused(
    instructions: list[Instruction],
    handlers: list[Handler | None],
    steps: tuple[Step, ...],
    entry: Site | None,
) -> Fusion:
    """Fuse the runs of instructions that begin at each index."""
    # NOPs have no binder; nothing fuses with one.
    parts = [Part(ins, HANDLERS.get(ins.name, _nop)) for ins in instructions]
    fused = list(steps)
    raising = list(range(len(steps)))
    for place, (ins, _) in enumerate(parts):
        run = parts[place : place + LONGEST]
        handler = handlers[ins.index]
        while handlers[run[-1].ins.index] is not handler:
            run.pop()
        found = fused_step(run)
        if found is not None:
            fused[ins.index], raising[ins.index] = found
    return Fusion((*_with_entry(tuple(fused), entry), *reversed(steps[1:])), raising)


def _stopped(_: Frame) -> int:
    raise AssertionError("index 0 stops the loop and is never run")


class _Word:
    """An instruction that becomes a step, with what the elided ones around it say.

    Attributes:
        op: The opcode.
        oparg: Its argument, with those of the EXTENDED_ARGs before it.
        unit: Where it is, in code units of two bytes, after its EXTENDED_ARGs.
        target: The unit that it jumps to, or -1.
        keyword_names: For a CALL, the names that KW_NAMES gave.
        attributes: The SET_FUNCTION_ATTRIBUTE flags that follow.
    """

    __slots__ = ("attributes", "keyword_names", "op", "oparg", "target", "unit")

    def __init__(self, op: int, oparg: int, unit: int) -> None:
        self.op = op
        self.oparg = oparg
        self.unit = unit
        self.target = -1
        self.keyword_names: tuple[str, ...] = ()
        self.attributes: tuple[int, ...] = ()


@cache
def _numbers(names: frozenset[str]) -> frozenset[int]:
    return frozenset(opmap[name] for name in names if name in opmap)


def _number(name: str) -> int:
    """Return the number of an opcode, or -1, which no opcode has."""
    return opmap.get(name, -1)


_CACHE: Final = _number("CACHE")
_EXTENDED_ARG: Final = _number("EXTENDED_ARG")
_CALL: Final = _number("CALL")
_KW_NAMES: Final = _number("KW_NAMES")
_MAKE_FUNCTION: Final = _number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = _number("SET_FUNCTION_ATTRIBUTE")
_FORWARD: Final = frozenset(op for op in hasjrel if "BACKWARD" not in opname[op])
_BACKWARD: Final = frozenset(hasjrel) - _FORWARD


def _scan(code: CodeType, elided: frozenset[int]) -> tuple[list[_Word], dict[int, int]]:
    """Read the instructions.

    By hand, though `bytecode` could: it makes several objects of each, CACHEs included, which took
    most of the time of a function's first capture.

    Returns:
        Those that become steps; and for each unit, the index of the first step from there on.
    """
    raw = code.co_code
    words: list[_Word] = []
    index_at: dict[int, int] = {}
    keyword_names: tuple[str, ...] = ()
    function: _Word | None = None
    jump: _Word | None = None
    high = 0
    index = 1
    for unit, (op, low) in enumerate(zip(raw[::2], raw[1::2], strict=True)):
        index_at[unit] = index
        if op == _CACHE:
            continue
        if jump is not None:  # a jump is relative to what follows its CACHEs
            jump.target += unit
            jump = None
        if op == _EXTENDED_ARG:
            high = (high | low) << 8
            continue
        oparg, high = high | low, 0
        if op in elided:
            if op == _KW_NAMES:
                keyword_names = code.co_consts[oparg]
            elif op == _SET_FUNCTION_ATTRIBUTE and function is not None:
                function.attributes += (oparg,)
            continue
        word = _Word(op, oparg, unit)
        words.append(word)
        index += 1
        if op in _FORWARD:
            word.target, jump = oparg, word
        elif op in _BACKWARD:
            word.target, jump = -oparg, word
        elif op == _CALL:
            word.keyword_names, keyword_names = keyword_names, ()
        elif op == _MAKE_FUNCTION:
            function = word
    end = len(raw) // 2
    index_at[end] = index
    if jump is not None:
        jump.target += end
    return words, index_at


def _nop(ins: Instruction) -> Step:
    following = ins.next
    return lambda _: following


def _bind(instruction: Instruction, code: CodeType) -> Step:
    binder = HANDLERS.get(instruction.name, _nop if instruction.name == "NOP" else None)
    try:
        if binder is None:
            raise UnsupportedInstructionError(
                UNSUPPORTED.get(instruction.name, f"the opcode {instruction.name} is unknown")
            )
        step = binder(instruction)
        if not TIERS.everywhere:
            return step
        return _taken_over(step, Site(instruction.index, instruction.index, 0))
    except UnsupportedInstructionError as refusal:
        raise UnsupportedCodeError(
            describe(
                f"cannot trace {code.co_qualname}: {refusal}",
                str(Provenance(code, instruction.offset)),
                "move this code into a helper function that is exempt",
            )
        ) from None


def _taken_over(step: Step, site: Site) -> Step:
    """Return a step before which another tier is asked."""

    def ask(frame: Frame) -> int:
        if site.left > 0:
            site.left -= 1
            return step(frame)
        index = TIERS.take_over(frame, site)
        return step(frame) if index == site.index else index

    return ask


def _handlers(
    code: CodeType, instructions: list[Instruction], index_at: dict[int, int]
) -> list[Handler | None]:
    """Spread the exception table over the instructions."""
    found: list[Handler | None] = [None] * len(instructions)
    for start, length, unit, depth_and_lasti in _exception_table(code.co_exceptiontable):
        target = index_at[unit]
        handler = Handler(
            target=target,
            depth=depth_and_lasti >> 1,
            push_lasti=bool(depth_and_lasti & 1),
            enters=instructions[target - 1].name == "PUSH_EXC_INFO",
        )
        first, last = index_at[start], index_at[start + length]
        found[first - 1 : last - 1] = [handler] * (last - first)
    return found


def _exception_table(table: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the entries: first unit, how many, that of the handler, depth and lasti in one.

    Source: CPython ``Objects/exception_handling_notes.txt``.
    """
    entry: list[int] = []
    value = 0
    for byte in table:
        value = value << 6 | byte & 0x3F
        if byte & 0x40:
            continue
        entry.append(value)
        value = 0
        if len(entry) == 4:
            yield entry[0], entry[1], entry[2], entry[3]
            entry = []
