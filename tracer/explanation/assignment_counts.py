"""How often code assigns to its variables: one assigned once has one value."""

from __future__ import annotations

from collections import Counter
from types import CodeType
from typing import Final

from ..code.instruction import CodeNames, Instruction, read_instructions

#: A local of one code object, by its id; or a global or cell variable, of any.
Variable = tuple[int | None, str]

_ASSIGNS: Final = frozenset({"STORE_DEREF", "STORE_FAST", "STORE_FAST_STORE_FAST"})


def assigned(ins: Instruction) -> tuple[str, ...]:
    """Return the locals, cells and free variables that an instruction assigns to, the top first."""
    if ins.name == "STORE_FAST_LOAD_FAST":
        return ins.locals[:1]
    return ins.locals if ins.name in _ASSIGNS else ()


def count_assignments(root: CodeType) -> Counter[Variable]:
    """Return how often a code object and those nested in it assign to each variable.

    Example:
        >>> def f():
        ...     x = 1
        ...     x = 2
        >>> [*count_assignments(f.__code__).values()]
        [2]
    """
    found: Counter[Variable] = Counter()
    pending = [root]
    while pending:
        code = pending.pop()
        pending += [const for const in code.co_consts if isinstance(const, CodeType)]
        names = CodeNames.of(code)
        for ins in read_instructions(code, names)[0]:
            if ins.name == "STORE_GLOBAL":
                found[None, ins.text] += 1
            found.update(variable(code, names, name) for name in assigned(ins))
    return found


def variable(code: CodeType, names: CodeNames, name: str) -> Variable:
    """Return the key of a local, cell or free variable."""
    return None if name in names.cells else id(code), name
