"""CPython 3.11's opcodes."""

from __future__ import annotations

from typing import Final

from .common import COMMON, COMMON_ELIDED

_CONDITIONS: Final = ("FALSE", "NONE", "NOT_NONE", "TRUE")

OPCODES: Final[dict[str, str]] = {
    **COMMON,
    **{(name := f"POP_JUMP_BACKWARD_IF_{suffix}"): name for suffix in _CONDITIONS},
    **{f"POP_JUMP_FORWARD_IF_{name}": f"POP_JUMP_IF_{name}" for name in _CONDITIONS},
    "ASYNC_GEN_WRAP": "ASYNC_GEN_WRAP",
    "CALL": "CALL_NULL_FIRST",
    "CALL_FUNCTION_EX": "CALL_FUNCTION_EX_NULL_FIRST",
    "COMPARE_OP": "COMPARE_OP",
    "DICT_MERGE": "DICT_MERGE_NULL_FIRST",
    "FORMAT_VALUE": "FORMAT_VALUE",
    "IMPORT_NAME": "IMPORT_NAME_OF_DICT",
    "FOR_ITER": "FOR_ITER",
    "JUMP_IF_FALSE_OR_POP": "JUMP_IF_FALSE_OR_POP",
    "JUMP_IF_TRUE_OR_POP": "JUMP_IF_TRUE_OR_POP",
    "LIST_TO_TUPLE": "LIST_TO_TUPLE",
    "LOAD_ATTR": "LOAD_ATTR",
    "LOAD_CLASSDEREF": "LOAD_CLASSDEREF",
    "LOAD_CLOSURE": "LOAD_FAST_UNCHECKED",
    "LOAD_GLOBAL": "LOAD_GLOBAL",
    "LOAD_METHOD": "LOAD_METHOD",
    "MAKE_FUNCTION": "MAKE_FUNCTION_BY_OPARG",
    "PREP_RERAISE_STAR": "PREP_RERAISE_STAR",
    "PRINT_EXPR": "PRINT_EXPR",
    "SEND": "SEND_POP_RECEIVER",
    "UNARY_POSITIVE": "UNARY_POSITIVE",
}

ELIDED: Final = COMMON_ELIDED | {"KW_NAMES", "PRECALL"}

UNSUPPORTED: Final[dict[str, str]] = {
    "IMPORT_STAR": "'import *' is allowed at module level only",
}
