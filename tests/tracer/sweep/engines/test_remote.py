"""What all engines have to do that run trials elsewhere: here, elsewhere is this process."""

import os
import signal
import sys

import pytest

from bytefig.tracer.sweep import Local, attempts
from bytefig.tracer.sweep.engine import Engine
from bytefig.tracer.sweep.engines import EngineError, make_engine
from bytefig.tracer.sweep.engines.remote import Ending, Remote, library, run_task, work
from bytefig.tracer.sweep.jobs import Job, Task
from bytefig.tracer.values import OverrideError

pytest.importorskip("click")
pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_threads]


class Here(Remote):
    """Runs each trial when it is asked for what is over, or loses it.

    Args:
        endings: How tasks end that do not run, in the order in which they are begun; those after
            them run.
    """

    name = "here"

    def __init__(self, endings=(), jobs=None, retries=2):
        super().__init__(jobs, retries)
        self.endings, self.begun, self.closed = [*endings], [], 0

    def open(self):
        self.tasks = []

    def room(self, running):
        return (self._jobs or 10) - running

    def begin(self, ids):
        self.begun.append(len(ids))
        self.tasks += ids

    def over(self):
        while self.tasks:
            trial = self.tasks.pop(0)
            if self.endings:
                yield trial, self.endings.pop(0)
                continue
            work(*self.for_work(trial), "here", "7", "a log")
            yield trial, Ending()

    def close(self):
        self.closed += 1


def test_each_trial_is_a_task(grid):
    grid.made([1, 2])
    engine = Here(jobs=1)
    assert isinstance(engine, Engine) and not engine.poll()
    grid.run(engine)
    grid.check([1, 2])
    assert engine.begun == [1, 1] and engine.closed == 1
    (said,) = grid.attempts(1)
    assert (said["engine"], said["engine_id"], said["engine_log"]) == ("here", "7", "a log")
    assert said["job"].startswith("here-") and not [*grid.root.glob("jobs/*")]
    grid.run(engine)  # there is nothing to do
    grid.check([1, 2])


def test_what_is_lost_runs_again(grid):
    grid.made([1])
    grid.run(Here([Ending("gone"), Ending()]))
    grid.check([1])
    first, second, third = grid.attempts(1)
    assert (first["outcome"], first["reason"]) == ("stopped", "gone")
    assert second["reason"] == "its task has not begun" and third["outcome"] == "done"


def test_what_is_lost_too_often_has_failed(grid):
    grid.made([1])
    (found,) = grid.run(Here([Ending("gone")] * 3))
    assert (found.status, found.reason) == ("failed", "its process was lost 3 times: gone")
    assert len(grid.attempts(1)) == 3
    (found,) = grid.run(Here())  # it is not asked to run again
    assert found.status == "failed"


def test_what_was_cancelled_waits(grid):
    grid.made([1])
    (found,) = grid.run(Here([Ending("cancelled by its owner", again=False)]))
    assert (found.status, found.reason) == ("waiting", "cancelled by its owner")
    grid.run(Local())
    grid.check([1])


def test_a_task_of_which_nothing_was_heard_is_told_of(grid):
    class Silent(Here):
        """Its process begins an attempt, and is gone."""

        def over(self):
            if self.tasks and len(self.begun) == 1:
                trial = self.tasks.pop()
                said = {"worker": "gone", "host": "a", "pid": 1, "engine": "here"}
                attempts.claim(self._job.folder, trial, 1, {**said, "job": self._job.name})
                yield trial, Ending()
            yield from super().over()

    grid.made([1])
    grid.run(Silent())
    grid.check([1])
    assert [said.get("reason") for said in grid.attempts(1)] == ["its process was lost", ""]


def test_a_task_ends_when_nobody_wants_it(grid):
    folder = grid.made([1], [True])
    (trial,) = folder.ledger().entries
    job = Job.begin(folder, "here")
    task = Task(job, "here", "7")
    seen = []

    def over():
        seen.append(grid.attempts(1))
        if seen[-1]:
            folder.cancel()
        return Task.over(task)

    task_over, task.over = task.over, over
    run_task(task, folder, trial, [])
    assert grid.attempts(1)[0]["reason"] == "the sweep was stopped"
    assert task_over() and not job.is_wanted()
    job.end()
    run_task(Task(job, "here", "8"), folder, trial, [])  # one that begins later
    assert len(grid.attempts(1)) == 1 and not grid.left()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_task_is_ended_by_its_engine(grid, error):
    folder = grid.made([1], [True])
    (trial,) = folder.ledger().entries
    task = Task(Job.begin(folder, "here"), "here", "7")

    def over():
        if grid.attempts(1):
            raise error("the time is over")
        return ""

    task.over = over
    with pytest.raises(error):
        run_task(task, folder, trial, [])
    reason = grid.attempts(1)[0]["reason"]
    assert reason == f"its task was ended: {error.__name__}: the time is over"
    assert not grid.left()


def test_what_is_wrong_is_said_before_anything_runs(monkeypatch):
    with pytest.raises(OverrideError, match="Local has no parameter 'nonsense'"):
        make_engine("local", 2, ["nonsense=1"])
    with pytest.raises(ValueError, match="jobs is how many trials run at a time, not 0"):
        Here(jobs=0)
    with pytest.raises(ValueError, match="retries is how often a trial is run again, not -1"):
        Here(retries=-1)
    for engine, module in [("dask", "distributed"), ("ray", "ray"), ("submitit", "submitit")]:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(EngineError, match=rf"fix: pip install 'bytefig\[{engine}\]'"):
            make_engine(engine)
    with pytest.raises(OverrideError, match="Dask has no parameter 'adress'"):
        make_engine("dask", None, ["adress=tcp://a:1"])


def test_a_library_that_is_broken_says_so_itself(tmp_path, monkeypatch):
    (tmp_path / "half_there.py").write_text("import what_it_needs_and_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="what_it_needs"):
        library("half_there", "half")


def test_a_trial_that_is_asked_to_end_with_its_job_has_not_failed(grid):
    folder = grid.made([1], [True])
    (trial,) = folder.ledger().entries
    task = Task(Job.begin(folder, "here"), "here", "7")
    ended = []

    def over():
        if not ended and (left := [line for line in grid.left() if "--result" in line]):
            ended.append(os.kill(int(left[0].split()[0]), signal.SIGTERM))
        return ""

    task.over = over
    run_task(task, folder, trial, [])
    assert grid.attempts(1)[0]["outcome"] == "stopped"
    grid.let_go(1)
    grid.run(Local())
    grid.check([1])
