"""The results of a sweep as one page of HTML that needs nothing else: no network, no other file."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote

from ...configs import ConfigError, load_json, to_html
from ...configs.for_tracer import asset, html_document
from .atomic_files import replace
from .folder import Folder
from .results import Results, TrialResult
from .returned import finite

#: So many trials have pages of their graphs; of the others the document is linked.
_PAGES: Final = 500
#: So many trials are on the page.
_ROWS: Final = 5000
_GRAPH: Final = "graph.html"
_DIFF: Final = "diff.html"

_BODY: Final = """\
<h1>{title}</h1>
<p>{summary}</p>
<noscript><p>The plots need scripts; the table works without.</p></noscript>
<section id="plots">
<form>
<label>Colour by <select id="metric"></select></label>
<span>blue is least, orange is greatest</span>
</form>
<p id="said" role="status"></p>
<h2>All axes</h2>
<div id="parallel"></div>
<h2>Two of them</h2>
<form>
<label>Up <select id="up"></select></label>
<label>Across <select id="across"></select></label>
</form>
<div id="scatter"></div>
</section>
<h2>Trials</h2>
<div class="table">
<table>
<thead><tr>{head}</tr></thead>
<tbody id="rows">
{rows}
</tbody>
</table>
</div>
"""


def write_page(results: Results, file: Path, allow: Sequence[str] = ()) -> None:
    """Write the page, and the pages of graphs and their diffs against the base that it links to.

    Those are beside the graphs, in the folder of the sweep.

    Args:
        results: The results.
        file: The page.
        allow: What graphs may name. Where that is too little, documents are linked.

    Raises:
        OSError: It cannot be written.
    """
    shown = results[:_ROWS]
    for result in shown[:_PAGES]:
        _write_pages_of(results.folder, result, allow)
    replace(file, page_of(results, shown, file))


def page_of(results: Results, shown: Sequence[TrialResult], file: Path) -> str:
    """Return the text of the page.

    Args:
        results: The results.
        shown: Those of them that are on it.
        file: Where it will be, for its links.
    """
    paths = list(dict.fromkeys(path for result in shown for path in result.point))
    numbers = [dict(_numbers(result.value)) for result in shown]
    metrics = list(dict.fromkeys(name for found in numbers for name in found))
    data = {
        "axes": paths,
        "metrics": metrics,
        "rows": [
            {
                "id": result.id,
                "values": [_plotted(result.point, path) for path in paths],
                "metrics": found,
            }
            for result, found in zip(shown, numbers, strict=True)
        ],
    }
    counts = ", ".join(f"{count:,} {state}" for state, count in results.counts.items() if count)
    more = f"; these are the first {len(shown):,}" if len(shown) < len(results) else ""
    cells = [[found.get(name) for name in metrics] for found in numbers]
    has_rest = any(_rest(result, each) for result, each in zip(shown, cells, strict=True))
    head = ["id", *paths, "status", *(name or "result" for name in metrics)]
    head += ["said", "graph"] if has_rest else ["graph"]
    title = results.folder.root.resolve().name
    body = _BODY.format(
        title=html.escape(title),
        summary=html.escape(f"{len(results):,} trials: {counts}{more}"),
        head="".join(f'<th><button type="button">{html.escape(it)}</button></th>' for it in head),
        rows="\n".join(
            _row(result, paths, each, has_rest, results.folder, file)
            for result, each in zip(shown, cells, strict=True)
        ),
    )
    style, script = asset(__name__, "page.css"), asset(__name__, "page.js")
    return html_document(title, body, json.dumps(data), style=style, script=script)


def _row(
    result: TrialResult,
    paths: Sequence[str],
    numbers: Sequence[float | None],
    has_rest: bool,
    folder: Folder,
    file: Path,
) -> str:
    place = folder.trial(result.id)
    links = " ".join(
        f'<a href="{html.escape(_link(place / name, file))}">{text}</a>'
        for name, text in _linked(place)
    )
    rest = _rest(result, numbers)
    cells = [f"<td><code>{result.id}</code></td>"]
    cells += [f"<td>{html.escape(_text(result.point.get(path, '')))}</td>" for path in paths]
    cells.append(f'<td class="{result.status}">{result.status}</td>')
    cells += [f"<td>{'' if number is None else f'{number:.6g}'}</td>" for number in numbers]
    cells += [f"<td>{html.escape(rest)}</td>"] if has_rest else []
    cells.append(f"<td>{links}</td>")
    return f'<tr id="trial-{result.id}" data-trial="{result.id}">{"".join(cells)}</tr>'


def _rest(result: TrialResult, numbers: Sequence[float | None]) -> str:
    """Return the text of a result beside its numbers."""
    plotted = any(number is not None for number in numbers)
    return result.reason or ("" if plotted or result.value is None else json.dumps(result.value))


def _linked(place: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a trial that are there to link to, and the text of each link."""
    found = [(_GRAPH, "graph"), (_DIFF, "diff"), ("log.txt", "log")]
    if not (place / _GRAPH).exists():
        found[:2] = [("graph.json", "document")]
    return ((name, text) for name, text in found if (place / name).exists())


def _link(target: Path, file: Path) -> str:
    return quote(os.path.relpath(target.resolve(), file.resolve().parent).replace(os.sep, "/"))


def _write_pages_of(folder: Folder, result: TrialResult, allow: Sequence[str]) -> None:
    place = folder.trial(result.id)
    if (place / _DIFF).exists():
        return
    try:
        graph = load_json((place / "graph.json").read_text("utf-8"), allow=allow)
        base = load_json(folder.record.base, allow=allow)
        title = f"{result.id}: " + " ".join(f"{k}={_text(v)}" for k, v in result.point.items())
        replace(place / _GRAPH, to_html(graph, title=title))
        replace(place / _DIFF, to_html(graph, diff=base, title=f"{title}, against the base"))
    except (ConfigError, FileNotFoundError):
        return  # it is a pickle, or names what may not be imported here


def _numbers(value: object, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of a result, and the names of where they are in it."""
    if isinstance(value, Mapping):
        for key, inside in cast("Mapping[str, object]", value).items():
            yield from _numbers(inside, f"{name}.{key}" if name else key)
    elif (number := finite(value)) is not None:
        yield name, number


def _plotted(point: Mapping[str, object], path: str) -> object:
    """Return a value as a plot can place it: a number, or text; None if there is none."""
    if path not in point:
        return None
    value = point[path]
    return value if type(value) in (int, float) else _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "None" if value is None else json.dumps(value)
