"""How Dask, Ray and submitit are called, by modules that stand for them and run tasks at once.

What they really do is tested where they are installed, by `make test-engines`.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from bytefig.tracer.sweep.engines import EngineError, make_engine

pytest.importorskip("click")
pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_threads]


@pytest.fixture
def library(monkeypatch):
    """Put something in place of a library."""

    def put(name, **content):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return put


class Lost(Exception):
    """A process was lost."""


class Outcome:
    """What became of a task; `losses` are raised in place of the first ones."""

    losses: list = []

    def __init__(self, fn, *args):
        self.error = None
        try:
            if Outcome.losses:
                raise Outcome.losses.pop()
            fn(*args)
        except Exception as error:
            self.error = error

    def exception(self):
        return self.error


class FakeDask:
    """A client, a cluster and the futures of Dask."""

    def __init__(self, library):
        self.said, self.status, self.closed = [], {}, []
        self.module = library(
            "distributed",
            Client=self.client,
            LocalCluster=self.cluster,
            KilledWorker=Lost,
            CancelledError=KeyError,
            wait=self.wait,
            get_worker=lambda: SimpleNamespace(name="w1"),
        )

    def client(self, *args, **options):
        self.said.append(options)
        if options.get("address") == "tcp://nowhere:1":
            raise OSError("nobody is there")
        return SimpleNamespace(
            submit=self.submit,
            close=lambda: self.closed.append("client"),
            cancel=self.closed.append,
        )

    def cluster(self, **options):
        self.said.append(options)
        return SimpleNamespace(close=lambda: self.closed.append("cluster"))

    def submit(self, fn, *args, key, resources, pure):
        assert key.endswith(args[2]) and not pure
        self.said.append(resources)
        if self.status:
            return SimpleNamespace(**self.status)
        outcome = Outcome(fn, *args)
        outcome.status = "error" if outcome.error else "finished"
        return outcome

    def wait(self, futures, timeout):
        raise TimeoutError


def test_dask_has_a_cluster_of_its_own(library, grid):
    fake = FakeDask(library)
    Outcome.losses = [Lost("a worker")]
    grid.made([1])
    grid.run(make_engine("dask", 3, ["resources={'GPU': 1}"]))
    grid.check([1])
    assert fake.said[0]["n_workers"] == 3 and fake.said[-1] == {"GPU": 1}
    assert fake.closed == ["client", "cluster"]
    first, second = grid.attempts(1)
    assert first["reason"] == "Dask: Lost: a worker" and second["engine_id"].startswith("w1 dask-")


def test_dask_elsewhere(library, grid):
    fake = FakeDask(library)
    grid.made([1])
    with pytest.raises(EngineError, match="cannot be reached: nobody is there"):
        grid.run(make_engine("dask", None, ["address=tcp://nowhere:1"]))
    fake.status = {"status": "cancelled"}
    (found,) = grid.run(make_engine("dask", None, ["scheduler_file=a.json"]))
    assert (found.status, found.reason) == ("waiting", "its task is cancelled")
    assert fake.said[-2]["scheduler_file"] == "a.json" and fake.closed == ["client"]
    module = importlib.import_module("bytefig.tracer.sweep.engines.dask")
    fake.status = {"status": "pending"}
    engine = module.Dask.of(fake.client())
    folder = grid.made([1, 2])
    grid.run(engine, folder.cancel)
    assert len(fake.closed) == 2 and len(fake.closed[-1]) == 2, "what waits is cancelled"


class FakeRay:
    """What of Ray is used."""

    def __init__(self, library):
        self.said, self.is_on, self.killed = [], False, []
        errors = SimpleNamespace(RayError=Exception, RayTaskError=ValueError)
        context = SimpleNamespace(get_actor_id=lambda: "a1")
        library(
            "ray",
            is_initialized=lambda: self.is_on,
            init=self.init,
            shutdown=lambda: self.said.append("shutdown"),
            remote=self.remote,
            cluster_resources=lambda: {"CPU": 2.0},
            wait=self.wait,
            get=self.get,
            kill=self.killed.append,
            get_runtime_context=lambda: context,
            exceptions=errors,
        )

    def init(self, **options):
        self.said.append(options)
        if options["address"] == "ray://nowhere:1":
            raise ConnectionError("nobody is there")

    def remote(self, **options):
        self.said.append(options)

        def make(cls):
            run = SimpleNamespace(remote=lambda *args: Outcome(cls().run, *args))
            return SimpleNamespace(remote=lambda: SimpleNamespace(run=run))

        return make

    def wait(self, futures, num_returns, timeout):
        assert num_returns == len(futures)
        return ([], futures) if self.is_on == "busy" else (futures, [])

    def get(self, outcome):
        if outcome.error:
            raise outcome.error


def test_ray(library, grid):
    fake = FakeRay(library)
    Outcome.losses = [ValueError("no such folder"), Lost("an actor")]
    grid.made([1])
    (found,) = grid.run(make_engine("ray", None, ["num_gpus=0.5"]))
    assert (found.status, found.reason) == ("waiting", "Ray: ValueError: no such folder")
    assert grid.attempts(1)[0]["reason"] == "Ray: Lost: an actor"
    first, second, last = fake.said
    assert first["address"] is None and second["num_gpus"] == 0.5 and last == "shutdown"
    fake.is_on = True
    grid.run(make_engine("ray"))
    grid.check([1])
    assert "shutdown" not in fake.said[3:] and grid.attempts(1)[-1]["engine_id"] == "a1"
    fake.is_on = "busy"
    folder = grid.made([1, 2])
    grid.run(make_engine("ray"), folder.cancel)
    assert len(fake.killed) == 1
    fake.is_on = False
    with pytest.raises(EngineError, match="cannot be reached: nobody is there"):
        grid.run(make_engine("ray", None, ["address=ray://nowhere:1"]))


class FakeExecutor:
    """What takes jobs for submitit."""

    def __init__(self, folder, cluster):
        self.folder = Path(folder)

    @staticmethod
    def which():
        return "local"

    def update_parameters(self, **options):
        if "nonsense" in options:
            raise NameError("there is no nonsense")
        FakeExecutor.options = options

    def map_array(self, fn, *lists):
        self.folder.mkdir()
        return [self.job(index, fn, args) for index, args in enumerate(zip(*lists))]

    def job(self, index, fn, args):
        pickle, log = self.folder / f"{index}.pkl", self.folder / f"{index}.out"
        outcome = Outcome(fn, *args)
        log.write_text(f"{outcome.error}\n")
        if not isinstance(outcome.error, Lost):
            pickle.touch()
        paths = SimpleNamespace(result_pickle=pickle, stdout=log)
        return SimpleNamespace(
            job_id=f"7_{index}", done=lambda: True, exception=outcome.exception, paths=paths
        )


@pytest.fixture
def submitit(library, tmp_path):
    paths = SimpleNamespace(stdout=tmp_path / "task.out")
    library(
        "submitit",
        AutoExecutor=FakeExecutor,
        core=SimpleNamespace(utils=SimpleNamespace(FailedJobError=Lost)),
        JobEnvironment=lambda: SimpleNamespace(job_id="7_0", paths=paths),
    )


def test_submitit(submitit, grid, tmp_path):
    Outcome.losses = [RuntimeError("Traceback:\n  no such folder")]
    grid.made([1])
    (found,) = grid.run(make_engine("submitit", None, ["mem_gb=2"]))
    assert (found.status, found.reason) == ("waiting", "submitit:   no such folder")
    words = ["mem_gb=0.5", "slurm_partition=all", "slurm_setup=['a b', c]", "slurm_nodes=2"]
    grid.run(make_engine("submitit", 2, words))
    grid.check([1])
    assert FakeExecutor.options == {
        "timeout_min": 60,
        "stderr_to_stdout": True,
        "mem_gb": 0.5,
        "slurm_partition": "all",
        "slurm_setup": ["a b", "c"],
        "slurm_nodes": 2,
        "slurm_array_parallelism": 2,
    }
    assert grid.attempts(1)[-1]["engine_log"] == str(tmp_path / "task.out")
    with pytest.raises(EngineError, match="does not take this: there is no nonsense"):
        make_engine("submitit", None, ["nonsense=1"])
    with pytest.raises(EngineError, match="set timeout_min to 5 or more"):
        make_engine("submitit", None, ["timeout_min=1"])


def test_submitit_on_slurm(submitit, grid, monkeypatch):
    module = importlib.import_module("bytefig.tracer.sweep.engines.submitit")
    answers = [None, {"7_0"}, set()]
    monkeypatch.setattr(module.Queue, "left", lambda self, jobs: answers.pop(0))
    Outcome.losses = [Lost("*** JOB 7 ON a CANCELLED AT 12 ***")]
    grid.made([1, 2])
    found = grid.run(make_engine("submitit", 2, ["cluster=slurm"]))
    assert [each.status for each in found] == ["waiting", "done"]
    assert found[0].reason == "Slurm: CANCELLED AT 12"
