"""Looking at a function that is there to be called does not call it."""

from __future__ import annotations

import sys

import pytest

click = pytest.importorskip("click")

from bytefig.tracer.cli.entry import main  # noqa: E402

SOURCE = """
from bytefig.configs import Config
from bytefig.tracer import auto_config, autoconvert, script

class Model:
    def __init__(self, width: int = 8):
        RAN.append("Model")
        self.width = width

RAN = []

@autoconvert
@script
def train(model: Model, epochs: int = 1):
    RAN.append("train")
    print(len([model]), Model(3))

@script
def evaluate(model: Model | None = None):
    RAN.append("evaluate")
    return Model(2)

@autoconvert
def fit(model: Model):
    RAN.append("fit")

@autoconvert
async def serve(model: Model):
    RAN.append("serve")

@auto_config
def tower(base: Model, width: int = 4):
    return [base, Model(width)]

def plain(width: int = 2):
    return Model(width)
"""

LINES = "<Config[{}]>\n└── model: <Config[Model]>\n    └── width = 5\n"


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "looked_at.py").write_text(SOURCE)
    (tmp_path / "one_script.py").write_text(
        "from bytefig.tracer import script\nfrom looked_at import Model\n"
        "def other(): return Model(3)\n"
        "@script\ndef go(model: Model, n: int = 1): raise RuntimeError\n"
    )

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words])
        found = capsys.readouterr()
        module = sys.modules.get("looked_at")
        assert module is None or module.RAN == []
        return code, found.out, found.err

    yield run
    for name in ("looked_at", "one_script"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["train", "evaluate", "fit", "serve"])
def test_show_prints_what_a_dry_run_prints(call, name):
    words = (f"looked_at:{name}", "--model=Model()", "model.width=5")
    assert call("show", *words) == (0, LINES.format(name), "")
    assert call("run", *words, "--dry-run") == (0, LINES.format(name), "")


def test_profile_shows_the_graph_and_says_so(call):
    code, out, err = call("profile", "looked_at:train", "--model=Model()", "model.width=5")
    assert (code, out) == (0, LINES.format("train"))
    assert err == "looked_at:train takes configs and is not captured: this is its graph\n"
    for option in ("--native", "--json", "--speedscope=x.json", "--collapsed=x.txt"):
        code, out, err = call("profile", "looked_at:train", "--model=Model()", option)
        assert (code, out) == (2, "")
        assert "there is nothing to profile" in err


@pytest.mark.parametrize("name", ["train", "fit", "serve"])
def test_explain_lists_the_calls_of_the_user_s_function(call, name):
    code, out, _ = call("explain", f"looked_at:{name}")
    assert code == 0
    assert f"calls in {name}, " in out
    assert "RAN.append" in out
    assert "converting" not in out
    assert "independent_build" not in out


def test_a_dry_run_does_not_build_what_a_captured_function_is_given(call):
    words = ("looked_at:tower", "--base=Model(7)", "--dry-run")
    code, out, _ = call("run", *words)
    assert code == 0
    assert out == (
        "list\n├── [0]: <Config[Model]>\n│   └── width = 7\n"
        "└── [1]: <Config[Model]>\n    └── width = 4\n"
    )


def test_the_second_word_is_a_function_of_the_module(call):
    words = ("--model=Model()", "model.width=5", "--dry-run")
    assert call("run", "looked_at", "fit", *words) == (0, LINES.format("fit"), "")
    assert call("run", "looked_at.py", "fit", *words) == (0, LINES.format("fit"), "")
    assert call("show", "looked_at", "plain")[1] == "<Config[Model]>\n└── width = 2\n"
    code, _, err = call("run", "looked_at", "fitt")
    assert code == 2
    assert "there is no 'fitt' in looked_at" in err
    assert "did you mean looked_at:fit?" in err


def test_a_module_alone_is_its_script(call):
    code, out, _ = call("show", "one_script.py", "--model=Model()")
    assert (code, out) == (0, "<Config[go]>\n└── model: <Config[Model]>\n")
    assert call("show", "one_script", "other")[1] == "<Config[Model]>\n└── width = 3\n"
    assert "calls in go, " in call("explain", "one_script")[1]
    code, _, err = call("show", "looked_at")
    assert code == 2
    assert "several functions are marked by @script" in err


def test_show_and_diff_read_what_show_wrote(call, tmp_path):
    for name in ("saved.json", "saved.py"):
        assert call("show", "looked_at:plain", "-o", name)[0] == 0
        code, out, err = call("show", name, "width=6", "--allow-import", "looked_at")
        assert (code, out, err) == (0, "<Config[Model]>\n└── width = 6\n", "")
    code, _, err = call("show", "saved.json")
    assert code == 2
    assert "--allow-import looked_at" in err
    assert "+ <root>.width = 9" in call("diff", "looked_at:plain", "looked_at:plain width=9")[1]


def test_a_file_without_script_or_graph(call, tmp_path):
    (tmp_path / "nothing.py").write_text("x = 1\n")
    code, _, err = call("show", "nothing.py")
    assert code == 2
    assert "no function is marked by @script" in err
    (tmp_path / "saved_one.py").write_text("def build_config(): return []\n")
    code, _, err = call("explain", "saved_one.py")
    assert code == 2
    assert "saved_one.py:FN" in err
