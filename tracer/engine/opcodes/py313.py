"""CPython 3.13's opcodes: the changes since 3.12."""

from __future__ import annotations

from typing import Final

from . import py312
from .common import COMMON_ELIDED, without

OPCODES: Final[dict[str, str]] = {
    **without(py312.OPCODES, "FORMAT_VALUE", "LOAD_CLOSURE"),
    "CALL": "CALL_CALLABLE_FIRST",
    "CALL_FUNCTION_EX": "CALL_FUNCTION_EX_CALLABLE_FIRST",
    "CALL_KW": "CALL_KW_CALLABLE_FIRST",
    "COMPARE_OP": "COMPARE_OP_OVER_MASK_AND_BOOL",
    "CONVERT_VALUE": "CONVERT_VALUE",
    "DICT_MERGE": "DICT_MERGE_CALLABLE_FIRST",
    "END_FOR": "POP_TOP",
    "FORMAT_SIMPLE": "FORMAT_SIMPLE",
    "FORMAT_WITH_SPEC": "FORMAT_WITH_SPEC",
    "FOR_ITER": "FOR_ITER_PAST_END_FOR_AND_POP",
    "IMPORT_NAME": "IMPORT_NAME",
    "LOAD_ATTR": "LOAD_ATTR_OR_METHOD_NULL_AFTER",
    "LOAD_FAST": "LOAD_FAST_UNCHECKED",
    "LOAD_FAST_LOAD_FAST": "LOAD_FAST_LOAD_FAST",
    "LOAD_FROM_DICT_OR_GLOBALS": "LOAD_FROM_DICT_OR_GLOBALS",
    "LOAD_GLOBAL": "LOAD_GLOBAL_NULL_AFTER",
    "LOAD_SUPER_ATTR": "LOAD_SUPER_ATTR_NULL_AFTER",
    "MAKE_FUNCTION": "MAKE_FUNCTION_BY_ATTRIBUTES",
    "STORE_FAST_LOAD_FAST": "STORE_FAST_LOAD_FAST",
    "STORE_FAST_STORE_FAST": "STORE_FAST_STORE_FAST",
    "TO_BOOL": "TO_BOOL",
}

ELIDED: Final = COMMON_ELIDED | {"SET_FUNCTION_ATTRIBUTE"}

UNSUPPORTED: Final[dict[str, str]] = {
    **py312.UNSUPPORTED,
    "ENTER_EXECUTOR": "CPython's own optimiser writes it; the unadaptive code never has it",
    "EXIT_INIT_CHECK": "CPython's own entry frames use it, never a function's code",
}
