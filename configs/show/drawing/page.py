"""A graph as one page of HTML that needs nothing else: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib import resources
from typing import Final, get_args

from ...core.sentinels import NO_VALUE
from ...traversal.paths import Path
from .markup import SIGNS, Markup
from .rows import Mark, Outline, outline
from .text import escape, fn_name, kind_text, visible

#: Graphs of up to so many rows are shown open.
_SMALL: Final = 120

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src '{style_hash}'; script-src '{script_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<div class="head"><h1>{title}</h1><p>{summary}</p><p class="legend">{legend}</p></div>
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
</form>
</header>
<noscript><p class="notice">Searching needs scripts; everything else works without.</p></noscript>
<main id="graph">
{graph}</main>
<footer>
<span id="path-label">Path</span>
<code id="path" aria-labelledby="path-label" aria-live="polite">&lt;root&gt;</code>
<button type="button" id="copy">Copy path</button>
<span id="copied" role="status"></span>
</footer>
<script>{script}</script>
</body>
</html>
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
    the others are links to it. Expanded, a node says where it was made and edited. What is more
    than some levels deep is in a section of its own, so no depth is too much.

    The page holds no value unescaped, loads nothing, and forbids all scripts but its own.

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
        >>> "<del>8</del> <ins>16</ins>" in page
        True
    """
    rows = outline(graph, diff, changed=changed)
    markup = Markup(open_levels=_SMALL if rows.values <= _SMALL else 2)
    style, script = _asset("page.css"), _asset("page.js")
    return _PAGE.format(
        title=escape(visible(_title(rows) if title is None else title)),
        summary=_summary(rows),
        legend=_legend(rows),
        only=_ONLY if rows.marks else "",
        graph=markup.text(rows.root),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
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


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _legend(rows: Outline) -> str:
    marks: tuple[Mark, ...] = get_args(Mark)
    return "".join(
        f'<span class="{mark}"><span class="m" aria-hidden="true">{SIGNS[mark]}</span>'
        f"{rows.marks[mark]:,} {mark}</span>"
        for mark in marks
        if rows.marks[mark]
    )


def _asset(name: str) -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
