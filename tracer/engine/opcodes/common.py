"""The handlers that all versions share: opcode name to handler name."""

from __future__ import annotations

from typing import Final

#: Opcodes with one meaning on every supported version; the handler has the opcode's name.
SAME: Final[tuple[str, ...]] = (
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
    "GET_LEN",
    "IS_OP",
    "LIST_APPEND",
    "LIST_EXTEND",
    "LOAD_BUILD_CLASS",
    "LOAD_CONST",
    "LOAD_DEREF",
    "LOAD_FAST",
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
    "YIELD_VALUE",
)

#: The same for what 3.15 dropped or changed.
SAME_BEFORE_315: Final[tuple[str, ...]] = (
    "GET_ANEXT",
    "GET_AWAITABLE",
    "GET_ITER",
    "GET_YIELD_FROM_ITER",
    "IMPORT_FROM",
    "IMPORT_NAME",
    "LOAD_NAME",
    "RETURN_GENERATOR",
)

#: The same for what 3.14 dropped or changed.
SAME_BEFORE_314: Final[tuple[str, ...]] = (
    "BEFORE_ASYNC_WITH",
    "BEFORE_WITH",
    "BINARY_OP",
    "BINARY_SUBSCR",
    "BUILD_CONST_KEY_MAP",
    "LOAD_ASSERTION_ERROR",
    "WITH_EXCEPT_START",
)

_JUMPS: Final = {
    "JUMP_BACKWARD": "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT": "JUMP",
    "JUMP_FORWARD": "JUMP",
}

#: Opcode to handler on every supported version.
COMMON: Final[dict[str, str]] = {**dict(zip(SAME, SAME, strict=True)), **_JUMPS}
#: Opcode to handler on every supported version before 3.15.
COMMON_BEFORE_315: Final[dict[str, str]] = {
    **COMMON,
    **dict(zip(SAME_BEFORE_315, SAME_BEFORE_315, strict=True)),
}
#: Opcode to handler on every supported version before 3.14.
COMMON_BEFORE_314: Final[dict[str, str]] = {
    **COMMON_BEFORE_315,
    **dict(zip(SAME_BEFORE_314, SAME_BEFORE_314, strict=True)),
}

#: No step: inline caches, prefixes, and what decoding attaches to another instruction.
COMMON_ELIDED: Final = frozenset({"CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "RESUME"})
