"""Tests of `bytefig.configs.visualize`: graphs trimmed to be looked at."""

import copy
import dataclasses

import pytest

from bytefig.configs import Config, Partial, build, visualize
from bytefig.configs.diffing import AnyValue
from bytefig.configs.visualize import trimmed_node


def layer(units, rate=0.5, names=()): ...


def stack(first, /, second=None, *rest, name="n"): ...


def keyed(*, options=None): ...


@dataclasses.dataclass
class Inner:
    size: int = 1


@dataclasses.dataclass
class Outer:
    inner: Inner = dataclasses.field(default_factory=Inner)
    steps: int = 2


def test_trimmed():
    big = Config(layer, 8)
    graph = Config(stack, big, [big, Config(layer, 2)])
    found = visualize.trimmed(graph, [big])
    gone = Config(trimmed_node)
    assert found == Config(stack, gone, [gone, Config(layer, 2)])
    assert graph.second[0] is big
    with pytest.raises(ValueError, match="a trimmed node cannot be built"):
        build(found)


def test_depth_over():
    low = Config(layer, 1)
    graph = [Config(stack, {"a": Partial(layer, low)}, low), Config(layer, 9)]
    assert visualize.depth_over(graph, 0) == [graph[0][0]["a"], low]
    assert visualize.depth_over(graph, 1) == []
    graph[0].second = None
    assert visualize.depth_over(graph, 1) == [low]
    looped = Config(layer, [])
    looped.units.append(looped)
    assert visualize.depth_over(looped, 0) == []


def test_structure():
    low = Config(layer, 1, names=["a"])
    graph = Config(stack, 5, [1, low], 7, low, (8, 9), name={"k": low, "l": 2})
    made = visualize.structure(graph)
    bare = Config(layer)
    any_value = AnyValue()
    assert made.second == [any_value, bare]
    assert made[2:] == [any_value, bare, any_value]
    assert made.name == {"k": bare, "l": any_value}
    assert 0 not in made.__arguments__
    assert made.second[1] is made[3] is made.name["k"]
    assert graph[0] == 5 and low.units == 1
    assert visualize.structure([1, 2]) == any_value


def test_trim_fields_to():
    low = Config(layer, 1, rate=2)
    graph = Config(keyed, options=low)
    gone = Config(trimmed_node)
    assert visualize.trim_fields_to(graph) == graph
    assert visualize.trim_fields_to(graph, []) == Config(keyed, options=gone)
    found = visualize.trim_fields_to(graph, fields_by_config_id={id(low): ["rate"]})
    assert found == Config(keyed, options=Config(layer, gone, rate=2))
    assert graph.options is low and low.units == 1


def test_trim_long_fields():
    graph = Config(layer, "x" * 100, names=["y" * 100, 1])
    before = copy.deepcopy(graph)
    found = visualize.trim_long_fields(graph, 20)
    assert repr(found.units) == "'xxxxxxxxxxxxxxxx..."
    assert repr(found.names[0]).endswith("y...") and found.names[1] == 1
    assert found == visualize.trim_long_fields(graph, 20)
    assert graph == before
    with pytest.raises(ValueError, match="must be positive"):
        visualize.trim_long_fields(graph, 0)


def test_with_defaults_trimmed():
    graph = Config(stack, Config(layer, 1, rate=0.5, names=()), None, name="m")
    found = visualize.with_defaults_trimmed(graph)
    assert found[0].__arguments__ == {"units": 1}
    assert found.__arguments__ == {0: found[0], "name": "m"}
    assert graph[0].rate == 0.5


def test_deep_defaults_go_if_nothing_else_uses_them():
    outer = Config(Outer, Config(Inner), 2)
    trim = visualize.with_defaults_trimmed
    assert trim(outer).__arguments__ == {"inner": Config(Inner)}
    assert trim(outer, remove_deep_defaults=True).__arguments__ == {}
    shared = [outer, outer.inner]
    assert trim(shared, remove_deep_defaults=True)[0].__arguments__ == {"inner": Config(Inner)}
    outer.inner.size = 3
    assert trim(outer, remove_deep_defaults=True).inner.size == 3


def test_as_fiddle_does():
    fdl = pytest.importorskip("fiddle")
    theirs = pytest.importorskip("fiddle.experimental.visualize")
    interop = pytest.importorskip("bytefig.configs.interop")
    graph = Config(layer, [Config(layer, 1, rate=0.5), Config(keyed, options=Config(layer, 3))])
    twin = interop.to_fiddle(graph)
    back = interop.from_fiddle
    assert visualize.depth_over(graph, 1) == [back(node) for node in theirs.depth_over(twin, 1)]
    assert visualize.with_defaults_trimmed(graph) == back(theirs.with_defaults_trimmed(twin))
    made = theirs.structure(twin)
    assert visualize.structure(graph) == back(made)
    assert isinstance(made, fdl.Config)
