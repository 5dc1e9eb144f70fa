"""What cannot be said in source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs

from ..errors import ConfigError
from ..iteration import Place
from ..provenance import Provenance, SavedProvenance
from ..representation import short_repr

_SHOWN: Final = 20


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
    def value(self) -> Any:
        """The value."""
        return self.place.value

    def __str__(self) -> str:
        """Return one or two lines."""
        made = "" if self.provenance is None else f"\n    set at {self.provenance}"
        return f"{self.path} = {short_repr(self.value, 80)}: {self.reason}{made}"


class CodegenError(ConfigError, ValueError):
    """A graph holds values that cannot be written as source.

    Attributes:
        problems: All of them; the text shows the first twenty.
    """

    def __init__(self, problems: Sequence[SourceProblem]) -> None:
        """Keep the problems."""
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return what cannot be written, where, and why."""
        count = len(self.problems)
        shown = [f"  {problem}" for problem in self.problems[:_SHOWN]]
        if count > _SHOWN:
            shown.append(f"  and {count - _SHOWN} more: see .problems")
        what = "value of the graph has" if count == 1 else "values of the graph have"
        return "\n".join([f"cannot write source: {count} {what} none", *shown])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as text: the values were the very ones that resist being written down."""
        return ConfigError, (str(self),)
