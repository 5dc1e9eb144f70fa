"""Single opcodes run by CPython itself, where nothing in the language does quite the same.

A helper function is assembled that loads its arguments, runs the one opcode and returns what it
leaves on the stack. What the opcode does to the exception being handled, or takes from the
calling function's globals, happens as it would in the user's code.
"""

from __future__ import annotations

from functools import lru_cache
from types import CodeType, FunctionType
from typing import Final

from ...code.handwritten import assemble
from ..frame import Frame
from ..marks import Works
from ..values import Value

_ARGUMENTS: Final = 2


def _template(first: object, second: object) -> Value:
    return first, second


@lru_cache(maxsize=64)
def _operation(opcode: str, oparg: int, inputs: int, outputs: int) -> CodeType:
    pack = [("BUILD_TUPLE", outputs)] if outputs > 1 else []
    loads = [("LOAD_FAST", slot) for slot in range(inputs)]
    return _template.__code__.replace(
        co_code=assemble(("RESUME", 0), *loads, (opcode, oparg), *pack, ("RETURN_VALUE", 0)),
        co_linetable=b"",
        co_stacksize=inputs + outputs + 1,
        co_consts=(*_template.__code__.co_consts, Works()),
    )


def run_opcode(
    frame: Frame, opcode: str, oparg: int, operands: tuple[object, ...], outputs: int = 1
) -> Value:
    """Run one opcode without inline cache, in a function with the frame's globals.

    Args:
        frame: Whose globals to use.
        opcode: Its name.
        oparg: Less than 256.
        operands: One or two values, the top of the stack last.
        outputs: How many values it leaves; more than one are returned as a tuple.

    Raises:
        BaseException: What the opcode raises.
    """
    code = _operation(opcode, oparg, len(operands), outputs)
    padding = (None,) * (_ARGUMENTS - len(operands))
    return FunctionType(code, frame.globals)(*operands, *padding)
