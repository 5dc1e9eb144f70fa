"""Refusing code objects that no Python would run to an end: they crash CPython, or hang it.

All of it is checked when a code object is read: operands, jumps, and how high the stack is before
each instruction, in one pass over those that control can come to. What it never comes to may be
anything.
"""

from __future__ import annotations

import opcode
from bisect import bisect_left
from typing import Final

from ..errors import UnsupportedCodeError
from .raw import invalid_code_error
from .wordcode import (
    AIMED,
    ENDS,
    FLAG_BITS,
    JUMPS,
    OF_CELLS,
    Wordcode,
    exception_table,
    number,
    numbers,
    pops_and_pushes,
    stack_effect,
)

#: What an operand is an index of, as a place in what `_sizes` returns.
_NOTHING, _CONSTS, _NAMES, _LOCALS = range(4)
_TABLES: Final[dict[int, int]] = {
    **dict.fromkeys(opcode.hasconst, _CONSTS),
    **dict.fromkeys(opcode.hasname, _NAMES),
    **dict.fromkeys([*opcode.haslocal, *OF_CELLS], _LOCALS),
}
#: Two indexes of four bits each.
_PAIRS: Final = frozenset(value for name, value in opcode.opmap.items() if name.count("_FAST") == 2)
_FLAG_BITS: Final = {number(name): bits for name, bits in FLAG_BITS.items()}
#: How many values more than their operand says these look at, the top one included.
_LOOK_BELOW: Final[dict[int, int]] = {
    number(name): count
    for name, count in {
        "COPY": 0,
        "SWAP": 0,
        "RERAISE": 1,
        "MAP_ADD": 2,
        "DICT_MERGE": 3,
        **dict.fromkeys(["LIST_APPEND", "LIST_EXTEND", "SET_ADD", "SET_UPDATE", "DICT_UPDATE"], 1),
    }.items()
}
#: The least operand, if it is not 0.
_LEAST: Final = dict.fromkeys(
    numbers(
        *("COPY", "SWAP", "LIST_APPEND", "LIST_EXTEND", "SET_ADD", "SET_UPDATE"),
        *("MAP_ADD", "DICT_UPDATE", "DICT_MERGE", "CALL_INTRINSIC_1", "CALL_INTRINSIC_2"),
        "CONVERT_VALUE",
    ),
    1,
)
#: How many operands an opcode knows, if these are neither counts nor indexes.
_CHOICES: Final[dict[int, int]] = {
    number(name): len(getattr(opcode, choices, ()))
    for name, choices in {
        "BINARY_OP": "_nb_ops",
        "CALL_INTRINSIC_1": "_intrinsic_1_descs",
        "CALL_INTRINSIC_2": "_intrinsic_2_descs",
    }.items()
} | {number("CONVERT_VALUE"): 4}
_MAKE_FUNCTION: Final = number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = number("SET_FUNCTION_ATTRIBUTE")
_SEND: Final = number("SEND")
_UNINTERRUPTED: Final = number("JUMP_BACKWARD_NO_INTERRUPT")
#: Of a byte of the exception table: the number goes on in the next one.
_CONTINUED: Final = 0x40
#: Opcodes after which control may not just go on to the next instruction.
_SPECIAL: Final = AIMED | ENDS | {_MAKE_FUNCTION}
#: What stands where a handler's depth is not reached: at the end of a generator expression (3.15).
_NEVER_RAISE: Final = numbers("LOAD_COMMON_CONSTANT", "RETURN_VALUE")


#: What an instruction asks for: how many values, its effect, what its operand is an index of, that
#: index, whether control may not just go on behind it, and the effect if it jumps. A plain tuple,
#: which is unpacked much faster than a named one.
_Demand = tuple[int, int, int, int, bool, int]

#: Control does not pass what has no known effect: it is refused when it is bound.
_UNKNOWN: Final = (0, 0, _NOTHING, 0, True, 0)
#: By operand and opcode.
_demands: Final[dict[int, _Demand]] = {}
#: Operands beyond are rare, and not kept.
_KEPT: Final = 256


def _demand(op: int, oparg: int) -> _Demand:
    try:
        effect, jumped = stack_effect(op, oparg), stack_effect(op, oparg, jump=True)
    except ValueError:
        return _UNKNOWN
    if not _LEAST.get(op, 0) <= oparg < _CHOICES.get(op, oparg + 1):
        return (0, 0, _NOTHING, 1, True, 0)
    if op in _LOOK_BELOW:
        needed = oparg + _LOOK_BELOW[op]
    elif op == _SEND:
        needed = 2
    else:
        moved = pops_and_pushes(op, oparg)
        needed = max(0, -effect) if moved is None else moved[0]
    table = _TABLES.get(op, _NOTHING)
    place = oparg >> _FLAG_BITS.get(op, 0) if table else 0
    if op in _PAIRS:
        place = max(oparg >> 4, oparg & 15)
    found = (needed, effect, table, place, op in _SPECIAL, jumped)
    if oparg < _KEPT:
        _demands[oparg << 8 | op] = found
    return found


def values_needed(op: int, oparg: int) -> int:
    """Return how many values from the top of the stack an instruction looks at.

    Example:
        >>> values_needed(opcode.opmap["SWAP"], 2)
        2
    """
    return (_demands.get(oparg << 8 | op) or _demand(op, oparg))[0]


#: Of the exception table: first instruction, one after the last, handler, depth, and whether the
#: place of what failed is pushed.
_Entry = tuple[int, int, int, int, bool]


def _wrong(oparg: int, needed: int, height: int) -> str:
    """Name the thing that an instruction asks for in vain."""
    if height < needed:
        return f"it needs {needed} values on the stack, not {height}"
    return f"its operand {oparg} is out of range"


class Check:
    """One pass over a code object.

    Attributes:
        heights: How many values are on the stack before each instruction, or -1 if control never
            comes to it.
        targets: Where the jumps go that control comes to.
        keyword_names, function_attributes, handlers: As `Wordcode` has them.

    Example:
        >>> Check(Wordcode((lambda x: x).__code__), 1).heights
        [0, 0, 1]
    """

    def __init__(self, words: Wordcode, slots: int) -> None:
        """Check a code object.

        Args:
            words: Its instructions.
            slots: How many locals, cells and free variables it has.

        Raises:
            UnsupportedCodeError: It is not valid; says at which instruction.
        """
        self._words = words
        code = words.code
        self._sizes = (1, len(code.co_consts), len(code.co_names), slots)
        self.heights = [-1] * len(words.ops)
        self.targets: dict[int, int] = {}
        self._pending: set[int] = set()
        self.keyword_names = words.keyword_names()
        self.function_attributes = words.function_attributes()
        self.handlers: list[_Entry] = []
        self._run()

    def _run(self) -> None:
        """Follow all paths, then the paths of exceptions."""
        heights = self.heights
        if not heights:
            raise invalid_code_error(self._words.code, 0, "it has no instructions")
        self._arrive(0, 0, 0)
        self._follow()
        if self._words.code.co_exceptiontable:
            self._follow_handlers()
        self._check_attached()
        self._check_endless()
        highest = max(heights)
        if highest > self._words.code.co_stacksize:
            what = f"the stack is to have {self._words.code.co_stacksize} values at most"
            raise self._refusal(heights.index(highest) - 1, what)

    def _follow_handlers(self) -> None:
        """Follow control from the handlers of the instructions that were reached."""
        self.handlers = entries = self._entries()
        heights, ops = self.heights, self._words.ops
        waiting, count = entries, 0
        while len(waiting) != count:
            later: list[_Entry] = []
            count = len(waiting)
            for entry in waiting:
                first, end, target, depth, push_lasti = entry
                if first < end and (heights[first] >= 0 or max(heights[first:end]) >= 0):
                    self._arrive(target, depth + 1 + push_lasti, target)
                else:
                    later.append(entry)
            self._follow()
            waiting = later
        for first, end, target, depth, _ in entries:
            if depth > min(heights[first:end], default=depth) and any(
                0 <= heights[index] < depth and ops[index] not in _NEVER_RAISE
                for index in range(first, end)
            ):
                what = f"it handles what has less than {depth} values on the stack"
                raise self._refusal(target, what)

    def _follow(self) -> None:
        """Follow control from pending places until the height of the stack is known everywhere."""
        words, heights, sizes = self._words, self.heights, self._sizes
        ops, args, count, get = words.ops, words.args, len(words.ops), _demands.get
        pending = self._pending
        while pending:
            index = pending.pop()
            height = heights[index]
            while True:
                op, oparg = ops[index], args[index]
                demand = get(oparg << 8 | op) or _demand(op, oparg)
                needed, effect, table, place, special, jumped = demand
                if place >= sizes[table] or height < needed:
                    raise self._refusal(index, _wrong(oparg, needed, height))
                if special:
                    if op == _MAKE_FUNCTION:
                        effect -= self._attached(index, height)
                    if op in AIMED:
                        self._jump(index, height + jumped)
                    if op in ENDS or demand is _UNKNOWN:
                        break
                height += effect
                index += 1
                if index == count:
                    raise self._refusal(index - 1, "control goes on behind it, where the code ends")
                known = heights[index]
                if known < 0:
                    heights[index] = height
                    continue
                if known != height:
                    self._arrive(index, height, index - 1)
                if index not in pending:
                    break
                pending.remove(index)

    def _attached(self, index: int, height: int) -> int:
        """Return how many values more a MAKE_FUNCTION takes, for the attached parts."""
        if _SET_FUNCTION_ATTRIBUTE not in self._words.left_out:
            return 0
        count = len(self.function_attributes.get(index, ()))
        if height <= count:
            what = f"it needs {count + 1} values on the stack, not {height}"
            raise self._refusal(index, what)
        return count

    def _jump(self, index: int, height: int) -> None:
        """Go where an instruction jumps to, the stack being so high then."""
        words = self._words
        unit = words.target_unit(index)
        self.targets[index] = target = words.at(unit)
        if not words.starts(unit) or target == len(words.ops):
            raise self._refusal(index, "it jumps to where no instruction is")
        if self.heights[target] != height:
            self._arrive(target, height, index)

    def _arrive(self, index: int, height: int, source: int) -> None:
        """Note how high the stack is at an instruction."""
        known = self.heights[index]
        if known < 0:
            self.heights[index] = height
            self._pending.add(index)
        elif known != height:
            text = f"after it the stack has {height} values where it has {known} on another way"
            raise self._refusal(source, text)

    def _entries(self) -> list[_Entry]:
        """Return the exception table."""
        words = self._words
        end = words.end
        if words.code.co_exceptiontable[-1] & _CONTINUED:
            raise invalid_code_error(
                words.code, 0, "its exception table ends in the middle of an entry"
            )
        found: list[_Entry] = []
        units = words.units
        for start, length, unit, depth in exception_table(words.code):
            target = bisect_left(units, unit)
            if start + length > end or not words.starts(unit) or target == len(units):
                raise invalid_code_error(
                    words.code, 0, "its exception table is about code that is not there"
                )
            first, after = bisect_left(units, start), bisect_left(units, start + length)
            found.append((first, after, target, depth >> 1, bool(depth & 1)))
        return found

    def _check_attached(self) -> None:
        """Check words that become no instruction of their own, but are attached to another."""
        words, heights = self._words, self.heights
        attributes = sum(map(len, self.function_attributes.values()))
        for unit in words.unattached(len(self.keyword_names), attributes):
            index = words.at(unit)
            if index < len(heights) and heights[index] >= 0:
                name = opcode.opname[words.code.co_code[2 * unit]]
                what = f"{name} at offset {2 * unit} belongs to no instruction"
                raise invalid_code_error(words.code, unit, what)

    def _check_endless(self) -> None:
        """Check jumps to themselves: a signal may end one, but not if it does not look for any."""
        heights, ops = self.heights, self._words.ops
        for index, target in self.targets.items():
            if index == target and ops[index] in JUMPS:
                if ops[index] == _UNINTERRUPTED:
                    raise self._refusal(index, "it jumps to itself, and nothing could interrupt it")
                # The compiler leaves nothing behind ``while True: pass`` that is not come to.
                if heights[index + 1 : index + 2] == [-1]:
                    raise self._refusal(index, "it jumps to itself, never to what is behind it")

    def _refusal(self, index: int, what: str) -> UnsupportedCodeError:
        """Return the error about an instruction."""
        words = self._words
        name = opcode.opname[words.ops[index]]
        unit = words.units[index]
        return invalid_code_error(words.code, unit, f"{name} at offset {2 * unit}: {what}")
