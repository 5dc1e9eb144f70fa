"""Graphs far deeper than the recursion limit."""

import copy
import gc
import sys
import weakref

import pytest

from bytefig.configs import (
    BuildError,
    Config,
    CycleError,
    Partial,
    build,
    contains_buildable,
    iter_nodes,
)

DEPTH = 50_000


def wrap(x=None):
    return [x]


def total(x=0):
    return x + 1


def as_list(value):
    return [value]


def as_tuple(value):
    return (value,)


def as_dict(value):
    return {"k": value}


def chain(fn=wrap, depth=DEPTH, last=None):
    node = Config(fn) if last is None else last
    for _ in range(depth - 1):
        node = Config(fn, node)
    return node


def depth_of(node, step):
    depth = 0
    while node is not None:
        node = step(node)
        depth += 1
    return depth


@pytest.fixture(autouse=True)
def shallow_stack():
    assert sys.getrecursionlimit() < DEPTH


def test_build():
    assert build(chain(total)) == DEPTH


def test_build_shares_and_nests():
    assert depth_of(build(chain()), lambda value: value[0]) == DEPTH


@pytest.mark.parametrize("nest", [as_list, as_tuple, as_dict])
def test_build_deep_containers(nest):
    graph = Config(int)
    for _ in range(DEPTH):
        graph = nest(graph)
    built = build(graph)
    assert depth_of(built, lambda value: None if value == 0 else next(iter(values(value)))) == (
        DEPTH + 1
    )
    assert contains_buildable(graph)


def values(container):
    return container.values() if isinstance(container, dict) else container


def test_deepcopy():
    graph = chain()
    copied = copy.deepcopy(graph)
    assert depth_of(copied, lambda node: node.x) == DEPTH
    assert {id(node) for node in iter_nodes(copied)}.isdisjoint(map(id, iter_nodes(graph)))


def test_deepcopy_of_deep_containers():
    items = [Config(wrap)]
    for _ in range(DEPTH):
        items = [items]
    copied = copy.deepcopy(Config(wrap, items))
    assert copied == Config(wrap, items)
    assert copied.x is not items


def test_equality():
    assert chain() == chain()
    assert chain() != chain(depth=DEPTH - 1)
    assert chain() != chain(last=Config(wrap, 1))


def test_repr_elides():
    text = repr(chain())
    assert text.count("Config[wrap(") == 33
    assert "..." in text


def test_iter_nodes():
    assert len(list(iter_nodes(chain()))) == DEPTH


def test_failure_deep_inside_has_its_path():
    with pytest.raises(BuildError) as caught:
        build(chain(last=Config(int, "x")))
    assert caught.value.path == "<root>" + ".x" * (DEPTH - 1)


class Layer:
    """Its repr recurses in Python code: how deep C code may differs between Pythons."""

    def __init__(self, x=None):
        self.x = x

    def __repr__(self):
        return f"Layer({self.x!r})"


def test_failure_with_a_deep_argument():
    with pytest.raises(BuildError, match="arguments: .*Layer object whose repr fails"):
        build(Config(int, chain(Layer)))


def test_cycle_deep_inside():
    last = Config(wrap)
    last.x = last
    with pytest.raises(CycleError) as caught:
        build(chain(last=last))
    assert caught.value.outer == "<root>" + ".x" * (DEPTH - 1)
    assert caught.value.inner == caught.value.outer + ".x"


def test_wide_sharing_is_not_walked_twice():
    node = Config(total)
    for _ in range(1_000):
        node = Config(wrap, (node, node))
    assert len(list(iter_nodes(node))) == 1_001
    assert copy.deepcopy(node) == node
    assert "..." in repr(node)


def test_shallow_copy():
    graph = chain()
    copied = copy.copy(graph)
    assert copied.x is graph.x
    assert copied == graph


def test_deep_graphs_are_freed():
    graph = chain()
    last = weakref.ref(list(iter_nodes(graph))[-1])
    del graph
    assert last() is None


def test_deep_cycles_are_freed():
    graph = chain(last=(end := Config(wrap)))
    end.x = graph
    last = weakref.ref(end)
    del graph, end
    gc.collect()
    assert last() is None


def test_deep_partials_are_built_and_freed():
    graph = Partial(wrap)
    for _ in range(DEPTH - 1):
        graph = Partial(wrap, graph)
    built = build(graph)
    assert depth_of(built, lambda value: value.keywords.get("x")) == DEPTH


def test_a_deep_history_is_freed():
    node = Config(wrap)
    for _ in range(DEPTH):
        later = Config(wrap)
        later.x = node
        del later.x
        node = later
    assert node.__history__[1].before is node.__history__[0].after
