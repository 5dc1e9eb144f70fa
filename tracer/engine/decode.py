"""Code object to `Program`: every operand is resolved here, once, so that steps need not."""

from __future__ import annotations

from types import CodeType
from typing import Final, Protocol

from ...configs import Provenance, WeakIdentityCache
from ..code.flags import SUSPENDABLE, argument_count
from ..code.instruction import CodeNames, Instruction, read_instructions
from ..code.wordcode import numbers
from ..errors import UnsupportedCodeError, UnsupportedInstructionError, describe
from .frame import Frame
from .opcodes import ELIDED, HANDLERS, UNSUPPORTED
from .program import Program
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
        program = _decode(code)
        _programs.set(code, program)
    return program


_ELIDED: Final = numbers(*ELIDED)


def _decode(code: CodeType) -> Program:
    names = CodeNames.of(code)
    instructions, handlers = read_instructions(code, names, _ELIDED)
    return Program(
        steps=(_stopped, *_bound(instructions, code)),
        offsets=(0, *[instruction.offset for instruction in instructions]),
        handlers=tuple(handlers),
        names=names,
        arguments=argument_count(code),
        has_loop=bool([ins for ins in instructions if 0 < ins.target <= ins.index]),
        made_at=_made_at(code, instructions),
        calls_left=TIERS.calls,
    )


def _made_at(code: CodeType, instructions: list[Instruction]) -> int:
    """Return the index of the RETURN_GENERATOR, if there is more than cells before it."""
    if not code.co_flags & SUSPENDABLE:
        return 0
    # No generators: what arrives while one is closed gets lost.
    index, *_ = [ins.index for ins in instructions if ins.name == "RETURN_GENERATOR"]
    return index if [ins for ins in instructions[: index - 1] if ins.name != "MAKE_CELL"] else 0


def _stopped(_: Frame) -> int:
    raise AssertionError("index 0 stops the loop, and some code is never come to: neither is run")


def _nop(ins: Instruction) -> Step:
    following = ins.next
    return lambda _: following


#: NOPs have no handler, for nothing fuses with one.
_BINDERS: Final = {**HANDLERS, "NOP": _nop}


def _bound(instructions: list[Instruction], code: CodeType) -> list[Step]:
    """Return a step for each instruction. Steps that are never run may be anything."""
    steps: list[Step] = []
    ins = instructions[0]
    try:
        for ins in instructions:
            steps.append(_BINDERS[ins.name](ins) if ins.height >= 0 else _stopped)
    except (UnsupportedInstructionError, LookupError, ValueError) as error:
        raise _refusal(ins, code, error) from None
    return steps


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
