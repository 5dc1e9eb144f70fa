"""Tests of `bytefig.configs.editing.in_place`."""

import pytest

from bytefig.configs import (
    ArgFactory,
    Buildable,
    Config,
    Partial,
    SavedProvenance,
    build,
    get_callable,
    replace_in_place,
)

KINDS = [Config, Partial, ArgFactory, Buildable]


def fn(x=1, y=2):
    return x, y


def other_fn(a, /, *rest):
    return a, rest


class Sub(Config):
    __slots__ = ()


class WithState(Config):
    pass


@pytest.mark.parametrize("kind", [*KINDS, Sub])
@pytest.mark.parametrize("other_kind", [*KINDS, Sub])
def test_everything_but_the_identity_changes(kind, other_kind):
    node = kind(fn, 1)
    made = SavedProvenance("f.py", 1, None, "make")
    other = other_kind.__from_bound__(other_fn, {0: 5, 1: 6}, made)
    replace_in_place(node, other)
    assert node == other
    assert type(node) is other_kind
    assert get_callable(node) is other_fn
    assert node[:] == [5, 6]
    assert node.__provenance__ is made


def test_every_reference_sees_the_change():
    shared = Config(fn)
    graph = [shared, Config(fn, shared)]
    replace_in_place(shared, Config(list))
    assert build(graph) == [[], ([], 2)]


def test_copy_is_shallow():
    items = [1]
    node, other = Config(fn), Config(fn, items)
    replace_in_place(node, other)
    assert node.x is items
    node.y = 3
    assert other == Config(fn, items)


def test_other_stays_as_it_is():
    node, other = Config(fn, 7), Partial(other_fn, 1, 2)
    replace_in_place(node, other)
    assert other == Partial(other_fn, 1, 2)


def test_by_itself():
    node = Config(fn, 3)
    replace_in_place(node, node)
    assert node == Config(fn, 3)


def test_by_a_node_that_holds_it():
    node = Config(fn)
    replace_in_place(node, Config(fn, [node]))
    assert node.x[0] is node


@pytest.mark.parametrize("bad", [None, 3, [Config(fn)], fn, Config])
def test_not_a_node(bad):
    node = Config(fn, 3)
    with pytest.raises(TypeError, match="cannot replace in place: .* is not a Buildable"):
        replace_in_place(node, bad)
    with pytest.raises(TypeError, match="is not a Buildable"):
        replace_in_place(bad, node)
    assert node == Config(fn, 3)


@pytest.mark.parametrize(
    ("node", "other"), [(Config(fn, 3), WithState(fn)), (WithState(fn, 3), Config(other_fn, 1))]
)
def test_classes_of_another_layout(node, other):
    kind = type(node)
    with pytest.raises(TypeError) as caught:
        replace_in_place(node, other)
    assert f"a {kind.__name__} cannot become a {type(other).__name__}" in caught.value.__notes__[0]
    assert "__slots__ = ()" in caught.value.__notes__[0]
    assert type(node) is kind
    assert get_callable(node) is fn
    assert node.__arguments__ == {"x": 3}
