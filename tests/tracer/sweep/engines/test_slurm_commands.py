"""What Slurm is told and asked, with programs that stand for its own: they run arrays at once."""

import os
import signal
import sys
from pathlib import Path

import pytest

from bytefig.tracer.cli.entry import main
from bytefig.tracer.sweep.engines import EngineError
from bytefig.tracer.sweep.engines.slurm import Queue, Slurm, ending_in

pytest.importorskip("click")
pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_threads]

SBATCH = """#!{python}
import os, re, subprocess, sys
if "--version" in sys.argv:
    print("slurm 22.05")
elif "--help" in sys.argv:
    print("  -p, --partition=partition   what\\n      --mem=MB  memory\\n  -a, --array=what")
elif "--partition=moon" in sys.argv:
    sys.exit("sbatch: error: invalid partition specified: moon")
else:
    options = dict(word[2:].split("=", 1) for word in sys.argv[1:] if "=" in word)
    print(sys.argv[1:], file=open("{here}/sbatch.txt", "a"))
    first, last, at_once = re.fullmatch(r"(\\d+)-(\\d+)(%\\d+)?", options["array"]).groups()
    print("7;a cluster")
    for index in range(int(first), int(last) + 1):
        if os.path.exists(f"{here}/lost-{{index}}"):
            os.unlink(f"{here}/lost-{{index}}")
            continue
        name = options["output"].replace("%A", "7").replace("%a", str(index)).replace("%%", "%")
        task = {{"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": str(index)}}
        with open(name, "a") as log:
            words = ["sh", sys.argv[-1]]
            subprocess.run(words, env={{**os.environ, **task}}, stdout=log, stderr=log)
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch, grid):
    """The programs, in the order in which they are looked for."""
    place = tmp_path / "bin"
    place.mkdir()
    write(place / "sbatch", SBATCH.format(python=sys.executable, here=tmp_path))
    write(place / "squeue", "#!/bin/sh\nexit 0\n")
    write(place / "scancel", f"#!/bin/sh\necho $* >> {tmp_path}/scancel.txt\n")
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("bytefig.tracer.sweep.engines.slurm._ASK", 0.1)
    return place


def write(program, text):
    program.write_text(text)
    program.chmod(0o755)


def test_an_array_of_the_same_command(slurm, grid, tmp_path, capfd):
    grid.made([1, 2])
    words = ["sweep", str(grid.root), "--engine", "slurm", "--jobs", "2", "--set", "partition=a b"]
    assert main(words) == 0, capfd.readouterr().err
    grid.check([1, 2])
    (said,) = (tmp_path / "sbatch.txt").read_text().splitlines()
    for word in ("'--array=0-1%2'", "'--partition=a b'", "'--parsable'", "'--job-name=runs'"):
        assert word in said
    (attempt,) = grid.attempts(2)
    assert (attempt["engine"], attempt["engine_id"]) == ("slurm", "7_1")
    log = Path(attempt["engine_log"]).read_text()
    assert log.startswith("begins: ")
    # What became of it is told by --logs as well.
    (trial,) = [
        each.name for each in (grid.root / "trials").iterdir() if '"x": 2' in
        (each / "point.json").read_text()
    ]  # fmt: skip
    assert main(["sweep", str(grid.root), "--logs", trial]) == 0
    shown = capfd.readouterr().err
    assert "attempt 1: slurm 7_1 on " in shown and "; done\n" in shown
    assert f"  see also {attempt['engine_log']}\n" in shown


def test_one_that_was_cancelled_before_it_began(slurm, grid, tmp_path, capfd):
    (tmp_path / "lost-1").touch()
    grid.made([1, 2])
    assert main(["sweep", str(grid.root), "--engine", "slurm"]) == 1
    assert "x=2 held=false: it was cancelled before it began" in capfd.readouterr().err.replace(
        "False", "false"
    )
    assert main(["sweep", str(grid.root)]) == 0
    grid.check([1, 2])


def test_one_trial_only(grid, capfd):
    grid.made([1, 2])
    (one, other) = sorted(each.name for each in (grid.root / "trials").iterdir())
    assert main(["sweep", str(grid.root), "--only", one[:6]]) == 1
    assert (grid.root / "trials" / one / "result.json").exists()
    assert not (grid.root / "trials" / other / "result.json").exists()


def test_it_is_told_to_end(grid, tmp_path, monkeypatch):
    """What Slurm has written to the log of the task, the attempt says."""
    from bytefig.tracer.sweep.engines import slurm
    from bytefig.tracer.sweep.jobs import Job

    folder = grid.made([1], [True])
    (trial,) = folder.ledger().entries
    log = tmp_path / "task.log"
    log.write_text("begins: now\nslurmstepd: error: *** JOB 7 ON a CANCELLED AT 12 ***\n")
    monkeypatch.setattr(slurm, "own_log", lambda: str(log))
    monkeypatch.setattr("bytefig.tracer.sweep.jobs.own_log", lambda: str(log))
    job = Job.begin(folder, "slurm")
    is_wanted, told = Job.is_wanted, []

    def look(self):
        if not told and grid.attempts(1):
            told.append(os.kill(os.getpid(), signal.SIGTERM))
        return is_wanted(self)

    monkeypatch.setattr(Job, "is_wanted", look)
    before = signal.getsignal(signal.SIGTERM)
    slurm.work_for(folder, job.name, trial, [])
    assert signal.getsignal(signal.SIGTERM) == before
    (said,) = grid.attempts(1)
    assert said["reason"] == "Slurm: CANCELLED AT 12" and said["engine_log"] == str(log)
    assert not grid.left()


@pytest.mark.parametrize(
    ("log", "reason", "again"),
    [
        (None, "it was cancelled before it began", False),
        ("begins: 1\n", "", True),
        ("begins: 1\n*** JOB 3 ON a CANCELLED AT 4 ***\n", "Slurm: CANCELLED AT 4", False),
        (
            "begins: 1\n*** JOB 3 ON a CANCELLED AT 4 DUE TO TIME LIMIT ***\n",
            "Slurm: CANCELLED AT 4 DUE TO TIME LIMIT",
            False,
        ),
        (
            "begins: 1\n*** JOB 3 ON a CANCELLED AT 4 DUE TO NODE FAILURE ***\n",
            "Slurm: CANCELLED AT 4 DUE TO NODE FAILURE",
            True,
        ),
        (
            "begins: 1\n*** STEP 3.0 ON a CANCELLED AT 4 DUE TO JOB REQUEUE ***\n",
            "it was cancelled while it waited to begin again",
            False,
        ),
        ("begins: 1\n*** JOB 3 ON a CANCELLED AT 4 DUE TO JOB REQUEUE ***\nbegins: 2\n", "", True),
    ],
)
def test_what_a_log_says(tmp_path, log, reason, again):
    if log is not None:
        (tmp_path / "log").write_text(log)
    found = ending_in(tmp_path / "log")
    assert (found.reason, found.again) == (reason, again)


def test_what_it_does_not_take(slurm, grid):
    with pytest.raises(EngineError, match=r"no option --partitoin; did you mean 'partition'\?"):
        Slurm(partitoin="a")
    with pytest.raises(EngineError, match="array is set for sbatch already"):
        Slurm(array="1-3")
    grid.made([1])
    with pytest.raises(EngineError, match="invalid partition specified: moon"):
        grid.run(Slurm(partition="moon"))
    assert grid.attempts(1) == []


def test_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="there is no sbatch here"):
        Slurm()


def test_a_queue_that_does_not_answer(slurm):
    write(slurm / "squeue", "#!/bin/sh\necho Unable to contact the controller >&2; exit 1\n")
    assert Queue().left(["7"]) is None
    write(slurm / "squeue", "#!/bin/sh\necho Invalid job id specified >&2; exit 1\n")
    queue = Queue()
    assert queue.left(["7"]) == set() and queue.left(["7"]) is None
    write(slurm / "squeue", "#!/bin/sh\necho 7_1; echo 7_2\n")
    assert Queue().left(["7"]) == {"7_1", "7_2"}


def test_stopped_while_tasks_are_left(slurm, grid, tmp_path, once):
    for index in (0, 1):
        (tmp_path / f"lost-{index}").touch()
    write(slurm / "squeue", f"#!/bin/sh\ntest -e {tmp_path}/scancel.txt || echo 7_0 7_1\n")
    folder = grid.made([1, 2])
    found = grid.run(Slurm(), folder.cancel)
    assert found.counts["waiting"] == 2 and (tmp_path / "scancel.txt").read_text() == "7\n"
