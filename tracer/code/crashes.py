"""Finding code that crashes CPython, where the interpreter only raises: it must not run natively.

CPython trusts its compiler: that an iterator is one, that a local variable is bound. What is told
here without running the code is told in one pass over values, and one over local variables.
"""

from __future__ import annotations

import opcode
import re
from collections.abc import Iterable
from functools import lru_cache
from types import CodeType
from typing import Any, Final

from ..supported import RUNNING
from .flags import SUSPENDABLE, argument_count
from .instruction import CodeNames
from .validity import Check, values_needed
from .wordcode import ENDS, OF_CELLS, Wordcode, number, numbers

#: What is never a constant in valid code, by opcode: so many values from the top, the first
#: number times the operand, and the second.
_NEVER_CONSTANT: Final[dict[int, tuple[int, int]]] = {
    number(name): place
    for name, place in {
        "FOR_ITER": (0, 1),
        "RERAISE": (0, 1),
        "POP_EXCEPT": (0, 1),
        "PUSH_EXC_INFO": (0, 1),
        "PREP_RERAISE_STAR": (0, 1),
        "CALL_INTRINSIC_2": (0, 1),
        "END_ASYNC_FOR": (0, 1),
        "CLEANUP_THROW": (0, 1),
        "SEND": (0, 2),
        "MAP_ADD": (1, 2),
        **dict.fromkeys(
            ["LIST_APPEND", "LIST_EXTEND", "SET_ADD", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"],
            (1, 1),
        ),
    }.items()
}
#: The type of the constant that is on top of the stack.
_CONSTANT_TYPE: Final[dict[int, type]] = {
    number("MAKE_FUNCTION"): CodeType,
    number("BUILD_CONST_KEY_MAP"): tuple,
}
#: What needs a value on top of the stack, and what pushes a NULL, or may do so.
_NEVER_NULL: Final = numbers("RETURN_VALUE", "YIELD_VALUE", "POP_TOP")
_NULLS: Final = numbers("PUSH_NULL", "LOAD_FAST_AND_CLEAR")
_SUSPENDING: Final = numbers("YIELD_VALUE", "RETURN_GENERATOR")
_COPY_FREE_VARS: Final = number("COPY_FREE_VARS")
_LOAD_CONST: Final = number("LOAD_CONST")
_LOOKED_AT: Final = {
    *(*_NEVER_CONSTANT, *_CONSTANT_TYPE, *_NEVER_NULL),
    *(*_SUSPENDING, *OF_CELLS, _COPY_FREE_VARS),
}

#: Whether CPython loads local variables without a look whether they are bound.
_TRUSTS_LOCALS: Final = RUNNING >= (3, 12)
#: What an opcode does to the one or two local variables that its operand says, the last one last.
_ACTIONS: Final[dict[int, tuple[str, ...]]] = {
    value: tuple(re.findall(r"(?:LOAD|STORE|DELETE)_FAST(?:_AND_CLEAR|_CHECK)?", name))
    for name, value in opcode.opmap.items()
    if "_FAST" in name and value < 256
}
_BINDING: Final = ("STORE_FAST", "LOAD_FAST_CHECK")
#: Stands for no constant.
_VARYING: Final = object()


def may_crash(code: CodeType) -> bool:
    """Tell whether a code object, or one among its constants, might crash CPython.

    Args:
        code: A valid code object.

    Example:
        >>> may_crash((lambda items: [item for item in items]).__code__)
        False
    """
    words, names = Wordcode(code), CodeNames.of(code)
    check = Check(words, len(names.localsplus))
    return (
        _is_misled(words, check, names)
        or (_TRUSTS_LOCALS and _loads_unbound(words, check, names))
        or any(may_crash(const) for const in code.co_consts if type(const) is CodeType)
    )


def _is_misled(words: Wordcode, check: Check, names: CodeNames) -> bool:
    """Tell whether an instruction is given something that it is not made for."""
    for index, op in enumerate(words.ops):
        if op not in _LOOKED_AT or check.heights[index] < 0:
            continue
        oparg = words.args[index]
        if op in _SUSPENDING and not names.flags & SUSPENDABLE:
            return True
        if op in OF_CELLS and names.localsplus[oparg] not in names.cells:
            return True
        if op == _COPY_FREE_VARS and oparg != len(words.code.co_freevars):
            return True
        if op in _NEVER_NULL and words.ops[_source(words, check, index, 1)] in _NULLS:
            return True
        times, plus = _NEVER_CONSTANT.get(op, (0, 0))
        if plus and _constant(words, check, index, oparg * times + plus) is not _VARYING:
            return True
        wanted = _CONSTANT_TYPE.get(op)
        if wanted and not _may_be(wanted, _constant(words, check, index, 1)):
            return True
    return False


def _may_be(wanted: type, value: object) -> bool:
    return value is _VARYING or type(value) is wanted


def _constant(words: Wordcode, check: Check, index: int, depth: int) -> Any:
    """Return the constant that is so many values from the top, or `_VARYING` if none is."""
    source = _source(words, check, index, depth)
    if words.ops[source] != _LOAD_CONST:
        return _VARYING
    return words.code.co_consts[words.args[source]]


def _source(words: Wordcode, check: Check, index: int, depth: int) -> int:
    """Return the instruction that has left the value there, or the asking one if none is known."""
    heights, ops = check.heights, words.ops
    place = heights[index] - depth
    for before in range(index - 1, -1, -1):
        if heights[before] < 0 or ops[before] in ENDS:
            break
        if place >= heights[before] - values_needed(ops[before], words.args[before]):
            return before
    return index


def _loads_unbound(words: Wordcode, check: Check, names: CodeNames) -> bool:
    """Tell whether a local variable may be loaded that is not bound, nor looked at before.

    Source: CPython ``Python/flowgraph.c``, ``add_checks_for_loads_of_uninitialized_variables``.
    """
    ops, args, targets = words.ops, words.args, check.targets
    handlers = {
        index: target for first, end, target, *_ in check.handlers for index in range(first, end)
    }
    # By instruction, the variables that are bound on each way there: a bit for each.
    bound = [_NOT_REACHED] * len(ops)
    bound[0] = _bits(range(argument_count(words.code))) | _bits(
        slot for slot, name in enumerate(names.localsplus) if name in names.cells
    )
    pending = [0]

    def arrive(target: int, known: int) -> None:
        if bound[target] & ~known:
            bound[target] &= known
            pending.append(target)

    while pending:
        index = pending.pop()
        known = bound[index]
        while True:
            op = ops[index]
            if index in handlers:
                arrive(handlers[index], known)
            if op in _ACTIONS:
                trusted, unbinds, binds = _effect(op, args[index])
                if trusted & ~known:
                    return True
                known = known & ~unbinds | binds
            elif op == _MAKE_CELL:
                known |= 1 << args[index]
            if index in targets:
                arrive(targets[index], known)
            if op in ENDS:
                break
            index += 1
            if not bound[index] & ~known:
                break
            known &= bound[index]
            bound[index] = known
    return False


#: So that a bit is found missing.
_NOT_REACHED: Final = -1
_MAKE_CELL: Final = number("MAKE_CELL")


@lru_cache(maxsize=512)
def _effect(op: int, oparg: int) -> tuple[int, int, int]:
    """Return which variables an instruction trusts to be bound, which it unbinds and binds."""
    actions = _ACTIONS[op]
    slots = (oparg,) if len(actions) == 1 else (oparg >> 4, oparg & 15)
    trusted = unbinds = binds = 0
    for action, slot in zip(actions, slots, strict=True):
        if action in _BINDING:
            binds |= 1 << slot
        elif action != "LOAD_FAST":
            unbinds |= 1 << slot
        else:
            trusted |= 1 << slot & ~binds
    return trusted, unbinds, binds


def _bits(slots: Iterable[int]) -> int:
    return sum(1 << slot for slot in slots)
