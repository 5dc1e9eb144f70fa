"""Lazy imports (PEP 810). Their sources are text, which Pythons before 3.15 need not parse."""

import sys
from types import FunctionType

import pytest

from bytefig.tracer import auto_config, explain
from bytefig.tracer.engine.functions import turn_into_twin
from bytefig.tracer.engine.interceptor import Native

pytestmark = pytest.mark.skipif(sys.version_info < (3, 15), reason="PEP 810 came with 3.15")

MODULE = """
print("imported")
class Layer:
    def __init__(self, size=1):
        self.size = size
value = Layer()
resolve = "the name of a method"
"""


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    """A module that has not been imported."""
    (tmp_path / "put_off.py").write_text(MODULE)
    (tmp_path / "broken.py").write_text("raise ValueError('broken')")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("put_off", "broken"):
        sys.modules.pop(name, None)


def shown(error):
    """The chain of an error with the user's lines."""
    lines = []
    entry = error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == "<lazy>":
            lines.append((entry.tb_frame.f_code.co_name, entry.tb_lineno))
        entry = entry.tb_next
    cause = error.__cause__
    return type(error), str(error), lines, None if cause is None else shown(cause)


def outcome(source, capsys, *, interpret):
    """Run a module's text and a function of it, and return all that can be seen."""
    sys.modules.pop("put_off", None)
    sys.modules.pop("broken", None)
    names = {"__name__": "lazily"}
    code = compile(source, "<lazy>", "exec")
    if interpret:
        code = turn_into_twin(FunctionType(code, names), Native()).__code__
    result = None
    try:
        exec(code, names)
        result = names["f"]()  # interpreted if what made it is
    except Exception as error:
        result = shown(error)
    kinds = {name: type(value).__name__ for name, value in names.items() if name != "__builtins__"}
    return repr(result), kinds, capsys.readouterr().out


SOURCES = {
    "module": "lazy import put_off\ndef f():\n print('now'); return put_off.value.size",
    "name": "lazy from put_off import value\ndef f():\n print('now'); return value.size",
    "called": "lazy from put_off import Layer\ndef f():\n print('now'); return Layer(3).size",
    "of a method": "lazy from put_off import resolve\ndef f(): return resolve",
    "as another name": "lazy import xml.dom as dom\ndef f(): return dom.__name__",
    "never": "lazy import put_off\ndef f(): return 1",
    "at once": "import put_off\nprint('loaded')\ndef f(): return put_off.value.size",
    "in the module": "lazy import put_off\nprint('now')\nput_off\ndef f(): pass",
    "in a class": "lazy import put_off\ndef f():\n class C:\n  v = put_off.value\n return C.v.size",
    "annotations": "lazy import put_off\nclass C:\n x: put_off.Layer\n"
    "def f(): return C.__annotations__['x'].__name__",
    "asked of globals": "lazy import put_off\n"
    "def f(): return type(globals()['put_off']).__name__, put_off.value.size",
    "assigned": "lazy import put_off\ndef f():\n global put_off\n put_off = 1\n return put_off",
    "deleted": "lazy import put_off\ndef f():\n global put_off\n del put_off",
    "no such module": "lazy import no_such_module\n\ndef f():\n return no_such_module",
    "no such name": "lazy from put_off import no_name\n\ndef f():\n return no_name",
    "broken": "lazy import broken\n\ndef f():\n return broken",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_what_is_put_off(source, capsys):
    native = outcome(source, capsys, interpret=False)
    assert outcome(source, capsys, interpret=True) == native
    # From the second run on, steps are fused.
    assert outcome(source, capsys, interpret=True) == native


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_all_imports_are_put_off(source, capsys):
    sys.set_lazy_imports("all")
    try:
        native = outcome(source, capsys, interpret=False)
        assert outcome(source, capsys, interpret=True) == native
    finally:
        sys.set_lazy_imports("normal")


def made(source):
    names = {"__name__": "lazily"}
    exec(compile(source, "<lazy>", "exec"), names)
    return names["f"]


def test_a_capture_imports_what_it_records(capsys):
    build = made("lazy from put_off import Layer\ndef f(): return Layer(size=3)")
    config = auto_config(build).as_buildable()
    assert capsys.readouterr().out == "imported\n"
    assert (config.__fn_or_cls__.__name__, config.size) == ("Layer", 3)


def test_explain_imports_nothing(capsys):
    build = made("lazy import put_off\ndef f(): return put_off.Layer(size=3)")
    (site,) = explain(build).sites
    assert not capsys.readouterr().out
    assert site.decision is None
    assert "imported when it runs" in site.reason
