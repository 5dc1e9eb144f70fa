"""Trials as jobs of submitit on this machine; those of Slurm are in `test_slurm`."""

import os
import signal
from pathlib import Path

import pytest

from bytefig.tracer.sweep import Local
from bytefig.tracer.sweep.engines import EngineError, make_engine

pytest.importorskip("submitit")
from bytefig.tracer.sweep.engines.submitit import Submitit  # noqa: E402

pytestmark = [pytest.mark.needs_submitit, pytest.mark.filterwarnings("ignore")]


def test_a_process_is_killed_and_another_engine_goes_on(grid, once):
    folder = grid.made([1, 2, 3], [True, False, True])

    def kill():
        os.kill(grid.attempts(1)[-1]["pid"], signal.SIGKILL)
        grid.let_go(1)

    killing = once(lambda: grid.is_running(1), kill)
    stopping = once(
        lambda: folder.ledger().counts()["done"] == 2 and grid.is_running(3), folder.cancel
    )
    engine = make_engine("submitit", 2, ["cluster=local", "timeout_min=30"])
    found = grid.run(engine, lambda: (killing(), stopping()))
    assert found.counts == {"waiting": 1, "running": 0, "done": 2, "failed": 0}
    assert [said["outcome"] for said in grid.attempts(1)] == ["stopped", "done"]
    assert "Starting with" in Path(grid.attempts(2)[0]["engine_log"]).read_text()
    grid.let_go(3)
    grid.run(Local())
    grid.check([1, 2, 3])


def test_options_that_it_does_not_take():
    with pytest.raises(EngineError, match="(?s)submitit does not take this.*nonsense"):
        Submitit(cluster="local", nonsense=3)
    with pytest.raises(EngineError, match="know any executor named moon"):
        Submitit(cluster="moon")
    with pytest.raises(EngineError, match="fix: set timeout_min to 5 or more"):
        Submitit(cluster="local", timeout_min=1)
