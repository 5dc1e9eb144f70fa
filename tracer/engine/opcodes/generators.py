"""Generators: yielding, delegating with ``yield from``, and what coroutines share with them.

A frame that yields stops its run loop; the native generator that drives it (``drivers.py``)
passes the value on and runs the loop again from ``frame.resume``. SEND stops it as well: the
driver then delegates to the receiver until that returns, so the YIELD_VALUE of a delegation, and
the CLEANUP_THROW for what is thrown into it, are never run.
"""

from __future__ import annotations

from types import CoroutineType, GeneratorType
from typing import Any, Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import YIELDED, Frame
from ..tracebacks import reraise
from ..values import Step

# Source: ``inspect``, of the same name.
CO_ITERABLE_COROUTINE: Final = 0x100


def return_generator(ins: Instruction) -> Step:
    """``-- None``: the driver has made the generator before the first step ran."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(None)
        return following

    return step


def yield_value(ins: Instruction) -> Step:
    """``value -- sent``; stop with the value, go on with what is sent."""
    following, index = ins.next, ins.index

    def step(frame: Frame) -> int:
        frame.result = frame.stack.pop()
        frame.signal = YIELDED
        frame.resume = following
        frame.yielded_at = index
        return 0

    return step


def _send(ins: Instruction, *, keep_receiver: bool) -> Step:
    following, target, index = ins.next, ins.target, ins.index

    def finish(frame: Frame, value: Any) -> int:
        if keep_receiver:
            frame.stack.append(value)
        else:
            frame.stack[-1] = value
        return target

    def step(frame: Frame) -> int:
        frame.stack.pop()  # the None that starts the receiver
        frame.delegate = finish
        frame.signal = YIELDED
        frame.resume = following
        frame.yielded_at = index
        return 0

    return step


def send_pop_receiver(ins: Instruction) -> Step:
    """``receiver, None -- returned`` and jump (3.11)."""
    return _send(ins, keep_receiver=False)


def send(ins: Instruction) -> Step:
    """``receiver, None -- receiver, returned`` and jump (3.12)."""
    return _send(ins, keep_receiver=True)


def end_send(ins: Instruction) -> Step:
    """``receiver, value -- value`` (3.12)."""
    following = ins.next

    def step(frame: Frame) -> int:
        del frame.stack[-2]
        return following

    return step


def cleanup_throw(ins: Instruction) -> Step:
    """``receiver, sent, exception -- None, value`` for StopIteration, else raise again (3.12)."""
    following, index = ins.next, ins.index

    def step(frame: Frame) -> int:
        stack = frame.stack
        error = stack[-1]
        if not isinstance(error, StopIteration):
            frame.reraised = index
            reraise(error)
        stack[-3:] = [None, error.value]
        return following

    return step


def is_generator_coroutine(value: Any) -> bool:
    """Tell whether ``value`` is a generator that ``types.coroutine`` made awaitable."""
    return isinstance(value, GeneratorType) and bool(value.gi_code.co_flags & CO_ITERABLE_COROUTINE)


def get_yield_from_iter(ins: Instruction) -> Step:
    """``iterable -- iterator``; a generator is taken as it is.

    So is a coroutine: whether ``yield from`` may take one, the driver's own one decides.
    """
    following = ins.next

    def step(frame: Frame) -> int:
        value = frame.stack[-1]
        if not isinstance(value, CoroutineType | GeneratorType):
            frame.stack[-1] = iter(value)
        return following

    return step


HANDLERS: Handlers = {
    "CLEANUP_THROW": cleanup_throw,
    "END_SEND": end_send,
    "GET_YIELD_FROM_ITER": get_yield_from_iter,
    "RETURN_GENERATOR": return_generator,
    "SEND": send,
    "SEND_POP_RECEIVER": send_pop_receiver,
    "YIELD_VALUE": yield_value,
}
