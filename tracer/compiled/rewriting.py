"""Code object to native code that runs its instructions on a frame of the interpreter.

The values on its stack are those the interpreter keeps on its own, `NULL` among them: an absent
value is that object in both. An unbound local holds it as well. So the whole state can be taken
over and given back at any instruction.

The native code is called with the frame, the number of the entry, the types whose attributes are
the interceptor's business, and what `replacing` takes from the frame. It returns the stack, the
index where the interpreter goes on, and the locals. When something raises, it leaves the same in
``Frame.native``, with the place in the native code for an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from opcode import opmap
from types import CodeType
from typing import Any, Final, cast

from bytecode import Bytecode, Compare, CompilerFlags, ConcreteInstr, Label
from bytecode.instr import FreeVar

from ..errors import UnsupportedInstructionError
from ..frame import NULL
from ..program import Program
from .diverting import CALL, CALL_WITH_NAMES, LEAVE, NULL_FIRST
from .reading import Place, cell_slots, is_cleanup, read, touched
from .region import Native, Region
from .writing import ENTRY, ERROR, FRAME, GUARDED, IF_FALSE, IF_TRUE, STATE, Writer

#: Run as they are.
_NATIVE: Final = frozenset(
    {
        *("BUILD_CONST_KEY_MAP", "BUILD_LIST", "BUILD_MAP", "BUILD_SET", "BUILD_STRING"),
        *("BUILD_TUPLE", "COMPARE_OP", "CONVERT_VALUE", "COPY", "DELETE_GLOBAL"),
        *("FORMAT_SIMPLE", "FORMAT_VALUE", "FORMAT_WITH_SPEC", "GET_ITER", "IS_OP"),
        *("LIST_APPEND", "LIST_EXTEND", "LIST_TO_TUPLE", "LOAD_ASSERTION_ERROR"),
        *("LOAD_COMMON_CONSTANT", "LOAD_CONST", "LOAD_SMALL_INT", "MAP_ADD", "POP_TOP"),
        *("SET_ADD", "SET_UPDATE", "STORE_FAST", "STORE_GLOBAL", "SWAP", "TO_BOOL"),
        *("UNARY_INVERT", "UNARY_NEGATIVE", "UNARY_NOT", "UNARY_POSITIVE", "UNPACK_EX"),
        "UNPACK_SEQUENCE",
    }
)
#: How many values they take and leave. CPython itself says that a node is none of the values they
#: take; the interceptor explains that, if it is shown the values.
_SHOWING: Final = {
    "BINARY_SLICE": (3, 1),
    "BINARY_SUBSCR": (2, 1),
    "CONTAINS_OP": (2, 1),
    "DELETE_SUBSCR": (2, 0),
    "STORE_SLICE": (4, 0),
    "STORE_SUBSCR": (3, 0),
}
#: The numbers of ``%``, ``%=`` and the subscript of 3.14 among the operators.
_SHOWING_OPERATORS: Final = frozenset({6, 19, 26})
_SIMPLE_INTRINSICS: Final = frozenset({5, 6})  # unary plus, and a list to a tuple
#: About two locals, and what is about one at a time.
_TWO_LOCALS: Final = {
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": ("LOAD_FAST", "LOAD_FAST"),
    "LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"),
    "STORE_FAST_LOAD_FAST": ("STORE_FAST", "LOAD_FAST"),
    "STORE_FAST_STORE_FAST": ("STORE_FAST", "STORE_FAST"),
}
#: The oparg has four bits for each, and native code has locals of its own.
_SLOTS_FOR_TWO: Final = 9
_JUMPS_WITHOUT_VALUE: Final = frozenset(
    {"JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD"}
)
#: 3.11 checks every local it loads.
_LOAD_CHECKS: Final = "LOAD_FAST_CHECK" not in opmap
_MAX_PLACES: Final = 20_000


def rebuild(code: CodeType, program: Program, *, guarded: bool, everywhere: bool = False) -> Region:
    """Return native code that runs a program from the head of any of its loops.

    Args:
        code: The code object.
        program: What it was decoded to.
        guarded: Whether there are types whose attribute access is not native.
        everywhere: Whether to run it from wherever the interpreter may hand it over.

    Raises:
        UnsupportedInstructionError: It cannot be rebuilt.
    """
    places = read(code, program)
    if len(places) > _MAX_PLACES:
        raise UnsupportedInstructionError("it is too long")
    return _Rewriter(code, program, places, guarded, everywhere).region()


class _Rewriter(Writer):
    """Writes the native code of one program."""

    def __init__(
        self,
        code: CodeType,
        program: Program,
        places: list[Place],
        guarded: bool,
        everywhere: bool,
    ) -> None:
        self.code = code
        self.program = program
        self.places = places
        self.guarded = guarded
        self.everywhere = everywhere
        self.slots = len(code.co_varnames)
        self.cells = tuple(sorted(cell_slots(program)))
        self.labels: dict[int, Label] = {}
        self.shown: dict[int, int] = {}
        # A cell has the same name among the free variables.
        cells = program.cells
        super().__init__(tuple(f".cell {x}" if x in cells else x for x in code.co_varnames))

    def label_of(self, position: int) -> Label:
        return self.labels.setdefault(position, Label())

    # The parts of the code.

    def region(self) -> Region:
        starts = self.starts()
        if not starts:
            raise UnsupportedInstructionError("it has no loop")
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
        if self.everywhere:
            wanted |= self.left()
        found: dict[int, int] = {}
        # Before the first RESUME cells are made.
        set_up = next(i for i, place in enumerate(self.places) if place.name == "RESUME")
        for position in sorted(wanted):
            place = self.places[position]
            if (
                position >= set_up
                and place.depth is not None
                and not is_cleanup(self.places, position)
            ):
                found.setdefault(place.index, position)
        return found

    def left(self) -> set[int]:
        """Return the positions after what is left to the interpreter."""
        return {
            position + 1
            for position, place in enumerate(self.places[:-1])
            if place.name not in _KNOWN or place.name in ("CALL", "CALL_KW")
        }

    def write_entries(self, starts: dict[int, int]) -> None:
        interrupted = Label()
        self.location = None
        if self.cells:
            self.put("COPY_FREE_VARS", len(self.cells))
        self.cover(interrupted)
        self.put("RESUME", 0)
        self.cover(None)
        self.after.append(lambda: self.write_interrupted(interrupted))
        self.put("LOAD_FAST", STATE)
        self.put("LOAD_CONST", None)
        self.put("STORE_FAST", STATE)
        self.put("UNPACK_SEQUENCE", 2)
        self.put("UNPACK_SEQUENCE", self.slots)
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

    def write_interrupted(self, label: Label) -> None:
        self.label(label)
        self.put("STORE_FAST", ERROR)
        self.put("POP_TOP")
        self.put("LOAD_FAST", STATE)
        self.reraise()

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

    def write_known(self, place: Place) -> bool:
        """Write what does the same as an instruction; return false if only the interpreter can."""
        name = place.name
        if name in _NATIVE:
            if not self.touches_cell(place):
                self.keep(place)
                return True
            return False
        writer = _WRITERS.get(name)
        if writer is not None:
            return writer(self, place)
        if place.target is not None and (
            name == "FOR_ITER" or name in _JUMPS_WITHOUT_VALUE or _is_test(name)
        ):
            self.put(name, self.label_of(place.target))
            return True
        if name == "BINARY_OP":
            if place.oparg in _SHOWING_OPERATORS:
                self.put_showing(place, 2, 1)
            else:
                self.keep(place)
            return True
        if name in _SHOWING:
            self.put_showing(place, *_SHOWING[name])
            return True
        return False

    def touches_cell(self, place: Place) -> bool:
        """Tell whether an instruction about a local is about a cell."""
        return not touched(place).isdisjoint(self.cells)

    def put_showing(self, place: Place, taken: int, left: int) -> None:
        """Write an instruction so that the values it works on are known if it raises."""
        if not self.guarded:
            self.keep(place)
            return
        assert place.depth is not None
        for _ in range(taken):
            self.put("COPY", taken)
        before = self.covering
        self.cover(self.raise_from(place.depth), place.depth)
        self.shown[place.index] = taken
        self.keep(place)
        assert before is not None
        self.cover(*before)
        if left:
            self.put("SWAP", taken + 1)
        for _ in range(taken):
            self.put("POP_TOP")

    def leave_if_guarded(self, place: Place, depth: int = 1) -> None:
        """Leave a value of a guarded type, so deep on the stack, to the interpreter."""
        if not self.guarded:
            return
        self.call(type, [lambda: self.put("COPY", depth + 2)])
        self.put("LOAD_FAST", GUARDED)
        self.put("CONTAINS_OP", 0)
        self.put(IF_TRUE, self.leave(place))

    # Instructions that are written in another way.

    def load_fast(self, place: Place) -> bool:
        if self.touches_cell(place):
            return False
        name = self.program.localsplus[place.oparg]
        checks = place.name == "LOAD_FAST_CHECK" or (
            _LOAD_CHECKS and not place.bound >> place.oparg & 1
        )
        if checks:
            self.leave_if_unbound(place, name)
        self.put("LOAD_FAST", name)
        return True

    def leave_if_unbound(self, place: Place, name: str) -> None:
        self.put("LOAD_FAST", name)
        self.put("LOAD_CONST", NULL)
        self.put("IS_OP", 0)
        self.put(IF_TRUE, self.leave(place))

    def two_fast(self, place: Place) -> bool:
        if self.touches_cell(place):
            return False
        names: Any = place.instr.arg
        if self.slots <= _SLOTS_FOR_TWO:
            self.put(place.name.replace("_BORROW", ""), names)
        else:
            for opcode, name in zip(_TWO_LOCALS[place.name], names, strict=True):
                self.put(opcode, name)
        return True

    def load_fast_and_clear(self, place: Place) -> bool:
        if self.touches_cell(place):
            return False
        name = self.program.localsplus[place.oparg]
        self.put("LOAD_FAST", name)
        self.unbind(name)
        return True

    def delete_fast(self, place: Place) -> bool:
        if self.touches_cell(place):
            return False
        name = self.program.localsplus[place.oparg]
        self.leave_if_unbound(place, name)
        self.unbind(name)
        return True

    def unbind(self, name: str) -> None:
        self.put("LOAD_CONST", NULL)
        self.put("STORE_FAST", name)

    def about_cell(self, place: Place) -> bool:
        cell = FreeVar(self.program.localsplus[place.oparg])
        if place.name != "STORE_DEREF":
            # An empty cell: the interpreter says it in CPython's words, which native code cannot.
            assert place.depth is not None
            before, empty = self.covering, Label()
            self.cover(empty, place.depth)
            self.put(place.name, cell)
            assert before is not None
            self.cover(*before)
            leave = self.leave(place)
            self.after.insert(0, lambda: self.write_empty(empty, leave))
        else:
            self.put(place.name, cell)
        return True

    def write_empty(self, label: Label, leave: Label) -> None:
        self.label(label)
        self.put("POP_TOP")
        self.put("POP_TOP")
        self.put("JUMP_FORWARD", leave)

    def load_global(self, place: Place) -> bool:
        name = self.code.co_names[place.oparg >> 1]
        if place.oparg & 1 and NULL_FIRST:
            self.put("LOAD_CONST", NULL)
        self.put("LOAD_GLOBAL", (False, name))
        if place.oparg & 1 and not NULL_FIRST:
            self.put("LOAD_CONST", NULL)
        return True

    def push_null(self, _: Place) -> bool:
        self.put("LOAD_CONST", NULL)
        return True

    def load_attr(self, place: Place) -> bool:
        name: Any = place.instr.arg
        is_method = place.name == "LOAD_METHOD"
        if isinstance(name, tuple):  # since 3.12
            is_method, name = cast("tuple[bool, str]", name)
        self.leave_if_guarded(place)
        self.put("LOAD_ATTR", (False, name) if isinstance(place.instr.arg, tuple) else name)
        if is_method:  # a bound method is what a policy can judge
            self.put("LOAD_CONST", NULL)
            if NULL_FIRST:
                self.put("SWAP", 2)
        return True

    def about_attr(self, place: Place) -> bool:
        self.leave_if_guarded(place)
        self.put(place.name, place.instr.arg)
        return True

    def build_slice(self, place: Place) -> bool:
        for depth in range(1, place.oparg + 1):
            self.leave_if_guarded(place, depth)
        self.put(place.name, place.oparg)
        return True

    def intrinsic(self, place: Place) -> bool:
        if place.oparg not in _SIMPLE_INTRINSICS:
            return False
        self.put(place.name, place.instr.arg)
        return True

    def make_call(self, place: Place) -> bool:
        names = place.keyword_names
        on_stack = place.oparg + 2
        door = CALL if names is None else CALL_WITH_NAMES
        if place.name == "CALL_KW":
            # The names are a constant, and the last instruction has pushed them.
            self.put("POP_TOP")
        self.put("BUILD_TUPLE", on_stack)
        loads = [
            lambda: self.put("COPY", 3),
            lambda: self.put("LOAD_FAST", FRAME),
            lambda: self.put("LOAD_CONST", place.index),
        ]
        if names is not None:
            loads.append(lambda: self.put("LOAD_CONST", names))
        self.call(door, loads)
        leaving = Label()
        self.put("COPY", 1)
        self.put("LOAD_CONST", LEAVE)
        self.put("IS_OP", 0)
        self.put(IF_TRUE, leaving)
        self.put("SWAP", 2)
        self.put("POP_TOP")
        assert place.depth is not None
        below = place.depth - on_stack - (place.name == "CALL_KW")
        kept = names if place.name == "CALL_KW" else None
        self.after.append(lambda: self.write_left_call(leaving, place.index, below, kept))
        return True

    def write_left_call(self, label: Label, index: int, below: int, names: Any) -> None:
        """``..., values, LEAVE``: the interpreter is to make the call."""
        self.index = index
        self.label(label)
        self.put("POP_TOP")
        self.put("STORE_FAST", STATE)
        self.put("BUILD_LIST", below)
        self.put("LOAD_FAST", STATE)
        self.put("LIST_EXTEND", 1)
        if names is not None:
            self.put("LOAD_CONST", names)
            self.put("LIST_APPEND", 1)
        self.give_back(lambda: self.put("LOAD_CONST", index))
        self.put("RETURN_VALUE")

    def assemble(self, starts: dict[int, int]) -> Region:
        made = Bytecode(self.written)
        code = self.code
        made.name, made.qualname, made.filename = code.co_name, code.co_qualname, code.co_filename
        made.first_lineno = code.co_firstlineno
        made.argnames = [FRAME, ENTRY, GUARDED, STATE]
        made.argcount = len(made.argnames)
        made.flags = CompilerFlags.OPTIMIZED | CompilerFlags.NEWLOCALS
        made.freevars = [self.program.localsplus[slot] for slot in self.cells]
        size = code.co_stacksize + self.slots + 12
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
            slots=self.slots,
            shown=self.shown,
        )


def _is_test(name: str) -> bool:
    return "JUMP" in name and "_IF_" in name


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


_WRITERS: Final[dict[str, Callable[[_Rewriter, Place], bool]]] = {
    **dict.fromkeys(("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"), _Rewriter.load_fast),
    **dict.fromkeys(_TWO_LOCALS, _Rewriter.two_fast),
    **dict.fromkeys(("DELETE_DEREF", "LOAD_DEREF", "STORE_DEREF"), _Rewriter.about_cell),
    **dict.fromkeys(("DELETE_ATTR", "STORE_ATTR"), _Rewriter.about_attr),
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD"), _Rewriter.load_attr),
    **dict.fromkeys(("CALL", "CALL_KW"), _Rewriter.make_call),
    "BUILD_SLICE": _Rewriter.build_slice,
    "CALL_INTRINSIC_1": _Rewriter.intrinsic,
    "DELETE_FAST": _Rewriter.delete_fast,
    "LOAD_FAST_AND_CLEAR": _Rewriter.load_fast_and_clear,
    "LOAD_GLOBAL": _Rewriter.load_global,
    "PUSH_NULL": _Rewriter.push_null,
}

#: What is not left to the interpreter, but for some of their operands.
_KNOWN: Final = (
    _NATIVE
    | _WRITERS.keys()
    | _SHOWING.keys()
    | _JUMPS_WITHOUT_VALUE
    | {
        "BINARY_OP",
        "FOR_ITER",
        *(name for name in opmap if _is_test(name)),
    }
)
