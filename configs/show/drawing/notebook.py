"""The view of a node in a notebook: small, without scripts or links."""

from __future__ import annotations

from typing import Final

from .markup import nested_lists
from .rows import outline

# A notebook keeps what it shows; for more there is `to_html`.
_MAX_ROWS: Final = 400
_MAX_DEPTH: Final = 12

# Only what fits any background: a notebook has colours of its own.
_STYLE: Final = """\
.bytefig-graph { font: 13px/1.5 ui-monospace, Menlo, "DejaVu Sans Mono", monospace; }
.bytefig-graph ul { list-style: none !important; margin: 0 !important; }
.bytefig-graph ul { padding: 0 0 0 1.2em !important; }
.bytefig-graph > ul { padding: 0 !important; }
.bytefig-graph li { margin: 0; }
.bytefig-graph summary { cursor: pointer; display: list-item; }
.bytefig-graph .f { font-weight: bold; }
.bytefig-graph .c, .bytefig-graph .p, .bytefig-graph .x, .bytefig-graph .w { opacity: 0.65; }
.bytefig-graph .p { margin-left: 0.75em; }
.bytefig-graph details[open] > summary > .p { display: none; }
.bytefig-graph .w { margin: 0 0 0 1.2em; font-size: 0.9em; }
.bytefig-graph code { background: none; color: inherit; padding: 0; }
.bytefig-graph .t, .bytefig-graph .u { opacity: 0.8; font-size: 0.85em; font-style: italic; }
"""


def notebook_view(graph: object) -> str:
    """Return the beginning of a graph as a fragment of HTML, to be opened node by node.

    Args:
        graph: A buildable, containers that hold some, or any other value.

    Example:
        >>> from bytefig.configs import Config
        >>> "<script" in notebook_view(Config(dict, a="<script>"))
        False
    """
    rows = outline(graph, max_rows=_MAX_ROWS, max_depth=_MAX_DEPTH)
    text = nested_lists(rows.root, open_levels=1)
    return f'<div class="bytefig-graph"><style>{_STYLE}</style>\n{text}</div>'
