"""Tests of `bytefig.configs.editing.select`."""

import abc
import collections
import copy
import sys

import pytest

from bytefig.configs import (
    ArgFactory,
    Buildable,
    Config,
    Partial,
    SavedProvenance,
    build,
    iter_nodes,
)
from bytefig.configs.selectors import NodeSelection, Selection, select

DEPTH = 10_000

Pair = collections.namedtuple("Pair", "left right")


class Base:
    def __init__(self, x=None, units=1):
        self.x, self.units = x, units

    def method(self, x=None):
        return x


class Derived(Base):
    pass


class Narrow(Base):
    def __init__(self, x=None):
        super().__init__(x)


def fn(a=None, b=None, c=None):
    return a, b, c


def other_fn(a=None):
    return a


def positional(a, /, b=2, *args, c):
    return a


def anything(a=1, **kwargs):
    return a, kwargs


class Sub(Config):
    __slots__ = ()


class Picky(Config):
    __slots__ = ()

    def __setattr__(self, name, value):
        if value is None:
            raise AttributeError("no None, please")
        super().__setattr__(name, value)


class CannotCopy:
    def __deepcopy__(self, memo):
        raise RuntimeError("cannot copy")


def same(found, *expected):
    return [id(node) for node in found] == [id(node) for node in expected]


def chain(depth=DEPTH, last=None):
    node = last
    for _ in range(depth):
        node = Config(other_fn, node)
    return node


# Matching.


def test_function():
    one, two = Config(other_fn), Partial(other_fn)
    assert same(select(Config(fn, one, [two], {"k": Config(Base)}), other_fn), one, two)


def test_root_matches():
    root = Config(fn)
    assert same(select(root, fn), root)


@pytest.mark.parametrize("match_subclasses", [True, False])
def test_subclasses(match_subclasses):
    base, derived, narrow = Config(Base), Config(Derived), Config(Narrow)
    graph = Config(fn, base, derived, narrow)
    found = select(graph, Base, match_subclasses=match_subclasses)
    assert same(found, *([base, derived, narrow] if match_subclasses else [base]))


def test_base_class_is_not_a_match_of_its_subclass():
    assert list(select(Config(Base), Derived)) == []


def test_virtual_subclasses():
    class Shape(abc.ABC):
        pass

    Shape.register(Base)
    node = Config(Derived)
    assert same(select(node, Shape), node)
    assert list(select(node, Shape, match_subclasses=False)) == []


def test_object_matches_classes_only():
    node = Config(Base)
    assert same(select(Config(fn, node, Config(len)), object), node)


def test_bound_methods_match_by_equality():
    base = Base()
    node = Config(base.method)
    assert same(select(node, base.method), node)
    assert same(select(node, base.method, match_subclasses=False), node)
    assert list(select(node, Base().method)) == []
    assert list(select(node, Base.method)) == []
    assert list(select(node, Base)) == []


def test_generic_alias_matches_by_equality():
    node = Config(list[int])
    assert same(select(node, list[int]), node)
    assert list(select(node, list)) == []
    assert list(select(node, list[str])) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Buildable, "cspf"), (Config, "cs"), (Sub, "s"), (Partial, "p"), (ArgFactory, "f")],
)
def test_buildable_type(kind, expected):
    nodes = {"c": Config(Base), "s": Sub(Base), "p": Partial(Base), "f": ArgFactory(Base)}
    found = select(list(nodes.values()), Base, buildable_type=kind)
    assert same(found, *(nodes[letter] for letter in expected))


@pytest.mark.parametrize("bad", [5, "Base", [Base]])
def test_not_callable(bad):
    with pytest.raises(TypeError) as caught:
        select(Config(Base), bad)
    assert str(caught.value) == (
        f"cannot select by {bad!r}: it is not callable; pass a function or a class"
    )


def test_by_a_node():
    with pytest.raises(TypeError, match=r"cannot select by <Config\[Base\(\)\]>: .* get_callable"):
        select(Config(Base), Config(Base))


# Iteration.


def test_nodes_are_distinct():
    shared = Config(Base)
    equal = Config(Base)
    assert same(select(Config(fn, [shared, shared], (shared,), equal), Base), shared, equal)


def test_parents_first_in_order():
    inner = Config(Base, units=1)
    outer = Config(Derived, inner)
    last = Config(Base)
    assert same(select(Config(fn, {"k": (outer,)}, last), Base), outer, inner, last)


def test_found_anew_at_each_iteration():
    graph = Config(fn)
    selection = select(graph, Base)
    assert list(selection) == []
    graph.a = Config(Base)
    assert same(selection, graph.a)
    assert same(selection, graph.a)
    del graph.a
    assert list(selection) == []


def test_edits_during_iteration():
    graph = Config(Base)
    for depth, node in enumerate(select(graph, Base)):
        if depth < 3:
            node.x = Config(Base)
    assert depth == 3
    assert graph == Config(Base, Config(Base, Config(Base, Config(Base))))


def test_iterator_is_lazy():
    iterator = iter(select([Config(Base), Config(Base)], Base))
    assert iter(iterator) is iterator
    assert next(iterator) == Config(Base)


@pytest.mark.parametrize("graph", [3, None, [], "text"])
def test_graph_without_nodes(graph):
    selection = select(graph, Base)
    selection.set(nonsense=1)
    selection.replace(3)
    assert list(selection) == list(selection.get("x")) == []


def test_cycles():
    node = Config(Base)
    items = [node]
    items.append(items)
    node.x = Config(Derived, [node, items])
    assert same(select(items, Base), node, node.x)
    select(items, Base).set(units=5)
    assert list(select(items, Base).get("units")) == [5, 5]


# Everything else about the object.


def test_repr():
    selection = select(Config(fn), Base, match_subclasses=False, buildable_type=Partial)
    assert (
        repr(selection) == "<NodeSelection[Base, match_subclasses=False, buildable_type=Partial]>"
    )


def test_attributes():
    graph = Config(fn)
    selection = select(graph, Base)
    assert isinstance(selection, Selection) and isinstance(selection, NodeSelection)
    assert selection.graph is graph
    assert selection.fn_or_cls is Base
    assert selection.match_subclasses is True
    assert selection.buildable_type is Buildable
    with pytest.raises(AttributeError):
        selection.x = 3


def test_no_length_and_always_true():
    selection = select(Config(fn), Base)
    assert selection
    with pytest.raises(TypeError):
        len(selection)


# get


def test_get():
    graph = [Config(Base, 1), Config(Derived), Config(Narrow, x=[2])]
    values = list(select(graph, Base).get("x"))
    assert values == [1, None, [2]]
    assert values[2] is graph[2].x


def test_get_is_lazy():
    values = select([Config(Base, units=3), Config(Narrow)], Base).get("units")
    assert next(values) == 3
    with pytest.raises(AttributeError):
        next(values)


def test_get_unknown():
    graph = Config(fn, [Config(Base), Config(Narrow)])
    with pytest.raises(AttributeError, match="no parameter 'units'") as caught:
        list(select(graph, Base).get("units"))
    (note,) = caught.value.__notes__
    assert note.startswith("at <root>.a[1], made at ")


def test_get_unset():
    with pytest.raises(AttributeError, match="'c' of positional is not set") as caught:
        list(select({"k": Config(positional)}, positional).get("c"))
    (note,) = caught.value.__notes__
    assert note.startswith("at <root>['k'], made at ")


def test_get_from_a_node_that_has_left_the_graph():
    graph = [Config(Base, units=3), Config(Narrow)]
    values = select(graph, Base).get("units")
    next(values)
    graph.pop()
    with pytest.raises(AttributeError) as caught:
        next(values)
    (note,) = caught.value.__notes__
    assert note.startswith("at a node that has left the graph, made at ")


# set


def test_set():
    shared = Config(Base)
    graph = Config(fn, [shared, (Partial(Derived),)], shared, Config(other_fn))
    assert select(graph, Base).set(x=1, units=2) is None
    expected = Config(Base, 1, 2)
    assert graph == Config(fn, [expected, (Partial(Derived, 1, 2),)], expected, Config(other_fn))
    assert graph.b is shared


def test_set_shares_the_value():
    value = Config(list)
    graph = [Config(Base), Config(Base)]
    select(graph, Base).set(x=value)
    assert graph[0].x is graph[1].x is value


def test_set_a_value_that_matches():
    graph = [Config(Base), Config(Base)]
    value = Config(Base)
    select(graph, Base).set(x=value)
    assert value == Config(Base)


def test_set_also_reaches_nodes_that_it_cuts_off():
    inner = Config(Base)
    graph = Config(Base, inner)
    select(graph, Base).set(x=3)
    assert graph == inner == Config(Base, 3)


def test_set_arguments_of_any_name():
    graph = Config(anything)
    select(graph, anything).set(self=1, name=2, arguments=3, node=4)
    assert graph == Config(anything, **{"self": 1, "name": 2, "arguments": 3, "node": 4})


def test_set_nothing():
    graph = Config(Base)
    select(graph, Base).set()
    assert graph.__arguments__ == {}


@pytest.mark.parametrize("order", [(Base, Narrow), (Narrow, Base)])
def test_set_is_all_or_nothing(order):
    graph = Config(fn, [Config(cls, 0) for cls in order])
    before = copy.deepcopy(graph)
    index = order.index(Narrow)
    with pytest.raises(AttributeError) as caught:
        select(graph, Base).set(x=1, units=2)
    assert str(caught.value) == (
        "cannot set 'units': Narrow has no parameter 'units' (parameters: x)\n"
        f"  at <root>.a[{index}], made at {graph.a[index].__provenance__}\n"
        "  no node was changed"
    )
    assert caught.value.__suppress_context__
    assert graph == before
    assert [node.__arguments__ for node in iter_nodes(graph.a)] == [{"x": 0}, {"x": 0}]


def test_set_names_the_near_match_and_the_provenance():
    made = SavedProvenance("model.py", 12, 4, "make")
    node = Config.__from_bound__(Base, {}, made)
    with pytest.raises(AttributeError) as caught:
        select({"k": node}, Base).set(unit=3)
    assert "'unit'; did you mean 'units'? (parameters: x, units)" in str(caught.value)
    assert "\n  at <root>['k'], made at model.py:12 in make\n" in str(caught.value)


def test_set_at_the_root():
    with pytest.raises(AttributeError, match="at <root>, made at .*\n"):
        select(Config(Base), Base).set(unit=3)


def test_set_names_the_shortest_path():
    node = Config(Narrow)
    graph = Config(fn, [[node]], Config(fn, c=Config(fn, node)), Pair(0, node))
    with pytest.raises(AttributeError, match=r"at <root>\.c\.right, made at .*\n"):
        select(graph, Base).set(units=3)


def test_set_path_in_a_cycle():
    items = [0, Config(Narrow)]
    items[0] = items
    with pytest.raises(AttributeError, match=r"at <root>\[1\], made at .*\n"):
        select(items, Base).set(units=3)


@pytest.mark.parametrize(
    ("name", "message"),
    [("a", r"positional only; use \[0\]"), ("args", r"variadic; use \[VARARGS:\]")],
)
def test_set_positional(name, message):
    graph = Config(positional, 1)
    with pytest.raises(AttributeError, match=message):
        select(graph, positional).set(b=5, **{name: 3})
    assert graph == Config(positional, 1)


def test_set_refuses_special_names():
    graph = Config(anything)
    with pytest.raises(AttributeError, match="__fn_or_cls__"):
        select(graph, anything).set(a=2, __fn_or_cls__=fn)
    assert graph == Config(anything)


def test_set_asks_the_subclass():
    graph = [Config(Base, 1), Picky(Base, 1)]
    with pytest.raises(AttributeError, match=r"no None, please\n  at <root>\[1\]"):
        select(graph, Base).set(x=None)
    assert graph == [Config(Base, 1), Picky(Base, 1)]


# replace


def test_replace():
    graph = Config(fn, Config(Base), [Partial(Derived, 1), Config(other_fn)], {"k": Config(Base)})
    value = Config(list)
    assert select(graph, Base).replace(value) is None
    assert graph == Config(fn, Config(list), [Config(list), Config(other_fn)], {"k": Config(list)})
    assert len({id(node) for node in [value, *select(graph, list)]}) == 4


def test_replace_without_copies():
    graph = Config(fn, Config(Base), [Config(Base)])
    value = Config(list)
    select(graph, Base).replace(value, deepcopy=False)
    assert graph.a is graph.b[0] is value
    built = build(graph)
    assert built[0] is built[1][0]


def test_replace_keeps_sharing():
    shared = Config(Base)
    graph = Config(fn, shared, [shared], (shared, Config(Base)))
    select(graph, Base).replace(Config(list))
    assert graph.a is graph.b[0] is graph.c[0]
    assert graph.a is not graph.c[1]


@pytest.mark.parametrize("value", [None, 5, [1], (), len])
@pytest.mark.parametrize("deepcopy", [True, False])
def test_replace_by_any_value(value, deepcopy):
    graph = Config(fn, Config(Base), (Config(Base),))
    select(graph, Base).replace(value, deepcopy)
    assert graph == Config(fn, value, (value,)) or isinstance(value, list)
    assert graph.a == value
    assert graph.b == (value,)
    assert (graph.a is value) == (not deepcopy or not isinstance(value, list))


def test_replace_leaves_the_old_nodes_alone():
    inner = Config(Base)
    outer = Config(Base, [inner])
    graph = Config(fn, outer)
    select(graph, Base).replace(3)
    assert graph == Config(fn, 3)
    assert same(outer.x, inner)


def test_replace_inside_and_outside_of_a_match():
    inner = Config(Base)
    outer = Config(Base, inner)
    graph = Config(fn, outer, inner)
    select(graph, Base).replace(Config(list))
    assert graph == Config(fn, Config(list), Config(list))
    assert outer.x is inner


def test_replace_does_not_copy_for_nodes_that_go_with_their_parent():
    copies = []

    class Counted:
        def __deepcopy__(self, memo):
            copies.append(self)
            return self

    select([Config(Base, Config(Base, Config(Base)))], Base).replace(Counted())
    assert len(copies) == 1


def test_replace_wraps():
    node = Config(Base)
    graph = [node]
    select(graph, Base).replace(Config(Derived, node), deepcopy=False)
    assert graph == [Config(Derived, Config(Base))]
    assert graph[0].x is node


def test_replace_copies_the_value_before_any_change():
    value = Config(other_fn, Config(Base))
    graph = [Config(Base), value]
    select(graph, Base).replace(value)
    assert graph == [Config(other_fn, Config(Base)), Config(other_fn, graph[1].a)]
    assert graph[1].a == Config(other_fn, Config(Base))


def test_replace_edits_in_place_except_for_tuples():
    kept = (1, Config(other_fn))
    middle = Config(other_fn, Config(Base))
    items, entries = [middle, Config(Base)], {1: Config(Base), 2: kept}
    default = collections.defaultdict(list, k=Config(Base))
    graph = Config(fn, items, entries, (default, Pair(Config(Base), kept)))
    select(graph, Base).replace(0)
    assert graph.a is items
    assert graph.b is entries
    assert graph.c[0] is default
    assert items[0] is middle
    assert entries[2] is graph.c[1].right is kept
    assert graph == Config(
        fn,
        [Config(other_fn, 0), 0],
        {1: 0, 2: kept},
        (collections.defaultdict(list, k=0), Pair(0, kept)),
    )
    assert list(entries) == [1, 2]
    assert default.default_factory is list


def test_replace_keeps_shared_tuples_shared():
    pair = (Config(Base),)
    graph = [pair, pair]
    select(graph, Base).replace(0)
    assert graph == [(0,), (0,)]
    assert graph[0] is graph[1]


def test_replace_in_positional_arguments():
    graph = Config(positional, Config(Base), 2, 3, Config(Base))
    select(graph, Base).replace(0)
    assert graph[:] == [0, 2, 3, 0]


def test_replace_by_a_node_of_the_graph():
    target = Config(Base, units=7)
    graph = [Config(Base), target, (target,)]
    select(graph, Base).replace(target, deepcopy=False)
    assert graph[0] is graph[1] is graph[2][0] is target
    assert target == Config(Base, units=7)


@pytest.mark.parametrize("deepcopy", [True, False])
def test_replace_the_root(deepcopy):
    graph = Config(Base, Config(Derived))
    with pytest.raises(ValueError, match="cannot replace the root of the graph"):
        select(graph, Base).replace(Config(list), deepcopy)
    with pytest.raises(ValueError, match="cannot replace the root of the graph"):
        select(graph, Base).replace(graph, deepcopy)
    assert graph == Config(Base, Config(Derived))


def test_replace_the_root_from_a_cycle():
    graph = Config(fn, Config(other_fn))
    graph.a.a = graph
    with pytest.raises(ValueError, match="root"):
        select(graph, fn).replace(0)
    assert graph.a.a is graph
    select(graph, other_fn).replace(0)
    assert graph == Config(fn, 0)


def test_replace_in_a_root_that_is_a_list_or_a_dict():
    items, entries = [Config(Base)], {"k": Config(Base)}
    select(items, Base).replace(0)
    select(entries, Base).replace(0)
    assert (items, entries) == ([0], {"k": 0})


@pytest.mark.parametrize("wrap", [lambda x: (x,), lambda x: Pair(0, x), lambda x: (0, (x,))])
def test_replace_in_a_root_that_is_a_tuple(wrap):
    items = [Config(Base)]
    graph = (wrap(Config(Base)), items)
    with pytest.raises(ValueError, match="a root that is a tuple"):
        select(graph, Base).replace(0)
    assert graph == (wrap(Config(Base)), [Config(Base)])
    graph = (items,)
    select(graph, Base).replace(0)
    assert graph == ([0],)


def test_replace_is_all_or_nothing():
    graph = Config(fn, Config(Base), [Config(Base)])
    with pytest.raises(RuntimeError, match="cannot copy"):
        select(graph, Base).replace(Config(other_fn, CannotCopy()))
    assert graph == Config(fn, Config(Base), [Config(Base)])


def test_replace_is_all_or_nothing_when_a_named_tuple_cannot_be_made():
    class Odd(Pair):
        @classmethod
        def _make(cls, values):
            raise RuntimeError("not made")

    graph = Config(fn, Config(Base), Odd(0, Config(Base)))
    with pytest.raises(RuntimeError, match="not made"):
        select(graph, Base).replace(0)
    assert graph == Config(fn, Config(Base), Odd(0, Config(Base)))


def test_replace_in_cycles():
    node = Config(other_fn)
    items = [node, Config(Base)]
    items.append((items, Config(Base)))
    node.a = (node, items)
    select(node, Base).replace(0)
    assert node.a[1] is items
    assert items[0] is node
    assert items[1] == 0
    assert items[2][0] is items
    assert items[2][1] == 0


# Size.


def test_deep_graph():
    assert sys.getrecursionlimit() < DEPTH
    last = Config(Base)
    graph = chain(last=last)
    assert same(select(graph, Base), last)
    assert len(list(select(graph, other_fn))) == DEPTH
    assert list(select(graph, Base).get("units")) == [1]
    select(graph, Base).set(units=2)
    with pytest.raises(AttributeError, match=rf"at <root>(\.a){{{DEPTH}}}, made at .*\n"):
        select(graph, Base).set(unit=3)
    select(graph, Base).replace(chain(last=Config(list)))
    assert len(list(select(graph, other_fn))) == 2 * DEPTH
    assert select(graph, Base).replace(0) is None


def test_deep_containers():
    graph = [Config(Base)]
    for _ in range(DEPTH):
        graph = [(graph,)]
    select(graph, Base).set(units=2)
    select(graph, Base).replace(0)
    value = graph
    while value != 0 and isinstance(value, list | tuple):
        (value,) = value
    assert value == 0


def test_deep_tuples():
    inner = (Config(Base),)
    for _ in range(DEPTH):
        inner = (inner,)
    graph = [inner]
    select(graph, Base).replace(0)
    value = graph
    while value != 0:
        (value,) = value


def test_many_shared_tuples():
    pair = (Config(Base), 0)
    for _ in range(60):
        pair = (pair, pair)
    graph = [pair]
    select(graph, Base).replace(1)
    assert graph[0][0] is graph[0][1]
    with pytest.raises(AttributeError, match="unit"):
        select([Config(Narrow), *[pair] * 2], Base).set(unit=1)
