"""Raising, matching and handling exceptions.

The run loop runs a handler inside the host's own ``except`` block (see ``interpreter.py``), so
what CPython keeps in its exc_info stack is kept by CPython here as well: PUSH_EXC_INFO only has
to leave a place holder on the value stack, and POP_EXCEPT to leave that block.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import LEFT_HANDLER, Frame
from ..tracebacks import reraise
from ..values import Step, Value, type_of


def push_exc_info(ins: Instruction) -> Step:
    """``exception -- previous, exception``; the previous one is the host's business.

    It is there for the native tier, if that takes the frame over.
    """
    following = ins.next

    def step(frame: Frame) -> int:
        stack, handled = frame.stack, frame.handled
        previous = handled[-2] if handled[1:] else frame.outer
        stack[-1:] = (previous, stack[-1])  # without a call, at which something might arrive
        return following

    return step


def pop_except(ins: Instruction) -> Step:
    """``previous --``; leave the handler and go on after it."""
    following = ins.next

    def step(frame: Frame) -> int:
        del frame.stack[-1]
        frame.signal = LEFT_HANDLER
        frame.resume = following
        return 0

    return step


def check_exc_match(ins: Instruction) -> Step:
    """``exception, types -- exception, bool``."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        stack[-1] = matches(stack[-2], stack[-1])
        return following

    return step


def matches(error: BaseException, types: Value) -> bool:
    """Tell whether ``except types`` catches ``error``.

    By MRO, as CPython does: ``isinstance`` would ask a metaclass's ``__instancecheck__``, and
    ``in`` its ``__eq__``.
    Source: CPython ``_PyEval_CheckExceptTypeValid`` and ``PyErr_GivenExceptionMatches``.
    """
    candidates: tuple[object, ...] = types if type_of(types) is tuple else (types,)
    for candidate in candidates:
        if not (isinstance(candidate, type) and issubclass(candidate, BaseException)):
            raise TypeError(
                "catching classes that do not inherit from BaseException is not allowed"
            )
    kind = type(error)
    # No generator: what arrives while one is closed gets lost.
    return bool([candidate for candidate in candidates if _is_base(candidate, kind)])


_is_base: Final[Callable[[Value, type], bool]] = type.__subclasscheck__


def raise_varargs(ins: Instruction) -> Step:
    """``[exception[, cause]] --``: ``raise``, ``raise exception``, ``raise ... from cause``."""
    return (_raise_active(ins.index), _raise_exception, _raise_from)[ins.oparg]


def _raise_active(index: int) -> Step:
    def step(frame: Frame) -> int:
        # CPython adds no second traceback entry for the frame that re-raises.
        frame.reraised = 0 if sys.exc_info()[1] is None else index
        raise  # noqa: PLE0704 - inside the host's except block when the user's code is

    return step


def _raise_exception(frame: Frame) -> int:
    error = frame.stack.pop()
    raise error


def _raise_from(frame: Frame) -> int:
    cause = frame.stack.pop()
    error = frame.stack.pop()
    raise error from cause


def reraise_popped(ins: Instruction) -> Step:
    """``[index, ...] exception --``: raise again from a ``finally`` or unmatched handler.

    With an oparg, the frame is then back at the index, which a handler with ``push_lasti`` left.
    """
    index, depth = ins.index, -ins.oparg

    def step(frame: Frame) -> int:
        stack = frame.stack
        error = stack.pop()
        frame.reraised = stack[depth] if depth else index
        reraise(error)

    return step


def load_assertion_error(ins: Instruction) -> Step:
    """``-- AssertionError``, whatever the name is bound to."""
    following = ins.next

    def step(frame: Frame) -> int:
        frame.stack.append(AssertionError)
        return following

    return step


HANDLERS: Handlers = {
    "CHECK_EXC_MATCH": check_exc_match,
    "LOAD_ASSERTION_ERROR": load_assertion_error,
    "POP_EXCEPT": pop_except,
    "PUSH_EXC_INFO": push_exc_info,
    "RAISE_VARARGS": raise_varargs,
    "RERAISE": reraise_popped,
}
