"""Draw how fast bytefig is next to Fiddle, from the figures of ``make bench-peers``.

python docs/speed_plot.py benchmarks/results/peers-3.11.json docs/guide/assets/speed.svg
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

#: What the plot shows, and how the figures call it.
BARS = {
    "decorate a function": "decorate a function",
    "first capture of a new function": "first `as_buildable` of a fresh function",
    "capture 4 nodes": "`as_buildable`, `seq`",
    "capture 6,001 nodes": "`as_buildable`, `transformer(1,000)`",
    "capture a scikit-learn grid": "`as_buildable`, `scikit-learn grid`",
    "capture a torch model": "`as_buildable`, `torch model`",
    "capture around a loop of a million steps": "`as_buildable`, `loop`",
    "build 6,001 nodes": "`build` of `transformer(1,000)`",
    "copy 6,001 nodes": "`deepcopy` of `transformer(1,000)`",
    "compare 6,001 nodes": "equality of `transformer(1,000)`",
}
LEFT, TOP, STEP, WIDTH = 290, 58, 30, 420
STYLE = "text{font:14px system-ui,sans-serif;fill:#332640}.t{font-weight:600}.m{fill:#6b6078}"


def ratios(document: dict[str, Any]) -> dict[str, float]:
    """Return how many times as fast as Fiddle each row is, in the order of the bars."""
    found: dict[str, float] = {}
    for row in document["rows"]:
        if row["against"] == "Fiddle" and row.get("tier") in (None, "auto"):
            found[row["what"]] = 1 / row["ratio"] if row["within"] else row["ratio"]
    return {label: found[what] for label, what in BARS.items() if what in found}


def svg(document: dict[str, Any]) -> str:
    """Return the plot: a bar for each row, on a logarithmic scale."""
    found = ratios(document)
    longest = math.log10(max(found.values()))
    height = TOP + STEP * len(found) + 16
    title = f"Times as fast as Fiddle {document['versions']['Fiddle']}"
    about = f"CPython {document['python']}, {document['date']}; logarithmic"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" role="img">',
        f"<title>{title}</title><style>{STYLE}</style>",
        f'<rect width="800" height="{height}" rx="8" fill="#fff"/>',
        f'<text class="t" x="20" y="32">{title}</text>',
        f'<text class="m" x="780" y="32" text-anchor="end">{about}</text>',
    ]
    for number, (label, ratio) in enumerate(found.items()):
        y = TOP + STEP * number
        # From a tenth on, so that what is no faster has a bar, too.
        length = WIDTH * (math.log10(ratio) + 1) / (longest + 1)
        text = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{label}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{length:.0f}" height="22" rx="3" fill="#7a2f96"/>',
            f'<text x="{LEFT + length + 8:.0f}" y="{y + 16}">{text}</text>',
        ]
    same = LEFT + WIDTH / (longest + 1)
    line = (
        f'<path d="M{same:.0f} {TOP - 6}V{height - 10}" stroke="#c2185b" stroke-dasharray="4 3"/>'
    )
    return "\n".join([*parts, line, "</svg>", ""])


if __name__ == "__main__":
    figures, plot = map(Path, sys.argv[1:])
    plot.write_text(svg(json.loads(figures.read_text(encoding="utf-8"))), encoding="utf-8")
