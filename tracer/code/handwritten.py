"""Code of a few instructions that are written by hand."""

from __future__ import annotations

from opcode import opmap
from typing import Final


def assemble(*units: tuple[str, int]) -> bytes:
    """Return the ``co_code`` of instructions, of which none but RESUME may have an inline cache.

    Args:
        units: The names of opcodes, and opargs below 256.

    Example:
        >>> import dis
        >>> raw = assemble(("RESUME", 0), ("LOAD_CONST", 0), ("RETURN_VALUE", 0))
        >>> code = (lambda: None).__code__.replace(co_code=raw, co_consts=("made",))
        >>> [ins.opname for ins in dis.get_instructions(code)]
        ['RESUME', 'LOAD_CONST', 'RETURN_VALUE']
    """
    return b"".join(
        bytes((opmap[name], oparg)) + _CACHE * (_RESUME_CACHES if name == "RESUME" else 0)
        for name, oparg in units
    )


def _resume_caches() -> int:
    ops = _resume_caches.__code__.co_code[2::2]
    return len(ops) - len(ops.lstrip(_CACHE[:1]))


_CACHE: Final = bytes((opmap["CACHE"], 0))
#: None up to 3.14.
_RESUME_CACHES: Final = _resume_caches()
