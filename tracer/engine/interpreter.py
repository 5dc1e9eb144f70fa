"""The run loop.

A step returns the index of the next one, 0 to stop. When a step raises, the exception table says
where to go on. A handler that starts with PUSH_EXC_INFO is run by a nested call of the loop from
within the host's own ``except`` block: so ``sys.exc_info()``, a bare ``raise`` and the
``__context__`` of what is raised next are CPython's own doing. POP_EXCEPT ends the nested loop.
Native recursion for this is bounded by how deep a function's handlers are nested in its text.

The native tier may take a frame over, for good, at the head of a loop.
"""

from __future__ import annotations

from typing import Any

from ..code.instruction import Handler
from .frame import LEFT_HANDLER, Frame
from .marks import RunsFrame, runs_frame
from .tiers import TIERS, MovedOver
from .tracebacks import add_frame, left_at, reraise, strip


def execute(frame: Frame) -> Any:
    """Run a fresh frame to its end and return its result.

    Raises:
        BaseException: What the user's code raises, its traceback showing the user's frames.
    """
    return run(frame, 1)


@runs_frame(RunsFrame(frame=0, index=1))
def run(frame: Frame, index: int) -> Any:
    """Run from ``index`` until the frame returns, yields or leaves the handler it is in.

    Args:
        frame: The frame.
        index: Where to begin.

    Returns:
        The frame's result, which is of no use in the last case.
    """
    steps = frame.program.steps
    while True:
        try:
            if frame.thrown is not None:
                _raise_thrown(frame)
            if index == 1 and TIERS.from_the_start():
                index = TIERS.take_over(frame, 1, None)
            while index:
                index = steps[index](frame)
            return frame.result
        except BaseException as error:
            if frame.moved:
                if type(error) is MovedOver:
                    return frame.result
                error.__traceback__ = strip(error.__traceback__)
                raise
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
