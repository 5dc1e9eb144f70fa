"""``bytefig sweep``: what the words mean, what is printed, and the exit codes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("click")

from bytefig.tracer.cli.entry import main  # noqa: E402
from bytefig.tracer.cli.sweep_progress import Progress  # noqa: E402
from bytefig.tracer.sweep import Folder  # noqa: E402

SOURCE = """
from dataclasses import dataclass
from bytefig.configs import Config
from bytefig.tracer import auto_config

@dataclass
class Adam:
    lr: float = 0.1

@dataclass
class SGD:
    lr: float = 0.1

@dataclass
class Model:
    hidden: int = 4
    name: str = "m"

def big(depth: int = 2) -> Config[Model]:
    return Config(Model, 100 * depth)

def main(model: Model, optimizer: Adam | SGD | None = None, seed: int = 0, fail: bool = False):
    print("seed", seed)
    if fail:
        raise ValueError("unlucky")
    return {"loss": model.hidden * (optimizer.lr if optimizer else 1.0), "seed": seed}

@auto_config
def recipe(hidden: int = 8):
    return Model(hidden)

READY = Config(main, Config(Model, 7))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "swept.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("swept", "__main__x"):
        sys.modules.pop(name, None)
    yield tmp_path
    sys.modules.pop("swept", None)


@pytest.fixture
def sweep(capsys):
    def call(*words, code=0):
        found = main(["sweep", *map(str, words)])
        output = capsys.readouterr()
        assert found == code, output.err
        return output.out if code == 0 else output.err

    return call


def listed(sweep, *words):
    return [row["point"] for row in json.loads(sweep(*words, "--dry-run", "--format", "json"))]


TARGET = ("swept:main", "model=Model()")


def test_a_grid_is_listed(sweep):
    words = ("model.hidden:=[8, 16]", "optimizer:=[Adam(lr=1e-3), SGD]", "--seed:=range(2)")
    points = listed(sweep, *TARGET, *words)
    assert len(points) == 8
    assert points[1] == {"model.hidden": 8, "optimizer": "Adam(lr=1e-3)", "seed": 1}
    lines = sweep(*TARGET, *words, "--dry-run").splitlines()
    assert lines[0].split() == ["id", "model.hidden", "optimizer", "seed"]
    assert len({line.split()[0] for line in lines}) == len(lines) == 9
    rows = [*csv.reader(io.StringIO(sweep(*TARGET, *words, "--dry-run", "--format", "csv")))]
    assert rows[1][1:] == ["8", "Adam(lr=1e-3)", "0"]


def test_no_line_of_a_long_list_is_lost(sweep):
    lines = sweep(*TARGET, "seed:=range(1203)", "--dry-run").splitlines()
    assert [line.split()[1] for line in lines] == ["seed", *map(str, range(1203))]


@pytest.mark.parametrize(
    "words, points",
    [
        (["seed:=[1, 2]", "model.hidden:=[3, 4]", "--zip"], [(1, 3), (2, 4)]),
        (["model:=[Model(1), big(2), big]"], ["Model(1)", "big(2)", "big"]),
        (["model.name:=[a, 'b c']"], ["a", "b c"]),
        (["seed:=[1]", "fail=true"], [1]),
        ([], [{}]),
    ],
)
def test_what_is_listed(sweep, words, points):
    found = listed(sweep, *TARGET, *words)
    assert [tuple(p.values()) for p in found] == [
        tuple(p.values()) if isinstance(p, dict) else p if isinstance(p, tuple) else (p,)
        for p in points
    ]


def test_a_sample_and_points_in_a_file(sweep, folder):
    words = [*TARGET, "seed:=uniform(0, 99)", "optimizer.lr:=loguniform(1e-4, 1)"]
    words += ["optimizer=Adam()", "--sample", 3]
    assert len(listed(sweep, *words)) == 3
    assert listed(sweep, *words, "--seed", 1) == listed(sweep, *words, "--seed", 1)
    assert listed(sweep, *words, "--seed", 1) != listed(sweep, *words)
    (folder / "points.jsonl").write_text('{"seed": 1}\n{"optimizer": {"_target_": "SGD"}}\n')
    assert listed(sweep, *TARGET, "--points", "points.jsonl") == [
        {"seed": 1},
        {"optimizer": {"_target_": "SGD"}},
    ]


def test_graphs_that_are_not_made_by_a_call(sweep, folder):
    assert listed(sweep, "swept:READY", "seed:=[1, 2]") == [{"seed": 1}, {"seed": 2}]
    assert listed(sweep, "swept:recipe", "--hidden=3", "name:=[a]") == [{"name": "a"}]
    said = sweep("swept:recipe", "--hidden:=[1, 2]", "--dry-run", code=2)
    assert "about a parameter of swept:recipe, which has run already" in said
    (folder / "base.yaml").write_text("model: {hidden: 3}\n")
    found = listed(sweep, "swept:main", "--config", "base.yaml", "seed:=[1]")
    assert found == [{"seed": 1}]


@pytest.mark.parametrize(
    "words, said",
    [
        (["seed:=[1, x]"], "seed=x: x: expected int"),
        (["sead:=[1]"], "main has no parameter 'sead'"),
        (["seed:=8"], "this is no list of values"),
        (["seed:=[1]", "seed:=[2]"], "seed has two axes"),
        (["seed:=uniform(0, 1)"], "take a sample"),
        (["seed:=[1]", "--zip", "--sample", "2"], "leave one out"),
        (["seed:=[1]", "--points", "x"], "--points has all points"),
        (["--points", "x"], "cannot read x: No such file"),
        (["seed:=[1]"], "add --out FOLDER"),
        (["model:=[json.JSONDecoder()]"], "the module 'json' is not allowed"),
    ],
)
def test_bad_usage_writes_nothing(sweep, folder, words, said):
    out = [] if "add --out" in said else ["--out", "runs/a"]
    assert said in sweep("swept:main", "model=Model()", *words, *out, code=2)
    assert not (folder / "runs").exists()


def test_all_problems_at_once(sweep, folder):
    said = sweep("swept:main", "seed:=[x, y]", "model:=[Model(a=1)]", "--out", "a", code=2)
    assert "2 points cannot be run" in said and "model is not set" not in said
    assert all(part in said for part in ("seed=x: x: expected", "seed=y: y: expected", "'a'"))
    said = sweep("swept:main", "seed:=[1, 2]", "--out", "a", code=2)
    assert "2 points, the first of them seed=1" in said and "model is not set" in said
    assert not (folder / "a").exists()


def test_what_is_asked_of_a_folder(sweep, folder):
    sweep(*TARGET, "seed:=[1, 2]", "--out", "runs/a", "--status")
    trials = folder / "runs" / "a" / "trials"
    first, second = Folder(folder / "runs" / "a").ledger().entries
    (trials / first / "result.json").write_text('{"value": {"loss": 0.25, "more": [1]}}\n')
    (trials / second / "attempt-1.json").write_text(
        json.dumps({"outcome": "failed", "reason": "it ended with exit code 1"})
    )
    (trials / second / "log.txt").write_text("seed 2\nValueError\n")
    shutil.rmtree(folder / "runs" / "a" / "journal")
    assert sweep("runs/a", "--status") == (
        "runs/a: 2 trials: 0 waiting, 0 running, 1 done, 1 failed\n"
        f"  {second} seed=2: it ended with exit code 1\n"
        "  see what one printed: bytefig sweep runs/a --logs ID\n"
    )
    assert json.loads(sweep("runs/a", "--table", "--format", "json")) == [
        {
            "id": first,
            "point": {"seed": 1},
            "status": "done",
            "result": {"loss": 0.25, "more": [1]},
        },
        {
            "id": second,
            "point": {"seed": 2},
            "status": "failed",
            "result": None,
            "reason": "it ended with exit code 1",
        },
    ]
    lines = sweep("runs/a", "--table").splitlines()
    assert lines[0].split() == ["id", "seed", "status", "result", "reason"]
    assert "loss=0.25 more=[1]" in lines[1] and "exit code 1" in lines[2]
    rows = [*csv.DictReader(io.StringIO(sweep("runs/a", "--table", "--format", "csv")))]
    assert rows[0]["result.loss"] == "0.25" and rows[1]["reason"] == "it ended with exit code 1"
    assert sweep("runs/a", "--logs", second[:6]) == "seed 2\nValueError\n"
    assert sweep("runs/a", "--best", "loss").startswith(f"{first} seed=1: ")
    assert "no trial has a number" in sweep("runs/a", "--best", "nope", code=2)
    assert "no trial whose id begins with 'x'" in sweep("runs/a", "--logs", "x", code=2)
    assert sweep("runs/a", "--cancel") == ""
    assert Folder(folder / "runs" / "a").cancelled()
    assert "has its points already" in sweep("runs/a", "seed:=[1]", code=2)
    assert "is the folder itself" in sweep("runs/a", "--out", "b", code=2)
    assert "another graph" in sweep("swept:READY", "seed:=[1]", "--out", "runs/a", code=2)


def test_a_page(sweep, folder):
    sweep(*TARGET, "model.name:=['<b>', x]", "--out", "a", "--status")
    first, second = Folder(folder / "a").ledger().entries
    (folder / "a" / "trials" / first / "result.json").write_text('{"value": {"loss": 0.25}}\n')
    (folder / "a" / "trials" / second / "result.json").write_text('{"value": "</script>"}\n')
    shutil.rmtree(folder / "a" / "journal")
    sweep("a", "--html", "page.html")
    page = (folder / "page.html").read_text()
    assert "<b>" not in page and "&lt;b&gt;" in page and page.count("</script>") == 2
    assert f'href="a/trials/{first}/diff.html"' in page and "<th" in page
    assert "1 added" in (folder / "a" / "trials" / first / "diff.html").read_text()
    assert "1 added" not in (folder / "a" / "trials" / first / "graph.html").read_text()
    shutil.copytree(folder / "a", folder / "b")
    for file in (folder / "b").glob("trials/*/*.html"):
        file.unlink()
    sweep("b", "--html", "b/page.html")  # it is not trusted: nothing is imported for it
    page = (folder / "b" / "page.html").read_text()
    assert f'href="trials/{first}/graph.json"' in page and "graph.html" not in page


@pytest.mark.needs_subprocess
@pytest.mark.needs_threads
def test_a_sweep_is_run_and_goes_on(sweep, folder, capsys):
    assert main(["sweep", *TARGET, "fail:=[false, true]", "--out", "a", "-j2"]) == 1
    said = capsys.readouterr().err
    assert "a: 2 trials: 0 waiting, 0 running, 1 done, 1 failed" in said and "exit code 1" in said
    assert sweep("a", "--retry", "failed", code=1).count("exit code 1") == 1
    assert len([*(folder / "a").glob("trials/*/attempt-2.json")]) == 1
    assert main(["sweep", *TARGET, "seed:=[1]", "--out", "b"]) == 0
    assert main(["sweep", *TARGET, "seed:=[1, 2]", "--out", "b"]) == 0
    assert main(["sweep", "b"]) == 0
    assert len([*(folder / "b").glob("trials/*/attempt-*.json")]) == 2
    capsys.readouterr()
    shutil.copytree(folder / "b", folder / "c")
    said = sweep("c", code=2)
    assert "was not made by you" in said and "--allow-import swept" in said
    shutil.rmtree(next(iter((folder / "c" / "trials").iterdir())))
    sweep("c", "--allow-import", "swept", "--status")


@pytest.mark.needs_subprocess
@pytest.mark.needs_threads
def test_fail_fast(sweep, folder):
    sweep(*TARGET, "fail:=[true]", "seed:=[1, 2, 3]", "--out", "a", "--fail-fast", code=1)
    counts = Folder(folder / "a").ledger().counts()
    assert counts["failed"] < 3 and counts["waiting"] >= 1


def test_text_that_no_terminal_can_show_is_in_tables(sweep, folder):
    sweep(*TARGET, "seed:=[1]", "--out", "a", "--status")
    (first,) = Folder(folder / "a").ledger().entries
    (folder / "a" / "trials" / first / "result.json").write_text(r'{"value": "a\ud800\u001b\nb"}')
    shutil.rmtree(folder / "a" / "journal")
    assert "a\ufffd\ufffd b" in sweep("a", "--table")
    sweep("a", "--html", "page.html")
    assert r"a\ud800\u001b\nb" in (folder / "page.html").read_text()


def test_a_page_that_cannot_be_written(sweep, folder):
    sweep(*TARGET, "seed:=[1]", "--out", "a", "--status")
    said = sweep("a", "--html", "nowhere/page.html", code=1)
    assert "the page cannot be written: nowhere" in said and "make room" not in said
    assert "fix: name a file in a folder that is there" in said


def test_a_folder_that_cannot_be_written(sweep, folder, monkeypatch):
    import errno

    from bytefig.tracer.sweep import journal

    def full(number, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(journal, "write_all", full)
    said = sweep(*TARGET, "seed:=[1]", "--out", "a", "--status", code=1)
    assert "the folder of the sweep cannot be written: No space left on device" in said
    assert not (folder / "a" / "sweep.json").exists()
    monkeypatch.undo()


def test_progress_without_a_terminal(capsys, monkeypatch):
    from bytefig.tracer.cli import sweep_progress

    now = [0.0]
    monkeypatch.setattr(sweep_progress.time, "monotonic", lambda: now[0])
    with Progress() as progress:
        progress.show({"waiting": 9, "running": 1, "done": 0, "failed": 0})
        now[0] = 61
        progress.show({"waiting": 8, "running": 1, "done": 0, "failed": 1})
        now[0] = 62
        progress.show({"waiting": 7, "running": 1, "done": 1, "failed": 1})
        now[0] = 122
        progress.show({"waiting": 4, "running": 1, "done": 4, "failed": 1})
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "8 waiting, 1 running, 1 failed, about 9 min left",
        "4 waiting, 1 running, 4 done, 1 failed, about 2 min left",
    ]


@pytest.mark.needs_threads  # that the bar moves
def test_progress_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress() as progress:
        progress.show({"waiting": 9, "running": 1, "done": 0, "failed": 0})
        progress.show({"waiting": 0, "running": 0, "done": 10, "failed": 0})
    assert "10/10" in capsys.readouterr().err


def test_results_of_run(folder, capsys):
    assert main(["run", "swept:main", "model=Model(2)", "--result", "r.json"]) == 0
    assert json.loads((folder / "r.json").read_text()) == {"value": {"loss": 2.0, "seed": 0}}
    assert main(["run", "swept:main", "model=Model(2)", "fail=true", "--result", "no.json"]) == 1
    assert not Path("no.json").exists()


def test_a_graph_in_a_pickle(folder, capsys):
    import pickle

    import bytefig.configs as cfg

    (folder / "graph.pickle").write_bytes(pickle.dumps(cfg.Config(dict, a=1)))
    words = ["run", "--config", "graph.pickle"]
    assert main(words) == 2
    assert "is a pickle, which can run any code" in capsys.readouterr().err
    assert main([*words, "--allow-import", "pickle"]) == 0
    assert capsys.readouterr().out == "{'a': 1}\n"
    (folder / "graph.pickle").write_bytes(b"nonsense")
    assert main([*words, "--allow-import", "pickle"]) == 2
    assert main(["run", "--config", "no.pickle", "--allow-import", "pickle"]) == 2
