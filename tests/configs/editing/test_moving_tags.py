"""Tags of ``*args`` when these are renumbered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_cases import equal_with_tags

from bytefig.configs import (
    VARARGS,
    Config,
    Tag,
    add_tag,
    get_tags,
    node_history,
    set_argument,
    update_callable,
)


class One(Tag):
    """Of the value 1."""


class Two(Tag):
    """Of the value 2."""


class Later(Tag):
    """Of an argument to come."""


TAGS = {1: One, 2: Two}


def variadic(first, *args):
    return first, args


def only_varargs(*args):
    return args


def two_fixed(first, second, /, *args):
    return first, second, args


def named(first, second=None):
    return first, second


def tagged(fn, *args):
    node = Config(fn, *args)
    for position, value in enumerate(args):
        if value in TAGS:
            add_tag(node, position, TAGS[value])
    return node


def tags_by_position(node):
    return {key: own for key, (own,) in ((k, tuple(v)) for k, v in node.__argument_tags__.items())}


def test_deletion_moves_those_after():
    node = tagged(variadic, 0, 1, 0, 2)
    add_tag(node, 4, Later)
    del node[1]
    assert node[:] == [0, 0, 2]
    assert tags_by_position(node) == {2: Two, 3: Later}
    del node[1:]
    assert tags_by_position(node) == {1: Later}
    del node[0]
    assert tags_by_position(node) == {1: Later}


def test_the_last_tag_goes_with_its_argument():
    node = tagged(only_varargs, 0, 1)
    del node[-1]
    assert node.__argument_tags__ is None
    (*_, tags, value) = node_history(node, 1)
    assert (tags.kind, tags.before, tags.after) == ("tags", {One}, frozenset())
    assert (value.kind, value.before) == ("delete", 1)


def test_assignment_of_another_number():
    node = tagged(only_varargs, 0, 1, 0, 2)
    node[0:1] = ["a", "b", "c"]
    assert node[:] == ["a", "b", "c", 1, 0, 2]
    assert tags_by_position(node) == {3: One, 5: Two}
    node[2:5] = []
    assert node[:] == ["a", "b", 2]
    assert tags_by_position(node) == {2: Two}


def test_inside_the_slice_they_stay():
    node = tagged(only_varargs, 0, 1, 2)
    node[0:2] = ["a", "b", "c"]
    assert tags_by_position(node) == {1: One, 3: Two}
    node[::-1] = [5, 6, 7, 8]
    assert node[:] == [8, 7, 6, 5]
    assert tags_by_position(node) == {1: One, 3: Two}


def test_insertion():
    node = tagged(only_varargs, 1, 2)
    node[1:1] = ["a"]
    assert tags_by_position(node) == {0: One, 2: Two}
    node[0:0] = ["a"]
    assert tags_by_position(node) == {1: One, 3: Two}


def test_what_is_added_meets_the_tags_that_wait_for_it():
    node = tagged(variadic, 0, 1)
    add_tag(node, 2, Later)
    node[2:] = [7, 8]
    assert tags_by_position(node) == {1: One, 2: Later}
    node = tagged(variadic, 0, 1)
    add_tag(node, 2, Later)
    set_argument(node, 2, 9)
    node[VARARGS:] = [5]
    assert tags_by_position(node) == {1: One}


def test_a_failed_edit_moves_nothing():
    node = tagged(only_varargs, 0, 1, 2)
    with pytest.raises(ValueError, match="extended slice"):
        node[::2] = [1]
    with pytest.raises(IndexError):
        del node[7]
    assert tags_by_position(node) == {1: One, 2: Two} and node[:] == [0, 1, 2]


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=6), st.data())
def test_deleting_keeps_each_tag_with_its_value(values, data):
    bound = st.none() | st.integers(-7, 7)
    step = data.draw(st.sampled_from([None, 1, 2, -1, -3]))
    doomed = slice(data.draw(bound), data.draw(bound), step)
    node = tagged(only_varargs, *values)
    del node[doomed]
    expected = list(values)
    del expected[doomed]
    assert equal_with_tags(node, tagged(only_varargs, *expected))


@given(
    st.lists(st.sampled_from([0, 1, 2]), max_size=5),
    st.lists(st.just(0), max_size=4),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_assigning_keeps_each_tag_outside_with_its_value(values, new, start, stop):
    node = tagged(only_varargs, *values)
    before, after = values[:start], values[max(start, stop) :]
    node[start:stop] = new
    assert node[:] == before + new + after
    for position in (*range(len(before)), *range(len(before + new), len(before + new + after))):
        own = {TAGS[node[position]]} if node[position] in TAGS else set()
        assert get_tags(node, position) == own


@pytest.mark.parametrize(
    ("fn", "expected"),
    [
        (only_varargs, {1: One, 2: Two}),
        (two_fixed, {1: One, 2: Two}),
        (variadic, {1: One, 2: Two}),
    ],
)
def test_update_callable(fn, expected):
    node = tagged(two_fixed, 0, 1, 2)
    update_callable(node, fn)
    assert tags_by_position(node) == expected


def test_update_callable_closes_gaps():
    node = tagged(two_fixed, 0, 0, 1, 2)
    del node[0], node[1]
    add_tag(node, 0, Later)
    update_callable(node, only_varargs)
    assert node[:] == [1, 2]
    assert tags_by_position(node) == {0: One, 1: Two}


def test_update_callable_drops_tags_with_their_arguments():
    node = tagged(variadic, 0, 1, 2)
    update_callable(node, named, drop_invalid_args=True)
    assert (node.first, node.second) == (0, 1)
    assert tags_by_position(node) == {"second": One}
