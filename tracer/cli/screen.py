"""Where the command prints: results to standard output, everything else to standard error."""

from __future__ import annotations

from rich.console import Console


def output() -> Console:
    """Return a console on standard output; made anew, for a test or a pipe may replace that."""
    return Console()


def errors() -> Console:
    """Return a console on standard error."""
    return Console(stderr=True)
