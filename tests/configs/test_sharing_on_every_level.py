"""Values that are used twice on each of sixty levels: as small as their levels, without an end.

Every tool takes sharing for what it is, or says where it stopped.
"""

from __future__ import annotations

import copy
import functools
import io
import pickle
import signal
import sys

import pytest

from bytefig.configs import (
    Config,
    ManyPathsError,
    assign,
    build,
    dump_json,
    history,
    iterate,
    list_tags,
    load_json,
    map_graph,
    map_with_path,
    materialize_defaults,
    select,
    signature_of,
    to_html,
    to_source,
    validate,
)
from bytefig.configs.codegen import CodegenError
from bytefig.configs.core.shown import plain_repr, shown, unfolds
from bytefig.configs.diffing import apply_diff, build_diff, diff_from_data, diff_to_data
from bytefig.configs.printing import (
    as_dict_flattened,
    as_str_flattened,
    as_tree,
    history_per_leaf_parameter,
)

LEVELS = 60


def two(a=None, b=None):
    return a, b


def number(a: int = 0): ...


def nested(make, value, levels=LEVELS):
    for _ in range(levels):
        value = make(value)
    return value


SHAPES = {
    "nodes": lambda: nested(lambda inner: Config(two, inner, inner), Config(two)),
    "lists": lambda: Config(two, nested(lambda inner: [inner, inner], [1])),
    "tuples": lambda: Config(two, nested(lambda inner: (inner, inner), (1,))),
    "dicts": lambda: Config(two, nested(lambda inner: {"x": inner, "y": inner}, {"x": 1})),
    "slices": lambda: Config(two, nested(lambda inner: slice(inner, inner), slice(1))),
    "lists of a node": lambda: Config(two, nested(lambda inner: [inner, inner], Config(two))),
    "tuples of a node": lambda: Config(two, nested(lambda inner: (inner, inner), Config(two))),
    # Python itself hashes and compares sets as often as paths lead to them.
    "sets": lambda: Config(two, nested(lambda s: frozenset([s, (s,)]), frozenset([1]), 18)),
    "partials": lambda: Config(
        two, nested(lambda inner: [functools.partial(two, inner), inner], [1])
    ),
}


@pytest.fixture(autouse=True)
def in_time():
    """Fail a test that takes longer than a minute, which all but finds no end here."""
    if sys.platform == "emscripten":
        pytest.skip("there are no signals")

    def stop(*_):
        raise TimeoutError("there is no end to it")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def tree(graph):
    console = pytest.importorskip("rich.console").Console(file=io.StringIO(), width=300)
    console.print(as_tree(graph, include_unset=True, include_defaults=True))
    return console.file.getvalue()


def source(graph):
    try:
        return to_source(graph)
    except CodegenError as error:
        return str(error)  # of sets and partials


def edited(graph):
    node = Config(two)
    node.a = graph
    node.a = 1
    texts = [repr(history(node)), history_per_leaf_parameter(node), to_html(node)]
    return "\n".join([*texts, dump_json(node, history=True), repr(pickle.dumps(node))])


def changed(graph):
    diff = build_diff(Config(two, a=2), graph)
    data = diff_to_data(diff, encode=plain_repr)
    texts = [str(diff), repr(diff), diff.unified("old", "new"), repr(data)]
    back = build_diff(graph, Config(two, a=2))
    return "\n".join([*texts, str(back), repr(back)])


def loaded(graph):
    return load_json(dump_json(graph), allow=[__name__])


TOOLS = {
    "repr": repr,
    "flattened": as_str_flattened,
    "flattened raw": functools.partial(as_str_flattened, raw_value_repr=True),
    "flattened to a dict": lambda graph: str(len(as_dict_flattened(graph, memoized=True))),
    "history": history_per_leaf_parameter,
    "history raw": functools.partial(history_per_leaf_parameter, raw_value_repr=True),
    "tree": tree,
    "json": dump_json,
    "source": source,
    "html": to_html,
    "html of a diff": lambda graph: to_html(graph, diff=copy.deepcopy(graph)),
    "edited": edited,
    "changed": changed,
    "wrong": lambda graph: "\n".join(map(str, validate(Config(number, a=graph.a)))),
    "problems": lambda graph: repr(validate(Config(number, a=graph.a))),
    "places": lambda graph: "".join(repr(place)[:99] for place in iterate(graph)),
    "selected": lambda graph: repr([*select(graph, two)][:0]),
    "default": lambda graph: repr(signature_of(lambda x=graph.a: x)),
    "tags": lambda graph: repr(list_tags(graph)),
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("shape", SHAPES)
def test_text_has_an_end(tool, shape):
    graph = SHAPES[shape]()
    text = TOOLS[tool](graph)
    assert isinstance(text, str)
    assert len(text) < 200_000


@pytest.mark.parametrize("shape", SHAPES)
def test_what_gives_graphs(shape):
    graph = SHAPES[shape]()
    assert copy.deepcopy(graph) is not graph
    assert pickle.loads(pickle.dumps(graph)) is not graph
    assert map_graph(lambda value: value, graph) is not graph
    assert map_with_path(lambda path, value: value, graph) is not graph
    assert len(build(graph)) == 2
    materialize_defaults(copy.deepcopy(graph))
    assign(copy.copy(graph), b=1)
    assert apply_diff(build_diff(Config(two, a=2), graph), Config(two, a=2)) is not None


@pytest.mark.parametrize("shape", ["nodes", "lists", "tuples", "dicts", "slices"])
def test_equality_and_documents(shape):
    graph = SHAPES[shape]()
    assert graph == copy.deepcopy(graph)
    assert loaded(graph) == graph
    assert not build_diff(graph, loaded(graph))


def test_diffs_as_data():
    diff = build_diff(Config(two, a=2), SHAPES["lists"]())
    assert diff_from_data(diff_to_data(diff), allow=[__name__]) == diff


@pytest.mark.parametrize(
    "tool",
    [
        as_dict_flattened,
        functools.partial(map_graph, lambda value: value, memoized=False),
        functools.partial(map_with_path, lambda path, value: value, memoized=False),
    ],
)
def test_path_by_path_stops_and_says_where(tool):
    with pytest.raises(ManyPathsError, match="memoized=True") as caught:
        tool(SHAPES["nodes"]())
    assert caught.value.path.startswith("<root>.a.a")


def test_a_large_graph_is_not_taken_for_one_without_an_end():
    graph = Config(dict, items=[Config(dict, x=number) for number in range(30_000)])
    assert len(as_dict_flattened(graph)) == 30_000
    assert len(map_graph(lambda value: value, graph, memoized=False).items) == 30_000


def test_text_is_that_of_python_where_it_has_an_end():
    value = [1, (2, {"a": {3}}), {}, functools.partial(two, 1), slice(1), [[]] * 3, two]
    assert plain_repr(value) == repr(value)
    large = [[number] * 10 for number in range(3000)]
    assert plain_repr(large) == repr(large)
    assert not unfolds(large)
    within = []
    within.append(within)
    assert plain_repr(within) == "[[...]]"
    assert shown(two) == "two"
