"""The places of a program where another tier may take over."""

from __future__ import annotations

from typing import Final

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
