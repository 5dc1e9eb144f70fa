"""``bytefig show``, ``explain``, ``diff`` and ``profile``: what they print, write and return."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

click = pytest.importorskip("click")
from click.testing import CliRunner  # noqa: E402

from bytefig.configs import load_json  # noqa: E402
from bytefig.tracer.cli import entry, screen  # noqa: E402
from bytefig.tracer.cli.app import COMMANDS, app  # noqa: E402
from bytefig.tracer.cli.completion import complete, complete_target  # noqa: E402

pytestmark = pytest.mark.usefixtures("only_interpreted")

SOURCE = '''
"""Models."""
from bytefig.configs import Config
from bytefig.tracer import auto_config

class Dense:
    def __init__(self, units: int, activation: str | None = None):
        self.units, self.activation = units, activation

class Sequential:
    def __init__(self, layers: list):
        self.layers = layers

BUILT = []

def build_model(width: int = 8, depth: int = 2):
    return Sequential([Dense(width // 2**i, "relu") for i in range(depth)])

@auto_config
def tied(head: Dense | None = None):
    shared = Dense(4)
    return Sequential([shared, shared, head])

def by_hand():
    config = Config(Sequential, [Config(Dense, 1)])
    config.layers[0].units = 2
    return config

def annotated() -> Config[Dense]:
    return tied.as_buildable()

def counted(size: int):
    BUILT.append(size)
    return Dense(size)

def fails():
    return Dense({}["units"])

def compares():
    return Dense(1 if Dense(8) == 3 else 2)

CONFIG = Config(Dense, 3)
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a module `nets` that is forgotten later."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "nets.py").write_text(SOURCE)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if "bytefig" not in name and getattr(sys.modules[name], "__file__", None):
            if str(tmp_path) in sys.modules[name].__file__:
                del sys.modules[name]


def done(*words: str) -> str:
    """Run the command, check that it has gone well, and return what it prints."""
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def failed(code: int, *words: str) -> str:
    """Run the command, check that it fails, and return what it prints about that."""
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert result.stdout == ""
    return result.stderr


TREE = """\
<Config[Sequential]>
└── layers: list
    ├── [0]: <Config[Dense]>
    │   ├── units = 8
    │   └── activation = 'relu'
    └── [1]: <Config[Dense]>
        ├── units = 4
        └── activation = 'relu'
"""


def test_show_a_function(folder):
    assert done("show", "nets:build_model") == TREE
    assert done("show", "nets.py:build_model") == TREE
    assert done("show", "nets:build_model", "--format", "tree") == TREE


def test_show_what_is_no_plain_function(folder):
    assert "shared with <root>.layers[0]" in done("show", "nets:tied")
    assert "units = 2" in done("show", "nets:by_hand")  # edited: so it was called, not captured
    assert done("show", "nets:CONFIG").startswith("<Config[Dense]>\n")
    assert "Sequential" in done("show", "nets:annotated")
    assert done("show", "nets:Sequential") == "<Config[Sequential]>\n└── layers = <[unset]>\n"
    assert "activation = <[unset; default: None]>" in done("show", "nets:CONFIG", "--defaults")


def test_show_with_arguments_and_changes(folder):
    shown = done("show", "nets:build_model", "--width=16", "--depth", "1", "layers[0].units=99")
    assert "units = 99" in shown
    assert "[1]" not in shown
    assert "units = 7" in done("show", "nets:tied", "--head=Dense(7)")
    assert "layers = [1]" in done("show", "nets:Sequential", "--layers=[1]")
    assert "units = 5" in done("show", "nets:CONFIG", "units=5")


def test_show_builds_nothing(folder):
    assert "units = 3" in done("show", "nets:counted", "--size=3")
    assert sys.modules["nets"].BUILT == [3]  # the function's own code runs
    assert "Dense object" not in done("show", "nets:counted", "--size=3")


def test_show_as_json_yaml_and_python(folder):
    written = done("show", "nets:tied", "-f", "json")
    nets = sys.modules["nets"]
    assert load_json(written, allow=["nets"]) == nets.tied.as_buildable()
    assert done("show", "nets:tied", "-f", "yaml").startswith("_target_: nets.Sequential\n")
    source = done("show", "nets:tied", "-f", "python")
    scope: dict[str, object] = {}
    exec(source, scope)
    assert scope["build_config"]() == nets.tied.as_buildable()


def test_show_into_a_file_of_the_form_that_its_name_says(folder):
    for name in ("g.json", "g.yaml", "g.py", "g.html", "g.txt"):
        assert done("show", "nets:build_model", "-o", name) == ""
    assert json.loads((folder / "g.json").read_text())["format"] == "bytefig.graph"
    assert (folder / "g.html").read_text().startswith("<!doctype html>")
    assert "Config(" in (folder / "g.py").read_text()
    assert (folder / "g.txt").read_text() == TREE
    assert done("show", "nets:build_model", "-f", "tree", "-o", "g.json") == ""
    assert (folder / "g.json").read_text() == TREE


@pytest.mark.needs_subprocess
@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_show_as_svg(folder):
    pytest.importorskip("graphviz")
    assert "</svg>" in done("show", "nets:build_model", "--format", "svg")


def test_show_does_not_break_lines_in_a_file(folder):
    long = "x" * 300
    assert f"activation = '{long}'" in done("show", "nets:CONFIG", f"activation={long}")


def test_show_fails_as_the_user_s_code_does(folder):
    shown = failed(1, "show", "nets:fails")
    assert shown.startswith("Traceback (most recent call last):\n")
    assert re.search(r'nets.py", line \d+, in fails\n', shown)
    assert shown.endswith("KeyError: 'units'\n")
    refused = failed(1, "show", "nets:compares")
    assert "UnbuiltNodeError: cannot compare" in refused
    for own in ("tracer", "configs/buildable", "click"):
        assert f"{own}" not in re.sub(r"bytefig\.tracer\.errors", "", refused)


def test_the_full_traceback(folder, monkeypatch):
    monkeypatch.setenv("BYTEFIG_TRACEBACK", "full")
    assert "interpreter.py" in failed(1, "show", "nets:fails")


def test_bad_usage(folder):
    assert failed(2, "show", "nets:biuld_model").endswith("fix: did you mean nets:build_model?\n")
    assert failed(2, "shw", "nets:tied") == (
        "bytefig: there is no command 'shw'\n  fix: did you mean show?\n"
    )
    assert "use one of run, sweep, show" in failed(2, "xyz")
    assert "no parameter 'wdith'; did you mean 'width'?" in failed(
        2, "show", "nets:build_model", "--wdith=3"
    )
    assert "expected int" in failed(2, "show", "nets:build_model", "--width=x")
    assert "<root>.size is not set" in failed(2, "show", "nets:counted")
    assert "cannot write nowhere/g.json" in failed(2, "show", "nets:tied", "-o", "nowhere/g.json")
    assert "not the C callable" in failed(2, "show", "builtins:globals")
    assert "--allow-import takes MODULE" in failed(2, "show", "nets:tied", "--allow-import", "a-b")
    assert "sets a parameter" in failed(2, "show", "nets:CONFIG", "--units=5")
    assert "Invalid value" in failed(2, "show", "nets:tied", "-f", "xml")
    assert "there is nothing to run or to show" in failed(2, "show")
    assert "Missing argument" in failed(2, "explain")


def test_a_graph_that_cannot_be_written(folder):
    (folder / "odd.py").write_text("from nets import Dense\ndef build(): return Dense(object())")
    shown = failed(2, "show", "odd:build", "-f", "json")
    assert "<root>.units" in shown
    assert "Traceback" not in shown


def test_explain(folder):
    text = done("explain", "nets:build_model")
    assert text.startswith("calls in build_model")
    assert re.search(r"Sequential +make a config node of it +nothing exempts it", text)
    found = json.loads(done("explain", "nets:build_model", "--json"))
    assert found["function"] == "build_model"
    assert text.rstrip().endswith(f"tier: {found['tier']}")
    assert {"Dense", "Sequential", "range"} <= {call["callee"] for call in found["calls"]}
    assert sys.modules["nets"].BUILT == []
    assert done("explain", "nets:counted")  # arguments are not needed: it is not run
    assert failed(2, "explain", "nets:Dense").startswith("bytefig: nets:Dense: explain needs")


def test_diff_of_functions(folder):
    assert done("diff", "nets:build_model", "nets:build_model") == ""
    shown = done("diff", "nets:build_model", "nets:build_model --width=32")
    assert shown.startswith("--- nets:build_model\n+++ nets:build_model --width=32\n")
    assert "- <root>.layers[0].units = 8\n+ <root>.layers[0].units = 32\n" in shown


def test_diff_of_files(folder):
    for name in ("old.json", "old.yaml", "old.yml", "old.py"):
        form = ["-f", "yaml"] if name.endswith(".yml") else []
        done("show", "nets:build_model", "-o", name, *form)
        shown = done("diff", name, "nets:build_model layers[1].units=5")
        assert "+ <root>.layers[1].units = 5" in shown
        assert done("diff", name, name, "--allow-import", "nets") == ""
    message = failed(2, "diff", "old.json", "old.json")
    assert "--allow-import nets" in message
    assert "allow=[" not in message


def test_diff_as_json_and_html(folder):
    data = json.loads(done("diff", "nets:tied", "nets:tied layers[0].units=9", "--json"))
    assert [change["change"] for change in data["changes"]] == ["ModifyValue"]
    assert json.loads(done("diff", "nets:tied", "nets:tied", "--json"))["changes"] == []
    assert done("diff", "nets:tied", "nets:tied layers[0].units=9", "--html", "d.html") == ""
    page = (folder / "d.html").read_text(encoding="utf-8")
    assert '"units",0,"9",{"mark":"changed","was":"4"' in page


def test_diff_exit_code(folder):
    same = ("diff", "nets:tied", "nets:tied", "--exit-code")
    other = ("diff", "nets:tied", "nets:by_hand", "--exit-code")
    assert CliRunner().invoke(app, same).exit_code == 0
    assert CliRunner().invoke(app, other).exit_code == 1
    assert CliRunner().invoke(app, other[:-1]).exit_code == 0


def test_diff_of_files_that_are_none(folder):
    assert "cannot read no.json: No such file" in failed(2, "diff", "no.json", "nets:tied")
    (folder / "bad.json").write_bytes(b"\xff\xfe{")
    assert "cannot read bad.json: it is not UTF-8" in failed(2, "diff", "bad.json", "nets:tied")
    (folder / "bad.json").write_text("{")
    assert "cannot load bad.json" in failed(2, "diff", "bad.json", "nets:tied")
    (folder / "two.py").write_text("def one(): ...\ndef two(): ...")
    assert "two.py has no function build_config, and 2 others" in failed(
        2, "diff", "two.py", "nets:tied"
    )
    assert "does not name a function" in failed(2, "diff", "", "nets:tied")
    assert "does not name a function" in failed(2, "diff", "x=1", "nets:tied")


def test_diff_of_a_file_that_is_changed(folder):
    done("show", "nets:CONFIG", "-o", "old.json")
    assert "+ <root>.units = 9" in done(
        "diff", "old.json", "old.json units=9", "--allow-import", "nets"
    )


def test_diff_of_a_file_with_an_auto_config_function(folder):
    (folder / "saved.py").write_text(
        "from nets import Dense\nfrom bytefig.tracer import auto_config\n"
        "@auto_config\ndef any_name(): return Dense(3)\n"
    )
    assert done("diff", "saved.py", "nets:CONFIG") == ""


def test_profile(folder):
    text = done("profile", "nets:build_model")
    assert text.startswith("profile of build_model, ")
    assert "native run" not in text
    assert re.search(r"\d+  nets.Dense +record +nets.py:\d+:\d+ +build_model", text)
    assert "native run" in done("profile", "nets:build_model", "--native")
    found = json.loads(done("profile", "nets:build_model", "--depth=5", "--json"))
    assert found["nodes"] == 6
    assert found["native"] is None


def test_profile_into_files(folder):
    done("profile", "nets:tied", "--speedscope", "s.json", "--collapsed", "s.txt")
    assert json.loads((folder / "s.json").read_text())["profiles"][0]["name"] == "tied"
    assert re.search(r"^tied:\d+;nets.Dense \d+$", (folder / "s.txt").read_text(), re.M)


def test_profile_builds_the_configs_among_the_arguments(folder):
    found = json.loads(done("profile", "nets:tied", "--head=Dense(7)", "--json"))
    assert found["nodes"] == 2
    assert "<root>.size is not set" in failed(2, "profile", "nets:counted")
    assert "profile changes no graph" in failed(2, "profile", "nets:tied", "layers=[]")
    assert failed(2, "profile", "nets:Dense").startswith("bytefig: nets:Dense: auto_config needs")
    assert failed(1, "profile", "nets:fails").endswith("KeyError: 'units'\n")


def test_the_native_run_fails_as_the_function_does(folder):
    (folder / "once.py").write_text(
        "class Model:\n    def __init__(self): raise OSError('no device')\n"
        "def build(): return Model()\n"
    )
    assert failed(1, "profile", "once:build", "--native").endswith("OSError: no device\n")


def test_help_and_version(folder):
    assert re.fullmatch(r"bytefig \d+\.\d+\.\d+\n", done("--version"))
    listed = done("--help")
    for name in COMMANDS:
        assert re.search(rf"^  {name}  ", listed, re.M)
        assert "Usage:" in done(name, "--help")


def test_a_terminal_gets_colours(folder, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    for words in (
        ["show", "nets:tied"],
        ["show", "nets:tied", "-f", "python"],
        ["explain", "nets:tied"],
        ["diff", "nets:tied", "nets:by_hand"],
        ["profile", "nets:tied"],
    ):
        result = CliRunner().invoke(app, words, color=True)
        assert result.exit_code == 0
        assert "\x1b[" in result.stdout


@pytest.mark.needs_threads
def test_a_bar_is_shown_for_what_takes_long(folder, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(screen, "PATIENCE", 0.01)
    (folder / "slow.py").write_text(
        "import time\nfrom nets import Dense\n"
        "def build():\n    time.sleep(0.3)\n    return Dense(1)\n"
    )
    result = CliRunner().invoke(app, ["show", "slow:build", "-f", "json"])
    assert result.exit_code == 0
    assert "capturing build" in result.stderr
    monkeypatch.setattr(screen, "PATIENCE", 60)
    assert "capturing" not in CliRunner().invoke(app, ["show", "slow:build"]).stderr


def test_the_extra_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(entry, "find_spec", lambda name: None)
    assert entry.main([]) == 2
    assert capsys.readouterr().err == (
        "bytefig: the command needs click and rich, which are not installed\n"
        "  fix: pip install 'bytefig[cli]'\n"
    )
    monkeypatch.setattr(entry, "find_spec", lambda name: None if name == "click" else name)
    assert entry.main([]) == 2
    assert "needs click, which is not installed" in capsys.readouterr().err


def test_main_returns_the_exit_code(folder, capsys):
    assert entry.main(["show", "nets:tied"]) == 0
    assert entry.main(["show", "nets:nothing"]) == 2
    assert entry.main(["show", "nets:fails"]) == 1
    (folder / "leaves.py").write_text("def build(): raise SystemExit('enough')")
    assert entry.main(["show", "leaves:build"]) == 1
    assert capsys.readouterr().err.endswith("enough\n")
    (folder / "leaves2.py").write_text("def build(): raise SystemExit(7)")
    assert entry.main(["show", "leaves2:build"]) == 7


@pytest.mark.needs_subprocess
def test_as_a_process(folder):
    command = [sys.executable, "-m", "bytefig.tracer", "show", "nets:build_model"]
    made = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == TREE
    command[-1] = "nets:fails"
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert made.returncode == 1
    assert made.stderr.endswith("KeyError: 'units'\n")


#: What a command that does not need it is not to import: each costs as much as all the rest.
SLOW = (
    "asyncio",
    "rich",
    "typer",
    "tomllib",
    "graphviz",
    "ruamel.yaml",
    "bytefig.tracer.verification",
)


@pytest.mark.needs_subprocess
def test_a_dry_run_imports_only_what_it_needs(folder):
    (folder / "plain.py").write_text("def f(n: int = 1): ...")
    code = (
        "import sys\nfrom bytefig.tracer.cli.entry import main\n"
        "assert main(['run', 'plain:f', 'n=3', '--dry-run']) == 0\n"
        f"print([name for name in {SLOW} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert made.stderr == ""
    assert made.stdout.splitlines()[-2:] == ["`-- n = 3", "[]"] or made.stdout.endswith(
        "└── n = 3\n[]\n"
    )


@pytest.mark.parametrize("command", ["show", "explain", "profile", "run", "diff"])
def test_completion_of_targets(folder, command):
    (folder / "nets.py").write_text(f"{SOURCE}\nraise AssertionError('imported')\n")
    assert complete_target("ne") == ["nets:"]
    assert complete_target("nets:b") == ["nets:build_model ", "nets:by_hand "]
    assert complete([command], "nets:bu") == ["nets:build_model "]


def test_completion_looks_into_files(folder):
    import py_compile

    package = folder / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("def whole(): ...")
    (package / "part.py").write_text("class One: ...\ndef two(): return [x for x in ()]\nlambda: 0")
    py_compile.compile(str(package / "part.py"), str(package / "part.pyc"), doraise=True)
    assert complete_target("pack:") == ["pack:whole "]
    assert complete_target("pack.part:") == ["pack.part:One ", "pack.part:two "]
    assert complete_target("pack/part.pyc:t") == ["pack/part.pyc:two "]
    assert complete_target("pack/pa") == ["pack/part.py:", "pack/part.pyc:"]
    assert complete_target("./ne") == ["./nets.py:"]
    assert complete_target("pack/") == [
        "pack/__init__.py:",
        "pack/part.py:",
        "pack/part.pyc:",
    ]


def test_completion_offers_nothing_for_what_cannot_be_read(folder):
    import marshal

    (folder / "broken.py").write_text("def (")
    (folder / "short.pyc").write_bytes(b"\0" * 20)
    (folder / "none.pyc").write_bytes(b"\0" * 16 + marshal.dumps(3))
    for place in ("broken", "short.pyc", "none.pyc", "absent", "absent.pyc"):
        assert complete_target(f"{place}:") == []
