"""The ``with`` statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..frame import NULL, Frame, ImplicitCallable, type_of
from ..instruction import Handlers, Instruction, Step


def special_method(obj: Any, name: str) -> Any:
    """Return a special method bound to ``obj``, or `NULL`; looked up on the type only.

    Source: CPython ``_PyObject_LookupSpecial``.
    """
    kind = type_of(obj)
    for owner in kind.__mro__:
        if name in owner.__dict__:
            found: Any = owner.__dict__[name]
            bind: Any = getattr(type_of(found), "__get__", None)
            return found if bind is None else bind(found, obj, kind)
    return NULL


class Exit(ImplicitCallable):
    """The bound exit method of a context manager."""

    __slots__ = ("_bound",)

    def __init__(self, bound: Callable[..., Any]) -> None:
        self._bound = bound

    def __call__(self, *args: Any) -> Any:
        """Leave the context."""
        return self._bound(*args)


def _enter(manager: Any, enter: str, leave: str, protocol: str) -> tuple[Any, Any]:
    bound_enter = special_method(manager, enter)
    if bound_enter is NULL:
        raise TypeError(f"'{type(manager).__name__}' object does not support the {protocol}")
    bound_exit = special_method(manager, leave)
    if bound_exit is NULL:
        raise TypeError(
            f"'{type(manager).__name__}' object does not support the {protocol} "
            f"(missed {leave} method)"
        )
    return Exit(bound_exit), bound_enter()


def before_with(ins: Instruction) -> Step:
    """``manager -- exit, entered``."""
    following = ins.next

    def step(frame: Frame) -> int:
        manager = frame.stack.pop()
        frame.stack += _enter(manager, "__enter__", "__exit__", "context manager protocol")
        return following

    return step


def before_async_with(ins: Instruction) -> Step:
    """``manager -- exit, awaitable``."""
    following = ins.next

    def step(frame: Frame) -> int:
        manager = frame.stack.pop()
        frame.stack += _enter(
            manager, "__aenter__", "__aexit__", "asynchronous context manager protocol"
        )
        return following

    return step


def with_except_start(ins: Instruction) -> Step:
    """``exit, lasti, previous, exception -- ..., exit(type, exception, traceback)``."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        error: BaseException = stack[-1]
        stack.append(stack[-4](type(error), error, error.__traceback__))
        return following

    return step


HANDLERS: Handlers = {
    "BEFORE_ASYNC_WITH": before_async_with,
    "BEFORE_WITH": before_with,
    "WITH_EXCEPT_START": with_except_start,
}
