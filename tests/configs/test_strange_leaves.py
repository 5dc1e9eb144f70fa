"""Leaves of which nothing can be asked, not even their class: they break no tool."""

from __future__ import annotations

import copy
import weakref

import pytest

from bytefig.configs import (
    Config,
    SerializationError,
    build,
    dump_json,
    history,
    iterate,
    list_tags,
    map_graph,
    materialize_defaults,
    select,
    signature_of,
    to_html,
    to_source,
    validate,
)
from bytefig.configs.codegen import CodegenError
from bytefig.configs.diffing import DiffError, apply_diff, build_diff, diff_to_data
from bytefig.configs.printing import (
    as_dict_flattened,
    as_str_flattened,
    as_tree,
    history_per_leaf_parameter,
)


def two(a=None, b=None):
    return a, b


def number(a: int = 0, b: list[int] | None = None): ...


def dead_proxy():
    return weakref.proxy(set())


class WithoutClass:
    @property
    def __class__(self):
        raise RuntimeError("no class")


class Silent:
    def __getattribute__(self, name):
        raise RuntimeError(f"asked for {name}")


STRANGE = pytest.mark.parametrize("make", [dead_proxy, WithoutClass, Silent])


@STRANGE
def test_what_reads_a_graph(make):
    value = make()
    graph = Config(two, value, b=[value])
    for show in (
        repr,
        as_str_flattened,
        as_dict_flattened,
        history_per_leaf_parameter,
        to_html,
        lambda graph: repr(history(graph)),
        lambda graph: [repr(place) for place in iterate(graph)],
    ):
        assert show(graph)
    pytest.importorskip("rich")
    assert as_tree(graph) is not None
    assert list_tags(graph) == set()
    assert [*select(graph, two)] == [graph]
    assert build(graph)[0] is value
    assert map_graph(lambda each: each, graph).a is value
    assert repr(signature_of(lambda x=value: x))


@STRANGE
def test_what_edits_a_graph(make):
    value = make()
    graph = Config(two, value)
    materialize_defaults(graph)
    select(graph, two).set(b=value)
    assert graph.b is value
    for diff in (build_diff(graph, Config(two, 1)), build_diff(Config(two, 1), graph)):
        assert str(diff)
        assert repr(diff)
    assert apply_diff(diff, Config(two, 1)).a is value
    with pytest.raises(DiffError, match="is not plain data"):
        diff_to_data(diff)
    assert diff_to_data(diff, encode=lambda leaf: "?")


@STRANGE
def test_what_cannot_take_it_says_where(make):
    graph = Config(two, [make()])
    with pytest.raises(SerializationError) as caught:
        dump_json(graph)
    assert [problem.path for problem in caught.value.problems] == ["<root>.a[0]"]
    with pytest.raises(CodegenError) as caught:
        to_source(graph)
    assert [problem.path for problem in caught.value.problems] == ["<root>.a[0]"]
    problems = validate(Config(number, make(), [make()]))
    assert [problem.path for problem in problems] == ["<root>.a", "<root>.b[0]"]
    assert all(map(str, problems))


def test_a_dead_proxy_is_copied_as_weak_references_are():
    value = dead_proxy()
    assert copy.deepcopy(Config(two, value, [value])).a is value
