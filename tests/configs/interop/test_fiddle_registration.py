"""Tests of Fiddle's own tools on graphs of bytefig; each in a process, which stays registered."""

import subprocess
import sys

import pytest

pytest.importorskip("fiddle")

_START = """
import copy, pickle
import fiddle
from fiddle import daglish, graphviz, printing, selectors
from bytefig.configs import *
from bytefig.configs.interop import from_fiddle, register_with_fiddle, to_fiddle
from bytefig.tracer import auto_config

class Width(Tag):
    "How wide."

def dense(units, act=None):
    return units, act

def stack(*layers, name="s"):
    return layers, name

shared = Config(dense, 8)
graph = Config(stack, shared, Partial(dense, TaggedValue([Width], 3)), name="n")
graph.name = "m"
register_with_fiddle()
register_with_fiddle()
"""


def run(program):
    done = subprocess.run(
        [sys.executable, "-c", _START + program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.needs_subprocess
def test_daglish_and_build():
    run("""
paths = [daglish.path_str(path) for _, path in daglish.iterate(graph)]
assert paths[:3] == ["", "[0]", "[0].units"], paths
made = daglish.MemoizedTraversal.run(
    lambda value, state: value + 1 if type(value) is int else state.map_children(value), graph)
assert type(made) is Config and made[0].units == 9 and get_tags(made[1], "units") == {Width}
assert fiddle.build(graph)[0][0] == (8, None) and build(graph)[1] == "m"
assert isinstance(graph, fiddle.Config) and not isinstance(graph, fiddle.Partial)
assert selectors.select(graph, dense, match_subclasses=False)
assert [node.units for node in selectors.select(graph, dense)] == [8, 3]
""")


@pytest.mark.needs_subprocess
def test_printing_and_graphviz():
    text = run("""
print(printing.as_str_flattened(graph))
print(printing.history_per_leaf_parameter(graph))
print(graphviz.render(graph).source)
""")
    assert "[0].units = 8" in text.replace(": int", "")
    assert "#__main__.Width" in text
    assert "name = 'm' @ <string>:" in text and "- previously: 'n' @ " in text
    assert "graph {" in text and "dense" in text
    source = run("""
from collections import OrderedDict
from fiddle._src.codegen import legacy_codegen
print("\\n".join(legacy_codegen.codegen_dot_syntax(Config(OrderedDict, a=1)).lines()))
""")
    assert "from bytefig import configs" in source and "configs.Config(" in source


@pytest.mark.needs_subprocess
def test_bytefig_goes_on_as_before():
    run("""
assert get_tags(graph[1], "units") == {Width} and list_tags(graph) == {Width}
assert copy.deepcopy(graph) == graph and pickle.loads(pickle.dumps(shared)) == shared
plain = Config(complex, real=1)
assert load_json(dump_json(plain), allow=[complex]) == plain
assert from_fiddle(to_fiddle(graph)) == graph
assert diffing.build_diff(graph, copy.deepcopy(graph)).changes == ()
clear_tags(graph[1], "units")
assert not list_tags(graph) and graph[1].__argument_tags__ == {}
captured = auto_config(lambda: stack(dense(1), fiddle.Config(dense, 2))).as_buildable()
assert type(captured) is Config and type(captured[1]) is fiddle.Config

class Mine(Config):
    pass

register_with_fiddle()
assert daglish.is_traversable_type(Mine)
""")
