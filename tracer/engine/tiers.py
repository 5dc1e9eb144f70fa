"""Counting what is run often, for a faster tier to take over.

Nothing here knows what that tier does: `compiled` registers it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .frame import Frame

#: How many times a place is passed that is never to be taken over.
NEVER: Final = 1 << 62
#: The end of a site where a call begins.
CALLED: Final = 0
#: How many instructions code has at least for another tier to be asked to run its calls.
LONG: Final = 60


class Site:
    """A place where another tier may take over.

    Attributes:
        index: Its index in the program.
        end: That of the jump back to it; `CALLED` where a call begins; elsewhere, its own.
        left: How many times more it is passed before the other tier is asked.
        missed: How many times in a row that tier has left it too soon; -1 before the first time.
        active: How many frames are with that tier from here on.
    """

    __slots__ = ("active", "end", "index", "left", "missed")

    def __init__(self, index: int, end: int, left: int) -> None:
        self.index = index
        self.end = end
        self.left = left
        self.missed = -1
        self.active = 0


#: Runs a frame from a site on and returns the index to go on at.
TakeOver = Callable[[Frame, Site], int]


def stay(_: Frame, site: Site) -> int:
    """Let the interpreter go on, and not ask again."""
    site.left = NEVER
    return site.index


class Tiers:
    """What takes over, and when.

    Attributes:
        take_over: Runs a frame from a site on.
        jumps: How many times a backward jump is made before; `NEVER` for not at all.
        calls: How many times long code is called before.
        everywhere: Whether to ask at every instruction, for tests.
        preparing: Whether something is being made ready to be taken over. What is run for that, if
            the program has patched builtins, stays where it is.
    """

    __slots__ = ("calls", "everywhere", "jumps", "preparing", "take_over")

    def __init__(self) -> None:
        self.take_over: TakeOver = stay
        self.jumps = NEVER
        self.calls = NEVER
        self.everywhere = False
        self.preparing = False


TIERS: Final = Tiers()
