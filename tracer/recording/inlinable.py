"""Functions that give graphs, as far as the recorder and the policies need to know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Inlinable:
    """A callable that knows its own config graph: capture can ask it for that.

    Attributes:
        always_inline: Whether a call gives the graph itself, or one node that stands for it.
    """

    __slots__ = ()

    # Not annotated: instances would have the class's ``__annotations__`` instead of the function's.
    always_inline = True

    @property
    def as_buildable(self) -> Callable[..., Any]:
        """A function of the same parameters that returns the graph of a call."""
        raise NotImplementedError


class Captures:
    """The `Inlinable.as_buildable`, bound or not, of a function that is run in a capture."""

    __slots__ = ()
