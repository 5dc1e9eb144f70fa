"""Whether a worker lives, as others see it."""

import json
import os
import sys

import pytest

from bytefig.tracer.sweep import workers
from bytefig.tracer.sweep.workers import Observer, Worker


class Clock:
    """Two clocks that have nothing to do with each other, and one that runs."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(workers.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(workers.time, "time", lambda: pytest.fail("no clock is compared"))


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def elsewhere(tmp_path, name, count):
    folder = tmp_path / "workers"
    folder.mkdir(exist_ok=True)
    said = {"host": "far", "pid": os.getpid(), "kernel": "another", "started": "1", "count": count}
    (folder / f"{name}.json").write_text(json.dumps(said))


def test_a_worker_counts_when_it_is_time_to(tmp_path, clock):
    worker = Worker(tmp_path, beat=5)
    file = tmp_path / "workers" / f"{worker.name}.json"
    assert json.loads(file.read_text())["count"] == 1
    assert not worker.beat()
    clock.now += 5
    assert worker.beat()
    assert json.loads(file.read_text())["count"] == 2


def test_one_elsewhere_is_dead_when_it_has_not_counted_for_a_while_of_our_own_clock(
    tmp_path, clock
):
    observer = Observer(tmp_path, patience=60)
    elsewhere(tmp_path, "w", 7)
    assert observer.is_alive("w")
    clock.now += 59
    assert observer.is_alive("w")
    elsewhere(tmp_path, "w", 8)
    clock.now += 59
    assert observer.is_alive("w")  # seen now for the first time
    clock.now += 59
    assert observer.is_alive("w")
    clock.now += 1
    assert not observer.is_alive("w")
    elsewhere(tmp_path, "w", 9)
    assert observer.is_alive("w")  # it was only slow
    assert observer.is_alive("not there")
    clock.now += 60
    assert not observer.is_alive("not there")


def test_the_clock_of_the_worker_means_nothing(tmp_path, clock):
    elsewhere(tmp_path, "w", 1)
    os.utime(tmp_path / "workers" / "w.json", (0, 0))  # written in 1970
    assert Observer(tmp_path, patience=60).is_alive("w")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is read in /proc")
def test_on_the_same_machine_the_system_knows(tmp_path):
    worker = Worker(tmp_path)
    observer = Observer(tmp_path, patience=0)
    assert observer.is_alive(worker.name)
    file = tmp_path / "workers" / f"{worker.name}.json"
    said = json.loads(file.read_text())
    for gone in ({"pid": 2**22 + 1}, {"started": "5"}):  # or another process has the pid now
        file.write_text(json.dumps({**said, **gone}))
        assert not observer.is_alive(worker.name)
