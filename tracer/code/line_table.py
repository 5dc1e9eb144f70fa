"""Line tables of code objects that are made here.

Source: CPython ``Objects/locations.md``. Each entry covers up to eight code units of two bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

_NO_LOCATION: Final = 15
_NO_COLUMNS: Final = 13


def encode_lines(lines: Iterable[int | None], first: int) -> bytes:
    """Return a ``co_linetable`` without columns.

    Args:
        lines: The line of each code unit, or None for one that has none.
        first: The code object's ``co_firstlineno``.

    Example:
        >>> def f(): pass
        >>> units = len(f.__code__.co_code) // 2
        >>> table = encode_lines([5] * units, first=3)
        >>> code = f.__code__.replace(co_firstlineno=3, co_linetable=table)
        >>> {line for *_, line in code.co_lines()}
        {5}
    """
    table = bytearray()
    current = first
    for line, run in groupby(lines):
        units = len(list(run))
        while units:
            size = min(units, 8)
            units -= size
            if line is None:
                table.append(0x80 | _NO_LOCATION << 3 | size - 1)
            else:
                table.append(0x80 | _NO_COLUMNS << 3 | size - 1)
                table += _signed_varint(line - current)
                current = line
    return bytes(table)


def _signed_varint(value: int) -> bytes:
    rest = -value << 1 | 1 if value < 0 else value << 1
    chunks = bytearray()
    while rest > 0x3F:
        chunks.append(0x40 | rest & 0x3F)
        rest >>= 6
    chunks.append(rest)
    return bytes(chunks)
