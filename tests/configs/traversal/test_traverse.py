"""Tests of `bytefig.configs.traversal.traverse`."""

import builtins
import collections
import copy
import typing

import pytest

from bytefig.configs import (
    BUILDABLE_TYPES,
    ArgFactory,
    Attr,
    Buildable,
    Config,
    CycleError,
    Index,
    Key,
    Partial,
    build,
    contains_buildable,
    format_path,
    iter_nodes,
    iterate,
    parse_path,
)
from bytefig.configs.traversal.traverse import fold, kind_of, path_of

Pair = collections.namedtuple("Pair", "left right")


class Typed(typing.NamedTuple):
    left: int
    right: int = 2


class OddPair(Pair):
    def __new__(cls, both):
        return super().__new__(cls, both, both)


class ListSub(list):
    pass


class TupleSub(tuple):
    pass


class DictSub(dict):
    pass


def fn(x=1, y=None):
    return x, y


def everything(a, /, b=1, *args, c=2, **kw):
    return a, b, args, c, kw


def rebuild(visit, stack):
    return visit.rebuild()


@pytest.mark.parametrize(
    ("value", "buildable", "mutable"),
    [
        (Config(fn), True, True),
        (Partial(fn), True, True),
        (ArgFactory(fn), True, True),
        (Buildable(fn), True, True),
        ([], False, True),
        ({}, False, True),
        (collections.defaultdict(list), False, True),
        ((), False, False),
        (Pair(1, 2), False, False),
        (Typed(1), False, False),
    ],
)
def test_kinds(value, buildable, mutable):
    kind = kind_of(value)
    assert kind.buildable is buildable
    assert kind.mutable is mutable


@pytest.mark.parametrize(
    "value",
    [
        1,
        "text",
        b"bytes",
        None,
        {1},
        range(3),
        ListSub(),
        TupleSub(),
        DictSub(),
        collections.Counter(),
        collections.UserList(),
        Config,
        Pair,
        fn,
    ],
)
def test_leaves(value):
    assert kind_of(value) is None
    assert fold(value, rebuild) is value
    assert fold(value, rebuild, lambda leaf: (leaf,)) == (value,)
    assert list(iter_nodes(value)) == []
    assert not contains_buildable([value])


@pytest.mark.parametrize(
    ("value", "elements", "children"),
    [
        ([5, 6], [Index(0), Index(1)], [5, 6]),
        ((5,), [Index(0)], [5]),
        ({"k": 5, 2: 6}, [Key("k"), Key(2)], [5, 6]),
        (collections.defaultdict(int, k=5), [Key("k")], [5]),
        (Pair(5, 6), [Attr("left"), Attr("right")], [5, 6]),
        (Config(fn, y=6, x=5), [Attr("x"), Attr("y")], [5, 6]),
        (
            Config(everything, 1, 2, 3, c=4, z=5),
            [Index(0), Attr("b"), Index(2), Attr("c"), Attr("z")],
            [1, 2, 3, 4, 5],
        ),
    ],
)
def test_taken_apart_and_put_together(value, elements, children):
    kind = kind_of(value)
    keys, found = kind.flatten(value)
    assert [kind.element(key) for key in keys] == elements
    assert list(found) == children
    assert [element.follow(value) for element in elements] == children
    again = kind.rebuild(value, keys, list(found))
    assert again == value
    assert type(again) is type(value)


def test_rebuild_keeps_what_is_not_a_child():
    table = fold(collections.defaultdict(list, k=1), rebuild)
    assert table.default_factory is list
    node = fold(Config.__from_bound__(fn, {"x": 1}, "made"), rebuild)
    assert node.__provenance__ == "made"


def test_named_tuple_with_its_own_constructor():
    value = fold(OddPair([1]), rebuild, lambda leaf: leaf + 1)
    assert type(value) is OddPair
    assert value == ([2], [2])


def test_fold_turns_leaves_and_then_nodes():
    graph = {"a": [1, 2], "b": (3, Config(fn, 4))}
    assert fold(graph, lambda visit, _: sum(visit.results), lambda leaf: leaf * 10) == 100


def test_fold_visits_a_shared_node_once():
    shared = [1]
    visited = []

    def combine(visit, stack):
        visited.append(visit.node)
        return visit.rebuild()

    graph = (shared, [shared], Config(fn, shared))
    result = fold(graph, combine)
    assert [id(node) for node in visited].count(id(shared)) == 1
    assert result[0] is result[1][0] is result[2].x
    assert result[0] is not shared


def test_fold_visits_children_first_in_order():
    graph = [Config(fn, [1], [2]), [3]]
    visited = []
    fold(graph, lambda visit, _: visited.append(visit.node))
    assert visited == [[1], [2], graph[0], [3], graph]


def test_fold_gives_the_path():
    graph = {"k": [0, Config(fn, Pair(1, ()))]}
    paths = []
    fold(graph, lambda _, stack: paths.append(format_path(path_of(stack))))
    assert paths == [
        "<root>['k'][1].x.right",
        "<root>['k'][1].x",
        "<root>['k'][1]",
        "<root>['k']",
        "<root>",
    ]


def test_fold_uses_and_fills_the_memo():
    known, new = [1], [2]
    graph = [known, new]
    memo = {id(known): "known"}
    assert fold(graph, rebuild, memo=memo) == ["known", [2]]
    assert memo[id(new)] == [2]
    assert fold(graph, rebuild, memo=memo) is memo[id(graph)]


def test_fold_survives_edits_of_the_graph():
    graph = [[1], [2], [3]]

    def combine(visit, stack):
        graph.clear()
        return sum(visit.results)

    assert fold(graph, combine) == 6


def test_fold_of_a_cycle_names_both_ends():
    inner = []
    graph = {"a": 0, "b": Config(fn, 1, [inner])}
    inner.append(graph["b"])
    with pytest.raises(CycleError) as caught:
        fold(graph, rebuild)
    assert (caught.value.outer, caught.value.inner) == ("<root>['b']", "<root>['b'].y[0][0]")


@pytest.mark.parametrize("make", [list, dict, lambda: Config(fn)])
def test_fold_of_a_value_in_itself(make):
    value = make()
    if isinstance(value, list):
        value.append(value)
    elif isinstance(value, dict):
        value["x"] = value
    else:
        value.x = value
    with pytest.raises(CycleError) as caught:
        fold(value, rebuild)
    assert caught.value.outer == "<root>"


def test_sharing_is_no_cycle():
    shared = [1]
    assert fold([shared, [shared], shared], rebuild) == [[1], [[1]], [1]]


def test_iter_nodes_yields_parents_first_and_each_once():
    shared = Config(list)
    first = Partial(fn, shared, {"k": ArgFactory(list)})
    graph = [first, (shared, Pair(Config(dict), 1)), first]
    found = list(iter_nodes(graph))
    assert [id(node) for node in found] == [
        id(node) for node in (first, shared, first.y["k"], graph[1][1].left)
    ]


def test_iter_nodes_of_a_cycle():
    node = Config(fn)
    node.x = [node]
    node.y = node.x
    (found,) = iter_nodes(node)
    assert found is node


def test_iter_nodes_sees_edits_between_steps():
    graph = Config(fn)
    nodes = iter_nodes(graph)
    assert next(nodes) is graph
    graph.x = Config(list)
    assert next(nodes) is graph.x


def test_iter_nodes_does_not_mistake_a_new_node_for_a_dead_one():
    graph = [Config(fn), Config(fn)]
    nodes = iter_nodes(graph)
    next(nodes)
    graph[0] = None
    second = next(nodes)
    # Where the first one was, if that is freed by now.
    second.x = Config(list)
    assert next(nodes) is second.x


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Config(fn), True),
        ([1, {"k": (Pair(1, Partial(fn)),)}], True),
        (collections.defaultdict(list, k=[Config(fn)]), True),
        ([1, {"k": (Pair(1, 2),)}], False),
        (ListSub([Config(fn)]), False),
        ({Config: 1}, False),
        (None, False),
    ],
)
def test_contains_buildable(value, expected):
    assert contains_buildable(value) is expected


def test_contains_buildable_of_a_cycle():
    items = []
    items.append(items)
    assert not contains_buildable(items)


def test_new_subclasses_are_looked_into():
    class Local(Config):
        __slots__ = ()

    assert {Buildable, Config, Partial, ArgFactory, Local} <= BUILDABLE_TYPES
    inner = Config(list)
    assert list(iter_nodes(Local(fn, inner)))[1] is inner


@pytest.mark.parametrize(
    "make, path",
    [
        (lambda x: collections.deque([x, 2], 3), "<root>.x[0]"),
        (lambda x: collections.OrderedDict(a=x, b=2), "<root>.x['a']"),
        (lambda x: slice(x, 5), "<root>.x.start"),
    ],
)
def test_nodes_in_containers_of_the_library(make, path):
    """No node stays one inside a built container."""
    graph = Config(dict, x=make(Config(int, "7")))
    built = build(graph)["x"]
    assert built == make(7)
    assert getattr(built, "maxlen", None) == getattr(make(7), "maxlen", None)
    copied = copy.deepcopy(graph)
    assert copied == graph and copied.x is not graph.x
    assert graph != Config(dict, x=make(Config(int, "8")))
    assert format_path(parse_path(path)) == path
    assert next(place for place in iterate(graph) if place.value == Config(int, "7")).path == (
        parse_path(path)
    )
    shared = make(Config(int, "7"))
    twice = build([shared, shared])
    assert (twice[0] is twice[1]) or isinstance(shared, slice)


@pytest.mark.skipif(not hasattr(builtins, "frozendict"), reason="frozendict came with 3.15")
def test_a_frozendict_is_looked_into():
    frozen = builtins.frozendict(a=Config(dict, x=1), b=[Config(dict, x=2)])
    assert build(frozen) == builtins.frozendict(a={"x": 1}, b=[{"x": 2}])
    config = Config(dict, frozen=frozen)
    assert build(copy.deepcopy(config)) == build(config)
    assert "<root>.frozen['b'][0]" in [format_path(place.path) for place in iterate(config)]
