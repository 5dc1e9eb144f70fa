"""The uses that instructions make of the results of calls, by the state before each.

Only what surely happens is told of: a value of which something else may be done is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from ..code.instruction import Instruction
from ..code.wordcode import COMPARE_BITS
from ..engine.opcodes.operators import BINARY_OPERATORS, COMPARE_OPERATORS
from ..recording.guard import ASKING, ATTRIBUTES, ITERATORS, asks_for_config
from .callee_stack import UNKNOWN, Knowledge, Lineage, Stack, Symbol, callees_of, split_call


@attrs.frozen
class Use:
    """Something that an instruction does with a value.

    Attributes:
        action: A verb phrase that the value completes.
        origin: Where the value comes from.
        text: How the source spells the value.
        can_wait: Whether it can be done when the object is there.
        of_known: Whether it is done at once where the value is known.
        asks_for_none: Whether it is a test for None.
    """

    action: str
    origin: Lineage
    text: str
    can_wait: bool = False
    of_known: bool = False
    asks_for_none: bool = False


#: Those that give another value which comes of the same calls.
_DERIVING: Final = frozenset(
    {
        *("BINARY_OP", "BINARY_SLICE", "BINARY_SUBSCR", "COMPARE_OP", "UNARY_INVERT"),
        *("UNARY_NEGATIVE", "UNPACK_SEQUENCE"),
    }
)
#: How the text of what has no name of its own begins.
MADE_OF: Final = "what is made of "
#: From here on, the opargs of BINARY_OP are those of operations in place.
_IN_PLACE: Final = len(BINARY_OPERATORS) // 2


def derive(ins: Instruction, done: tuple[Use, ...], before: Stack, after: Stack) -> None:
    """Note for each value that an instruction leaves on the stack the calls it comes of.

    Args:
        ins: The instruction.
        done: What it does with values.
        before: What was known before it.
        after: What is known after it, which is changed.
    """
    if ins.name not in _DERIVING or not done or not all(use.can_wait for use in done):
        return
    unpacks = ins.name == "UNPACK_SEQUENCE"
    count = ins.oparg if unpacks else 1
    others = () if unpacks else before[-2:]
    in_place = ins.name == "BINARY_OP" and _IN_PLACE <= ins.oparg < len(BINARY_OPERATORS)
    origins = [done[0].origin, *(each.origin for each in others if each.origin is not None)]
    calls = unpacks or in_place or any(each.called for each in origins)
    origin = Lineage(callees_of(origins), derived=True, called=calls)
    for place in range(len(after) - count, len(after)):
        text = after[place].text
        if text == UNKNOWN.text:
            text = f"{MADE_OF}{done[0].text.removeprefix(MADE_OF)}"
        after[place] = attrs.evolve(after[place], origin=origin, text=text)


_Found = Iterator[Use]
_Rule = Callable[[Instruction, Stack], _Found]


def uses(ins: Instruction, stack: Stack) -> tuple[Use, ...]:
    """Return the use that an instruction makes of the results of calls.

    Args:
        ins: The instruction.
        stack: What is known before it.
    """
    rule = _RULES.get(ins.name)
    return () if rule is None else tuple(rule(ins, stack))


def _use(symbol: Symbol | None, action: str, **how: bool) -> _Found:
    if symbol is not None and symbol.origin is not None:
        yield Use(action, symbol.origin, symbol.text, **how)


def _of(place: int, action: str, **how: bool) -> _Rule:
    """Return a rule about the value at a place of the stack; -1 is its top."""

    def rule(ins: Instruction, stack: Stack) -> _Found:
        return _use(stack[place] if len(stack) >= -place else None, action, **how)

    return rule


def _attribute(verb: str) -> _Rule:
    def rule(ins: Instruction, stack: Stack) -> _Found:
        return _use(
            stack[-1] if stack else None, f"{verb} attribute {ins.text!r} of", can_wait=True
        )

    return rule


#: What leaves an operation to the other operand, if that is no such value itself.
_PLAIN: Final = frozenset({bool, complex, float, int})


def operand(stack: Stack, plain: frozenset[type] = _PLAIN) -> Symbol | None:
    """Return the operand of a binary operation that answers for it, if it comes of a call."""
    if len(stack) < 2:
        return None
    left, right = stack[-2:]
    if left.origin is not None:
        return left
    return right if left.kind is Knowledge.KNOWN and type(left.value) in plain else None


def _binary(ins: Instruction, stack: Stack) -> _Found:
    if ins.oparg >= len(BINARY_OPERATORS):
        return _use(stack[-2] if len(stack) > 1 else None, "index", can_wait=True)
    return _use(operand(stack), "compute with", can_wait=True)


#: The flag of a COMPARE_OP whose result is tested.
_TESTS: Final = 16 if COMPARE_BITS == 5 else 0
_COMPARABLE: Final = _PLAIN | {bytes, str, type(None)}


def _compare(ins: Instruction, stack: Stack) -> _Found:
    asks = COMPARE_OPERATORS[ins.oparg >> COMPARE_BITS].__name__ in ("eq", "ne")
    found = operand(stack, _COMPARABLE)
    yield from _use(found, "compare", can_wait=not asks, of_known=True)
    if not asks and ins.oparg & _TESTS:
        yield from _use(_compared(found), "test the truth of", of_known=True)


def _compared(found: Symbol | None) -> Symbol | None:
    if found is None or found.origin is None:
        return None
    text = f"{MADE_OF}{found.text.removeprefix(MADE_OF)}"
    return Symbol(Knowledge.UNKNOWN, text, origin=attrs.evolve(found.origin, derived=True))


def _is(ins: Instruction, stack: Stack) -> _Found:
    for value, other in (stack[-2:], stack[:-3:-1]):
        if other.kind is Knowledge.KNOWN and other.value is None:
            yield from _use(value, "test for None", of_known=True, asks_for_none=True)


def _format(ins: Instruction, stack: Stack) -> _Found:
    has_spec = ins.name == "FORMAT_WITH_SPEC" or (ins.name == "FORMAT_VALUE" and ins.oparg & 4)
    place = -2 if has_spec else -1
    converts = ins.name == "FORMAT_VALUE" and bool(ins.oparg & 3)
    return _use(stack[place] if len(stack) >= -place else None, "format", of_known=not converts)


_TAKING: Final = {
    **{id(fn): "iterate" for fn in (list, tuple, set, frozenset, sorted, sum, any, all)},
    id(bool): "test the truth of",
}


def _call(ins: Instruction, stack: Stack) -> _Found:
    if len(stack) < ins.popped:
        return
    callee, given = split_call(stack[len(stack) - ins.popped :])
    if callee.kind is not Knowledge.KNOWN:
        yield from _use(callee, "call", can_wait=True)
    elif ins.name == "CALL_FUNCTION_EX":
        yield from _use(given[0] if given else None, "iterate", of_known=True)
    elif ins.name == "CALL" and not ins.keyword_names:
        if id(callee.value) in ITERATORS:
            for value in given or ():
                yield from _use(value, "iterate", of_known=True)
        elif given and _asks(callee.value, given):
            action = ASKING.get(id(callee.value)) or _TAKING[id(callee.value)]
            yield from _use(given[0], action, of_known=True)


def _asks(fn: object, given: Stack) -> bool:
    """Tell whether a builtin asks its first argument for something."""
    if fn is isinstance:
        known = len(given) == 2 and given[1].kind is Knowledge.KNOWN
        return known and not asks_for_config(fn, (None, given[1].value), {})
    return id(fn) not in ATTRIBUTES and (id(fn) in ASKING or id(fn) in _TAKING)


def _special(ins: Instruction, stack: Stack) -> _Found:
    return _use(stack[-1] if stack else None, "enter", can_wait=ins.oparg < 2)


_TRUTH: Final = _of(-1, "test the truth of", of_known=True)
_ITERATE: Final = _of(-1, "iterate", of_known=True)
_INDEX: Final = _of(-2, "index", can_wait=True)
_NONE: Final = _of(-1, "test for None", of_known=True, asks_for_none=True)
_MATCH: Final = "match a pattern against"

#: By the names of opcodes of CPython 3.11 to 3.15.
_RULES: Final[dict[str, _Rule]] = {
    **{
        f"{jump}_IF_{value}": _TRUTH
        for jump in ("POP_JUMP", "POP_JUMP_FORWARD", "POP_JUMP_BACKWARD")
        for value in ("TRUE", "FALSE")
    },
    **{
        f"{jump}_IF_{value}": _NONE
        for jump in ("POP_JUMP", "POP_JUMP_FORWARD", "POP_JUMP_BACKWARD")
        for value in ("NONE", "NOT_NONE")
    },
    **dict.fromkeys(
        ("JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP", "TO_BOOL", "UNARY_NOT"), _TRUTH
    ),
    **dict.fromkeys(("GET_ITER", "LIST_EXTEND", "SET_UPDATE", "UNPACK_EX"), _ITERATE),
    "UNPACK_SEQUENCE": _of(-1, "iterate", can_wait=True),
    **dict.fromkeys(("FORMAT_SIMPLE", "FORMAT_VALUE", "FORMAT_WITH_SPEC"), _format),
    "BINARY_OP": _binary,
    "COMPARE_OP": _compare,
    "IS_OP": _is,
    "CONTAINS_OP": _of(-1, "look into"),
    **dict.fromkeys(("UNARY_NEGATIVE", "UNARY_INVERT"), _of(-1, "compute with", can_wait=True)),
    **dict.fromkeys(("BINARY_SUBSCR", "DELETE_SUBSCR", "STORE_SUBSCR"), _INDEX),
    **dict.fromkeys(("BINARY_SLICE", "STORE_SLICE"), _of(-3, "index", can_wait=True)),
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD"), _attribute("read")),
    "STORE_ATTR": _attribute("set"),
    "DELETE_ATTR": _attribute("delete"),
    "BEFORE_WITH": _of(-1, "enter", can_wait=True),
    "BEFORE_ASYNC_WITH": _of(-1, "enter"),
    "LOAD_SPECIAL": _special,
    **dict.fromkeys(("CALL", "CALL_FUNCTION_EX", "CALL_KW"), _call),
    **{name: _of(place, _MATCH) for name, place in (("MATCH_CLASS", -3), ("MATCH_SEQUENCE", -1))},
    "MATCH_MAPPING": _of(-1, _MATCH),
}
