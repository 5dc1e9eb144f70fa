"""Errors about values that have no source."""

from __future__ import annotations

import attrs

from ..core.errors import ProblemsError
from ..core.provenance import Provenance, SavedProvenance
from ..node.dunders.representation import short_repr
from ..traversal.iteration import Place


class NoSourceError(Exception):
    """A value has no source; the text says why, and names a way out. No user sees it."""


@attrs.frozen(eq=False)
class SourceProblem:
    """A value that cannot be written as source.

    Attributes:
        place: Where it is.
        reason: Why it cannot be written, and what to do.
        provenance: The line that made it so: where the argument was set or the node made.
    """

    place: Place
    reason: str
    provenance: Provenance | SavedProvenance | None

    @property
    def path(self) -> str:
        """The path, such as ``<root>.layers[0]``; worked out when asked for."""
        return str(self.place)

    @property
    def value(self) -> object:
        """The value."""
        return self.place.value

    def __str__(self) -> str:
        """Return one or two lines."""
        made = "" if self.provenance is None else f"\n    set at {self.provenance}"
        return f"{self.path} = {short_repr(self.value, 80)}: {self.reason}{made}"


class CodegenError(ProblemsError, ValueError):
    """A graph holds values that cannot be written as source.

    Attributes:
        problems: All of them; the text shows the first twenty.
    """

    problems: tuple[SourceProblem, ...]

    def summary(self, count: int) -> str:
        """Return the first line of the text, for a number of problems."""
        what = "value of the graph has" if count == 1 else "values of the graph have"
        return f"cannot write source: {count} {what} none"
