"""Writing calls: what is plain CPython calls at once, and the door stands for the rest.

What is plain is what a CALL of the interpreter calls itself, too: see ``PlainCalls``. CPython has
its own ways to call that fast, if it finds on the stack what its compiler would have put there:
an absent value of its own instead of `NULL`, or a method and the object that it is called on. In
that form a method may be there between the instruction that loads it and the CALL; whoever leaves
native code in between has to bind it, because a policy judges bound methods only.
"""

from __future__ import annotations

from opcode import opmap
from types import CodeType
from typing import Any, Final, cast

from bytecode import Label

from ..interception import InlineCache
from ..program import Program
from ..values import NULL
from .diverting import CALL, LEAVE, NULL_FIRST
from .reading import Place, loads_method
from .writing import FRAME, FUNCTIONS, GUARDED, IF_FALSE, IF_TRUE, METHODS, STATE, Writer

#: How deep below the arguments of a call the callable is, and what may be absent.
_CALLABLE, _ABSENT = (1, 2) if NULL_FIRST else (2, 1)
#: The last steps of a call, before and after specialised ones had an instruction of their own.
_CALLS: Final = ("PRECALL", "CALL") if "PRECALL" in opmap else ("CALL",)


class CallWriter(Writer):
    """Writes the calls of one program, and what loads methods for them.

    Attributes:
        shown: By index, how many values on top of the stack an instruction works on, which an
            error is to be explained with.
    """

    def __init__(self, code: CodeType, program: Program, guarded: bool) -> None:
        self.code = code
        self.program = program
        self.guarded = guarded
        # A cell has the same name among the free variables.
        cells = program.cells
        super().__init__(tuple(f".cell {x}" if x in cells else x for x in code.co_varnames))
        self.shown: dict[int, int] = {}

    def leave_if_guarded(self, place: Place, depth: int = 1) -> None:
        """Leave a value of a guarded type, so deep on the stack, to the interpreter."""
        if self.guarded:
            self.jump_if_guarded(depth, self.leave(place))

    def jump_if_guarded(self, depth: int, label: Label) -> None:
        """Jump if a value, so deep on the stack, is of a guarded type."""
        self.call(type, [lambda: self.put("COPY", depth + 2)])
        self.put("LOAD_FAST", GUARDED)
        self.put("CONTAINS_OP", 0)
        self.put(IF_TRUE, label)

    def load_attr(self, place: Place) -> bool:
        """Load an attribute, or a method for a call."""
        arg: Any = place.instr.arg
        name = cast("str", arg[1] if isinstance(arg, tuple) else arg)
        done = Label()
        if place.method is not None:
            other = Label()
            self.call(type, [lambda: self.put("COPY", 3)])
            self.put("LOAD_CONST", name)
            self.put("BUILD_TUPLE", 2)
            self.put("LOAD_FAST", METHODS)
            self.put("CONTAINS_OP", 0)
            self.put(IF_FALSE, other)
            self.put(place.name, arg)
            self.put("JUMP_FORWARD", done)
            self.label(other)
        self.leave_if_guarded(place)
        self.put("LOAD_ATTR", (False, name) if isinstance(arg, tuple) else name)
        if loads_method(place):  # a bound method is what a policy can judge
            self.put("LOAD_CONST", NULL)
            if NULL_FIRST:
                self.put("SWAP", 2)
        self.label(done)
        return True

    def make_call(self, place: Place) -> bool:
        """Call what is plain, or the door with what CALL finds."""
        ask, done = Label(), Label()
        if place.keyword_names is not None:
            self.write_door(place, done)
        elif place.method is not None:
            self.put("COPY", place.oparg + _ABSENT)
            self.put("LOAD_CONST", NULL)
            self.put("IS_OP", 0)
            self.put(IF_TRUE, ask)
            self.write_method_call(place)
            self.write_later(place, ask, done)
        else:
            self.write_plain_call(place, ask)
            self.write_later(place, ask, done)
        self.label(done)
        return True

    def write_later(self, place: Place, ask: Label, done: Label) -> None:
        """Write the door out of the way."""
        covering, location = self.covering, self.location
        assert covering is not None

        def write() -> None:
            self.index, self.location = place.index, location
            self.cover(*covering)
            self.label(ask)
            self.write_door(place, done)
            self.put("JUMP_BACKWARD", done)
            self.cover(None)
            self.settle()

        self.after.append(write)

    def write_method_call(self, place: Place) -> None:
        """Have CPython call a method that is on the stack in its own form."""
        count = place.oparg
        if not self.guarded:
            self.write_native_call(count)
            return
        for _ in range(count + 2):
            self.put("COPY", count + 2)
        self.write_shown_call(place, count, count)

    def write_function_call(self, place: Place) -> None:
        """Have CPython call a function; its first argument is what a method would be called on.

        So no absent value of CPython's own is needed.
        """
        count = place.oparg
        if not count:
            if NULL_FIRST:
                self.put("SWAP", 2)
            self.put("POP_TOP")
            self.put("PUSH_NULL")
            if NULL_FIRST:
                self.put("SWAP", 2)
            self.write_native_call(0)
        elif self.guarded:
            self.put("COPY", count + _CALLABLE)
            for _ in range(count):
                self.put("COPY", count + 1)
            self.write_shown_call(place, count, count - 1)
        else:
            self.put("SWAP", count + _ABSENT)
            self.put("POP_TOP")
            for depth in range(2, count + _ABSENT):
                self.put("SWAP", depth)
            self.write_native_call(count - 1)

    def write_shown_call(self, place: Place, count: int, arguments: int) -> None:
        """Call a copy of what is on the stack, so that an error can be explained with it."""
        assert place.depth is not None
        before = self.covering
        assert before is not None
        self.cover(self.raise_from(place.depth), place.depth)
        self.shown[place.index] = count
        self.write_native_call(arguments)
        self.cover(*before)
        self.put("SWAP", count + 3)
        for _ in range(count + 2):
            self.put("POP_TOP")

    def write_native_call(self, count: int) -> None:
        """Have CPython make a call with what is on the stack in its own form."""
        for name in _CALLS:
            self.put(name, count)

    def write_plain_call(self, place: Place, ask: Label) -> None:
        """Have CPython call a function if that is plain; jump if it is not."""
        count = place.oparg
        self.call(id, [lambda: self.put("COPY", count + _CALLABLE + 2)])
        self.put("LOAD_FAST", FUNCTIONS)
        self.put("CONTAINS_OP", 0)
        self.put(IF_FALSE, ask)
        self.put("COPY", count + _ABSENT)
        self.put("LOAD_CONST", NULL)
        self.put("IS_OP", 0)
        self.put(IF_FALSE, ask)
        if count and self.guarded:
            self.jump_if_guarded(count, ask)
        self.write_function_call(place)

    def write_door(self, place: Place, done: Label) -> None:
        """Call the door, which may leave the call to the interpreter."""
        on_stack = place.oparg + 2
        if place.name == "CALL_KW":
            # The names are a constant, and the last instruction has pushed them.
            self.put("POP_TOP")
        self.put("BUILD_LIST", on_stack)
        cache, names = InlineCache(place.index), place.keyword_names or ()
        self.call(
            CALL,
            [
                lambda: self.put("COPY", 3),
                lambda: self.put("LOAD_FAST", FRAME),
                lambda: self.put("LOAD_CONST", cache),
                lambda: self.put("LOAD_CONST", names),
            ],
        )
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
        self.put("LOAD_CONST", index)
        self.give_back()
        self.put("BUILD_TUPLE", 3)
        self.put("RETURN_VALUE")
