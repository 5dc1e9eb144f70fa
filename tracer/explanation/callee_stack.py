"""The value stack as `callees` sees it: the knowledge about each value, opcode by opcode.

Of most opcodes only the stack effect matters. So the tables are by opcode name and hold for CPython
3.11 to 3.15 at once; an opcode that is in none, and does more than take values and leave others,
makes everything on the stack unknown.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from ...configs.for_tracer import short_repr
from ..code.instruction import Instruction
from ..code.wordcode import COMMON_CONSTANTS, NULL_AFTER, pops_and_pushes, stack_effect
from ..engine.values import Value

#: For attrs: compare a field by identity, whatever its ``==`` does.
BY_IDENTITY: Final[Any] = id


class Knowledge(enum.Enum):
    """The kinds of knowledge about a value on the stack."""

    KNOWN = "the object itself is known"
    UNKNOWN = "it is not known before the function runs"
    MADE = "a function that the code makes"
    CLASS = "what a class statement calls"
    IMPLICIT = "what a statement calls without the user's code naming it"
    NULL = "no value"


@attrs.frozen
class Lineage:
    """The calls that a value comes of.

    Attributes:
        callees: What is called: first for the value, then for its arguments.
        derived: Whether it is no result itself, but an attribute, an item, a sum or the like.
        called: Whether something else than that was done to get it, such as calling a method.
    """

    callees: tuple[Value, ...] = attrs.field(eq=lambda callees: [*map(id, callees)])
    derived: bool = False
    called: bool = False


def callees_of(origins: Iterable[Lineage | None]) -> tuple[Value, ...]:
    """Return all callables of origins, each once."""
    found = {id(fn): fn for origin in origins if origin is not None for fn in origin.callees}
    return tuple(found.values())


@attrs.frozen
class Symbol:
    """A value on the symbolic stack.

    Attributes:
        kind: What is known of it.
        text: How the source spells it, as far as that can be known.
        value: The object, if it is known.
        why: Why it is not known, if it is not.
        origin: The calls that it comes of, if these are known.
    """

    kind: Knowledge
    text: str = "<unknown>"
    value: Value = attrs.field(default=None, eq=BY_IDENTITY)
    why: str = "it is computed"
    origin: Lineage | None = None


def unknown_symbol(text: str, why: str, origin: Lineage | None = None) -> Symbol:
    """Return a value that is not known before the function runs."""
    return Symbol(Knowledge.UNKNOWN, text, why=why, origin=origin)


UNKNOWN: Final = Symbol(Knowledge.UNKNOWN)
_NULL: Final = Symbol(Knowledge.NULL)
IMPLICIT: Final = Symbol(Knowledge.IMPLICIT)
_CLASS: Final = Symbol(Knowledge.CLASS, "class")

#: The top is last.
Stack = list[Symbol]

#: Source: CPython 3.14 ``Include/opcode.h``, NB_SUBSCR.
_SUBSCRIPT: Final = 26
_TEXT_LIMIT: Final = 120


def take(stack: Stack, count: int) -> Stack:
    """Pop values, the top last."""
    if len(stack) < count:  # after a join that lost count
        stack[:0] = [UNKNOWN] * (count - len(stack))
    taken = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    return taken


def split_call(operands: Stack) -> tuple[Symbol, Stack | None]:
    """Return the callee of a call, and its arguments, which are None for a decorator."""
    null = operands[1 if NULL_AFTER else 0].kind is Knowledge.NULL
    return operands[1 if null and not NULL_AFTER else 0], operands[2:] if null else None


def joined(left: Symbol, right: Symbol) -> Symbol:
    """Return the common knowledge about a value that is one or the other."""
    if left == right:
        return left
    text = left.text if left.text == right.text else "<unknown>"
    return unknown_symbol(text, "the branches before it differ")


def extended(text: str, suffix: str) -> str:
    """Return the text of something reached from an expression; very long ones are cut."""
    return text + suffix if len(text) < _TEXT_LIMIT else f"...{suffix}"


def apply_effect(ins: Instruction, stack: Stack, jump: bool = False) -> None:
    """Apply the effect of an instruction on the stack: it, or its jump, leaves unknown values."""
    found = pops_and_pushes(ins.op, ins.oparg, jump)
    if found is None:
        height = len(stack) + stack_effect(ins.op, ins.oparg, jump)
        stack[:] = [UNKNOWN] * max(height, 0)
    else:
        popped, pushed = found
        take(stack, popped)
        stack += [UNKNOWN] * pushed


def push_callable(stack: Stack, value: Symbol, with_null: bool) -> None:
    """Push a value, with the NULL that a call may expect beside it."""
    if not with_null:
        stack.append(value)
    else:
        stack += [value, _NULL] if NULL_AFTER else [_NULL, value]


def _load_const(ins: Instruction, stack: Stack) -> None:
    value = ins.oparg if ins.name == "LOAD_SMALL_INT" else ins.const
    stack.append(Symbol(Knowledge.KNOWN, short_repr(value, 24), value))


def _load_common_constant(ins: Instruction, stack: Stack) -> None:
    index = 0 if ins.name == "LOAD_ASSERTION_ERROR" else ins.oparg
    if index < len(COMMON_CONSTANTS):
        value = COMMON_CONSTANTS[index]
        text = value.__name__ if callable(value) else short_repr(value, 24)
        stack.append(Symbol(Knowledge.KNOWN, text, value))
    else:
        stack.append(UNKNOWN)


def _push(*symbols: Symbol) -> Rule:
    def rule(ins: Instruction, stack: Stack) -> None:
        stack += symbols

    return rule


def _enter(ins: Instruction, stack: Stack) -> None:
    # ``manager -- exit, entered`` (to 3.13), ``manager -- method, self or NULL`` (3.14).
    take(stack, 1)
    stack += (IMPLICIT, UNKNOWN)


def _subscript(ins: Instruction, stack: Stack) -> None:
    owner, _index = take(stack, 2)
    item = unknown_symbol(extended(owner.text, "[...]"), "an item is looked up when it runs")
    is_item = ins.name != "BINARY_OP" or ins.oparg == _SUBSCRIPT
    stack.append(item if is_item else UNKNOWN)


def _copy(ins: Instruction, stack: Stack) -> None:
    taken = take(stack, ins.oparg)
    stack += [*taken, taken[0]]


def _swap(ins: Instruction, stack: Stack) -> None:
    taken = take(stack, ins.oparg)
    stack += [taken[-1], *taken[1:-1], taken[0]]


def _set_function_attribute(ins: Instruction, stack: Stack) -> None:
    stack += take(stack, 2)[1:]  # ``value, function -- function``


#: What an opcode does to the stack, if it is more than taking some values and leaving others.
Rule = Callable[[Instruction, Stack], None]

#: Those of 3.14 are from its documentation.
STACK_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("BEFORE_ASYNC_WITH", "BEFORE_WITH", "LOAD_SPECIAL"), _enter),
    **dict.fromkeys(("BINARY_OP", "BINARY_SUBSCR"), _subscript),
    **dict.fromkeys(("LOAD_ASSERTION_ERROR", "LOAD_COMMON_CONSTANT"), _load_common_constant),
    **dict.fromkeys(("LOAD_CONST", "LOAD_SMALL_INT"), _load_const),
    "COPY": _copy,
    "LOAD_BUILD_CLASS": _push(_CLASS),
    "PUSH_NULL": _push(_NULL),
    "SET_FUNCTION_ATTRIBUTE": _set_function_attribute,
    "SWAP": _swap,
}
