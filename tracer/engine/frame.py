"""The frame record: everything one activation of a code object needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from itertools import islice
from types import CellType, CodeType
from typing import Final

from ..code.flags import CO_OPTIMIZED, argument_count
from .interception import Interceptor
from .namespaces import Asked, builtin_names, lookup
from .program import Program
from .values import NULL, Value, content

#: What made the run loop stop: see `Frame.signal`.
RETURNED: Final = 0
YIELDED: Final = 1
LEFT_HANDLER: Final = 2
RAISED: Final = 3
RUNNING: Final = 4


class Frame:
    """One activation of a `Program`.

    Attributes:
        program: The decoded code object.
        code: The code object itself; the frame keeps it alive, the program does not.
        stack: The value stack, top last.
        fast: CPython's ``localsplus``: locals, cells, then free variables; `NULL` when unbound.
        globals, builtins: The two namespaces behind LOAD_GLOBAL.
        names: What LOAD_GLOBAL gets names from: the globals, if both are plain dicts.
        namespace: For a class body, the mapping its names live in, else None; for other code
            without CO_OPTIMIZED, the globals.
        local_names: The dict that ``locals()`` returned, if that is the same each time.
        interceptor: Who decides about calls.
        result: The value returned or yielded, valid after the loop stopped.
        signal: Why the loop stopped: `RETURNED`, `YIELDED`, `LEFT_HANDLER` or `RAISED`; or else
            `RUNNING`. What is raised while it is suspended and not resumed yet finds `YIELDED`
            here.
        resume: The index to go on at after any of them but `RETURNED` and `RAISED`.
        handled: The exceptions whose handlers are being run, innermost last.
        yielded_at: The index of the YIELD_VALUE or SEND the frame is suspended at.
        thrown: An exception to raise there (``generator.throw``), or by the next turn of the loop.
        late: Whether that waits for an instruction at which CPython would raise it.
        delegate: Set when the frame is suspended to delegate to the top of its stack: ends the
            delegation with a result, and returns the index to go on at.
        reraised: Set when an exception is raised again, whose traceback already has this frame's
            entry: the index where the frame is then, else 0.
        operands: What the step worked on that raised a TypeError, if it says so; see `explain`.
        outer: The exception that the caller handles, if the frame is that of a plain function.
        jumps: How many times the frame has gone back to the head of a loop that does so often.
        moved: What stops the interpreter where a call has had the native tier take it over.
    """

    __slots__ = (
        "builtins",
        "code",
        "delegate",
        "fast",
        "globals",
        "handled",
        "interceptor",
        "jumps",
        "late",
        "local_names",
        "moved",
        "names",
        "namespace",
        "operands",
        "outer",
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
        interceptor: Interceptor[Frame],
        namespace: Value = None,
    ) -> None:
        # Source: CPython ``_PyFunction_Vectorcall``.
        keeps_names = namespace is None and not program.flags & CO_OPTIMIZED
        self.namespace = global_names if keeps_names else namespace
        self.local_names: dict[str, Value] | None = None
        self.program = program
        self.code = code
        self.stack: list[Value] = []
        self.fast: list[Value] = [*arguments, *program.padding, *closure]
        self.globals = global_names
        self.builtins: dict[str, Value] = builtin_names(global_names)
        self.names: dict[str, Value] | Asked = lookup(global_names, self.builtins)
        self.interceptor = interceptor
        self.result: Value = None
        self.signal = RETURNED
        self.resume = 1
        self.yielded_at = 0
        self.jumps = 0
        self.handled: list[BaseException] = []
        self.thrown: BaseException | None = None
        self.late = False
        self.delegate: Callable[[Frame, Value], int] | None = None
        self.reraised = 0
        self.outer: BaseException | None = None
        self.moved: BaseException | None = None
        self.operands: tuple[Value, ...] = ()

    def locals(self) -> Value:
        """Return the mapping of bound names, as ``locals()`` gives it."""
        if _HAS_ONE_DICT:
            return self._same_locals()
        if self.namespace is None or _bound(self._hidden().items()):
            return LocalsView(self.program, self.fast).copy()
        return self.namespace

    def _same_locals(self) -> object:
        """Bring the one mapping up to date, and return it.

        Source: CPython 3.12 ``Objects/frameobject.c``, ``_PyFrame_GetLocals``.
        """
        names, program = self.namespace, self.program
        hidden = self._hidden()
        shown = program.free_start
        if names is None:
            names = self.local_names = {} if self.local_names is None else self.local_names
            shown = len(self.fast)
        for name, value in islice(LocalsView(program, self.fast).slots(), shown):
            if name in hidden:
                continue
            if value is not NULL:
                names[name] = value
            else:
                with suppress(KeyError):
                    del names[name]
        inlined = _bound(hidden.items())
        return {**names, **inlined} if inlined else names

    def _hidden(self) -> dict[str, Value]:
        """Return the variables of comprehensions inlined in a class or module (PEP 709).

        Beside them the namespace may have others of the same names.
        """
        if self.namespace is None:
            return {}
        first = argument_count(self.code)
        return dict(zip(self.code.co_varnames[first:], self.fast[first:], strict=False))


def _bound(slots: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    return {name: value for name, value in slots if value is not NULL}


def _probe() -> bool:
    return locals() is locals()


#: Whether ``locals()`` is the same dict each time in a frame: up to 3.12.
_HAS_ONE_DICT: Final = _probe()


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
        return _bound(self.slots())

    def slots(self) -> Iterator[tuple[str, Value]]:
        """Yield the name of each variable, and its value or `NULL`."""
        cells = self._program.cells
        for name, value in zip(self._program.localsplus, self._fast, strict=True):
            if type(value) is not CellType or name not in cells:
                yield name, value
                continue
            yield name, content(value)
