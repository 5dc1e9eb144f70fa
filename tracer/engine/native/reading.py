"""What is known about each instruction of a code object before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from opcode import opmap, opname
from types import CodeType
from typing import Final, cast

import attrs
from bytecode import ConcreteBytecode, ConcreteInstr, Instr

from ...code.flags import CO_OPTIMIZED, argument_count
from ...code.wordcode import CLEANUP, ENDS, Wordcode, numbers, stack_effect
from ...errors import UnsupportedInstructionError
from ..program import Program

_BINDS: Final = frozenset({"STORE_FAST", "LOAD_FAST", "LOAD_FAST_CHECK"})
_UNBINDS: Final = frozenset({"DELETE_FAST", "LOAD_FAST_AND_CLEAR"})
#: Opargs of these `bytecode` 0.19 takes for something else, or refuses to show.
_NOT_SHOWN: Final = frozenset({"BUILD_INTERPOLATION", "CALL_INTRINSIC_2"})
#: Marks of 3.14 are kept: `bytecode` shows them.
_LEFT_OUT: Final = numbers("CACHE", "EXTENDED_ARG")


@attrs.define(eq=False)
class Place:
    """One instruction.

    Attributes:
        name: The opcode.
        oparg: As in the code object.
        instr: The same as `bytecode` shows it, with names and constants for numbers; of what it
            cannot show, only the location is of use.
        index: Its index in the program; that of what follows, if it has no step there.
        elided: Whether it has no step.
        target: The position of what it jumps to, or None.
        keyword_names: The names of a call's last arguments, or None if it has none.
        depth: How many values are on the stack before it; None if it is never run.
        bound: A bit for each local that is certainly bound before it; of use to 3.11 only, whose
            compiler does not say where a local may be unbound.
        method: For a CALL, the position of what loads the method it calls, or None if it calls
            something else; for what loads a method, that of the CALL.
    """

    name: str
    oparg: int
    instr: Instr
    index: int
    elided: bool
    target: int | None
    keyword_names: tuple[str, ...] | None = None
    depth: int | None = None
    bound: int = -1
    method: int | None = None


def read(code: CodeType, program: Program) -> list[Place]:
    """Return the places of a code object, by position.

    Args:
        code: The code object.
        program: What it was decoded to.

    Raises:
        UnsupportedInstructionError: The code cannot be rebuilt.
    """
    if not code.co_flags & CO_OPTIMIZED:
        raise UnsupportedInstructionError("its names live in a namespace")
    if set(code.co_varnames) & set(code.co_freevars):
        # `bytecode` takes one for the other.
        raise UnsupportedInstructionError("a name of it is a local and a free variable")
    places = list(_places(code, program))
    names = [place.name for place in places]
    start = names.index("RESUME")
    cells = cell_slots(program)
    if "MAKE_CELL" in names[start:] or any(
        _stores(place.name) and touched(place) & cells for place in places
    ):
        raise UnsupportedInstructionError("a variable of it is a cell for some of the time only")
    _find_depths(places, program, argument_count(code))
    _find_names(code, places)
    _find_methods(places)
    return places


def cell_slots(program: Program) -> frozenset[int]:
    """Return the slots of a frame that hold cells."""
    return frozenset(slot for slot, name in enumerate(program.localsplus) if name in program.cells)


def touched(place: Place) -> set[int]:
    """Return the slots that an instruction about locals is about."""
    if "_FAST" not in place.name:
        return set()
    if place.name.count("_FAST") == 2:
        return {place.oparg >> 4, place.oparg & 15}
    return {place.oparg}


def _stores(name: str) -> bool:
    return name in _UNBINDS or name.startswith("STORE_FAST")


def _find_names(code: CodeType, places: list[Place]) -> None:
    for position, place in enumerate(places):
        if place.name == "CALL_KW":
            before = places[position - 1]
            if before.name != "LOAD_CONST":
                raise UnsupportedInstructionError("the names of arguments are no constant")
            place.keyword_names = code.co_consts[before.oparg]


def loads_method(place: Place) -> bool:
    """Tell whether an instruction loads a method to be called."""
    arg = place.instr.arg
    return place.name == "LOAD_METHOD" or (
        place.name == "LOAD_ATTR" and isinstance(arg, tuple) and bool(arg[0])
    )


def _find_methods(places: list[Place]) -> None:
    """Find which CALL calls what a method is loaded for: the compiler writes them in a line."""
    loading: list[tuple[int, int]] = []
    for position, place in enumerate(places):
        depth = place.depth
        if depth is None or place.elided:
            continue
        while loading and loading[-1][1] > depth:  # nothing has called it
            loading.pop()
        if loads_method(place):
            loading.append((position, depth + 1))
        elif place.name == "CALL" and loading and loading[-1][1] == depth - place.oparg:
            loaded, _ = loading.pop()
            if place.keyword_names is None:
                place.method, places[loaded].method = loaded, position


def _places(code: CodeType, program: Program) -> Iterator[Place]:
    words = Wordcode(code, _LEFT_OUT)
    index_at = {offset // 2: index for index, offset in enumerate(program.offsets) if index}
    index = len(program.offsets)
    indexes = [0] * len(words.ops)
    for position in reversed(range(len(words.ops))):
        index = index_at.get(words.units[position], index)
        indexes[position] = index
    keyword_names = words.keyword_names()
    shown = _shown(ConcreteBytecode.from_code(code))
    for position, (op, instr) in enumerate(zip(words.ops, shown, strict=True)):
        target = words.target(position)
        yield Place(
            name=opname[op],
            oparg=words.args[position],
            instr=instr,
            index=indexes[position],
            elided=words.units[position] not in index_at,
            target=None if target < 0 else target,
            keyword_names=keyword_names.get(position),
        )


def _shown(concrete: ConcreteBytecode) -> list[Instr]:
    """Return what `bytecode` makes of instructions; one that it cannot show is replaced first."""
    for position, item in enumerate(cast("list[object]", concrete)):
        if isinstance(item, ConcreteInstr) and item.name in _NOT_SHOWN:
            # Of the same size, and with an oparg, too.
            concrete[position] = ConcreteInstr("BUILD_TUPLE", 1, location=item.location)
    return [item for item in concrete.to_bytecode() if isinstance(item, Instr)]


def is_cleanup(places: list[Place], position: int) -> bool:
    """Tell whether an instruction is one of those that the end of a loop goes past."""
    first = max(position - CLEANUP + 1, 0)
    return any(place.name == "END_FOR" for place in places[first : position + 1])


def _effect(place: Place, *, jump: bool) -> int:
    return stack_effect(opmap[place.name], place.oparg, jump)


def _find_depths(places: list[Place], program: Program, arguments: int) -> None:
    todo: list[tuple[int, int, int]] = [(0, 0, (1 << arguments) - 1)]
    first = {place.index: position for position, place in reversed(list(enumerate(places)))}
    while todo:
        position, depth, bound = todo.pop()
        place = places[position]
        if place.depth is None:
            place.depth = depth
        elif place.depth != depth:
            raise UnsupportedInstructionError("its stack is not the same on all ways to a place")
        elif place.bound & bound == place.bound:
            continue
        place.bound &= bound
        bound = place.bound
        handler = None if place.elided else program.handlers[place.index]
        if handler is not None:
            todo.append((first[handler.target], handler.depth + 1 + handler.push_lasti, bound))
        todo += _following(places, position, place, bound)


def _following(
    places: list[Place], position: int, place: Place, bound: int
) -> Iterator[tuple[int, int, int]]:
    depth, after = place.depth, _bound_after(place, bound)
    assert depth is not None
    if place.name == "FOR_ITER":
        assert place.target is not None
        yield position + 1, depth + 1, after
        yield place.target + CLEANUP, depth - 1, after
        return
    if place.target is not None:
        yield place.target, depth + _effect(place, jump=True), after
    if opmap[place.name] not in ENDS:
        yield position + 1, depth + _effect(place, jump=False), after


def near(places: list[Place], start: int, count: int) -> frozenset[int]:
    """Return the indexes that can be come to from a position by fewer instructions than a count.

    A loop is taken to go round once at least.
    """
    found: dict[int, int] = {}
    todo = [(start, 0)]
    while todo:
        position, passed = todo.pop()
        place = places[position]
        if passed >= found.get(position, count) or place.depth is None:
            continue
        found[position] = passed
        for following, _, _ in _following(places, position, place, place.bound):
            is_end = place.name == "FOR_ITER" and following != position + 1
            more = following - position if is_end else not place.elided
            todo.append((following, passed + more))
    return frozenset(places[position].index for position in found if not places[position].elided)


def _bound_after(place: Place, bound: int) -> int:
    name, slot = place.name, place.oparg
    if name in _BINDS:
        return bound | 1 << slot
    if name in _UNBINDS:
        return bound & ~(1 << slot)
    if name in ("STORE_FAST_STORE_FAST", "STORE_FAST_LOAD_FAST"):
        bound |= 1 << (slot >> 4)
        return bound | 1 << (slot & 15) if name == "STORE_FAST_STORE_FAST" else bound
    return bound
