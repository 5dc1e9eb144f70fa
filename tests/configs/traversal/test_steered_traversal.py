"""Tests of `bytefig.configs.traverse`."""

import pytest

from bytefig.configs import (
    Attr,
    Config,
    CycleError,
    Index,
    Key,
    ManyPathsError,
    effects,
    format_path,
    traverse,
)
from bytefig.tracer import auto_config


def fn(a=None, b=None):
    return a, b


def same(value, state):
    return state.map_children(value)


def test_what_the_function_does_not_ask_for_is_left_alone():
    closed = Config(fn, [object()])
    seen = []

    def look(value, state):
        seen.append((format_path(state.path), value))
        return value if value is closed else state.map_children(value)

    graph = Config(fn, {"k": closed}, (1, 2))
    made = traverse(look, graph)
    assert made == graph and made is not graph
    assert made.a["k"] is closed
    assert [path for path, _ in seen] == [
        "<root>",
        "<root>.a",
        "<root>.a['k']",
        "<root>.b",
        "<root>.b[0]",
        "<root>.b[1]",
    ]


def test_sharing_is_kept_unless_it_is_not_memoized():
    shared = Config(fn, 1)
    calls = []

    def count(value, state):
        calls.append(value)
        return state.map_children(value)

    made = traverse(count, [shared, shared])
    assert made[0] is made[1] and len(calls) == 3
    made = traverse(count, [shared, shared], memoized=False)
    assert made[0] is not made[1] and len(calls) == 3 + 5


def test_results_by_step():
    def sizes(value, state):
        if not state.is_traversable(value):
            return 1
        return {element: result for element, result in state.results(value)}

    assert traverse(sizes, Config(fn, [5], {"k": 5})) == {
        Attr("a"): {Index(0): 1},
        Attr("b"): {Key("k"): 1},
    }


def test_stop_ends_the_traversal_it_belongs_to():
    def outer(value, state):
        if value == 2:
            traverse(lambda _, __: state.stop("outer"), [3])
        return state.map_children(value)

    assert traverse(outer, [1, 2, [object()]]) == "outer"
    assert traverse(lambda _, state: state.stop(), [1]) is None


def test_no_end():
    node = Config(fn)
    node.a = [node]
    with pytest.raises(CycleError, match=r"<root>\.a\[0\]"):
        traverse(same, node)
    node = Config(fn)
    for _ in range(40):
        node = Config(fn, node, node)
    assert traverse(same, node) == node
    with pytest.raises(ManyPathsError):
        traverse(same, node, memoized=False)


def test_effects_come_last():
    @auto_config
    def builder():
        items = fn(1)
        fn(items, 2)
        return items

    graph = builder.as_buildable()
    paths = []

    def look(value, state):
        paths.append(format_path(state.path))
        return state.map_children(value) if value != 1 else 10

    made = traverse(look, graph)
    assert made.a == 10 and effects(made)[0].a is made
    assert paths[-2:] == ["<root>.<effects>[0]", "<root>.<effects>[0].b"]


def test_an_error_of_the_function_is_raised():
    with pytest.raises(ZeroDivisionError):
        traverse(lambda value, state: 1 / 0, [1])
