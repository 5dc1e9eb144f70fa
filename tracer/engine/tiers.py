"""Counting what is run often, for a faster tier to take over.

Nothing here knows what that tier does: `compiled` registers it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .frame import Frame
from .site import NEVER, Site

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
