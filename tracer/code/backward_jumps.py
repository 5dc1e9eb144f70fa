"""Code that no signal handler interrupts at its backward jumps.

CPython runs signal handlers, and raises what other threads ask for, at calls and jumps backward.
The jump that closes ``while True: try: ...`` is outside of the ``try``: so is, from 3.12 on, that
of a ``while`` with a condition. The jumps that CPython itself uses to ``await`` let nothing in.
"""

from __future__ import annotations

from opcode import opmap
from types import CodeType
from typing import Final

_CACHE, _EXTENDED_ARG, _JUMP, _UNINTERRUPTED, _NOP = (
    opmap[name]
    for name in (
        "CACHE",
        "EXTENDED_ARG",
        "JUMP_BACKWARD",
        "JUMP_BACKWARD_NO_INTERRUPT",
        "NOP",
    )
)
_UNIT: Final = 2


def without_interruptions(code: CodeType) -> CodeType:
    """Return the code with backward jumps at which nothing is raised.

    What loops so has to make a call in each turn, for a signal to be handled there.

    Example:
        >>> def forever(call):
        ...     while True:
        ...         call()
        >>> code = without_interruptions(forever.__code__)
        >>> import dis
        >>> [ins.opname for ins in dis.get_instructions(code) if "JUMP" in ins.opname]
        ['JUMP_BACKWARD_NO_INTERRUPT']
    """
    written = bytearray(code.co_code)
    for at in range(0, len(written), _UNIT):
        if written[at] != _JUMP:
            continue
        written[at] = _UNINTERRUPTED
        after = at + _UNIT
        if after < len(written) and written[after] == _CACHE:  # 3.13; the other one has none
            written[after] = _NOP
            _shorten(written, at)
    return code.replace(co_code=bytes(written))


def _shorten(written: bytearray, at: int) -> None:
    """Make a jump back one unit shorter."""
    if not written[at + 1]:
        assert written[at - _UNIT] == _EXTENDED_ARG
        written[at - 1] -= 1
    written[at + 1] = (written[at + 1] - 1) % 256
