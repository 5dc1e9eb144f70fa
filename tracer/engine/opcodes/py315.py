"""CPython 3.15's opcodes: the changes since 3.14."""

from __future__ import annotations

from typing import Final

from . import py314
from .common import without

OPCODES: Final[dict[str, str]] = {
    **without(py314.OPCODES, "GET_YIELD_FROM_ITER"),
    "CALL_FUNCTION_EX": "CALL_FUNCTION_EX_VALUES",
    "CLEANUP_THROW": "CLEANUP_THROW_ABOVE_NULL",
    "DICT_MERGE": "DICT_MERGE_VALUES",
    "END_SEND": "END_SEND_ABOVE_NULL",
    "FOR_ITER": "FOR_ITER_ABOVE_NULL",
    "GET_ANEXT": "GET_ANEXT_OF",
    "GET_AWAITABLE": "GET_AWAITABLE_OF",
    "GET_ITER": "GET_ITER_AND_NULL",
    "IMPORT_FROM": "IMPORT_FROM_LAZY",
    "IMPORT_NAME": "IMPORT_NAME_BY_MODE",
    "LOAD_FROM_DICT_OR_GLOBALS": "LOAD_FROM_DICT_OR_GLOBALS_AND_IMPORT",
    "LOAD_GLOBAL": "LOAD_GLOBAL_AND_IMPORT",
    "LOAD_NAME": "LOAD_NAME_AND_IMPORT",
    "POP_ITER": "POP_ITER_AND_NULL",
    "RETURN_GENERATOR": "RETURN_GENERATOR_ONCE_ITERATING",
    "SEND": "SEND_ABOVE_NULL",
}

ELIDED: Final = py314.ELIDED

UNSUPPORTED: Final[dict[str, str]] = {
    **py314.UNSUPPORTED,
    "TRACE_RECORD": "CPython's own optimiser writes it; the unadaptive code never has it",
}
