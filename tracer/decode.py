"""Code object to `Program`: every operand is resolved here, once, so that steps need not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Final

import attrs
from bytecode import ConcreteBytecode, ConcreteInstr

from ..configs import Provenance, WeakIdentityCache
from .errors import UnsupportedCodeError, UnsupportedInstructionError, describe
from .frame import Frame
from .hotness import TIERS, Site
from .instruction import CodeNames, Instruction, Step
from .opcodes import ELIDED, HANDLERS, UNSUPPORTED
from .program import Handler, Program, argument_count

_programs: Final[WeakIdentityCache[CodeType, Program]] = WeakIdentityCache()


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


def _decode(code: CodeType, elided: frozenset[str]) -> Program:
    concrete = ConcreteBytecode.from_code(code)
    names = CodeNames.of(code)
    scanned = _scan(concrete, elided)
    index_at = _index_at(scanned)
    instructions = [
        _instruction(entry, index, index_at, names, code)
        for index, entry in enumerate((entry for entry in scanned if not entry.elided), start=1)
    ]
    handlers = _handlers(concrete, instructions, index_at)
    return Program(
        steps=(_stopped, *(_bind(instruction, code) for instruction in instructions)),
        offsets=(0, *(instruction.offset for instruction in instructions)),
        handlers=(None, *handlers),
        names=names,
        arguments=argument_count(code),
    )


def _stopped(_: Frame) -> int:
    raise AssertionError("index 0 stops the loop and is never run")


@attrs.define
class _Scanned:
    """An instruction as `bytecode` reports it, with what the elided ones around it say.

    Attributes:
        start: Offset of the first EXTENDED_ARG or of the opcode, in bytes.
        offset: Offset of the opcode itself, in bytes.
        target: Offset of the jump target in bytes, or None.
        keyword_names: Index in ``co_consts`` that KW_NAMES gave, or None.
        attributes: The SET_FUNCTION_ATTRIBUTE flags that follow.
    """

    instr: ConcreteInstr
    start: int
    offset: int
    target: int | None
    elided: bool
    keyword_names: int | None = None
    attributes: tuple[int, ...] = ()


def _scan(concrete: ConcreteBytecode, elided: frozenset[str]) -> list[_Scanned]:
    scanned: list[_Scanned] = []
    keyword_names: int | None = None
    function: _Scanned | None = None
    for instr, start in _with_offsets(concrete):
        target = instr.get_jump_target(start // 2)
        entry = _Scanned(
            instr=instr,
            start=start,
            offset=start + instr.size - 2,
            target=None if target is None else 2 * target,
            elided=instr.name in elided,
        )
        if instr.name == "KW_NAMES":
            keyword_names = instr.arg
        elif instr.name == "CALL":
            entry.keyword_names, keyword_names = keyword_names, None
        elif instr.name == "MAKE_FUNCTION":
            function = entry
        elif instr.name == "SET_FUNCTION_ATTRIBUTE" and function is not None:
            function.attributes += (instr.arg,)
        scanned.append(entry)
    return scanned


def _with_offsets(concrete: Iterable[object]) -> Iterator[tuple[ConcreteInstr, int]]:
    offset = 0
    for instr in concrete:
        if isinstance(instr, ConcreteInstr):  # the others only set a line number
            yield instr, offset
            offset += instr.size


def _index_at(scanned: list[_Scanned]) -> dict[int, int]:
    """Map each instruction's start to its index; an elided one's to the next index."""
    found: dict[int, int] = {}
    index = 1
    for entry in scanned:
        found[entry.start] = index
        index += not entry.elided
    return found


def _instruction(
    entry: _Scanned, index: int, index_at: dict[int, int], names: CodeNames, code: CodeType
) -> Instruction:
    keyword_names = entry.keyword_names
    return Instruction(
        name=entry.instr.name,
        oparg=entry.instr.arg if entry.instr.require_arg() else 0,
        index=index,
        offset=entry.offset,
        target=0 if entry.target is None else index_at[entry.target],
        names=names,
        keyword_names=() if keyword_names is None else code.co_consts[keyword_names],
        attributes=entry.attributes,
    )


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
            return step(frame)
        index = TIERS.take_over(frame, site)
        return step(frame) if index == site.index else index

    return ask


def _handlers(
    concrete: ConcreteBytecode, instructions: list[Instruction], index_at: dict[int, int]
) -> list[Handler | None]:
    """Spread the exception table over the instructions.

    Its offsets count code units of two bytes, and the stop is inclusive.
    """
    found: list[Handler | None] = [None] * len(instructions)
    for entry in concrete.exception_table:
        target = index_at[2 * entry.target]
        handler = Handler(
            target=target,
            depth=entry.stack_depth,
            push_lasti=entry.push_lasti,
            enters=instructions[target - 1].name == "PUSH_EXC_INFO",
        )
        for place, instruction in enumerate(instructions):
            if 2 * entry.start_offset <= instruction.offset <= 2 * entry.stop_offset:
                found[place] = handler
    return found
