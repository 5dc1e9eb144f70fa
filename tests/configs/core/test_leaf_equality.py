"""Tests of `bytefig.configs.core.leaf_equality`, and of what is compared by it."""

import copy
import decimal
import functools
import math
import pickle

import pytest

from bytefig.configs import Config, ordered_arguments
from bytefig.configs.core.leaf_equality import both_nan, same_leaf
from bytefig.configs.diffing import apply_diff, build_diff


class Odd:
    """Compares by element, as arrays do, but has no elements."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return Answer(self.value == other.value)

    __hash__ = None


class Answer:
    def __init__(self, yes):
        self.yes = yes

    def __bool__(self):
        raise ValueError("the truth value is ambiguous")


class Table(Odd):
    def equals(self, other):
        return type(other) is Table and self.value == other.value


class Refuses:
    def __eq__(self, other):
        raise RuntimeError("not today")

    __hash__ = None


def holder(value=None, other=None):
    return value, other


WRAPPERS = [
    lambda it: it,
    lambda it: [it],
    lambda it: {"k": it},
    lambda it: (it, [it]),
    lambda it: Config(holder, it),
]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        ("a", "b", False),
        (Odd(1), Odd(1), False),
        (Table(1), Table(1), True),
        (Table(1), Table(2), False),
        (Refuses(), Refuses(), False),
        (functools.partial(int, base=2), functools.partial(int, base=2), True),
        (functools.partial(int, base=2), functools.partial(int, base=8), False),
        (functools.partial(int, "1"), functools.partial(int, "1", base=2), False),
        (functools.partial(int), int, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_leaves(one, other, same):
    assert same_leaf(one, one)
    assert same_leaf(one, other) is same
    for wrap in WRAPPERS:
        left, right = Config(holder, wrap(one)), Config(holder, wrap(other))
        assert left == left and (left == right) is same
        assert (left != right) is not same


def arrays():
    numpy = pytest.importorskip("numpy")
    return [
        numpy.arange(3),
        numpy.array([1.0, math.nan]),
        numpy.array([[1, 2]]),
        numpy.array(["a", None], dtype=object),
        numpy.array([]),
    ]


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_arrays(wrap):
    numpy = pytest.importorskip("numpy")
    for array in arrays():
        node = Config(holder, wrap(array))
        for made in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
            assert made == node
            assert build_diff(node, made).changes == ()
        others = (array.astype("U9"), array[:-1], [*array], None, 1, numpy.zeros((2, 2)))
        for changed in others:
            if changed is not None and array.size == 0:
                continue
            other = Config(holder, wrap(changed))
            assert other != node
            diff = build_diff(node, other)
            assert diff.changes
            target = copy.deepcopy(node)
            apply_diff(diff, target)
            assert target == other


def test_an_array_of_one_number_is_not_that_number():
    numpy = pytest.importorskip("numpy")
    assert not same_leaf(numpy.array([1]), 1)
    assert not same_leaf(1, numpy.array([1]))
    assert same_leaf(numpy.float64(1), 1.0) and same_leaf(numpy.array(3), numpy.array(3))


def test_a_default_that_is_an_array():
    numpy = pytest.importorskip("numpy")

    def fn(a=numpy.arange(3)): ...

    assert Config(fn) == Config(fn, numpy.arange(3)) != Config(fn, numpy.arange(4))
    node = Config(fn, numpy.arange(3))
    assert ordered_arguments(node, include_equal_to_default=False) == {}


@pytest.mark.parametrize(
    "nan", [math.nan, complex(math.nan, 1), complex(1, math.nan), decimal.Decimal("nan")], ids=repr
)
@pytest.mark.parametrize("wrap", WRAPPERS)
def test_nan_is_the_same_in_diffs(nan, wrap):
    kind = type(nan)
    other = complex(str(nan)) if kind is complex else kind(str(nan))
    assert other is not nan and both_nan(nan, other)
    old, new = Config(holder, wrap(nan), 1), Config(holder, wrap(other), 2)
    assert len(build_diff(old, new).changes) == 1
    new.other = 1
    assert build_diff(old, new).changes == ()


def test_numbers_that_are_not_both_nan():
    assert not both_nan(math.nan, 1.0) and not both_nan(math.nan, "nan")
    assert not both_nan(complex(math.nan, 1), complex(math.nan, 2))
    assert not both_nan(complex(1, 2), complex(1, 2))
