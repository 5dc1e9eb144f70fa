"""``except*``."""

from __future__ import annotations

from ...code.instruction import Instruction
from ..binders import Handlers
from ..frame import Frame
from ..tracebacks import add_frame
from ..values import Step
from .native import run_opcode


def check_eg_match(ins: Instruction) -> Step:
    """``exception, types -- rest, match``; the match becomes the exception being handled."""
    index, following = ins.index, ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        error = stack[-2]
        rest, match = run_opcode(frame, "CHECK_EG_MATCH", 0, (error, stack[-1]), 2)
        if match is not None:
            if not isinstance(error, BaseExceptionGroup):
                _belongs_to(frame, index, match)
            frame.handled[-1] = match
        stack[-2:] = [rest, match]
        return following

    return step


def _belongs_to(frame: Frame, index: int, match: BaseException) -> None:
    """A bare exception has been wrapped: later versions give the group an entry of its own."""
    if match.__traceback__ is not None and match.__traceback__.tb_next is None:
        add_frame(frame, index, match)


def prep_reraise_star(ins: Instruction) -> Step:
    """``original, raised -- exception or None``: the rest to raise after all clauses."""
    following = ins.next

    def step(frame: Frame) -> int:
        stack = frame.stack
        raised = stack.pop()
        operands = (stack[-1], raised)
        if type(raised) is not list or not isinstance(stack[-1], BaseException):
            raise SystemError("except* has no exception, or no list of what was raised in it")
        stack[-1] = run_opcode(frame, ins.name, ins.oparg, operands)
        return following

    return step


HANDLERS: Handlers = {
    "CHECK_EG_MATCH": check_eg_match,
    "PREP_RERAISE_STAR": prep_reraise_star,
}
