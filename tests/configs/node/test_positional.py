"""Tests of `bytefig.configs.node.positional`."""

import pytest

from bytefig.configs import NO_VALUE, VARARGS, Config, build


def fixed(a, b=2, /, c=3):
    return a, b, c


def variadic(a, b=2, *args, d=4):
    return a, b, args, d


def only_varargs(*args):
    return args


class One:
    def __index__(self):
        return 1


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (0, 1),
        (1, 2),
        (2, 30),
        (4, 50),
        (-1, 50),
        (One(), 2),
        (True, 2),
        (VARARGS, 30),
        (slice(None), [1, 2, 30, 40, 50]),
        (slice(VARARGS, None), [30, 40, 50]),
        (slice(None, VARARGS), [1, 2]),
        (slice(VARARGS, VARARGS), []),
        (slice(None, None, -2), [50, 30, 1]),
        (slice(-2, 99), [40, 50]),
    ],
)
def test_read(key, expected):
    assert Config(variadic, 1, 2, 30, 40, 50)[key] == expected


def test_unset_positions_show_their_default():
    assert Config(variadic)[:] == [NO_VALUE, 2]
    assert Config(fixed, c=7)[:] == [NO_VALUE, 2, 7]
    assert Config(only_varargs)[:] == []


def test_callable_of_unknown_signature():
    node = Config(dict, 1, 2)
    node[VARARGS:] = [3]
    assert node[:] == [3]


@pytest.mark.parametrize("key", [3, -4, 99])
def test_no_such_position(key):
    node = Config(fixed, 1)
    with pytest.raises(IndexError):
        node[key]
    with pytest.raises(IndexError, match=rf"no positional argument at {key}: there are 3; extend"):
        node[key] = 0
    with pytest.raises(IndexError, match=rf"no positional argument at {key}: there are 3"):
        del node[key]
    assert node == Config(fixed, 1)


@pytest.mark.parametrize("key", ["a", None, 1.0, NO_VALUE, (0,)])
def test_key_of_another_type(key):
    node = Config(fixed, 1)
    text = "positional arguments of fixed are indexed by an integer.*use cfg.name"
    with pytest.raises(TypeError, match=text):
        node[key]
    with pytest.raises(TypeError, match=text):
        node[key] = 0
    with pytest.raises(TypeError, match=text):
        del node[key]
    assert node == Config(fixed, 1)


@pytest.mark.parametrize("key", [VARARGS, slice(VARARGS, None), slice(None, VARARGS)])
def test_varargs_of_a_callable_without(key):
    node = Config(fixed, 1)
    text = r"fixed has no \*args, so VARARGS has no position"
    with pytest.raises(TypeError, match=text):
        node[key]
    with pytest.raises(TypeError, match=text):
        node[key] = [1]
    with pytest.raises(TypeError, match=text):
        del node[key]


def test_no_varargs_to_read():
    with pytest.raises(IndexError):
        Config(variadic, 1)[VARARGS]


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        (0, 9, {0: 9, 1: 5, "c": 6}),
        (2, 9, {0: 4, 1: 5, "c": 9}),
        (-1, 9, {0: 4, 1: 5, "c": 9}),
        (slice(None), (7, 8, 9), {0: 7, 1: 8, "c": 9}),
        (slice(1, None), iter([8, 9]), {0: 4, 1: 8, "c": 9}),
        (slice(None, None, -1), [7, 8, 9], {0: 9, 1: 8, "c": 7}),
        (slice(1, 1), [], {0: 4, 1: 5, "c": 6}),
    ],
)
def test_set_fixed_parameters(key, value, stored):
    node = Config(fixed, 4, 5, 6)
    node[key] = value
    assert node.__arguments__ == stored


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (VARARGS, 9, [1, 2, 9, 4, 5]),
        (-1, 9, [1, 2, 3, 4, 9]),
        (slice(VARARGS, None), [], [1, 2]),
        (slice(VARARGS, None), "xyzw", [1, 2, "x", "y", "z", "w"]),
        (slice(3, None), [9, 9, 9], [1, 2, 3, 9, 9, 9]),
        (slice(VARARGS, VARARGS), [0], [1, 2, 0, 3, 4, 5]),
        (slice(99, None), [6], [1, 2, 3, 4, 5, 6]),
        (slice(2, None, 2), [8, 9], [1, 2, 8, 4, 9]),
        (slice(None), [9, 8, 7, 6, 5], [9, 8, 7, 6, 5]),
        (slice(1, 3), [8, 9], [1, 8, 9, 4, 5]),
    ],
)
def test_set_with_varargs(key, value, expected):
    node = Config(variadic, 1, 2, 3, 4, 5, d=6)
    node[key] = value
    assert node[:] == expected
    assert build(node) == (*expected[:2], tuple(expected[2:]), 6)


@pytest.mark.parametrize("values", [[], [1], [1, 2, 3, 4]])
def test_number_of_fixed_parameters_cannot_change(values):
    node = Config(fixed, 4, 5, 6)
    with pytest.raises(ValueError, match=f"{len(values)} values for 3 positional parameters of"):
        node[:] = values
    assert node == Config(fixed, 4, 5, 6)


@pytest.mark.parametrize(
    ("key", "value", "kind"),
    [
        (slice(None), [1, 2, 3, 4, 5, 6], ValueError),
        (slice(2, None, 2), [1], ValueError),
        (slice(VARARGS, None), 5, TypeError),
        (slice("a", None), [1], TypeError),
        (slice(None, None, 0), [1], ValueError),
    ],
)
def test_failing_set_changes_nothing(key, value, kind):
    node = Config(variadic, 1, 2, 3, 4, 5)
    with pytest.raises(kind):
        node[key] = value
    assert node == Config(variadic, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        (0, {"b": 2, 2: 3, 3: 4, 4: 5}),
        (VARARGS, {"a": 1, "b": 2, 2: 4, 3: 5}),
        (-1, {"a": 1, "b": 2, 2: 3, 3: 4}),
        (slice(VARARGS, None), {"a": 1, "b": 2}),
        (slice(None), {}),
        (slice(None, None, 2), {"b": 2, 2: 4}),
        (slice(1, 4), {"a": 1, 2: 5}),
        (slice(9, None), {"a": 1, "b": 2, 2: 3, 3: 4, 4: 5}),
    ],
)
def test_delete(key, stored):
    node = Config(variadic, 1, 2, 3, 4, 5)
    del node[key]
    assert node.__arguments__ == stored


def test_delete_of_an_unset_parameter_does_nothing():
    node = Config(fixed, 1)
    del node[1]
    del node[2]
    assert node == Config(fixed, 1)


def test_no_value_can_be_a_variadic_argument():
    node = Config(only_varargs, NO_VALUE, 1)
    assert node[:] == [NO_VALUE, 1]
    del node[0]
    assert node[:] == [1]


def test_other_arguments_stay():
    node = Config(variadic, 1, 2, 3, d=4)
    node[VARARGS:] = []
    assert node.__arguments__ == {"a": 1, "b": 2, "d": 4}
