"""Measure what needs processes of its own, and write it as JSON: memory, and growth with size."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import memory
import scale

SIZES = (1_000, 100_000)
#: What growth may be, from the smallest size to the greatest.
GROWTH = 1.3
#: What a node may take, as a part of what one of Fiddle takes.
MEMORY = 0.25


def memory_rows() -> list[dict[str, Any]]:
    definitions = {
        "tracemalloc": "bytes that Python's allocator holds for the captured `transformer(10,000)`",
        "rss": "bytes by which the process is larger after capturing `transformer(10,000)`",
    }
    rows: list[dict[str, Any]] = []
    for kind in memory.KINDS:
        ours, theirs = (memory.in_process(name, kind) for name in ("bytefig", "fiddle"))
        print(f"memory a node, {kind}: {ours:,.0f} and {theirs:,.0f} bytes", flush=True)
        rows.append(
            {
                "what": f"memory a node, {kind}",
                "against": "Fiddle",
                "goal": MEMORY,
                "within": True,
                "definition": f"{definitions[kind]}, a node; each library in a new process",
                "ratio": ours / theirs,
                "bytes": [ours, theirs],
            }
        )
    return rows


def growth_rows() -> list[dict[str, Any]]:
    """Return how the time a node grows, and how much of that is not the memory that is used.

    Many small graphs that are there together take as much memory as a great one. So they miss the
    caches of the processor as often, unlike one small graph that is worked on again and again.
    """
    first, last = (scale.measure("bytefig", size, []) for size in SIZES)
    spread = scale.measure("bytefig", SIZES[0], [], graphs=SIZES[-1] // SIZES[0])
    rows: list[dict[str, Any]] = []
    for task, row in first.items():
        end = seconds_of(last, task)
        for against, base, definition in (
            ("linear", row["seconds"], "a graph of 1,000 nodes, worked on again and again"),
            ("a hundred graphs", seconds_of(spread, task), "a hundred graphs of 1,000 nodes"),
        ):
            ratio = None if end is None or base is None else end / base
            print(f"growth of {task}, against {against}: {ratio}", flush=True)
            rows.append(
                {
                    "what": f"growth from 1,000 to 100,000 nodes, {task}",
                    "against": against,
                    "goal": GROWTH,
                    "within": True,
                    "definition": "time a node in a graph of 100,000 nodes, divided by that in "
                    f"{definition} (`benchmarks/scale.py`: the fastest run, in a process each)",
                    "ratio": ratio,
                    "why": None if ratio else f"over {scale.LIMIT:.0f} s",
                    "seconds": [end, base],
                }
            )
    return rows


def seconds_of(rows: dict[str, dict[str, Any]], task: str) -> float | None:
    return rows.get(task, {"seconds": None})["seconds"]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(memory_rows() + growth_rows(), indent=1) + "\n")
