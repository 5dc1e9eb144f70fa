"""Trials as tasks of arrays, by a real Slurm of one node."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import one_node_slurm
import pytest

pytest.importorskip("click")

from bytefig.tracer.sweep import Local  # noqa: E402
from bytefig.tracer.sweep.engines import EngineError, make_engine  # noqa: E402
from bytefig.tracer.sweep.engines.slurm import Slurm  # noqa: E402

pytestmark = [
    pytest.mark.needs_slurm,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        not one_node_slurm.is_installed(), reason="there is no Slurm: see make setup-slurm"
    ),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    found = one_node_slurm.Slurm(tmp_path_factory.mktemp("slurm"), cpus=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", found.environment["SLURM_CONF"])
        try:
            found.start()
            yield found
        finally:
            found.stop()


@pytest.fixture
def slurm(cluster, grid):
    return cluster


@pytest.fixture(scope="module")
def limited(cluster, tmp_path_factory):
    """A command that has begun, whose only trial takes longer than its limit, the least there is.

    Slurm looks at limits once in a while only, so that it goes on beside the other tests.
    """
    folder = tmp_path_factory.mktemp("limited")
    (folder / "endless.py").write_text("import time\ndef main(x: int): time.sleep(x)\n")
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    words = ["endless:main", "x:=[0, 600]", "--out", "runs", "--engine", "slurm", "--set", "time=1"]
    command = [sys.executable, "-m", "bytefig.tracer", "sweep"]
    process = subprocess.Popen(
        [*command, *words], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    )
    yield folder, process, [*command, "runs"], environment
    process.terminate()
    process.wait(60)


def task_of(grid, number):
    return grid.attempts(number)[-1]["engine_id"]


def test_what_an_array_does(limited, slurm, grid):
    grid.made([1, 2, 3, 4])
    grid.run(make_engine("slurm", 2, ["mem=10", "job_name=small"]))
    grid.check([1, 2, 3, 4])
    said = grid.attempts(1)[0]
    assert said["engine"] == "slurm" and "begins: " in Path(said["engine_log"]).read_text()
    (script,) = (grid.root / "jobs").glob("*/array-1.sh")
    assert "--only" in script.read_text()


def test_cancelled_requeued_and_killed(slurm, grid, once):
    numbers = [1, 2, 3, 4, 5]
    grid.made(numbers, [True])

    def act():
        slurm.run("scancel", task_of(grid, 1))
        slurm.run("scontrol", "requeue", task_of(grid, 2))
        os.kill(grid.attempts(3)[-1]["pid"], signal.SIGKILL)
        # The fifth waits: no more than four are to run.
        slurm.run("scancel", task_of(grid, 4).replace("_3", "_4"))
        grid.let_go(2, 3, 4)

    acting = once(lambda: all(map(grid.is_running, numbers[:4])), act)
    found = grid.run(Slurm(4), acting)
    assert [each.status for each in found] == ["waiting", "done", "done", "done", "waiting"]
    assert "Slurm: CANCELLED AT" in found[0].reason and "DUE" not in found[0].reason
    assert found[4].reason == "it was cancelled before it began"
    first, second = grid.attempts(2)
    assert "DUE TO JOB REQUEUE" in first["reason"] and second["outcome"] == "done"
    assert first["engine_id"] == second["engine_id"]
    first, second = grid.attempts(3)
    assert first["outcome"] == "stopped" and first["engine_id"] != second["engine_id"]
    assert len(grid.attempts(4)) == 1
    grid.let_go(1, 5)
    grid.run(Local(2))
    grid.check(numbers)
    assert [said["engine"] for said in grid.attempts(1)] == ["slurm", "local"]


def test_stopped_while_tasks_wait(slurm, grid, once):
    folder = grid.made([1, 2, 3], [True])
    engine = Slurm(1, job_name="stopped")
    found = grid.run(engine, once(lambda: grid.is_running(1), folder.cancel))
    assert found.counts == {"waiting": 3, "running": 0, "done": 0, "failed": 0}
    assert slurm.run("squeue", "--noheader", "--name=stopped") == ""
    grid.let_go(1, 2, 3)
    grid.run(Local(2))
    grid.check([1, 2, 3])


def test_options_that_sbatch_does_not_take(slurm, grid):
    with pytest.raises(EngineError, match=r"no option --partitoin; did you mean 'partition'\?"):
        Slurm(partitoin="all")
    with pytest.raises(EngineError, match="array is set for sbatch already"):
        Slurm(array="1-3")
    grid.made([1])
    with pytest.raises(EngineError, match="invalid partition"):
        grid.run(Slurm(partition="moon"))
    assert grid.attempts(1) == []


@pytest.mark.needs_submitit
def test_arrays_of_submitit(slurm, grid, once):
    pytest.importorskip("submitit")
    grid.made([1, 2, 3], [True, False, False])
    cancelling = once(lambda: grid.is_running(1), lambda: slurm.run("scancel", task_of(grid, 1)))
    found = grid.run(make_engine("submitit", 2, ["cluster=slurm", "slurm_mem=10"]), cancelling)
    assert [each.status for each in found] == ["waiting", "done", "done"]
    assert "CANCELLED AT" in found[0].reason
    grid.let_go(1)
    grid.run(Local())
    grid.check([1, 2, 3])


def test_a_time_limit(limited):
    folder, process, again, environment = limited
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 1 and "DUE TO TIME LIMIT" in said, said
    done = subprocess.run(
        [*again, "--table", "--format", "json"],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    assert [row["status"] for row in rows] == ["done", "waiting"]


def test_the_node_goes_down_and_comes_up(slurm, grid, once):
    grid.made([1, 2], [True])

    def act():
        slurm.stop_node()
        grid.let_go(1, 2)
        slurm.start_node()

    grid.run(Slurm(), once(lambda: grid.is_running(1) and grid.is_running(2), act))
    grid.check([1, 2])
    for number in (1, 2):
        assert [said["outcome"] for said in grid.attempts(number)] == ["stopped", "done"]
