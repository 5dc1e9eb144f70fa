"""Small things that programs do, each as it really is: their callables, values and mistakes."""

import collections
import dataclasses
import enum
import logging
import typing

import pytest

from bytefig.configs import (
    Config,
    Tag,
    build,
    follow_path,
    format_path,
    iterate,
    parse_path,
    set_tagged,
    validate,
)
from bytefig.tracer import UnbuiltNodeError, auto_config


class Holder:
    def __init__(self, value=None):
        self.value = value


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Outer:
    class Word(enum.StrEnum):
        A = "a.b]'"


def test_paths_to_enum_keys_parse_back():
    class Local(enum.Enum):
        ONE = 1

    graph = Config(Holder, {Colour.RED: [{Outer.Word.A: Config(Holder, 2)}], "k": {Colour.BLUE: 3}})
    for place in iterate(graph):
        text = str(place)
        path = parse_path(text)
        assert format_path(path) == text
        assert follow_path(graph, path) is place.value
    with pytest.raises(ValueError, match="not a literal"):
        parse_path(f"<root>[{__name__}:Colour.GREEN]")
    for text in ("nowhere:Colour.RED", f"{__name__}:Holder.value", f"{__name__}:Nothing.RED"):
        with pytest.raises(ValueError, match="not a literal"):
            parse_path(f"[{text}]")
    assert "Local.ONE: 1" in format_path(parse_path("a")) + str(
        next(reversed([*iterate({Local.ONE: 1})]))
    )


@typing.no_type_check
def unchecked(x: int):
    return x


@typing.no_type_check
class Unchecked:
    def __init__(self, x: int):
        self.x = x


def test_no_type_check():
    assert validate([Config(unchecked, x="a"), Config(Unchecked, x="a")]) == []
    assert [problem.kind for problem in validate(Config(unchecked))] == ["missing"]


class Answers:
    """Answers every question with an error that is no AttributeError."""

    def __getattr__(self, name):
        raise RuntimeError(f"asked for {name}")

    def __call__(self, a, b=1):
        return a, b


def test_a_callable_that_answers_with_any_error():
    fn = Answers()
    node = Config(fn, 3)
    assert build(node) == (3, 1) and build(Config(fn, a=1, b=2)) == (1, 2)
    assert "Answers" in repr(node) and node == Config(fn, 3)
    assert validate(node) == []
    with pytest.raises(TypeError, match="cannot build .*Answers"):
        build(Config(fn))


@pytest.mark.parametrize("make", [list, collections.deque])
def test_a_node_in_a_mutable_default_is_noticed(make):
    def builder(n, items=make()):  # noqa: B008
        items.append(Holder(n))
        return Holder(n)

    with pytest.raises(UnbuiltNodeError, match="a mutable default of .*builder holds a config"):
        auto_config(builder).as_buildable(1)

    def keyword(*, items={}):  # noqa: B006
        items["a"] = Holder()
        return Holder()

    with pytest.raises(UnbuiltNodeError, match="a mutable default"):
        auto_config(keyword).as_buildable()


def test_defaults_that_were_nodes_before_stay_allowed():
    def builder(items=[Config(Holder, 1)], plain=[2]):  # noqa: B006
        return Holder([items, plain])

    graph = auto_config(builder).as_buildable()
    assert build(graph).value[0][0].value == 1


class Marked(Tag):
    """marked"""


def test_set_tagged_says_that_nothing_matches(caplog):
    with caplog.at_level(logging.WARNING, "bytefig.configs"):
        set_tagged(Config(Holder), tag=Marked, value=1)
    assert "no argument in the graph has the tag" in caplog.text and "Marked" in caplog.text


def test_build_of_a_function_that_makes_a_graph():
    fn = auto_config(lambda: Holder(1))
    with pytest.raises(TypeError, match=r"build\(fn\.as_buildable\(\.\.\.\)\)"):
        build(fn)


@dataclasses.dataclass
class Fields:
    items: list = dataclasses.field(default_factory=list)


def test_a_field_that_a_factory_makes_is_not_read_in_a_capture():
    read = auto_config(
        lambda: Holder(Fields().items), experimental_allow_dataclass_attribute_access=True
    )
    with pytest.raises(UnbuiltNodeError, match="pass 'items' to Fields: its default is made by a"):
        read.as_buildable()
    given = auto_config(
        lambda: Holder(Fields([1]).items), experimental_allow_dataclass_attribute_access=True
    )
    assert build(given.as_buildable()).value == [1]
