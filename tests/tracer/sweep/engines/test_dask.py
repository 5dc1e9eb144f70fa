"""Trials on the workers of Dask."""

import os
import signal
import subprocess
import sys
import time

import pytest

from bytefig.tracer.sweep import Local
from bytefig.tracer.sweep.engines import EngineError, make_engine

distributed = pytest.importorskip("distributed")
import dask  # noqa: E402

from bytefig.tracer.sweep.engines.dask import Dask  # noqa: E402

pytestmark = [pytest.mark.needs_dask, pytest.mark.filterwarnings("ignore")]


def test_a_cluster_of_its_own(grid):
    grid.made([1, 2, 3, 4])
    grid.run(make_engine("dask", 2, ["retries=1"]))
    grid.check([1, 2, 3, 4])
    said = grid.attempts(1)[0]
    assert said["engine"] == "dask" and said["engine_id"].split()[1].startswith(said["job"])


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a process; the file that says where."""
    file = tmp_path / "scheduler.json"
    words = ["scheduler", "--scheduler-file", str(file), "--port", "0", "--no-dashboard"]
    workers = ["worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny"]
    processes = []
    for each in (words, workers, workers):
        with (tmp_path / f"dask-{len(processes)}.log").open("w") as log:
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *each, "--host", "127.0.0.1"],
                    stdout=log,
                    stderr=log,
                )
            )
        while each is words and not file.exists():
            assert processes[0].poll() is None, (tmp_path / "dask-0.log").read_text()
            time.sleep(0.05)
    yield file
    for process in reversed(processes):
        process.terminate()
        process.wait(30)


def test_a_worker_is_killed(grid, cluster, once):
    grid.made([1, 2, 3, 4], [True, False])
    killed = []

    def kill():
        killed.append(grid.attempts(1)[-1]["pid"])
        os.kill(killed[0], signal.SIGKILL)
        grid.let_go(1, 3)

    grid.run(Dask(scheduler_file=str(cluster)), once(lambda: grid.is_running(1), kill))
    grid.check([1, 2, 3, 4])
    first, second = grid.attempts(1)
    assert first["outcome"] == "stopped" and first["pid"] == killed[0] != second["pid"]
    assert first["engine_log"].endswith(".log")


def test_stopped_and_gone_on_with_by_another_engine(grid, cluster, once):
    folder = grid.made([1, 2, 3], [True, False, False])
    condition = lambda: grid.is_running(1) and folder.ledger().counts()["done"] == 2
    with distributed.Client(scheduler_file=str(cluster)) as client:
        found = grid.run(Dask.of(client), once(condition, folder.cancel))
        assert client.status == "running", "it was not closed"
    assert found.counts == {"waiting": 1, "running": 0, "done": 2, "failed": 0}
    assert grid.attempts(1)[0]["reason"] == "the sweep was stopped"
    grid.let_go(1)
    grid.run(Local())
    grid.check([1, 2, 3])
    assert [said["engine"] for said in grid.attempts(1)] == ["dask", "local"]


def test_there_is_no_scheduler(grid):
    grid.made([1])
    quickly = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with quickly, pytest.raises(EngineError, match="the scheduler of Dask cannot be reached"):
        grid.run(Dask(address="tcp://127.0.0.1:9"))
