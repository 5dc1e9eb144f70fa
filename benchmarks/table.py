"""Write the table of a page from the figures that pytest-benchmark has saved.

python benchmarks/table.py figures.json docs/guide/explanation/benchmarks.md
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BEGIN = "<!-- benchmarks: written by `make bench` -->\n"
END = "<!-- end of benchmarks -->\n"
WAYS = ("plain call", "bytefig", "Fiddle")


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:,.3g} {unit}"
    return f"{seconds * 1e9:,.0f} ns"


def rows(document: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the median seconds by workload and way, in the order they were measured."""
    found: dict[str, dict[str, float]] = {}
    for benchmark in document["benchmarks"]:
        info = benchmark["extra_info"]
        if "workload" in info:
            found.setdefault(info["workload"], {})[info["way"]] = benchmark["stats"]["median"]
    return found


def table(document: dict[str, Any]) -> str:
    machine = document["machine_info"]
    processor = machine["cpu"].get("brand_raw", machine["processor"] or machine["machine"])
    date = document["datetime"][:10]
    lines = [
        "| workload | plain call | capture | Fiddle's capture | faster than Fiddle |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, seconds in rows(document).items():
        ours, theirs = seconds.get("bytefig"), seconds.get("Fiddle")
        times = f"{theirs / ours:.1f} times" if ours and theirs else "-"
        cells = [f"`{name}`", *(duration(seconds.get(way)) for way in WAYS), times]
        lines.append(f"| {' | '.join(cells)} |")
    footnote = f"Medians; CPython {machine['python_version']}, {processor}, {date}."
    return "\n".join([*lines, "", footnote, ""])


def main(figures: Path, page: Path) -> int:
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        print(f"{page} has no lines {BEGIN.strip()} and {END.strip()}", file=sys.stderr)
        return 1
    new = table(json.loads(figures.read_text()))
    page.write_text(f"{before}{BEGIN}\n{new}\n{END}{after}")
    print(f"the table in {page} is that of {figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
