"""The first condition of a code object and its endless loops, as constructs of its source."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from typing import Final

from ..wordcode import (
    BACKWARD,
    ENDS,
    FORWARD,
    JUMPS,
    NOP,
    Place,
    Wordcode,
    named,
    number,
    numbers,
    within,
)
from .conditions import Operand, Operands
from .loops import loops

_POP_TOP: Final = number("POP_TOP")
_RETURN_CONST: Final = number("RETURN_CONST")
_STORE_LOAD: Final = number("STORE_FAST_LOAD_FAST")
_STORES: Final = named("STORE_")
_PUSHES: Final = named("LOAD_") | named("BUILD_") | numbers("PUSH_NULL")
_LOOPS: Final = numbers("FOR_ITER", "SEND")
_IF_TRUE: Final = named(suffix="_IF_TRUE") | named(suffix="_IF_NOT_NONE")

#: How many operands of a condition are looked at to tell what it is.
_LONG: Final = 64

#: Name, and where in the source: line and column.
Sighting = tuple[str, int | None, int | None]


class Branches:
    """Tells the constructs of jumps.

    Each operand of a condition is looked at alone: the first one in the source tells the construct
    and its place, so that what is said of the others need not be right.

    Example:
        >>> def f(a, b, c):
        ...     a = b if b and c else a
        >>> [name for name, *_ in Branches(Wordcode(f.__code__), {}).sightings()]
        ['IfExp']
    """

    def __init__(self, words: Wordcode, asserts: dict[int, Place | None]) -> None:
        """Find the operands.

        Args:
            words: The instructions.
            asserts: Those which begin to raise an AssertionError, with their places.
        """
        self._words = words
        self._asserts = asserts
        self._operands = operands = Operands(words)
        self._patterns = operands.patterns
        self._columns = operands.columns
        self._found = operands.found
        self._starting: dict[int, list[Operand]] = {}
        self._leading: dict[int, list[Operand]] = {}
        for operand in self._found:
            self._starting.setdefault(operand.start, []).append(operand)
            self._leading.setdefault(operand.exits[0], []).append(operand)
        # 3.11: after a comparison nothing has the place of the statement.
        begun = {operand.place[:2] for operand in self._found if operand.place is not None}
        self._unplaced = {at for at, place in asserts.items() if place and place[:2] in begun}
        placed = (place for at, place in asserts.items() if at not in self._unplaced)
        self._placed = sorted(filter(None, placed))
        self._guards: dict[int, bool] = {}
        # The line of the pattern: for its jumps, and for where its failed guard goes.
        self._cases = {jump: place[0] for jump, place in self._patterns.items() if place}
        self._failed: dict[int, int] = {}
        self._passed: set[int] = set()

    def sightings(self) -> Iterator[Sighting]:
        """Yield the first condition in the source that is a construct, and endless loops."""
        whiles: set[Place | None] = set(self._repeated())
        yield from self._endless(whiles)
        for operand in sorted(self._found, key=_in_source):
            name = "IfExp"
            if not self._is_choice(operand):
                name = "While" if operand.place in whiles else "If"
                if name == "If" and (self._in_assert(operand) or self._is_guard(operand)):
                    continue
            yield name, operand.line, operand.place[1] if operand.place else None
            return

    def _chain(self, operand: Operand) -> Iterator[Operand]:
        """Yield an operand and those next to it that control gets to without a jump."""
        pending, seen = [operand], {operand.jump}
        while pending and len(seen) < _LONG:
            each = pending.pop()
            yield each
            following = self._starting.get(each.exits[0], ())
            pending += [each for each in following if each.jump not in seen]
            seen.update(each.jump for each in following)

    def _is_choice(self, operand: Operand) -> bool:
        """Tell whether an operand is of a conditional expression: its first branch precedes it."""
        place = operand.place
        return place is not None and any(
            self._chooses_before(each, place) for each in self._chain(operand)
        )

    def _chooses_before(self, operand: Operand, place: Place) -> bool:
        words, jump = self._words, operand.jump
        yes = operand.after
        own = {None, words.places[jump], words.places[jump - 1]}
        while (
            yes < len(words.ops)
            and words.ops[yes] in FORWARD
            and words.targets[yes] >= 0
            and words.places[yes] in own
        ):
            yes = words.targets[yes]
        if yes >= len(words.ops) or yes in self._asserts or yes == operand.exits[1]:
            return False
        chosen = words.places[yes]
        if chosen is None or chosen[:2] >= place[:2]:
            return False
        # What is around the condition is a return: of its value, if it is one instruction.
        returned = within(place, chosen)
        return words.ops[yes] == _RETURN_CONST if returned else words.ops[yes] in _PUSHES

    def _in_assert(self, operand: Operand) -> bool:
        before = bisect(self._placed, operand.place) if operand.place else 0
        if before and within(operand.place, self._placed[before - 1]):
            return True
        return self._fails(operand)

    def _fails(self, operand: Operand) -> bool:
        """Tell whether a condition leads to the error of an ``assert`` that has no place."""
        ends = self._unplaced if operand.place else self._asserts.keys()
        pending, seen = [operand], {operand.jump}
        for each in pending if ends else ():
            if not ends.isdisjoint(each.exits):
                return True
            for following in self._starting.get(each.exits[0], ()):
                if following.jump not in seen and self._is_same_assert(each, following):
                    seen.add(following.jump)
                    pending.append(following)
        return False

    def _is_same_assert(self, first: Operand, second: Operand) -> bool:
        one, two = first.place, second.place
        if one is None or two is None:
            return first.line == second.line and self._leads_into(first, second)
        if two[:2] < one[:2]:  # the first branch of a conditional expression
            return True
        if not self._leads_into(first, second):
            return False
        # 3.11: a jump may have the place of its statement, which is an `if` then.
        statement = self._words.places[first.jump]
        if two[0] > one[2]:
            return two[1] - one[1] + self._negation(first) <= len("and ")
        return (
            statement is None
            or statement[0] != one[0]
            or not 0 < one[1] - statement[1] < len("assert ")
        )

    def _leads_into(self, first: Operand, second: Operand) -> bool:
        """Tell whether the first operand jumps where the second, or one next to it, may go, too."""
        return any(
            self._alike(first.exits[1], way)
            for each in self._chain(second)
            for way in (each.start, *each.exits)
        )

    def _alike(self, one: int, other: int) -> bool:
        """Tell whether two ways are the same, or were before the compiler copied them."""
        words = self._words
        while one != other:
            if max(one, other) >= len(words.ops):
                return False
            if (words.ops[one], words.args[one]) != (words.ops[other], words.args[other]):
                return False
            if words.ops[one] in ENDS:
                return True
            one, other = one + 1, other + 1
        return True

    def _negation(self, operand: Operand) -> int:
        return len("not (") if self._words.ops[operand.jump] in _IF_TRUE else 0

    def _is_guard(self, operand: Operand) -> bool:
        jump, start = operand.jump, operand.start
        # The first branch of a conditional expression is left of its test.
        place = min((each.place for each in self._chain(operand) if each.place), default=None)
        if jump not in self._guards:
            self._guards[jump] = (
                self._may_be_guard(operand)
                if place is None
                else self._is_after(start, place)
                or any(self._drops_subject(each, place) for each in self._chain(operand))
                or self._is_below_pattern(operand, place)
                or self._is_last_guard(start, place)
            ) or any(
                self._goes_on(before, operand) and self._is_guard(before)
                for before in self._leading.get(start, ())
                if before.jump < start
            )
            if self._guards[jump] and place is not None:
                before = self._words.lines[start - 1]
                for exit_ in {operand.target, operand.exits[1]}:
                    self._failed.setdefault(exit_, before if before is not None else place[0])
                self._passed |= {operand.after, operand.exits[0]}
        return self._guards[jump]

    def _goes_on(self, first: Operand, second: Operand) -> bool:
        """Guess whether an operand is of the same condition as the one before it.

        A condition over two lines and an `if` in an `if` may be the very same code object; only
        the usual layout of the source tells them apart.
        """
        one, two = first.place, second.place
        if one is None or two is None:
            return first.line == second.line
        end = self._words.places[first.jump - 1] or one
        if two[:2] < one[:2] or two[0] <= max(one[2], end[2]):
            return True
        # An operand on a line of its own is further in than the body, by `and` or `or`.
        column = two[1] - self._negation(second) - len("or")
        return two[1] == self._columns[one[0]] or any(
            self._body_column(each, two) < column for each in self._chain(second)
        )

    def _body_column(self, operand: Operand, place: Place) -> float:
        """Return the column that an operand leads to on a line below, or infinity."""
        body, no = operand.exits
        at = self._words.places[body] if body < len(self._words.ops) and body != no else None
        return float("inf") if at is None or at[0] <= place[0] else self._columns[at[0]]

    def _may_be_guard(self, operand: Operand) -> bool:
        words, before = self._words, operand.start - 1
        return (
            before >= 0
            and words.lines[before] == operand.line
            and (
                before in self._patterns
                or (operand.line is not None and words.ops[before] in _STORES | {_POP_TOP})
            )
        )

    def _is_after(self, start: int, place: Place) -> bool:
        """Tell whether control gets to a condition from the left on its own line.

        No statement with a condition follows anything on a line, so it is a guard, or else part
        of an expression. The place of a code object's start is no place.
        """
        before = self._place_before(start)
        return (
            before is not None
            and before[2] == place[0]
            and before[3] > 0
            and before[2:] <= place[:2]
        )

    def _place_before(self, start: int) -> Place | None:
        """Return the place of the instruction that control comes from without a jump."""
        words = self._words
        if words.ops[start] == _STORE_LOAD:
            return words.places[start]
        if not start:
            return None
        before = start - 1
        if words.ops[before] in ENDS:
            return None
        return self._patterns.get(before) or words.places[before]

    def _drops_subject(self, operand: Operand, place: Place) -> bool:
        """Tell whether a pattern's subject is popped next: so it goes after all but last guards."""
        words, after = self._words, operand.after
        popped = words.places[after] if after < len(words.ops) else None
        return popped is not None and words.ops[after] == _POP_TOP and popped[:2] < place[:2]

    def _is_below_pattern(self, operand: Operand, place: Place) -> bool:
        """Tell whether a last case's guard in parentheses starts on the line below."""
        pattern = self._patterns.get(operand.start - 1)
        if pattern is None or place[1] >= self._columns[pattern[0]]:
            return False
        # An `if` in the case would be further in.
        return any(self._body_column(each, place) <= place[1] for each in self._chain(operand))

    def _is_last_guard(self, start: int, place: Place) -> bool:
        """Tell whether a condition is a ``case _ if ...:``, which leaves no other trace.

        All other patterns fail to it, and it is further right than an `if` could be.
        """
        words = self._words
        lines: list[int] = []
        first = start
        if any(source > start for source in words.sources.get(start, ())):
            return False
        while True:
            if first in self._failed and first not in self._passed:
                lines.append(self._failed[first])
            for source in words.sources.get(first, ()):
                line = self._cases.get(source)
                if line is None and words.ops[source] in JUMPS and self._pops_subject(source - 1):
                    line = words.lines[source - 1]
                if line is not None:
                    lines.append(line)
            if first == 0 or words.ops[first - 1] != _POP_TOP:
                break
            first -= 1
        lines = [line for line in lines if line in self._columns]
        if not lines or min(lines) >= place[0]:
            return False
        # Parentheses around a pattern are not in its place.
        return place[1] > self._columns[min(lines)] + 3

    def _pops_subject(self, index: int) -> bool:
        """Tell whether an instruction drops the subject of a pattern of alternatives."""
        words = self._words
        place = words.places[index]
        return words.ops[index] == _POP_TOP and any(
            pattern is not None
            and place is not None
            and pattern[0] == place[0]
            and within(pattern, place)
            for pattern in self._patterns.values()
        )

    def _endless(self, whiles: set[Place | None]) -> Iterator[Sighting]:
        """Yield the loops that test nothing; add to ``whiles`` those that test at the start."""
        words = self._words
        # Up to 3.13 a loop's second test jumps back to the body.
        bodies = {each.target for each in self._found if each.place in whiles}
        heads: dict[int, list[int]] = {}
        for index, op in enumerate(words.ops):
            target = words.targets[index]
            back = op in BACKWARD and 0 <= target <= index
            if back and words.ops[target] not in _LOOPS and target not in bodies:
                heads.setdefault(target, []).append(index)
        for head, edges in sorted(loops(words, heads).items()) if heads else ():
            tests = {
                each.place
                for first in self._starting.get(head, ())
                for each in self._chain(first)
                if not self._is_choice(each)
            }
            places = {words.places[edge] for edge in edges}
            before = words.places[head - 1] if head and words.ops[head - 1] == NOP else None
            at = words.places[head]
            if before is not None and before in places:
                place = before
                if places != {before}:
                    whiles |= tests
            elif tests:
                whiles |= tests
                continue
            elif words.ops[head] == NOP:
                place = at
            else:
                # A loop on one line: only the jump back has the place of what is tested.
                earlier = [each for each in places if each and at and each[:2] < at[:2]]
                place = min(earlier) if earlier else None
            yield "While", place[0] if place else words.lines[head], place[1] if place else None

    def _repeated(self) -> Iterator[Place]:
        """Yield the places of conditions that are tested again where their body ends.

        Up to 3.13 the test of a loop is compiled twice.
        """
        first: dict[Place, Operand] = {}
        for operand in self._found:
            if operand.place is None:
                continue
            earlier = first.setdefault(operand.place, operand)
            if earlier is not operand and any(
                earlier.jump < each.target <= operand.start
                and self._words.ops[each.target] not in _LOOPS
                for each in self._chain(operand)
            ):
                yield operand.place


def _in_source(operand: Operand) -> tuple[int, int]:
    return operand.line or 0, operand.place[1] if operand.place else -1
