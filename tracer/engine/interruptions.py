"""Exceptions that arrive where CPython would let none in.

It runs signal handlers at calls and jumps backward, not between any two instructions: so from the
end of a ``with`` block on until the manager's ``__exit__`` runs there is no place for one. The run
loop has such places between all of them. What arrives there waits for the next instruction at
which it might have been raised; `Frame.late` says that it does.
"""

from __future__ import annotations

from opcode import opname
from types import TracebackType
from typing import Final

from ..code.wordcode import number, numbers
from .frame import Frame
from .marks import OPCODES
from .opcodes.context_managers import ContextMethod

#: Instructions that neither raise nor run any code: for CPython they and the next one are one.
_PASSIVE: Final = numbers(
    *("COPY", "LOAD_COMMON_CONSTANT", "LOAD_CONST", "LOAD_SMALL_INT", "POP_EXCEPT", "POP_TOP"),
    *("PUSH_EXC_INFO", "PUSH_NULL", "STORE_FAST", "SWAP"),
)
_CALL, _WITH_EXCEPT_START = number("CALL"), number("WITH_EXCEPT_START")
_LOAD_NONE: Final = numbers("LOAD_COMMON_CONSTANT", "LOAD_CONST")
#: Those whose steps push a value by their last call.
_PUSHES: Final = _LOAD_NONE | numbers("COPY", "LOAD_SMALL_INT", "PUSH_NULL")
_RESUME: Final = number("RESUME")
#: Those before which something may be early: passive ones, and what may leave a ``with`` block.
_SUSPECT: Final = _PASSIVE | {_CALL, _WITH_EXCEPT_START}
#: How far before the call that leaves a ``with`` block its arguments are loaded.
_NONES: Final = range(1, 4)
#: Errors that a step gives again when it is run again.
_OWN_ERRORS: Final = (MemoryError, RecursionError)


def is_early(frame: Frame, index: int, error: BaseException) -> bool:
    """Tell whether an error arrived before an instruction at which CPython would not raise it.

    Args:
        frame: The frame.
        index: Where its run loop caught the error.
        error: What was raised.
    """
    opcode = _opcode(frame, index)
    if opcode not in _SUSPECT or frame.thrown is not None:
        return False
    if opcode in _PASSIVE:
        if opcode in _PUSHES and _has_pushed(error):
            del frame.stack[-1]
            return True
        return _is_between_steps(error.__traceback__)
    return _is_about_to_leave(frame, index) and not isinstance(error, _OWN_ERRORS)


def waits(frame: Frame, index: int) -> bool:
    """Tell whether an exception to be thrown waits until an instruction has been run."""
    return frame.late and (_opcode(frame, index) in _PASSIVE or _is_about_to_leave(frame, index))


def _opcode(frame: Frame, index: int) -> int:
    return frame.code.co_code[frame.program.offsets[index]]


def _is_about_to_leave(frame: Frame, index: int) -> bool:
    """Tell whether an instruction is to call the exit of a ``with`` block, and has not yet."""
    opcode = _opcode(frame, index)
    if opcode == _WITH_EXCEPT_START:
        return not [value for value in frame.stack if isinstance(value, ContextMethod)][-1].begun
    if opcode != _CALL:
        return False
    match frame.stack[-_NONES.stop - 1 :]:
        # Up to 3.13, the first None stands where other calls have CPython's NULL.
        case [*_, ContextMethod() as method, None, None, None] | [
            ContextMethod() as method,
            _,
            None,
            None,
            None,
        ] if not method.begun:
            return not [n for n in _NONES if _opcode(frame, index - n) not in _LOAD_NONE]
        case _:
            return False


def _is_between_steps(traceback: TracebackType | None) -> bool:
    """Tell whether no step had begun, by the traceback of an error that the run loop caught."""
    assert traceback is not None
    following = traceback.tb_next
    if following is not None and OPCODES.hold(following.tb_frame.f_globals):
        begun = following.tb_frame.f_code.co_code[: max(following.tb_lasti, 0) : 2]
        return _RESUME not in begun
    # Up to 3.11, there is a conditional jump in the run loop that lets something in.
    return "JUMP" in opname[traceback.tb_frame.f_code.co_code[traceback.tb_lasti]]


def _has_pushed(error: BaseException) -> bool:
    """Tell whether the step had made its last call, after which CPython lets something in."""
    assert error.__traceback__ is not None
    step = error.__traceback__.tb_next
    if step is None or isinstance(error, _OWN_ERRORS) or not OPCODES.hold(step.tb_frame.f_globals):
        return False
    return step.tb_lasti == 2 * step.tb_frame.f_code.co_code[::2].rindex(_CALL)
