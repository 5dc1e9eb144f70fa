"""Memory that the captured graph of 60,001 nodes takes, by library; each has processes of its own.

    python memory.py bytefig rss

prints the bytes a node: of Python's allocator (``tracemalloc``), or of the process (``rss``).
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import libraries
from builders import NODES_IN_BLOCK, transformer
from workloads import Workload

BLOCKS = 10_000
NODES = 1 + BLOCKS * NODES_IN_BLOCK
KINDS = ("tracemalloc", "rss")


def resident() -> int:
    """Return the bytes of this process that are in memory; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measure(name: str, kind: str) -> float:
    """Return the bytes a node in this process, which must be new."""
    library = getattr(libraries, name)()
    workload = Workload("transformer", lambda decorate: decorate(transformer))
    capture = workload.make(libraries.with_loops(library)).as_buildable
    capture(10)  # what is made once does not count
    gc.collect()
    if kind == "tracemalloc":
        tracemalloc.start()
        graph = capture(BLOCKS)
        gc.collect()
        used = tracemalloc.get_traced_memory()[0]
    else:
        before = resident()
        graph = capture(BLOCKS)
        gc.collect()
        used = resident() - before
    assert len(graph.layers) == BLOCKS
    return used / NODES


def in_process(name: str, kind: str) -> float:
    """Return what `measure` does, in a new process."""
    command = [sys.executable, __file__, name, kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    print(measure(*sys.argv[1:]))
