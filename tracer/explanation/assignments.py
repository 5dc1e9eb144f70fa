"""How often code assigns to its variables: one assigned once has one value."""

from __future__ import annotations

import dis
from collections import Counter
from collections.abc import Callable
from types import CodeType
from typing import Final

from ..code.instruction import CodeNames

#: A local of one code object, by its id; or a global or cell variable, of any.
Variable = tuple[int | None, str]

# Two slots in one oparg. Source: CPython 3.13 ``Python/bytecodes.c``.
HIGH: Final = 4
LOW: Final = 15

#: The slots that an opcode assigns to; of globals, names.
ASSIGNS: Final[dict[str, Callable[[int], tuple[int, ...]]]] = {
    "STORE_DEREF": lambda arg: (arg,),
    "STORE_FAST": lambda arg: (arg,),
    "STORE_FAST_LOAD_FAST": lambda arg: (arg >> HIGH,),
    "STORE_FAST_STORE_FAST": lambda arg: (arg >> HIGH, arg & LOW),
}


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
        for ins in dis.get_instructions(code):
            if ins.opname == "STORE_GLOBAL":
                found[None, ins.argval] += 1
            elif ins.opname in ASSIGNS:
                slots = ASSIGNS[ins.opname](ins.arg or 0)
                found.update(variable(code, names, names.localsplus[slot]) for slot in slots)
    return found


def variable(code: CodeType, names: CodeNames, name: str) -> Variable:
    """Return the key of a local, cell or free variable."""
    return None if name in names.cells else id(code), name
