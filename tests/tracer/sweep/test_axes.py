"""The axes of a sweep, as they are written."""

import random

import pytest

from bytefig.configs import Config
from bytefig.tracer import ValueLanguageError
from bytefig.tracer.sweep.axes import (
    Uniform,
    axis_of_values,
    is_axis,
    log,
    loguniform,
    parse_axis,
    shown_value,
    uniform,
)


def shown_of(word):
    return [item.shown for item in parse_axis(word).items]


@pytest.mark.parametrize(
    "word, values",
    [
        ("hidden:=[8, 16, 32]", [8, 16, 32]),
        ("hidden:=[8, 16,]", [8, 16]),
        ("optimizer:=[Adam(lr=1e-3), SGD(0.1, [1, 2])]", ["Adam(lr=1e-3)", "SGD(0.1, [1, 2])"]),
        ("name:=['a, b', \"c]\", bf16-mixed]", ["a, b", "c]", "bf16-mixed"]),
        ("sizes:=[(1, 2), [3], {'a': 4}]", [[1, 2], [3], {"a": 4}]),
        ("flag:=[True, None]", [True, None]),
        ("hidden:=range(8, 33, 8)", [8, 16, 24, 32]),
        ("hidden:=range(3)", [0, 1, 2]),
        ("lr:=log(1e-4, 1e-1, 4)", [1e-4, 1e-3, 1e-2, 1e-1]),
        ("lr:= choice(1, a)", [1, "a"]),
        ("data['a=b'].x:=[1]", [1]),
    ],
)
def test_values_of_an_axis(word, values):
    assert is_axis(word)
    assert shown_of(word) == values


def test_the_path_of_an_axis():
    assert parse_axis("layers[0].units:=[1]").where == "layers[0].units"


@pytest.mark.parametrize("word", ["name=a:=b", "hidden=8", "hidden+=8", "[1, 2]", ":=[1]"])
def test_what_is_no_axis_but_a_value(word):
    assert not is_axis(word) or word == ":=[1]"


@pytest.mark.parametrize(
    "word, said",
    [
        ("hidden:=8", "no list of values"),
        ("hidden:=[8", "no list of values"),
        ("hidden:=[8)", "no list of values"),
        ("hidden:=[]", "no value in it"),
        ("hidden:=list(8)", "no list of values"),
        ("hidden:=range(0)", "no value in it"),
        ("hidden:=range(1.5)", "range:"),
        ("lr:=log(0, 1, 3)", "log:"),
        ("lr:=log(1, 2)", "log:"),
        ("lr:=uniform(2, 1)", "uniform: there is nothing from 2 to 1"),
        ("lr:=uniform(a, 1)", "uniform:"),
        ("lr:=uniform(True, 1)", "True is no number"),
        ("lr:=loguniform(0, 1)", "0 has no logarithm"),
        (":=[1]", "no path"),
        ("a..b:=[1]", "not a path"),
    ],
)
def test_an_axis_that_is_none_says_so_and_how_it_is_written(word, said):
    with pytest.raises(ValueLanguageError, match=said) as raised:
        parse_axis(word)
    assert "fix: write" in str(raised.value)


def test_a_drawn_axis():
    source = random.Random(3)
    drawn = [uniform(1, 3).draw(source) for _ in range(100)]
    assert set(drawn) == {1, 2, 3}
    drawn = [loguniform(1e-4, 1).draw(source) for _ in range(400)]
    assert 1e-4 <= min(drawn) < 1e-3 and 0.1 < max(drawn) <= 1
    assert 60 < sum(each < 1e-3 for each in drawn) < 140  # a quarter of them, by the logarithm
    assert {type(loguniform(1, 8).draw(source)) for _ in range(20)} == {int}
    assert parse_axis("lr:=uniform(0, 0.5)").drawn == Uniform(0, 0.5)


def test_numbers_by_their_logarithm_begin_and_end_where_they_are_said_to():
    assert log(0.1, 0.7, 2) == [0.1, 0.7]
    assert log(1, 8, 4) == [1, 2, 4, 8]


def test_objects_are_values():
    adam = Config(dict, lr=0.1)
    axis = axis_of_values("optimizer", [adam, None])
    assert [item.shown for item in axis.items] == ["dict(lr=0.1)", None]
    assert axis.items[0].assignment.tree.value is adam
    with pytest.raises(ValueError, match="optimizer has no values"):
        axis_of_values("optimizer", [])


@pytest.mark.parametrize(
    "value, text",
    [
        (8, 8),
        (type("float64", (float,), {"__repr__": lambda self: "np.float64(0.5)"})(0.5), 0.5),
        ("a", "a"),
        ((1, [2]), [1, [2]]),
        (float("nan"), "nan"),
        ([float("inf")], "[inf]"),
        (dict, "dict"),
        ({1}, "{1}"),
        (len, "len"),
    ],
)
def test_what_a_table_shows_of_a_value(value, text):
    assert shown_value(value) == text
