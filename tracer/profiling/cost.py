"""What the counting of instructions costs."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Cost:
    """What counting costs, in seconds for an instruction.

    Attributes:
        plain: In all, for one that makes no call.
        call: In all, for one that makes a call.
        bias: What of that is measured as if it were the instruction's; it may be less than nothing,
            since what is between two instructions is not measured.
        gap: What is measured of one neither as its own time nor as that of another, unless it is
            inside of another: then it is measured as if it were that one's.
    """

    plain: float
    call: float
    bias: float
    gap: float

    @property
    def call_gap(self) -> float:
        """What `gap` is for one that makes a call."""
        return self.gap + self.call - self.plain


FREE: Final = Cost(0.0, 0.0, 0.0, 0.0)
