"""The values on the stack before each call of a code object.

A stack slot is known by the instruction that fills it. That tells the forms of a call apart: NULL
and a callable; a callable and its first argument, as a decorator call has; or what an instruction
loads that may be a method, of which only run time knows.
"""

from __future__ import annotations

import enum
from opcode import opmap, opname
from types import CodeType
from typing import Final, NamedTuple

from ...code.wordcode import (
    CALLS,
    COPY,
    ENDS,
    FLAG_BITS,
    NULL_AFTER,
    SWAP,
    Wordcode,
    number,
    numbers,
    pops_and_pushes,
)
from ...errors import UnsupportedInstructionError

#: Stands for the slot of a NULL, and for one that several instructions may have filled.
_NULL: Final = -1
_SEVERAL: Final = -2
_Slots = tuple[int, ...]

_LOAD_GLOBAL: Final = number("LOAD_GLOBAL")
_LOAD_ATTR: Final = number("LOAD_ATTR")
_LOAD_METHOD: Final = number("LOAD_METHOD")
_LOAD_SUPER_ATTR: Final = number("LOAD_SUPER_ATTR")
_PUSH_NULL: Final = number("PUSH_NULL")
_MAKE_FUNCTION: Final = number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = number("SET_FUNCTION_ATTRIBUTE")
_CALL_KW: Final = number("CALL_KW")
_CALL_FUNCTION_EX: Final = number("CALL_FUNCTION_EX")
_FOR_ITER: Final = number("FOR_ITER")
_SEND: Final = number("SEND")
#: What leaves a with statement's exit method, which the statement calls itself.
_EXITS: Final = numbers("BEFORE_WITH", "BEFORE_ASYNC_WITH", "LOAD_SPECIAL")
#: What has the mapping of a call always on the stack, or NULL (from 3.14 on).
_MAPPING_OR_NULL: Final = "LOAD_SPECIAL" in opmap


class Form(enum.Enum):
    """The kinds of values beside the callable of a call."""

    FUNCTION = "a NULL"
    BOUND = "its first argument"
    METHOD = "what its load gave: a NULL, or an object that a method is called on"


class CallLayout(NamedTuple):
    """A call.

    Attributes:
        form: What stands beside the callable.
        depth: How deep on the stack the callable is, the top being 1; of a METHOD, if a NULL is
            beside it.
        loaded: The number of the instruction that loads the callable, or a negative number if
            there are several.
    """

    form: Form
    depth: int
    loaded: int


def call_layouts(words: Wordcode) -> dict[int, CallLayout]:
    """Return the layout of each call that can run, by the number of its instruction.

    Calls that a statement makes, not the user's code, are left out: those of comprehensions and of
    exit methods.
    """
    found: dict[int, CallLayout] = {}
    for index, stack in stacks(words).items():
        if words.ops[index] in CALLS:
            layout = _layout(words, index, stack)
            if layout is not None:
                found[index] = layout
    return found


def _layout(words: Wordcode, index: int, stack: _Slots) -> CallLayout | None:
    above = _above(words.ops[index], words.args[index])
    low, high = stack[-above - 2], stack[-above - 1]
    absent, present = (high, low) if NULL_AFTER else (low, high)
    place = above + (2 if NULL_AFTER else 1)
    if absent == _NULL:
        return CallLayout(Form.FUNCTION, place, present)
    if low == high and loads_method(words, low):
        return CallLayout(Form.METHOD, place, low)
    if low >= 0 and (words.ops[low] in _EXITS or _makes_implicit(words, low)):
        return None
    return CallLayout(Form.BOUND, above + 2, low)


def _above(op: int, oparg: int) -> int:
    """Return how many values a call has above its callable and the value beside it."""
    if op == _CALL_FUNCTION_EX:
        return 2 if _MAPPING_OR_NULL else 1 + (oparg & 1)
    return oparg + (op == _CALL_KW)


def loads_method(words: Wordcode, index: int) -> bool:
    """Tell whether an instruction leaves a possible method, and its receiver."""
    if index < 0:
        return False
    op, oparg = words.ops[index], words.args[index]
    if op == _LOAD_METHOD:
        return True
    if op == _LOAD_ATTR:
        return "LOAD_ATTR" in FLAG_BITS and bool(oparg & 1)
    return op == _LOAD_SUPER_ATTR and bool(oparg & 1)


#: How the names start of functions that an expression calls at once.
IMPLICIT: Final = ("<dictcomp>", "<genexpr>", "<listcomp>", "<setcomp>", "<generic parameters of")


def _makes_implicit(words: Wordcode, index: int) -> bool:
    """Tell whether an instruction makes the function of a comprehension or a generic scope."""
    if words.ops[index] not in (_MAKE_FUNCTION, _SET_FUNCTION_ATTRIBUTE):
        return False
    consts = words.code.co_consts
    while words.ops[index] != _MAKE_FUNCTION:
        index -= 1
    made = consts[words.args[index - 1]]
    return isinstance(made, CodeType) and made.co_name.startswith(IMPLICIT)


def stacks(words: Wordcode) -> dict[int, _Slots]:
    """Return the contents of the stack before each instruction that can run."""
    found: dict[int, _Slots] = {0: ()}
    handlers = {
        index: (target, depth, push_lasti)
        for first, end, target, depth, push_lasti in words.handlers()
        for index in range(first, end)
    }
    pending = [0]

    def arrive(index: int, stack: _Slots) -> None:
        known = found.get(index)
        joined = stack if known is None else _joined(known, stack)
        if joined != known:
            found[index] = joined
            pending.append(index)

    ops, targets = words.ops, words.targets
    while pending:
        index = pending.pop()
        while True:
            stack = found[index]
            if index in handlers:
                target, depth, push_lasti = handlers[index]
                # Less than its depth is there only where nothing is raised (3.15).
                if depth <= len(stack):
                    arrive(target, (*stack[:depth], *([index] * (1 + push_lasti))))
            if targets[index] >= 0:
                arrive(targets[index], _after(words, index, stack, jump=True))
            if ops[index] in ENDS:
                break
            after = _after(words, index, stack, jump=False)
            index += 1
            if index in found:
                arrive(index, after)
                break
            found[index] = after
    return found


def _joined(known: _Slots, new: _Slots) -> _Slots:
    if len(known) != len(new):
        raise UnsupportedInstructionError("the stack is not as high on each way to an instruction")
    return tuple(old if old == slot else _SEVERAL for old, slot in zip(known, new, strict=True))


def _after(words: Wordcode, index: int, stack: _Slots, jump: bool) -> _Slots:
    op, oparg = words.ops[index], words.args[index]
    if op == COPY:
        return (*stack, stack[-oparg])
    if op == SWAP:
        return (*stack[:-oparg], stack[-1], *stack[-oparg + 1 : -1], stack[-oparg])
    if op == _PUSH_NULL:
        return (*stack, _NULL)
    if op == _LOAD_GLOBAL and oparg & 1:
        return (*stack, index, _NULL) if NULL_AFTER else (*stack, _NULL, index)
    if op == _SET_FUNCTION_ATTRIBUTE:
        return (*stack[:-2], stack[-1])
    moved = pops_and_pushes(op, oparg, jump)
    assert moved is not None, opname[op]
    popped, pushed = moved
    kept = stack[: len(stack) - popped] if popped else stack
    return (*kept, *([index] * pushed))
