"""Generators: yielding, delegating with ``yield from``, and what coroutines share with them.

A frame that yields stops its run loop; the native generator that drives it (``drivers.py``)
passes the value on and runs the loop again from ``frame.resume``.
"""

from __future__ import annotations

from types import CoroutineType, GeneratorType
from typing import Any, Final

from ..frame import YIELDED, Frame
from ..instruction import Handlers, Instruction, Step

# Source: ``inspect``, of the same names.
CO_COROUTINE: Final = 0x80
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


def _is_coroutine(value: object) -> bool:
    return type(value) is CoroutineType


def _send(ins: Instruction, *, keep_receiver: bool) -> Step:
    following, target = ins.next, ins.target

    def finish(frame: Frame, value: Any) -> int:
        if keep_receiver:
            frame.stack.append(value)
        else:
            frame.stack[-1] = value
        frame.delegate = None
        return target

    def step(frame: Frame) -> int:
        stack = frame.stack
        value, receiver = stack.pop(), stack[-1]
        try:
            # A coroutine has no __next__; any other iterator may lack send.
            plain = value is None and not _is_coroutine(receiver)
            sent = next(receiver) if plain else receiver.send(value)
        except StopIteration as stop:
            result = stop.value
        else:
            stack.append(sent)
            frame.delegate = finish
            return following
        return finish(frame, result)

    return step


def send_pop_receiver(ins: Instruction) -> Step:
    """``receiver, value -- receiver, yielded``, or ``-- returned`` and jump (3.11)."""
    return _send(ins, keep_receiver=False)


def send(ins: Instruction) -> Step:
    """``receiver, value -- receiver, yielded``; jump with ``receiver, returned`` (3.12)."""
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
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        error = stack[-1]
        if not isinstance(error, StopIteration):
            frame.reraised = True
            raise error
        stack[-3:] = [None, error.value]
        return following

    return step


def is_generator_coroutine(value: Any) -> bool:
    """Tell whether ``value`` is a generator that ``types.coroutine`` made awaitable."""
    return isinstance(value, GeneratorType) and bool(value.gi_code.co_flags & CO_ITERABLE_COROUTINE)


def get_yield_from_iter(ins: Instruction) -> Step:
    """``iterable -- iterator``; a generator is taken as it is."""
    following = ins.next
    makes_coroutine = ins.names.flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE)

    def step(frame: Frame) -> int:
        value = frame.stack[-1]
        if isinstance(value, CoroutineType):
            if not makes_coroutine:
                raise TypeError(
                    "cannot 'yield from' a coroutine object in a non-coroutine generator"
                )
        elif not isinstance(value, GeneratorType):
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
