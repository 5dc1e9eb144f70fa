"""A graph as one page of HTML that needs nothing else: no network, no other file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final, get_args

from ...core.html import escape
from ...core.sentinels import NO_VALUE
from ...traversal.paths import Path
from .document import asset, html_document
from .row_data import Records
from .rows import Mark, Outline, outline
from .text import fn_name, kind_text, visible

_SIGNS: Final[dict[Mark, str]] = {"added": "+", "removed": "\N{MINUS SIGN}", "changed": "~"}

_BODY: Final = """\
<header>
<div class="head"><h1>{title}</h1><p>{summary}</p>{folder}<p class="legend">{legend}</p></div>
<form role="search" id="search">
<label for="query">Search</label>
<input type="search" id="query" autocomplete="off" spellcheck="false" aria-describedby="found" \
placeholder="path, callable, value or #tag">
<button type="button" id="previous" disabled>Previous</button>
<button type="submit" id="next" disabled>Next</button>
<output id="found" for="query"></output>
<span class="space"></span>
{only}<button type="button" id="expand">Expand all</button>
<button type="button" id="collapse">Collapse all</button>
<button type="button" id="draw" aria-pressed="false">Drawing</button>
</form>
</header>
<noscript><p class="notice">A script of the page shows the graph; here, none may run.</p></noscript>
<main>
<div id="graph" role="tree" aria-label="Graph"></div>
<div id="drawn" hidden>
<canvas tabindex="0" role="img" aria-describedby="drawn-help"></canvas>
<p id="drawn-help">Drag to move, wheel to zoom, double click to show in the list</p>
<div><button type="button" id="nearer" aria-label="Zoom in">+</button>
<button type="button" id="farther" aria-label="Zoom out">&minus;</button>
<button type="button" id="fit">Fit</button></div>
</div>
</main>
<footer>
<span id="path-label">Path</span>
<code id="path" aria-labelledby="path-label" aria-live="polite">&lt;root&gt;</code>
<button type="button" id="copy">Copy path</button>
<span id="copied" role="status"></span>
</footer>
"""

_ONLY: Final = '<label class="only"><input type="checkbox" id="only"> Only changes</label>\n'


def to_html(
    graph: object,
    *,
    title: str | None = None,
    diff: object = NO_VALUE,
    changed: Iterable[str | Path] = (),
) -> str:
    """Return a page of HTML that shows a graph.

    Nodes can be opened and closed, and searched; one that is used several times is shown once, and
    the others are links to it. Expanded, a node says where it was made and edited. A second view
    draws the nodes and the lines between them. No size and no depth is too much.

    The page holds values as data only, loads nothing, and forbids all scripts but its own.

    Args:
        graph: A buildable, containers that hold some, or any other value.
        title: The title; by default, what the root is.
        diff: An earlier graph. What was added, removed and changed since is coloured, path by path.
        changed: Paths to colour as changed, such as ``"layers[0].units"``.

    Returns:
        The text of the page, to be written as UTF-8.

    Raises:
        ValueError: One of the ``changed`` paths is not in the graph, or is not a path.

    Example:
        >>> from bytefig.configs import Config, copy_with
        >>> earlier = Config(dict, units=8)
        >>> page = to_html(copy_with(earlier, units=16), diff=earlier)
        >>> '"units",0,"16",{"mark":"changed","was":"8"}' in page
        True
    """
    rows = outline(graph, diff, changed=changed)
    folder = _folder(rows)
    records = Records(folder)
    records.add(rows.root)
    shown_title = visible(_title(rows) if title is None else title)
    body = _BODY.format(
        title=escape(shown_title),
        summary=_summary(rows),
        folder=f"<p>made in {escape(visible(folder))}</p>" if folder else "",
        legend=_legend(rows),
        only=_ONLY if rows.marks else "",
    )
    return html_document(
        shown_title,
        body,
        _data(records),
        style=asset(__name__, "page.css"),
        script=asset(__name__, "page.js") + asset(__name__, "drawn.js"),
        data_id="records",
    )


def _title(rows: Outline) -> str:
    root = rows.root
    if root.kind is None:
        return "Graph"
    return fn_name(root.value) if root.kind.buildable else kind_text(root)


def _summary(rows: Outline) -> str:
    parts = [_count(rows.nodes, "config"), _count(rows.values, "value")]
    if rows.shared:
        parts.append(f"{rows.shared:,} shared")
    return ", ".join(parts)


def _data(records: Records) -> str:
    data = {"heads": [*records.heads], "records": records.records}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _folder(rows: Outline) -> str:
    """Return the folder that all files are in, with the separator at its end, if they share one."""
    names = {
        PurePath(row.value.__provenance__.filename).parent
        for row in rows.drawn()
        if row.kind is not None and row.kind.buildable and row.value.__provenance__ is not None
    }
    if not names or not all(name.is_absolute() for name in names):
        return ""
    try:
        folder = os.path.commonpath(names)
    except ValueError:  # they are on different drives
        return ""
    return os.path.join(folder, "")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _legend(rows: Outline) -> str:
    marks: tuple[Mark, ...] = get_args(Mark)
    return "".join(
        f'<span class="{mark}"><span class="m" aria-hidden="true">{_SIGNS[mark]}</span>'
        f"{rows.marks[mark]:,} {mark}</span>"
        for mark in marks
        if rows.marks[mark]
    )
