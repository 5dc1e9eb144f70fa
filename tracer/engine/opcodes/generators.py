"""Generators: yielding, delegating with ``yield from``, and the same in coroutines.

A frame that yields stops its run loop; the native generator that drives it (``drivers.py``)
passes the value on and runs the loop again from ``frame.resume``. SEND stops it as well: the
driver then delegates to the receiver until that returns, so the YIELD_VALUE of a delegation, and
the CLEANUP_THROW for what is thrown into it, are never run.
"""

from __future__ import annotations

from functools import partial
from types import CoroutineType, GeneratorType
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import NULL, YIELDED, Frame
from ..tracebacks import reraise
from ..values import Step, type_of

# Source: ``inspect``, of the same name.
CO_ITERABLE_COROUTINE: Final = 0x100


def return_generator(ins: Instruction) -> Step:
    """``-- None``: the driver has made the generator before the first step ran."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(None)
        return following

    return step


def return_generator_once_iterating(ins: Instruction) -> Step:
    """``-- None``, a generator expression having its iterator by now (3.15).

    That runs up to here when it is called, and waits for the driver; see ``drivers.start``.
    """
    plain, following = return_generator(ins), ins.next

    def step(frame: Frame) -> int:
        if not frame.stack:
            return plain(frame)
        frame.signal = YIELDED
        frame.resume = following
        return 0

    return step


def yield_value(ins: Instruction) -> Step:
    """``value -- sent``; stop with the value, go on with the sent one."""
    following, index = ins.next, ins.index

    def step(frame: Frame) -> int:
        frame.result = frame.stack.pop()
        frame.signal = YIELDED
        frame.resume = following
        frame.yielded_at = index
        return 0

    return step


def _send(ins: Instruction, *, replaces: int, between: tuple[object, ...] = ()) -> Step:
    """``receiver, *between, None -- receiver, *between, returned`` and jump.

    Up to 3.11 what is returned replaces the receiver; a NULL is between them from 3.15 on.
    """
    following, target, index = ins.next, ins.target, ins.index
    taken = len(between) + 1

    def finish(frame: Frame, value: object) -> int:
        stack = frame.stack
        stack[len(stack) - replaces :] = (*between, value)
        return target

    def step(frame: Frame) -> int:
        # The None that starts the receiver; the driver finds that on top.
        del frame.stack[-taken:]
        frame.delegate = finish
        frame.signal = YIELDED
        frame.resume = following
        frame.yielded_at = index
        return 0

    return step


def _end_send(ins: Instruction, count: int) -> Step:
    """``receiver[, NULL], value -- value``; as many as ``count`` go."""
    following = ins.next

    def step(frame: Frame) -> int:
        del frame.stack[-count - 1 : -1]
        return following

    return step


def _cleanup_throw(ins: Instruction, left: tuple[object, ...]) -> Step:
    """``receiver[, NULL], sent, exception -- *left, value`` for StopIteration, or raise again."""
    following, index, depth = ins.next, ins.index, -len(left) - 2

    def step(frame: Frame) -> int:
        stack = frame.stack
        error = stack[-1]
        if not isinstance(error, StopIteration):
            frame.reraised = index
            reraise(error)
        stack[depth:] = (*left, error.value)
        return following

    return step


def is_generator_coroutine(value: object) -> bool:
    """Tell whether ``value`` is a generator that ``types.coroutine`` made awaitable."""
    return isinstance(value, GeneratorType) and bool(value.gi_code.co_flags & CO_ITERABLE_COROUTINE)


#: What ``yield from`` takes as it is; whether it may take a coroutine, the driver decides.
_RECEIVERS: Final = frozenset({CoroutineType, GeneratorType})
#: The same, from 3.15 on.
RECEIVERS: Final = _RECEIVERS | {list, tuple}


def get_yield_from_iter(ins: Instruction) -> Step:
    """``iterable -- iterator``; a generator is taken as it is."""
    following = ins.next

    def step(frame: Frame) -> int:
        value = frame.stack[-1]
        if type_of(value) not in _RECEIVERS:
            frame.stack[-1] = iter(value)
        return following

    return step


HANDLERS: Handlers = {
    "CLEANUP_THROW": partial(_cleanup_throw, left=(None,)),
    "CLEANUP_THROW_ABOVE_NULL": partial(_cleanup_throw, left=(None, NULL)),
    "END_SEND": partial(_end_send, count=1),
    "END_SEND_ABOVE_NULL": partial(_end_send, count=2),
    "GET_YIELD_FROM_ITER": get_yield_from_iter,
    "RETURN_GENERATOR": return_generator,
    "RETURN_GENERATOR_ONCE_ITERATING": return_generator_once_iterating,
    "SEND": partial(_send, replaces=0),
    "SEND_ABOVE_NULL": partial(_send, replaces=0, between=(NULL,)),
    "SEND_POP_RECEIVER": partial(_send, replaces=1),
    "YIELD_VALUE": yield_value,
}
