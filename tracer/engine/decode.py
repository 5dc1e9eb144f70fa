"""Code object to `Program`: every operand is resolved here, once, so that steps need not."""

from __future__ import annotations

from functools import partial
from types import CodeType
from typing import Final, Protocol

from ...configs import Provenance, WeakIdentityCache
from ..code.flags import CO_OPTIMIZED, SUSPENDABLE, argument_count
from ..code.instruction import CodeNames, Handler, Instruction, read_instructions
from ..code.wordcode import NOP, numbers
from ..errors import UnsupportedCodeError, UnsupportedInstructionError, describe
from .frame import Frame
from .opcodes import ELIDED, HANDLERS, LONGEST, UNSUPPORTED, Part, fused_step
from .program import Fusion, Program
from .site import CALLED, LONG, NEVER, Site
from .tiers import TIERS
from .values import Step


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
        program = _decode(code, _ELIDED)
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
        found = program.with_nops = _decode(code, _ELIDED_BUT_NOPS)
    return found


_ELIDED: Final = numbers(*ELIDED)
_ELIDED_BUT_NOPS: Final = _ELIDED - {NOP}


def _decode(code: CodeType, elided: frozenset[int]) -> Program:
    names = CodeNames.of(code)
    instructions, handlers = read_instructions(code, names, elided)
    steps = (_stopped, *_bound(instructions, code))
    entry = _entry(code, instructions)
    return Program(
        steps=_with_entry(steps, entry),
        offsets=(0, *[instruction.offset for instruction in instructions]),
        handlers=tuple(handlers),
        names=names,
        arguments=argument_count(code),
        # Fused, they would not ask.
        fuse=None if TIERS.everywhere else partial(_fused, instructions, handlers, steps, entry),
        has_loop=bool([ins for ins in instructions if 0 < ins.target <= ins.index]),
        entry=entry,
        made_at=_made_at(code, instructions),
    )


def _made_at(code: CodeType, instructions: list[Instruction]) -> int:
    """Return the index of what makes the generator, if there is more than cells before it."""
    if not code.co_flags & SUSPENDABLE:
        return 0
    # No generators: what arrives while one is closed gets lost.
    index, *_ = [ins.index for ins in instructions if ins.name == "RETURN_GENERATOR"]
    return index if [ins for ins in instructions[: index - 1] if ins.name != "MAKE_CELL"] else 0


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
    first, *_ = [ins.index for ins in instructions if ins.name != "MAKE_CELL"]
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
    # What has no binder is never run, or it would have been refused.
    parts = [Part(ins, _BINDERS.get(ins.name, _nop)) for ins in instructions]
    fused = list(steps)
    raising = list(range(len(steps)))
    for place, (ins, _) in enumerate(parts):
        run = parts[place : place + LONGEST]
        handler = handlers[ins.index]
        while run and (handlers[run[-1].ins.index] is not handler or run[-1].ins.height < 0):
            run.pop()
        found = fused_step(run) if run else None
        if found is not None:
            fused[ins.index], raising[ins.index] = found
    return Fusion((*_with_entry(tuple(fused), entry), *reversed(steps[1:])), raising)


def _stopped(_: Frame) -> int:
    raise AssertionError("index 0 stops the loop, and some code is never come to: neither is run")


def _nop(ins: Instruction) -> Step:
    following = ins.next
    return lambda _: following


#: NOPs have no handler, for nothing fuses with one.
_BINDERS: Final = {**HANDLERS, "NOP": _nop}


def _bound(instructions: list[Instruction], code: CodeType) -> list[Step]:
    """Return a step for each instruction. What is never run may be anything."""
    steps: list[Step] = []
    ins = instructions[0]
    try:
        for ins in instructions:
            steps.append(_BINDERS[ins.name](ins) if ins.height >= 0 else _stopped)
    except (UnsupportedInstructionError, LookupError, ValueError) as error:
        raise _refusal(ins, code, error) from None
    if not TIERS.everywhere:
        return steps
    return [
        _taken_over(step, Site(ins.index, ins.index, 0)) if ins.height >= 0 else step
        for ins, step in zip(instructions, steps, strict=True)
    ]


def _refusal(ins: Instruction, code: CodeType, error: Exception) -> UnsupportedCodeError:
    """Return the error about an instruction that has no step."""
    refusal = f"{ins.name} at offset {ins.offset} has a wrong operand, {ins.oparg}"
    if isinstance(error, UnsupportedInstructionError):
        refusal = str(error)
    elif ins.name not in _BINDERS:
        refusal = UNSUPPORTED.get(ins.name, f"the opcode {ins.name} is unknown")
    return UnsupportedCodeError(
        describe(
            f"cannot trace {code.co_qualname}: {refusal}",
            str(Provenance(code, ins.offset)),
            "move this code into a helper function that is exempt",
        )
    )


def _taken_over(step: Step, site: Site) -> Step:
    """Return a step before which another tier is asked."""

    def ask(frame: Frame) -> int:
        if site.left > 0:
            site.left -= 1
            return step(frame)
        index = TIERS.take_over(frame, site)
        return step(frame) if index == site.index else index

    return ask
