"""A profile; printed, it is a report."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import attrs

from ..engine.interception import Decision
from .records import Figures
from .report import html_report, plain_report, rich_report
from .stacks import collapsed, speedscope


@attrs.frozen
class Profile(Figures):
    """Where the time of a capture went; printed, it is a report.

    All times are in seconds, without what profiling itself takes as far as that is known; what is
    known of each is said with `Figures`.
    """

    _call: Callable[[], object] = attrs.field(eq=False, repr=False, alias="call")

    def with_native(self) -> Profile:
        """Return this profile with the time of the function itself, which is called for it, once.

        So real objects are built, with the arguments of the capture.

        Raises:
            BaseException: What the function raises.

        Example:
            >>> from bytefig.tracer import profile
            >>> class Dense: ...
            >>> profile(lambda: Dense()).with_native().native > 0
            True
        """
        start = perf_counter()
        self._call()
        return attrs.evolve(self, native=perf_counter() - start)

    def __str__(self) -> str:
        """Return the report as plain text."""
        return plain_report(self)

    def __rich__(self) -> object:
        """Return the report for the terminal.

        Raises:
            ImportError: rich is not installed.
        """
        return rich_report(self)

    def _repr_html_(self) -> str:
        """Return the report for a notebook."""
        return html_report(self)

    def to_data(self) -> dict[str, object]:
        """Return everything but the graph as values that JSON has."""
        fields = attrs.asdict(
            self,
            filter=lambda field, _: field.name not in ("graph", "_call"),
            value_serializer=lambda _, __, value: (
                value.name if isinstance(value, Decision) else value
            ),
        )
        return {
            **fields,
            "other": self.other,
            "instructions": self.instructions,
            "calls": self.calls,
        }

    def to_speedscope(self) -> dict[str, object]:
        """Return the time by stack as a file of https://www.speedscope.app, to write as JSON."""
        return speedscope(self)

    def to_collapsed(self) -> str:
        """Return the time by stack in microseconds, as the scripts of flame graphs read it."""
        return collapsed(self)
