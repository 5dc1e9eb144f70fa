"""Tests of `bytefig.configs.node.dunders.equality`."""

import collections

import pytest

from bytefig.configs import (
    ArgFactory,
    Buildable,
    Config,
    Partial,
    add_effects,
    register_container,
)

Pair = collections.namedtuple("Pair", "left right")
Other = collections.namedtuple("Other", "left right")


def fn(x=1, y=None):
    return x, y


def same_parameters(x=1, y=None):
    return x, y


def positional(a=1, b=2, /, *args, c=3, **kw):
    return a, b, args, c, kw


DEFAULT_LIST = [1]


def list_default(x=DEFAULT_LIST):
    return x


class Method:
    def method(self, x):
        return x


class Sub(Config):
    __slots__ = ()


def pair_of_shared(make):
    shared = make()
    return Config(fn, shared, shared)


def pair_of_equal(make):
    return Config(fn, make(), make())


def loop():
    node = Config(fn)
    node.x = [node]
    return node


def compare(left, right):
    """Return ``left == right``, after a check that all four ways to ask agree."""
    answer = left == right
    assert (right == left) is answer
    assert (left != right) is (right != left) is not answer
    return answer


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Config(fn), Config(fn)),
        (Config(fn), Config(fn, x=1, y=None)),
        (Config(fn, x=1), Config(fn, y=None)),
        (Config(fn, 2), Config(fn, x=2)),
        (Config(fn, y=3, x=2), Config(fn, x=2, y=3)),
        (Config(fn, 1.0), Config(fn, True)),
        (Config(positional, 1, 2), Config(positional, c=3)),
        (Config(positional, 1, 2, 3, z=4), Config(positional, 1, 2, 3, c=3, z=4)),
        (Config(list_default), Config(list_default, [1])),
        (Config(fn, [1, {"k": (2,)}]), Config(fn, [1, {"k": (2,)}])),
        (Config(fn, {"a": 1, "b": 2}), Config(fn, {"b": 2, "a": 1})),
        (Config(fn, Pair(1, [2])), Config(fn, Pair(1, [2]))),
        (Config(fn, {1, 2}), Config(fn, {2, 1})),
        (Config(fn, Config(fn, x=1)), Config(fn, Config(fn))),
        (Partial(fn, ArgFactory(list)), Partial(fn, ArgFactory(list))),
        (Config(Method.method), Config(Method.method)),
    ],
)
def test_equal(left, right):
    assert compare(left, right)
    assert compare(Config(fn, [left]), Config(fn, [right]))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Config(fn), Config(same_parameters)),
        (Config(fn), Partial(fn)),
        (Config(fn), Sub(fn)),
        (Config(fn), Buildable(fn)),
        (Config(fn), ArgFactory(fn)),
        (Config(fn, 2), Config(fn, 3)),
        (Config(fn, 2), Config(fn)),
        (Config(fn, y=2), Config(fn, x=1)),
        (Config(dict, a=1), Config(dict)),
        (Config(dict, a=1), Config(dict, b=1)),
        (Config(positional, 1, 2, 3), Config(positional, 1, 2)),
        (Config(positional, 1, 2, 3), Config(positional, 1, 2, 4)),
        (Config(list_default), Config(list_default, [2])),
        (Config(fn, [1]), Config(fn, (1,))),
        (Config(fn, [1]), Config(fn, [1, 2])),
        (Config(fn, [1, 2]), Config(fn, [2, 1])),
        (Config(fn, (1,)), Config(fn, (1, 2))),
        (Config(fn, {"a": 1}), Config(fn, {"b": 1})),
        (Config(fn, {"a": 1}), Config(fn, {"a": 1, "b": 1})),
        (Config(fn, {"a": 1}), Config(fn, {"a": 2})),
        (Config(fn, {}), Config(fn, collections.defaultdict(list))),
        (Config(fn, Pair(1, 2)), Config(fn, Other(1, 2))),
        (Config(fn, Pair(1, 2)), Config(fn, (1, 2))),
        (Config(fn, Config(fn)), Config(fn, 1)),
        (Config(fn, Config(fn)), Config(fn, Partial(fn))),
        (Config(fn, [1]), Config(fn, 1)),
    ],
)
def test_different(left, right):
    assert not compare(left, right)
    assert not compare(Config(fn, [left]), Config(fn, [right]))


@pytest.mark.parametrize("make", [lambda: Config(fn), lambda: [1], lambda: {"k": [1]}, list])
def test_sharing_counts(make):
    assert compare(pair_of_shared(make), pair_of_shared(make))
    assert compare(pair_of_equal(make), pair_of_equal(make))
    assert not compare(pair_of_shared(make), pair_of_equal(make))


@pytest.mark.parametrize("make", [lambda: Config(fn), lambda: [1]])
def test_what_is_met_again_has_to_be_the_same_again(make):
    a, b, c, d = (make() for _ in range(4))
    assert compare(Config(fn, [a, b, a, b]), Config(fn, [c, d, c, d]))
    assert not compare(Config(fn, [a, b, a, b]), Config(fn, [c, d, d, c]))
    assert not compare(Config(fn, [a, b, a, b]), Config(fn, [c, d, c, c]))


class Agreeable:
    """A leaf that says to be equal to anything."""

    __hash__ = None

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


@pytest.mark.parametrize("node", [Config(fn), Partial(fn), ArgFactory(fn), [Config(fn)], [1]])
def test_a_leaf_is_no_node_whatever_it_says(node):
    holders = (lambda value: Config(fn, value)), (lambda value: Config(fn, 1, [value]))
    for holder in holders:
        assert not compare(holder(Agreeable()), holder(node))
        assert compare(holder(Agreeable()), holder("another leaf"))


class Table:
    """A container of a user: values under names, which count."""

    def __init__(self, **values):
        self.values = values


register_container(
    Table,
    flatten=lambda table: ([*table.values], [*table.values.values()]),
    rebuild=lambda table, keys, values: Table(**dict(zip(keys, values, strict=True))),
)


@pytest.mark.parametrize(
    "left, right, equal",
    [
        (Table(a=1, b=2), Table(a=1, b=2), True),
        (Table(a=1, b=2), Table(a=1, c=2), False),
        (Table(a=1, b=2), Table(b=1, a=2), False),
        (Table(a=1), Table(a=1, b=2), False),
        (Table(a=1), {"a": 1}, False),
        (Table(a=Config(fn, 2)), Table(a=Config(fn, 2)), True),
        (Table(a=Config(fn, 2)), Table(b=Config(fn, 2)), False),
    ],
)
def test_registered_containers_are_equal_by_keys_and_values(left, right, equal):
    assert compare(Config(fn, left), Config(fn, right)) is equal


@pytest.mark.parametrize(
    "left, right, equal",
    [
        ([], [], True),
        ([Config(fn, 1)], [], False),
        ([Config(fn, 1)], [Config(fn, 1)], True),
        ([Config(fn, 1)], [Config(fn, 2)], False),
        ([Config(fn, 1)], [Config(fn, 1), Config(fn, 2)], False),
        ([Config(fn, 1), Config(fn, 2)], [Config(fn, 2), Config(fn, 1)], False),
    ],
)
def test_effects_count(left, right, equal):
    one, other = Config(fn), Config(fn)
    add_effects(one, *left)
    add_effects(other, *right)
    assert compare(one, other) is equal


def test_sharing_inside_of_immutable_containers_counts():
    shared, one, other = Config(fn), Config(fn), Config(fn)
    left = Config(fn, (shared,), Pair(shared, 1))
    assert compare(left, Config(fn, (one,), Pair(one, 1)))
    assert not compare(left, Config(fn, (one,), Pair(other, 1)))


def test_sharing_of_immutable_containers_does_not_count():
    assert compare(pair_of_shared(lambda: (1, [])), pair_of_shared(lambda: (1, [])))
    one, other = tuple([1, 2]), tuple([1, 2])
    assert one is not other
    assert compare(Config(fn, one, one), Config(fn, one, other))


def test_sharing_across_the_two_sides_is_fine():
    shared = Config(fn)
    assert compare(Config(fn, [shared]), Config(fn, [shared]))
    assert not compare(Config(fn, shared, Config(fn)), Config(fn, shared, shared))


def test_shared_default_is_one_object():
    one, other = Config(list_default), Config(list_default)
    assert compare(Config(fn, one, other), Config(fn, Config(list_default), Config(list_default)))
    separate = Config(fn, Config(list_default, [1]), Config(list_default, [1]))
    assert not compare(Config(fn, one, other), separate)


def test_bound_methods_are_compared_by_value():
    target = Method()
    assert target.method is not target.method
    assert compare(Config(target.method), Config(target.method))
    assert not compare(Config(target.method), Config(Method().method))


def test_same_object_is_equal_whatever_it_says():
    nan = float("nan")
    node = Config(fn, nan)
    assert compare(node, node)
    assert compare(Config(fn, nan), Config(fn, nan))
    assert not compare(Config(fn, nan), Config(fn, float("nan")))


def test_cycles():
    assert compare(loop(), loop())
    longer = Config(fn)
    longer.x = [Config(fn, [longer])]
    assert not compare(loop(), longer)
    changed = loop()
    changed.y = 1
    assert not compare(loop(), changed)


@pytest.mark.parametrize("other", [1, None, "x", fn, (), [], Config])
def test_other_types(other):
    assert not compare(Config(fn), other)
    assert Config(fn).__eq__(other) is NotImplemented


def test_the_other_type_may_decide():
    class Agrees:
        def __eq__(self, other):
            return True

    assert Config(fn) == Agrees()


def test_provenance_does_not_count():
    assert compare(Config.__from_bound__(fn, {"x": 2}, "somewhere"), Config(fn, 2))


def test_tuples_nested_in_pairs_are_compared_once():
    left, right = (), ()
    for _ in range(100):
        left, right = (left, left), (right, right)
    assert compare(Config(fn, left), Config(fn, right))
    assert not compare(Config(fn, left), Config(fn, (right, right)))


class ByElement:
    """Compares as arrays do."""

    def __eq__(self, other):
        return self

    __ne__ = __eq__
    __hash__ = None

    def __bool__(self):
        raise ValueError("of several elements")


@pytest.mark.parametrize("leaf", [1, "text", None, 2.5])
def test_a_leaf_that_is_compared_with_an_array(leaf):
    one, other = Config(fn, leaf), Config(fn, ByElement())
    for left, right in ((one, other), (other, one)):
        assert not left == right  # noqa: SIM201
        assert left != right


def test_equal_values_that_are_two_objects_say_nothing_of_the_next():
    assert float("1.5") is not float("1.5")
    assert Config(fn, float("1.5"), "one") != Config(fn, float("1.5"), "other")
    assert Config(fn, float("1.5"), "one") == Config(fn, float("1.5"), "one")
