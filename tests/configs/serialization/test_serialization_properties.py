"""Random graphs, written and read again."""

import collections
import datetime as dt
import enum
import json
import math
import pathlib

import pytest
import serialization_cases as cases
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import (
    Config,
    Partial,
    TaggedValue,
    add_tag,
    dump_json,
    dump_yaml,
    iter_nodes,
    json_schema,
    load_json,
    load_yaml,
)

ALLOW = ["serialization_cases"]

HASHABLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.text("-:#{}[]&*!|>'\"%@`,? \n\t0123.eE+~yn", max_size=8),
    st.binary(),
    st.complex_numbers(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(dt.UTC)),
    st.times(),
    st.timedeltas(),
    st.sampled_from([*cases.Colour, cases.Level.LOW, cases.Permission(5), len, cases.two]),
    st.text("ab/.", max_size=5).map(pathlib.PurePosixPath),
)
LEAVES = HASHABLE | st.frozensets(HASHABLE, max_size=3) | st.sets(HASHABLE, max_size=3)
SHAPES = {
    "list": lambda child, draw: [child() for _ in range(draw(st.integers(0, 3)))],
    "tuple": lambda child, draw: tuple(child() for _ in range(draw(st.integers(0, 3)))),
    "pair": lambda child, _: cases.Pair(child(), child()),
    "dict": lambda child, draw: {draw(st.text()): child(), draw(st.text()): child()},
    "keyed": lambda child, draw: {draw(HASHABLE): child()},
    "defaultdict": lambda child, _: collections.defaultdict(list, k=child()),
    "ordered": lambda child, draw: collections.OrderedDict([(draw(HASHABLE), child()), ("k", 1)]),
    "deque": lambda child, draw: collections.deque([child()], draw(st.sampled_from([None, 1]))),
    "slice": lambda child, _: slice(child(), child(), child()),
    "two": lambda child, draw: draw(NODES)(cases.two, child(), y=child()),
    "layer": lambda child, _: cases.Node(cases.Layer, inner=child()),
    "positional": lambda child, draw: draw(NODES)(
        cases.positional, child(), child(), child(), **{draw(st.text("a 0\"'")): child()}
    ),
    "tagged": lambda child, _: [TaggedValue([cases.Width], child())],
}
NODES = st.sampled_from([Config, Partial])


@st.composite
def graphs(draw):
    """Return a graph without cycles, in which every value may be used several times."""
    values = [draw(LEAVES)]
    child = st.deferred(lambda: LEAVES | st.sampled_from(values))
    for _ in range(draw(st.integers(0, 8))):
        shape = draw(st.sampled_from(sorted(SHAPES)))
        values.append(SHAPES[shape](lambda: draw(child), draw))
    graph = Config(cases.two, values[-1], draw(child))
    if draw(st.booleans()):
        add_tag(graph, "y", cases.Narrow)
    return graph


@given(graphs(), st.booleans())
def test_json(graph, more):
    text = dump_json(graph, provenance=more, history=more)
    loaded = load_json(text, allow=ALLOW)
    assert loaded == graph and graph == loaded
    assert len(list(iter_nodes(loaded))) == len(list(iter_nodes(graph)))
    assert dump_json(loaded, provenance=more, history=more) == text


@given(graphs())
def test_yaml(graph):
    pytest.importorskip("ruamel.yaml")
    text = dump_yaml(graph)
    loaded = load_yaml(text, allow=ALLOW)
    assert loaded == graph
    assert dump_yaml(loaded) == text


@given(graphs())
def test_schema(graph):
    jsonschema = pytest.importorskip("jsonschema")
    text = dump_json(graph, provenance=True, history=True)
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(json.loads(text))


def test_schema_refuses():
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    document = json.loads(dump_json(Config(cases.two, 1)))
    assert validator.is_valid(document)
    for change in (
        {"version": 1},
        {"more": 1},
        {"root": [1]},
        {"root": {"int": "5"}},
        {"nodes": [{"id": "a", "type": "bag"}]},
        {"nodes": [{"id": "a", "type": "slice", "items": [1]}]},
        {"nodes": [{"id": "a", "type": "deque", "maxlen": "1", "items": [1]}]},
        {"nodes": [{**document["nodes"][0], "extra": 1}]},
    ):
        assert not validator.is_valid({**document, **change})


def leaves_equal(left, right):
    if isinstance(left, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and repr(left) == repr(right)


@given(st.lists(LEAVES.filter(lambda v: not isinstance(v, set | frozenset)) | st.floats()))
def test_leaves_are_exact(values):
    loaded = load_json(dump_json(values), allow=ALLOW)
    assert len(loaded) == len(values)
    for left, right in zip(values, loaded):
        if isinstance(left, enum.Enum):
            assert left is right
        else:
            assert leaves_equal(left, right)


def test_an_argument_named_like_a_positional_only_parameter():
    graph = Config(cases.two, Config(cases.positional, 0, a=1, args=2))
    assert load_json(dump_json(graph), allow=ALLOW) == graph
