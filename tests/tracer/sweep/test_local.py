"""Trials in processes of this machine."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bytefig.configs import Config
from bytefig.tracer.sweep import (
    Engine,
    Folder,
    Local,
    ResultError,
    Results,
    run_trials,
    sweep,
)
from bytefig.tracer.sweep.engine import drive
from bytefig.tracer.sweep.journal import attempts_of

pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_threads]


def swept_over(swept, path, values, **more):
    return sweep(Config(swept.main, Config(swept.Model), **more), {path: values})


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
    return found


def test_results_and_what_goes_wrong(swept, tmp_path):
    pytest.importorskip("click")
    acts = ["", "raise", "exit", "quiet exit", "kill", "nothing", "set"]
    found = swept_over(swept, "act", acts, seed=3)
    progress = []
    results = found.run(Local(jobs=2), out=tmp_path / "a", progress=progress.append)
    by_act = {result.point["act"]: result for result in results}
    assert {act: result.status.value for act, result in by_act.items()} == {
        "": "done",
        "raise": "failed",
        "exit": "failed",
        "quiet exit": "failed",
        "kill": "failed",
        "nothing": "done",
        "set": "done",
    }
    assert by_act[""].result == by_act[""].value == {"loss": 4.0, "seed": 3}
    assert by_act["nothing"].result is None
    assert by_act["set"].result == {1, 2} and by_act["set"].value is None
    assert by_act["raise"].reason == "it ended with exit code 1"
    assert by_act["exit"].reason == "it ended with exit code 7"
    assert by_act["quiet exit"].reason == "it ended without a result"
    assert "SIGKILL; the system does that when it has no memory left" in by_act["kill"].reason
    assert "ValueError: unlucky" in by_act["raise"].log and "hidden 4 raise" in by_act["raise"].log
    with pytest.raises(ResultError, match="it is failed"):
        by_act["kill"].result  # noqa: B018
    (number, said), *rest = attempts_of(results.folder.trial(by_act["raise"].id))
    assert (number, rest) == (1, []) and "ValueError: unlucky" in said["log_end"]
    assert said["pid"] == os.getpid() and said["exit"] == 1
    assert sum(progress[-1].values()) == 7 and progress[-1]["failed"] == 4
    assert repr(results).endswith("3 done, 4 failed>")
    row = results.table()[acts.index("set")]
    assert (row["type"], row["status"], row["result"]) == ("builtins:set", "done", None)
    assert results.best("loss").point == {"act": ""}
    assert [each.id for each in results[:2]] == [results[0].id, results[1].id]
    with pytest.raises(ResultError, match="no trial has a number as its result nope"):
        results.best("nope")
    # Going on runs nothing again, but what failed if that is asked for.
    files = {file: file.stat().st_mtime_ns for file in results.folder.root.rglob("result.json")}
    again = found.run(out=tmp_path / "a")
    assert again.counts == results.counts
    again = swept_over(swept, "act", ["exit"], seed=3).run(out=tmp_path / "a", retry=True)
    assert again.counts == results.counts
    tries = {each.point["act"]: len(attempts_of(again.folder.trial(each.id))) for each in again}
    assert tries == {act: 1 + (by_act[act].status == "failed") for act in acts}
    assert files == {file: file.stat().st_mtime_ns for file in files}


def test_the_trials_of_a_folder_by_other_engines(swept, tmp_path):
    class InTurn:
        """The least that an engine does."""

        def submit(self, folder, ids, allow):
            self.left = [(folder, each, allow) for each in ids]

        def poll(self):
            if self.left:
                folder, trial, allow = self.left.pop()
                run_trials(folder.root, [trial], allow=allow)
            return bool(self.left)

        def cancel(self):
            self.left = []

    assert isinstance(InTurn(), Engine) and isinstance(Local(), Engine)
    results = swept_over(swept, "model.hidden", [1, 2]).run(InTurn(), out=tmp_path / "a")
    assert [result.result["loss"] for result in results] == [1.0, 2.0]
    assert results.best("loss", maximize=True).point == {"model.hidden": 2}


def test_fail_fast_stops_and_what_was_stopped_goes_on(swept, tmp_path):
    found = swept_over(swept, "act", ["raise", "sleep 30", "a", "b"])
    results = found.run(Local(2), out=tmp_path / "a", fail_fast=True)
    counts = results.counts
    assert counts["failed"] == 1 and counts["running"] == 0 and counts["waiting"] >= 2
    sleeper = results.folder.trial(results[1].id)
    assert [said["outcome"] for _, said in attempts_of(sleeper)] == ["stopped"]


def test_cancel_from_elsewhere(swept, tmp_path):
    folder = swept_over(swept, "act", ["sleep 30", "sleep 31"]).save(tmp_path / "a")
    seen = []

    def progress(counts):
        if counts["running"] == 2 and not seen:
            seen.append(counts)
            Folder.at(tmp_path / "a").cancel()

    ledger = drive(Local(2), folder, ["to_sweep"], progress=progress)
    assert ledger.counts()["waiting"] == 2
    assert [len(attempts_of(folder.trial(each))) for each in ledger.entries] == [1, 1]


def test_what_a_trial_starts_ends_with_it(swept, tmp_path):
    mark = tmp_path / "mark"
    act = f"family {mark} 1.5"
    results = swept_over(swept, "act", [act]).run(out=tmp_path / "a")
    assert results[0].status == "done" and mark.read_text() == "on"
    said = str(mark).encode()
    left = [
        file.parent.name
        for file in Path("/proc").glob("[0-9]*/cmdline")
        if said in file.read_bytes() and is_running(file.parent.name)
    ]
    assert left == []


def test_a_trial_that_somebody_else_has_taken_over(swept, tmp_path):
    folder = swept_over(swept, "act", ["sleep 30"]).save(tmp_path / "a")
    (trial,) = folder.ledger().entries
    engine = Local(beat=0.1)
    engine.submit(folder, [trial], ["to_sweep"])
    engine.poll()
    (folder.trial(trial) / "attempt-2.json").write_text('{"worker": "another"}')
    try:
        wait_for(lambda: not engine.poll())
    finally:
        engine.cancel()
    (_, said), _ = attempts_of(folder.trial(trial))
    assert (said["outcome"], said["reason"]) == ("stopped", "somebody else has taken it over")


def test_of_two_results_one_is_kept(swept, tmp_path):
    folder = swept_over(swept, "act", ["sleep 0.5"]).save(tmp_path / "a")
    (trial,) = folder.ledger().entries
    engine = Local()
    engine.submit(folder, [trial], ["to_sweep"])
    engine.poll()
    assert folder.publish(trial, '{"value": "of another"}\n')
    try:
        wait_for(lambda: not engine.poll())
    finally:
        engine.cancel()
    (result,) = Results(folder, folder.ledger())
    assert result.result == "of another"
    assert attempts_of(folder.trial(trial))[0][1]["outcome"] == "stopped"


def test_a_claim_of_a_worker_elsewhere_is_waited_for(swept, tmp_path):
    folder = swept_over(swept, "act", ["a", "b"]).save(tmp_path / "a")
    first, second = folder.ledger().entries
    (folder.root / "workers").mkdir()
    (folder.root / "workers" / "far.json").write_text('{"kernel": "x", "count": 1}')
    (folder.trial(first) / "attempt-1.json").write_text('{"worker": "far"}')
    engine = Local(beat=0.05, patience=1.5)
    start = time.monotonic()
    ledger = drive(engine, folder, ["to_sweep"])
    assert time.monotonic() - start >= 1.5
    assert ledger.counts()["done"] == 2
    attempts = attempts_of(folder.trial(first))
    assert [said.get("outcome") for _, said in attempts] == ["stopped", "done"]
    assert attempts[0][1]["reason"] == "its worker was gone"
    assert len(attempts_of(folder.trial(second))) == 1


def test_a_graph_that_was_changed_is_a_failure(swept, tmp_path):
    folder = swept_over(swept, "act", ["a"]).save(tmp_path / "a")
    (trial,) = folder.ledger().entries
    folder.graph_file(trial).write_text("{}")
    ledger = drive(Local(), folder, ["to_sweep"])
    assert "was changed" in ledger.entries[trial].reason


def test_functions_by_value_run(tmp_path, monkeypatch):
    pytest.importorskip("cloudpickle")
    monkeypatch.chdir(tmp_path)
    weight = 3
    found = sweep(Config(lambda seed: {"loss": seed * weight}, 0), {"seed": [1, 2]})
    results = found.run(Local(2), out="a")
    assert [result.result["loss"] for result in results] == [3, 6]
    file = results.folder.graph_file(results[0].id)
    assert file.suffix == ".pickle" and pickle.loads(file.read_bytes()).seed == 1


def test_a_folder_that_is_made_for_it(swept):
    results = swept_over(swept, "model.hidden", [1]).run()
    assert results[0].result["loss"] == 1.0
    assert json.loads((results.folder.root / "sweep.json").read_text())["target"] == ""


def test_a_script_that_sweeps_when_it_is_imported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "unguarded.py").write_text(
        "from bytefig.tracer.sweep import sweep\n"
        "def train(seed: int = 0): return seed\n"
        "results = sweep(train, {'seed': [1, 2]}).run(out='runs')\n"
        "print(results.table()[0]['reason'], results[0].log)\n"
    )
    command = [sys.executable, "unguarded.py"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "ended with exit code" in run.stdout, run.stderr
    assert "a trial imports this script, which runs the sweep again" in run.stdout


def test_a_trial_may_sweep_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nested.py").write_text(
        "from bytefig.tracer.sweep import sweep\n"
        "def train(seed: int = 0): return seed\n"
        "def both(start: int):\n"
        "    results = sweep(train, {'seed': [start, start + 1]}).run()\n"
        "    return [each.result for each in results]\n"
        "if __name__ == '__main__':\n"
        "    print(sweep(both, {'start': [1]}).run(out='runs')[0].result)\n"
    )
    command = [sys.executable, "nested.py"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.stdout == "[1, 2]\n", run.stderr


def test_jobs_are_at_least_one():
    with pytest.raises(ValueError, match="jobs"):
        Local(0)


def test_a_keeper_that_was_killed_is_no_matter(swept, tmp_path):
    folder = swept_over(swept, "act", ["a", "b"]).save(tmp_path / "a")
    engine = Local()
    engine.submit(folder, list(folder.ledger().entries), ["to_sweep"])
    engine.poll()
    os.kill(engine._keeper._keeper.pid, signal.SIGKILL)
    try:
        wait_for(lambda: not engine.poll())
    finally:
        engine.cancel()
    assert folder.ledger().counts()["done"] == 2


def test_a_trial_ends_its_group_when_its_parent_is_gone(monkeypatch):
    from bytefig.tracer.sweep import processes

    killed = threading.Event()
    monkeypatch.setattr(os, "killpg", lambda group, number: killed.set())
    reader, writer = os.pipe()
    for value in ("", "x y", f"{reader} 1", "100000 5"):
        monkeypatch.setenv("_BYTEFIG_PARENT", value)
        processes.end_with_parent()  # of another pipe, or none
    monkeypatch.setenv("_BYTEFIG_PARENT", f"{reader} {os.fstat(reader).st_ino}")
    processes.end_with_parent()
    processes.trial_begins()
    assert "_BYTEFIG_PARENT" not in os.environ and not killed.is_set()
    os.close(writer)
    assert killed.wait(20)
    os.close(reader)
    assert sys.platform != "emscripten"


def test_the_engine_of_the_guide(swept, tmp_path, monkeypatch):
    program = Path(sys.executable).with_name("bytefig")
    if not program.exists():
        pytest.skip("the command is not installed")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    page = Path(__file__).parents[3] / "docs" / "guide" / "reference" / "sweeps.md"
    (block,) = (
        part.removeprefix("python\n")
        for part in page.read_text("utf-8").split("```")
        if "class Hosts" in part
    )
    names = {}
    exec(block, names)
    assert len([line for line in block.split("class Hosts")[1].splitlines() if line]) <= 20
    engine = names["Hosts"](["env"], ["nice"])
    results = swept_over(swept, "model.hidden", [1, 2, 3]).run(engine, out=tmp_path / "a")
    assert [result.result["loss"] for result in results] == [1.0, 2.0, 3.0]
    assert [len(attempts_of(results.folder.trial(each.id))) for each in results] == [1, 1, 1]
