"""``bytefig run``: the values, the modes, and the exit codes."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

click = pytest.importorskip("click")

from bytefig.configs import Config, load_json  # noqa: E402
from bytefig.tracer.cli.entry import main  # noqa: E402

SOURCE = '''
"""Training, as a user writes it."""
import os
from dataclasses import dataclass, field
from bytefig.configs import Config, build
from bytefig.tracer import auto_config, script

class MyModel:
    def __init__(self, hidden_size: int = 8, dropout: float = 0.0):
        if hidden_size == 13:
            raise ValueError("unlucky")
        self.hidden_size, self.dropout = hidden_size, dropout

    def __repr__(self):
        return f"MyModel({self.hidden_size}, {self.dropout})"

class Adam:
    def __init__(self, learning_rate: float = 1e-3):
        self.learning_rate = learning_rate

    def __repr__(self):
        return f"Adam({self.learning_rate})"

@dataclass
class Data:
    name: str
    sizes: list[int] = field(default_factory=list)

CALLS = []

@script
def train(
    model: MyModel,
    optimizer: Adam | None = None,
    batch_size: int = 32,
    name: str = "x",
    verbose: bool = False,
    run_time: float = 1.0,
    factory: str = "f",
    config: int = 0,
):
    """Train a model.

    Args:
        model: What to train.
        batch_size: How many
            at once.
    """
    CALLS.append("train")
    if batch_size == 666:
        helper()
    return model, optimizer, batch_size, name, verbose, run_time, factory, config

def helper():
    raise RuntimeError("evil")

def quiet(x: int = 1, /, *rest: int, **named: str):
    if x == 5:
        raise SystemExit(5)

def tied(first: MyModel, second: MyModel):
    return first is second

def nested(size: int):
    return build(Config(MyModel, hidden_size=size))

@auto_config
def build_model(size: int, name: str = "a"):
    return [MyModel(hidden_size=size), Data(name)]

def by_hand(size: int) -> Config[MyModel]:
    return Config(MyModel, hidden_size=size)

READY = Config(MyModel, hidden_size=3)
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    (tmp_path / "cli_training.py").write_text(SOURCE)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("cli_"):
            del sys.modules[name]


@pytest.fixture
def run(folder, capsys):
    def call(*words: str) -> tuple[int, str, str]:
        code = main(["run", *words])
        found = capsys.readouterr()
        return code, found.out, found.err

    return call


TRAIN = "cli_training:train"
MODEL = "--model=MyModel(hidden_size=512)"


def test_the_example_of_the_page(run):
    adam = "--optimizer=Adam(learning_rate=1e-4)"
    code, out, err = run(TRAIN, MODEL, adam, "model.hidden_size=1024", "--dry-run")
    assert (code, err) == (0, "")
    assert out == (
        "<Config[train]>\n"
        "├── model: <Config[MyModel]>\n"
        "│   └── hidden_size = 1024\n"
        "└── optimizer: <Config[Adam]>\n"
        "    └── learning_rate = 0.0001\n"
    )
    assert sys.modules["cli_training"].CALLS == []
    code, out, err = run(TRAIN, MODEL, adam, "model.hidden_size=1024")
    assert (code, err) == (0, "")
    assert out == "(MyModel(1024, 0.0), Adam(0.0001), 32, 'x', False, 1.0, 'f', 0)\n"


@pytest.mark.parametrize(
    "words, part",
    [
        (("--name=a=b",), "'a=b'"),
        (("name=a=b",), "'a=b'"),
        (("--name", "two words"), "'two words'"),
        (("--name=",), "32, ''"),
        (("--verbose",), "True"),
        (("--verbose", "batch_size=7"), "7, 'x', True"),
        (("--no-verbose",), "'x', False"),
        (("--verbose=no",), "'x', False"),
        (("--run_time=3",), "3.0, 'f'"),
        (("--run-time=3",), "3.0, 'f'"),
        (("run_time=3",), "3.0, 'f'"),
        (("--factory=g",), "'g'"),
        (("factory=g",), "'g'"),
        (("config=3",), "'f', 3"),
        (("--", "--config=3"), "'f', 3"),
        (("--optimizer=Adam",), "Adam(0.001)"),
        (("--optimizer=None",), "None"),
        (("--optimizer", "Adam", "optimizer.learning_rate=2"), "Adam(2.0)"),
    ],
)
def test_parameters_and_paths(run, words, part):
    code, out, err = run(TRAIN, MODEL, *words)
    assert (code, err) == (0, "")
    assert part in out


@pytest.mark.parametrize(
    "words, part",
    [
        (("--model.hidden-size=9",), "(MyModel(9, 0.0)"),
        (("--model.hidden_size", "9"), "(MyModel(9, 0.0)"),
        (("model.hidden_size=9", "model.hidden_size*=2"), "(MyModel(18, 0.0)"),
        (("--model.dropout=0.5", "--model.dropout/=2"), "(MyModel(8, 0.25)"),
        (("MyModel(4)", "Adam", "7", "a b"), "(MyModel(4, 0.0), Adam(0.001), 7, 'a b', False"),
        (("MyModel(hidden_size=4)", "Adam(learning_rate=1)"), "(MyModel(4, 0.0), Adam(1.0), 32"),
        (("MyModel", "optimizer=Adam", "batch_size=7"), "(MyModel(8, 0.0), Adam(0.001), 7,"),
        (("MyModel", "None", "-3"), "None, -3,"),
        (("--model=MyModel", "--batch-size+=1", "run_time-=0.5"), "None, 33, 'x', False, 0.5"),
        (("MyModel", "--batch_size=2", "--batch_size*=3", "name+=y"), "None, 6, 'xy'"),
    ],
)
def test_options_with_paths_signs_and_values_by_position(run, words, part):
    code, out, err = run(TRAIN, *words)
    assert (code, err) == (0, "")
    assert part in out


def test_more_values_by_position(run):
    code, out, _ = run("cli_training:quiet", "2", "3", "4", "--dry-run")
    assert code == 0
    assert out.splitlines()[1:] == ["├── [0] = 2", "├── [1] = 3", "└── [2] = 4"]
    assert "hidden_size = 6" in run("cli_training:by_hand", "6", "--dry-run")[1]


def test_a_class_a_script_and_a_function_without_result(run):
    assert run("cli_training:MyModel", "--hidden_size=5")[:2] == (0, "MyModel(5, 0.0)\n")
    assert run("cli_training", MODEL)[1].startswith("(MyModel(512")
    assert run("cli_training.py", MODEL)[1].startswith("(MyModel(512")
    assert run("cli_training:quiet", "--x=2", "a=b", "[1]=3") == (0, "", "")
    assert run("cli_training:quiet", "--x=5")[0] == 5


def test_a_function_may_build_by_itself(run):
    # Its arguments are built before it is called, not while.
    assert run("cli_training:nested", "--size=4") == (0, "MyModel(4, 0.0)\n", "")


def test_an_auto_config_function_is_captured_and_its_graph_built(run):
    words = ("cli_training:build_model", "--size=4", "[0].dropout=0.5", "[1].sizes=[1, 2]")
    code, out, _ = run(*words)
    assert (code, out) == (0, "[MyModel(4, 0.5), Data(name='a', sizes=[1, 2])]\n")
    assert "hidden_size = 4" in run(*words, "--dry-run")[1]
    code, _, err = run("cli_training:build_model", "[0].dropout=0.5")
    assert code == 2
    assert "<root>.size is not set: build_model needs it (expected int)" in err


def test_a_function_that_makes_configs_and_a_config(run):
    assert run("cli_training:by_hand", "--size=4")[1] == "MyModel(4, 0.0)\n"
    assert run("cli_training:READY", "hidden_size=4")[1] == "MyModel(4, 0.0)\n"
    code, _, err = run("cli_training:READY", "--hidden_size=4")
    assert code == 2
    assert "--hidden_size=4 sets a parameter, but there is no MODULE:FN" in err
    assert run("cli_training:READY", "--config", "x.json")[0] == 2


@pytest.mark.parametrize(
    "words, message",
    [
        ((), "there is nothing to run"),
        (("a=1",), "there is nothing to run"),
        ((TRAIN,), "<root>.model is not set: train needs it"),
        (("cli_training:trian",), "did you mean cli_training:train?"),
        ((TRAIN, MODEL, "batch_size=abc"), "batch_size=abc: abc: expected int, not a name"),
        ((TRAIN, MODEL, "model.hiden_size=1"), "did you mean 'hidden_size'?"),
        ((TRAIN, "--modle=MyModel()"), "train has no parameter 'modle'; did you mean 'model'?"),
        ((TRAIN, "--model=MyModle()"), "there is nothing called MyModle; did you mean 'MyModel'?"),
        ((TRAIN, "--model=Adam()"), "expected cli_training.MyModel, not <Config[Adam()]>"),
        ((TRAIN, "--model=os.system('x')"), "add --allow-import os"),
        ((TRAIN, "--model"), "--model needs a value"),
        ((TRAIN, "--model", "--verbose"), "--model needs a value"),
        ((TRAIN, "--no-verbose=1"), "--no-verbose takes no value"),
        ((TRAIN, "-x"), "there is no option -x"),
        ((TRAIN, "word"), "model=word: there is nothing called word"),
        ((TRAIN, MODEL, "MyModel"), "model is given by position, and as --model"),
        (("cli_training:by_hand", "1", "2"), "'2' is one value too many: by_hand takes size by"),
        (("cli_training:READY", "5"), "'5' is no path=value, and there is no MODULE:FN"),
        ((TRAIN, "--model.dropout"), "--model.dropout needs a value"),
        ((TRAIN, "--model..x=1"), "this is not a path"),
        ((TRAIN, "model.x-=1"), "MyModel has no parameter 'x'"),
        ((TRAIN, MODEL, "a..b=1"), "this is not a path"),
        ((TRAIN, MODEL, "--", "--=1"), "there is no name after --"),
        ((TRAIN, MODEL, "--allow-import=a b"), "--allow-import takes MODULE, 'PACKAGE.*' or"),
        ((TRAIN, MODEL, "--save=x.txt"), "cannot tell from x.txt how to write it"),
        ((TRAIN, MODEL, "--save=no/x.json"), "cannot write"),
        ((TRAIN, MODEL, "--config=x.txt"), "x.txt is no file of a graph"),
        ((TRAIN, MODEL, "--config=x.json"), "cannot read x.json"),
    ],
)
def test_wrong_usage_exits_with_2_and_runs_nothing(run, words, message):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    module = sys.modules.get("cli_training")
    assert module is None or module.CALLS == []


def test_all_problems_come_at_once(run):
    code, _, err = run(TRAIN, "--modle=1", "batch_size=a", "model.x=1", "name=b", "verbose=2")
    assert code == 2
    assert "4 overrides cannot be made" in err


def test_the_users_failure_exits_with_1_and_shows_their_frames_only(run):
    code, out, err = run(TRAIN, MODEL, "batch_size=666")
    assert (code, out) == (1, "")
    lines = [line for line in err.splitlines() if line.startswith("  File")]
    assert [line.rpartition(", in ")[2] for line in lines] == ["train", "helper"]
    assert err.endswith("RuntimeError: evil\n")


def test_a_class_that_fails_while_building_exits_with_1_and_names_the_place(run):
    code, _, err = run(TRAIN, "--model=MyModel(hidden_size=13)")
    assert code == 1
    lines = [line for line in err.splitlines() if line.startswith("  File")]
    assert [line.rpartition(", in ")[2] for line in lines] == ["__init__"]
    assert err.endswith("ValueError: unlucky\nwhile building <root>.model\n")
    code, _, err = run("cli_training:build_model", "--size=13")
    assert code == 1
    assert err.endswith("ValueError: unlucky\nwhile building <root>[0]\n")


def test_help(run):
    code, out, _ = run("--help")
    assert code == 0
    assert "--allow-import" in out
    code, out, _ = run(TRAIN, MODEL, "model.dropout=0.5", "--help")
    assert code == 0
    assert out.startswith(f"Usage: bytefig run {TRAIN} [OPTIONS] [NAME=VALUE | PATH=VALUE]...\n")
    assert "cli_training:train: Train a model." in out
    assert "  --optimizer: Adam | None = None\n" in out
    assert "  --config FILE  " in out
    assert "  --model: MyModel  (required)\n      What to train.\n" in out
    assert "  --batch_size: int = 32\n      How many at once.\n" in out
    assert out.endswith(
        "Graph:\n<Config[train]>\n└── model: <Config[MyModel]>\n"
        "    ├── hidden_size = 512\n    └── dropout = 0.5\n"
    )
    assert sys.modules["cli_training"].CALLS == []
    # What is missing does not keep one from reading it.
    assert run(TRAIN, "--help")[0] == 0


def test_help_on_a_terminal_breaks_lines_below_their_beginning(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "70")
    code, out, _ = run(TRAIN, MODEL, "--help")
    assert code == 0
    assert "\x1b[" in out
    plain = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()]
    start = next(index for index, line in enumerate(plain) if line.startswith("  --config FILE"))
    column = plain[start].index("Start")
    assert plain[start + 1][:column].isspace()
    assert max(map(len, plain)) <= 70
    assert "      What to train." in plain


@pytest.mark.parametrize("suffix", ["json", "yaml", "yml", "py"])
def test_saved_and_loaded(run, folder, suffix):
    if suffix in ("yaml", "yml"):
        pytest.importorskip("ruamel.yaml")
    file = f"cli_saved.{suffix}"
    code, out, _ = run(TRAIN, MODEL, "--save", file, "--name=saved")
    assert (code, out) == (0, "(MyModel(512, 0.0), None, 32, 'saved', False, 1.0, 'f', 0)\n")
    code, out, err = run(TRAIN, "--config", file, "model.dropout=0.5", "--batch_size=4")
    assert (code, err) == (0, "")
    assert out == "(MyModel(512, 0.5), None, 4, 'saved', False, 1.0, 'f', 0)\n"
    # Every mode with every other.
    code, out, _ = run(
        TRAIN, "--config", file, "--save=cli_again.json", "--dry-run", "name=again", "--verbose"
    )
    assert code == 0
    assert "name = 'again'" in out
    assert "verbose = True" in out
    assert run(TRAIN, "--config=cli_again.json", "--help")[1].endswith("└── verbose = True\n")


def test_standard_input_and_output(run, monkeypatch):
    code, text, _ = run(TRAIN, MODEL, "--save=-", "--dry-run", "name=é")
    sys.modules["cli_training"].CALLS.clear()
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code, out, err = run("--config", "-", "--allow-import=cli_training", "model.hidden_size=9")
    assert (code, err) == (0, "")
    assert out == "(MyModel(9, 0.0), None, 32, 'é', False, 1.0, 'f', 0)\n"
    assert sys.modules["cli_training"].CALLS == ["train"]
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code, _, err = run("--config", "-")
    assert code == 2
    assert "add it: --allow-import cli_training" in err
    monkeypatch.setattr("sys.stdin", io.StringIO("nonsense"))
    assert run(TRAIN, "--config", "-")[0] == 2


def test_sharing_goes_through_a_file(run, folder):
    (folder / "cli_graph.py").write_text(
        "from bytefig.configs import Config\nfrom cli_training import MyModel, tied\n"
        "def make():\n    shared = Config(MyModel)\n    return Config(tied, shared, shared)\n"
    )
    assert run("cli_training:tied", "--config=cli_graph.py", "--save=cli_t.json")[1] == "True\n"
    assert run("cli_training:tied", "--config=cli_t.json", "first.dropout=1")[1] == "True\n"
    assert run("cli_training:tied", "--first=MyModel", "--second=MyModel")[1] == "False\n"


def test_a_file_of_something_else(run, folder):
    run("cli_training:MyModel", "--save=cli_model.json", "--dry-run")
    code, _, err = run(TRAIN, "--config=cli_model.json")
    assert code == 2
    assert "--config has a config of MyModel, not the arguments of cli_training:train" in err
    (folder / "cli_args.py").write_text(
        "from bytefig.configs import Config\nfrom cli_training import MyModel\n"
        "def make() -> Config: return {'model': Config(MyModel), 'batch_size': 3}\n"
    )
    assert run(TRAIN, "--config=cli_args.py")[1].startswith("(MyModel(8, 0.0), None, 3,")
    (folder / "cli_list.py").write_text(
        "from bytefig.configs import Config\nfrom cli_training import MyModel\n"
        "def make() -> Config: return [1]\n"
    )
    assert "--config has a list" in run(TRAIN, "--config=cli_list.py")[2]
    assert "there is no config in the file" in run("--config=cli_list.py")[2]
    # The graph of an auto_config function is what it built, so it is not called again.
    run("cli_training:build_model", "--size=1", "--save=cli_built.json", "--dry-run")
    code, out, _ = run("cli_training:build_model", "--config=cli_built.json", "[0].hidden_size=2")
    assert (code, out) == (0, "[MyModel(2, 0.0), Data(name='a', sizes=[])]\n")
    code, _, err = run("cli_training:build_model", "--config=cli_built.json", "--size=2")
    assert code == 2
    assert "it is not called with --size" in err.replace("\n", " ")


def test_what_a_file_names_has_to_be_allowed(run, folder):
    document = json.loads(
        '{"format": "bytefig.graph", "version": 1, "nodes": [{"id": "a", "type": "Config", "call":'
        ' "os:system", "args": {"command": "id"}}], "root": {"ref": "a"}}'
    )
    (folder / "cli_evil.json").write_text(json.dumps(document))
    code, out, err = run(TRAIN, "--config=cli_evil.json")
    assert (code, out) == (2, "")
    assert "the module 'os' is not allowed; if you trust it, add it: --allow-import os" in err


@pytest.mark.needs_subprocess
def test_a_config_goes_losslessly_to_a_child_process(run, folder):
    code, text, _ = run(TRAIN, MODEL, "--save=-", "--dry-run", "name=naïve", "run_time=1e-300")
    command = [sys.executable, "-m", "bytefig.tracer", "run", "--config", "-"]
    allow = "--allow-import=cli_training"
    child = subprocess.run(
        [*command, allow, "--save=cli_child.json"],
        input=text,
        capture_output=True,
        encoding="utf-8",
    )
    assert child.returncode == 0
    assert child.stderr == ("to load it: bytefig run --config FILE --allow-import cli_training\n")
    saved = (folder / "cli_child.json").read_text("utf-8")
    assert saved == text
    graph = load_json(saved, allow=["cli_training"])
    assert isinstance(graph, Config)
    assert (graph.name, graph.run_time) == ("naïve", 1e-300)


@pytest.mark.needs_subprocess
def test_the_script_itself_runs_by_main(folder):
    Path("cli_script.py").write_text(
        SOURCE + "\nif __name__ == '__main__':\n    from bytefig.tracer import main\n    main()\n"
    )
    command = [sys.executable, "cli_script.py"]
    done = subprocess.run([*command, MODEL, "name=n"], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("(MyModel(512, 0.0), None, 32, 'n'")
    wrong = subprocess.run([*command, "--model=MyModl()"], capture_output=True, encoding="utf-8")
    assert wrong.returncode == 2
    assert "did you mean 'MyModel'?" in wrong.stderr
    failed = subprocess.run([*command, MODEL, "batch_size=666"], capture_output=True)
    assert failed.returncode == 1
