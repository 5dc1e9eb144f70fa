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
_internals: Final[Any] = dis
#: All opcodes, also those that CPython itself puts in the place of others while code runs.
_OPMAP: Final[dict[str, int]] = {**opcode.opmap, **_internals._all_opmap}
#: Stands for what the optimiser of an experimental build keeps, where CPython looks it up.
_EXECUTOR: Final = opcode.opmap.get("ENTER_EXECUTOR", -1)
#: What no code has been compiled to, or what `bytecode` does not know.
_WITHOUT_COUNT: Final = frozenset({"CACHE", "RESERVED", "ENTER_EXECUTOR", "TRACE_RECORD"})
#: Opcodes in code that a monitoring tool watches, or that CPython records as it runs.
_WATCHED: Final = frozenset(
    number
    for name, number in _OPMAP.items()
    if name.startswith("INSTRUMENTED_") or name == "TRACE_RECORD"
)


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
    if not _whole().fullmatch(ops):
        _check_each(code, ops)
    return code.co_code


@cache
def _whole() -> re.Pattern[bytes]:
    """Return code of known opcodes, each followed by as many units as it has inline caches."""
    parts: list[bytes] = []
    for count in sorted({*caches().values()}):
        ops = bytes(op for op, has in caches().items() if has == count)
        parts.append(b"[%b]%b" % (re.escape(ops), b"." * count))
    return re.compile(b"(?:%b)*+" % b"|".join(parts), re.DOTALL)


@cache
def caches() -> dict[int, int]:
    """Return how many inline caches follow each opcode, specialised ones included.

    Example:
        >>> caches()[opcode.opmap["POP_TOP"]]
        0
    """
    from bytecode import ConcreteInstr  # noqa: PLC0415 - slow, and needed by the first capture only

    deopted: dict[str, str] = _internals.deoptmap
    counts: dict[int, int] = {}
    for name, value in _OPMAP.items():
        base = deopted.get(name, name).removeprefix("INSTRUMENTED_")
        if value < 256 and name not in _WITHOUT_COUNT and base in opcode.opmap:
            argument = (0,) if _OPMAP[base] in WITH_ARGUMENT else ()
            counts[value] = ConcreteInstr(base, *argument).use_cache_opcodes()
    return counts


def _check_each(code: CodeType, ops: bytes) -> None:
    unit, counts = 0, caches()
    while unit < len(ops):
        op = ops[unit]
        if op not in counts:
            if op in _WATCHED or (op == _EXECUTOR and _has_optimiser()):
                return  # it stands for another, which CPython has found to be valid
            what = f"{opcode.opname[op]} at offset {2 * unit} is not for code that is written"
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
