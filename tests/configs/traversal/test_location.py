"""Tests of `bytefig.configs.traversal.location`."""

import collections

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import Config, all_paths, follow_path, format_path, iterate

DEPTH = 20_000

Pair = collections.namedtuple("Pair", "left right")


def fn(a=None, /, b=None, *rest, **more):
    return a, b, rest, more


def texts(graph, value):
    return [format_path(path) for path in all_paths(graph, value)]


def test_every_way_in_the_order_of_the_arguments():
    node = Config(int)
    graph = Config(fn, node, [node, {"k": node}], 3, (Pair(0, node),), z=node)
    assert texts(graph, node) == [
        "<root>[0]",
        "<root>.b[0]",
        "<root>.b[1]['k']",
        "<root>[3][0].right",
        "<root>.z",
    ]
    assert texts(graph, graph.b) == ["<root>.b"]
    assert texts(graph, graph) == ["<root>"]


def test_ways_through_shared_nodes():
    node = Config(int)
    middle = [node, node]
    assert texts([middle, (middle,)], node) == [
        "<root>[0][0]",
        "<root>[0][1]",
        "<root>[1][0][0]",
        "<root>[1][0][1]",
    ]


def test_identity_counts():
    node = Config(int)
    assert texts([Config(int), node], node) == ["<root>[1]"]
    assert texts([Config(int)], node) == texts(3, node) == texts([], node) == []


def test_a_leaf():
    leaf = object()
    assert texts(Config(fn, leaf, [leaf]), leaf) == ["<root>[0]", "<root>.b[0]"]


def test_cycles():
    node = Config(fn)
    graph = [node]
    graph.append(graph)
    node.b = (graph, node)
    assert texts(graph, node) == ["<root>[0]"]
    assert texts(node, node) == ["<root>"]
    assert texts(node, graph) == ["<root>.b[0]"]


def test_it_is_lazy():
    node = Config(int)
    graph = node
    for _ in range(64):
        graph = (graph, graph)
    paths = all_paths([0, graph, [[]] * 3], node)
    assert len(next(paths)) == len(next(paths)) == 65


def test_dead_ends_are_not_entered():
    dead = ()
    for _ in range(64):
        dead = (dead, dead)
    node = Config(int)
    assert texts([dead, node, dead], node) == ["<root>[1]"]


def test_deep_graph():
    node = last = Config(int)
    for _ in range(DEPTH):
        node = Config(fn, b=[node])
    (path,) = all_paths(node, last)
    assert len(path) == 2 * DEPTH


nodes = st.recursive(
    st.builds(lambda: Config(int)) | st.just(None),
    lambda inner: (
        st.lists(inner, max_size=3) | st.builds(lambda a, b: Config(fn, a, b), inner, inner)
    ),
    max_leaves=8,
)


@given(nodes, st.data())
def test_agrees_with_the_traversal(part, data):
    graph = [part, (part, part), Config(fn, [part])]
    places = list(iterate(graph, memoized=False))
    target = data.draw(st.sampled_from([place.value for place in places]))
    paths = list(all_paths(graph, target))
    assert paths == [place.path for place in places if place.value is target]
    assert all(follow_path(graph, path) is target for path in paths)


@pytest.mark.parametrize("start", [0, 1])
def test_edits_between_two_paths_do_no_harm(start):
    node = Config(int)
    graph = [[node], [node], [node]]
    paths = all_paths(graph, node)
    next(paths)
    del graph[start:]
    assert all(follow_path([[node]] * 3, path) is node for path in paths)
