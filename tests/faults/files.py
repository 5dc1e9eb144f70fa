"""Kill -9, and a disk that is full, in the middle of every kind of save."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from bytefig.tracer.cli import output_files
from bytefig.tracer.cli.entry import main
from bytefig.tracer.cli.output_files import save

MODULE = "saved_by_faults"
SOURCE = """
class Layer:
    def __init__(self, units, name="some text to fill a block of the disk"): ...
def build(count=40):
    return [Layer(1), Layer(2), Layer(3), Layer(4), Layer(5), Layer(6), Layer(7), Layer(8)]
"""
OLD = "what was there before\n" * 500


class Save(NamedTuple):
    """A way in which the command writes a file."""

    suffix: str
    words: tuple[str, ...]
    #: Tells whether a text is whole; by default it is, if it is what an undisturbed run writes.
    whole: Callable[[str], object] | None = None


#: The file that fills a disk.
FILLER = "filler"
TARGET = f"{MODULE}:build"
SAVES = [
    *(
        Save(suffix, ("show", TARGET, "-o", "FILE"))
        for suffix in (".json", ".yaml", ".py", ".html")
    ),
    Save(".txt", ("show", TARGET, "-f", "tree", "-o", "FILE")),
    *(
        Save(suffix, ("run", f"{MODULE}:Layer", "--units=3", "--dry-run", "--save", "FILE"))
        for suffix in (".json", ".yaml", ".py")
    ),
    Save(".html", ("diff", TARGET, f"{MODULE}:Layer", "--html", "FILE")),
    Save(".json", ("profile", TARGET, "--speedscope", "FILE"), json.loads),
    Save(".folded", ("profile", TARGET, "--collapsed", "FILE"), lambda text: text.endswith("\n")),
]


class Outcome(NamedTuple):
    """What became of one kind of save."""

    name: str
    faults: int
    old: int
    new: int
    broken: int


def _kill_at(line: int) -> None:
    """Have this process killed before a certain line of the module that writes files."""
    left = line

    def local(_: FrameType, event: str, __: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return local

    def entered(frame: FrameType, _: str, __: Any) -> Any:
        return local if frame.f_code.co_filename == output_files.__file__ else None

    sys.settrace(entered)


def _child(prepare: Callable[[], None], words: list[str]) -> int:
    """Run the command in a forked process; return its exit code, or minus the signal."""
    child = os.fork()
    if not child:
        code = 99
        with suppress(BaseException):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            prepare()
            code = main(words)
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _try(kind: Save, folder: Path, faults: Iterator[Callable[[], None]]) -> Outcome:
    file = folder / f"file{kind.suffix}"
    words = [str(file) if word == "FILE" else word for word in kind.words]
    file.write_text(OLD)
    with redirect_stdout(io.StringIO()):  # here, for all that is imported late
        assert main(words) == 0, words
    new = file.read_text()
    assert new != OLD
    whole = kind.whole or new.__eq__
    counts, broken, tried = [0, 0], 0, 0
    for fault in faults:
        file.write_text(OLD)
        file.chmod(0o640)
        code = _child(fault, words)
        (folder / FILLER).unlink(missing_ok=True)
        if code == 0:  # no fault is left
            break
        tried += 1
        text = file.read_text()
        if text == OLD:
            counts[0] += 1
        elif whole(text):
            counts[1] += 1
        else:
            broken += 1
        broken += code not in (-signal.SIGKILL, 2) or file.stat().st_mode & 0o777 != 0o640
        left = [path for path in folder.glob(".bytefig-*")]
        broken += code == 2 and bool(left)  # nobody can tidy up after kill -9
        for path in left:
            path.unlink()
    return Outcome(" ".join(kind.words), tried, *counts, broken)


def _kills(skipped: int, step: int) -> Iterator[Callable[[], None]]:
    for line in range(1 + skipped, 1000, step):
        yield lambda line=line: _kill_at(line)


def _limits() -> Iterator[Callable[[], None]]:
    """Let files have so many bytes only, as ``ulimit -f`` does; Python is told EFBIG."""
    import resource  # noqa: PLC0415 - WebAssembly has none

    size = 0
    while size < 1 << 22:
        yield lambda size=size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        size = size * 2 + 200


def _full(folder: Path) -> Iterator[Callable[[], None]]:
    """Leave so many bytes of a file system."""
    left = 0
    while left < 1 << 18:
        yield lambda left=left: _fill(folder / FILLER, left)
        left = left * 2 + 4096


def _fill(filler: Path, left: int) -> None:
    with open(filler, "wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(1024))
        file.truncate(max(filler.stat().st_size - left, 0))


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    """Mount a file system of 256 kB; None where that is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="faults-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def _random_kills(folder: Path, kills: int, chance: random.Random) -> Outcome:
    """Kill a process at any time that does nothing but save two large texts in turns."""
    file = folder / "large"
    texts = ["a" * 300_000, "b" * 300_000]
    counts = [0, 0]
    for _ in range(kills):
        save(file, texts[0])
        child = os.fork()
        if not child:
            while True:
                for text in reversed(texts):
                    save(file, text)
        time.sleep(chance.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found = file.read_text()
        if found in texts:
            counts[texts.index(found)] += 1
        for path in folder.glob(".bytefig-*"):
            path.unlink()
    return Outcome("save() of 300,000 bytes, at random", kills, *counts, kills - sum(counts))


def try_files(kills: int, seed: int, saves: list[Save] = SAVES, step: int = 1) -> Iterator[Outcome]:
    """Yield what became of each kind of save under each kind of fault.

    Args:
        kills: How often a process is killed at random.
        seed: Of the random times.
        saves: The kinds.
        step: Before every how many lines of a save a process is killed, of the first kind.
    """
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    (folder / f"{MODULE}.py").write_text(SOURCE)
    sys.path.insert(0, str(folder))
    try:
        with _small_disk() as disk:
            if disk is None:
                print("  no file system can be mounted here: `ulimit -f` only")
            for number, each in enumerate(saves):
                # All of them go through the same lines.
                yield _named(
                    "kill -9", _try(each, folder, _kills(number % 7, 7 if number else step))
                )
                yield _named("ulimit -f", _try(each, folder, _limits()))
                if disk is not None:
                    yield _named("full disk", _try(each, disk, _full(disk)))
        yield _named("kill -9", _random_kills(folder, kills, random.Random(seed)))
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(MODULE, None)
        shutil.rmtree(folder)


def _named(fault: str, outcome: Outcome) -> Outcome:
    return outcome._replace(name=f"{fault}: {outcome.name}")


def report(results: Iterator[Outcome]) -> int:
    """Print a line for each; return how many files were broken."""
    broken = total = 0
    for each in results:
        broken += each.broken
        total += each.faults
        print(
            f"  {each.name:74} {each.faults:4} faults: {each.old:4} as before, {each.new:4} new,"
            f" {each.broken} broken",
            flush=True,
        )
    print(f"  {total} faults, {broken} broken", flush=True)
    return broken
