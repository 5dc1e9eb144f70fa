"""The parsed form of a text, before anything is looked up: names and calls, among literals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias

import attrs

from ...configs import Provenance
from ..errors import ValueLanguageError
from .source_text import WRITE, SourceText

#: A part of a parsed text: a literal, a container of parts, a `Name` or a `Call`. Only `is_a` tells
#: which, so that type checkers ask no part for its own types of items.
Tree: TypeAlias = Any

#: ``isinstance`` for values of which a type checker knows nothing and is to learn nothing.
is_a: Final[Callable[[object, Any], bool]] = isinstance


@attrs.frozen(eq=False)
class Name:
    """A name, perhaps with dots.

    Attributes:
        source: The text that has it.
        parts: The names between the dots.
        at: The offset of the first of them.
        sign: ``"-"`` if it has that sign, else nothing.
    """

    source: SourceText
    parts: tuple[str, ...]
    at: int
    sign: str = ""

    @property
    def text(self) -> str:
        """The name as it was written."""
        return self.sign + ".".join(self.parts)

    def error(self, what: str, fix: str = WRITE) -> ValueLanguageError:
        """Return the error about the name."""
        return self.source.error(self.at, what, fix)

    def __neg__(self) -> Name:
        """Return the name with a sign; which only ``inf`` and ``nan`` may have."""
        return attrs.evolve(self, sign="-")

    def __repr__(self) -> str:
        return self.text


@attrs.frozen(eq=False)
class Call:
    """A call in a text.

    Attributes:
        fn: What is called.
        args: The positional arguments.
        kwargs: The named arguments.
        place: Where it is, for the history of the node that it becomes.
        kind: The class of that node, if it is to be one even of a preset.
    """

    fn: Name
    args: tuple[Tree, ...]
    kwargs: dict[str, Tree]
    place: Provenance | None
    kind: type | None = None

    @property
    def at(self) -> int:
        """The offset of the name that is called."""
        return self.fn.at

    @property
    def source(self) -> SourceText:
        """The text that has it."""
        return self.fn.source

    def __neg__(self) -> NoReturn:
        """Refuse.

        Raises:
            ValueLanguageError: Always.
        """
        raise self.fn.error("a sign stands before a number only")

    def __repr__(self) -> str:
        return f"{self.fn.text}(...)"


@attrs.frozen(eq=False)
class Literally:
    """A text that was written as one, in a file that has types: text wherever text is taken.

    Attributes:
        text: The text.
        label: Where it was written.
    """

    text: str
    label: str

    def __repr__(self) -> str:
        return repr(self.text)
