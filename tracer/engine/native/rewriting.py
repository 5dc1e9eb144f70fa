"""Code object to native code that runs its instructions on a frame of the interpreter.

The values on its stack are those the interpreter keeps on its own, `NULL` among them: an absent
value is that object in both. An unbound local holds it as well. So the whole state can be taken
over and given back at any instruction.

The native code is called with the frame, the number of the entry, the types whose attributes are
the interceptor's business, the functions and methods that are plain, and what `replacing` takes
from the frame. It returns the stack, the
index where the interpreter goes on, and the locals. When something raises, it leaves stack and
locals in ``Frame.native``, and the traceback says where.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import CodeType
from typing import Final

from bytecode import Bytecode, Compare, CompilerFlags, ConcreteInstr, Label

from ...errors import UnsupportedInstructionError
from ...supported import CAN_REBUILD
from ..program import Program
from ..values import NULL
from .instructions import KNOWN, InstructionWriter
from .reading import Place, is_cleanup, loads_method, near, read
from .region import Native, Region
from .writing import ENTRY, FRAME, FUNCTIONS, GUARDED, IF_FALSE, METHODS, STATE

_MAX_PLACES: Final = 20_000
#: How many instructions cost about as much in the interpreter as going over.
_PRICE: Final = 25
_ALL: Final = slice(None)


def rebuild(code: CodeType, program: Program, *, guarded: bool, everywhere: bool = False) -> Region:
    """Return native code that runs a program from its beginning or the head of any of its loops.

    Args:
        code: The code object.
        program: What it was decoded to.
        guarded: Whether there are types whose attribute access is not native.
        everywhere: Whether to run it from wherever the interpreter may hand it over.

    Raises:
        UnsupportedInstructionError: It cannot be rebuilt.
    """
    if not CAN_REBUILD:
        raise UnsupportedInstructionError("no native code is made for this version of CPython yet")
    places = read(code, program)
    if len(places) > _MAX_PLACES:
        raise UnsupportedInstructionError("it is too long")
    return _Rewriter(code, program, places, guarded, everywhere).region()


class _Rewriter(InstructionWriter):
    """Writes the native code of one program."""

    def __init__(
        self,
        code: CodeType,
        program: Program,
        places: list[Place],
        guarded: bool,
        everywhere: bool,
    ) -> None:
        super().__init__(code, program, guarded)
        self.places = places
        self.everywhere = everywhere

    def region(self) -> Region:
        starts = self.starts()
        self.write_entries(starts)
        for position, place in enumerate(self.places):
            self.write_place(position, place)
        self.cover(None)
        self.settle()
        while self.after:
            self.after.pop(0)()
        return self.assemble(starts)

    def starts(self) -> dict[int, int]:
        """Return the positions where native code may begin, by index."""
        wanted = {
            place.target
            for position, place in enumerate(self.places)
            if place.target is not None and place.target <= position
        }
        # Before the first RESUME cells are made.
        set_up = self.set_up()
        wanted.add(set_up)
        if self.everywhere:
            wanted |= self.left()
        found: dict[int, int] = {}
        for position in sorted(wanted):
            place = self.places[position]
            if place.name == "SET_FUNCTION_ATTRIBUTE":  # MAKE_FUNCTION has done it
                continue
            if (
                position >= set_up
                and place.depth is not None
                and not is_cleanup(self.places, position)
            ):
                found.setdefault(place.index, position)
        return found

    def set_up(self) -> int:
        """Return the position of the first RESUME."""
        return next(i for i, place in enumerate(self.places) if place.name == "RESUME")

    def left(self) -> set[int]:
        """Return the positions after what is left to the interpreter."""
        return {
            position + 1
            for position, place in enumerate(self.places[:-1])
            if place.name not in KNOWN or place.name in ("CALL", "CALL_KW")
        }

    def write_entries(self, starts: dict[int, int]) -> None:
        self.location = None
        if self.cells:
            self.put("COPY_FREE_VARS", len(self.cells))
        self.put("RESUME", 0)
        self.put("LOAD_FAST", STATE)
        self.put("UNPACK_SEQUENCE", 2)
        # Nothing but this frame may keep them.
        self.put("LOAD_FAST", STATE)
        self.put("LOAD_CONST", _ALL)
        self.put("DELETE_SUBSCR")
        self.put("UNPACK_SEQUENCE", len(self.locals))
        for name in self.locals:
            self.put("STORE_FAST", name)
        *others, last = starts.values()
        for number, position in enumerate(others):
            other = Label()
            self.put("LOAD_FAST", ENTRY)
            self.put("LOAD_CONST", number)
            self.put("COMPARE_OP", Compare.EQ)
            self.put(IF_FALSE, other)
            self.write_entry(position)
            self.label(other)
        self.write_entry(last)

    def write_entry(self, position: int) -> None:
        depth = self.places[position].depth
        assert depth is not None
        self.put("UNPACK_SEQUENCE", depth)
        self.put("JUMP_FORWARD", self.label_of(position))

    def write_place(self, position: int, place: Place) -> None:
        self.index, self.location = place.index, place.instr.location
        if position in self.labels or place.depth is not None:
            self.label(self.label_of(position))
        if is_cleanup(self.places, position):
            self.cover(None)
            self.keep(place)
            return
        if place.depth is None or place.elided:
            return
        handler = self.program.handlers[place.index]
        depth = 0 if handler is None else handler.depth
        self.cover(self.raise_from(depth), depth)
        if not self.write_known(place):
            self.cover(None)
            self.put("JUMP_FORWARD", self.leave(place))

    def loaded(self) -> dict[int, tuple[int, ...]]:
        """Return where on the stack methods may be that are loaded, by index."""
        found: dict[int, tuple[int, ...]] = {}
        for position, place in enumerate(self.places):
            if not loads_method(place) or place.method is None:
                continue
            assert place.depth is not None
            for other in self.places[position + 1 : place.method + 1]:
                if other.depth is not None and not other.elided:
                    found[other.index] = (*found.get(other.index, ()), place.depth - 1)
        return found

    def assemble(self, starts: dict[int, int]) -> Region:
        made = Bytecode(self.written)
        code = self.code
        made.name, made.qualname, made.filename = code.co_name, code.co_qualname, code.co_filename
        made.first_lineno = code.co_firstlineno
        made.argnames = [FRAME, ENTRY, GUARDED, FUNCTIONS, METHODS, STATE]
        made.argcount = len(made.argnames)
        made.flags = CompilerFlags.OPTIMIZED | CompilerFlags.NEWLOCALS
        made.freevars = [self.program.localsplus[slot] for slot in self.cells]
        # Calls that may have to be explained are made with copies.
        size = 2 * code.co_stacksize + len(self.locals) + 12
        concrete = made.to_concrete_bytecode(compute_exception_stack_depths=False)
        native = concrete.to_code(stacksize=size, compute_exception_stack_depths=False)
        mark = Native()
        mark.indexes = _by_unit(concrete, self.indexes)
        entries = {
            index: (number, self.places[position].depth or 0)
            for number, (index, position) in enumerate(starts.items())
        }
        return Region(
            code=native.replace(co_consts=(*native.co_consts, mark)),
            mark=mark,
            entries=entries,
            cells=self.cells,
            slots=len(self.locals),
            unbound=(NULL,) * len(self.locals),
            shown=self.shown,
            loaded=self.loaded(),
            near=near(self.places, self.set_up(), _PRICE),
        )


def _by_unit(concrete: Iterable[object], indexes: list[int]) -> tuple[int, ...]:
    """Spread the indexes of what was written over the code units it has become."""
    found: list[int] = []
    index, written = 0, iter(indexes)
    for item in concrete:
        if not isinstance(item, ConcreteInstr):
            continue
        if item.name != "CACHE":
            index = next(written)
        found += [index] * (item.size // 2)
    return tuple(found)
