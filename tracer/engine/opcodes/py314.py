"""CPython 3.14's opcodes: the changes since 3.13."""

from __future__ import annotations

from typing import Final

from . import py313
from .common import without

OPCODES: Final[dict[str, str]] = {
    **without(
        py313.OPCODES,
        "BEFORE_ASYNC_WITH",
        "BEFORE_WITH",
        "BINARY_SUBSCR",
        "BUILD_CONST_KEY_MAP",
        "LOAD_ASSERTION_ERROR",
        "RETURN_CONST",
    ),
    "BINARY_OP": "BINARY_OP_OR_SUBSCR",
    "BUILD_INTERPOLATION": "BUILD_INTERPOLATION",
    "BUILD_TEMPLATE": "BUILD_TEMPLATE",
    "CALL_FUNCTION_EX": "CALL_FUNCTION_EX_MAPPING_OR_NULL",
    "LOAD_COMMON_CONSTANT": "LOAD_COMMON_CONSTANT",
    "LOAD_FAST_BORROW": "LOAD_FAST_UNCHECKED",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": "LOAD_FAST_LOAD_FAST",
    "LOAD_SMALL_INT": "LOAD_SMALL_INT",
    "LOAD_SPECIAL": "LOAD_SPECIAL",
    "POP_ITER": "POP_TOP",
    "WITH_EXCEPT_START": "WITH_EXCEPT_START_WITH_SELF",
}

ELIDED: Final = py313.ELIDED | {"NOT_TAKEN"}

UNSUPPORTED: Final = py313.UNSUPPORTED
