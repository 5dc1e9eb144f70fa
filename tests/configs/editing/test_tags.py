from __future__ import annotations

import copy
import dataclasses
import functools
import pickle
import typing
from typing import Annotated

import cloudpickle
import pytest
from tag_cases import equal_with_tags

from bytefig.configs import (
    NO_VALUE,
    BuildError,
    Config,
    Partial,
    Tag,
    TaggedValue,
    TaggedValueCls,
    TaggedValueNotFilledError,
    add_tag,
    build,
    cast,
    clear_tags,
    deepcopy_with,
    get_tags,
    history,
    list_tags,
    map_graph,
    materialize_tags,
    remove_tag,
    replace_in_place,
    set_argument,
    set_tagged,
    set_tags,
    tagged_arguments,
)
from bytefig.tracer import capture


class Width(Tag):
    """How wide layers are."""


class HiddenWidth(Width):
    """How wide the hidden layers are."""


class Rate(Tag):
    """How fast to learn."""


def layer(units=1, *rest, rate: Annotated[float, Rate] = 0.5, **options):
    return units, rest, rate, options


def untagged(units: Annotated[int, "text"]):
    return units


class CallableObject:
    def __call__(self, width: Annotated[int, Width]):
        return width


def positional(a, b: Annotated[int, "text", Width], /, c=3):
    return a, b, c


@dataclasses.dataclass
class Base:
    units: Annotated[int, Width] = 1


@dataclasses.dataclass
class Derived(Base):
    rate: typing.Annotated[float, Rate, HiddenWidth] = 0.1
    odd: UnknownName = None


class WithInit:
    def __init__(self, rate: Annotated[float, Rate]):
        self.rate = rate

    @classmethod
    def make(cls, rate: Annotated[float, Rate]):
        return cls(rate)


def test_add_remove_clear():
    node = Config(layer)
    add_tag(node, "units", Width)
    add_tag(node, 0, Rate)
    add_tag(node, "units", Width)
    assert get_tags(node, "units") == get_tags(node, 0) == {Width, Rate}
    remove_tag(node, "units", Rate)
    assert node.__argument_tags__ == {"units": {Width}, "rate": {Rate}}
    set_tags(node, "extra", [HiddenWidth])
    assert get_tags(node, "extra") == {HiddenWidth}
    for argument in ("units", "rate", "extra"):
        clear_tags(node, argument)
    assert node.__argument_tags__ is None
    assert node.__arguments__ == {}


def test_wrong_arguments_and_tags():
    node = Config(positional)
    before = node.__argument_tags__
    with pytest.raises(AttributeError, match="positional only; use"):
        add_tag(node, "a", Width)
    with pytest.raises(AttributeError, match="no argument 'z'"):
        get_tags(node, "z")
    for index in (-1, 3):
        with pytest.raises(IndexError, match="no positional argument"):
            add_tag(node, index, Width)
    with pytest.raises(ValueError, match="does not have the tag"):
        remove_tag(node, "c", Width)
    with pytest.raises(TypeError, match="is not a tag"):
        set_tags(node, "c", [Width, int])
    assert node.__argument_tags__ == before == {1: {Width}}


def test_positions_of_varargs_can_be_tagged_before_they_are_set():
    node = Config(layer, 1)
    add_tag(node, 1, Width)
    set_tagged(node, tag=Width, value=7)
    assert build(node)[1] == (7,)
    add_tag(node, 5, HiddenWidth)
    with pytest.raises(IndexError, match="no positional argument at 5"):
        set_argument(node, 5, 1)


@pytest.mark.parametrize(
    "fn, expected",
    [
        (layer, {"rate": {Rate}}),
        (positional, {1: {Width}}),
        (Base, {"units": {Width}}),
        (Derived, {"units": {Width}, "rate": {Rate, HiddenWidth}}),
        (WithInit, {"rate": {Rate}}),
        (WithInit.make, {"rate": {Rate}}),
        (print, None),
        (untagged, None),
        (CallableObject(), {"width": {Width}}),
        (functools.partial(layer, 3), {"rate": {Rate}}),
    ],
)
def test_annotations_give_tags(fn, expected):
    assert Config(fn).__argument_tags__ == expected


def test_annotations_give_tags_to_what_is_captured():
    assert get_tags(capture(lambda: Derived(1, 2.0)), "units") == {Width}


def test_a_definition_is_checked():
    with pytest.raises(TypeError, match="needs a docstring"):
        type(Tag)("Bare", (Tag,), {"__qualname__": "Bare", "__module__": __name__})
    with pytest.raises(TypeError, match="module or class body"):

        class Local(Tag):
            """Local."""

    with pytest.raises(TypeError, match="used without calling it"):
        Width()
    assert Width.name == repr(Width) == f"{__name__}.Width"
    assert str(Width) == f"#{__name__}.Width"
    assert Width.description == "How wide layers are."


def test_tagged_value_gives_tags_and_value():
    node = Config(layer, Width.new(4), rate=HiddenWidth.new())
    assert node.__arguments__ == {"units": 4}
    assert node.__argument_tags__ == {"units": {Width}, "rate": {Rate, HiddenWidth}}
    node.units = Rate.new()
    assert node.units == 4 and get_tags(node, "units") == {Width, Rate}
    node.units = Rate.new(9)
    node[1:] = [Width.new(8), Rate.new(TaggedValue([HiddenWidth], 7))]
    assert node.__arguments__ == {"units": 9, 1: 8, 2: 7}
    assert get_tags(node, 2) == {Rate, HiddenWidth}


def test_tagged_value_in_a_capture():
    node = capture(lambda: layer(Width.new(default=4), rate=[Rate.new(1)]))
    assert node.units == 4 and get_tags(node, "units") == {Width}
    assert type(node.rate[0]) is TaggedValueCls


def test_tagged_value_without_a_value_leaves_no_gap():
    node = Config(layer, 1, Width.new(), 3)
    assert type(node[1]) is TaggedValueCls
    set_tagged(node, tag=Width, value=2)
    assert build(node)[1] == (2, 3)


def test_tagged_value_in_a_container():
    value = Width.new()
    node = Config(dict, a=[value, value])
    with pytest.raises(TaggedValueNotFilledError, match=f"tagged {__name__}.Width") as caught:
        build(node)
    assert isinstance(caught.value, BuildError)
    set_tagged(node, tag=Width, value=5)
    assert build(node) == {"a": [5, 5]}
    with pytest.raises(ValueError, match="at least one"):
        TaggedValue([])
    with pytest.raises(TypeError, match="is not a tag"):
        TaggedValue([int])


def test_set_tagged():
    inner = Config(layer, HiddenWidth.new(1))
    graph = [Config(layer, Width.new(2)), {"k": inner}, inner]
    set_tagged(graph, tag=HiddenWidth, value=10)
    assert [node.units for node in (graph[0], inner)] == [2, 10]
    made = iter(range(100))
    set_tagged(graph, tag=Width, value_fn=lambda: [next(made)])
    assert [node.units for node in (graph[0], inner)] == [[0], [1]]
    assert list(tagged_arguments(graph, HiddenWidth)) == [(inner, "units")]
    with pytest.raises(TypeError, match="either"):
        set_tagged(graph, tag=Width)
    with pytest.raises(TypeError, match="either"):
        set_tagged(graph, tag=Width, value=1, value_fn=list)
    with pytest.raises(ZeroDivisionError):
        set_tagged(graph, tag=Tag, value_fn=lambda: 1 / (1 - next(made) % 2))
    assert inner.units == [1]


def test_list_tags():
    graph = [Config(layer, HiddenWidth.new())]
    assert list_tags(graph) == {HiddenWidth, Rate}
    assert list_tags(graph, add_superclasses=True) == {HiddenWidth, Width, Rate}
    assert list_tags([Config(dict)]) == frozenset()


def test_materialize_tags():
    shared = Width.new(3)
    graph = Config(layer, Rate.new(1), options=[shared, Rate.new(2), Rate.new()])
    before = copy.deepcopy(graph)
    result = materialize_tags(graph)
    assert result.options[:2] == [3, 2] and type(result.options[2]) is TaggedValueCls
    assert get_tags(result, "units") == {Rate}
    only = materialize_tags(graph, {Rate})
    assert only.options[1] == 2 and equal_with_tags(only.options[0], shared)
    assert only.__argument_tags__ is None
    assert materialize_tags(graph, clear_field_tags=True).__argument_tags__ is None
    assert equal_with_tags(graph, before)


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        deepcopy_with,
        lambda node: pickle.loads(pickle.dumps(node)),
        lambda node: cloudpickle.loads(cloudpickle.dumps(node)),
        lambda node: map_graph(lambda value: value, node),
        lambda node: cast(Config, cast(Partial, node)),
    ],
)
def test_copies_have_the_tags(duplicate):
    node = Config(layer, Width.new(4), y=Rate.new())
    copied = duplicate(node)
    assert copied.__argument_tags__ == node.__argument_tags__
    assert copied == node
    add_tag(copied, "units", Rate)
    assert get_tags(node, "units") == {Width}
    assert copied == node  # as they build the same


def test_equality_takes_no_notice_of_tags():
    assert Config(layer, Width.new(4)) == Config(layer, Rate.new(4)) == Config(layer, 4)
    assert Config(dict, x=[Width.new(1)]) == Config(dict, x=[Rate.new(1)])
    assert Config(dict, x=[Width.new(1)]) != Config(dict, x=[Width.new(2)])


def test_replace_in_place_takes_the_tags():
    node, other = Config(dict), Config(layer, Width.new(4))
    replace_in_place(node, other)
    assert equal_with_tags(node, other)
    clear_tags(node, "units")
    assert get_tags(other, "units") == {Width}


def test_text_and_history():
    node = Config(layer, Width.new(4))
    clear_tags(node, "rate")
    add_tag(node, "option", Rate)
    assert " ".join(repr(node).split()) == (
        f"<Config[layer( units[#{__name__}.Width]=4, option[#{__name__}.Rate], )]>"
    )
    assert [(edit.kind, edit.key, edit.before, edit.after) for edit in history(node)[1:]] == [
        ("create", "units", NO_VALUE, 4),
        ("tags", "units", frozenset(), {Width}),
        ("tags", "rate", frozenset(), {Rate}),
        ("tags", "rate", {Rate}, frozenset()),
        ("tags", "option", frozenset(), {Rate}),
    ]
    saved = pickle.loads(pickle.dumps(node)).__history__[0]
    assert (saved.before, saved.after) == ({Rate.name}, frozenset())


def test_a_missing_argument_is_named_with_its_tags():
    def needy(width): ...

    cfg = Config(needy)
    add_tag(cfg, "width", HiddenWidth)
    with pytest.raises(BuildError, match=r"'width' \(tagged .*\.HiddenWidth\)"):
        build(cfg)


def test_a_tagged_value_tells_its_tags():
    assert TaggedValue([Width, HiddenWidth], 1).tags == {Width, HiddenWidth}
