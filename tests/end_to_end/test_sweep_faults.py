"""Sweeps that are killed, crowded and starved: no point has two results, and none is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("click")

from bytefig.tracer.sweep import Folder  # noqa: E402
from bytefig.tracer.sweep.journal import attempts_of  # noqa: E402

pytestmark = [
    pytest.mark.needs_subprocess,
    pytest.mark.needs_threads,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc"),
]

#: How often each is killed at a random moment; more by hand.
ROUNDS = int(os.environ.get("BYTEFIG_SWEEP_FAULTS", "3"))

SOURCE = """
import multiprocessing, os, subprocess, sys, time

def work(number: int, seconds: float = 0.2, size: int = 0):
    # What it starts has the folder in its words, and would outlive it by far.
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(300)  # {here}"])
    subprocess.Popen(["sh", "-c", f"sleep 300; : {here}"])
    time.sleep(seconds)
    with open(os.path.join(here, "finished.txt"), "a") as file:
        file.write(f"{number}\\n")
    return {"number": number, "more": "x" * size}
"""

#: Another machine: its processes are not known here, and its clocks are those of nobody else.
ELSEWHERE = """
import sys, time
ahead = float(sys.argv[1])
monotonic, wall = time.monotonic, time.time
time.monotonic, time.time = (lambda: monotonic() + ahead), (lambda: wall() + ahead)
from pathlib import Path
from bytefig.tracer.sweep import Folder, Local, workers
from bytefig.tracer.sweep.engine import drive
workers._kernel = lambda: sys.argv[1]
folder = Folder.at(Path(sys.argv[2]))
drive(Local(2, beat=0.2, patience=float(sys.argv[3])), folder, folder.allowed(()))
"""


class Place:
    """A folder for a sweep, and what is known of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "runs"
        (folder / "killed.py").write_text(SOURCE)
        self.environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}

    def start(self, *words: Any, program: str = "") -> subprocess.Popen[str]:
        command = ["-c", program] if program else ["-m", "bytefig.tracer", "sweep"]
        return subprocess.Popen(
            [sys.executable, *command, *map(str, words)],
            cwd=self.folder,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, *words: Any) -> str:
        started = self.start(*words)
        said = started.communicate(timeout=300)[1]
        assert started.returncode == 0, said
        return said

    def words(self, count: int, *more: str) -> list[str]:
        axis = f"number:=range({count})"
        return ["killed:work", axis, "--out", str(self.root), "--jobs", "2", *more]

    def trials(self) -> dict[int, Path]:
        return {
            json.loads((place / "point.json").read_text())["number"]: place
            for place in (self.root / "trials").glob("[!.]*")
        }

    def results(self) -> dict[int, tuple[int, str]]:
        """Return the results that there are, each with what tells whether it is another file."""
        return {
            number: ((file := place / "result.json").stat().st_ino, file.read_text())
            for number, place in self.trials().items()
            if (place / "result.json").exists()
        }

    def left(self) -> list[str]:
        """Return the processes that have something to do with the folder."""
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = file.read_bytes()
                state = (file.parent / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if str(self.folder).encode() in words and state not in "ZX":
                found.append(f"{file.parent.name} {words!r}")
        return found

    def check_nothing_is_left(self) -> None:
        end = time.monotonic() + 20
        while self.left():
            assert time.monotonic() < end, self.left()
            time.sleep(0.05)

    def check(self, count: int, once: bool = False) -> None:
        """See that all is done, and that each attempt is there."""
        self.check_nothing_is_left()
        assert sorted(self.results()) == list(range(count))
        for number, place in self.trials().items():
            attempts = attempts_of(place)
            assert [which for which, _ in attempts] == list(range(1, len(attempts) + 1))
            outcomes = Counter(said.get("outcome") for _, said in attempts)
            assert outcomes["done"] <= 1 and outcomes["failed"] == 0, (number, attempts)
            assert not once or len(attempts) == 1
            assert not [*place.glob(".*")], "what was written beside is still there"
        ledger = Folder.at(self.root).ledger()
        assert ledger.counts()["done"] == count == len(ledger.entries)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = Place(tmp_path)
    yield found
    for line in found.left():
        os.kill(int(line.split()[0]), signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """Return the processes of trials that a process has started."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(file.read_text().rpartition(")")[2].split()[1])
            is_trial = b"--result" in (file.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and is_trial:
            found.append(int(file.parent.name))
    return found


@pytest.mark.parametrize("whom", ["parent", "child", "both"])
def test_kill_at_random_moments(place, whom):
    chance = random.Random(f"{whom} {os.environ.get('BYTEFIG_SWEEP_SEED', '')}")
    words = place.words(6, "--retry", "failed")
    for _ in range(ROUNDS):
        before = place.results() if place.root.exists() else {}
        started = place.start(*words)
        time.sleep(chance.uniform(0.8, 4.0))
        children = children_of(started.pid)
        doomed = [started.pid] if whom != "child" else []
        if whom != "parent":
            doomed += chance.sample(children, min(len(children), chance.randint(1, 2)))
        chance.shuffle(doomed)
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started.communicate(timeout=300)
        place.check_nothing_is_left()
        # What was there is there, the same file.
        assert before.items() <= (place.results() if place.root.exists() else {}).items()
    kept = place.results()
    attempts = {number: len(attempts_of(place.trials()[number])) for number in kept}
    place.start(*words).communicate(timeout=300)
    place.finish(*words)
    assert kept.items() <= place.results().items()
    for number, count in attempts.items():
        assert len(attempts_of(place.trials()[number])) == count, "what was done has run again"
    place.check_nothing_is_left()
    assert sorted(place.results()) == list(range(6))
    for trial in place.trials().values():
        tries = attempts_of(trial)
        assert [which for which, _ in tries] == list(range(1, len(tries) + 1))
        assert sum(said.get("outcome") == "done" for _, said in tries) <= 1


def test_interrupted_by_ctrl_c(place):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = place.start(*place.words(4, "seconds=30"))  # ignores it if this process does
    signal.signal(signal.SIGINT, before)
    while not (place.root / "trials").exists() or len(children_of(started.pid)) < 2:
        time.sleep(0.05)
    time.sleep(1.0)
    started.send_signal(signal.SIGINT)
    said = started.communicate(timeout=60)[1]
    assert started.returncode == 130 and "to go on: bytefig sweep" in said, said
    place.check_nothing_is_left()
    counts = Folder.at(place.root).ledger().counts()
    assert counts == {"waiting": 4, "running": 0, "done": 0, "failed": 0}


def test_two_sweeps_on_one_folder(place):
    both = [place.start(*place.words(8)) for _ in range(2)]
    for started in both:
        said = started.communicate(timeout=300)[1]
        assert started.returncode == 0, said
    place.check(8, once=True)
    finished = (place.folder / "finished.txt").read_text().split()
    assert sorted(map(int, finished)) == list(range(8))
    workers = {said["pid"] for trial in place.trials().values() for _, said in attempts_of(trial)}
    assert workers <= {started.pid for started in both}


def test_two_machines_whose_clocks_are_apart(place):
    place.finish(*place.words(6), "--status")
    ahead, behind = "86400.5", "-0.25"
    first = place.start(ahead, place.root, 2.5, program=ELSEWHERE)
    second = place.start(behind, place.root, 2.5, program=ELSEWHERE)
    while not children_of(first.pid):
        time.sleep(0.02)
    first.kill()  # the other one is to notice, by its own clock
    first.communicate()
    said = second.communicate(timeout=300)[1]
    assert second.returncode == 0, said
    place.check(6)
    again = [said for trial in place.trials().values() for _, said in attempts_of(trial)]
    lost = [said for said in again if said.get("reason") == "its worker was gone"]
    assert lost and all(said["pid"] == first.pid for said in lost)


def test_a_slow_machine_is_not_taken_for_a_dead_one(place):
    place.finish(*place.words(4, "seconds=1.5"), "--status")
    both = [
        place.start(ahead, place.root, 60, program=ELSEWHERE) for ahead in ("3600.5", "-7200.5")
    ]
    for started in both:
        said = started.communicate(timeout=300)[1]
        assert started.returncode == 0, said
    place.check(4, once=True)


@pytest.fixture
def small_disk(place):
    place.root.mkdir()
    size = "size=160k"
    mount = ["mount", "-t", "tmpfs", "-o", size, "none", str(place.root)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place.root)], check=True)


def test_a_full_disk(small_disk):
    place = small_disk
    # Each result is as long as a quarter of the disk.
    started = place.start(*place.words(8, "size=40000"))
    said = started.communicate(timeout=300)[1]
    assert started.returncode == 1, said
    place.check_nothing_is_left()
    before = place.results()
    assert len(before) < 8
    more = ["mount", "-o", "remount,size=16m", str(place.root)]
    subprocess.run(more, check=True)
    place.finish(*place.words(8, "size=40000"), "--retry", "failed")
    assert before.items() <= place.results().items()
    assert sorted(place.results()) == list(range(8))
    assert all(
        json.loads(text)["value"]["more"] == "x" * 40000 for _, text in place.results().values()
    )
