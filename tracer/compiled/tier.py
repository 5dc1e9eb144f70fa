"""When native code takes over from the interpreter.

``BYTEFIG_TIER`` says it: ``interpret`` for never, ``auto`` for loops that turn out to be run often,
and ``compile`` for wherever it can, which is what tests need.
"""

from __future__ import annotations

import os
from types import CodeType, FunctionType
from typing import Final, cast

from ..decode import decode
from ..errors import UnsupportedInstructionError
from ..frame import Frame, type_of
from ..functions import own_code
from ..hotness import NEVER, TIERS, Site
from ..observing import is_observed
from .region import Region
from .replacing import run_native
from .rewriting import rebuild

#: By mode: how many times the interpreter makes a backward jump before.
_LIMITS: Final = {"interpret": NEVER, "compile": 0, "auto": 1_000}
#: How often native code may leave a loop in the middle, to the interpreter, until that keeps it:
#: going over costs about as much as twenty instructions.
_MISSES: Final = 50
#: The mode without ``BYTEFIG_TIER``.
DEFAULT: Final = "auto"


def use(mode: str) -> None:
    """Choose when native code takes over, for code that has not been run yet.

    Raises:
        ValueError: There is no such mode.

    Example:
        >>> use("never")
        Traceback (most recent call last):
        ...
        ValueError: BYTEFIG_TIER must be one of interpret, compile, auto, not 'never'
    """
    if mode not in _LIMITS:
        raise ValueError(f"BYTEFIG_TIER must be one of {', '.join(_LIMITS)}, not {mode!r}")
    TIERS.jumps = _LIMITS[mode]
    TIERS.everywhere = mode == "compile"


def take_over(frame: Frame, site: Site) -> int:
    """Run a frame from a site on in native code, if that can be; return where to go on."""
    if is_observed() and frame.line[1]:  # somebody wants to see its lines
        return site.index
    guarded = bool(frame.interceptor.guarded_types)
    region = frame.program.native.get(guarded)
    if region is None:
        if TIERS.preparing:
            return site.index
        region = _rebuilt(frame, guarded)
    if type_of(region) is not Region:  # the program may have patched ``isinstance``
        site.left = NEVER
        return site.index
    region = cast("Region", region)
    entry = region.entries.get(site.index)
    if entry is None or frame.stack.__len__() != entry[1]:
        site.left = NEVER
        return site.index
    index = run_native(frame, region, site.index)
    if site.index <= index < site.end:
        site.missed += 1
        if site.missed > _MISSES and not TIERS.everywhere:
            site.left = NEVER
    else:
        site.missed = 0
    return index


def tier_of(function: FunctionType) -> str:
    """Say what has run a function so far: ``interpreted``, with the reason if there is one.

    Args:
        function: The function itself, not what captures it.

    Example:
        >>> from bytefig.tracer import interpret
        >>> def count(n):
        ...     for i in range(n):
        ...         pass
        >>> interpret(count)(10)
        >>> tier_of(count) in ("interpreted", "compiled")
        True
    """
    return _tier_so_far(own_code(function)) or "interpreted"


def expected_tier(code: CodeType) -> str:
    """Say what runs a code object in a capture, or would run it.

    Returns:
        ``compiled`` if it is, or would be at once; else ``interpreted`` with what that depends on.

    Raises:
        UnsupportedCodeError: Not even the interpreter runs it.

    Example:
        >>> expected_tier((lambda x: x + 1).__code__).startswith(("interpreted: ", "compiled"))
        True
    """
    found = _tier_so_far(code)
    if found is not None:
        return found
    if TIERS.jumps == NEVER:
        return "interpreted: BYTEFIG_TIER says so"
    try:
        rebuild(code, decode(code), guarded=True, everywhere=TIERS.everywhere)
    except UnsupportedInstructionError as refusal:
        return f"interpreted: {refusal}"
    if TIERS.everywhere:
        return "compiled"
    return f"interpreted, until a loop of it has gone round {TIERS.jumps:,} times"


def _tier_so_far(code: CodeType) -> str | None:
    found = decode(code).native.values()
    if any(isinstance(region, Region) for region in found):
        return "compiled"
    return next((f"interpreted: {region}" for region in found if isinstance(region, str)), None)


def _rebuilt(frame: Frame, guarded: bool) -> Region | str:
    program = frame.program
    region: Region | str
    TIERS.preparing = True
    try:
        region = rebuild(frame.code, program, guarded=guarded, everywhere=TIERS.everywhere)
    except UnsupportedInstructionError as refusal:
        region = str(refusal)
    finally:
        TIERS.preparing = False
    program.native[guarded] = region
    return region


use(os.environ.get("BYTEFIG_TIER") or DEFAULT)
