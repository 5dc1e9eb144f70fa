"""Tracebacks that show the user's frames and none of the tracer's.

An interpreted frame has no CPython frame of its own. Its traceback entry is made from a generator
that never runs: a copy of the user's code object whose first opcode is RETURN_GENERATOR, so that
calling it yields a frame object with the user's file, function name and position table.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from opcode import opmap
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any, Final

from ..configs import WeakIdentityCache
from .frame import Frame
from .program import CO_GENERATOR, SUSPENDABLE

_OWN_FOLDER: Final = os.path.dirname(__file__) + os.sep
_OPCODES_FOLDER: Final = os.path.join(_OWN_FOLDER, "opcodes") + os.sep
_CO_VARIADIC: Final = 0xC
_STUB_START: Final = bytes((opmap["RETURN_GENERATOR"], 0, opmap["POP_TOP"], 0, opmap["RESUME"], 0))

_stubs: Final[WeakIdentityCache[CodeType, CodeType]] = WeakIdentityCache()
_is_stub_code: Final[WeakIdentityCache[CodeType, bool]] = WeakIdentityCache()


class Hidden:
    """Base of a constant that marks code standing for the user's own: its frames are left out."""

    __slots__ = ()


def shown_in_full() -> bool:
    """Tell whether ``BYTEFIG_TRACEBACK=full`` asks to keep the tracer's own frames."""
    return os.environ.get("BYTEFIG_TRACEBACK") == "full"


def add_frame(frame: Frame, index: int, error: BaseException) -> None:
    """Put the interpreted frame at the head of the error's traceback, for an error raised there."""
    error.__traceback__ = _entry(frame, index, strip(error.__traceback__))


def _entry(frame: Frame, index: int, following: TracebackType | None) -> TracebackType:
    offset = frame.program.offsets[index]
    return TracebackType(following, _stub_frame(frame), offset, line_at(frame.code, offset) or 0)


def line_at(code: CodeType, offset: int) -> int | None:
    """Return the line of the instruction at an offset in bytes, or None when it has none."""
    for start, stop, line in code.co_lines():
        if start <= offset < stop:
            return line
    return None


def _stub_frame(frame: Frame) -> FrameType:
    code = _stubs.get(frame.code)
    if code is None:
        code = _stub_code(frame.code)
        _stubs.set(frame.code, code)
        _is_stub_code.set(code, True)
    make: Callable[[], Any] = FunctionType(code, frame.globals)
    generator = make()
    return generator.gi_frame


def _stub_code(code: CodeType) -> CodeType:
    body = _STUB_START + code.co_code[len(_STUB_START) :]
    flags = code.co_flags & ~(SUSPENDABLE | _CO_VARIADIC) | CO_GENERATOR
    # Dropping the generator makes 3.11 push None on its stack and throw GeneratorExit into it,
    # which no handler of the user's may see.
    return code.replace(
        co_code=body,
        co_stacksize=max(code.co_stacksize, 1),
        co_exceptiontable=b"",
        co_flags=flags,
        co_argcount=0,
        co_posonlyargcount=0,
        co_kwonlyargcount=0,
        co_freevars=(),
        co_cellvars=(),
    )


def strip(traceback: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the tracer's own entries at its head.

    What lies below the first entry of an interpreted frame has been stripped already, when that
    entry was made; native entries above it are the user's or a library's and are kept.
    """
    if shown_in_full():
        return traceback
    kept: list[TracebackType] = []
    while traceback is not None and not _is_stub_code.get(traceback.tb_frame.f_code):
        if not is_own(traceback.tb_frame):
            kept.append(traceback)
        traceback = traceback.tb_next
    for entry in reversed(kept):
        entry.tb_next = traceback
        traceback = entry
    return traceback


def is_own(frame: FrameType) -> bool:
    """Tell whether a native frame is the tracer's, or stands for one of the user's."""
    code = frame.f_code
    return code.co_filename.startswith(_OWN_FOLDER) or any(
        isinstance(const, Hidden) for const in code.co_consts
    )


def caller() -> str:
    """Return the file, line and function of the innermost caller outside this package."""
    frame = inspect.currentframe()
    assert frame is not None  # CPython only
    package = __name__.rpartition(".")[0]
    while frame.f_back is not None and _is_in(frame.f_globals.get("__name__"), package):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"


def frame_above(depth: int) -> FrameType:
    """Return the frame that is ``depth`` calls above the caller of this."""
    frame = inspect.currentframe()
    for _ in range(depth + 1):
        assert frame is not None  # CPython only
        frame = frame.f_back
    assert frame is not None
    return frame


def _is_in(module: object, package: str) -> bool:
    return isinstance(module, str) and (module == package or module.startswith(f"{package}."))


def in_opcodes(frame: FrameType) -> bool:
    """Tell whether a native frame is that of an opcode's step."""
    return frame.f_code.co_filename.startswith(_OPCODES_FOLDER)
