"""The ``with`` statement."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import starmap
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..interception import ImplicitCallable
from ..values import NULL, Step, Value, type_of
from .native import run_opcode
from .type_names import type_name


def special_method(obj: object, name: str) -> Value:
    """Return a special method bound to ``obj``, or `NULL`; looked up on the type only.

    Source: CPython ``_PyObject_LookupSpecial``.
    """
    kind = type_of(obj)
    for owner in kind.__mro__:
        if name in owner.__dict__:
            found: Value = owner.__dict__[name]
            bind: Value = getattr(type_of(found), "__get__", None)
            return found if bind is None else bind(found, obj, kind)
    return NULL


class ContextMethod(ImplicitCallable):
    """A bound method that a ``with`` statement calls.

    Attributes:
        begun: Whether it has been called: what arrives before must not keep it from that.
    """

    __slots__ = ("_bound", "begun")

    def __init__(self, bound: Callable[..., object]) -> None:
        self._bound = bound
        self.begun = False

    def __call__(self, *args: object) -> Value:
        """Enter or leave the context."""
        self.begun = True
        return self._bound(*args)


#: The arguments of one call without any.
_NO_ARGUMENTS: Final = ((),)


def _enter(manager: object, enter: str, leave: str, protocol: str) -> tuple[Value, object]:
    bound_enter = special_method(manager, enter)
    if bound_enter is NULL:
        raise TypeError(f"'{type_name(manager)}' object does not support the {protocol}")
    bound_exit = special_method(manager, leave)
    if bound_exit is NULL:
        raise TypeError(
            f"'{type_name(manager)}' object does not support the {protocol} (missed {leave} method)"
        )
    leaving, entering = ContextMethod(bound_exit), starmap(bound_enter, _NO_ARGUMENTS)
    # No signal handler runs between what is done here and the first instruction of the block.
    (entered,) = entering
    return leaving, entered


def _before(ins: Instruction, enter: str, leave: str, protocol: str) -> Step:
    """``manager -- exit, entered`` or, for ``async with``, ``manager -- exit, awaitable``."""
    following = ins.next

    def step(frame: Frame) -> int:
        manager = frame.stack.pop()
        frame.stack += _enter(manager, enter, leave, protocol)
        return following

    return step


def _leave_with_error(ins: Instruction, depth: int) -> Step:
    """``exit[, NULL], lasti, previous, exception -- ..., exit(type, exception, traceback)``.

    From 3.14 on a NULL stands after the exit method.
    """
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        error: BaseException = stack[-1]
        stack.append(stack[depth](type(error), error, error.__traceback__))
        return following

    return step


#: LOAD_SPECIAL's oparg to the method. Source: ``dis``, the same names.
SPECIAL_METHODS: Final = ("__enter__", "__exit__", "__aenter__", "__aexit__")


def load_special(ins: Instruction) -> Step:
    """``manager -- method, NULL`` (3.14)."""
    oparg, name, following = ins.oparg, SPECIAL_METHODS[ins.oparg], ins.next

    def step(frame: Frame) -> int:
        manager = frame.stack.pop()
        bound = special_method(manager, name)
        if bound is NULL:
            # CPython words the error, from what else the object can do.
            run_opcode(frame, "LOAD_SPECIAL", oparg, (manager,), outputs=2)
        frame.stack += (ContextMethod(bound), NULL)
        return following

    return step


_WITH: Final = ("__enter__", "__exit__", "context manager protocol")
_ASYNC_WITH: Final = ("__aenter__", "__aexit__", f"asynchronous {_WITH[-1]}")

HANDLERS: Handlers = {
    "BEFORE_ASYNC_WITH": lambda ins: _before(ins, *_ASYNC_WITH),
    "BEFORE_WITH": lambda ins: _before(ins, *_WITH),
    "LOAD_SPECIAL": load_special,
    "WITH_EXCEPT_START": partial(_leave_with_error, depth=-4),
    "WITH_EXCEPT_START_WITH_SELF": partial(_leave_with_error, depth=-5),
}
