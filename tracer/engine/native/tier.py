"""When native code takes over from the interpreter.

``BYTEFIG_TIER`` says it: ``interpret`` for never, ``auto`` for loops and long functions that turn
out to be run often, and ``compile`` for wherever it can, which is what tests need.
"""

from __future__ import annotations

import os
from types import CodeType, FunctionType
from typing import Final, cast

from ...code.flags import SUSPENDABLE
from ...errors import UnsupportedInstructionError
from ..decode import decode
from ..frame import Frame
from ..functions import own_code
from ..observing import is_observed
from ..program import Program
from ..site import CALLED, LONG, NEVER, Site
from ..tiers import TIERS
from ..values import type_of
from .region import Region
from .replacing import run_native
from .rewriting import rebuild

#: By mode: how many times the interpreter makes a backward jump, or runs a long function, before.
_LIMITS: Final = {"interpret": NEVER, "compile": 0, "auto": 1_000}
#: How often native code may leave a loop in the middle, to the interpreter, until that keeps it:
#: going over costs about as much as twenty instructions. The same for a call that hardly began.
_MISSES: Final = 50
#: How many frames may be in native code from one site on: each takes four native frames more than
#: in the interpreter, and code that calls itself is not to come to the end of those for it.
_DEEPEST: Final = 20
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
    TIERS.jumps = TIERS.calls = _LIMITS[mode]
    TIERS.everywhere = mode == "compile"


def take_over(frame: Frame, site: Site) -> int:
    """Run a frame from a site on in native code, if that can be; return where to go on."""
    # Somebody may want to see its lines; where a call begins, that is not known yet.
    if is_observed() and (frame.line[1] or site.end == CALLED):
        return site.index
    if site.active >= _DEEPEST and not TIERS.everywhere:
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
    if site.missed < 0:
        region.sites.add(site)
        site.missed = 0
    called = site.end == CALLED
    site.active += 1
    try:
        index = run_native(frame, region, site.index)
    except BaseException:
        if called and frame.native in region.near:
            _miss(frame.program, site)
        raise
    finally:
        site.active -= 1
    if index in region.near if called else site.index <= index < site.end:
        _miss(frame.program, site)
    else:
        site.missed = 0
    return index


def _miss(program: Program, site: Site) -> None:
    """Note that native code was left too soon, and give up if that is so many times in a row."""
    site.missed += 1
    if site.missed > _MISSES and not TIERS.everywhere:
        site.left = NEVER
        for region in program.native.values():
            if type_of(region) is Region:
                region.sites.discard(site)


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
    program = decode(code)
    looped = f"a loop of it has gone round {TIERS.jumps:,} times" if program.has_loop else ""
    called = f"it has been called {TIERS.calls:,} times" if program.entry is not None else ""
    if not (looped or called):
        return "interpreted: it has no loop" + _why_not_called(program)
    return f"interpreted, until {' or '.join(filter(None, (looped, called)))}"


def _why_not_called(program: Program) -> str:
    return "" if program.flags & SUSPENDABLE else f" and fewer than {LONG} instructions"


def _tier_so_far(code: CodeType) -> str | None:
    found = list(decode(code).native.values())
    regions = [region for region in found if isinstance(region, Region)]
    if any(region.sites for region in regions):
        return "compiled"
    if regions:
        return "interpreted: rebuilt, it has to be left to the interpreter too soon each time"
    return next((f"interpreted: {region}" for region in found), None)


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
