"""Tracebacks that show the user's frames and none of the tracer's.

An interpreted frame has no CPython frame of its own. Its traceback entry is made from a generator
that never runs: a code object with the user's file, function name and position table, of which
nothing but the RETURN_GENERATOR at its start is run. CPython moves the frame of a generator that is
dropped before it ran to the first RESUME, so that stands at the instruction in question. What that
frame gives as its locals is a view of the interpreted frame's.
"""

from __future__ import annotations

from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Final, NoReturn

from ...configs import WeakIdentityCache
from ...configs.for_tracer import chained, shown_in_full
from ..code.flags import CO_GENERATOR, CO_NEWLOCALS, CO_OPTIMIZED, SUSPENDABLE
from ..code.handwritten import assemble
from .frame import Frame, LocalsView
from .marks import TRACER, Rebuilt, is_own, last_constant
from .namespaces import has_item
from .values import type_of

_CO_VARIADIC: Final = 0xC
_NOP, _RESUME, _RETURN_GENERATOR = (
    assemble((name, 0)) for name in ("NOP", "RESUME", "RETURN_GENERATOR")
)

#: By the user's code object, then by offset; the line is there, too, or 0.
_stubs: Final[WeakIdentityCache[CodeType, dict[int, tuple[CodeType, int]]]] = WeakIdentityCache()
_is_stub_code: Final[WeakIdentityCache[CodeType, bool]] = WeakIdentityCache()


def add_frame(frame: Frame, index: int, error: BaseException) -> None:
    """Put the interpreted frame at the head of the error's traceback, for an error raised there."""
    error.__traceback__ = _entry(frame, index, strip(error.__traceback__))


def _entry(frame: Frame, index: int, following: TracebackType | None) -> TracebackType:
    offset = frame.program.offsets[index]
    stub, line = _stub_frame(frame, offset)
    return TracebackType(following, stub, offset, line)


def left_at(frame: Frame, index: int, error: BaseException) -> None:
    """Note that the error leaves the frame, which it was raised in before, at another place.

    The traceback entry stays where the error was raised; its frame is at the end of the
    ``finally`` or ``except`` block that was run last.
    """
    entry = error.__traceback__
    offset = frame.program.offsets[index]
    if (
        entry is not None
        and _is_frame_of(entry, frame)
        and line_at(frame.code, offset) != entry.tb_lineno
    ):
        stub, _ = _stub_frame(frame, offset)
        error.__traceback__ = TracebackType(entry.tb_next, stub, entry.tb_lasti, entry.tb_lineno)


def _is_frame_of(entry: TracebackType, frame: Frame) -> bool:
    if not _is_stub_code.get(entry.tb_frame.f_code):
        return False
    shown: object = entry.tb_frame.f_locals
    return isinstance(shown, LocalsView) and shown.shows(frame)


def line_at(code: CodeType, offset: int) -> int | None:
    """Return the line of the instruction at an offset in bytes, or None when it has none."""
    for start, stop, line in code.co_lines():
        if start <= offset < stop:
            return line
    return None


def _stub_frame(frame: Frame, offset: int) -> tuple[FrameType, int]:
    """Return a frame that stands at an offset in bytes, and the line there."""
    stubs = _stubs.get(frame.code)
    if stubs is None:
        stubs = dict[int, tuple[CodeType, int]]()
        _stubs.set(frame.code, stubs)
    found = stubs.get(offset)
    if found is None:
        code = _stub_code(frame.code, offset - _BEHIND_RESUME)
        _is_stub_code.set(code, True)
        found = stubs[offset] = code, line_at(frame.code, offset) or 0
    code, line = found
    if not has_item(frame.globals, "__builtins__"):  # eval would put it there
        # With names of its own, or reading these would delete globals (to 3.12).
        code = code.replace(co_flags=code.co_flags | CO_OPTIMIZED | CO_NEWLOCALS)
        generator = FunctionType(code, frame.globals)()
    else:
        generator = eval(code, frame.globals, LocalsView.of(frame))
    stub = generator.gi_frame
    generator.close()  # what arrives while it is closed by being dropped gets lost (3.11)
    return stub, line


def _stub_code(code: CodeType, offset: int) -> CodeType:
    """Return code for a generator whose frame is at an offset in bytes once it has been dropped.

    No RESUME is run before RETURN_GENERATOR: a trace function would be given the frame, which may
    then not become a generator's. Source: CPython ``Python/frame.c``, ``take_ownership``.
    """
    units = len(code.co_code) // 2
    resume = max(offset // 2, 1)
    body = _RETURN_GENERATOR + _NOP * (resume - 1) + _RESUME
    body += _NOP * (units - len(body) // 2)
    flags = code.co_flags & ~(SUSPENDABLE | _CO_VARIADIC | CO_OPTIMIZED | CO_NEWLOCALS)
    # Dropping the generator makes 3.11 push None on its stack and throw GeneratorExit into it,
    # which no handler of the user's may see.
    return code.replace(
        co_code=body,
        co_stacksize=max(code.co_stacksize, 1),
        co_exceptiontable=b"",
        co_flags=flags | CO_GENERATOR,
        co_argcount=0,
        co_posonlyargcount=0,
        co_kwonlyargcount=0,
        co_freevars=(),
        co_cellvars=(),
    )


def _measured() -> int:
    offset = 8
    stub = _stub_code(_measured.__code__, offset)
    return FunctionType(stub, {})().gi_frame.f_lasti - offset


#: How far behind RESUME the frame of a dropped generator is: not at all, or from 3.13 on two bytes.
_BEHIND_RESUME: Final = _measured()


def _reraise_code() -> CodeType:
    def template(error: BaseException) -> BaseException:
        return error

    return template.__code__.replace(
        co_code=assemble(("RESUME", 0), ("LOAD_FAST", 0), ("RERAISE", 0)),
        co_linetable=b"",
    )


_reraise: Final = FunctionType(_reraise_code(), globals())


def reraise(error: BaseException) -> NoReturn:
    """Raise an error as the opcode RERAISE does.

    Unlike ``raise``, that leaves every ``__context__`` alone.

    Raises:
        SystemError: It is no exception: only code that no compiler made does that.
    """
    if not issubclass(type_of(error), BaseException):
        raise SystemError(f"{error!r} is raised again, which is no exception")
    _reraise(error)
    raise AssertionError


def strip(traceback: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the tracer's own entries at its head.

    What lies below the first entry of an interpreted frame has been stripped already, when that
    entry was made, and so has what lies below the head in a frame that has handled the error.
    Native entries above it are the user's or a library's and are kept.
    """
    if shown_in_full():
        return traceback
    kept: list[TracebackType] = []
    while traceback is not None and not _is_stub_code.get(traceback.tb_frame.f_code):
        if kept and _has_handled(traceback):
            break
        if not is_own(traceback.tb_frame) or _is_unstarted(traceback):
            kept.append(traceback)
        traceback = traceback.tb_next
    return chained(kept, traceback)


def _has_handled(entry: TracebackType) -> bool:
    """Tell whether rebuilt code has handled the error where it came from in its frame."""
    last = last_constant(entry.tb_frame.f_code)
    return isinstance(last, Rebuilt) and any(entry.tb_lasti // 2 in at for at in last.handled)


#: What starts a generator ends here: COPY_FREE_VARS, RETURN_GENERATOR, POP_TOP and RESUME.
_START: Final = 8


def _is_unstarted(entry: TracebackType) -> bool:
    """Tell whether an error was thrown into a driver before it ran: so the user's code has not."""
    code = entry.tb_frame.f_code
    return (
        bool(code.co_flags & SUSPENDABLE)
        and entry.tb_lasti <= _START
        and not TRACER.hold(entry.tb_frame.f_globals)
    )
