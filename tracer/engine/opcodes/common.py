"""The opcodes that versions share, and the changes from one version to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Opcodes with one meaning on 3.11 and 3.12; the handler has the opcode's name.
SAME: Final[tuple[str, ...]] = (
    "BEFORE_ASYNC_WITH",
    "BEFORE_WITH",
    "BINARY_OP",
    "BINARY_SUBSCR",
    "BUILD_CONST_KEY_MAP",
    "BUILD_LIST",
    "BUILD_MAP",
    "BUILD_SET",
    "BUILD_SLICE",
    "BUILD_STRING",
    "BUILD_TUPLE",
    "CHECK_EG_MATCH",
    "CHECK_EXC_MATCH",
    "CONTAINS_OP",
    "COPY",
    "DELETE_ATTR",
    "DELETE_DEREF",
    "DELETE_FAST",
    "DELETE_GLOBAL",
    "DELETE_NAME",
    "DELETE_SUBSCR",
    "DICT_UPDATE",
    "END_ASYNC_FOR",
    "GET_AITER",
    "GET_ANEXT",
    "GET_AWAITABLE",
    "GET_ITER",
    "GET_LEN",
    "GET_YIELD_FROM_ITER",
    "IMPORT_FROM",
    "IMPORT_NAME",
    "IS_OP",
    "LIST_APPEND",
    "LIST_EXTEND",
    "LOAD_ASSERTION_ERROR",
    "LOAD_BUILD_CLASS",
    "LOAD_CONST",
    "LOAD_DEREF",
    "LOAD_FAST",
    "LOAD_NAME",
    "MAKE_CELL",
    "MAP_ADD",
    "MATCH_CLASS",
    "MATCH_KEYS",
    "MATCH_MAPPING",
    "MATCH_SEQUENCE",
    "POP_EXCEPT",
    "POP_TOP",
    "PUSH_EXC_INFO",
    "PUSH_NULL",
    "RAISE_VARARGS",
    "RERAISE",
    "RETURN_GENERATOR",
    "RETURN_VALUE",
    "SETUP_ANNOTATIONS",
    "SET_ADD",
    "SET_UPDATE",
    "STORE_ATTR",
    "STORE_DEREF",
    "STORE_FAST",
    "STORE_GLOBAL",
    "STORE_NAME",
    "STORE_SUBSCR",
    "SWAP",
    "UNARY_INVERT",
    "UNARY_NEGATIVE",
    "UNARY_NOT",
    "UNPACK_EX",
    "UNPACK_SEQUENCE",
    "WITH_EXCEPT_START",
    "YIELD_VALUE",
)

_JUMPS: Final = {
    "JUMP_BACKWARD": "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT": "JUMP",
    "JUMP_FORWARD": "JUMP",
}

#: Opcode to handler on 3.11 and 3.12.
COMMON: Final[dict[str, str]] = {**dict(zip(SAME, SAME, strict=True)), **_JUMPS}

#: No step: inline caches, prefixes, and what decoding attaches to another instruction.
COMMON_ELIDED: Final = frozenset({"CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "RESUME"})


def without(opcodes: Mapping[str, str], *dropped: str) -> dict[str, str]:
    """Return the opcodes of a version but those that the next one has dropped.

    Raises:
        KeyError: One of them is no opcode of the version.

    Example:
        >>> without({"NOP": "NOP", "COPY": "COPY"}, "COPY")
        {'NOP': 'NOP'}
    """
    left = dict(opcodes)
    for name in dropped:
        del left[name]
    return left
