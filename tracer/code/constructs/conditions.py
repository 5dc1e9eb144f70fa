"""The operands of the conditions of a code object, which its conditional jumps test.

Jumps that are part of a pattern, a value, an ``except`` or a ``with`` test no operand.
"""

from __future__ import annotations

import sys
from typing import Final

import attrs

from ..wordcode import (
    BACKWARD,
    CONDITIONAL,
    COPY,
    JUMPS,
    KEEPING,
    NOP,
    SWAP,
    Place,
    Wordcode,
    named,
    number,
    numbers,
    within,
)

_TO_BOOL: Final = number("TO_BOOL")
_GET_LEN: Final = number("GET_LEN")
_COMMON: Final = number("LOAD_COMMON_CONSTANT")
#: The opargs of the builtins among the common constants: see ``opcodes/stack.py``.
_BUILTINS: Final = range(2, 7)
_IS: Final = number("IS_OP")
_COMPARISONS: Final = numbers("COMPARE_OP", "IS_OP", "CONTAINS_OP")
_EQUALITIES: Final = numbers("COMPARE_OP", "IS_OP")
_UNPACKS: Final = numbers("UNPACK_SEQUENCE", "UNPACK_EX")
_STORES: Final = named("STORE_")
# 3.13: two instructions in one, with the place of the first.
_DOUBLE: Final = numbers("LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST") | numbers(
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW"
)
# Jumps after these test no expression.
_OWN: Final = numbers("CHECK_EXC_MATCH", "FOR_ITER", "WITH_EXCEPT_START")
_STRUCTURES: Final = numbers("MATCH_MAPPING", "MATCH_SEQUENCE")
_GROUPS: Final = numbers("CHECK_EG_MATCH", "PREP_RERAISE_STAR", "CALL_INTRINSIC_2")
_TEST_NONE: Final = named("POP_JUMP_", "_NONE")
_IF_NOT_NONE: Final = named(suffix="_IF_NOT_NONE")
# From 3.13 on a jump to a jump is replaced by a new one, which has the place of the second.
_JUMPS_MOVE: Final = sys.version_info >= (3, 13)
# Before, a jump has the place of the statement or of what was compiled last.
_JUMPS_AT_OPERAND: Final = sys.version_info >= (3, 12)


@attrs.frozen(eq=False)
class Operand:
    """The test of one conditional jump: a condition, or a part of one next to ``and``, ``or``.

    Attributes:
        start: Where its evaluation begins.
        jump: The jump.
        place: Where it is in the source.
        line: Its line.
        after: Where control goes on if the jump is not taken.
        target: Where it goes on if it is.
        exits: Where it gets to in these two cases, by jumps alone.
    """

    start: int
    jump: int
    place: Place | None
    line: int | None
    after: int
    target: int
    exits: tuple[int, int]


class Operands:
    """Finds the operands that conditional jumps test.

    Attributes:
        found: The operands, in the order of the code.
        patterns: The jumps of patterns, with their places.
        columns: The first column that has code, for each line.

    Example:
        >>> def f(a, b, c): return a if b and not c else 0
        >>> len(Operands(Wordcode(f.__code__)).found)
        2
    """

    def __init__(self, words: Wordcode) -> None:
        """Find the operands of a code object, given its instructions."""
        self._words = words
        self.patterns: dict[int, Place | None] = {}
        self.columns: dict[int, int] = {}
        for place in words.places:
            if place is not None:
                self.columns[place[0]] = min(place[1], self.columns.get(place[0], place[1]))
        self._tested: dict[int, Place | None] = {}
        self._values = self._jumps_of_values() if KEEPING else set[int]()
        self.found = [
            self._operand(index)
            for index, op in enumerate(words.ops)
            if op in CONDITIONAL and not self._is_internal(index)
        ]

    def _jumps_of_values(self) -> set[int]:
        # 3.11: in a value, a jump to a jump of the opposite sense goes to what follows that.
        words, values = self._words, set[int]()
        for index in reversed(range(len(words.ops))):
            before = words.targets[index] - 1
            if (
                words.ops[index] in CONDITIONAL
                and before > index
                and (words.ops[before] in KEEPING or before in values)
            ):
                values.add(index)
        return values

    def _is_internal(self, jump: int) -> bool:
        """Tell whether a jump is part of a pattern, a value, an ``except`` or a ``with``."""
        ops, args, places = self._words.ops, self._words.args, self._words.places
        before = jump - 1
        if before >= 0 and ops[before] == _TO_BOOL:
            before -= 1
        if before < 0:
            return True
        op = ops[before]
        if op in _OWN or op in _STRUCTURES:
            if op in _STRUCTURES:
                self.patterns[jump] = places[before]
            return True
        if op == COPY and args[before] == 1:
            # It keeps the value of and/or, a subject, or the exceptions of except*.
            if ops[jump] in _TEST_NONE and ops[before - 1] not in _GROUPS:
                self.patterns[jump] = places[before]
            return True
        if ops[jump] in _TEST_NONE:
            if self._is_none_pattern(jump, before):
                self.patterns[jump] = places[jump]
                return True
        elif op in _COMPARISONS and before >= 2:
            if ops[before - 1] == COPY and args[before - 1] == 2 and ops[before - 2] == SWAP:
                return True
            # 3.14 tests whether all, any and tuple are still the builtins, 3.15 list and set, too.
            if ops[before - 1] == _COMMON and args[before - 1] in _BUILTINS and op == _IS:
                return True
            if ops[before - 2] == _GET_LEN or self._is_value_pattern(before):
                self.patterns[jump] = places[before]
                return True
        return jump in self._values

    def _is_value_pattern(self, comparison: int) -> bool:
        words = self._words
        if words.ops[comparison] not in _EQUALITIES:
            return False
        place, value = words.places[comparison], words.places[comparison - 1]
        if place is not None and value is not None:
            # A comparison covers its left operand, a pattern does not cover the subject.
            return place == value
        left = words.ops[comparison - 2]
        if (left == COPY and words.args[comparison - 2] == 1) or left in _UNPACKS:
            return True
        lines = words.lines
        return (
            lines[comparison] is not None
            and lines[comparison] == lines[comparison - 1]
            and lines[comparison - 2] is not None
            and lines[comparison - 2] != lines[comparison]
        )

    def _is_none_pattern(self, jump: int, before: int) -> bool:
        """Tell whether a jump tests for ``case None`` as the only or last case."""
        words = self._words
        inverted = self.ways(jump)[0] != jump + 1
        if (words.ops[jump] in _IF_NOT_NONE) == inverted:
            return False
        place, value = words.places[jump], words.places[before]
        if place is None or value is None:
            lines = words.lines
            return None not in (lines[jump], lines[before]) and lines[before] != lines[jump]
        if words.ops[before] == SWAP:  # the rest of what a pattern unpacked
            return True
        # The subject begins its line, so it is not loaded together with anything.
        if words.ops[before] in _DOUBLE or (place != value and within(value, place)):
            return False
        if place != value and within(place, value):
            return True
        if not _JUMPS_AT_OPERAND:
            return place[:2] >= value[2:]
        if not _JUMPS_MOVE:
            return place != value
        moved = any(
            words.places[index] == place
            for index in range(jump + 1, len(words.ops))
            if words.ops[index] in JUMPS
        )
        if place != value and not moved and place[:2] >= value[2:]:
            return True
        # Only the layout is left: `match x:` and a case take two lines and `if x is None:` one,
        # and the word `match` is of odd length, `if`, `elif` and `while` are not.
        body = words.places[jump + 1] if jump + 1 < len(words.ops) else None
        return (
            body is not None
            and body[0] >= value[0] + 2
            and (self.columns[body[0]] - value[1]) % 2 == 0
        )

    def _operand(self, jump: int) -> Operand:
        words = self._words
        ops, places = words.ops, words.places
        before = jump - 1
        place = places[before]
        if ops[before] != _TO_BOOL:
            if (
                _JUMPS_AT_OPERAND
                and (
                    within(place, places[jump])
                    or (ops[before] in _DOUBLE and words.lines[before] == words.lines[jump])
                )
            ) or (ops[jump] in _TEST_NONE and _begins(place, places[jump])):
                place = places[jump]
            elif ops[before] in _STORES and ops[before - 1] == COPY:  # (name := value)
                place = places[before - 1]
        start = before
        while start > 0:
            index = start - 1
            if index in self._tested and self._tested[index] == place:
                break
            if place is None:
                if ops[index] in CONDITIONAL or words.lines[index] != words.lines[before]:
                    break
            elif not within(places[index], place):
                break
            start = index
        self._tested[jump] = place
        after, target = self.ways(jump)
        exits = self._settled(after, jump), self._settled(target, jump)
        line = place[0] if place else words.lines[before]
        return Operand(start, jump, place, line, after, target, exits)

    def _settled(self, index: int, jump: int) -> int:
        """Follow jumps, but not those that are statements: ``break`` and ``continue``."""
        words = self._words
        own = {None, self._tested[jump], words.places[jump], words.places[jump - 1]}
        for _ in words.ops:
            if index >= len(words.ops):
                break
            op = words.ops[index]
            if op in JUMPS and words.targets[index] >= 0 and words.places[index] in own:
                index = words.targets[index]
            elif op == NOP and words.lines[index] is None:
                index += 1
            else:
                break
        return index

    def ways(self, jump: int) -> tuple[int, int]:
        """Return where control goes on if a jump is not taken, and if it is."""
        words = self._words
        after, target = jump + 1, words.targets[jump]
        if target < 0:
            return after, after
        # From 3.12 on conditional jumps only go forward, if need be over a jump back.
        if (
            after + 1 == target
            and words.ops[after] in BACKWARD
            and words.places[after] == words.places[jump]
        ):
            return target, words.targets[after]
        return after, target


def _begins(one: Place | None, other: Place | None) -> bool:
    return one is not None and other is not None and one[:2] == other[:2] and within(one, other)
