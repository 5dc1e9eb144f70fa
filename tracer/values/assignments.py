"""``path=value``, as it is written on a command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ...configs import NO_VALUE, Path, format_path, parse_path
from ..errors import ValueLanguageError
from .combination import SIGNS
from .trees import Tree

_OPENING: Final = "([{"
_CLOSING: Final = ")]}"
_FIX: Final = "write path=value, such as model.hidden_size=1024 or layers[0].units=3"


@attrs.frozen
class Assignment:
    """A value to set, before it is read.

    Attributes:
        path: Where.
        text: The value.
        label: How messages name it.
        sign: What is before the ``=``, as in ``+=``; see `combined`.
        tree: What was read already, of a value in a file.
    """

    path: Path
    text: str
    label: str
    sign: str = ""
    tree: Tree = NO_VALUE

    @property
    def where(self) -> str:
        """The path as text, without the root."""
        return text_of_path(self.path)


def text_of_path(path: Path) -> str:
    """Return a path as text, without the root."""
    return format_path(path).removeprefix("<root>").removeprefix(".")


def parse_assignment(text: str) -> Assignment:
    """Parse ``path=value`` or ``path+=value``; the value may have a ``=``, too.

    Raises:
        ValueLanguageError: It has no ``=``, or what is before it is not a path.

    Example:
        >>> parse_assignment("layers[0].text=a=b")
        Assignment(path=(Attr(name='layers'), Index(index=0), Attr(name='text')), text='a=b', ...)
        >>> parse_assignment("rate*=2").sign
        '*'
    """
    end = end_of_path(text)
    if end < 0:
        raise ValueLanguageError(text, "an override", 0, "there is no '=' in it", _FIX)
    stop = end - (text[end - 1 : end] in SIGNS)
    try:
        path = parse_path(text[:stop])
    except ValueError as error:
        problem = str(error).rpartition(", at character ")[2]
        at, _, reason = problem.partition(": ")
        # It reads a name in front as if there were a dot before it.
        shift = text[:1].isidentifier()
        column = min(max(int(at) - shift, 0), stop) if at.isdigit() else 0
        what = f"this is not a path: {reason or error}"
        raise ValueLanguageError(text, "an override", column, what, _FIX) from None
    if not path:
        raise ValueLanguageError(text, "an override", 0, "there is no path before the '='", _FIX)
    return Assignment(path, text[end + 1 :], text[:stop], text[stop:end])


def is_assignment(text: str) -> bool:
    """Tell whether a word has a ``=`` that ends a path, not only some in brackets.

    Example:
        >>> is_assignment("optimizer.lr=1"), is_assignment("Adam(lr=1)")
        (True, False)
    """
    return end_of_path(text) >= 0


def end_of_path(text: str) -> int:
    """Return the offset of the first ``=`` that is in no brackets and no string; -1 without one."""
    return next(_outside(text, "="), -1)


def comma_parts(text: str) -> list[str]:
    """Return the parts between the commas that are in no brackets and no string.

    Example:
        >>> comma_parts("Adam(0.1, 0.9), 'a, b', ")
        ['Adam(0.1, 0.9)', "'a, b'"]
    """
    ends = [*_outside(text, ","), len(text)]
    starts = [0, *(end + 1 for end in ends)]
    parts = [text[start:end].strip() for start, end in zip(starts, ends, strict=False)]
    return parts if parts[-1] else parts[:-1]


def _outside(text: str, wanted: str) -> Iterator[int]:
    """Yield the offsets of a character where it is in no brackets and no string."""
    depth, quote, at = 0, "", 0
    while at < len(text):
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == wanted and not depth:
            yield at
        else:
            depth += (char in _OPENING) - (char in _CLOSING)
        at += 1
