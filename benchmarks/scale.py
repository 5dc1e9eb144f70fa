"""Time and memory a node of every operation on a graph, from a thousand nodes to a million.

Run by ``make scale``, in an environment of its own that has Fiddle too; without Fiddle its rows are
left out. Each library and size has a process of its own, so that none finds the heap of another.
``x linear`` is the time a node, divided by that of the next smaller graph: 1 is exactly linear.
``x smallest`` compares with the smallest graph instead, so it adds the steps up. The first rows are
CPython's own, without any library: the builder called, which makes plain objects, and what is done
with those. ``x CPython`` is the ``x linear`` of a row, divided by theirs: objects in greater heaps
miss the caches of the processor more often, and keep the collector busy, whoever made them.
The garbage collector is on, as it is for a user: without it, capture hardly grows at all. Time is
that of the processor, so that other programs disturb it little. What a run of all libraries and
sizes printed is written to ``results/scale.txt``.
"""

from __future__ import annotations

import argparse
import copy
import gc
import importlib
import importlib.util
import json
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from builders import NODES_IN_BLOCK, transformer

RESULTS = Path(__file__).parent / "results" / "scale.txt"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
GOAL = 1.5
#: Seconds after which an operation is given up, and with it all greater sizes.
LIMIT = 60.0
#: A short operation is repeated for so many seconds, in batches of that many; the fastest counts.
#: What others do on the same processor empties its caches, which only graphs greater than those
#: notice: the best of a second or two still shows that.
REPEAT_FOR = 6.0
BATCH = 0.25
#: Seconds that measuring the memory may take: it is many times slower.
TRACED_LIMIT = 3 * LIMIT


class Library(NamedTuple):
    """The operations of one library; those that it does not have are None."""

    capture: Callable[[int], Any]
    build: Callable[[Any], Any]
    nodes: Callable[[Any], Iterator[Any]] | None
    diff: Callable[[Any, Any], Any] | None
    dump: Callable[[Any], str] | None
    load: Callable[[str], Any] | None


def plain() -> Library:
    """What CPython does by itself: the objects made, copied and compared."""
    return Library(
        transformer, lambda model: transformer(len(model.layers)), None, None, None, None
    )


def ours() -> Library:
    configs = importlib.import_module("bytefig.configs")
    tracer = importlib.import_module("bytefig.tracer")
    return Library(
        tracer.auto_config(transformer, experimental_allow_control_flow=True).as_buildable,
        configs.build,
        configs.iter_nodes,
        configs.diffing.build_diff,
        configs.dump_json,
        lambda text: configs.load_json(text, allow=["builders"]),
    )


def fiddle() -> Library:
    auto_config = importlib.import_module("fiddle.experimental.auto_config").auto_config
    serialization = importlib.import_module("fiddle.experimental.serialization")
    return Library(
        auto_config(transformer, experimental_allow_control_flow=True).as_buildable,
        importlib.import_module("fiddle").build,
        None,
        importlib.import_module("fiddle._src.diffing").build_diff,
        serialization.dump_json,
        serialization.load_json,
    )


BASELINE = "CPython"
LIBRARIES = {BASELINE: plain, "bytefig": ours, "fiddle": fiddle}


class Task(NamedTuple):
    """An operation, and what makes its arguments, which is not measured."""

    name: str
    prepare: Callable[[], tuple[Any, ...]]
    run: Callable[..., Any]


def tasks(library: Library, blocks: int) -> Iterator[Task]:
    """Yield the operations; each is given what the one before it left behind."""
    yield Task("capture", lambda: (blocks,), library.capture)
    graph = library.capture(blocks)
    yield Task("build", lambda: (graph,), library.build)
    yield Task("deepcopy", lambda: (graph,), copy.deepcopy)
    twin = copy.deepcopy(graph)
    yield Task("equality", lambda: (graph, twin), lambda one, other: one == other)
    if library.nodes is not None:
        nodes = library.nodes
        yield Task("iter_nodes", lambda: (graph,), lambda root: sum(1 for _ in nodes(root)))
    yield Task("repr", lambda: (graph,), repr)
    if library.diff is not None:
        twin.layers[-1].dropout = 0.5
        twin.layers[0].feed_forward.activation = "elu"
        yield Task("diff", lambda: (graph, twin), library.diff)
    if library.dump is not None:
        yield Task("JSON dump", lambda: (graph,), library.dump)
    if library.dump is not None and library.load is not None:
        dump = library.dump
        # Made by the measured call only: a slow dump must not run outside of its limit.
        yield Task("JSON load", lambda: (dump(graph),), library.load)


class TooSlowError(Exception):
    """An operation did not end in time."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def timed(task: Task, graphs: list[tuple[Any, ...]]) -> float:
    """Return the seconds that it takes to do something with some graphs: the best of some batches.

    A batch lasts long enough for a coarse clock. All results are there at the end of a run.
    """
    best, spent, runs = LIMIT, 0.0, 1
    run = task.run
    while spent < REPEAT_FOR:
        gc.collect()
        start = time.process_time()
        for _ in range(runs):
            made = [run(*arguments) for arguments in graphs]
            del made
        seconds = time.process_time() - start
        if seconds < BATCH:
            runs *= 2
            continue
        best, spent = min(best, seconds / runs), spent + seconds
    return best


def peak_bytes(task: Task, arguments: tuple[Any, ...]) -> int:
    """Return how much more memory than before was in use at most."""
    gc.collect()
    tracemalloc.start()
    try:
        result = task.run(*arguments)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak


def work(name: str, size: int, graphs: int, skipped: list[str]) -> None:
    """Measure one library at one size, and print a JSON document for each operation.

    Args:
        name: The library.
        size: How many nodes a graph has.
        graphs: How many of them there are.
        skipped: The operations to leave out.
    """
    blocks = size // NODES_IN_BLOCK
    nodes = (1 + blocks * NODES_IN_BLOCK) * graphs
    library = LIBRARIES[name]()
    # The same operation for each graph, one operation after the other.
    for group in zip(*(tasks(library, blocks) for _ in range(graphs)), strict=True):
        task = group[0]
        if task.name in skipped:
            continue
        row: dict[str, Any] = {"task": task.name, "seconds": None, "bytes": None}
        try:
            with limited(LIMIT):
                arguments = [each.prepare() for each in group]
            with limited(LIMIT):
                row["seconds"] = timed(task, arguments) / nodes
            with limited(TRACED_LIMIT):
                row["bytes"] = peak_bytes(task, arguments[0]) * graphs / nodes
            del arguments
        except TooSlowError:
            pass
        print(json.dumps(row), flush=True)


def measure(name: str, size: int, skipped: list[str], graphs: int = 1) -> dict[str, dict[str, Any]]:
    """Run `work` in a process, and return its rows by the name of the operation."""
    command = [sys.executable, __file__, "--worker", name, str(size), str(graphs), *skipped]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    rows = {row["task"]: row for row in map(json.loads, done.stdout.splitlines())}
    if done.returncode:
        print(f"{name} at {size:,} nodes ended with exit code {done.returncode}", file=sys.stderr)
    return rows


class Report:
    """Measures and prints libraries, one after the other.

    Attributes:
        text: What was printed.
    """

    def __init__(self, sizes: list[int]) -> None:
        self.text = ""
        self._sizes = sizes
        # By operation and size, how the time a node grows for CPython itself.
        self._own: dict[tuple[str, int], float] = {}

    def say(self, line: str) -> None:
        """Print a line."""
        self.text += f"{line}\n"
        print(line, flush=True)

    def show(self, name: str) -> None:
        """Measure and print one library."""
        columns = f"{'nodes':>10}{'us a node':>12}{'bytes a node':>14}{'x linear':>10}"
        self.say(f"\n{name:12}{columns}{'x CPython':>11}{'x smallest':>12}")
        before: dict[str, float] = {}
        first: dict[str, float] = {}
        skipped: list[str] = []
        beyond: list[str] = []
        for size in self._sizes:
            for task, row in measure(name, size, skipped).items():
                seconds, memory = row["seconds"], row["bytes"]
                if seconds is None:
                    skipped.append(task)
                    self.say(f"{task:12}{size:>10,}{f'over {LIMIT:.0f} s':>12}")
                    continue
                growth = seconds / before[task] if task in before else None
                if growth is not None and growth > GOAL:
                    beyond.append(f"{task} at {size:,}")
                before[task] = seconds
                first.setdefault(task, seconds)
                self.say(
                    f"{task:12}{size:>10,}{seconds * 1e6:>12.2f}"
                    f"{'-' if memory is None else format(memory, ',.0f'):>14}"
                    f"{self._growth(name, task, size, growth)}"
                    f"{'' if growth is None else format(seconds / first[task], '.2f'):>12}"
                )
        self.say("\n  ".join([f"{name}: {len(beyond)} rows beyond the goal", *beyond]))

    def _growth(self, name: str, task: str, size: int, growth: float | None) -> str:
        if growth is None:
            return " " * 21
        if name == BASELINE:
            self._own[task, size] = growth
        own = self._own.get((task, size))
        return f"{growth:>10.2f}{'' if own is None else format(growth / own, '.2f'):>11}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--libraries", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, size, graphs, *skipped = options.worker
        work(name, int(size), int(graphs), skipped)
        return 0
    report = Report(options.sizes)
    version = sys.version.split()[0]
    report.say(f"CPython {version}; the fastest run counts; goal: x linear <= {GOAL}")
    for name in options.libraries:
        if importlib.util.find_spec("fiddle") is None and name == "fiddle":
            report.say("\nfiddle is not installed here, so there is nothing to compare with")
            continue
        report.show(name)
    if options.sizes == list(SIZES) and options.libraries == list(LIBRARIES):
        RESULTS.write_text(report.text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
