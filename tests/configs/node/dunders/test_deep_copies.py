"""Tests of copying and pickling of graphs."""

import collections
import copy
import gc
import pickle
import weakref

import cloudpickle
import pytest

from bytefig.configs import (
    ArgFactory,
    Config,
    Partial,
    Provenance,
    SavedProvenance,
    add_effects,
    build,
    copy_with,
    deepcopy_with,
    get_callable,
)

Pair = collections.namedtuple("Pair", "left right")


def fn(x=1, y=None, *rest):
    return x, y, rest


class Leaf:
    def __init__(self, value=None):
        self.value = value


class Sub(Config):
    __slots__ = ()


def cloudpickled(value):
    return pickle.loads(cloudpickle.dumps(value))


def pickled(value):
    return pickle.loads(pickle.dumps(value))


DEEP = [copy.deepcopy, pickled, cloudpickled]


@pytest.fixture
def graph():
    shared = Config(fn, [1, 2])
    table = collections.defaultdict(list, k=shared)
    return Config(
        fn, shared, {"a": [shared, Partial(fn, ArgFactory(list))]}, Pair((shared,), 3), table, table
    )


@pytest.mark.parametrize("duplicate", [copy.copy, *DEEP])
def test_equal_to_the_original(graph, duplicate):
    result = duplicate(graph)
    assert result == graph
    assert result is not graph
    assert type(result[3]) is collections.defaultdict
    assert result[3].default_factory is list
    assert type(result[2]) is Pair


@pytest.mark.parametrize("duplicate", [copy.copy, *DEEP])
@pytest.mark.parametrize("cls", [Config, Partial, ArgFactory, Sub])
def test_class_and_callable_stay(cls, duplicate):
    result = duplicate(cls(fn))
    assert type(result) is cls
    assert get_callable(result) is fn
    assert result.__arguments__ == {}


def test_copy_is_shallow_and_independent(graph):
    result = copy.copy(graph)
    assert result.x is graph.x
    result.x = 5
    result[2:] = []
    assert isinstance(graph.x, Config)
    assert len(graph[:]) == 5


@pytest.mark.parametrize("duplicate", DEEP)
def test_sharing_is_kept_inside(graph, duplicate):
    result = duplicate(graph)
    assert result.x is result.y["a"][0] is result[2].left[0] is result[3]["k"]
    assert result[3] is result[4]
    assert result.x is not graph.x
    assert result.x.x is not graph.x.x


@pytest.mark.parametrize("duplicate", DEEP)
def test_deep_copy_is_independent(graph, duplicate):
    result = duplicate(graph)
    result.x.x.append(3)
    result.y["new"] = 1
    assert graph.x.x == [1, 2]
    assert list(graph.y) == ["a"]


@pytest.mark.parametrize("duplicate", DEEP)
def test_sharing_between_graphs_in_one_container(graph, duplicate):
    first, second, inner = duplicate((graph, graph, graph.x))
    assert first is second
    assert first.x is inner


@pytest.mark.parametrize("duplicate", DEEP)
def test_cycle_through_a_node(duplicate):
    node = Config(fn)
    node.x = node
    node.y = [node]
    result = duplicate(node)
    assert result.x is result
    assert result.y[0] is result


def test_container_in_itself_is_deep_copied():
    items = []
    items.append(items)
    copied = copy.deepcopy(Config(fn, items))
    assert copied.x[0] is copied.x is not items


@pytest.mark.parametrize("duplicate", DEEP)
def test_leaf_objects(duplicate):
    leaf = Leaf()
    node = Config(fn, leaf, Config(fn, leaf), leaf)
    leaf.value = node
    result = duplicate(node)
    assert result.x is result.y.x is result[2]
    assert result.x is not leaf
    assert result.x.value is result


def test_leaf_that_refers_to_an_inner_node():
    inner = Config(fn)
    result = copy.deepcopy(Config(fn, Leaf([inner]), inner))
    assert result.x.value[0] is result.y
    assert result.y is not inner


def test_memo_is_used_and_filled():
    inner, outer = Config(fn), Config(fn)
    outer.x = inner
    replacement = Config(fn, 7)
    memo = {id(inner): replacement}
    result = copy.deepcopy(outer, memo)
    assert result.x is replacement
    assert memo[id(outer)] is result


def test_memo_holds_containers():
    items = [1]
    memo = {}
    result = copy.deepcopy(Config(fn, items), memo)
    assert copy.deepcopy(items, memo) is result.x


def test_callables_are_not_copied():
    target = Leaf()
    target.__class__ = type("Callable", (Leaf,), {"__call__": lambda self, x=1: x})
    node = Config(target)
    assert get_callable(copy.deepcopy(node)) is target


def test_failing_leaf_leaves_the_graph_alone():
    class Uncopyable:
        def __deepcopy__(self, memo):
            raise RuntimeError("no copy")

    node = Config(fn, [1], Uncopyable())
    before = dict(node.__arguments__)
    with pytest.raises(RuntimeError, match="no copy"):
        copy.deepcopy(node)
    assert node.__arguments__ == before


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies_keep_the_provenance(duplicate):
    provenance = Provenance(fn.__code__, 0)
    node = Config.__from_bound__(fn, {}, provenance)
    assert duplicate(node).__provenance__ is provenance


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_turns_the_provenance_into_text(protocol):
    node = Config.__from_bound__(fn, {"x": 2}, Provenance(fn.__code__, 0))
    result = pickle.loads(pickle.dumps(node, protocol))
    assert result == node
    assert isinstance(result.__provenance__, SavedProvenance)
    assert str(result.__provenance__) == str(node.__provenance__)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_unpickled_node_works(protocol):
    result = pickle.loads(pickle.dumps(Config(fn), protocol))
    result.x = 4
    assert build(result) == (4, None, ())


def test_cloudpickle_carries_functions_without_a_module():
    namespace = {"__name__": "generated"}
    exec("def made(x, y=2):\n    return x + y", namespace)
    node = Config(namespace["made"], Config(lambda: 3))
    with pytest.raises((pickle.PicklingError, AttributeError, ImportError)):
        pickle.dumps(node)
    result = cloudpickled(node)
    assert result.y == 2
    assert build(result) == 5


def test_copies_with_other_arguments():
    node = Config(fn, 1, Config(fn))
    shallow, deep = copy_with(node, x=2), deepcopy_with(node, x=3, y=4)
    assert (shallow.x, shallow.y is node.y) == (2, True)
    assert (deep.x, deep.y) == (3, 4)
    assert node == Config(fn, 1, Config(fn))
    assert deepcopy_with(node).y is not node.y
    with pytest.raises(AttributeError, match="no parameter"):
        copy_with(node, z=1)


def test_a_weak_proxy_is_copied_as_one_if_it_is_dead():
    leaf = Leaf([1])
    alive, dead = weakref.proxy(leaf), weakref.proxy(Leaf([2]))
    gc.collect()  # where there is no count of references
    copied = copy.deepcopy(Config(fn, dead, [dead]))
    assert copied.x is dead and copied.y[0] is dead
    assert copy.deepcopy(Config(fn, alive)).x.value == [1]


def test_an_error_of_a_leaf_s_own_copy_is_raised():
    class Refusing:
        def __deepcopy__(self, memo):
            raise ReferenceError("not this one")

    with pytest.raises(ReferenceError, match="not this one"):
        copy.deepcopy(Config(fn, Refusing()))


def test_nodes_beside_each_other_in_other_containers_are_all_copied():
    """A tuple, a deque and a defaultdict are gone into for the nodes, lists and dicts in them."""
    leaf, first, second, third = Leaf(), Config(fn, 1), Config(fn, 2), Config(fn, [3])
    table = collections.defaultdict(list, a=leaf, b=second, c=(third, leaf, first))
    graph = Config(fn, (leaf, first, [second], leaf), collections.deque([table, third, first]))
    copied = copy.deepcopy(graph)
    assert copied.x[0] is copied.x[3] is not leaf
    table_copy, third_copy, first_copy = copied.y
    assert copied.x[1] is first_copy is table_copy["c"][2] is not first
    assert copied.x[2][0] is table_copy["b"] is not second
    assert table_copy["c"][0] is third_copy is not third
    assert table_copy["a"] is table_copy["c"][1] is copied.x[0]
    assert table_copy.default_factory is list and type(copied.y) is collections.deque
    assert [node.x for node in (first_copy, table_copy["b"], third_copy)] == [1, 2, [3]]
    assert third_copy.x is not third.x


@pytest.mark.parametrize("wrap", [lambda *values: values, lambda *values: [*values]])
def test_leaves_in_containers_that_refer_back_to_nodes_in_containers(wrap):
    leaf, node, other = Leaf(), Config(fn), Config(fn, 3)
    node.x, leaf.value = wrap(other, leaf), node
    copied = copy.deepcopy(Config(fn, wrap(None, other, node, other, None)))
    inner = copied.x[2]
    assert inner.x[1].value is inner is not node
    assert copied.x[1] is copied.x[3] is inner.x[0] is not other
    assert copied.x[0] is copied.x[4] is None


@pytest.mark.parametrize("duplicate", DEEP)
def test_effects_are_copied_deeply(duplicate):
    inner = Config(fn, 1)
    other = Config(fn, [2])
    add_effects(inner, Config(fn, inner, other))
    graph = Config(fn, inner, other)
    copied = duplicate(graph)
    (effect,) = copied.x.__effects__
    assert effect.x is copied.x is not inner
    assert effect.y is copied.y is not other
    effect.y.x.append(3)
    assert other.x == [2]
    assert copied != graph


@pytest.mark.parametrize("duplicate", DEEP)
@pytest.mark.parametrize("wrap", [lambda node: node, lambda node: Config(fn, (node,))])
def test_effects_of_a_root_and_inside_of_a_tuple_are_copied_too(wrap, duplicate):
    node = Config(fn, 1)
    add_effects(node, Config(fn, node))
    copied = duplicate(wrap(node))
    made = copied if copied.x == 1 else copied.x[0]
    (effect,) = made.__effects__
    assert effect.x is made is not node
