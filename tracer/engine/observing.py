"""Running a frame so that debuggers and coverage tools see the user's lines.

They are told of native frames only. While a trace function or a tool of ``sys.monitoring`` is
active, an interpreted frame is run from a native one made for it: code with the user's file, name
and lines, in which the instructions that run one line of the user's are one call (see
``line_blocks``). Its locals are a view of the interpreted frame's, so that a debugger shows the
user's variables, and changes them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, TypeAlias

from .decode import decode_with_nops
from .frame import LEFT_HANDLER, LINE, RETURNED, Frame, LocalsView
from .line_blocks import (
    ASK_BLOCK,
    ASK_CALL,
    ASK_KEEP,
    ASK_RESULT,
    NO_LINE,
    LineBlocks,
    line_blocks,
    shows_lines,
)
from .marks import is_own
from .namespaces import has_item
from .tracebacks import frame_above
from .values import Step

#: Runs a frame from an index on with the given steps.
Run: TypeAlias = Callable[[Frame, int, tuple[Step, ...]], Any]

_get_trace: Final = sys.gettrace

if sys.version_info >= (3, 12):
    _tool_name: Final = sys.monitoring.get_tool
    _LINE_EVENT: Final = sys.monitoring.events.LINE
    _TOOLS: Final = (sys.monitoring.DEBUGGER_ID, sys.monitoring.COVERAGE_ID)

    def is_observed() -> bool:
        """Tell whether a trace function, a debugger or a coverage tool may want lines."""
        return _get_trace() is not None or _tool_name(0) is not None or _tool_name(1) is not None

    def _wants_lines(frame: FrameType) -> bool:
        monitoring = sys.monitoring
        return frame.f_trace is not None or any(
            (monitoring.get_local_events(tool, frame.f_code) | monitoring.get_events(tool))
            & _LINE_EVENT
            for tool in _TOOLS
            if _tool_name(tool) is not None
        )

else:

    def is_observed() -> bool:
        """Tell whether there is a trace function, which may want lines."""
        return _get_trace() is not None

    def _wants_lines(frame: FrameType) -> bool:
        return frame.f_trace is not None


class StopHere(BaseException):
    """Raised by a step that calls a debugger, for the call to be made from a native frame.

    Attributes:
        call: Calls it. In C, for no Python frame to come between.
    """

    def __init__(self, call: Callable[[], Any]) -> None:
        self.call = call


class _View(LocalsView):
    """The locals of the native frame: those of the interpreted one, and what its text asks for."""

    __slots__ = ("at", "blocks", "call", "called", "extra", "frame", "index", "run")

    def __init__(self, frame: Frame, index: int, blocks: LineBlocks, run: Run) -> None:
        super().__init__(frame.program, frame.fast)
        self.frame = frame
        self.index = index
        self.blocks = blocks
        self.run = run
        self.at = NO_LINE
        self.call: Callable[[], Any] | None = None
        #: Whether a debugger has been called and may have set its trace function on all frames.
        self.called = False
        #: What a debugger keeps there though the function has no such variable.
        self.extra: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        asked = _ASKED.get(name)
        return super().__getitem__(name) if asked is None else asked(self)

    def __setitem__(self, name: str, value: Any) -> None:
        names = self.frame.namespace
        if names is not None:
            names[name] = value
        elif name in self.frame.program.localsplus:
            super().__setitem__(name, value)
        else:
            self.extra[name] = value

    def __delitem__(self, name: str) -> None:
        if name not in self.extra:
            super().__delitem__(name)
        del self.extra[name]

    def copy(self) -> dict[str, Any]:
        """Return a dict of the variables that are bound."""
        return {**self.extra, **self.frame.locals()}

    def stop_here(self, index: int, call: Callable[[], Any]) -> None:
        """Have the next block make the call of the instruction at an index."""
        self.index, self.call = index, call
        self.at = self.blocks.calling(index)

    def next_block(self) -> int:
        """Return the number of the block to run."""
        return self.at

    def result(self) -> Any:
        """Return what the native frame is seen to return."""
        return self.frame.result

    def what_to_call(self) -> Callable[[], Any]:
        """Return what the block calls."""
        if self.call is None:
            return self.go
        call, self.call, self.called = self.call, None, True
        # The rest of the line is run in a block of none: the debugger has stopped in the line.
        self.frame.line = (self.blocks.at(self.index), self.index)
        self.index, self.at = self.index + 1, NO_LINE
        return call

    def keep(self) -> Callable[[Any], None]:
        """Return what takes the call's result; in C, as the call is."""
        return self.frame.stack.append

    def go(self) -> bool:
        """Run the interpreted frame until a line starts or it stops; tell whether it stopped."""
        frame, above = self.frame, frame_above(1)
        if self.called:
            self.called = False
            _stop_tracing_own(above)
        wanted = _wants_lines(above)
        frame.signal = RETURNED
        try:
            self.run(frame, self.index, self.blocks.steps if wanted else frame.program.steps)
        except StopHere as stop:
            self.stop_here(frame.resume, stop.call)
            return False
        if not _stopped_at_line(frame):
            return True
        self.index = frame.resume
        self.at = self.blocks.at(self.index)
        frame.line = (self.at, self.index - 1)
        return False


def _stopped_at_line(frame: Frame) -> bool:
    return frame.signal == LINE


def _stop_tracing_own(frame: FrameType | None) -> None:
    """Have no events of the tracer's own frames above: the next one is to be the user's."""
    while frame is not None:
        if is_own(frame) and not shows_lines(frame.f_code):
            frame.f_trace = None
            frame.f_trace_lines = False
        frame = frame.f_back


_ASKED: Final[dict[str, Callable[[_View], Any]]] = {
    ASK_BLOCK: _View.next_block,
    ASK_CALL: _View.what_to_call,
    ASK_KEEP: _View.keep,
    ASK_RESULT: _View.result,
}


def observe(frame: Frame, index: int, run: Run, call: Callable[[], Any] | None = None) -> Any:
    """Run from ``index`` as `interpreter.run` does, line by line from a native frame.

    Args:
        frame: The interpreted frame.
        index: Where to begin.
        run: The run loop.
        call: The call to make first, in place of the instruction there.
    """
    if not has_item(frame.globals, "__builtins__"):  # eval would put it there
        return _unobserved(frame, index, run, call)
    if index == 1:  # where no index has been kept yet
        frame.program = decode_with_nops(frame.program, frame.code)
    blocks = line_blocks(frame)
    view = _View(frame, index, blocks, run)
    if call is not None:
        view.stop_here(index, call)
    line, frame.line = frame.line, (NO_LINE, 0)
    try:
        eval(blocks.code, frame.globals, view)
    finally:
        if frame.signal != LEFT_HANDLER:  # else the line goes on behind it
            frame.line = line
    return frame.result


def _unobserved(frame: Frame, index: int, run: Run, call: Callable[[], Any] | None) -> Any:
    """Run from ``index`` without a native frame, also what debuggers are called with."""
    while True:
        if call is not None:
            frame.stack.append(call())
            index += 1
        try:
            return run(frame, index, frame.program.steps)
        except StopHere as stop:
            index, call = frame.resume, stop.call
