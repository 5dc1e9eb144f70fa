"""The run loop.

A step returns the index of the next one, 0 to stop; a fused step that cannot do its work returns a
negative one, which says what to do instead (see ``opcodes/fused.py``). When a step raises, the
exception table says where to go on. A handler that starts with PUSH_EXC_INFO is run by a nested
call of the loop from within the host's own ``except`` block: so ``sys.exc_info()``, a bare
``raise`` and the ``__context__`` of what is raised next are CPython's own doing. POP_EXCEPT ends
the nested loop. Native recursion for this is bounded by how deep a function's handlers are nested
in its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..code.instruction import Handler
from .frame import LEFT_HANDLER, Frame
from .marks import RunsFrame, runs_frame
from .observing import StopHere, is_observed, observe
from .program import raised_at
from .tracebacks import add_frame, left_at, reraise, strip
from .values import Step


def execute(frame: Frame) -> Any:
    """Run a fresh frame to its end and return its result.

    Raises:
        BaseException: What the user's code raises, its traceback showing the user's frames.
    """
    return run(frame, 1)


@runs_frame(RunsFrame(frame=0, index=1, raising=3))
def run(
    frame: Frame,
    index: int,
    steps: tuple[Step, ...] | None = None,
    raising: Sequence[int] | None = None,
) -> Any:
    """Run from ``index`` until the frame returns, yields or leaves the handler it is in.

    Args:
        frame: The frame.
        index: Where to begin.
        steps: The program's steps or what stands for them, given when the frame is observed.
        raising: Of the steps, once they are chosen here: see `Fusion`.

    Returns:
        The frame's result, which is of no use in the last case.
    """
    observed = steps is not None
    if steps is None:
        if is_observed():
            return observe(frame, index, run)
        steps, raising = frame.program.fused or frame.program.warm_up()
    while True:
        try:
            if frame.thrown is not None:
                _raise_thrown(frame)
            while index:
                index = steps[index](frame)
            return frame.result
        except StopHere as stop:
            frame.resume = index = raised_at(index, raising)
            if observed:
                raise
            call = stop.call
            break
        except BaseException as error:
            index = _failed_at(frame, raised_at(index, raising))
            if type(error) is TypeError and _is_replaced(frame, index, error):
                continue
            handler = _handler(frame, index, error)
            if handler is None:
                raise
            index = handler.target
            if handler.enters:
                index = _handle(frame, index, error)
                if not index:
                    return frame.result
    return observe(frame, index, run, call)


def _failed_at(frame: Frame, index: int) -> int:
    """Return the index of what raised, which native code may have come to from ``index``."""
    if frame.native is not None:
        index, frame.native = frame.native, None
    return index


def _handler(frame: Frame, index: int, error: BaseException) -> Handler | None:
    """Find the handler for what an instruction raised, and prepare the stack for it."""
    handler, place = frame.program.handlers[index], index
    if frame.reraised:
        place, frame.reraised = frame.reraised, 0
        error.__traceback__ = strip(error.__traceback__)
        if handler is None:
            left_at(frame, place, error)
    elif index < frame.program.made_at:  # CPython does not show such a frame
        error.__traceback__ = strip(error.__traceback__)
    else:
        add_frame(frame, index, error)
    if handler is not None:
        stack = frame.stack
        del stack[handler.depth :]
        if handler.push_lasti:
            stack.append(place)
        stack.append(error)
    return handler


def _is_replaced(frame: Frame, index: int, error: TypeError) -> bool:
    """Let the interceptor have something else raised instead, by the next turn of the loop."""
    if not frame.reraised:
        operands, frame.operands = frame.operands, ()
        frame.thrown = frame.interceptor.explain(frame, index, error, operands)
    return frame.thrown is not None


def _handle(frame: Frame, index: int, error: BaseException) -> int:
    """Run a handler; return where to go on after it, or 0 when the frame stopped inside."""
    frame.handled.append(error)
    run(frame, index)
    if frame.signal != LEFT_HANDLER:
        return 0
    frame.handled.pop()
    return frame.resume


def _raise_thrown(frame: Frame) -> None:
    error, frame.thrown = frame.thrown, None
    assert error is not None
    delegate, frame.delegate = frame.delegate, None
    if frame.handled and delegate is None:
        raise error  # chained to it. Source: CPython ``_PyErr_ChainStackItem``
    reraise(error)


def resume(frame: Frame, index: int) -> None:
    """Run a suspended frame on from ``index``, first entering the handlers it was suspended in."""
    handled, frame.handled = frame.handled, []
    _reenter(frame, index, handled)


def _reenter(frame: Frame, index: int, handled: list[BaseException]) -> None:
    if not handled:
        run(frame, index)
        return
    error, *inner = handled
    traceback = error.__traceback__
    try:
        reraise(error)
    except BaseException as active:
        if active is not error:
            raise
        error.__traceback__ = traceback
        frame.handled.append(error)
        _reenter(frame, index, inner)
        if frame.signal != LEFT_HANDLER:
            return
        frame.handled.pop()
        index = frame.resume
    run(frame, index)
