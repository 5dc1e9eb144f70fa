"""The errors of writing and reading a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from ..core.errors import EXCERPT, ConfigError, excerpt
from ..core.provenance import Provenance, SavedProvenance

_SHOWN: Final = 20


@attrs.frozen
class Problem:
    """A value of a graph that cannot be written.

    Attributes:
        reason: Why.
        provenance: Where it was set, or else where the node that holds it was made, if known.

    Example:
        >>> str(Problem(lambda: "<root>.x", "a lambda has no name", None))
        '<root>.x: a lambda has no name'
    """

    _path: Callable[[], str]
    reason: str
    provenance: Provenance | SavedProvenance | None

    @property
    def path(self) -> str:
        """Where it is, such as ``<root>.layers[0]``."""
        return self._path()

    def __str__(self) -> str:
        """Return path and reason, and the provenance if it is known."""
        where = "" if self.provenance is None else f"\n    set at {self.provenance}"
        return f"{self.path}: {self.reason}{where}"


class SerializationError(ConfigError, ValueError):
    """A graph cannot be written, or a document cannot be read.

    Attributes:
        problems: Everything that kept a graph from being written; empty if a document was read.
        path: Where in the document the fault is, such as ``$.nodes[3].args.units``; empty if a
            graph was written.
    """

    def __init__(self, message: str, path: str = "", problems: Sequence[Problem] = ()) -> None:
        """Keep the text without the path, which is added when it is shown."""
        super().__init__(message, path, tuple(problems))
        self.path = path
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Return the problem, its place, and the fix."""
        message = str(self.args[0])
        return f"{message}\n  at {self.path}" if self.path else message


def unserialisable(problems: Sequence[Problem]) -> SerializationError:
    """Return the error that reports all problems of one graph."""
    count = len(problems)
    lines = [f"{count} value{'s' if count > 1 else ''} cannot be serialised:"]
    lines.extend(f"  {problem}" for problem in problems[:_SHOWN])
    if count > _SHOWN:
        lines.append(f"  ... and {count - _SHOWN} more: see `problems` of this error")
    return SerializationError("\n".join(lines), problems=problems)


def json_path(steps: Iterable[str | int]) -> str:
    """Return steps as a JSON path.

    Example:
        >>> json_path(["nodes", 3, "args", "a b"])
        "$.nodes[3].args['a b']"
    """
    parts: list[str] = ["$"]
    for step in steps:
        plain = isinstance(step, str) and step.isidentifier() and len(step) <= EXCERPT
        parts.append(f".{step}" if plain else f"[{excerpt(step)}]")
    return "".join(parts)
