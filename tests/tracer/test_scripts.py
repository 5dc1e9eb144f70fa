"""``script`` and ``main``."""

from __future__ import annotations

import functools
import subprocess
import sys
from types import ModuleType

import pytest

from bytefig.tracer import NoScriptError, TracerError, auto_config, script
from bytefig.tracer.scripts import is_script, script_of


def module_with(source: str, name: str = "scripts_under_test") -> ModuleType:
    module = ModuleType(name)
    exec(f"from bytefig.tracer import script, main\nimport functools\n{source}", vars(module))
    return module


def test_it_marks_bare_and_called():
    @script
    def bare(): ...

    @script()
    def called(): ...

    def plain(): ...

    assert is_script(bare) and is_script(called) and not is_script(plain)
    assert bare() is None


def test_what_is_made_of_a_script_is_one():
    @auto_config
    @script
    def build():
        return dict(a=1)

    @script
    @auto_config
    def other():
        return dict(a=1)

    @functools.wraps(build)
    def wrapper(): ...

    assert is_script(build) and is_script(other) and is_script(wrapper)


@pytest.mark.parametrize("wrong", [3, "f", None.__class__, len])
def test_what_cannot_be_marked(wrong):
    with pytest.raises(TypeError, match="fix: decorate a function") as caught:
        script(wrong)
    assert __file__ in str(caught.value)


def test_an_object_that_answers_with_an_error_is_no_script():
    class Odd:
        def __getattr__(self, name):
            raise RuntimeError(name)

    assert not is_script(Odd())


def test_the_script_of_a_module():
    one = module_with("@script\ndef train(): ...\nagain = train\ndef other(): ...")
    assert script_of(one) == "train"
    assert script_of(one, "train") == "train"
    two = module_with("@script\ndef train(): ...\n@script\ndef test(): ...")
    assert script_of(two, "test") == "test"
    with pytest.raises(NoScriptError, match="several functions are marked by @script: test, train"):
        script_of(two)
    with pytest.raises(NoScriptError, match="no function called x is marked"):
        script_of(two, "x")
    with pytest.raises(NoScriptError, match="no function is marked by @script"):
        script_of(module_with(""))
    # One that is imported from elsewhere is not this module's.
    elsewhere = module_with("")
    elsewhere.train = one.train
    elsewhere.train.__module__ = "another"
    with pytest.raises(NoScriptError) as caught:
        script_of(elsewhere)
    assert isinstance(caught.value, LookupError) and isinstance(caught.value, TracerError)


SOURCE = """
SEEN = []

@script
def train(size: int, name: str = "x"):
    SEEN.append((size, name))
    if size == 13:
        raise ValueError("unlucky")

def start(*argv):
    main(argv=argv)
"""


@pytest.fixture
def app(monkeypatch):
    pytest.importorskip("click")
    module = module_with(SOURCE)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_main_runs_the_calling_modules_script(app, capsys):
    assert app.start("--size=3", "name=a=b") is None
    assert app.SEEN == [(3, "a=b")]
    app.start("--size=3", "--dry-run")
    assert "size = 3" in capsys.readouterr().out
    assert app.SEEN == [(3, "a=b")]


def test_main_takes_the_arguments_of_the_process(app, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["train.py", "--size=4"])
    exec("main()", vars(app))
    assert app.SEEN == [(4, "x")]


def test_main_exits_with_the_code(app, capsys):
    with pytest.raises(SystemExit) as caught:
        app.start("--size=x")
    assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        app.start("--size=13")
    assert caught.value.code == 1
    assert "ValueError: unlucky" in capsys.readouterr().err


def test_main_without_a_script(app):
    with pytest.raises(NoScriptError, match="no function called nothing is marked"):
        exec("main('nothing')", vars(app))
    with pytest.raises(NoScriptError, match="there is no module"):
        exec("from bytefig.tracer import main\nmain()", {"__name__": "no_such_module"})


SCRIPT = '''
import enum
import json
from dataclasses import dataclass, field
from typing import Literal
from bytefig.configs import Config, dump_json, load_json
from bytefig.tracer import autoconvert, main, script

class Act(enum.Enum):
    RELU = 1
    TANH = 2

@dataclass
class Model:
    width: int = 8
    act: Act = Act.RELU
    sizes: list[int] = field(default_factory=list)

def big(width: int = 64) -> Config[Model]:
    return Config(Model, width)

@script
def train(
    model: Model,
    act: Act = Act.RELU,
    kind: Literal["a-b", "c"] = "c",
    *more: int,
    fast: bool = False,
):
    """Train a model.

    Args:
        model: What is
            trained.
    """
    if more:
        text = dump_json(Config(Model, 3))
        print(json.loads(text)["nodes"][0]["call"], load_json(text, allow=["__main__"]))
        print(load_json(text, allow=[Model]) == load_json(text, allow=["own_script"]))
    print(type(model) is Model, model, act.name, kind, fast)

if __name__ == "__main__":
    main()
'''


@pytest.fixture
def at_work(tmp_path):
    pytest.importorskip("click")
    (tmp_path / "own_script.py").write_text(SCRIPT)
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inside.py").write_text(SCRIPT)

    def run(*words: str) -> str:
        made = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8"
        )
        assert (made.returncode, made.stderr) == (0, ""), made.stderr
        return made.stdout

    return run


TRAINED = "True Model(width=5, act=<Act.RELU: 1>, sizes=[]) TANH c False\n"


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("suffix", ["json", "yaml", "py"])
def test_what_a_script_saves_is_for_the_command_and_the_other_way_round(at_work, tmp_path, suffix):
    if suffix == "yaml":
        pytest.importorskip("ruamel.yaml")
    file = f"saved_of_script.{suffix}"
    words = ("model=big", "model.width=5", "act=TANH", "--dry-run", "--save", file)
    ways = (["own_script.py"], ["-m", "bytefig.tracer", "run", "own_script.py"])
    for writer in ways:
        at_work(*writer, *words)
        assert "__main__" not in (tmp_path / file).read_text()
        for reader in ways:
            assert at_work(*reader, "--config", file) == TRAINED


@pytest.mark.needs_subprocess
def test_a_script_in_a_package(at_work, tmp_path):
    words = ("model=big(5)", "act=TANH", "--dry-run", "--save=s.json")
    at_work("-m", "pack.inside", *words)
    assert '"pack.inside:train"' in (tmp_path / "s.json").read_text()
    assert at_work("pack/inside.py", "--config=s.json") == TRAINED
    assert at_work("-m", "bytefig.tracer", "run", "pack.inside", "--config=s.json") == TRAINED


@pytest.mark.needs_subprocess
def test_the_help_of_a_script(at_work):
    text = at_work("own_script.py", "model=big", "-h")
    assert text.startswith("Usage: python own_script.py [OPTIONS] [NAME=VALUE | PATH=VALUE]...\n")
    assert "\ntrain: Train a model.\n" in text
    assert "  --model: Model  (required)\n      What is trained.\n      presets: big\n" in text
    assert "  --act: Act = <Act.RELU: 1>\n      choices: RELU, TANH\n" in text
    assert "= 'c'\n      choices: a-b, c\n  *more: int\n  --fast: bool = False\n" in text
    assert "\n  --config FILE" in text
    assert text.endswith(
        "Graph:\n<Config[train]>\n└── model: <Config[Model]>\n    └── width = 64\n"
    )
    assert "Usage: python -m pack.inside [" in at_work("-m", "pack.inside", "--help")


@pytest.mark.needs_subprocess
def test_a_script_writes_its_own_name_without_main_too(at_work):
    shown = at_work("own_script.py", "Model()", "RELU", "c", "1").splitlines()
    assert shown[:2] == ["own_script:Model <Config[Model(width=3)]>", "True"]
