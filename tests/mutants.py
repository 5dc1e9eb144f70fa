"""Break the code in small ways, one at a time, and list what no test notices.

    python tests/mutants.py [--sample 400] [--seed 1] [--room equality ...] [--jobs 2]

cosmic-ray makes the mutants. It runs them here, in a copy of the checkout: cosmic-ray itself would
write them into the checkout, and has neither a sample nor tests by module. (mutmut does not run on
this layout: it looks for the modules of `configs/` as `configs`, and they are `bytefig.configs`.)

Survivors of which `argued_mutants.py` says why no test can notice them are counted apart.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from argued_mutants import ARGUED
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parent.parent
#: Each room with the tests that are its own.
ROOMS = {
    "building": (["configs/building"], ["tests/configs/building"]),
    "equality": (["configs/node/dunders/equality.py"], ["tests/configs/node/dunders"]),
    "copying": (["configs/node/dunders/deep_copies.py"], ["tests/configs/node/dunders"]),
    "signature": (["configs/signature"], ["tests/configs/signature", "tests/configs/node"]),
    "recorder": (
        ["tracer/recording/recorder.py", "tracer/recording/run.py", "tracer/recording/partials.py"],
        ["tests/tracer/recording", "tests/tracer/test_auto_config.py"],
    ),
    "guard": (["tracer/recording/guard.py"], ["tests/tracer/recording"]),
    "policy": (
        ["tracer/recording/policy.py", "tracer/recording/rules.py"],
        ["tests/tracer/recording", "tests/tracer/test_auto_config.py"],
    ),
    "inline": (["tracer/inliner.py"], ["tests/tracer/test_inliner.py"]),
    "opcodes": (["tracer/engine/opcodes"], ["tests/tracer/engine/opcodes"]),
    "native": (["tracer/engine/native"], ["tests/tracer/engine/native"]),
}
#: Operators that only say what another does.
_LEFT_OUT = {"core/NoOp", "core/VariableInserter", "core/VariableReplacer"}
_TYPE_CHECKING = "TYPE_CHECKING"


class Mutant(NamedTuple):
    """One change, by the operator of cosmic-ray that makes it and the place that it changes."""

    room: str
    file: str
    line: int
    operator: str
    occurrence: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.operator.removeprefix('core/')}"


def idle_lines(source: str) -> set[int]:
    """Return the lines of annotations and of imports for type checkers, which never run."""
    nodes: list[ast.AST] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            nodes.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            nodes.append(node.returns)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == _TYPE_CHECKING:
            nodes.append(node)
    return {line for node in nodes for line in range(node.lineno, node.end_lineno + 1)}


def functions(source: str) -> Iterator[tuple[str, range]]:
    """Yield the functions and classes with their lines, decorators included, outer ones first."""
    pending: list[tuple[str, ast.AST]] = [("", ast.parse(source))]
    for prefix, node in pending:  # grows
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                first = min(each.lineno for each in (child, *child.decorator_list))
                yield f"{prefix}{child.name}", range(first, child.end_lineno + 1)
                name = f"{prefix}{child.name}."
            pending.append((name, child))


def argument(mutant: Mutant) -> str | None:
    """Return why no test can notice a mutant, if that is known."""
    source = (ROOT / mutant.file).read_text(encoding="utf-8")
    inside = [name for name, lines in functions(source) if mutant.line in lines]
    operator = mutant.operator.removeprefix("core/")
    for (file, function, operators), reason in ARGUED.items():
        if (
            file == mutant.file
            and fnmatchcase(operator, operators)
            and fnmatchcase(inside[-1] if inside else "", function)
        ):
            return reason
    return None


def mutants_of(room: str) -> Iterator[Mutant]:
    """Yield all mutants of a room."""
    for place in ROOMS[room][0]:
        for path in sorted((ROOT / place).rglob("*.py")) or [ROOT / place]:
            file = path.relative_to(ROOT).as_posix()
            idle = idle_lines(path.read_text(encoding="utf-8"))
            nodes = list(ast_nodes(get_ast_from_path(path)))
            for name in operator_names():
                operator = get_operator(name)
                if name in _LEFT_OUT or operator.arguments():
                    continue
                starts = (at for node in nodes for at, _ in operator().mutation_positions(node))
                for occurrence, (line, _) in enumerate(starts):
                    if line not in idle:
                        yield Mutant(room, file, line, name, occurrence)


def sample(rooms: list[str], count: int, seed: int) -> list[Mutant]:
    """Return some mutants, as many of each room; at most one of each line and room."""
    chosen: list[Mutant] = []
    rng = random.Random(seed)
    for number, room in enumerate(rooms):
        by_line: dict[tuple[str, int], list[Mutant]] = defaultdict(list)
        for mutant in mutants_of(room):
            by_line[mutant.file, mutant.line].append(mutant)
        wanted = count * (number + 1) // len(rooms) - count * number // len(rooms)
        lines = rng.sample(sorted(by_line), min(wanted, len(by_line)))
        chosen += [rng.choice(by_line[line]) for line in lines]
    return chosen


def tested(copy: Path, room: str, seconds: float) -> tuple[bool, float]:
    """Run the tests of a room in the copy; return whether they pass, and for how long they ran."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header"]
    environment = {**os.environ, "PYTHONPATH": str(copy / "namespace")}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # a mutant may have the size and time of another
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [*command, *ROOMS[room][1]],
            cwd=copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False, seconds
    return done.returncode == 0, time.monotonic() - begun


def survives(copy: Path, mutant: Mutant, seconds: float) -> bool:
    file = copy / mutant.file
    source = file.read_text(encoding="utf-8")
    mutated = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    assert mutated is not None, mutant
    file.write_text(mutated, encoding="utf-8")
    try:
        return tested(copy, mutant.room, seconds)[0]
    finally:
        file.write_text(source, encoding="utf-8")


def copied(folder: Path) -> Path:
    """Copy the checkout, and give the copy a namespace of its own."""
    for name in ("configs", "tracer", "testing", "tests", "benchmarks", "docs"):
        ignored = shutil.ignore_patterns("__pycache__", "results")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    namespace = folder / "namespace" / "bytefig"
    namespace.mkdir(parents=True)
    for half in ("configs", "tracer", "testing"):
        (namespace / half).symlink_to(folder / half)
    return folder


def verdict(copies: Queue[Path], mutant: Mutant, seconds: float) -> str:
    """Return what becomes of a mutant in a copy that nobody else uses: "killed", for example."""
    copy = copies.get()
    try:
        if not survives(copy, mutant, 30 + 5 * seconds):
            return "killed"
    finally:
        copies.put(copy)
    reason = argument(mutant)
    print(f"argued    {mutant}: {reason}" if reason else f"survived  {mutant}", flush=True)
    return "argued" if reason else "survived"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", action="append", choices=ROOMS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    rooms = options.room or list(ROOMS)
    chosen = sample(rooms, options.sample, options.seed)
    copies: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for number in range(options.jobs):
            copies.put(copied(Path(folder) / str(number)))
        one = next(iter(copies.queue))
        seconds: dict[str, float] = {}
        for room in rooms:
            passed, seconds[room] = tested(one, room, 1800)
            if not passed:
                print(f"mutants: the tests of {room} fail without a mutant", file=sys.stderr)
                return 1
        verdicts = pool.map(lambda each: verdict(copies, each, seconds[each.room]), chosen)
        counts = Counter(zip((each.room for each in chosen), verdicts, strict=True))
    print(f"\n{'room':12}{'killed':>8}{'argued':>8}{'survived':>10}")
    for title, among in [*((room, [room]) for room in rooms), ("all", rooms)]:
        killed, argued, survived = (
            sum(counts[room, what] for room in among) for what in ("killed", "argued", "survived")
        )
        print(f"{title:12}{killed:8}{argued:8}{survived:10}")
    print(f"(seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
