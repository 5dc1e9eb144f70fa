"""The instructions of a code object, resolved as far as it allows, and their handlers."""

from __future__ import annotations

from opcode import opmap, opname
from types import CodeType
from typing import Any, Final, NamedTuple

import attrs

from .validity import Check
from .wordcode import FLAG_BITS, LEFT_OUT, Wordcode, numbers, pops_and_pushes


@attrs.frozen
class CodeNames:
    """The tables of a code object that opargs index.

    Attributes:
        consts: ``co_consts``.
        names: ``co_names``.
        localsplus: Names of locals, then cells that are not arguments, then free variables.
        free_start: Index in ``localsplus`` of the first free variable.
        cells: Names of all cell and free variables.
        flags: ``co_flags``.
    """

    consts: tuple[Any, ...]
    names: tuple[str, ...]
    localsplus: tuple[str, ...]
    free_start: int
    cells: frozenset[str]
    flags: int

    @classmethod
    def of(cls, code: CodeType) -> CodeNames:
        """Read the tables of ``code``.

        Source: CPython 3.11-3.13 ``Objects/codeobject.c``: a cell that is also an argument keeps
        the argument's slot.
        """
        local_names = code.co_varnames
        taken = frozenset(local_names)
        own_cells = tuple(name for name in code.co_cellvars if name not in taken)
        return cls(
            consts=code.co_consts,
            names=code.co_names,
            localsplus=local_names + own_cells + code.co_freevars,
            free_start=len(local_names) + len(own_cells),
            cells=frozenset(code.co_cellvars + code.co_freevars),
            flags=code.co_flags,
        )


@attrs.define
class Instruction:
    """An instruction with its oparg resolved as far as the code object allows.

    Attributes:
        name: The opcode's name.
        oparg: The raw integer argument, EXTENDED_ARG folded in; 0 without one.
        index: Its 1-based index among the program's steps.
        offset: Its offset in ``co_code``, in bytes.
        target: The index a jump goes to, else 0.
        names: The tables opargs index.
        height: How many values are on the stack before it; -1 if control never comes to it.
        keyword_names: For a CALL: the names KW_NAMES gave for it.
        attributes: For a MAKE_FUNCTION: the SET_FUNCTION_ATTRIBUTE flags that follow it, in order.
    """

    name: str
    oparg: int
    index: int
    offset: int
    target: int
    names: CodeNames
    height: int = 0
    keyword_names: tuple[str, ...] = ()
    attributes: tuple[int, ...] = ()

    @property
    def next(self) -> int:
        """The index of the instruction after this one."""
        return self.index + 1

    @property
    def const(self) -> Any:
        """The constant the oparg denotes."""
        return self.names.consts[self.oparg]

    @property
    def local(self) -> str:
        """The local, cell or free variable the oparg denotes."""
        return self.names.localsplus[self.oparg]

    @property
    def locals(self) -> tuple[str, ...]:
        """The one or two of them it denotes.

        Source: CPython 3.13 ``Python/bytecodes.c``, LOAD_FAST_LOAD_FAST.
        """
        if self.name.count("_FAST") < 2:
            return (self.local,)
        return self.names.localsplus[self.oparg >> 4], self.names.localsplus[self.oparg & 15]

    @property
    def text(self) -> str:
        """The name of a global, an attribute or a module the oparg denotes."""
        return self.names.names[self.oparg >> FLAG_BITS.get(self.name, 0)]

    @property
    def pushes_null(self) -> bool:
        """Whether the loaded value is to be called, so that a NULL, or its owner, is pushed too."""
        if self.name in FLAG_BITS:
            return bool(self.oparg & 1)
        return self.name == "LOAD_METHOD"

    @property
    def op(self) -> int:
        """The opcode."""
        return opmap[self.name]

    @property
    def popped(self) -> int:
        """How many values it takes off the stack, if it leaves those below alone."""
        effect = pops_and_pushes(self.op, self.oparg)
        assert effect is not None
        return effect[0]


class Handler(NamedTuple):
    """The entry of the exception table that covers one instruction.

    Attributes:
        target: Index of the handler's first step.
        depth: How many values stay on the stack.
        push_lasti: Whether the failing index is pushed before the exception.
        enters: Whether the handler starts with PUSH_EXC_INFO, so that the exception becomes the
            one being handled.
    """

    target: int
    depth: int
    push_lasti: bool
    enters: bool


#: What needs no look: the arguments of calls are those of CALL.
UNIMPORTANT: Final = LEFT_OUT | numbers("KW_NAMES", "PRECALL")


def read_instructions(
    code: CodeType, names: CodeNames, left_out: frozenset[int] = UNIMPORTANT
) -> tuple[list[Instruction], list[Handler | None]]:
    """Return the instructions of a code object, and by index their handlers.

    Args:
        code: The code object.
        names: Its tables.
        left_out: The opcodes to leave out; caches and prefixes are to be among them.

    Raises:
        UnsupportedCodeError: The code object is not valid.

    Example:
        >>> def double(x): return 2 * x
        >>> read_instructions(double.__code__, CodeNames.of(double.__code__))[0][-1].name
        'RETURN_VALUE'
    """
    words = Wordcode(code, left_out)
    check = Check(words, len(names.localsplus))
    instructions = [
        Instruction(opname[op], oparg, index, 2 * unit, 0, names, height)
        for index, (op, oparg, unit, height) in enumerate(
            zip(words.ops, words.args, words.units, check.heights, strict=True), start=1
        )
    ]
    for place, target in check.targets.items():
        instructions[place].target = target + 1
    for place, keyword_names in check.keyword_names.items():
        instructions[place].keyword_names = keyword_names
    for place, attributes in check.function_attributes.items():
        instructions[place].attributes = attributes
    handlers: list[Handler | None] = [None] * (len(instructions) + 1)
    for first, end, target, depth, push_lasti in check.handlers:
        enters = instructions[target].name == "PUSH_EXC_INFO"
        handler = Handler(target + 1, depth, push_lasti, enters)
        handlers[first + 1 : end + 1] = [handler] * (end - first)
    return instructions, handlers
