"""Trials in actors of Ray."""

import os
import signal

import pytest

from bytefig.tracer.sweep import Local
from bytefig.tracer.sweep.engines import make_engine

ray = pytest.importorskip("ray")
from bytefig.tracer.sweep.engines.ray import Ray  # noqa: E402

pytestmark = [pytest.mark.needs_ray, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def cluster(trusted, grid, monkeypatch):
    """A cluster of this machine, which gives up by itself where that is busy."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    for left in (2, 1, 0):
        try:
            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
            break
        except Exception:
            ray.shutdown()
            if not left:
                raise
    yield
    ray.shutdown()


def test_an_actor_is_killed_and_another_engine_goes_on(grid, once):
    folder = grid.made([1, 2, 3, 4], [True, False, True, False])

    def kill():
        os.kill(grid.attempts(1)[-1]["pid"], signal.SIGKILL)

    killing = once(lambda: grid.is_running(1), kill)
    going = once(lambda: killing.done and len(grid.attempts(1)) == 2, lambda: grid.let_go(1))
    stopping = once(
        lambda: folder.ledger().counts()["done"] == 3 and grid.is_running(3), folder.cancel
    )
    found = grid.run(
        make_engine("ray", 2, ["num_cpus=0.5"]), lambda: (killing(), going(), stopping())
    )
    assert found.counts == {"waiting": 1, "running": 0, "done": 3, "failed": 0}
    first, second = grid.attempts(1)
    assert first["outcome"] == "stopped" and "Ray: ActorDiedError" in first["reason"]
    assert second["outcome"] == "done" and first["engine_id"] != second["engine_id"]
    assert os.path.exists(second["engine_log"])
    grid.let_go(3)
    grid.run(Local())
    grid.check([1, 2, 3, 4])
    assert [said["engine"] for said in grid.attempts(3)] == ["ray", "local"]


def test_what_kills_its_actor_again_and_again_has_failed(grid):
    grid.made([1], [True])
    killed = set()

    def kill():
        if grid.is_running(1) and (pid := grid.attempts(1)[-1]["pid"]) not in killed:
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)

    (found,) = grid.run(Ray(1, retries=1), kill)
    assert found.status == "failed" and found.reason.startswith("its process was lost 2 times: Ray")
    assert len(killed) == 2
