"""Writing what does the same as each instruction, or leaves it to the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from opcode import opmap
from types import CodeType
from typing import Any, Final

from bytecode import Label
from bytecode.instr import FreeVar

from ..frame import NULL
from ..opcodes.stack import COMMON_CONSTANTS, REPLACED
from ..program import Program
from .calling import CallWriter
from .diverting import NULL_FIRST, builtin_to_replace
from .reading import Place, cell_slots, touched
from .writing import FRAME, IF_TRUE

#: Run as they are.
_NATIVE: Final = frozenset(
    {
        *("BUILD_CONST_KEY_MAP", "BUILD_LIST", "BUILD_MAP", "BUILD_SET", "BUILD_STRING"),
        *("BUILD_TUPLE", "COMPARE_OP", "CONVERT_VALUE", "COPY", "DELETE_GLOBAL"),
        *("FORMAT_SIMPLE", "FORMAT_VALUE", "FORMAT_WITH_SPEC", "GET_ITER", "IS_OP"),
        *("LIST_APPEND", "LIST_EXTEND", "LIST_TO_TUPLE", "LOAD_ASSERTION_ERROR"),
        *("LOAD_CONST", "LOAD_SMALL_INT", "MAP_ADD", "POP_ITER"),
        *("POP_TOP", "SET_ADD", "SET_UPDATE", "STORE_FAST", "STORE_GLOBAL", "SWAP", "TO_BOOL"),
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


class InstructionWriter(CallWriter):
    """Writes the instructions of one program.

    Attributes:
        cells: The slots of the frame that hold cells.
    """

    def __init__(self, code: CodeType, program: Program, guarded: bool) -> None:
        super().__init__(code, program, guarded)
        self.cells = tuple(sorted(cell_slots(program)))
        self.labels: dict[int, Label] = {}

    def label_of(self, position: int) -> Label:
        """Return the label of a position."""
        return self.labels.setdefault(position, Label())

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

    # Instructions that are written in another way.

    def load_fast(self, place: Place) -> bool:
        """Load a local; one that may be unbound is looked at first."""
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
        """Leave the error about an unbound local to the interpreter."""
        self.put("LOAD_FAST", name)
        self.put("LOAD_CONST", NULL)
        self.put("IS_OP", 0)
        self.put(IF_TRUE, self.leave(place))

    def two_fast(self, place: Place) -> bool:
        """Load or store two locals."""
        if self.touches_cell(place):
            return False
        names: Any = place.instr.arg
        if len(self.locals) <= _SLOTS_FOR_TWO:
            self.put(place.name.replace("_BORROW", ""), names)
        else:
            for opcode, name in zip(_TWO_LOCALS[place.name], names, strict=True):
                self.put(opcode, name)
        return True

    def load_fast_and_clear(self, place: Place) -> bool:
        """Load what a local holds, bound or not, and unbind it."""
        if self.touches_cell(place):
            return False
        name = self.program.localsplus[place.oparg]
        self.put("LOAD_FAST", name)
        self.unbind(name)
        return True

    def delete_fast(self, place: Place) -> bool:
        """Unbind a local."""
        if self.touches_cell(place):
            return False
        name = self.program.localsplus[place.oparg]
        self.leave_if_unbound(place, name)
        self.unbind(name)
        return True

    def unbind(self, name: str) -> None:
        """Have a local hold what stands for no value."""
        self.put("LOAD_CONST", NULL)
        self.put("STORE_FAST", name)

    def about_cell(self, place: Place) -> bool:
        """Load, store or delete what a cell holds."""
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
        """``error --``: leave it to the interpreter to say that a cell is empty."""
        self.label(label)
        self.put("POP_TOP")
        self.put("JUMP_FORWARD", leave)

    def load_global(self, place: Place) -> bool:
        """Load a global, and what CALL expects beside it."""
        name = self.code.co_names[place.oparg >> 1]
        if place.oparg & 1 and NULL_FIRST:
            self.put("LOAD_CONST", NULL)
        self.put("LOAD_GLOBAL", (False, name))
        if place.oparg & 1 and not NULL_FIRST:
            self.put("LOAD_CONST", NULL)
        return True

    def load_common_constant(self, place: Place) -> bool:
        """Load a constant, or ask for the builtin that a loop may be run in place of."""
        if place.oparg not in REPLACED:
            self.keep(place)
            return True
        builtin = COMMON_CONSTANTS[place.oparg]
        self.call(
            builtin_to_replace,
            [lambda: self.put("LOAD_FAST", FRAME), lambda: self.put("LOAD_CONST", builtin)],
        )
        return True

    def push_null(self, _: Place) -> bool:
        """Load what stands for no value."""
        self.put("LOAD_CONST", NULL)
        return True

    def about_attr(self, place: Place) -> bool:
        """Store or delete an attribute."""
        self.leave_if_guarded(place)
        self.put(place.name, place.instr.arg)
        return True

    def build_slice(self, place: Place) -> bool:
        """Build a slice; the interceptor explains one that a node is in."""
        for depth in range(1, place.oparg + 1):
            self.leave_if_guarded(place, depth)
        self.put(place.name, place.oparg)
        return True

    def intrinsic(self, place: Place) -> bool:
        """Do what can do nothing to the frame."""
        if place.oparg not in _SIMPLE_INTRINSICS:
            return False
        self.put(place.name, place.instr.arg)
        return True


def _is_test(name: str) -> bool:
    return "JUMP" in name and "_IF_" in name


_WRITERS: Final[dict[str, Callable[[InstructionWriter, Place], bool]]] = {
    **dict.fromkeys(
        ("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"), InstructionWriter.load_fast
    ),
    **dict.fromkeys(_TWO_LOCALS, InstructionWriter.two_fast),
    **dict.fromkeys(("DELETE_DEREF", "LOAD_DEREF", "STORE_DEREF"), InstructionWriter.about_cell),
    **dict.fromkeys(("DELETE_ATTR", "STORE_ATTR"), InstructionWriter.about_attr),
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD"), InstructionWriter.load_attr),
    **dict.fromkeys(("CALL", "CALL_KW"), InstructionWriter.make_call),
    "BUILD_SLICE": InstructionWriter.build_slice,
    "CALL_INTRINSIC_1": InstructionWriter.intrinsic,
    "DELETE_FAST": InstructionWriter.delete_fast,
    "LOAD_COMMON_CONSTANT": InstructionWriter.load_common_constant,
    "LOAD_FAST_AND_CLEAR": InstructionWriter.load_fast_and_clear,
    "LOAD_GLOBAL": InstructionWriter.load_global,
    "PUSH_NULL": InstructionWriter.push_null,
}

#: What is not left to the interpreter, but for some of their operands.
KNOWN: Final = (
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
