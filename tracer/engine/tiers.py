"""When the native tier takes over from the interpreter.

``BYTEFIG_TIER`` says it: ``auto`` for what is called often, for loops that go round often and for
all that a debugger, a coverage tool or a profiler looks at; ``interpret`` for nothing but what is
called while a trace function is set that the traced code has set itself; and ``compile`` for all
from its first instruction on, with every call diverted, which is what tests need.

Nothing here knows what that tier does: ``native`` registers it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

from .frame import Frame

#: How many times what is never taken over is run before.
NEVER: Final = 1 << 62
#: By mode: how many times the interpreter makes a backward jump, and a call of a code object.
_LIMITS: Final = {"interpret": (NEVER, NEVER), "compile": (0, 0), "auto": (200, 12)}
#: The mode without ``BYTEFIG_TIER``.
DEFAULT: Final = "auto"

#: Runs a frame from an index on, after a call in place of the instruction before if one is given.
TakeOver = Callable[[Frame, int, Callable[[], Any] | None], int]


def stay(_: Frame, index: int, __: Callable[[], object] | None = None) -> int:
    """Let the interpreter go on."""
    return index


class MovedOver(BaseException):
    """Stops the interpreter after the call that has taken the frame over, and run it."""


class Tiers:
    """The tier that takes over, and when.

    Attributes:
        take_over: Runs a frame from an index on to its end, and returns 0; or the index to go on
            at, if it cannot.
        jumps: How many times a backward jump is made before; `NEVER` for not at all.
        calls: How many times a code object is called before.
        everywhere: Whether all runs natively from the first instruction on, and asks at each call.
        own_trace: The trace function that traced code has set, for its own frames.
        outer_trace: The one that was set before, by an observer.
    """

    __slots__ = ("calls", "everywhere", "jumps", "outer_trace", "own_trace", "take_over")

    def __init__(self) -> None:
        self.take_over: TakeOver = stay
        self.own_trace: object = None
        self.outer_trace: object = None
        self.use(os.environ.get("BYTEFIG_TIER") or DEFAULT)

    def use(self, mode: str) -> None:
        """Choose when native code takes over, for code that has not been run yet.

        Raises:
            ValueError: There is no such mode.

        Example:
            >>> TIERS.use("never")
            Traceback (most recent call last):
            ...
            ValueError: BYTEFIG_TIER must be one of interpret, compile, auto, not 'never'
        """
        if mode not in _LIMITS:
            raise ValueError(f"BYTEFIG_TIER must be one of {', '.join(_LIMITS)}, not {mode!r}")
        self.jumps, self.calls = _LIMITS[mode]
        self.everywhere = mode == "compile"

    def note_trace(self, before: object, trace: object) -> None:
        """Note that traced code has set a trace function, or put the one before in place again."""
        if self.own_trace is None:
            self.outer_trace = before
        self.own_trace = None if trace is self.outer_trace else trace

    def from_the_start(self) -> bool:
        """Tell whether a call is to run natively at once."""
        if self.calls == NEVER:
            return self.own_trace is not None and _get_trace() is self.own_trace
        return self.everywhere or is_observed()


TIERS: Final = Tiers()

_get_trace: Final = sys.gettrace
_get_profile: Final = sys.getprofile

if sys.version_info >= (3, 12):
    _tool_name: Final = sys.monitoring.get_tool

    def is_observed() -> bool:
        """Tell whether a debugger, a coverage tool or a profiler may look at frames."""
        return (
            _get_trace() is not None
            or _get_profile() is not None
            or _tool_name(0) is not None
            or _tool_name(1) is not None
            or _tool_name(2) is not None
        )

else:

    def is_observed() -> bool:
        """Tell whether a trace function or a profiler may look at frames."""
        return _get_trace() is not None or _get_profile() is not None
