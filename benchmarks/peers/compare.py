"""Measure bytefig next to its peers on this Python, and write the figures as JSON.

``BYTEFIG_TIER`` says in which tier; rows that do not depend on it are measured in ``auto`` only.
Before it measures, it checks that both sides make the same graphs. NeMo Run is imported after all
else is measured: with it comes an audit hook (that of ``filelock``), and from then on every call of
``id`` takes ten times as long, which is no part of what the other rows are about.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libraries
from neutral import neutral
from rows import CannotBeMeasuredError, Row, all_rows, nemo_rows
from workloads import WORKLOADS


def differing(ours: libraries.Library, peers: list[libraries.Library]) -> Iterator[str]:
    """Yield the workloads that a peer makes another graph of than we do."""
    for workload in WORKLOADS.values():
        if not workload.is_available():
            continue
        arguments = workload.small_arguments()
        expected = neutral(workload.make(libraries.with_loops(ours)).as_buildable(*arguments))
        for peer in peers:
            if not peer.captures(workload.name):
                continue
            graph = workload.make(libraries.with_loops(peer)).as_buildable(*arguments)
            if neutral(graph) != expected:
                yield f"{workload.name}, {peer.name}"


def figures(row: Row, tier: str, seconds: float) -> dict[str, Any]:
    """Measure a row."""
    described = {
        "what": row.what,
        "against": row.against,
        "tier": tier if len(row.tiers) > 1 else None,
        "goal": row.goal,
        "within": row.within,
        "definition": row.definition,
    }
    try:
        measured = row.measure(seconds)
    except CannotBeMeasuredError as error:
        return {**described, "ratio": None, "why": str(error)}
    first, second = measured.first, measured.second
    if row.within:
        first, second = second, first
    return {
        **described,
        "ratio": measured.ratio,
        "low": measured.low,
        "high": measured.high,
        "ours": first,
        "theirs": second,
        "pairs": measured.pairs,
    }


def show(result: dict[str, Any]) -> None:
    goal = result["goal"]
    if result["ratio"] is None:
        outcome = result["why"]
    else:
        reached = "" if goal is None else " reached" if is_reached(result) else " NOT reached"
        sign = "<=" if result["within"] else ">="
        outcome = f"{result['ratio']:8.2f} {'' if goal is None else f'{sign} {goal:g}':8}{reached}"
    tier = f" [{result['tier']}]" if result["tier"] else ""
    print(f"{result['what'] + tier:58} {result['against']:28} {outcome}", flush=True)


def is_reached(result: dict[str, Any]) -> bool:
    if result["within"]:
        return result["ratio"] <= result["goal"]
    return result["ratio"] >= result["goal"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    parser.add_argument("--only", default="*", help="measure the rows this pattern matches")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each row")
    options = parser.parse_args()
    # The tracer reads it when it is imported, which is below.
    tier = os.environ.setdefault("BYTEFIG_TIER", "auto")
    ours, fiddle = libraries.bytefig(), libraries.fiddle()
    versions = {library.name: library.version() for library in (ours, fiddle)}
    results: list[dict[str, Any]] = []

    def measure(peer: libraries.Library, rows: Iterator[Row]) -> bool:
        """Measure the rows that are asked for; not if the peer makes other graphs than we do."""
        if differences := list(differing(ours, [peer])):
            print("these graphs differ, so nothing is measured:", *differences, sep="\n  ")
            return False
        for row in rows:
            name = f"{row.what} | {row.against}"
            if tier in row.tiers and fnmatch.fnmatch(name, options.only):
                results.append(figures(row, tier, options.seconds))
                show(results[-1])
        return True

    if not measure(fiddle, all_rows(ours, fiddle)):
        return 1
    if nemo := libraries.nemo_run():
        versions[nemo.name] = nemo.version()
        if not measure(nemo, nemo_rows(ours, nemo)):
            return 1
    if options.output is not None:
        document = {"versions": versions, "rows": results}
        options.output.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
