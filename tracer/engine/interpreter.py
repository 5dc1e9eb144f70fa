"""The run loop.

A step returns the index of the next one, 0 to stop. When a step raises, the exception table says
where to go on. A handler that starts with PUSH_EXC_INFO is run by a nested call of the loop from
within the host's own ``except`` block: so ``sys.exc_info()``, a bare ``raise`` and the
``__context__`` of what is raised next are CPython's own doing. POP_EXCEPT ends the nested loop.
Native recursion for this is bounded by how deep a function's handlers are nested in its text.

The native tier may take a frame over, for good, at the head of a loop.

What a signal handler raises, or another thread or the allocator, may come anywhere in here. It is
raised at the instruction that the frame is at: `Frame.signal` and `Frame.handled` say what has been
done, and what changes them makes no call, so that nothing comes in between. What comes on the way
into the nested loop, or out of it, is raised there: see ``interruptions``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ..code.backward_jumps import without_interruptions
from ..code.instruction import Handler
from .frame import LEFT_HANDLER, RAISED, RUNNING, Frame
from .interruptions import is_early, waits
from .marks import RunsFrame, runs_frame
from .tiers import TIERS
from .tracebacks import add_frame, left_at, reraise, strip

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

#: How often in a row something else may be raised where an error is dealt with, until it leaves the
#: frame: no depth or memory may be left for that.
_TRIES: Final = 8


def execute(frame: Frame) -> Any:
    """Run a fresh frame to its end and return its result.

    Raises:
        BaseException: What the user's code raises, its traceback showing the user's frames.
    """
    return run(frame, 1)


def _uninterrupted(function: FunctionT) -> FunctionT:
    """Let nothing be raised at the jumps backward of a function, which are outside of its tries."""
    looping: object = function
    looping.__code__ = without_interruptions(looping.__code__)
    return function


@runs_frame(RunsFrame(frame=0, index=1))
@_uninterrupted
def run(  # noqa: PLR0912, PLR0915 - what is in calls of its own can be interrupted at these
    frame: Frame, index: int, level: int = 0
) -> Any:
    """Run from ``index`` until the frame returns, yields or leaves the handler it is in.

    Args:
        frame: The frame.
        index: Where to begin.
        level: How many of the frame's handlers the caller is in. If there are more, they are
            entered first.

    Returns:
        The frame's result, which is of no use in the last case.
    """
    steps, handled = frame.program.steps, frame.handled
    pending = before = None
    failed = 0
    while True:
        try:
            if handled and handled[level:]:
                pending = handled[level]
            if pending is not None:
                before = pending.__traceback__
                reraise(pending)
            frame.signal = RUNNING
            if frame.thrown is not None:
                while index and waits(frame, index):
                    index = frame.program.steps[index](frame)
                if index:
                    pending, frame.thrown, frame.late = frame.thrown, None, False
                    _throw(frame, pending)
            if index == 1 and TIERS.from_the_start():
                index = TIERS.take_over(frame, 1, None)
            while index:
                index = steps[index](frame)
            return frame.result
        except BaseException as error:
            # No calls here, but in the inner ``try``.
            if error is frame.moved:
                return frame.result
            entered = handled[level:] and error is pending
            if frame.signal != RUNNING and not entered:
                raise
            frame.resume = index
            if entered:
                error.__traceback__ = before
            elif pending is not None and error is not pending and error.__context__ is None:
                error.__context__ = pending
            pending = before = None
            try:
                if entered or _enters(frame, index, error, level):
                    run(frame, frame.resume, level + 1)
                    if frame.signal != LEFT_HANDLER:
                        return frame.result
                    handled[level:] = ()
                if frame.signal != RAISED:
                    index, frame.signal, failed = frame.resume, RUNNING, 0
            except BaseException as late:
                failed += 1
                if failed > _TRIES:
                    frame.signal = RAISED
                if frame.signal not in (LEFT_HANDLER, RUNNING):
                    raise
                index = frame.resume
                if frame.signal == RUNNING and not handled[level:]:
                    pending, frame.reraised = late, 0
                    continue
                if frame.signal == LEFT_HANDLER:
                    handled[level:] = ()
                frame.thrown, frame.late = late, True
            if frame.signal == RAISED:
                raise


def _enters(frame: Frame, index: int, error: BaseException, level: int) -> bool:
    """Find where to go on after an error, and tell whether a handler is to be entered there.

    `Frame.resume` says where, or `Frame.signal` that the error leaves the frame.
    """
    frame.resume = index
    if is_early(frame, index, error):
        frame.thrown, frame.late = error, True
        return False
    if type(error) is TypeError and _is_replaced(frame, index, error):
        return False
    handler = frame.program.handlers[index]
    place = frame.reraised or index
    _show(frame, index, error, handler)
    frame.reraised = 0
    if handler is None:
        if frame.thrown is None:
            frame.signal = RAISED
        else:
            frame.late = False
            frame.thrown.__context__ = error
        return False
    frame.stack[handler.depth :] = (place, error) if handler.push_lasti else (error,)
    frame.resume = handler.target
    if handler.enters:
        frame.handled[level:] = (error,)
    return handler.enters


def _show(frame: Frame, index: int, error: BaseException, handler: Handler | None) -> None:
    """Have the frame in the traceback of an error that an instruction raised."""
    # CPython does not show the frame of a generator that is not made yet.
    if not frame.reraised and index >= frame.program.made_at:
        add_frame(frame, index, error)
        return
    error.__traceback__ = strip(error.__traceback__)
    if frame.reraised and handler is None:
        left_at(frame, frame.reraised, error)


def _is_replaced(frame: Frame, index: int, error: TypeError) -> bool:
    """Let the interceptor have something else raised instead, by the next turn of the loop."""
    if not frame.reraised:
        operands, frame.operands = frame.operands, ()
        frame.thrown = frame.interceptor.explain(frame, index, error, operands)
    return frame.thrown is not None


def _throw(frame: Frame, error: BaseException) -> None:
    delegate, frame.delegate = frame.delegate, None
    if frame.handled and delegate is None:
        raise error  # chained to it. Source: CPython ``_PyErr_ChainStackItem``
    reraise(error)
