"""The frame record: everything one activation of a code object needs."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from types import CellType, CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from .program import Program

#: A value of the user's program. ``Any``, not ``object``: every operation on one is legitimate
#: here, and whether it succeeds is the user's program's business.
Value = Any


#: ``type`` with one argument, for values of which a type checker knows nothing.
type_of: Final[Callable[[Value], type[Any]]] = type


class Null:
    """The type of `NULL`, the absence of a value on the stack or in a local (never ``None``)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL"


NULL: Final = Null()

#: What made the run loop stop: see `Frame.signal`.
RETURNED: Final = 0
YIELDED: Final = 1
LEFT_HANDLER: Final = 2
LINE: Final = 3
RAISED: Final = 4
RUNNING: Final = 5


class Interceptor(Protocol):
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
        frame: Frame,
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
        frame: Frame,
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

    def make_function(self, frame: Frame, made: FunctionParts, /) -> Callable[..., Value]:
        """Return the function object for a ``def``, ``lambda`` or comprehension."""
        ...

    def load_attr(self, frame: Frame, index: int, obj: Value, name: str, /) -> Value:
        """Load an attribute of an object of a guarded type."""
        ...

    def store_attr(self, frame: Frame, index: int, obj: Value, name: str, value: Value, /) -> None:
        """Store an attribute of an object of a guarded type."""
        ...

    def delete_attr(self, frame: Frame, index: int, obj: Value, name: str, /) -> None:
        """Delete an attribute of an object of a guarded type."""
        ...

    def match(self, frame: Frame, index: int, subject: Value, /) -> None:
        """Be told that an object of a guarded type is about to be matched against a pattern."""
        ...

    def explain(
        self, frame: Frame, index: int, error: TypeError, operands: tuple[Value, ...], /
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


class Frame:
    """One activation of a `Program`.

    Attributes:
        program: The decoded code object.
        code: The code object itself; the frame keeps it alive, the program does not.
        stack: The value stack, top last.
        fast: CPython's ``localsplus``: locals, cells, then free variables; `NULL` when unbound.
        globals, builtins: The two namespaces behind LOAD_GLOBAL.
        namespace: For a class body, the mapping its names live in, else None.
        interceptor: Who decides about calls.
        result: The value returned or yielded, valid after the loop stopped.
        signal: Why the loop stopped: `RETURNED`, `YIELDED`, `LEFT_HANDLER`, `LINE` or `RAISED`;
            or else `RUNNING`. What is raised while it is suspended and not resumed yet finds
            `YIELDED` here.
        resume: The index to go on at after any of them but `RETURNED` and `RAISED`.
        line: While observed, the number of the line being run and the last index in it; see
            ``line_blocks``.
        handled: The exceptions whose handlers are being run, innermost last.
        yielded_at: The index of the YIELD_VALUE or SEND the frame is suspended at.
        thrown: An exception to raise there (``generator.throw``), or by the next turn of the loop.
        late: Whether that waits for an instruction at which CPython would raise it.
        delegate: Set when the frame is suspended to delegate to the top of its stack: ends the
            delegation with a result, and returns the index to go on at.
        reraised: Set when an exception is raised again, whose traceback already has this frame's
            entry: the index where the frame is then, else 0.
        operands: What the step worked on that raised a TypeError, if it says so; see `explain`.
        native: While native code runs the frame, what that leaves when it raises; then the index
            where it did, else None. See ``compiled``.
    """

    __slots__ = (
        "builtins",
        "code",
        "delegate",
        "fast",
        "globals",
        "handled",
        "interceptor",
        "late",
        "line",
        "namespace",
        "native",
        "operands",
        "program",
        "reraised",
        "result",
        "resume",
        "signal",
        "stack",
        "thrown",
        "yielded_at",
    )

    def __init__(
        self,
        program: Program,
        code: CodeType,
        arguments: tuple[Value, ...],
        closure: tuple[CellType, ...],
        global_names: dict[str, Value],
        interceptor: Interceptor,
        namespace: Value = None,
    ) -> None:
        self.namespace = namespace
        self.program = program
        self.code = code
        self.stack: list[Value] = []
        self.fast: list[Value] = [*arguments, *program.padding, *closure]
        self.globals = global_names
        self.builtins: dict[str, Value] = builtin_names(global_names)
        self.interceptor = interceptor
        self.result: Value = None
        self.signal = RETURNED
        self.resume = 1
        self.yielded_at = 0
        self.handled: list[BaseException] = []
        self.thrown: BaseException | None = None
        self.late = False
        self.delegate: Callable[[Frame, Value], int] | None = None
        self.reraised = 0
        self.native: Any = None
        self.operands: tuple[Value, ...] = ()
        self.line: tuple[int, int] = (0, 0)

    def locals(self) -> dict[str, Value]:
        """Return what ``locals()`` does: a class's namespace, or a snapshot of what is bound."""
        if self.namespace is None:
            return LocalsView(self.program, self.fast).copy()
        # An inlined comprehension in a class has its own variables (PEP 709).
        slots = zip(self.code.co_varnames, self.fast, strict=False)
        inlined = {name: value for name, value in slots if value is not NULL}
        if not inlined:
            return self.namespace
        if not _SHOWS_NAMESPACE:
            return LocalsView(self.program, self.fast).copy()
        return {**self.namespace, **inlined}


class _Probe:
    names = [list(locals()) for _ in (1,)][0]  # noqa: RUF015 - a comprehension is the point


#: Whether ``locals()`` in a comprehension in a class has the names of the class: 3.12 only.
_SHOWS_NAMESPACE: Final = "__module__" in _Probe.names


class LocalsView(MutableMapping[str, Value]):
    """The local variables of a frame by name, as they are when asked for."""

    __slots__ = ("_fast", "_program")

    def __init__(self, program: Program, fast: list[Value]) -> None:
        # Not the frame: it may hold the error whose traceback holds this.
        self._program = program
        self._fast = fast

    @classmethod
    def of(cls, frame: Frame) -> Value:
        """Return a view of a frame, or the namespace of a class."""
        return cls(frame.program, frame.fast) if frame.namespace is None else frame.namespace

    def shows(self, frame: Frame) -> bool:
        """Tell whether this is a view of the frame."""
        return self._fast is frame.fast

    def __getitem__(self, name: str) -> Value:
        return self.copy()[name]

    def __setitem__(self, name: str, value: Value) -> None:
        try:
            slot = self._program.localsplus.index(name)
        except ValueError:
            raise KeyError(name) from None
        held = self._fast[slot]
        if type(held) is CellType and name in self._program.cells:
            held.cell_contents = value
        else:
            self._fast[slot] = value

    def __delitem__(self, name: str) -> None:
        # A KeyError, because CPython 3.11 and 3.12 delete what their own frame has not bound.
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self.copy())

    def __repr__(self) -> str:
        return repr(self.copy())

    def copy(self) -> dict[str, Value]:
        """Return a dict of the variables that are bound."""
        found: dict[str, Value] = {}
        for name, value in zip(self._program.localsplus, self._fast, strict=True):
            if type(value) is CellType and name in self._program.cells:
                try:
                    found[name] = value.cell_contents
                except ValueError:  # an empty cell
                    continue
            elif value is not NULL:
                found[name] = value
        return found


def builtin_names(global_names: dict[str, Value]) -> dict[str, Value]:
    """Return the builtins a function with these globals sees.

    Source: CPython ``_PyEval_BuiltinsFromGlobals``: ``__builtins__`` is a module or a dict.
    """
    found: Value = global_names.get("__builtins__", builtins)
    return vars(found) if isinstance(found, ModuleType) else found
