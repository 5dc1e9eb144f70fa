"""Completion: what is offered, and that the shells themselves offer it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

click = pytest.importorskip("click")

from bytefig.tracer.cli.completion import complete  # noqa: E402
from bytefig.tracer.cli.entry import main  # noqa: E402
from bytefig.tracer.cli.shells import script_for, split_line  # noqa: E402

SOURCE = """
import enum
from typing import Literal
from bytefig.configs import Config
from bytefig.tracer import script

print("imported")

class Act(enum.Enum):
    RELU = 1
    TANH = 2

class Model:
    def __init__(self, width: int = 8, act: Act = Act.RELU, kind: Literal["bf16-mixed", 3] = 3): ...

class Deep(Model):
    def __init__(self, depth: int = 1, inner: Model | None = None): ...

def big(n: int = 1) -> Config[Model]:
    raise AssertionError("a preset runs")

@script
def train(model: Model, epochs: int = 1, /, verbose: bool = False, *, mode: Act | None = None):
    raise AssertionError("the target runs")

READY = Config(Model)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "to_complete.py").write_text(SOURCE)
    (tmp_path / "fails_at_once.py").write_text("raise SystemExit(3)")
    (tmp_path / "graph.yaml").write_text("{}")
    yield tmp_path
    for name in ("to_complete", "fails_at_once"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "words, begun, expected",
    [
        ("", "", ["run ", "sweep ", "show ", "explain ", "diff ", "profile "]),
        ("", "ex", ["explain "]),
        ("nothing", "", []),
        ("run", "to_", ["to_complete:"]),
        ("run", "to_complete:t", ["to_complete:train "]),
        ("run", "gr", ["graph.yaml "]),
        ("diff to_complete:train", "gr", ["graph.yaml "]),
        ("run to_complete:train --config", "gr", ["graph.yaml "]),
        ("run --dry", "--dry", ["--dry-run "]),
        ("run to_complete:train", "mo", ["model=", "mode="]),
        ("run to_complete", "mo", ["model=", "mode="]),
        ("run to_complete train", "ep", ["epochs="]),
        ("run to_complete:train", "--mod", ["--model=", "--mode="]),
        ("run to_complete:train", "--dr", ["--dry-run "]),
        ("show to_complete:train", "--def", ["--defaults "]),
        ("run to_complete:train", "-x", []),
        ("run to_complete:train", "model=", ["model=big ", "model=Deep ", "model=Model "]),
        ("run to_complete:train", "--model=b", ["--model=big "]),
        ("run to_complete:train --model", "", ["big ", "Deep ", "Model "]),
        ("run to_complete:train --model", "D", ["Deep "]),
        ("run to_complete:train", "model.w", ["model.width="]),
        ("run to_complete:train", "--model.w", ["--model.width="]),
        ("run to_complete:train", "model.act=", ["model.act=RELU ", "model.act=TANH "]),
        ("run to_complete:train", "model.kind=", ["model.kind=bf16-mixed ", "model.kind=3 "]),
        ("run to_complete:train", "verbose=T", ["verbose=True "]),
        ("run to_complete:train", "mode=N", ["mode=None "]),
        ("run to_complete:train model=Deep(2)", "model.", ["model.depth=", "model.inner="]),
        ("run to_complete:train model=Deep", "model.inner.k", ["model.inner.kind="]),
        ("run to_complete:train model=big", "model.k", ["model.kind="]),
        ("run to_complete:train model=nope", "model.k", []),
        ("run to_complete:train", "nope.", []),
        ("run to_complete:train", "epochs=", []),
        ("run --allow-import json to_complete:train --save x.json", "ve", ["verbose="]),
        ("run to_complete:READY", "w", []),
        ("run fails_at_once:x", "--dry", ["--dry-run "]),
        ("run not_there:x", "y", []),
    ],
)
def test_what_is_offered(folder, words, begun, expected):
    assert complete(words.split(), begun) == expected


@pytest.mark.parametrize(
    "line, expected",
    [
        ("", ([], "")),
        ("bytefig", ([], "bytefig")),
        ("bytefig ", ([], "")),
        ("bytefig run 'a b' c", (["run", "a b"], "c")),
        ('bytefig run --x="a', (["run"], "--x=a")),
    ],
)
def test_the_words_of_a_line(line, expected):
    assert split_line(line) == expected


@pytest.mark.parametrize(
    "shell, line, printed",
    [
        ("zsh", "bytefig run to_complete:train model=b", "model=big \n"),
        # What bash takes for the last word begins behind the sign.
        ("bash", "bytefig run to_complete:train model=b", "big \n"),
        ("bash", "bytefig run to_complete:tr", "train \n"),
        ("fish", "bytefig run to_complete:train mod", "model=\nmode=\n"),
    ],
)
def test_a_shell_asks(folder, monkeypatch, capsys, shell, line, printed):
    monkeypatch.setenv("_BYTEFIG_COMPLETE", shell)
    monkeypatch.setenv("_BYTEFIG_LINE", line)
    assert main([]) == 0
    assert capsys.readouterr().out == printed


def test_a_script_asks_for_itself(folder, monkeypatch, capsys):
    monkeypatch.setenv("_BYTEFIG_COMPLETE", "zsh")
    monkeypatch.setenv("_BYTEFIG_LINE", "./to_complete.py --mode=R")
    assert main([], ["run", "to_complete:train"]) == 0
    assert capsys.readouterr().out == "--mode=RELU \n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_code_for_a_shell(folder, monkeypatch, capsys, shell):
    assert main(["--show-completion", shell]) == 0
    printed = capsys.readouterr().out
    assert printed == script_for(shell, "bytefig")
    monkeypatch.setattr(sys, "argv", ["./to_complete.py"])
    assert main(["--show-completion", shell], ["run", "to_complete:train"]) == 0
    assert capsys.readouterr().out == script_for(shell, "to_complete.py")
    assert main(["--show-completion", "csh"]) == 2


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_takes_the_code(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    checked = subprocess.run([shell, "-n"], input=script_for(shell, "x"), text=True)
    assert checked.returncode == 0
