"""Pickling of graphs: sharing, depth, and what a pickler that fails leaves behind."""

import copy
import io
import pickle
import sys
import threading

import cloudpickle
import pytest

from bytefig.configs import Config, Partial, build, iter_nodes
from bytefig.configs.node.dunders.pickle_order import _active

DEPTH = 10_000


def wrap(x=None, y=None):
    return [x]


def chain(depth=DEPTH, last=None):
    node = Config(wrap) if last is None else last
    for _ in range(depth - 1):
        node = Config(wrap, node)
    return node


class PurePython(pickle._Pickler):
    pass


def dumped_by_python(value):
    file = io.BytesIO()
    PurePython(file).dump(value)
    return file.getvalue()


DUMPS = [pickle.dumps, cloudpickle.dumps, dumped_by_python]


@pytest.mark.parametrize("dumps", DUMPS)
def test_deep_chain(dumps):
    graph = chain(5_000 if dumps is dumped_by_python else DEPTH)
    text = dumps(graph)
    assert dumps(graph) == text  # the first left nothing behind that would stop the second
    assert pickle.loads(text) == graph
    assert _active.plan_of(graph) is None


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    graph = Config(wrap, [chain(200), Partial(wrap, (1, 2))])
    assert pickle.loads(pickle.dumps(graph, protocol)) == graph


@pytest.mark.parametrize("nest", [lambda x: [x], lambda x: (x, x), lambda x: {"k": x}])
def test_deep_containers(nest):
    graph = Config(wrap)
    for _ in range(5_000):
        graph = nest(graph)
    graph = Config(wrap, graph)
    assert pickle.loads(pickle.dumps(graph)) == graph


@pytest.mark.parametrize("dumps", DUMPS)
@pytest.mark.parametrize("depth", [1, 500])
def test_sharing_between_the_roots_of_one_pickle(dumps, depth):
    shared, items = chain(depth), [1]
    first, second = Config(wrap, shared, items), Config(wrap, [shared, items])
    one, other, same = pickle.loads(dumps([first, second, items]))
    assert one.x is other.x[0]
    assert one.y is other.x[1] is same


def test_cycles():
    graph = chain(500)
    last = list(iter_nodes(graph))[-1]
    last.x = graph
    result = pickle.loads(pickle.dumps(graph))
    assert list(iter_nodes(result))[-1].x is result
    assert result == graph


@pytest.mark.skipif(sys.platform == "emscripten", reason="its stack is large enough for this one")
def test_a_deep_cycle_below_the_root_is_too_much():
    end = Config(wrap)
    end.x = graph = chain(last=end)
    with pytest.raises(RecursionError):
        pickle.dumps(Config(wrap, graph))


class Holder:
    """A leaf for the traversal, with a graph of its own."""

    def __init__(self, held):
        self.held = held


def test_a_leaf_that_holds_a_graph():
    inner = chain(2_000)
    graph = Config(wrap, [Holder(inner), inner], chain(2_000))
    result = pickle.loads(pickle.dumps(graph))
    assert result.x[0].held is result.x[1]
    assert result.x[1] == inner


class Refusing:
    def __reduce__(self):
        raise ZeroDivisionError


@pytest.mark.parametrize("dumps", DUMPS)
def test_a_failure_leaves_nothing_behind(dumps):
    graph = chain(2_000, last=Config(wrap, [Refusing()]))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            dumps(graph)
        del caught
    assert _active.plan_of(graph) is None
    last = list(iter_nodes(graph))[-1]
    last.x = 5
    assert pickle.loads(dumps(graph)) == graph


class Other:
    """Pickles another graph while it is pickled."""

    def __init__(self, graph):
        self.graph = graph

    def __reduce__(self):
        assert pickle.loads(pickle.dumps(self.graph)) == self.graph
        return Other, (None,)


def test_a_pickle_made_during_another():
    shared = chain(20)
    graph = chain(2_000, last=Config(wrap, Other(shared), shared))
    assert pickle.loads(pickle.dumps(graph)).x.x is not None


def test_a_pickler_that_is_used_again_remembers():
    graph = chain(2_000)
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    pickler.dump(graph)
    size = file.tell()
    pickler.dump(graph)
    assert file.tell() - size < 20
    assert pickle.loads(pickle.dumps(graph)) == graph
    file.seek(0)
    unpickler = pickle.Unpickler(file)
    assert unpickler.load() is unpickler.load()


@pytest.mark.needs_threads
def test_threads_do_not_disturb_each_other():
    graph, wrong = chain(5_000), []

    def work():
        for _ in range(3):
            if pickle.loads(pickle.dumps(graph)) != graph:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_shallow_graph_is_listed_once():
    graph = [Config(wrap, [Config(wrap)]) for _ in range(3)]
    text = pickle.dumps(graph)
    assert pickle.loads(text) == graph
    assert len(text) < 700


def test_the_copy_can_be_edited_and_built():
    result = pickle.loads(pickle.dumps(Config(wrap, Config(wrap, 1))))
    result.x.x = 2
    assert build(copy.deepcopy(result)) == [[2]]
