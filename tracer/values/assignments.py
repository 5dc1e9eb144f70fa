"""``path=value``, as it is written on a command line."""

from __future__ import annotations

from typing import Any, Final

import attrs

from ...configs import NO_VALUE, Path, format_path, parse_path
from ..errors import ValueLanguageError
from .combining import SIGNS

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
    tree: Any = NO_VALUE

    @property
    def where(self) -> str:
        """The path as text, without the root."""
        return format_path(self.path).removeprefix("<root>").removeprefix(".")


def parse_assignment(text: str) -> Assignment:
    """Return what ``path=value`` or ``path+=value`` says; the value may have a ``=``, too.

    Raises:
        ValueLanguageError: It has no ``=``, or what is before it is not a path.

    Example:
        >>> parse_assignment("layers[0].text=a=b")
        Assignment(path=(Attr(name='layers'), Index(index=0), Attr(name='text')), text='a=b', ...)
        >>> parse_assignment("rate*=2").sign
        '*'
    """
    end = _end_of_path(text)
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
    return _end_of_path(text) >= 0


def _end_of_path(text: str) -> int:
    """Return the offset of the first ``=`` that is in no brackets and no string; -1 without one."""
    depth, quote, at = 0, "", 0
    while at < len(text):
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "=" and not depth:
            return at
        else:
            depth += (char in _OPENING) - (char in _CLOSING)
        at += 1
    return -1
