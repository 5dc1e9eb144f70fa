"""One decoded instruction, as a binder sees it."""

from __future__ import annotations

from types import CodeType
from typing import Any

import attrs


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
        keyword_names: For a CALL: the names KW_NAMES gave for it.
        attributes: For a MAKE_FUNCTION: the SET_FUNCTION_ATTRIBUTE flags that follow it, in order.
    """

    name: str
    oparg: int
    index: int
    offset: int
    target: int
    names: CodeNames
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


@attrs.frozen
class Handler:
    """What an exception table entry says about one instruction.

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
