"""Break everything on purpose, and see that nothing is left broken.

    python tests/faults/run.py [lines] [instructions] [signals] [files] [forks]

Exceptions before the first, second, third ... line of every operation that changes a graph, until
there is none left (and before every 29th instruction); timer signals into builds, copies, captures
and edits; kill -9 and a full file system in the middle of every kind of save; forks beside threads.
The exit code is not zero if anything was broken.
"""

from __future__ import annotations

import sys
import time

import files
import forks
import lines
import signals
from mutations import mutations

#: A prime, so that it meets the steps of no loop.
STEP = 29
TIMERS = 50_000
KILLS = 300
CHILDREN = 200
SEED = 16


def _lines() -> int:
    return lines.report((lines.try_lines(each) for each in mutations()), "lines")


def _instructions() -> int:
    tried = (lines.try_lines(each, opcodes=True, step=STEP) for each in mutations())
    return lines.report(tried, "instructions")


SECTIONS = {
    "lines": _lines,
    "instructions": _instructions,
    "signals": lambda: signals.report(signals.try_signals(TIMERS, SEED)),
    "files": lambda: files.report(files.try_files(KILLS, SEED)),
    "forks": lambda: forks.report(forks.try_forks(CHILDREN)),
}


def main(names: list[str]) -> int:
    """Run the sections of these names, or all."""
    broken = 0
    for name in names or SECTIONS:
        start = time.monotonic()
        print(f"{name}:", flush=True)
        broken += SECTIONS[name]()
        print(f"  in {time.monotonic() - start:.0f} s", flush=True)
    print(f"{broken} broken", flush=True)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
