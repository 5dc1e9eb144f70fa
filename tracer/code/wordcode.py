"""The one reader of bytecode: instructions, jumps, places, the exception table, stack effects.

It is by hand, though `dis` and `bytecode` could: they make several objects of each instruction,
CACHEs included, which took most of the time of a function's first capture. What differs between
versions of CPython is told here only: where a jump goes, what a call finds on the stack, what the
end of a loop goes past.
"""

from __future__ import annotations

import opcode
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import compress
from types import CodeType
from typing import Any, Final

from ..supported import RUNNING
from .raw import WITH_ARGUMENT, raw_code

#: First line, first column, last line, last column.
Place = tuple[int, int, int, int]
#: First line, last line, first column, last column, as ``co_positions`` gives them.
Position = tuple[int | None, int | None, int | None, int | None]


def numbers(*names: str) -> frozenset[int]:
    """Return the numbers of the opcodes that this Python has, of these.

    Example:
        >>> len(numbers("RETURN_VALUE", "NO_SUCH_OPCODE"))
        1
    """
    return frozenset(opcode.opmap[name] for name in names if name in opcode.opmap)


def number(name: str) -> int:
    """Return the number of an opcode, or -1, which no opcode has.

    Example:
        >>> number("NO_SUCH_OPCODE")
        -1
    """
    return opcode.opmap.get(name, -1)


def named(prefix: str = "", suffix: str = "") -> frozenset[int]:
    """Return the numbers of the opcodes whose names start and end so.

    Example:
        >>> opcode.opmap["STORE_ATTR"] in named("STORE_")
        True
    """
    return frozenset(
        value
        for name, value in opcode.opmap.items()
        if name.startswith(prefix) and name.endswith(suffix)
    )


NOP: Final = number("NOP")
COPY: Final = number("COPY")
SWAP: Final = number("SWAP")
FOR_ITER: Final = number("FOR_ITER")
PUSH_NULL: Final = number("PUSH_NULL")
BACKWARD: Final = named("JUMP_BACKWARD") | named("POP_JUMP_BACKWARD")
FORWARD: Final = numbers("JUMP_FORWARD")
#: What is about a cell. In 3.14, ``opcode.hasfree`` lacks LOAD_DEREF.
OF_CELLS: Final = named(suffix="DEREF") | numbers("MAKE_CELL", "LOAD_CLOSURE")
#: Jumps that are always taken.
JUMPS: Final = FORWARD | numbers("JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")
#: Jumps that pop what they test.
CONDITIONAL: Final = named("POP_JUMP_")
#: 3.11 only: jumps that keep what they test if they jump.
KEEPING: Final = numbers("JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP")
#: What control never passes.
ENDS: Final = JUMPS | numbers("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE")
#: All jumps. The target of an END_ASYNC_FOR is for monitoring: nothing goes there (3.14).
AIMED: Final = frozenset(opcode.hasjrel) - numbers("END_ASYNC_FOR")
#: Calls. Of what they pop the two lowest are the callable and a NULL, in the order of `NULL_AFTER`;
#: if neither is NULL, a method and what it is bound to.
CALLS: Final = numbers("CALL", "CALL_KW", "CALL_FUNCTION_EX")
#: Whether the NULL stands after the callable (from 3.13 on) or before it.
NULL_AFTER: Final = "CALL_KW" in opcode.opmap
#: How many instructions a FOR_ITER goes past when its iterator is exhausted, which only clean up
#: for specialised code: none to 3.11, END_FOR, and then END_FOR with a pop.
CLEANUP: Final = ("END_FOR" in opcode.opmap) + ("FORMAT_SIMPLE" in opcode.opmap)
#: What LOAD_COMMON_CONSTANT loads. Those after the fifth came with 3.15.
#: Source: CPython 3.15 ``Lib/opcode.py``, the same values.
COMMON_CONSTANTS: Final[tuple[Any, ...]] = (
    *(AssertionError, NotImplementedError, tuple, all, any),
    *(list, set, None, "", True, False, -1),
)
#: Those of them that a loop may be run in place of.
REPLACED: Final = (2, 3, 4, 5, 6)
#: The operand of the CALL_INTRINSIC_1 that makes a tuple of a list.
LIST_TO_TUPLE: Final = 6
#: How many low bits of an oparg are flags; the index of a name is above them. The lowest says
#: whether a NULL for a call is pushed, too.
FLAG_BITS: Final = {
    "LOAD_GLOBAL": 1,
    "LOAD_SUPER_ATTR": 2,
    **({} if 0 <= number("LOAD_METHOD") < 256 else {"LOAD_ATTR": 1}),
    # Whether the import is lazy, which came with 3.15.
    **({"IMPORT_NAME": 2} if RUNNING >= (3, 15) else {}),
}
#: How far up the operator is in the oparg of COMPARE_OP: below it are hints.
COMPARE_BITS: Final = 0 if RUNNING < (3, 12) else 4 if RUNNING < (3, 13) else 5

_CACHE: Final = number("CACHE")
_EXTENDED_ARG: Final = number("EXTENDED_ARG")
_CALL: Final = number("CALL")
_KW_NAMES: Final = number("KW_NAMES")
_PRECALL: Final = number("PRECALL")
_BEFORE_CALL: Final = numbers("KW_NAMES", "PRECALL")
_MAKE_FUNCTION: Final = number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = number("SET_FUNCTION_ATTRIBUTE")
#: Caches, prefixes, and a mark behind conditional jumps (3.14).
LEFT_OUT: Final = numbers("CACHE", "EXTENDED_ARG", "NOT_TAKEN")


@cache
def _kept(left_out: frozenset[int]) -> bytes:
    """Return by opcode whether it is kept."""
    return bytes(op not in left_out for op in range(256))


class Wordcode:
    """The instructions of a code object as flat lists, numbered from 0.

    Some opcodes can be left out, caches and prefixes always are. A jump to what is left out is one
    to the next instruction that is not.

    Attributes:
        code: The code object.
        left_out: The opcodes that are left out.
        ops: The opcode of each instruction.
        args: Its full oparg.
        units: Where it is, in code units of two bytes, after its prefixes.

    Example:
        >>> words = Wordcode(compile("x = [y]", "<example>", "exec"))
        >>> [opcode.opname[op] for op in words.ops if op in numbers("BUILD_LIST")]
        ['BUILD_LIST']
    """

    def __init__(self, code: CodeType, left_out: frozenset[int] = LEFT_OUT) -> None:
        """Read a code object.

        Args:
            code: The code object.
            left_out: The opcodes to leave out; caches and prefixes are to be among them.
        """
        self.code = code
        self.left_out = left_out
        raw = raw_code(code)
        self._ops = ops = raw[::2]
        self._lows = lows = raw[1::2]
        kept = ops.translate(_kept(left_out))
        self.units = [*compress(range(len(ops)), kept)]
        self.ops = [*compress(ops, kept)]
        if _EXTENDED_ARG in ops:
            self.args = [self._oparg(unit) for unit in self.units]
        else:
            self.args = [*compress(lows, kept)]

    def _oparg(self, unit: int) -> int:
        oparg, shift = self._lows[unit], 8
        while unit and self._ops[unit - 1] == _EXTENDED_ARG:
            unit -= 1
            oparg |= self._lows[unit] << shift
            shift += 8
        return oparg

    def at(self, unit: int) -> int:
        """Return the number of the first instruction from a unit on."""
        return bisect_left(self.units, unit)

    def target(self, index: int) -> int:
        """Return the number of an instruction's jump target, or -1."""
        return self.at(self.target_unit(index)) if self.ops[index] in AIMED else -1

    def target_unit(self, index: int) -> int:
        """Return the code unit that a jump goes to, which may be none of the code."""
        # Relative to what follows its caches.
        after = self.units[index] + 1
        ops = self._ops
        while after < len(ops) and ops[after] == _CACHE:
            after += 1
        oparg = self.args[index]
        return after - oparg if self.ops[index] in BACKWARD else after + oparg

    def starts(self, unit: int) -> bool:
        """Tell whether an instruction starts at a code unit, with its prefixes."""
        ops = self._ops
        return (
            0 <= unit < len(ops)
            and ops[unit] != _CACHE
            and (unit == 0 or ops[unit - 1] != _EXTENDED_ARG)
        )

    @property
    def end(self) -> int:
        """The code unit behind the last one."""
        return len(self._ops)

    @cached_property
    def targets(self) -> list[int]:
        """The jump target of each instruction, or -1."""
        return [self.target(index) for index in range(len(self.ops))]

    @cached_property
    def sources(self) -> dict[int, list[int]]:
        """The jumps to each instruction that is jumped to."""
        found: dict[int, list[int]] = {}
        for index, target in enumerate(self.targets):
            if target >= 0:
                found.setdefault(target, []).append(index)
        return found

    @cached_property
    def positions(self) -> list[Position]:
        """The place of each instruction, parts of which may be unknown."""
        positions = positions_of(self.code)
        return [positions[unit] for unit in self.units]

    @cached_property
    def places(self) -> list[Place | None]:
        """The range of each instruction in the source, or None if any part of it is unknown."""
        found: list[Place | None] = []
        for line, last, column, end in self.positions:
            if line is None or last is None or column is None or end is None:
                found.append(None)
            else:
                found.append((line, column, last, end))
        return found

    @cached_property
    def lines(self) -> list[int | None]:
        """The line of each instruction, or None."""
        return [line for line, *_ in self.positions]

    def keyword_names(self) -> dict[int, tuple[str, ...]]:
        """Return the names that KW_NAMES gives for the CALLs behind them (to 3.12)."""
        found: dict[int, tuple[str, ...]] = {}
        consts = self.code.co_consts
        for unit in self._units_of(_KW_NAMES):
            index, oparg = self.at(unit), self._oparg(unit)
            while index < len(self.ops) and self.ops[index] in _BEFORE_CALL:
                index += 1
            if index < len(self.ops) and self.ops[index] == _CALL and oparg < len(consts):
                found[index] = consts[oparg]
        return found

    def function_attributes(self) -> dict[int, tuple[int, ...]]:
        """Return the flags of the SET_FUNCTION_ATTRIBUTEs right after each MAKE_FUNCTION (3.13)."""
        found: dict[int, tuple[int, ...]] = {}
        for unit in self._units_of(_SET_FUNCTION_ATTRIBUTE):
            made = self.at(unit) - 1
            while self.ops[made] == _SET_FUNCTION_ATTRIBUTE:
                made -= 1
            if self.ops[made] == _MAKE_FUNCTION:
                found[made] = (*found.get(made, ()), self._oparg(unit))
        return found

    def unattached(self, names: int, attributes: int) -> list[int]:
        """Return the units of those that are left out and belong to no instruction.

        Args:
            names: How many KW_NAMES belong to one.
            attributes: How many SET_FUNCTION_ATTRIBUTEs.
        """
        found: list[int] = []
        for op, attached in (
            (_KW_NAMES, names),
            (_SET_FUNCTION_ATTRIBUTE, attributes),
            (_PRECALL, self.ops.count(_CALL)),
        ):
            if op in self.left_out and self._ops.count(op) > attached:
                found += self._units_of(op)
        return found

    def _units_of(self, op: int) -> list[int]:
        found: list[int] = []
        unit = self._ops.find(op) if op >= 0 else -1
        while unit >= 0:
            found.append(unit)
            unit = self._ops.find(op, unit + 1)
        return found

    def handlers(self) -> list[tuple[int, int, int, int, bool]]:
        """Return the exception table.

        Returns:
            The first instruction, one after the last, and their handler; the stack depth that it
            keeps; whether the place of the failing instruction is pushed before the exception.
        """
        at = self.at
        return [
            (at(start), at(start + length), at(target), depth >> 1, bool(depth & 1))
            for start, length, target, depth in exception_table(self.code)
        ]

    def following(self, index: int) -> list[int]:
        """Return where control may go from an instruction that raises nothing."""
        following: list[int] = []
        if self.ops[index] not in ENDS:
            following.append(index + 1)
        if self.targets[index] >= 0:
            following.append(self.targets[index])
        return following


def positions_of(code: CodeType) -> list[Position]:
    """Return the place of each code unit in the source.

    Example:
        >>> positions_of((lambda: 1).__code__.replace(co_linetable=b""))[0]
        (None, None, None, None)
    """
    found: list[Position] = list(code.co_positions())
    return found + [(None, None, None, None)] * (len(code.co_code) // 2 - len(found))


def exception_table(code: CodeType) -> Iterator[tuple[int, int, int, int]]:
    """Return the entries: first unit, count, unit of the handler, depth and lasti in one.

    Source: CPython ``Objects/exception_handling_notes.txt``.
    """
    values: list[int] = []
    value = 0
    for byte in code.co_exceptiontable:
        value = value << 6 | byte & 0x3F
        if not byte & 0x40:
            values.append(value)
            value = 0
    return zip(values[::4], values[1::4], values[2::4], values[3::4], strict=False)


def within(inner: Place | None, outer: Place | None) -> bool:
    """Tell whether a place lies in another, or is the same.

    Example:
        >>> within((1, 4, 1, 5), (1, 0, 2, 3))
        True
        >>> within(None, (1, 0, 2, 3))
        False
    """
    return (
        inner is not None
        and outer is not None
        and outer[:2] <= inner[:2]
        and inner[2:] <= outer[2:]
    )


_RETURN_GENERATOR: Final = number("RETURN_GENERATOR")


def stack_effect(op: int, oparg: int, jump: bool = False) -> int:
    """Return by how much an instruction makes the stack higher.

    Raises:
        ValueError: This Python does not know.
    """
    if op == _CALL:
        return -oparg - 1
    if op == _PRECALL:  # 3.11 says that it takes the arguments; it is CALL that does
        return 0
    if op == _RETURN_GENERATOR:  # the None that the first resumption sends; not counted to 3.12
        return 1
    return opcode.stack_effect(op, oparg if op in WITH_ARGUMENT else None, jump=jump)


def _opcodes(text: str) -> frozenset[int]:
    return numbers(*text.split())


#: How many values an opcode leaves in place of those that it takes, which follows from its effect.
_PUSHES: Final[dict[int, int]] = {
    **dict.fromkeys(
        _opcodes(
            """
            CACHE COPY_FREE_VARS DELETE_ATTR DELETE_DEREF DELETE_FAST DELETE_GLOBAL DELETE_NAME
            DELETE_SUBSCR DICT_MERGE DICT_UPDATE END_ASYNC_FOR END_FOR EXTENDED_ARG
            JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD JUMP_IF_FALSE_OR_POP
            JUMP_IF_TRUE_OR_POP KW_NAMES LIST_APPEND LIST_EXTEND MAKE_CELL MAP_ADD NOP NOT_TAKEN
            POP_EXCEPT POP_ITER POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_NONE
            POP_JUMP_BACKWARD_IF_NOT_NONE POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_FORWARD_IF_FALSE
            POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE POP_JUMP_FORWARD_IF_TRUE
            POP_JUMP_IF_FALSE POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE POP_JUMP_IF_TRUE POP_TOP
            PRECALL PRINT_EXPR RAISE_VARARGS RERAISE RESUME RETURN_CONST
            SETUP_ANNOTATIONS SET_ADD SET_UPDATE STORE_ATTR STORE_DEREF STORE_FAST
            STORE_FAST_STORE_FAST STORE_GLOBAL STORE_NAME STORE_SLICE STORE_SUBSCR
            """
        ),
        0,
    ),
    **dict.fromkeys(
        _opcodes(
            """
            ASYNC_GEN_WRAP BINARY_OP BINARY_SLICE BINARY_SUBSCR BUILD_CONST_KEY_MAP
            BUILD_INTERPOLATION BUILD_LIST BUILD_MAP BUILD_SET BUILD_SLICE BUILD_STRING
            BUILD_TEMPLATE BUILD_TUPLE CALL CALL_FUNCTION_EX CALL_INTRINSIC_1 CALL_INTRINSIC_2
            CALL_KW CHECK_EXC_MATCH COMPARE_OP CONTAINS_OP CONVERT_VALUE END_SEND FORMAT_SIMPLE
            FORMAT_VALUE FORMAT_WITH_SPEC GET_AITER GET_AWAITABLE GET_YIELD_FROM_ITER
            IMPORT_NAME IS_OP LIST_TO_TUPLE LOAD_ASSERTION_ERROR LOAD_BUILD_CLASS LOAD_CLASSDEREF
            LOAD_CLOSURE LOAD_COMMON_CONSTANT LOAD_CONST LOAD_DEREF LOAD_FAST LOAD_FAST_AND_CLEAR
            LOAD_FAST_BORROW LOAD_FAST_CHECK LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS
            LOAD_LOCALS LOAD_NAME LOAD_SMALL_INT MAKE_FUNCTION PREP_RERAISE_STAR PUSH_NULL
            RETURN_GENERATOR SEND SET_FUNCTION_ATTRIBUTE STORE_FAST_LOAD_FAST TO_BOOL UNARY_INVERT
            UNARY_NEGATIVE UNARY_NOT UNARY_POSITIVE YIELD_VALUE
            """
        ),
        1,
    ),
    **dict.fromkeys(
        _opcodes(
            """
            BEFORE_ASYNC_WITH BEFORE_WITH CHECK_EG_MATCH CLEANUP_THROW LOAD_FAST_LOAD_FAST
            LOAD_FAST_BORROW_LOAD_FAST_BORROW LOAD_SPECIAL PUSH_EXC_INFO
            """
        ),
        2,
    ),
}
#: How many values an opcode takes, or looks at; what it leaves in their place follows.
_POPS: Final[dict[int, int]] = {
    **dict.fromkeys(_opcodes("LOAD_GLOBAL"), 0),
    **dict.fromkeys(
        _opcodes(
            """
            FOR_ITER GET_ANEXT GET_ITER GET_LEN IMPORT_FROM LOAD_ATTR LOAD_METHOD MATCH_MAPPING
            MATCH_SEQUENCE RETURN_VALUE UNPACK_EX UNPACK_SEQUENCE
            """
        ),
        1,
    ),
    **dict.fromkeys(_opcodes("MATCH_KEYS"), 2),
    **dict.fromkeys(_opcodes("LOAD_SUPER_ATTR MATCH_CLASS"), 3),
    **dict.fromkeys(_opcodes("WITH_EXCEPT_START"), 4),
}


def pops_and_pushes(op: int, oparg: int, jump: bool = False) -> tuple[int, int] | None:
    """Return how many values an instruction takes off the stack, and how many it leaves there.

    Returns:
        None if it does more than that, as COPY and SWAP do.

    Example:
        >>> pops_and_pushes(number("BUILD_LIST"), 3)
        (3, 1)
    """
    effect = stack_effect(op, oparg, jump)
    if op in _POPS:
        return _POPS[op], _POPS[op] + effect
    pushed = _PUSHES.get(op)
    return None if pushed is None else (pushed - effect, pushed)
