"""Rows of a graph as nested lists of HTML: the small view that a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...core.html import escape
from ...core.sentinels import NO_VALUE
from .rows import Row
from .text import (
    MAX_TEXT,
    before_text,
    fn_name,
    full_fn_name,
    kind_text,
    label,
    made_lines,
    path_text,
    rest_text,
    sorted_tags,
    tag_title,
    value_text,
    visible_type_name,
    without_many,
)

_MAX_PREVIEW: Final = 72
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"


def nested_lists(root: Row, open_levels: int) -> str:
    """Return everything below a root.

    Args:
        root: The root; rows nest as deep as it goes, which HTML parsers take some 150 levels of.
        open_levels: How many levels are open at first.
    """
    return f"<ul>\n{''.join(_tree(root, open_levels))}</ul>\n"


def _tree(top: Row, open_levels: int) -> Iterator[str]:
    inside = [iter((top,))]
    hidden = [0]
    while inside:
        row = next(inside[-1], None)
        if row is None:
            inside.pop()
            count = hidden.pop()
            yield f'<li class="x">{rest_text(count)}</li>\n' if count else ""
            yield "</ul></details></li>\n" if inside else ""
        elif row.target is not None or not (row.children or made_lines(row)):
            yield _line(row)
        else:
            shown = without_many(row.children)
            yield _opening(row, len(inside) <= open_levels)
            inside.append(iter(shown))
            hidden.append(len(row.children) - len(shown))


def _opening(row: Row, shown: bool) -> str:
    # Plain values are read in the preview.
    plain = all(part.kind is None for part in row.children)
    is_list = plain and row.kind is not None and not row.kind.buildable
    preview = f'<span class="p">{escape(_preview(row))}</span>' if row.children else ""
    made = made_lines(row)
    text = f'<p class="w">{"<br>".join(map(escape, made))}</p>' if made else ""
    return (
        f"<li><details{' open' if shown and not is_list else ''}>"
        f"<summary>{_before(row)}{_what(row)}{_badges(row)}{preview}</summary>{text}<ul>\n"
    )


def _line(row: Row) -> str:
    value = _what(row)
    if row.target is not None:
        text = f"{value_text(row.target, 80)}, shared: {path_text(row.target)}"
        value = f'<span class="x">{escape(text)}</span>'
    return f"<li>{_before(row)}{value}{_badges(row)}</li>\n"


def _before(row: Row) -> str:
    """Return the text before the value: the sign, the key, and the former value."""
    name = label(row)
    text = f'<span class="k">{escape(name)}</span> = ' if name else ""
    return text if row.before is None else f"{text}<del>{escape(before_text(row))}</del> "


def _what(row: Row) -> str:
    if row.value is NO_VALUE:
        return f'<span class="x">{value_text(row, MAX_TEXT)}</span>'
    if row.kind is None:
        element = "ins" if row.before is not None else "code"
        return f"<{element}>{escape(value_text(row, MAX_TEXT))}</{element}>"
    cut = f" {_ELLIPSIS}" if row.cut else ""
    if not row.kind.buildable:
        return f'<span class="c">{escape(kind_text(row))}</span>{cut}'
    node = row.value
    name = f'<span class="f" title="{escape(full_fn_name(node))}">{escape(fn_name(node))}</span>'
    return f'<span class="c">{escape(visible_type_name(node))}</span> {name}{cut}'


def _badges(row: Row) -> str:
    parts = [
        f' <span class="t" title="{escape(tag_title(tag))}">#{escape(tag.__qualname__)}</span>'
        for tag in sorted_tags(row.tags)
    ]
    if row.uses > 1:
        parts.append(f' <span class="u">shared \N{MULTIPLICATION SIGN}{row.uses}</span>')
    return "".join(parts)


def _preview(row: Row) -> str:
    """Return the beginning of the content, to be shown while a node is closed."""
    sequence = isinstance(row.value, list | tuple)
    text = "[" if sequence else "("
    for part in row.children:
        value = value_text(part, 32)
        text += (", " if len(text) > 1 else "") + (value if sequence else f"{label(part)}={value}")
        if len(text) > _MAX_PREVIEW:
            return f"{text[:_MAX_PREVIEW]}{_ELLIPSIS}"
    return f"{text}{']' if sequence else ')'}"
