"""How the engine's native frames are told apart: by marks that their code carries.

Nothing here depends on what a variable, a module or a folder is called. What stands for code of the
user's has a `Hidden` constant. A function that runs an interpreted frame, or makes a call in the
name of one, is marked with the places of its parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, Final, TypeVar

import attrs

from ...configs.for_tracer import OWN, OwnPackages

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

#: The modules of this half of the library, which adds itself when it is imported.
TRACER: Final = OwnPackages()
#: Those of the opcodes' steps, once these are there.
OPCODES: Final = OwnPackages()


class Hidden:
    """Base of a constant that marks code standing for the user's own: its frames are left out."""

    __slots__ = ()


class Works(Hidden):
    """The last constant of code that runs an instruction of the user's."""

    __slots__ = ()


class Rebuilt:
    """The last constant of a user's code that was rebuilt: its frames are shown.

    Attributes:
        handled: The code units from which an exception goes to a handler that strips its traceback.
    """

    __slots__ = ("handled",)

    handled: tuple[range, ...]


def works_for_user(frame: FrameType) -> bool:
    """Tell whether a native frame is one of an opcode's step, or of rebuilt code."""
    return OPCODES.hold(frame.f_globals) or isinstance(last_constant(frame.f_code), Works | Rebuilt)


def last_constant(code: CodeType) -> object:
    """Return the last constant of a code object, or None."""
    consts = code.co_consts
    return consts[-1] if consts else None


def is_hidden(code: CodeType) -> bool:
    """Tell whether code stands for some of the user's."""
    return any(isinstance(const, Hidden) for const in code.co_consts)


def is_own(frame: FrameType) -> bool:
    """Tell whether a native frame is the tracer's, or stands for one of the user's."""
    return TRACER.hold(frame.f_globals) or is_hidden(frame.f_code)


def is_library_s(frame: FrameType) -> bool:
    """Tell whether a native frame is of either half of the library, or stands for a user's."""
    return OWN.hold(frame.f_globals) or is_hidden(frame.f_code)


def is_made(code: CodeType) -> bool:
    """Tell whether the engine made code, in the place of some of the user's or out of it."""
    return isinstance(last_constant(code), Rebuilt) or is_hidden(code)


@attrs.frozen
class RunsFrame:
    """Which parameters of a function that runs an interpreted frame hold its state.

    Attributes:
        frame: The place of the `Frame` among the parameters.
        index: The place of the index of its step, which the function keeps up to date.
    """

    frame: int
    index: int


class CallsNatively(Hidden):
    """Marks a function that makes a call in the name of an interpreted frame.

    It is a constant of the function's code, or given to `calls_natively`.

    Attributes:
        fn: The place of what is called among the parameters.
    """

    __slots__ = ("fn",)

    def __init__(self, fn: int) -> None:
        self.fn = fn


#: By the `id` of code of the engine's own functions, which is never freed.
_running: Final[dict[int, RunsFrame]] = {}
_calling: Final[dict[int, CallsNatively]] = {}


def runs_frame(mark: RunsFrame) -> Callable[[FunctionT], FunctionT]:
    """Mark a function that runs an interpreted frame."""

    def decorate(function: FunctionT) -> FunctionT:
        _running[id(_code(function))] = mark
        return function

    return decorate


def calls_natively(mark: CallsNatively) -> Callable[[FunctionT], FunctionT]:
    """Mark a function that makes a call in the name of an interpreted frame."""

    def decorate(function: FunctionT) -> FunctionT:
        _calling[id(_code(function))] = mark
        return function

    return decorate


def _code(function: Any) -> CodeType:
    return function.__code__


def running_mark(frame: FrameType) -> RunsFrame | None:
    """Return how a native frame runs an interpreted one, or None if it does not."""
    return _running.get(id(frame.f_code))


def calling_mark(frame: FrameType) -> CallsNatively | None:
    """Return how a native frame makes a call in an interpreted one's name, or None."""
    code = frame.f_code
    found = _calling.get(id(code))
    if found is not None:
        return found
    last = last_constant(code)
    return last if isinstance(last, CallsNatively) else None


def parameter_value(frame: FrameType, place: int) -> Any:
    """Return the present value of a parameter of a native frame's function, by its place."""
    return frame.f_locals[frame.f_code.co_varnames[place]]
