"""Write the figures of all versions as a Markdown page and as a plot.

    python report.py folder

reads ``peers-*.json`` there, and writes ``peers.md`` and ``peers.svg``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pygal
from pygal.style import CleanStyle

INTRODUCTION = """\
# bytefig next to its peers

Written by `make bench-peers`; see [how it measures](../../docs/guide/explanation/benchmarks.md).
Both sides run in one process, in turns; a figure is the median of the ratios of the pairs, of
processor time. "12 x" is twelve times as fast as the peer, and "1.2 of" is 1.2 times the time (or
bytes) of what it is compared with. A bold figure misses its goal.
"""
PLOT = """\
![The figures above, as a part of their goals: what is beyond 1 reaches it](peers.svg)
"""
Document = dict[str, Any]
Row = dict[str, Any]
Key = tuple[str, str, str]


def key(row: Row) -> Key:
    return row["what"], row["against"], row.get("tier") or ""


def is_reached(row: Row) -> bool:
    ratio = row["ratio"]
    if ratio is None:
        return False
    return ratio <= row["goal"] if row["within"] else ratio >= row["goal"]


def shown(row: Row | None) -> str:
    """Return a cell of the table."""
    if row is None:
        return ""
    if row["ratio"] is None:
        return "not measured"
    number = f"{row['ratio']:.3g}" if row["ratio"] < 100 else f"{row['ratio']:,.0f}"
    text = f"{number} of" if row["within"] else f"{number} x"
    return text if row["goal"] is None or is_reached(row) else f"**{text}**"


def goal(row: Row) -> str:
    if row["goal"] is None:
        return "-"
    return f"{row['goal']:g} of at most" if row["within"] else f"{row['goal']:g} x at least"


def verdict(rows: list[Row | None], versions: list[str]) -> str:
    """Say on which versions the goal is reached."""
    measured = [
        (row, version)
        for row, version in zip(rows, versions, strict=True)
        if row is not None and row["ratio"] is not None
    ]
    if not measured or measured[0][0]["goal"] is None:
        return "-"
    reached = [version for row, version in measured if is_reached(row)]
    if len(reached) == len(measured) == len(versions):
        return "yes"
    return f"on {', '.join(reached)}" if reached else "no"


def duration(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:,.3g} {unit}"
    return f"{seconds * 1e9:,.0f} ns"


def details(row: Row) -> str:
    """Return what a ratio was made of."""
    if row["ratio"] is None:
        return row["why"]
    if "bytes" in row:
        ours, theirs = row["bytes"]
        return f"{ours:,.0f} and {theirs:,.0f} bytes"
    if "seconds" in row:
        great, small = row["seconds"]
        return f"{duration(great)} and {duration(small)} a node"
    return (
        f"{duration(row['ours'])} and {duration(row['theirs'])}; {row['low']:.3g} to "
        f"{row['high']:.3g} in half of {row['pairs']} pairs"
    )


def machine_lines(documents: dict[str, Document]) -> list[str]:
    lines = []
    for document in documents.values():
        machine = document["machine"]
        versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
        absent = [name for name in ("NeMo Run", "torch") if name not in document["versions"]]
        without = f"; without {' and '.join(absent)}" if absent else ""
        lines.append(
            f"- CPython {document['python']}, {document['date']}, {machine['processor']}, "
            f"{machine['cores']} cores, {machine['system']}: {versions}{without}."
        )
    return lines


def table(head: list[str], body: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *body]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def title(key: Key) -> str:
    return f"{key[0]}, tier `{key[2]}`" if key[2] else key[0]


def page(documents: dict[str, Document]) -> str:
    versions = list(documents)
    by_version = {
        version: {key(row): row for row in document["rows"]}
        for version, document in documents.items()
    }
    keys = list(dict.fromkeys(each for rows in by_version.values() for each in rows))
    body, definitions, measured = [], [], []
    for each in keys:
        rows = [by_version[version].get(each) for version in versions]
        some = next(row for row in rows if row is not None)
        cells = [title(each), each[1], goal(some), *map(shown, rows), verdict(rows, versions)]
        body.append(cells)
        definitions.append(f"- {each[0]}, against {each[1]}: {some['definition']}.")
        measured.append(
            [title(each), each[1], *("" if row is None else details(row) for row in rows)]
        )
    lines = [INTRODUCTION, *machine_lines(documents), ""]
    lines += table(["what", "against", "goal", *versions, "reached"], body)
    lines += ["", PLOT, "## Definitions", "", *dict.fromkeys(definitions)]
    lines += ["", "## Ours and theirs", "", *table(["what", "against", *versions], measured)]
    return "\n".join(lines) + "\n"


def plot(documents: dict[str, Document]) -> bytes:
    """Return an SVG of the rows that have a goal: how far each is beyond it."""
    chart = pygal.HorizontalBar(
        js=(),
        style=CleanStyle,
        logarithmic=True,
        width=1100,
        title="Figure divided by goal; what is beyond 1 reaches it",
        human_readable=True,
        legend_at_bottom=True,
        value_formatter=lambda value: f"{value:.2g}",
        truncate_label=-1,
    )
    rows: dict[Key, dict[str, float | None]] = {}
    for version, document in documents.items():
        for row in document["rows"]:
            if row["goal"] is not None and row["ratio"] is not None:
                part = row["ratio"] / row["goal"]
                rows.setdefault(key(row), {})[version] = 1 / part if row["within"] else part
    labels = list(rows)[::-1]
    chart.height = 120 + 17 * len(labels) * len(documents)
    chart.x_labels = [f"{title(each)} | {each[1]}".replace("`", "") for each in labels]
    for version in documents:
        chart.add(version, [rows[each].get(version) for each in labels])
    return chart.render()


def main(folder: Path) -> int:
    documents = {
        path.stem.removeprefix("peers-"): json.loads(path.read_text())
        for path in sorted(folder.glob("peers-*.json"))
    }
    (folder / "peers.md").write_text(page(documents))
    (folder / "peers.svg").write_bytes(plot(documents))
    print(f"{len(documents)} versions are in {folder / 'peers.md'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
