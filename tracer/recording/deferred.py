"""Operations on objects that are not built yet, as nodes: to be done when they are.

Which operation it is the instruction tells: the same special method serves several, of which some
need the value now, such as a loop. What is in no table here is refused, as ever.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import CodeType
from typing import Any, Final, NamedTuple

from ...configs import (
    Buildable,
    WeakIdentityCache,
    call_method,
    enter_context,
    leave_context,
    unpack,
)
from ...configs.for_tracer import short_repr
from ..code.wordcode import COMPARE_BITS, number, numbers
from ..engine.frame import Frame
from ..engine.interception import DeferredMethod
from ..engine.native.assembly import read_words
from ..engine.native.call_layout import call_layouts, loads_method
from ..engine.native.sites import Origin
from ..engine.opcodes.operators import BINARY_OPERATORS, COMPARE_OPERATORS
from ..engine.values import Args, Kwargs, Node, Value
from ..errors import UnsupportedInstructionError
from .guard import use_error
from .known import KnownValues, answer
from .partials import make_node

_BINARY_OP: Final = number("BINARY_OP")
_COMPARE_OP: Final = number("COMPARE_OP")
_UNPACK_SEQUENCE: Final = number("UNPACK_SEQUENCE")
_INTRINSIC: Final = number("CALL_INTRINSIC_1")
#: The operand of the CALL_INTRINSIC_1 that is a unary plus.
_POSITIVE: Final = 5
_LOADS_ITEM: Final = numbers("BINARY_SUBSCR", "BINARY_SLICE")
#: By special method: the function, and the instructions that it stands for.
_ONLY: Final[dict[str, tuple[Callable[..., object], frozenset[int]]]] = {
    "pos": (operator.pos, numbers("UNARY_POSITIVE")),
    "neg": (operator.neg, numbers("UNARY_NEGATIVE")),
    "invert": (operator.invert, numbers("UNARY_INVERT")),
    "setitem": (operator.setitem, numbers("STORE_SUBSCR", "STORE_SLICE")),
    "delitem": (operator.delitem, numbers("DELETE_SUBSCR")),
}
_MIRRORED: Final = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


class _Instructions(NamedTuple):
    """The relevant facts about the instructions of a code object, by their offsets in bytes.

    Attributes:
        meanings: Opcode and oparg.
        called: Those whose result is called, and has no other use.
    """

    meanings: dict[int, tuple[int, int]]
    called: frozenset[int]


_known: Final[WeakIdentityCache[CodeType, _Instructions]] = WeakIdentityCache()


def _instructions(code: CodeType) -> _Instructions:
    found = _known.get(code)
    if found is None:
        words = read_words(code)
        places = [2 * unit for unit in words.units]
        try:
            called = {call.loaded for call in call_layouts(words).values()}
        except UnsupportedInstructionError:
            called = {index for index in range(len(places)) if loads_method(words, index)}
        found = _Instructions(
            dict(zip(places, zip(words.ops, words.args, strict=True), strict=True)),
            frozenset(places[index] for index in called if index >= 0),
        )
        _known.set(code, found)
    return found


def is_deferrable(frame: Frame | Origin, index: int, method: str) -> bool:
    """Tell whether an instruction need not know the result of a special method of a node."""
    if method in ("enter", "exit"):
        return True
    op, oparg = _instructions(frame.code).meanings.get(frame.program.offsets[index], (-1, 0))
    if method == "getitem":
        return op in _LOADS_ITEM or op in (_BINARY_OP, _UNPACK_SEQUENCE)
    return _operation(method, op, oparg, (None, None, None)) is not None


class Deferred:
    """Records the operations of one capture on objects that are not built yet.

    Args:
        recorder: The `Recorder`.
        cls: The class of the nodes.

    Attributes:
        values: Those that are needed during the capture.
    """

    __slots__ = ("_cls", "_entered", "_recorder", "_unpacked", "values")

    def __init__(self, recorder: Any, cls: type[Buildable[object]]) -> None:
        self._recorder = recorder
        self._cls = cls
        #: The context managers of the ``with`` statements that run, and what they gave.
        self._entered: list[tuple[object, object]] = []
        self._unpacked: object = None
        self.values = KnownValues(recorder)

    def load_attr(self, frame: Frame, index: int, node: Node, name: str, *default: object) -> Value:
        """Return the node of an attribute; a `DeferredMethod` for a method that is called."""
        at = frame.program.offsets[index]
        if not default and at in _instructions(frame.code).called:
            return DeferredMethod(node, name)
        return self._record(frame, index, getattr, node, name, *default)

    def store_attr(self, frame: Frame, index: int, node: Node, name: str, value: Value) -> None:
        """Record that an attribute is set."""
        self._record(frame, index, setattr, node, name, value)

    def delete_attr(self, frame: Frame, index: int, node: Node, name: str) -> None:
        """Record that an attribute is deleted."""
        self._record(frame, index, delattr, node, name)

    def call(self, frame: Frame, index: int, fn: Value, args: Args, kwargs: Kwargs) -> Value:
        """Return the node of a call of an object or of a method of one."""
        if type(fn) is DeferredMethod:
            return self._record(frame, index, call_method, fn.obj, fn.name, *args, **kwargs)
        return self._record(frame, index, operator.call, fn, *args, **kwargs)

    def special(
        self, frame: Frame | Origin, index: int, node: Node, method: str, operands: Args
    ) -> Value:
        """Return the node of an instruction's operation by a special method.

        Args:
            frame: The frame.
            index: The instruction.
            node: The node whose method is called.
            method: Its name, without underscores.
            operands: What it is given.

        Returns:
            None if the instruction needs the value now.

        Raises:
            IndexError: There are no more items to unpack.
        """
        if method == "enter":
            entered = self._record(frame, index, enter_context, node)
            self._entered.append((node, entered))
            return entered
        if method == "exit":
            return self._leave(frame, index, node, operands[1])
        at = frame.program.offsets[index]
        op, oparg = _instructions(frame.code).meanings.get(at, (-1, 0))
        if method == "getitem":
            return self._item(frame, index, node, operands[0], op, oparg)
        found = _operation(method, op, oparg, (node, *operands))
        return found and self._record(frame, index, *found)

    def needed(self, node: Node, method: str, operands: Args) -> Value:
        """Return the result of a special method whose value is needed now, or None."""
        return answer(self.values, node, method, operands)

    def _item(
        self, frame: Frame | Origin, index: int, node: Node, key: Value, op: int, oparg: int
    ) -> Value:
        if op in _LOADS_ITEM or (op == _BINARY_OP and oparg == len(BINARY_OPERATORS)):
            return self._record(frame, index, operator.getitem, node, key)
        if op != _UNPACK_SEQUENCE:
            return None
        if key == 0:
            self._unpacked = self._record(frame, index, unpack, node, oparg)
        if key >= oparg:
            self._unpacked = None
            raise IndexError(key)
        item = self._record(frame, index, operator.getitem, self._unpacked, key)
        self._recorder.made.pop()  # that nobody uses it is no effect
        return item

    def _leave(self, frame: Frame | Origin, index: int, node: Node, error: object) -> Value:
        for place in reversed(range(len(self._entered))):
            if self._entered[place][0] is node:
                entered = self._entered.pop(place)[1]
                if error is None:
                    return self._record(frame, index, leave_context, node, entered)
        before = dict(self._recorder.refusals)
        found = use_error(
            frame,
            index,
            f"let {type(error).__name__} leave the with statement of {short_repr(node)}",
            node,
            "catch it inside of the with statement: only the object knows whether it goes on",
        )
        if before:  # which is what leaves it
            self._recorder.refusals = before
        return found  # the program may catch the error outside, but is refused then

    def _record(
        self, frame: Frame | Origin, index: int, fn: Value, *args: object, **kwargs: object
    ) -> Node:
        return make_node(self._cls, frame, index, fn, args, kwargs)


def _operation(method: str, op: int, oparg: int, values: Args) -> Args | None:
    """Return a function and its arguments, or None if an instruction is none of those."""
    if op == _BINARY_OP and oparg < len(BINARY_OPERATORS):
        fn = BINARY_OPERATORS[oparg]
        name = fn.__name__.rstrip("_")
        for each in (name, name.removeprefix("i")):
            if method == each:
                return fn, *values
            if method == f"r{each}":
                return fn, *reversed(values)
        return None
    if op == _COMPARE_OP and method in _MIRRORED:
        fn = COMPARE_OPERATORS[oparg >> COMPARE_BITS]
        if method == fn.__name__:
            return fn, *values
        return (fn, *reversed(values)) if _MIRRORED[method] == fn.__name__ else None
    if (method, op, oparg) == ("pos", _INTRINSIC, _POSITIVE):
        return operator.pos, *values
    fn, ops = _ONLY.get(method, (None, frozenset[int]()))
    return (fn, *values) if op in ops else None
