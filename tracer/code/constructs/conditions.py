"""The conditions of a code object: operands of ``and``, ``or`` and ``not`` put together again.

A condition becomes several conditional jumps, one after each operand. Operands belong to one
condition if they lead to the same two exits or to each other, and if their places allow that they
are of one expression.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from ..wordcode import (
    BACKWARD,
    CONDITIONAL,
    ENDS,
    JUMPS,
    NOP,
    Place,
    Wordcode,
    named,
    number,
    numbers,
    within,
)
from .operands import Condition, Operands

_POP_TOP: Final = number("POP_TOP")
_BOUND: Final = numbers("FOR_ITER", "GET_ANEXT", "SEND")
_STORE_LOAD: Final = number("STORE_FAST_LOAD_FAST")
_IF_TRUE: Final = named(suffix="_IF_TRUE") | named(suffix="_IF_NOT_NONE")


# How many instructions of two exits are compared.
_EXIT_SIZE: Final = 16


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
        self._operands = Operands(words)
        self.patterns = self._operands.patterns
        self.columns = self._operands.columns
        self._at: dict[int, list[Condition]] = {}
        self._repeated: set[Place | None] = set()
        self._looping: set[Place | None] = set()
        self._unplaced: set[int] = set()
        self.found: list[Condition] = []
        self._find()

    def _find(self) -> None:
        operands = self._operands.found
        tested = list(self._operands.tested.values())
        self._looping = {
            self._operands.tested[operand.last]
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
        return any(self._operands.tested[jump] in self._looping for jump in condition.jumps)

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
                if words.ops[source] in CONDITIONAL and self._operands.ways(source)[0] == start
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
