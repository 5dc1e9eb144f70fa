"""The first construct of a code object that is not allowed, read from the code object alone.

Neither source nor syntax tree is needed: opcodes, jump targets, places and the exception table
tell. Where a construct is follows from what the compiler keeps, which is never the keyword:

============================  ==================================================================
Construct                     Line and column
============================  ==================================================================
If, IfExp, While              of the condition's first operand in the source; a ``while True``
                              has the place of its ``True`` (3.11: of the statement)
For, With                     of the iterable or context manager (before 3.13: of the statement)
Try                           of the statement; no column if all is on one line
FunctionDef, ClassDef         of the first decorator or the definition, with the statement's
                              column
AsyncFunctionDef              the same; the first line without a column for the function itself,
                              which is before everything in it
all others                    of the expression or statement
============================  ==================================================================

What the compiler removes cannot be found:

- tests of constants: ``if True``, ``1 if 0 else 2``, ``while 0``, and branches never taken;
- code after ``return``, ``raise``, ``continue``, ``break``;
- a `while` whose body never gets to its end is an `if`, and is found as one;
- ``a if b else c`` as a statement with constants for branches is an `if`, and in a condition
  with constants it is an ``and`` or ``or``;
- a `try` in a `try` whose outer line has no code of its own is one `try`.

Two conditions may compile to the very same code as one, as ``if a:`` around ``if b:`` does to
``if a and b:``. If all is on one line, it is one; otherwise the usual layout of source decides.
"""

from __future__ import annotations

import inspect
import opcode
from collections.abc import Iterable, Iterator
from itertools import takewhile
from types import CodeType
from typing import Final, Literal

import attrs

from ....configs import WeakIdentityCache
from ..wordcode import FOR_ITER, NOP, PUSH_NULL, SWAP, Wordcode, named, number, numbers, within
from .branches import Branches, Sighting


@attrs.frozen
class Found:
    """A construct in a code object.

    Attributes:
        name: As its syntax tree node is called.
        lineno: Its line, or None if the code object does not tell.
        column: Its column, from 0 and in bytes as for syntax trees, or None.

    Example:
        >>> str(Found("If", 3, 7))
        'If at line 3, column 7'
    """

    name: str
    lineno: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return the name and the known part of the place."""
        if self.lineno is None:
            return self.name
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.name} at line {self.lineno}{column}"


#: What a function may use with ``allow_control_flow=True``.
CONTROL_FLOW: Final = frozenset(
    {
        "DictComp",
        "For",
        "GeneratorExp",
        "If",
        "IfExp",
        "ListComp",
        "Raise",
        "SetComp",
        "While",
    }
)

#: The first construct of each code object, and the first beyond `CONTROL_FLOW`.
_firsts: Final[WeakIdentityCache[CodeType, tuple[Found | None, Found | None]]]
_firsts = WeakIdentityCache()

_MAKE_FUNCTION: Final = number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = number("SET_FUNCTION_ATTRIBUTE")
_BUILD_TUPLE: Final = number("BUILD_TUPLE")
_LOAD_COMMON: Final = number("LOAD_COMMON_CONSTANT")
_LOAD_SPECIAL: Final = number("LOAD_SPECIAL")
_RAISE: Final = number("RAISE_VARARGS")
_PUSH_EXC_INFO: Final = number("PUSH_EXC_INFO")
_WITH_EXCEPT_START: Final = number("WITH_EXCEPT_START")
_GET_ITER: Final = number("GET_ITER")
_YIELD: Final = number("YIELD_VALUE")
_SEND: Final = number("SEND")
_INTRINSIC_2: Final = number("CALL_INTRINSIC_2")
_INTRINSIC_1: Final = number("CALL_INTRINSIC_1")
_CALLS: Final = named("CALL")
_CALLED: Final = _CALLS | {PUSH_NULL}
_STORES: Final = named("STORE_")
_COMPREHENSIONS: Final = {
    number("BUILD_LIST"): "ListComp",
    number("BUILD_SET"): "SetComp",
    number("BUILD_MAP"): "DictComp",
}
_COMPREHENSION_CODES: Final = {
    "<listcomp>": "ListComp",
    "<setcomp>": "SetComp",
    "<dictcomp>": "DictComp",
    "<genexpr>": "GeneratorExp",
}
# Found by one opcode.
_SIMPLE: Final = {
    number("BEFORE_WITH"): "With",
    number("GET_YIELD_FROM_ITER"): "YieldFrom",
}
_ENTER: Final = 0  # of LOAD_SPECIAL (3.14)
# Type variables and aliases: their lazy values are functions, but nobody wrote them as such.
_LAZY: Final = frozenset({2, 3, 5})
_TYPE_ALIAS: Final = 11

# Without any of these there is no construct. Conditions are not enough: all of them jump.
_TELLING: Final = (
    frozenset(_SIMPLE)
    | named("POP_JUMP_")
    | named("JUMP_BACKWARD")
    | numbers(
        "FOR_ITER",
        "LOAD_SPECIAL",
        "MAKE_FUNCTION",
        "PUSH_EXC_INFO",
        "RAISE_VARARGS",
        "YIELD_VALUE",
    )
)
_DULL: Final = bytes(value for value in range(256) if value not in _TELLING)
_ASYNC: Final = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

# Of constructs at one place, these are inside the others.
_INNER: Final = frozenset({"Lambda", "Yield", "YieldFrom", *_COMPREHENSION_CODES.values()})


def first_forbidden(code: CodeType, allow_control_flow: bool | Literal["all"]) -> Found | None:
    """Return the first construct in a code object that is not allowed, if there is one.

    Args:
        code: The code object.
        allow_control_flow: False forbids all constructs, True allows `CONTROL_FLOW`, and "all"
            allows everything. Nothing forbids ``and``, ``or``, ``not``, comparisons, ``assert``
            and ``match``.

    Example:
        >>> def f(x):
        ...     with x:
        ...         return x if x else None
        >>> first_forbidden(f.__code__, True).name
        'With'
        >>> first_forbidden(f.__code__, "all") is None
        True
    """
    if allow_control_flow == "all":
        return None
    found = _firsts.get(code)
    if found is None:
        sightings = [*_sightings(code)]
        found = _first(sightings), _first(_beyond(sightings))
        _firsts.set(code, found)
    return found[1 if allow_control_flow else 0]


def _first(sightings: Iterable[Sighting]) -> Found | None:
    first = min(sightings, key=_in_source, default=None)
    return None if first is None else Found(*first)


def _beyond(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """Yield the constructs that are not control flow, which need a permission of their own.

    In a comprehension no other can be the first, as that itself is found before.
    """
    return (each for each in sightings if each[0] not in CONTROL_FLOW)


def _in_source(sighting: Sighting) -> tuple[int, int, bool]:
    name, line, column = sighting
    return line or 0, -1 if column is None else column, name in _INNER


def _sightings(code: CodeType) -> Iterator[Sighting]:
    """Yield all constructs that may be the first."""
    if code.co_flags & _ASYNC:  # before all that it contains
        yield "AsyncFunctionDef", code.co_firstlineno, None
        return
    telling = code.co_code[::2].translate(None, _DULL)
    sightings = [*_Scan(code).sightings()] if telling else []
    if code.co_flags & inspect.CO_GENERATOR and not any("Yield" in name for name, *_ in sightings):
        # `if False: yield` leaves nothing but the flag.
        yield "Yield", code.co_firstlineno, None
    yield from sightings


class _Scan:
    """Reads one code object."""

    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._words = words = Wordcode(code)
        self._comprehensions = dict(self._inlined())
        self._inner = {
            inside
            for at in self._comprehensions
            for inside in range(at, words.targets[self._loop(at)])
        }
        self._is_expression = code.co_varnames[:1] == (".0",)
        self._asserts = {
            index: words.places[index]
            for index, op in enumerate(words.ops)
            if op == number("LOAD_ASSERTION_ERROR")
            or (op == _LOAD_COMMON and not words.args[index])
        }

    def _inlined(self) -> Iterator[tuple[int, str]]:
        """Yield the comprehensions that are part of this code object, by their first instruction.

        The new container is put under the iterator or what is iterated, and the loop begins.
        """
        ops, args = self._words.ops, self._words.args
        for index in range(1, len(ops) - 2):
            if (
                ops[index] in _COMPREHENSIONS
                and not args[index]
                and ops[index + 1] == SWAP
                and ops[self._loop(index)] == FOR_ITER
            ):
                yield index, _COMPREHENSIONS[ops[index]]

    def _loop(self, start: int) -> int:
        """Return where the loop of an inlined comprehension begins."""
        # Before 3.15 the iterator is there already.
        return start + 2 + (self._words.ops[start + 2] == _GET_ITER)

    def sightings(self) -> Iterator[Sighting]:
        yield from self._statements()
        yield from Branches(self._words, self._asserts).sightings()

    def _statements(self) -> Iterator[Sighting]:  # noqa: PLR0912 - one branch for each opcode
        """Yield the constructs that need no look at conditions."""
        words = self._words
        for index, name in self._comprehensions.items():
            yield self._at(name, index)
        raised = self._assertions()
        starts = self._try_starts()
        for index, op in enumerate(words.ops):
            if op in _SIMPLE:
                yield self._at(_SIMPLE[op], index)
            elif op == FOR_ITER:
                # 3.14 loops over a generator that it calls, in all() and any().
                if index not in self._inner and words.ops[index - 1] not in _CALLED:
                    yield self._at("For", index)
            elif op == _GET_ITER:
                if words.args[index]:  # 3.15
                    yield self._at("YieldFrom", index)
            elif op == _LOAD_SPECIAL:
                if words.args[index] == _ENTER:
                    yield self._at("With", index)
            elif op == _RAISE:
                if index not in raised:
                    yield self._at("Raise", index)
            elif op == _YIELD:
                if words.ops[index - 1] != _SEND and not self._is_expression:
                    yield self._at("Yield", index)
            elif op == _PUSH_EXC_INFO:
                if words.ops[index + 1 : index + 2] != [_WITH_EXCEPT_START]:
                    yield self._try(index, starts.get(index))
            elif op == _MAKE_FUNCTION:
                yield from self._function(index)

    def _at(self, name: str, index: int) -> Sighting:
        place = self._words.places[index]
        return name, self._words.lines[index], place[1] if place else None

    def _assertions(self) -> set[int]:
        """Return the instructions that raise an AssertionError for an ``assert``."""
        words = self._words
        raised: set[int] = set()
        seen: set[int] = set()
        pending = list(self._asserts)
        while pending:
            index = pending.pop()
            if index in seen or index >= len(words.ops):
                continue
            seen.add(index)
            if words.ops[index] == _RAISE:
                raised.add(index)
            else:
                pending.extend(words.following(index))
        return raised

    def _try_starts(self) -> dict[int, int]:
        """Return the first protected instruction of each handler.

        The exception table has only the innermost handler of an instruction, so what an inner
        one protects counts too.
        """
        table = list(self._words.handlers())
        starts: dict[int, int] = {}
        for start, _, handler, *_ in table:
            starts[handler] = min(start, starts.get(handler, start))
        changed = True
        while changed:
            changed = False
            for start, end, handler, *_ in table:
                for other, begin in starts.items():
                    if start <= other < end and begin < starts[handler]:
                        starts[handler] = begin
                        changed = True
        return starts

    def _try(self, handler: int, start: int | None) -> Sighting:
        """Return the sighting of the statement of a handler, of which there is at most a NOP."""
        words = self._words
        first = next((i for i in range(handler, len(words.ops)) if words.lines[i]), handler)
        place = words.places[first]
        if start is None or words.places[start] is None:
            # It protects nothing, or only handlers.
            nops = [index for index, op in enumerate(words.ops) if op == NOP]
            nops.sort(key=lambda index: (words.places[index] or (0, 0))[:2], reverse=True)
        else:
            nops = list(takewhile(lambda index: words.ops[index] == NOP, range(start - 1, -1, -1)))
        for index in nops:
            around = words.places[index]
            if place is None or around is None:
                if start is not None:
                    return self._at("Try", index)
            elif around != place and within(place, around):
                return self._at("Try", index)
        return "Try", words.lines[first if start is None else start], None

    def _function(self, index: int) -> Iterator[Sighting]:
        words = self._words
        made = None
        if index and opcode.opname[words.ops[index - 1]] == "LOAD_CONST":
            made = self._code.co_consts[words.args[index - 1]]
        _, line, column = found = self._at("FunctionDef", index)
        if not isinstance(made, CodeType):
            yield found
            return
        name = made.co_name
        if name in _COMPREHENSION_CODES and made.co_varnames[:1] == (".0",):
            yield _COMPREHENSION_CODES[name], line, column
            yield from _beyond(_Scan(made)._statements())
        elif name.startswith("<generic parameters of "):
            yield from _beyond(_Scan(made)._statements())
        elif name == "<lambda>":
            yield "Lambda", line, column
        elif not made.co_flags & inspect.CO_OPTIMIZED:
            yield "ClassDef", made.co_firstlineno, column
        elif made.co_flags & _ASYNC:
            yield "AsyncFunctionDef", made.co_firstlineno, column
        elif not self._is_lazy(index, name):
            yield "FunctionDef", made.co_firstlineno, column

    def _is_lazy(self, index: int, name: str) -> bool:
        """Tell whether a function computes the value of an annotation or a type parameter."""
        words = self._words
        after = index + 1
        while words.ops[after : after + 1] == [_SET_FUNCTION_ATTRIBUTE]:
            after += 1
        if after >= len(words.ops):
            return False
        op, argument = words.ops[after], words.args[after]
        if op == _INTRINSIC_2:
            return argument in _LAZY
        if op == _BUILD_TUPLE and words.ops[after + 1 : after + 2] == [_INTRINSIC_1]:
            return words.args[after + 1] == _TYPE_ALIAS
        return name == "__annotate__" and _LOAD_COMMON >= 0 and op not in _STORES | _CALLS
