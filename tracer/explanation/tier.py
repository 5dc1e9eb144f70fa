"""Say which tier runs a function."""

from __future__ import annotations

from types import CodeType, FunctionType

from ..code.flags import SUSPENDABLE
from ..engine.decode import decode
from ..engine.functions import own_code
from ..engine.tiers import NEVER, TIERS
from ..supported import CAN_REBUILD


def tier_of(function: FunctionType) -> str:
    """Name the tier that has run a function so far: ``native`` if CPython has, at least at last.

    Args:
        function: The function itself, not what captures it.

    Example:
        >>> from bytefig.tracer import interpret
        >>> def count(n):
        ...     for i in range(n):
        ...         pass
        >>> interpret(count)(10)
        >>> tier_of(count) in ("interpreted", "native")
        True
    """
    return "native" if decode(own_code(function)).is_native else "interpreted"


def expected_tier(code: CodeType) -> str:
    """Name the tier that runs a code object in a capture, or would run it.

    Returns:
        ``native`` if it is, or would be at once; else ``interpreted`` with what that depends on.

    Raises:
        UnsupportedCodeError: Not even the interpreter runs it.

    Example:
        >>> expected_tier((lambda x: x + 1).__code__).startswith(("interpreted", "native"))
        True
    """
    program = decode(code)
    if program.is_native or TIERS.everywhere:
        return "native"
    if TIERS.jumps == NEVER:
        return "interpreted: BYTEFIG_TIER says so"
    if not CAN_REBUILD:
        return "interpreted: no code is rebuilt for this version of CPython yet"
    called = f"it has been called {TIERS.calls:,} times"
    if not program.has_loop or program.flags & SUSPENDABLE:
        return f"interpreted, until {called}"
    return f"interpreted, until a loop of it has gone round {TIERS.jumps:,} times or {called}"
