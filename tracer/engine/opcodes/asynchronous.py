"""Awaiting, ``async for`` and async generators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import AsyncGeneratorType, CoroutineType
from typing import Final, TypeAlias

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..tracebacks import reraise, strip
from ..values import NULL, Step, Value, type_of
from .context_managers import special_method
from .generators import is_generator_coroutine
from .native import run_opcode
from .type_names import type_name

#: GET_AWAITABLE's oparg outside of ``async with``.
_AWAIT: Final = 0


#: Makes the error for what an object's __await__ returned.
_Wrong: TypeAlias = Callable[[Value, Value], TypeError]


def _wrong_iterator(_: object, returned: object) -> TypeError:
    if is_coroutine(returned):
        return TypeError("__await__() returned a coroutine")
    return TypeError(f"__await__() returned non-iterator of type '{type_name(returned)}'")


def _wrong_iterator_of(value: object, returned: object) -> TypeError:
    """Return the error that names the awaitable (3.15)."""
    kind = type_of(value)
    shown = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        shown = f"{kind.__module__}.{shown}"
    return TypeError(f"{shown}.__await__() must return an iterator, not {type_name(returned)}")


def _awaitable_iterator(frame: Frame, value: object, oparg: int, wrong: _Wrong) -> object:
    """Return the iterator that ``await value`` runs. Source: ``_PyCoro_GetAwaitableIter``.

    The oparg tells which part of ``async with`` gave the value, if any, for CPython's error.
    """
    if is_coroutine(value):
        return value
    bound = special_method(value, "__await__")
    if bound is NULL:
        return run_opcode(frame, "GET_AWAITABLE", oparg, (value,))
    iterator = bound()
    if is_coroutine(iterator) or not hasattr(type_of(iterator), "__next__"):
        raise wrong(value, iterator)
    return iterator


def is_coroutine(value: object) -> bool:
    """Tell whether ``await`` runs the value itself, without calling ``__await__``."""
    return isinstance(value, CoroutineType) or is_generator_coroutine(value)


def _get_awaitable(ins: Instruction, wrong: _Wrong) -> Step:
    """``awaitable -- iterator``."""
    oparg, following = ins.oparg, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        iterator = _awaitable_iterator(frame, stack[-1], oparg, wrong)
        if isinstance(iterator, CoroutineType) and iterator.cr_await is not None:
            raise RuntimeError("coroutine is being awaited already")
        stack[-1] = iterator
        return following

    return step


def get_aiter(ins: Instruction) -> Step:
    """``iterable -- async iterator``."""
    following = ins.next

    def step(frame: Frame) -> int:
        value = frame.stack[-1]
        bound = special_method(value, "__aiter__")
        if bound is NULL:
            raise TypeError(
                f"'async for' requires an object with __aiter__ method, got {type_name(value)}"
            )
        iterator = bound()
        if not hasattr(type_of(iterator), "__anext__"):
            raise TypeError(
                "'async for' received an object from __aiter__ that does not implement "
                f"__anext__: {type_name(iterator)}"
            )
        frame.stack[-1] = iterator
        return following

    return step


def _get_anext(ins: Instruction, wrong: _Wrong) -> Step:
    """``async iterator -- async iterator, awaitable iterator``."""
    following = ins.next

    def step(frame: Frame) -> int:
        iterator = frame.stack[-1]
        awaitable = iterator.__anext__()
        if not isinstance(iterator, AsyncGeneratorType):
            try:
                awaitable = _awaitable_iterator(frame, awaitable, _AWAIT, wrong)
            except Exception as cause:
                cause.__traceback__ = strip(cause.__traceback__)
                raise TypeError(
                    f"'async for' received an invalid object from __anext__: {type_name(awaitable)}"
                ) from cause
        frame.stack.append(awaitable)
        return following

    return step


def end_async_for(ins: Instruction) -> Step:
    """``async iterator, exception --`` at the end of the loop, else raise again."""
    following, index = ins.next, ins.index

    def step(frame: Frame) -> int:
        stack = frame.stack
        error: BaseException = stack[-1]
        if not isinstance(error, StopAsyncIteration):
            frame.reraised = index
            reraise(error)
        del stack[-2:]
        return following

    return step


def async_gen_wrap(ins: Instruction) -> Step:
    """``value -- value``: awaiting is delegation, so no yield needs to be told apart."""
    following = ins.next

    def step(_: Frame) -> int:
        return following

    return step


HANDLERS: Handlers = {
    "ASYNC_GEN_WRAP": async_gen_wrap,
    "END_ASYNC_FOR": end_async_for,
    "GET_AITER": get_aiter,
    "GET_ANEXT": partial(_get_anext, wrong=_wrong_iterator),
    "GET_ANEXT_OF": partial(_get_anext, wrong=_wrong_iterator_of),
    "GET_AWAITABLE": partial(_get_awaitable, wrong=_wrong_iterator),
    "GET_AWAITABLE_OF": partial(_get_awaitable, wrong=_wrong_iterator_of),
}
