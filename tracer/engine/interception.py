"""What opcode steps ask about calls, attributes and functions, and what they hand over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CellType, CodeType
from typing import Any, Final, Protocol, TypeVar

from .values import Value

#: The `Frame`, which holds an interceptor itself.
FrameT_contra = TypeVar("FrameT_contra", contravariant=True)


class Interceptor(Protocol[FrameT_contra]):
    """What opcode steps ask: the only door between the opcodes and what is done about a call.

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
        """Do what `call` does; the last of the values have the names.

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
        """Do what the policy says about ``fn(*args, **kwargs)`` and return the result."""
        ...

    def runs(self, fn: Value, /) -> bool:
        """Tell whether `call` would run ``fn``, so that what does the same may take its place."""
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
    """What a CALL keeps from one run to the next, for the interceptor.

    It refers weakly to what the program made, since it lives as long as the code object.

    Attributes:
        index: The index of the CALL.
        known: What the interceptor found out about the last callable that it remembers. It is
            replaced as a whole, so that threads need no lock.
        forgotten: How often that was not what the next run needed.
    """

    __slots__ = ("forgotten", "index", "known")

    def __init__(self, index: int) -> None:
        self.index = index
        self.known: tuple[Any, ...] = _NOTHING_KNOWN
        self.forgotten = 0


def _nothing() -> None:
    return None


#: Refers to nothing, as a dead weak reference does.
_NOTHING_KNOWN: Final = (_nothing,)


class ImplicitCallable:
    """A callable that a statement calls without the user's code naming it, so no policy applies.

    The exit method of a ``with`` statement is one, the function of a comprehension another.
    """

    __slots__ = ()

    def __call__(self, *args: Value) -> Value:
        """Do what the statement means."""
        raise NotImplementedError


class FunctionParts:
    """What MAKE_FUNCTION collects from the stack for one function object."""

    __slots__ = ("annotate", "annotations", "closure", "code", "defaults", "kwdefaults")

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.defaults: tuple[Value, ...] | None = None
        self.kwdefaults: dict[str, Value] | None = None
        self.annotations: Value = None
        self.annotate: Callable[..., Value] | None = None
        self.closure: tuple[CellType, ...] | None = None
