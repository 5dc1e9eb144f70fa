"""The interface between opcode steps and an interceptor, which decides about calls.

All that can happen at a CALL, in this order:

1. `PlainCalls`: a builtin that needs nothing but to be called is called by the CALL itself.
2. `InlineCache`: what this CALL recorded before, in the same shape, is recorded again.
3. `CallSteps.runs_unasked`: what no policy is asked about runs: calls that a statement makes,
   functions that the traced code made, the class statement.
4. `CallSteps.looks_at_frame`: a builtin that looks at its caller's frame is given the interpreted
   one.
5. `CallSteps.call_node`: the call of a partial is one of its callable; that of another node, or of
   a method of one, is deferred or refused, for the object is not there yet.
6. `CallSteps.decide`: the policy decides. The call is made (`CallSteps.run_exempt`: not of what
   asks a node about the object), is the graph of another captured function (`CallSteps.inline`), or
   its body is interpreted, too (`CallSteps.step_into`).
7. `CallSteps.record`: any other call becomes a node; one that makes a partial, a node that is one.

The first two are shortcuts of the rest, for what has gone all the way before. `maker_of` finds the
rest. Where everything runs, 3 and 4 are all that there is.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from types import CellType, CodeType, FunctionType
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from .values import Value, type_of

#: The `Frame`, which holds an interceptor itself.
FrameT_contra = TypeVar("FrameT_contra", contravariant=True)


class Interceptor(Protocol[FrameT_contra]):
    """The only door between the opcodes and the decisions about calls, attributes and functions.

    Opcode code knows nothing of buildables; an interceptor knows nothing of the value stack.
    ``index`` is always the index of the instruction in the frame's program, from which the
    position in the user's source can be had.
    """

    #: Exact types whose attribute access is handed to the interceptor.
    guarded_types: set[type]
    #: What a CALL may call itself: functions if their first argument is of no such type.
    plain: PlainCalls

    def call_at(
        self,
        frame: FrameT_contra,
        cache: InlineCache,
        fn: Value,
        values: list[Value],
        names: tuple[str, ...],
        /,
    ) -> Value:
        """Make a call as `call`; the last of the values have the names.

        Args:
            frame: The frame that makes the call.
            cache: What the CALL keeps from one run to the next.
            fn: What is called.
            values: The arguments in the order of the stack.
            names: Names of the last ones.
        """
        ...

    def call(
        self,
        frame: FrameT_contra,
        index: int,
        fn: Value,
        args: tuple[Value, ...],
        kwargs: Mapping[str, Value],
        /,
    ) -> Value:
        """Decide about ``fn(*args, **kwargs)`` by the policy, and return the result."""
        ...

    @property
    def natives(self) -> dict[tuple[int, int], CodeType] | None:
        """The native code of functions, by the `id` of code and globals, if it is kept."""
        ...

    @property
    def goes_native(self) -> bool:
        """Whether frames may go over to native code."""
        ...

    @property
    def asks(self) -> bool:
        """Whether the calls of native code are to be diverted; else all of them run."""
        ...

    @property
    def asks_of_none(self) -> bool:
        """Whether native code that asks tells of tests for None, too; see `is_none`."""
        ...

    def divert(self, site: Any, fn: Value, /) -> Value:
        """Return the callable that native code is to call in place of another.

        Args:
            site: What the CALL keeps.
            fn: The callable, which is returned if it runs.
        """
        ...

    def adopt(self, function: FunctionType, /) -> FunctionType:
        """Have a function traced that native code has made, and return it."""
        ...

    def explain_native(self, error: TypeError, /) -> BaseException | None:
        """Return the error to raise instead of one that native code raised, or None."""
        ...

    def runs(self, fn: Value, /) -> bool:
        """Tell whether `call` would run ``fn``, so that an equivalent may take its place."""
        ...

    def make_function(self, frame: FrameT_contra, made: FunctionParts, /) -> Callable[..., Value]:
        """Return the function object for a ``def``, ``lambda`` or comprehension."""
        ...

    def load_attr(self, frame: FrameT_contra, index: int, obj: Value, name: str, /) -> Value:
        """Load an attribute of an object of a guarded type."""
        ...

    def store_attr(
        self, frame: FrameT_contra, index: int, obj: Value, name: str, value: Value, /
    ) -> None:
        """Store an attribute of an object of a guarded type."""
        ...

    def delete_attr(self, frame: FrameT_contra, index: int, obj: Value, name: str, /) -> None:
        """Delete an attribute of an object of a guarded type."""
        ...

    def match(self, frame: FrameT_contra, index: int, subject: Value, /) -> None:
        """Be told that an object of a guarded type is about to be matched against a pattern."""
        ...

    def is_none(self, frame: FrameT_contra, index: int, obj: Value, /) -> None:
        """Be told that an object of a guarded type is tested for being None, which it is not."""
        ...

    def explain(
        self, frame: FrameT_contra, index: int, error: TypeError, operands: tuple[Value, ...], /
    ) -> BaseException | None:
        """Return the error to raise instead of one that a step raised, or None to leave it.

        Args:
            frame: The frame where it raised.
            index: Which step.
            error: What it raised.
            operands: What it worked on, if it says so.
        """
        ...


class Decision(enum.Enum):
    """The decisions of a capture about a call."""

    EXEMPT = "run it as usual"
    RECORD = "make a config node of it"
    INLINE = "take its config graph"
    STEP_INTO = "interpret it too"


#: Makes a call: given the frame, the index of the CALL, the callable, and its positional and named
#: arguments.
Maker: TypeAlias = Callable[[Value, int, Value, tuple[Value, ...], Mapping[str, Value]], Value]


class CallSteps(Protocol):
    """The steps of a CALL of which nothing is known; see the list above."""

    guarded_types: set[type]

    def runs_unasked(self, fn: Value, /) -> bool:
        """Tell whether no policy is asked about a callable."""
        ...

    @property
    def run_unasked(self) -> Maker:
        """Make the call."""
        ...

    def looks_at_frame(self, fn: Value, /) -> bool:
        """Tell whether a builtin looks at its caller's frame."""
        ...

    @property
    def run_exempt(self) -> Maker:
        """Make the call, unless it asks a node about the object."""
        ...

    @property
    def call_node(self) -> Maker:
        """Call the callable of a partial; defer the call of another node or method, or refuse."""
        ...

    def decide(self, fn: Value, /) -> Decision:
        """Return the policy's decision."""
        ...

    @property
    def inline(self) -> Maker:
        """Return the graph of the function's call."""
        ...

    @property
    def step_into(self) -> Maker:
        """Interpret the function's body, too."""
        ...

    @property
    def record(self) -> Maker:
        """Return a node that stands for the call."""
        ...


def maker_of(steps: CallSteps, fn: Value) -> Maker:
    """Return the maker of a call: the first step that is about it; see the list above.

    It is returned rather than called, for the depth of a recursion counts frames.

    Args:
        steps: What can happen.
        fn: What is called.
    """
    if steps.runs_unasked(fn):
        return steps.run_unasked
    if steps.looks_at_frame(fn):
        return steps.run_exempt
    if type_of(fn) in steps.guarded_types or type_of(fn) is DeferredMethod:
        return steps.call_node
    decision = steps.decide(fn)
    if decision is Decision.EXEMPT:
        return steps.run_exempt
    if decision is Decision.INLINE:
        return steps.inline
    if decision is Decision.STEP_INTO:
        return steps.step_into
    return steps.record


class PlainCalls:
    """Builtins that need nothing but to be called: they look at no frame, and no policy objects.

    Attributes:
        functions: By `id`: functions and types of ``builtins``, which are never freed.
        methods: Methods of instances of builtin types, by the exact type and their name.
    """

    __slots__ = ("functions", "methods")

    def __init__(self) -> None:
        self.functions: set[int] = set()
        self.methods: set[tuple[type, str]] = set()


class InlineCache:
    """The memory of a CALL, from one run to the next, for the interceptor.

    It refers weakly to what the program made, since it lives as long as the code object.

    Attributes:
        index: The index of the CALL.
        known: A weak reference to the last callable that the interceptor remembers, and what it
            found out about it, seven things. It is replaced as a whole, so that threads need no
            lock.
        forgotten: How often that was not what the next run needed.
    """

    __slots__ = ("forgotten", "index", "known")

    def __init__(self, index: int) -> None:
        self.index = index
        self.known: tuple[Value, ...] = _NOTHING_KNOWN
        self.forgotten = 0


def _nothing() -> None:
    return None


#: Refers to nothing, as a dead weak reference does.
_NOTHING_KNOWN: Final = (_nothing, *(None,) * 7)


class ImplicitCallable:
    """A callable that a statement calls without the user's code naming it, so no policy applies.

    The exit method of a ``with`` statement is one, the function of a comprehension another.
    """

    __slots__ = ()

    def __call__(self, *args: Value) -> Value:
        """Call as the statement does."""
        raise NotImplementedError


class DeferredMethod:
    """A method that was loaded to be called, of an object that is not there yet.

    Attributes:
        obj: What stands for the object.
        name: The name of the method.
    """

    __slots__ = ("name", "obj")

    def __init__(self, obj: Value, name: str) -> None:
        self.obj = obj
        self.name = name


class FunctionParts:
    """The parts of one function object that MAKE_FUNCTION collects from the stack."""

    __slots__ = ("annotate", "annotations", "closure", "code", "defaults", "kwdefaults")

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.defaults: tuple[Value, ...] | None = None
        self.kwdefaults: dict[str, Value] | None = None
        self.annotations: Value = None
        self.annotate: Callable[..., Value] | None = None
        self.closure: tuple[CellType, ...] | None = None
