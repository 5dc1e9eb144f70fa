"""Presets on the command line, and graphs whose root is run."""

from __future__ import annotations

import sys

import pytest

click = pytest.importorskip("click")

from bytefig.tracer.cli.entry import main  # noqa: E402

SOURCE = """
from dataclasses import dataclass, field
from typing import Annotated
from bytefig.configs import Config, Partial
from bytefig.tracer import auto_config, autobuild, autoconvert

@dataclass
class Model:
    width: int = 8

@auto_config
def big(width: int = 64) -> Model:
    return Model(width)

def broken() -> Config[Model]:
    return helper()

def helper():
    raise RuntimeError("in the preset")

def train(model: Model, epochs: int = 1):
    print("trained", model, epochs)

@autoconvert
def fit(model: Model):
    print("fitted", type(model).__name__, model.width)

def recipe(width: int = 4) -> Partial[None]:
    return Partial(train, model=Config(Model, width), epochs=2)

def converted() -> Partial[None]:
    return Partial(fit, Config(Model, 5))

def called() -> Config[None]:
    return Config(train, Config(Model, 6))

def lacking() -> Partial[None]:
    return Partial(train)

@autobuild(partial=True)
def loop():
    return train(Model(7))

@auto_config
def surrounded():
    say("before")
    result = train(Model(9))
    say("after")
    return result

def say(text: str):
    print(text)

@dataclass
class Stack:
    top: Model = field(default_factory=Model)
    count: int = 1

def stacked(stack: Stack = Stack(Model(3)), other: Annotated[Model | None, Config[Model]] = None):
    print(stack, other)

def stack() -> Config[None]:
    return Config(stacked, Stack(count=2), None)

async def awaited(n: int):
    print("awaited", n)

def later() -> Partial[None]:
    return Partial(awaited, 3)
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "recipes_here.py").write_text(SOURCE)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["run", *words])
        found = capsys.readouterr()
        return code, found.out, found.err

    yield call
    sys.modules.pop("recipes_here", None)


TRAIN = "recipes_here:train"


@pytest.mark.parametrize(
    "words, width",
    [
        (("--model=big",), 64),
        (("model=big",), 64),
        (("model=big(8)",), 8),
        (("model=big", "model.width=3"), 3),
        (("--model=big(width=1)", "model.width=3"), 3),
    ],
)
def test_the_target_gets_a_built_object(run, words, width):
    assert run(TRAIN, *words) == (0, f"trained Model(width={width}) 1\n", "")
    code, out, _ = run(TRAIN, *words, "--dry-run")
    assert code == 0
    assert out == f"<Config[train]>\n└── model: <Config[Model]>\n    └── width = {width}\n"


def test_what_a_preset_raises_is_shown_as_the_user_s(run):
    code, out, err = run(TRAIN, "model=broken")
    assert (code, out) == (1, "")
    lines = [line for line in err.splitlines() if line.startswith("  File")]
    assert [line.rpartition(", in ")[2] for line in lines] == ["broken", "helper"]
    assert err.endswith("RuntimeError: in the preset\n")


def test_presets_are_listed_and_not_run(run):
    code, out, _ = run(TRAIN, "--help")
    assert code == 0
    assert "--model: Model  (required)\n      presets: big, broken\n" in out
    assert "--epochs: int = 1\n" in out


@pytest.mark.parametrize(
    "name, words, printed",
    [
        ("recipe", (), "trained Model(width=4) 2\n"),
        ("recipe", ("--width=9", "epochs=3"), "trained Model(width=9) 3\n"),
        ("recipe", ("model.width=1",), "trained Model(width=1) 2\n"),
        ("converted", (), "fitted Config 5\n"),
        ("called", (), "trained Model(width=6) 1\n"),
        ("loop", (), "trained Model(width=7) 1\n"),
        ("later", (), "awaited 3\n"),
    ],
)
def test_a_recipe_is_run(run, tmp_path, name, words, printed):
    assert run(f"recipes_here:{name}", *words) == (0, printed, "")
    assert "trained" not in run(f"recipes_here:{name}", *words, "--dry-run", "--save=r.json")[1]
    assert run("--config=r.json", "--allow-import=recipes_here") == (0, printed, "")


def test_a_recipe_that_lacks_an_argument_is_refused_before_it_runs(run):
    code, out, err = run("recipes_here:lacking")
    assert (code, out) == (2, "")
    assert "<root>.model is not set: train needs it" in err
    assert run("recipes_here:lacking", "model=big")[1] == "trained Model(width=64) 1\n"


def test_effects_of_a_root_that_is_called(run):
    lines = ["before", "trained Model(width=3) 1", "after"]
    assert run("recipes_here:surrounded", "model.width=3") == (0, "\n".join([*lines, ""]), "")


@pytest.mark.parametrize(
    "words, expected",
    [
        (("stacked",), "Stack(top=Model(width=3), count=1) Model(width=8)"),
        (("stacked", "stack.top.width=4"), "Stack(top=Model(width=4), count=1) Model(width=8)"),
        (("stacked", "other.width=2"), "Stack(top=Model(width=3), count=1) Model(width=2)"),
        (("stacked", "other=None"), "Stack(top=Model(width=3), count=1) None"),
        (("stack", "stack.top.width=4"), "Stack(top=Model(width=4), count=2) None"),
    ],
)
def test_paths_lead_into_instances_and_nodes_that_annotations_ask_for(run, words, expected):
    target, *changes = words
    code, out, err = run(f"recipes_here:{target}", *changes)
    assert (code, err, out.strip()) == (0, "", expected)
