"""Tests of `select(graph, tag=...)`."""

import dataclasses
import logging

import pytest

from bytefig.configs import (
    NO_VALUE,
    VARARGS,
    Config,
    Partial,
    Tag,
    TaggedValueCls,
    add_tag,
    get_tags,
    history,
    iter_nodes,
    select,
)


class Width(Tag):
    """How wide layers are."""


class HiddenWidth(Width):
    """How wide hidden layers are."""


class Rate(Tag):
    """How fast to learn."""


def layer(units=1, *rest, rate=0.5):
    return units, rest, rate


def other_layer(units):
    return units


class Picky(Config):
    __slots__ = ()

    def __setattr__(self, name, value):
        if value == 13:
            raise AttributeError("not 13")
        super().__setattr__(name, value)


def graph_of():
    return Config(
        dict,
        first=Config(layer, Width.new(8)),
        rest=[Partial(layer, HiddenWidth.new()), Config(other_layer, Width.new())],
        loose=(Width.new(3),),
    )


def test_values_of_the_arguments():
    graph = graph_of()
    found = select(graph, tag=Width)
    assert list(found) == list(found.get()) == [8, 1, NO_VALUE, 3]
    assert list(select(graph, tag=HiddenWidth)) == [1]
    assert list(select(graph, tag=Width, match_subclasses=False)) == [8, NO_VALUE, 3]


@dataclasses.dataclass
class Settings:
    rate: float = 0.5
    names: list = dataclasses.field(default_factory=list)


def test_unset_arguments_show_their_default_unless_a_factory_makes_it():
    node = Config(Settings)
    add_tag(node, "rate", Rate)
    add_tag(node, "names", Rate)
    assert list(select(node, tag=Rate)) == [0.5, NO_VALUE]


def test_nodes_can_be_restricted():
    graph = graph_of()
    assert list(select(graph, layer, tag=Width)) == [8, 1]
    assert list(select(graph, tag=Width, buildable_type=Partial)) == [1]
    assert list(select(graph, tag=Width, buildable_type=TaggedValueCls)) == [3]
    select(graph, other_layer, tag=Width).set(9)
    assert list(select(graph, tag=Width)) == [8, 1, 9, 3]


def test_set_shares_the_value_and_keeps_tags():
    graph, value = graph_of(), [64]
    select(graph, tag=Width).set(value=value)
    assert all(found is value for found in select(graph, tag=Width))
    assert graph.rest[0].units is value
    assert get_tags(graph.rest[0], "units") == {HiddenWidth}


def test_replace_copies_unless_told_otherwise():
    graph, value = graph_of(), [64]
    select(graph, tag=Width).replace(value)
    found = list(select(graph, tag=Width))
    assert found == [[64]] * 4
    assert len({id(item) for item in (*found, value)}) == 5
    select(graph, tag=Width).replace(value, deepcopy=False)
    assert all(item is value for item in select(graph, tag=Width))


def test_set_variadic_arguments():
    node = Config(layer, 1, 2)
    add_tag(node, 1, Width)
    add_tag(node, 2, Width)
    select(node, tag=Width).set(7)
    assert node[:] == [1, 7, 7]
    add_tag(node, 4, Rate)
    with pytest.raises(IndexError, match="the one before it is not set"):
        select([Config(other_layer, Rate.new(1)), node], tag=Rate).set(7)


def test_set_is_all_or_nothing_and_leaves_no_trace():
    graph = [Config(layer, Width.new(8)), Picky(layer, Width.new(8))]
    before = [len(history(node)) for node in iter_nodes(graph)]
    for edit in (select(graph, tag=Width).set, select(graph, tag=Width).replace):
        with pytest.raises(AttributeError, match="not 13"):
            edit(13)
    assert list(select(graph, tag=Width)) == [8, 8]
    assert [len(history(node)) for node in iter_nodes(graph)] == before
    select(graph, tag=Width).set(12)
    assert [len(history(node)) for node in iter_nodes(graph)] == [count + 1 for count in before]


def test_text():
    assert repr(select(graph_of(), layer, tag=Width, match_subclasses=False)) == (
        f"<TagSelection[{__name__}.Width of layer, match_subclasses=False,"
        " buildable_type=Buildable]>"
    )
    assert repr(select(graph_of(), tag=Width)) == (
        f"<TagSelection[{__name__}.Width, match_subclasses=True, buildable_type=Buildable]>"
    )


@pytest.mark.parametrize("bad", [3, "Width", int, Tag.new])
def test_not_a_tag(bad):
    with pytest.raises(TypeError, match="is not a subclass of Tag"):
        select(graph_of(), tag=bad)


def test_nothing_to_select_by():
    with pytest.raises(ValueError, match="pass a function or a class, or tag="):
        select(graph_of())


def test_nothing_matches(caplog):
    with caplog.at_level(logging.WARNING, logger="bytefig.configs"):
        select(graph_of(), tag=Rate, check_nonempty=False)
        select(graph_of(), tag=Width)
        assert caplog.messages == []
        select(graph_of(), set)
    assert caplog.messages == [
        "nothing in the graph matches"
        " <NodeSelection[set, match_subclasses=True, buildable_type=Buildable]>"
    ]
    with pytest.raises(ValueError, match=r"nothing in the graph matches <TagSelection\[.*Rate"):
        select(graph_of(), tag=Rate, check_nonempty=True)
    assert list(select(graph_of(), layer, check_nonempty=True).get("rate")) == [0.5, 0.5]


def test_deep_graph():
    node = Config(layer, Width.new(0))
    for _ in range(20_000):
        node = Config(layer, node)
    select(node, tag=Width).set(5)
    assert list(select(node, tag=Width)) == [5]


def test_tags_on_fixed_positions_do_not_move():
    node = Config(layer, 1, 2, 3)
    add_tag(node, "units", Width)
    del node[0]
    node[VARARGS:] = []
    assert get_tags(node, "units") == {Width}
