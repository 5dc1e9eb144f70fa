"""The error about what the user asked for."""

from __future__ import annotations


class BadUsageError(Exception):
    """What the user asked for cannot be done; the message is all that is shown.

    Example:
        >>> print(BadUsageError("no module 'modle'", "did you mean 'model'?"))
        no module 'modle'
          fix: did you mean 'model'?
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what}\n  fix: {fix}" if fix else what)
