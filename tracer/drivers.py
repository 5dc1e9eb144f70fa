"""Native generators and coroutines that drive a suspendable frame.

They are real ones, so native code (``list``, ``asyncio``) consumes them, and CPython itself
keeps their protocol: closing, "generator ignored GeneratorExit", the conversion of StopIteration.
A bare ``raise`` adds no traceback entry of its own, so stripping leaves no trace of the driver.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, Final

import attrs

from .frame import YIELDED, Frame
from .interpreter import execute, resume, run
from .opcodes.asynchronous import AsyncYield
from .program import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, SUSPENDABLE
from .tracebacks import strip


def start(frame: Frame) -> Any:
    """Call the frame's code: run it, or make its generator or coroutine.

    Source: CPython ``inspect.CO_*``; at most one of the three flags is set.
    """
    flags = frame.program.flags & SUSPENDABLE
    if not flags:
        return execute(frame)
    driver = _DRIVERS[flags](frame)
    driver.__name__ = frame.code.co_name
    driver.__qualname__ = frame.code.co_qualname
    return driver


def _generator(frame: Frame) -> Generator[Any, Any, Any]:
    try:
        run(frame, 1)
        while frame.signal == YIELDED:
            thrown = sent = None
            try:
                sent = yield frame.result
            except BaseException as error:
                thrown = error
            _go_on(frame, sent, thrown)
    except BaseException as error:
        error.__traceback__ = strip(error.__traceback__)
        raise
    return frame.result


@attrs.frozen
class _Suspend:
    """Awaiting it yields the value to whoever runs the event loop."""

    value: Any

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self.value)


async def _coroutine(frame: Frame) -> Any:
    try:
        run(frame, 1)
        while frame.signal == YIELDED:
            thrown = sent = None
            try:
                sent = await _Suspend(frame.result)
            except BaseException as error:
                thrown = error
            _go_on(frame, sent, thrown)
    except BaseException as error:
        error.__traceback__ = strip(error.__traceback__)
        raise
    return frame.result


async def _async_generator(frame: Frame) -> AsyncGenerator[Any, Any]:
    try:
        run(frame, 1)
        while frame.signal == YIELDED:
            thrown = sent = None
            result = frame.result
            try:
                if type(result) is AsyncYield:
                    sent = yield result.value
                else:
                    sent = await _Suspend(result)
            except BaseException as error:
                thrown = error
            _go_on(frame, sent, thrown)
    except BaseException as error:
        error.__traceback__ = strip(error.__traceback__)
        raise


_DRIVERS: Final[dict[int, Callable[[Frame], Any]]] = {
    CO_GENERATOR: _generator,
    CO_COROUTINE: _coroutine,
    CO_ASYNC_GENERATOR: _async_generator,
}


def _go_on(frame: Frame, sent: Any, thrown: BaseException | None) -> None:
    if thrown is None:
        frame.delegate = None
        frame.stack.append(sent)
        resume(frame, frame.resume)
    elif frame.delegate is None:
        _throw(frame, thrown)
    else:
        _throw_at_delegate(frame, thrown)


def _throw(frame: Frame, error: BaseException) -> None:
    frame.delegate = None
    frame.thrown = error
    resume(frame, frame.yielded_at)


def _throw_at_delegate(frame: Frame, error: BaseException) -> None:
    """Throw into what the frame delegates to. Source: CPython ``_gen_throw``, PEP 380."""
    assert frame.delegate is not None
    receiver = frame.stack[-1]
    if isinstance(error, GeneratorExit):
        _throw(frame, _closed(receiver) or error)
        return
    throw = getattr(receiver, "throw", None)
    if throw is None:
        _throw(frame, error)
        return
    failure: BaseException | None = None
    finished_at = 0
    try:
        frame.result = throw(error)  # and stay suspended
    except StopIteration as stop:
        finished_at = frame.delegate(frame, stop.value)
    except BaseException as other:
        failure = other
    if failure is not None:
        _throw(frame, failure)
    elif finished_at:
        resume(frame, finished_at)


def _closed(receiver: Any) -> BaseException | None:
    """Close what the frame delegates to; return what that raises."""
    close = getattr(receiver, "close", None)
    if close is not None:
        try:
            close()
        except BaseException as error:
            return error
    return None
