"""The bytes of a code object as they were compiled, if CPython can give them."""

from __future__ import annotations

import dis
import opcode
import re
import sysconfig
from functools import cache
from types import CodeType
from typing import Any, Final

from ...configs import Provenance
from ..errors import UnsupportedCodeError, describe

#: From 3.12 on, some opcodes above the limit have no argument.
WITH_ARGUMENT: Final = frozenset(getattr(opcode, "hasarg", range(opcode.HAVE_ARGUMENT, 256)))
#: Stands for what the optimiser of an experimental build keeps, where CPython looks it up.
_EXECUTOR: Final = opcode.opmap.get("ENTER_EXECUTOR", -1)
#: Opcodes of CPython's own, which `bytecode` does not know; they have no caches.
_OF_THE_OPTIMISER: Final = ("ENTER_EXECUTOR", "TRACE_RECORD")
#: Stand for others in watched code, which CPython has found to be valid.
_HIDING: Final = frozenset(
    number
    for name, number in {**opcode.opmap, **getattr(dis, "_all_opmap", {})}.items()
    if name in ("INSTRUMENTED_LINE", "INSTRUMENTED_INSTRUCTION")
)
#: No opcode has more caches.
_MOST_CACHES: Final = 10


def raw_code(code: CodeType) -> bytes:
    """Return ``co_code``, unless CPython would crash making it.

    Raises:
        UnsupportedCodeError: It would; says at which instruction.

    Example:
        >>> raw_code((lambda: 1).__code__) == (lambda: 1).__code__.co_code
        True
    """
    internals: Any = code
    ops: bytes = internals._co_code_adaptive[::2]
    if _cut_off().search(ops, max(len(ops) - _MOST_CACHES, 0)) or (
        _EXECUTOR >= 0 and _EXECUTOR in ops
    ):
        _check_each(code, ops)
    return code.co_code


@cache
def _cut_off() -> re.Pattern[bytes]:
    """Return the opcode at the end of code that seems to have no room for its caches."""
    parts: list[bytes] = []
    for count in {*caches()} - {0}:
        ops = bytes(op for op, has in enumerate(caches()) if has == count)
        parts.append(b"[%b].{0,%d}\\Z" % (re.escape(ops), count - 1))
    return re.compile(b"|".join(parts), re.DOTALL)


@cache
def caches() -> bytes:
    """Return how many inline caches follow each opcode, specialised ones included.

    Example:
        >>> caches()[opcode.opmap["POP_TOP"]]
        0
    """
    from bytecode import ConcreteInstr  # noqa: PLC0415 - slow, and needed by the first capture only

    internals: Any = dis
    opmap: dict[str, int] = {**opcode.opmap, **internals._all_opmap}
    counts = [0] * 256
    for name, value in opmap.items():
        base = internals.deoptmap.get(name, name).removeprefix("INSTRUMENTED_")
        if value < 256 and name not in _OF_THE_OPTIMISER and base in opcode.opmap:
            argument = (0,) if opmap[base] in WITH_ARGUMENT else ()
            counts[value] = ConcreteInstr(base, *argument).use_cache_opcodes()
    return bytes(counts)


def _check_each(code: CodeType, ops: bytes) -> None:
    unit, counts = 0, caches()
    while unit < len(ops):
        op = ops[unit]
        if op in _HIDING or (op == _EXECUTOR and _has_optimiser()):
            return  # what it stands for may have caches
        if op == _EXECUTOR:
            what = f"ENTER_EXECUTOR at offset {2 * unit} is an opcode of CPython's own"
            raise invalid_code_error(code, unit, what)
        last, unit = unit, unit + 1 + counts[op]
        if unit > len(ops):
            what = f"{opcode.opname[op]} at offset {2 * last} has no room for its caches"
            raise invalid_code_error(code, last, what)


def _has_optimiser() -> bool:
    return "experimental-jit" in (sysconfig.get_config_var("CONFIG_ARGS") or "")


def invalid_code_error(code: CodeType, unit: int, what: str) -> UnsupportedCodeError:
    """Return the error about a code object that is not valid."""
    return UnsupportedCodeError(
        describe(
            f"cannot trace {code.co_qualname}, whose code is not valid: {what}",
            str(Provenance(code, 2 * unit)),
            "have the tool that wrote the code object make a valid one",
        )
    )
