"""Any graph, with odd leaves, keys and callables, comes back from wherever it was written to."""

import copy
import dataclasses
import enum
import functools
import math
import pickle
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import (
    Config,
    Partial,
    dump_json,
    dump_yaml,
    load_json,
    load_yaml,
    to_auto_config_source,
    to_source,
)
from bytefig.configs.diffing import apply_diff, build_diff

numpy = pytest.importorskip("numpy")

T = TypeVar("T")


@dataclasses.dataclass
class Cell(Generic[T]):
    content: Any = None
    scale: Any = 1.0


class Shape:
    def __init__(self, sides=3):
        self.sides = sides

    @classmethod
    def plain(cls, sides=3):
        return cls(sides)


class Square(Shape): ...


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Word(enum.StrEnum):
    A = "a"


@functools.lru_cache
def cached(content=None, scale=1.0):
    return content, scale


ALLOW = [__name__, "collections", "re"]

forms = st.sampled_from(
    [int | None, Literal["a", 1], list[Cell[int]], Cell[str], Annotated[int, "x"], Any, Cell]
)
plain = st.one_of(
    st.sampled_from([None, True, 0, -1, 1.5, math.nan, math.inf, "text", b"x", 1j, Colour.RED]),
    st.sampled_from([Word.A, ..., Shape, complex(math.nan, 1)]),
    forms,
)
arrays = st.sampled_from(
    [
        numpy.arange(3),
        numpy.array([1.0, math.nan]),
        numpy.zeros((2, 0)),
        numpy.array([None, "a"], dtype=object),
    ]
)
keys = st.sampled_from(["k", 1, None, 1.5, Colour.BLUE, Word.A, (1, "a"), (Colour.RED,)])
#: cloudpickle copies the function of a class method, and then it is another.
methods = st.sampled_from([Shape.plain, Square.plain])
callables = st.sampled_from([Cell, Cell[int], Cell[dict[str, int]], cached])


def graphs(leaves, makers=methods):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(keys, inner, max_size=3),
            st.tuples(inner, inner),
            st.builds(lambda fn, a, b: Config(fn, a, scale=b), callables, inner, inner),
            st.builds(lambda fn, a: Partial(fn, content=a), callables, inner),
            st.builds(lambda fn, a: Config(fn, a), st.just(Shape) | makers, inner),
            st.builds(lambda it: [it, it], inner),
        ),
        max_leaves=8,
    )


def same(one, other):
    """Tell whether nothing has to change for one graph to become another."""
    return build_diff(one, other).changes == () and build_diff(other, one).changes == ()


def from_source(graph, write=to_source):
    names = {}
    exec(write(graph, name="made"), names)
    return names["made"]


@given(graphs(plain | arrays | methods))
def test_copies_and_pickles(value):
    graph = Config(Cell, value)
    for made in (copy.deepcopy(graph), pickle.loads(pickle.dumps(graph))):
        assert same(graph, made)
    assert copy.deepcopy(graph) == graph


@given(graphs(plain | arrays, st.just(Square)))
def test_cloudpickle(value):
    cloudpickle = pytest.importorskip("cloudpickle")
    graph = Config(Cell, value)
    assert same(graph, cloudpickle.loads(cloudpickle.dumps(graph)))


@given(graphs(plain | methods))
def test_documents_and_source(value):
    graph = Config(Cell, value)
    assert same(graph, load_json(dump_json(graph), allow=ALLOW))
    assert same(graph, from_source(graph)())
    assert same(graph, from_source(graph, to_auto_config_source).as_buildable())


@given(graphs(plain | methods))
def test_yaml(value):
    pytest.importorskip("ruamel.yaml")
    graph = Config(Cell, value)
    assert same(graph, load_yaml(dump_yaml(graph), allow=ALLOW))


@given(graphs(plain | arrays), graphs(plain | arrays))
def test_a_diff_that_is_applied_leaves_none(old, new):
    one, other = Config(Cell, old, scale=new), Config(Cell, new)
    target = copy.deepcopy(one)
    apply_diff(build_diff(one, other), target)
    assert build_diff(target, other).changes == ()
