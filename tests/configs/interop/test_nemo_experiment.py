"""Graphs in an experiment of NeMo Run, and in the YAML that it reads and writes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

run = pytest.importorskip("nemo_run")
yaml = pytest.importorskip("yaml")
pytest.importorskip("ruamel.yaml")
pytest.importorskip("click")

from fractions import Fraction  # noqa: E402

from bytefig.configs import Config, Partial  # noqa: E402
from bytefig.configs.for_tracer import nested_yaml  # noqa: E402
from bytefig.configs.interop import from_nemo_run, to_nemo_run  # noqa: E402
from bytefig.tracer.cli.entry import main  # noqa: E402

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "nemo_run"
GUIDE = EXAMPLE.parents[1] / "guide" / "how-to" / "nemo-run.md"


@pytest.mark.needs_subprocess
def test_graphs_run_in_an_experiment(tmp_path):
    found = subprocess.run(
        [sys.executable, "-W", "ignore", EXAMPLE / "experiment.py"],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "NEMORUN_HOME": str(tmp_path),
            # It starts `python`, and imports what the task names.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(EXAMPLE), os.environ.get("PYTHONPATH", "")]),
        },
    )
    ends = ("at rate 0.75", "at rate 0.25", "at rate 0.125", ": SUCCEEDED")
    lines = [line for line in found.stdout.splitlines() if not line.startswith("- ")]
    printed = [line for line in lines if line.endswith(ends)]
    assert len(printed) == 6
    text = GUIDE.read_text(encoding="utf-8")
    assert all(line in text for line in printed), printed


def graph_to_write():
    half = Config(Fraction, numerator=1, denominator=2)
    return Partial(dict, half=half, parts=[half, "text", None, 2.5])


def test_yaml_that_nemo_run_writes_is_what_is_written_here():
    serializer = pytest.importorskip("nemo_run.core.serialization.yaml").YamlSerializer()
    theirs = yaml.safe_load(serializer.serialize(to_nemo_run(graph_to_write())))
    assert theirs == yaml.safe_load(nested_yaml(graph_to_write()))


def test_yaml_of_each_is_read_by_the_other(tmp_path, monkeypatch, capsys):
    serializer = pytest.importorskip("nemo_run.core.serialization.yaml").YamlSerializer()
    graph = Partial(Fraction, numerator=3)
    assert from_nemo_run(serializer.deserialize(nested_yaml(graph))) == graph
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "yaml_of_both.py").write_text(
        "from fractions import Fraction\ndef show(part): print(repr(part))\n"
    )
    text = yaml.safe_dump(
        {"part": yaml.safe_load(serializer.serialize(to_nemo_run(Config(Fraction, 3, 4))))}
    )
    (tmp_path / "task.yaml").write_text(text)
    assert main(["run", "yaml_of_both:show", "--config", "task.yaml"]) == 0
    assert capsys.readouterr().out == "Fraction(3, 4)\n"
