"""``script`` and ``main``."""

from __future__ import annotations

import functools
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
