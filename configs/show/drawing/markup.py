"""Rows of a graph as nested lists of HTML: all of it for a page, a small view for a notebook."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

import attrs

from ...core.edit import CALLABLE_KEY
from ...core.sentinels import NO_VALUE
from ...core.tag_type import TagType
from ...node.dunders.representation import short_repr
from .rows import Mark, Row
from .text import (
    escape,
    fn_name,
    full_name,
    kind_text,
    label,
    one_line,
    path_text,
    type_name,
    value_text,
    visible,
)

# HTML parsers stop nesting at some 500 elements, and a level takes three.
_MAX_LEVELS: Final = 24
# Of the plain values in one container; nobody reads more, and a graph may hold a dataset.
_MAX_VALUES: Final = 200
_MAX_TEXT: Final = 160
_MAX_LONG_TEXT: Final = 10_000
_MAX_PREVIEW: Final = 72
_MAX_EDITS: Final = 12
SIGNS: Final[dict[Mark, str]] = {"added": "+", "removed": "\N{MINUS SIGN}", "changed": "~"}
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"


@attrs.define(eq=False)
class Markup:
    """Writes rows as nested lists.

    Attributes:
        open_levels: How many levels are open at first.
        linked: Whether shared nodes are links, and what is too deep is in a section of its own.
    """

    open_levels: int
    linked: bool = True
    _anchors: dict[Row, int] = attrs.field(init=False, factory=dict[Row, int])
    _sections: deque[Row] = attrs.field(init=False, factory=deque[Row])

    def text(self, root: Row) -> str:
        """Return everything below a root, in as many sections as it takes."""
        parts = [f"<ul>\n{''.join(self._tree(root))}</ul>\n"]
        while self._sections:
            row = self._sections.popleft()
            number = self._anchor(row)
            parts.append(
                f'<section><h2 id="s{number}">{escape(path_text(row))}</h2>\n'
                f'<p><a href="#c{number}">Back to where this is used</a></p>\n'
                f"<ul>\n{''.join(self._tree(row))}</ul></section>\n"
            )
        return "".join(parts)

    def _tree(self, top: Row) -> Iterator[str]:
        inside = [iter((top,))]
        hidden = [0]
        while inside:
            row = next(inside[-1], None)
            if row is None:
                inside.pop()
                yield _rest(hidden.pop()) + ("</ul></details></li>\n" if inside else "")
            elif row.target is not None or not (row.children or _made(row)):
                yield self._line(row)
            elif len(inside) > _MAX_LEVELS:
                yield self._continued(row)
            else:
                shown = _shown(row)
                yield self._opening(row, len(inside) - 1)
                inside.append(iter(shown))
                hidden.append(len(row.children) - len(shown))

    def _opening(self, row: Row, level: int) -> str:
        # Plain values are read in the preview; with changes inside, they have to be seen.
        plain = all(part.kind is None for part in row.children)
        is_list = plain and row.kind is not None and not row.kind.buildable
        shown = row.inside or (level < self.open_levels and not is_list)
        preview = f'<span class="p">{escape(_preview(row))}</span>' if row.children else ""
        made = _made(row)
        text = f'<p class="w">{"<br>".join(map(escape, made))}</p>' if made else ""
        return (
            f"<li{_class(row)}><details{self._id(row)}{' open' if shown else ''}>"
            f"<summary>{_before(row)}{_what(row)}{_badges(row)}{preview}</summary>{text}<ul>\n"
        )

    def _line(self, row: Row) -> str:
        value = _what(row) if row.target is None else self._link(row.target)
        line = f"{_before(row)}{value}{_badges(row)}"
        text = short_repr(row.value, _MAX_LONG_TEXT) if row.kind is None else ""
        if len(text) <= _MAX_TEXT or not self.linked:
            return f"<li{self._id(row)}{_class(row)}>{line}</li>\n"
        whole = escape(visible(text, keep="\n"))
        return (
            f"<li{_class(row)}><details><summary>{line}</summary>"
            f'<pre tabindex="0">{whole}</pre></details></li>\n'
        )

    def _id(self, row: Row) -> str:
        return f' id="n{self._anchor(row)}"' if self.linked and row.linked else ""

    def _continued(self, row: Row) -> str:
        number = self._anchor(row)
        self._sections.append(row)
        link = f'<a href="#s{number}" id="c{number}">continues below</a>'
        return f"<li{_class(row)}>{_before(row)}{_what(row)} {link}</li>\n"

    def _link(self, target: Row) -> str:
        text = f"{value_text(target, 80)}, shared: {path_text(target)}"
        if not self.linked:
            return f'<span class="x">{escape(text)}</span>'
        return f'<a class="s" href="#n{self._anchor(target)}">{escape(text)}</a>'

    def _anchor(self, row: Row) -> int:
        return self._anchors.setdefault(row, len(self._anchors))


def _class(row: Row) -> str:
    names = [*([row.mark] if row.mark else ()), *(["inside"] if row.inside else ())]
    return f' class="{" ".join(names)}"' if names else ""


def _before(row: Row) -> str:
    """Return what comes before the value: the mark, the key, and what the value was."""
    text = ""
    if row.mark:
        sign = SIGNS[row.mark]
        text = f'<span class="m" role="img" aria-label="{row.mark}">{sign}</span>'
    name = label(row)
    if name:
        text += f'<span class="k">{escape(name)}</span> = '
    if row.before is not None:
        before = value_text(row.before, _MAX_TEXT)
        if row.before.tags != row.tags:
            before = " ".join(
                [before, *(f"#{tag.__qualname__}" for tag in _sorted(row.before.tags))]
            )
        text += f"<del>{escape(before)}</del> "
    return text


def _sorted(tags: frozenset[TagType]) -> list[TagType]:
    return sorted(tags, key=str)


def _what(row: Row) -> str:
    if row.value is NO_VALUE:
        return f'<span class="x">{value_text(row, _MAX_TEXT)}</span>'
    if row.kind is None:
        element = "ins" if row.before is not None else "code"
        return f"<{element}>{escape(value_text(row, _MAX_TEXT))}</{element}>"
    cut = f" {_ELLIPSIS}" if row.cut else ""
    if not row.kind.buildable:
        return f'<span class="c">{escape(kind_text(row))}</span>{cut}'
    node = row.value
    title = escape("\n".join([full_name(node), *_made(row)[:1]]))
    name = f'<span class="f" title="{title}">{escape(fn_name(node))}</span>'
    return f'<span class="c">{escape(type_name(node))}</span> {name}{cut}'


def _badges(row: Row) -> str:
    parts = [
        f' <span class="t" title="{escape(visible(f"{tag.name}: {tag.description}"))}">'
        f"#{escape(tag.__qualname__)}</span>"
        for tag in _sorted(row.tags)
    ]
    if row.uses > 1:
        parts.append(f' <span class="u">shared \N{MULTIPLICATION SIGN}{row.uses}</span>')
    if row.note:
        parts.append(f' <span class="u">{row.note}</span>')
    return "".join(parts)


def _preview(row: Row) -> str:
    """Return the beginning of what is inside, to be shown while a node is closed."""
    sequence = isinstance(row.value, list | tuple)
    text = "[" if sequence else "("
    for part in row.children:
        value = value_text(part, 32)
        text += (", " if len(text) > 1 else "") + (value if sequence else f"{label(part)}={value}")
        if len(text) > _MAX_PREVIEW:
            return f"{text[:_MAX_PREVIEW]}{_ELLIPSIS}"
    return f"{text}{']' if sequence else ')'}"


def _made(row: Row) -> list[str]:
    """Return where a node was made, and what was edited where since."""
    if row.kind is None or not row.kind.buildable:
        return []
    node = row.value
    lines: list[str] = []
    if node.__provenance__ is not None:
        lines.append(f"made at {node.__provenance__}")
    edits = {edit.key: edit for edit in node.__history__ or ()}
    for key, edit in list(edits.items())[:_MAX_EDITS]:
        what = "callable" if key == CALLABLE_KEY else key
        where = "" if edit.provenance is None else f" at {edit.provenance}"
        was = "" if edit.kind == "tags" else f", was {_edited(edit.before)}"
        lines.append(f"{what} edited{where}{was}")
    return [visible(line) for line in lines]


def _edited(before: object) -> str:
    return "not set" if before is NO_VALUE else one_line(before, 60)


def _shown(row: Row) -> list[Row]:
    """Return the children to show: all but the many plain values of a long container."""
    if len(row.children) <= _MAX_VALUES:
        return row.children
    return [
        part
        for index, part in enumerate(row.children)
        if index < _MAX_VALUES or part.kind is not None or part.mark or part.inside
    ]


def _rest(count: int) -> str:
    return f'<li class="x">{_ELLIPSIS} {count:,} more plain values</li>\n' if count else ""
