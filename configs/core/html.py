"""Text as fragments of HTML, for the views of a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

#: Text and the name of its colour, or text alone.
Cell: TypeAlias = str | tuple[str, str]

_MARKUP: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
)
# Each can be read on white and on black: a notebook has colours of its own.
_COLOURS: Final = {
    "green": "#2e8b57",
    "red": "#d64545",
    "cyan": "#1b8a9a",
    "magenta": "#a64fc0",
    "yellow": "#a87b00",
}


def escape(text: str) -> str:
    """Return the text for HTML or XML, inside an element or a quoted attribute.

    Example:
        >>> escape('<a href="x">')
        '&lt;a href=&quot;x&quot;&gt;'
    """
    return text.translate(_MARKUP)


def html_lines(lines: Iterable[Cell]) -> str:
    r"""Return lines of text as they are, some in colours.

    Example:
        >>> html_lines(["a < b", ("c", "red")])
        '<pre>a &lt; b\n<span style="color: #d64545">c</span></pre>'
    """
    text = "\n".join(map(_cell, lines))
    return f"<pre>{text}</pre>"


def html_table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table.

    Example:
        >>> html_table(["a"], [["1"]])
        '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    cells = ("".join(f"<td>{_cell(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return escape(cell)
    text, colour = cell
    known = _COLOURS.get(colour)
    return escape(text) if known is None else f'<span style="color: {known}">{escape(text)}</span>'
