"""The conditions and the jumps back of a code object, as constructs of its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..wordcode import (
    BACKWARD,
    CONDITIONAL,
    ENDS,
    FOR_ITER,
    FORWARD,
    JUMPS,
    KEEPING,
    NOP,
    Place,
    Wordcode,
    named,
    number,
    numbers,
    stack_effect,
    within,
)
from .conditions import Condition, Conditions
from .loops import loops

_POP_TOP: Final = number("POP_TOP")
_RETURN_CONST: Final = number("RETURN_CONST")
_STORES: Final = named("STORE_")
_PUSHES: Final = named("LOAD_") | named("BUILD_") | numbers("PUSH_NULL")
_LOOPS: Final = numbers("FOR_ITER", "GET_ANEXT", "SEND")
_BOUND: Final = numbers("FOR_ITER", "GET_ANEXT")

#: Name, instruction, and where in the source: line and column.
Sighting = tuple[str, int, int | None, int | None]


class Branches:
    """Tells the construct of each condition; a condition that is compiled twice is told twice.

    Example:
        >>> def f(a, b, c):
        ...     while a:
        ...         a = b if b and c else a
        >>> words = Wordcode(f.__code__)
        >>> sorted({name for name, *_ in Branches(words, frozenset(), {}).sightings()})
        ['IfExp', 'While']
    """

    def __init__(
        self, words: Wordcode, inner: frozenset[int], asserts: dict[int, Place | None]
    ) -> None:
        """Find the conditions.

        Args:
            words: The instructions.
            inner: Those inside comprehensions, where statements cannot be.
            asserts: Those which begin to raise an AssertionError, with their places.
        """
        self._words = words
        self._inner = inner
        self._asserts = asserts
        self._conditions = Conditions(words, asserts)
        # The line of the pattern: for its jumps, and for where its failed guard goes.
        self._failed: dict[int, int] = {}
        self._cases = {jump: place[0] for jump, place in self._conditions.patterns.items() if place}

    def sightings(self) -> Iterator[Sighting]:
        """Yield the conditional expressions, the `while` loops and the `if` statements."""
        statements: list[Condition] = []
        conditions = [each for each in self._conditions.found if not self._is_filter(each)]
        whiles = set(self._repeated(conditions))
        for condition in self._conditions.found:
            for choice in condition.choices:
                yield self._sighting("IfExp", choice)
        for condition in conditions:
            if condition.place in whiles:
                statements.append(condition)
            elif self._is_choice(condition):
                yield self._sighting("IfExp", condition)
            elif not (
                self._conditions.in_assert(condition)
                or condition.start in self._inner
                or self._raises_assertion(condition)
                or self._is_guard(condition)
            ):
                statements.append(condition)
        yield from self._endless(statements, whiles)
        for condition in statements:
            yield self._sighting("While" if condition.place in whiles else "If", condition)

    def _sighting(self, name: str, condition: Condition) -> Sighting:
        column = condition.place[1] if condition.place else None
        return name, condition.start, condition.line, column

    def _is_filter(self, condition: Condition) -> bool:
        no = _settled(self._words, condition.target)
        return no in self._inner and self._words.ops[no] in _BOUND

    def _is_choice(self, condition: Condition) -> bool:
        """Tell whether a condition is of an expression: its first branch precedes it."""
        words = self._words
        yes = condition.after
        own = {None, *(words.places[jump] for jump in condition.jumps)}
        own.update(words.places[jump - 1] for jump in condition.jumps)
        while (
            yes < len(words.ops)
            and words.ops[yes] in FORWARD
            and words.targets[yes] >= 0
            and words.places[yes] in own
        ):
            yes = words.targets[yes]
        if yes >= len(words.ops) or yes in self._asserts or yes == condition.exits[1]:
            return False
        if condition.place is None:
            return self._leaves_a_value(yes, condition.exits[1])
        place = words.places[yes]
        if place is None or place[:2] >= condition.place[:2]:
            return False
        # What is around the condition is a return: of its value, if it is one instruction.
        returned = within(condition.place, place)
        return words.ops[yes] == _RETURN_CONST if returned else words.ops[yes] in _PUSHES

    def _leaves_a_value(self, start: int, end: int) -> bool:
        """Tell, without places, whether a branch is an expression: it pushes one value."""
        return _depth(self._words, start, end) == 1

    def _raises_assertion(self, condition: Condition) -> bool:
        return condition.place is None and not self._asserts.keys().isdisjoint(condition.exits)

    def _is_guard(self, condition: Condition) -> bool:
        words = self._words
        place, start = condition.place, condition.start
        if place is None:
            return self._may_be_guard(condition)
        guard = (
            self._conditions.is_after(start, place)
            or self._drops_subject(condition, place)
            or self._is_below_pattern(condition, place)
            or self._is_last_guard(start, place)
        )
        if guard:
            before = words.lines[start - 1]
            for exit_ in {condition.target, condition.exits[1]}:
                self._failed.setdefault(exit_, before if before is not None else place[0])
        return guard

    def _may_be_guard(self, condition: Condition) -> bool:
        words = self._words
        before = condition.start - 1
        return (
            before >= 0
            and words.lines[before] == condition.line
            and (
                before in self._conditions.patterns
                or words.ops[before] in _STORES
                or words.ops[before] == _POP_TOP
            )
            and (before in self._conditions.patterns or condition.line is not None)
        )

    def _drops_subject(self, condition: Condition, place: Place) -> bool:
        """Tell whether a pattern's subject is popped next: so it goes after all but last guards."""
        words = self._words
        after = condition.after
        popped = words.places[after] if after < len(words.ops) else None
        return popped is not None and words.ops[after] == _POP_TOP and popped[:2] < place[:2]

    def _is_below_pattern(self, condition: Condition, place: Place) -> bool:
        """Tell whether a last case's guard in parentheses starts on the line below."""
        words = self._words
        before = condition.start - 1
        pattern = self._conditions.patterns.get(before)
        body = words.places[condition.exits[0]] if condition.exits[0] < len(words.ops) else None
        if pattern is None or body is None or body[0] <= place[0]:
            return False
        # An `if` in the case would be further in.
        columns = self._conditions.columns
        case = columns[pattern[0]]
        return place[1] < case and columns[body[0]] <= place[1]

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
            if first in self._failed:
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
        lines = [line for line in lines if line in self._conditions.columns]
        if not lines or min(lines) >= place[0]:
            return False
        # Parentheses around a pattern are not in its place.
        return place[1] > self._conditions.columns[min(lines)] + 3

    def _pops_subject(self, index: int) -> bool:
        """Tell whether an instruction drops the subject of a pattern of alternatives."""
        words = self._words
        place = words.places[index]
        return words.ops[index] == _POP_TOP and any(
            pattern is not None
            and place is not None
            and pattern[0] == place[0]
            and within(pattern, place)
            for pattern in self._conditions.patterns.values()
        )

    def _endless(
        self, statements: list[Condition], whiles: set[Place | None]
    ) -> Iterator[Sighting]:
        """Yield the loops that test nothing; add to ``whiles`` those that test at the start."""
        words = self._words
        tests = [each for each in statements if each.place in whiles]
        heads: dict[int, list[int]] = {}
        for index, op in enumerate(words.ops):
            target = words.targets[index]
            if op in BACKWARD and 0 <= target <= index and words.ops[target] not in _LOOPS:
                # Up to 3.13 a loop's second test jumps back to the body.
                bottom = any(each.target == target <= each.start < index for each in tests)
                if not bottom:
                    heads.setdefault(target, []).append(index)
        if not heads:
            return
        starts = {each.start: each for each in statements}
        for head, edges in sorted(loops(words, heads).items()):
            places = {words.places[edge] for edge in edges}
            before = words.places[head - 1] if head and words.ops[head - 1] == NOP else None
            at = words.places[head]
            if before is not None and before in places:
                place = before
                if head in starts and places != {before}:
                    whiles.add(starts[head].place)
            elif head in starts:
                whiles.add(starts[head].place)
                continue
            elif words.ops[head] == NOP:
                place = at
            else:
                # A loop on one line: only the jump back has the place of what is tested.
                earlier = [each for each in places if each and at and each[:2] < at[:2]]
                place = min(earlier) if earlier else None
            line = place[0] if place else words.lines[head]
            yield "While", head, line, place[1] if place else None

    def _repeated(self, conditions: list[Condition]) -> Iterator[Place | None]:
        """Yield the places of conditions that are tested again where their body ends.

        Up to 3.13 the test of a loop is compiled twice.
        """
        first: dict[Place, list[Condition]] = {}
        for condition in conditions:
            if condition.place is None:
                continue
            earlier = first.setdefault(condition.place, [])
            if (
                any(each.last < condition.target <= condition.start for each in earlier)
                and self._words.ops[condition.target] not in _LOOPS
            ):
                yield condition.place
            earlier.append(condition)


def _settled(words: Wordcode, index: int) -> int:
    """Return where control gets to from an instruction by jumps alone."""
    seen: set[int] = set()
    while index not in seen and index < len(words.ops):
        seen.add(index)
        op = words.ops[index]
        if op in JUMPS and words.targets[index] >= 0:
            index = words.targets[index]
        elif op == NOP and words.lines[index] is None:
            index += 1
        else:
            break
    return index


def _depth(words: Wordcode, start: int, end: int) -> int | None:
    """Return the net push of a branch, if it is plain and reaches ``end``."""
    depth = 0
    for index in range(start, end):
        op = words.ops[index]
        if op in FORWARD:
            return depth if words.targets[index] >= end else None
        if op in ENDS or op in CONDITIONAL or op in KEEPING or op == FOR_ITER:
            return None
        depth += stack_effect(op, words.args[index])
    return None
