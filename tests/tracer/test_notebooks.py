"""Tests of what a notebook shows, without one; `tests/end_to_end/test_notebook.py` runs one."""

import functools
import sys
from types import SimpleNamespace

import pytest

from bytefig.configs import Config, diffing
from bytefig.configs.core.provenance import shown_file
from bytefig.tracer import auto_config, explain, profile, verify
from bytefig.tracer.notebooks import load_ipython_extension

EVIL = "<script>alert(1)</script>"


class Dense:
    """A layer."""

    def __init__(self, units=1, rate=0.5):
        self.units = units


@auto_config
def model(width):
    """Return <b>layers</b>.

    All of them.
    """
    return [Dense(width)]


def html(value):
    text = value._repr_html_()
    assert "<script" not in text and text.count("<pre>") == text.count("</pre>") >= 1
    return text


def test_builders():
    text = html(model)
    assert ">AutoConfig model(width)</span>\nReturn &lt;b&gt;layers&lt;/b&gt;.\n" in text
    assert "All of them" not in text
    assert "__call__" not in html(auto_config(functools.partial(model.func, 3)))


def test_diffs():
    earlier, graph = Config(dict, a=EVIL, b=1), Config(dict, a=EVIL[1:], b=1)
    text = html(diffing.build_diff(earlier, graph))
    assert "&lt;script&gt;" in text and text.count("<span") == 2
    assert html(diffing.build_diff(graph, graph)) == "<pre>no changes</pre>"


def test_looks_into_a_capture():
    assert "make a config node of it</span>" in html(explain(model))
    assert "<table>" not in html(explain(lambda: 1))
    assert "#2e8b57" in html(verify(model, 3))
    assert "#d64545" in html(verify(lambda: [len(Dense().__class__.__name__)]))
    assert "<th>callee</th>" in html(profile(model.func, 3))


def test_a_cell_is_called_by_its_number(monkeypatch):
    shell = SimpleNamespace(compile=Compiler())
    assert shown_file("cell.py") == "cell.py"
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert shown_file("cell.py") == "In [3]"
    assert shown_file("model.py") == "model.py"
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert shown_file("cell.py") == "cell.py"


class Compiler:
    def format_code_name(self, name):
        return ("Cell", "In[3]") if name == "cell.py" else None

    def cache(self, text, number):
        assert (text[0], number) == ("\n", 3)
        return "cell.py"


class Shell:
    compile = Compiler()
    history_manager = SimpleNamespace(input_hist_raw=["", "", "", "%%graph net"])

    def __init__(self):
        self.user_ns = {"Dense": Dense, "widths": (1, 2)}

    def transform_cell(self, cell):
        return cell

    def register_magic_function(self, function, magic_kind, magic_name):
        assert (magic_kind, magic_name) == ("cell", "graph")
        self.graph = function


def test_a_cell_becomes_a_builder():
    errors = pytest.importorskip("IPython.core.error")
    shell = Shell()
    load_ipython_extension(shell)
    graph = shell.graph(" net ", "own = [Dense(width) for width in widths]\nown\n")
    assert graph == [Config(Dense, 1), Config(Dense, 2)] == shell.user_ns["net"].as_buildable()
    assert graph[0].__provenance__.line == 2
    assert "own" not in shell.user_ns
    with pytest.raises(errors.UsageError, match="needs a name"):
        shell.graph("", "1")
    with pytest.raises(errors.UsageError, match="the last line"):
        shell.graph("net", "x = 1")
    with pytest.raises(TypeError, match="Dense takes at most 2") as caught:
        shell.graph("net", "Dense(1, 2, 3)")
    assert [entry.name for entry in caught.traceback] == [
        "test_a_cell_becomes_a_builder",
        "net",
    ]
