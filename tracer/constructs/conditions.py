"""The conditions of a code object: operands of ``and``, ``or`` and ``not`` put together again.

A condition becomes several conditional jumps, one after each operand. Operands belong to one
condition if they lead to the same two exits or to each other, and if their places allow that they
are of one expression.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

import attrs

from .wordcode import (
    BACKWARD,
    CONDITIONAL,
    COPY,
    ENDS,
    FORWARD,
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
_COMPARISONS: Final = numbers("COMPARE_OP", "IS_OP", "CONTAINS_OP")
_EQUALITIES: Final = numbers("COMPARE_OP", "IS_OP")
_UNPACKS: Final = numbers("UNPACK_SEQUENCE", "UNPACK_EX")
_POP_TOP: Final = number("POP_TOP")
_STORES: Final = named("STORE_")
_BOUND: Final = numbers("FOR_ITER", "GET_ANEXT", "SEND")
_STORE_LOAD: Final = number("STORE_FAST_LOAD_FAST")
# 3.13: two instructions in one, with the place of the first.
_DOUBLE: Final = numbers("LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST") | numbers(
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW"
)
# Jumps after these test no expression.
_OWN: Final = numbers("CHECK_EXC_MATCH", "FOR_ITER", "WITH_EXCEPT_START")
_STRUCTURES: Final = numbers("MATCH_MAPPING", "MATCH_SEQUENCE")
_GROUPS: Final = numbers("CHECK_EG_MATCH", "PREP_RERAISE_STAR", "CALL_INTRINSIC_2")
_TEST_NONE: Final = named("POP_JUMP_", "_NONE")
_AWAITING: Final = numbers(
    "CLEANUP_THROW",
    "END_SEND",
    "GET_AWAITABLE",
    "LOAD_CONST",
    "JUMP_BACKWARD_NO_INTERRUPT",
    "RESUME",
    "YIELD_VALUE",
    "SEND",
)
_WITH_EXCEPT_START: Final = number("WITH_EXCEPT_START")
_IF_NOT_NONE: Final = named(suffix="_IF_NOT_NONE")
_IF_TRUE: Final = named(suffix="_IF_TRUE") | _IF_NOT_NONE
# From 3.13 on a jump to a jump is replaced by a new one, which has the place of the second.
_JUMPS_MOVE: Final = sys.version_info >= (3, 13)
# Before, a jump has the place of the statement or of what was compiled last.
_JUMPS_AT_OPERAND: Final = sys.version_info >= (3, 12)


# How many instructions of two exits are compared.
_EXIT_SIZE: Final = 16


@attrs.frozen(eq=False)
class Condition:
    """Operands that decide together between two exits.

    Attributes:
        start: Where the evaluation of the first operand begins.
        last: The last jump.
        starts: Where that of each begins.
        jumps: All jumps.
        place: Of the operand that is first in the source.
        line: Its line.
        after: Where control goes on if the last jump is not taken.
        exits: Where it gets to then, and where if it is, by jumps alone.
        target: Where the last jump goes.
        choices: The tests of conditional expressions among the operands.
    """

    start: int
    last: int
    starts: frozenset[int]
    jumps: tuple[int, ...]
    place: Place | None
    line: int | None
    after: int
    exits: tuple[int, int]
    target: int
    choices: tuple[Condition, ...] = ()


class Conditions:
    """Finds the conditions of a code object.

    Attributes:
        found: The conditions, in the order of the code.
        patterns: The jumps of patterns, with their places.
        columns: The first column that has code, for each line.

    Example:
        >>> def f(a, b, c): return a if b and not c else 0
        >>> len(Conditions(Wordcode(f.__code__), {}).found)
        1
    """

    def __init__(self, words: Wordcode, asserts: dict[int, Place | None]) -> None:
        """Find the conditions.

        Args:
            words: The instructions.
            asserts: Those which begin to raise an AssertionError, with their places.
        """
        self._words = words
        self._asserts = asserts
        self.patterns: dict[int, Place | None] = {}
        self.columns: dict[int, int] = {}
        for place in words.places:
            if place is not None:
                self.columns[place[0]] = min(place[1], self.columns.get(place[0], place[1]))
        self._tested: dict[int, Place | None] = {}
        self._at: dict[int, list[Condition]] = {}
        self._values: set[int] = set()
        self._repeated: set[Place | None] = set()
        self._looping: set[Place | None] = set()
        self._unplaced: set[int] = set()
        self.found: list[Condition] = []
        self._find()

    def _find(self) -> None:
        words = self._words
        if KEEPING:
            # 3.11: in a value, a jump to a jump of the opposite sense goes to what follows that.
            for index in reversed(range(len(words.ops))):
                before = words.targets[index] - 1
                if (
                    words.ops[index] in CONDITIONAL
                    and before > index
                    and (words.ops[before] in KEEPING or before in self._values)
                ):
                    self._values.add(index)
        operands = [
            self._operand(index)
            for index, op in enumerate(self._words.ops)
            if op in CONDITIONAL and not self._is_internal(index)
        ]
        tested = list(self._tested.values())
        self._looping = {
            self._tested[operand.last]
            for operand in operands
            if operand.target < operand.last and self._words.ops[operand.target] not in _BOUND
        }
        self._repeated = {place for place in tested if tested.count(place) > 1}
        begun = {place[:2] for place in tested if place is not None}
        self._unplaced = {
            index
            for index, place in self._asserts.items()
            if place is not None and place[:2] in begun
        }
        for operand in reversed(operands):
            self._add(self._grown(operand))
        for start in sorted(self._at):
            while any(self._chosen(condition) for condition in tuple(self._at[start])):
                pass
        self.found = [each for start in sorted(self._at) for each in self._at[start]]

    def _add(self, condition: Condition) -> None:
        self._at.setdefault(condition.start, []).append(condition)

    def _is_internal(self, jump: int) -> bool:  # noqa: PLR0912 - one branch for each kind
        """Tell whether a jump is part of a pattern, a value, an ``except`` or a ``with``."""
        ops, args, places = self._words.ops, self._words.args, self._words.places
        before = jump - 1
        if before >= 0 and ops[before] == _TO_BOOL:
            before -= 1
        if before < 0:
            return True
        op = ops[before]
        awaited = before
        while ops[awaited] in _AWAITING and awaited:
            awaited -= 1
        if ops[awaited] == _WITH_EXCEPT_START:  # async with awaits what it tests
            return True
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
            # 3.14 tests whether all, any and tuple are still the builtins.
            if ops[before - 1] == _COMMON and op not in numbers("CONTAINS_OP"):
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
        """Tell whether a jump is that of ``case None`` as the only or last case."""
        words = self._words
        inverted = self._ways(jump)[0] != jump + 1
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

    def _operand(self, jump: int) -> Condition:
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
                # In a handler, a comprehension jumps over its own handler.
                while index and places[index] is None:
                    index -= 1
                if places[index + 1] is not None or ops[index] not in FORWARD:
                    break
                if not within(places[index], place):
                    break
            start = index
        self._tested[jump] = place
        after, target = self._ways(jump)
        return Condition(
            start,
            jump,
            frozenset((start,)),
            (jump,),
            place,
            place[0] if place else words.lines[before],
            after,
            (self._settled(after, jump), self._settled(target, jump)),
            target,
        )

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

    def _ways(self, jump: int) -> tuple[int, int]:
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

    def _grown(self, condition: Condition) -> Condition:
        """Return a condition joined with those that follow it in the same and/or."""
        while condition.exits[0] != condition.exits[1]:
            # What follows an operand but the last is the next operand.
            after, other = condition.exits
            followers = tuple(self._at.get(after, ()))
            for follower in followers:
                if self._goes_on(condition, other, follower):
                    self._at[follower.start].remove(follower)
                    condition = _joined(condition, follower)
                    break
            else:
                if any(_precedes(follower, condition) for follower in followers):
                    break
                # The next operand may first have to become a conditional expression.
                if not any(self._chosen(follower) for follower in followers):
                    break
        return condition

    def _goes_on(self, first: Condition, other: int, second: Condition) -> bool:
        return self._leads_into(first, other, second) and self._same_expression(first, second)

    def _leads_into(self, first: Condition, exit_: int, second: Condition) -> bool:
        return exit_ in second.starts or any(
            self._alike(exit_, first, known, second) for known in second.exits
        )

    def _chosen(self, test: Condition) -> bool:
        """Join ``a if test else b`` where that is (part of) a condition; tell whether it is."""
        for yes in self._at.get(test.exits[0], ()):
            for no in self._at.get(test.exits[1], ()):
                if not (_precedes(yes, test) and test.last < yes.start < no.start):
                    continue
                if all(self._leads_into(yes, exit_, no) for exit_ in yes.exits):
                    for part in (test, yes, no):
                        self._at[part.start].remove(part)
                    whole = _joined(_joined(test, yes), no)
                    self._add(attrs.evolve(whole, choices=(*whole.choices, test)))
                    return True
                if self._chosen(yes) or self._chosen(no):
                    return self._chosen(test)
        return False

    def _alike(self, one: int, of: Condition, other: int, its: Condition) -> bool:
        """Tell whether two exits are the same, or were before the compiler copied them."""
        words = self._words
        own = {None, *self._places_of(of), *self._places_of(its)}
        for _ in range(_EXIT_SIZE):
            one, other = self._past_nops(one, own), self._past_nops(other, own)
            if one == other:
                return True
            if max(one, other) >= len(words.ops):
                return False
            if (words.ops[one], words.args[one]) != (words.ops[other], words.args[other]):
                return False
            if words.places[one] != words.places[other] and not (
                self._is_placeless(one, own) and self._is_placeless(other, own)
            ):
                return False
            if words.ops[one] in ENDS:
                return True
            one, other = one + 1, other + 1
        return False

    def _is_placeless(self, index: int, own: set[Place | None]) -> bool:
        """Tell whether an instruction may have had no place before the compiler copied it.

        It got that of the jump to it; or that of what follows, for the POP_TOP of a subject.
        """
        places = self._words.places
        return places[index] in own or (
            self._words.ops[index] == _POP_TOP
            and places[index : index + 1] == places[index + 1 : index + 2]
        )

    def _past_nops(self, index: int, own: set[Place | None]) -> int:
        words = self._words
        while index < len(words.ops) and words.ops[index] == NOP and words.places[index] in own:
            index += 1
        return index

    def _places_of(self, condition: Condition) -> Iterable[Place | None]:
        for jump in condition.jumps:
            yield self._words.places[jump]
            yield self._words.places[jump - 1]

    def in_assert(self, condition: Condition) -> bool:
        """Tell whether a condition is in an ``assert``."""
        if self._is_unplaced_assert(condition):
            return True
        return any(
            within(condition.place, place)
            for index, place in self._asserts.items()
            if index not in self._unplaced
        )

    def _is_unplaced_assert(self, condition: Condition) -> bool:
        # 3.11: after a comparison nothing has the place of the statement.
        return any(exit_ in self._unplaced for exit_ in condition.exits)

    def _same_expression(self, first: Condition, second: Condition) -> bool:
        one, two = first.place, second.place
        if one is None or two is None:
            return first.line == second.line
        if two[:2] < one[:2]:
            return False
        if self.in_assert(first) != self.in_assert(second):
            return self._is_unplaced_assert(second) and not self._is_left_of_assert(first, one, two)
        end = self._words.places[first.last - 1] or one
        return two[0] <= max(one[2], end[2]) or self._may_go_on(one, two, first, second)

    def _is_left_of_assert(self, first: Condition, one: Place, two: Place) -> bool:
        # 3.11: a jump may have the place of its statement, which is an `if` then.
        statement = self._words.places[first.jumps[0]]
        if two[0] > one[2]:
            negated = len("not (") if self._words.ops[first.last] in _IF_TRUE else 0
            return two[1] - one[1] + negated > len("and ")
        return (
            statement is not None
            and statement[0] == one[0]
            and 0 < one[1] - statement[1] < len("assert ")
        )

    def _may_go_on(self, one: Place, two: Place, first: Condition, second: Condition) -> bool:
        """Guess whether an operand on a later line is of the same condition.

        A condition over two lines and an `if` in an `if` may be the very same code object; only
        the usual layout of the source tells them apart.
        """
        words = self._words
        negated = [
            len("not (") if words.ops[each.last] in _IF_TRUE else 0 for each in (first, second)
        ]
        if one not in self._repeated and self._is_looping(second):
            return False
        if not self._alike(first.exits[1], first, second.exits[1], second):
            return True
        column = two[1] - negated[1]
        if self.is_after(first.start, one):
            return column >= one[1]
        body = words.places[second.exits[0]] if second.exits[0] < len(words.ops) else None
        if body is None or body[0] <= two[0]:
            return False
        if two[1] == self.columns[one[0]]:
            return True
        # An operand on a line of its own is further in than the body, by `and` or `or`.
        return self.columns[body[0]] < column - len("or")

    def _is_looping(self, condition: Condition) -> bool:
        """Tell whether a condition is the beginning of the test of a `while`."""
        words = self._words
        if any(
            words.ops[source] in JUMPS & BACKWARD
            for source in words.sources.get(condition.start, ())
        ):
            return True
        return any(self._tested[jump] in self._looping for jump in condition.jumps)

    def is_after(self, start: int, place: Place) -> bool:
        """Tell whether control gets to a condition from the left on its own line.

        No statement with a condition follows anything on a line, so it is a guard, or else part
        of an expression. The place of a code object's start is no place.
        """
        before = self.place_before(start)
        return (
            before is not None
            and before[2] == place[0]
            and before[3] > 0
            and before[2:] <= place[:2]
        )

    def place_before(self, start: int) -> Place | None:
        """Return the place of the instruction that control comes from without a jump."""
        words = self._words
        if words.ops[start] == _STORE_LOAD:
            return words.places[start]
        if not start:
            return None
        before = start - 1
        if words.ops[before] in ENDS:
            skipped = [
                source
                for source in words.sources.get(start, ())
                if words.ops[source] in CONDITIONAL and self._ways(source)[0] == start
            ]
            if not skipped:
                return None
            before = skipped[0]
        return self.patterns.get(before) or words.places[before]


def _precedes(one: Condition, other: Condition) -> bool:
    return one.place is not None and other.place is not None and one.place[:2] < other.place[:2]


def _joined(first: Condition, second: Condition) -> Condition:
    leftmost = second if _precedes(second, first) else first
    return Condition(
        first.start,
        second.last,
        first.starts | second.starts,
        first.jumps + second.jumps,
        leftmost.place,
        leftmost.line,
        second.after,
        second.exits,
        second.target,
        first.choices + second.choices,
    )


def _begins(one: Place | None, other: Place | None) -> bool:
    return one is not None and other is not None and one[:2] == other[:2] and within(one, other)
