"""The bytes of a code object as they were compiled, if CPython can give them."""

from __future__ import annotations

import dis
import opcode
import re
import sysconfig
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any, Final

from ...configs import Provenance
from ..errors import UnsupportedCodeError, describe

#: Stands for what the optimiser of an experimental build keeps, where CPython looks it up.
_EXECUTOR: Final = opcode.opmap.get("ENTER_EXECUTOR", -1)
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
    for count in {*_caches()} - {0}:
        ops = bytes(op for op, caches in enumerate(_caches()) if caches == count)
        parts.append(b"[%b].{0,%d}\\Z" % (re.escape(ops), count - 1))
    return re.compile(b"|".join(parts), re.DOTALL)


@cache
def _caches() -> bytes:
    """Return how many caches follow each opcode, specialised ones included."""
    internals: Any = dis
    opmap: dict[str, int] = {**opcode.opmap, **internals._all_opmap}
    counts = [0] * 256
    # A list to 3.12, by opcode; a mapping from 3.13 on.
    entries: Mapping[str, int] | list[int] = internals._inline_cache_entries
    for name, value in opmap.items():
        base = internals.deoptmap.get(name, name).removeprefix("INSTRUMENTED_")
        if value < 256 and base in opcode.opmap:
            counts[value] = (
                entries[opmap[base]] if isinstance(entries, list) else entries.get(base, 0)
            )
    return bytes(counts)


def _check_each(code: CodeType, ops: bytes) -> None:
    unit, caches = 0, _caches()
    while unit < len(ops):
        op = ops[unit]
        if op == _EXECUTOR:
            if _has_optimiser():
                return  # what it stands for may have caches
            what = f"ENTER_EXECUTOR at offset {2 * unit} is an opcode of CPython's own"
            raise refusal(code, unit, what)
        last, unit = unit, unit + 1 + caches[op]
        if unit > len(ops):
            what = f"{opcode.opname[op]} at offset {2 * last} has no room for its caches"
            raise refusal(code, last, what)


def _has_optimiser() -> bool:
    return "experimental-jit" in (sysconfig.get_config_var("CONFIG_ARGS") or "")


def refusal(code: CodeType, unit: int, what: str) -> UnsupportedCodeError:
    """Return the error about a code object that is not valid."""
    return UnsupportedCodeError(
        describe(
            f"cannot trace {code.co_qualname}, whose code is not valid: {what}",
            str(Provenance(code, 2 * unit)),
            "have the tool that wrote the code object make a valid one",
        )
    )
