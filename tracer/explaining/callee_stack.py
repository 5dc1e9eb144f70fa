"""The value stack as `callees` sees it: what is known of each value, opcode by opcode.

Of most opcodes only the stack effect matters, which `dis` knows for the running version. So the
tables are by opcode name and hold for CPython 3.11 to 3.15 at once; an opcode that is in no table
makes everything on the stack unknown.
"""

from __future__ import annotations

import dis
import enum
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, Final

import attrs
from bytecode import ConcreteBytecode

from ...configs.representation import short_repr
from ..opcodes.stack import COMMON_CONSTANTS

#: For attrs: compare a field by identity, whatever its ``==`` does.
BY_IDENTITY: Final[Any] = id


class Kind(enum.Enum):
    """What is known of a value on the stack."""

    KNOWN = "the object itself is known"
    UNKNOWN = "it is not known before the function runs"
    MADE = "a function that the code makes"
    CLASS = "what a class statement calls"
    IMPLICIT = "what a statement calls without the user's code naming it"
    NULL = "no value"


@attrs.frozen
class Symbol:
    """A value on the symbolic stack.

    Attributes:
        kind: What is known of it.
        text: How the source spells it, as far as that can be known.
        value: The object, if it is known.
        why: Why it is not known, if it is not.
    """

    kind: Kind
    text: str = "<unknown>"
    value: Any = attrs.field(default=None, eq=BY_IDENTITY)
    why: str = "it is computed"


UNKNOWN: Final = Symbol(Kind.UNKNOWN)
_NULL: Final = Symbol(Kind.NULL)
IMPLICIT: Final = Symbol(Kind.IMPLICIT)
_CLASS: Final = Symbol(Kind.CLASS, "class")


#: The top is last.
Stack = list[Symbol]


def _words(text: str) -> list[str]:
    return text.split()


#: How many new values an opcode leaves on the stack; below them it leaves all others alone. How
#: many it takes follows from its stack effect.
_RESULTS: Final[dict[str, int]] = {
    **dict.fromkeys(
        _words(
            """
            CACHE COPY_FREE_VARS DELETE_ATTR DELETE_DEREF DELETE_FAST DELETE_GLOBAL DELETE_NAME
            DELETE_SUBSCR DICT_MERGE DICT_UPDATE END_ASYNC_FOR END_FOR EXTENDED_ARG
            JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD JUMP_IF_FALSE_OR_POP
            JUMP_IF_TRUE_OR_POP KW_NAMES LIST_APPEND LIST_EXTEND MAKE_CELL MAP_ADD NOP NOT_TAKEN
            POP_EXCEPT POP_ITER POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_NONE
            POP_JUMP_BACKWARD_IF_NOT_NONE POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_FORWARD_IF_FALSE
            POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE POP_JUMP_FORWARD_IF_TRUE
            POP_JUMP_IF_FALSE POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE POP_JUMP_IF_TRUE POP_TOP
            PRINT_EXPR RAISE_VARARGS RERAISE RESUME RETURN_CONST RETURN_VALUE SETUP_ANNOTATIONS
            SET_ADD SET_UPDATE STORE_ATTR STORE_GLOBAL STORE_NAME STORE_SLICE STORE_SUBSCR
            """
        ),
        0,
    ),
    **dict.fromkeys(
        _words(
            """
            ASYNC_GEN_WRAP BINARY_OP BINARY_SLICE BINARY_SUBSCR BUILD_CONST_KEY_MAP
            BUILD_INTERPOLATION BUILD_LIST BUILD_MAP BUILD_SET BUILD_SLICE BUILD_STRING
            BUILD_TEMPLATE BUILD_TUPLE CALL_INTRINSIC_1 CALL_INTRINSIC_2 CHECK_EXC_MATCH COMPARE_OP
            CONTAINS_OP CONVERT_VALUE END_SEND FORMAT_SIMPLE FORMAT_VALUE FORMAT_WITH_SPEC
            GET_AITER GET_ANEXT GET_AWAITABLE GET_LEN GET_YIELD_FROM_ITER IS_OP
            LIST_TO_TUPLE LOAD_CLOSURE LOAD_FAST_AND_CLEAR LOAD_LOCALS MATCH_CLASS MATCH_KEYS
            MATCH_MAPPING MATCH_SEQUENCE PREP_RERAISE_STAR SEND TO_BOOL UNARY_INVERT
            UNARY_NEGATIVE UNARY_NOT UNARY_POSITIVE WITH_EXCEPT_START YIELD_VALUE
            """
        ),
        1,
    ),
    **dict.fromkeys(("CHECK_EG_MATCH", "CLEANUP_THROW", "PUSH_EXC_INFO"), 2),
}
#: What never goes on to the next instruction.
ENDS: Final = frozenset(
    _words(
        """
        JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD RAISE_VARARGS RERAISE RETURN_CONST
        RETURN_VALUE
        """
    )
)
# END_ASYNC_FOR's target says where its loop starts, nothing goes there (3.14).
_NO_JUMP: Final = frozenset({dis.opmap["END_ASYNC_FOR"]})
JUMPS: Final = frozenset(dis.hasjrel) - _NO_JUMP
#: Whether a call's NULL stands after the callable (from 3.13 on, like CALL_KW) or before it.
NULL_AFTER: Final = "CALL_KW" in dis.opmap
#: Source: CPython 3.14 ``Include/opcode.h``, NB_SUBSCR.
_SUBSCRIPT: Final = 26
_TEXT_LIMIT: Final = 120


def stack_effect(ins: dis.Instruction, jump: bool = False) -> int:
    """Return by how much an instruction makes the stack higher."""
    return dis.stack_effect(ins.opcode, ins.arg, jump=jump)


def take(stack: Stack, count: int) -> Stack:
    """Pop values, the top last."""
    if len(stack) < count:  # after a join that lost count
        stack[:0] = [UNKNOWN] * (count - len(stack))
    taken = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    return taken


def joined(left: Symbol, right: Symbol) -> Symbol:
    """Return what is known of a value that is one or the other."""
    if left == right:
        return left
    text = left.text if left.text == right.text else "<unknown>"
    return Symbol(Kind.UNKNOWN, text, why="the branches before it differ")


def extended(text: str, suffix: str) -> str:
    """Return the text of something reached from an expression; very long ones are cut."""
    return text + suffix if len(text) < _TEXT_LIMIT else f"...{suffix}"


def handlers(code: CodeType) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Yield, by offset, the handler's offset, the stack depth it keeps, and what is pushed then.

    The exception table counts code units of two bytes, and the stop is inclusive.
    """
    for entry in ConcreteBytecode.from_code(code).exception_table:
        for unit in range(entry.start_offset, entry.stop_offset + 1):
            yield 2 * unit, (2 * entry.target, entry.stack_depth, 1 + entry.push_lasti)


def apply_effect(ins: dis.Instruction, stack: Stack, jump: bool) -> None:
    """Do what an instruction does to the stack: it, or its jump, leaves unknown values."""
    effect = stack_effect(ins, jump)
    if ins.opname == "FOR_ITER":
        results = max(effect, 0)
    elif ins.opname.startswith("UNPACK_") or ins.opname == "GET_ITER":
        results = effect + 1
    elif ins.opname in _RESULTS:
        results = _RESULTS[ins.opname]
    else:
        stack[:] = [UNKNOWN] * max(len(stack) + effect, 0)
        return
    take(stack, results - effect)
    stack += [UNKNOWN] * results


def push_callable(stack: Stack, value: Symbol, with_null: bool) -> None:
    """Push a value, with the NULL that a call may expect beside it."""
    if not with_null:
        stack.append(value)
    else:
        stack += [value, _NULL] if NULL_AFTER else [_NULL, value]


def _load_const(ins: dis.Instruction, stack: Stack) -> None:
    stack.append(Symbol(Kind.KNOWN, short_repr(ins.argval, 24), ins.argval))


def _load_common_constant(ins: dis.Instruction, stack: Stack) -> None:
    index = ins.arg or 0
    if ins.opname == "LOAD_ASSERTION_ERROR":
        index = 0
    if index < len(COMMON_CONSTANTS):
        value = COMMON_CONSTANTS[index]
        text = value.__name__ if callable(value) else short_repr(value, 24)
        stack.append(Symbol(Kind.KNOWN, text, value))
    else:
        stack.append(UNKNOWN)


def _push(*symbols: Symbol) -> Rule:
    def rule(ins: dis.Instruction, stack: Stack) -> None:
        stack += symbols

    return rule


def _enter(ins: dis.Instruction, stack: Stack) -> None:
    # ``manager -- exit, entered`` (to 3.13), ``manager -- method, self or NULL`` (3.14).
    take(stack, 1)
    stack += (IMPLICIT, UNKNOWN)


def _subscript(ins: dis.Instruction, stack: Stack) -> None:
    owner, _index = take(stack, 2)
    if ins.opname == "BINARY_OP" and ins.arg != _SUBSCRIPT:
        stack.append(UNKNOWN)
    else:
        text = extended(owner.text, "[...]")
        stack.append(Symbol(Kind.UNKNOWN, text, why="an item is looked up when it runs"))


def _copy(ins: dis.Instruction, stack: Stack) -> None:
    taken = take(stack, ins.arg or 0)
    stack += [*taken, taken[0]]


def _swap(ins: dis.Instruction, stack: Stack) -> None:
    taken = take(stack, ins.arg or 0)
    stack += [taken[-1], *taken[1:-1], taken[0]]


def _set_function_attribute(ins: dis.Instruction, stack: Stack) -> None:
    stack += take(stack, 2)[1:]  # ``value, function -- function``


#: What an opcode does to the stack, if it is more than taking some values and leaving others.
Rule = Callable[[dis.Instruction, Stack], None]

#: Those of 3.14 are from its documentation.
STACK_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("BEFORE_ASYNC_WITH", "BEFORE_WITH", "LOAD_SPECIAL"), _enter),
    **dict.fromkeys(("BINARY_OP", "BINARY_SUBSCR"), _subscript),
    **dict.fromkeys(("LOAD_ASSERTION_ERROR", "LOAD_COMMON_CONSTANT"), _load_common_constant),
    **dict.fromkeys(("LOAD_CONST", "LOAD_CONST_IMMORTAL", "LOAD_SMALL_INT"), _load_const),
    "COPY": _copy,
    "LOAD_BUILD_CLASS": _push(_CLASS),
    "PRECALL": _push(),  # its work belongs to the CALL after it (3.11)
    "PUSH_NULL": _push(_NULL),
    # The None that the first resumption sends; `dis` of 3.11 and 3.12 does not count it.
    "RETURN_GENERATOR": _push(UNKNOWN),
    "SET_FUNCTION_ATTRIBUTE": _set_function_attribute,
    "SWAP": _swap,
}
