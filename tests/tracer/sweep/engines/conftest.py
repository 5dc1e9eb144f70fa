"""A grid to sweep on any engine, whose trials last until the test lets them go."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bytefig.configs import Config
from bytefig.tracer.sweep import Engine, Folder, Results, sweep
from bytefig.tracer.sweep.engine import drive
from bytefig.tracer.sweep.journal import attempts_of

SOURCE = """
import os, time

def main(x: int, scale: float = 1.0, held: bool = False):
    here = os.path.dirname(os.path.abspath(__file__))
    while held and not os.path.exists(os.path.join(here, f"go-{x}")):
        time.sleep(0.02)
    return {"loss": x * scale}
"""


class Grid:
    """A sweep in a folder, and what becomes of its trials.

    Args:
        folder: Where the function is.
        fn: The function.
    """

    def __init__(self, folder: Path, fn: Any) -> None:
        self.here = folder
        self.fn = fn
        self.root = folder / "runs"

    def made(self, numbers: list[int], held: list[bool] = [False]) -> Folder:
        """Write the folder of a sweep over some numbers, some of whose trials wait for `let_go`."""
        points = [{"x": x, "held": h} for x, h in zip(numbers, held * len(numbers))]
        return sweep(Config(self.fn), points).save(self.root)

    def run(self, engine: Engine, act: Callable[[], object] = lambda: None) -> Results:
        """Run what waits; as often as it is looked how far that is, something is done."""
        folder = Folder.at(self.root)
        ledger = drive(engine, folder, folder.allowed(()), progress=lambda _: act())
        return Results(folder, ledger)

    def let_go(self, *numbers: int) -> None:
        for number in numbers:
            (self.here / f"go-{number}").touch()

    def attempts(self, number: int) -> list[dict[str, Any]]:
        """Return what is said of the attempts at a number."""
        folder = Folder.at(self.root)
        for entry in folder.ledger().entries.values():
            if entry.point["x"] == number:
                return [said for _, said in attempts_of(folder.trial(entry.id))]
        raise AssertionError(f"no trial of {number}")

    def is_running(self, number: int) -> bool:
        return any("outcome" not in said for said in self.attempts(number)[-1:])

    def check(self, numbers: list[int]) -> None:
        """See that all have one result, that attempts are told of, and that no process is left."""
        results = Results(folder := Folder.at(self.root), folder.ledger())
        assert [(each.point["x"], each.value) for each in results] == [
            (number, {"loss": float(number)}) for number in numbers
        ]
        for number in numbers:
            said = self.attempts(number)
            assert [each["outcome"] for each in said].count("done") == 1, said
            assert said[-1]["outcome"] == "done"
            assert all(each["engine"] and each["host"] and each["pid"] for each in said), said
        end = time.monotonic() + 30
        while left := self.left():
            assert time.monotonic() < end, left
            time.sleep(0.05)

    def left(self) -> list[str]:
        """Return the processes that have something to do with the folder."""
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = file.read_bytes()
            except OSError:
                continue
            if str(self.root).encode() in words and int(file.parent.name) != os.getpid():
                found.append(f"{file.parent.name} {words!r}")
        return found


@pytest.fixture
def grid(tmp_path, monkeypatch):
    name = f"held_{os.getpid()}"
    (tmp_path / f"{name}.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop(name, None)
    yield Grid(tmp_path, importlib.import_module(name).main)
    sys.modules.pop(name, None)


class Once:
    """Calls something when it is time to, once.

    Args:
        condition: Tells when.
        act: What to call.
    """

    def __init__(self, condition: Callable[[], object], act: Callable[[], object]) -> None:
        self._condition, self._act = condition, act
        self.done = False

    def __call__(self) -> None:
        if not self.done and self._condition():
            self.done = True
            self._act()


@pytest.fixture
def once():
    return Once
