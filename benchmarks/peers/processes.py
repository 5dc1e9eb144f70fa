"""Measure what needs processes of its own, and write it as JSON: memory, and growth with size."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import memory
import scale

SIZES = (1_000, 10_000, 100_000)
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
    by_size = {size: scale.measure("bytefig", size, []) for size in SIZES}
    first, last = by_size[SIZES[0]], by_size[SIZES[-1]]
    rows: list[dict[str, Any]] = []
    for task, row in first.items():
        end = last.get(task, {"seconds": None})["seconds"]
        ratio = None if end is None else end / row["seconds"]
        print(f"growth of {task}: {ratio}", flush=True)
        rows.append(
            {
                "what": f"growth from 1,000 to 100,000 nodes, {task}",
                "against": "linear",
                "goal": GROWTH,
                "within": True,
                "definition": "time a node in the greater graph, divided by that in the smaller "
                "(`benchmarks/scale.py`: a process for each size, the fastest run)",
                "ratio": ratio,
                "why": None if ratio else f"over {scale.LIMIT:.0f} s",
                "by_size": {
                    size: tasks.get(task, {"seconds": None})["seconds"]
                    for size, tasks in by_size.items()
                },
            }
        )
    return rows


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(memory_rows() + growth_rows(), indent=1) + "\n")
