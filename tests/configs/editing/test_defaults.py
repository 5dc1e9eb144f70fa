"""Tests of `bytefig.configs.editing.defaults`: defaults of classes of several libraries."""

import collections
import dataclasses

import pytest

from bytefig.configs import (
    ArgFactory,
    Config,
    Partial,
    add_effects,
    build,
    expand_default_factories,
    materialize_defaults,
    replace_unconfigured_partials_with_callables,
)


def materialized(fn, kind=Config):
    node = kind(fn)
    materialize_defaults(node)
    return node


def test_a_mutable_default_is_copied():
    marker = object()
    default = [1, {"a": {2}}, (marker, [3])]

    def fresh(items=default, rest=(1, marker), raw=bytearray(b"x")):
        return items

    node = materialized(fresh)
    assert node.items == default and node.items is not default
    node.items.append(2)
    node.items[1]["a"].add(4)
    node.items[2][1].clear()
    node.raw.append(1)
    assert fresh() == [1, {"a": {2}}, (marker, [3])]
    assert fresh.__defaults__[2] == b"x"
    # What cannot be changed is itself: functions compare by identity.
    assert node.items[2][0] is marker
    assert node.rest is fresh.__defaults__[1]


def test_a_default_that_is_shared_with_itself():
    loop = []
    loop.append(loop)

    def fresh(items=loop):
        return items

    node = materialized(fresh)
    assert node.items is not loop
    assert node.items[0] is node.items


def test_two_nodes_do_not_share_a_default():
    def fresh(items=collections.deque([1])):
        return items

    nodes = [Config(fresh), Config(fresh)]
    materialize_defaults(nodes)
    nodes[0].items.append(2)
    assert build(nodes) == [collections.deque([1, 2]), collections.deque([1])]


def test_parameters_with_one_default_share_the_copy():
    default = [1]

    def fresh(one=default, other=default):
        return one is other

    assert build(materialized(fresh))


def test_msgspec():
    msgspec = pytest.importorskip("msgspec")
    fields = [
        ("n", int, 1),
        ("xs", list[int], msgspec.field(default_factory=list)),
        ("ys", list[int], []),
        ("part", dict, msgspec.field(default_factory=lambda: {"a": 1})),
    ]
    made = msgspec.defstruct("Made", fields)
    assert build(Config(made)) == made()
    node = materialized(made)
    assert node.xs == node.ys == []
    node.xs.append(3)
    assert build(node) == made(xs=[3])
    assert build(materialized(made, Partial))() == made()
    with pytest.raises(AttributeError, match="made by a factory"):
        Config(made).xs


def test_pydantic_dataclasses():
    pydantic = pytest.importorskip("pydantic")

    @pydantic.dataclasses.dataclass
    class Made:
        xs: list[int] = pydantic.Field(default_factory=list)
        ys: list[int] = dataclasses.field(default_factory=lambda: [1])
        size: dict = pydantic.Field(default_factory=dict, alias="sz")

    node = materialized(Made)
    assert node.xs == [] and node.sz == {}
    node.xs.append(3)
    assert build(node) == Made(xs=[3])
    node = Partial(Made)
    expand_default_factories(node, "xs")
    assert type(node.xs) is ArgFactory
    assert build(node)() == Made()


def test_pydantic_models():
    pydantic = pytest.importorskip("pydantic")

    class Made(pydantic.BaseModel):
        xs: list[int] = pydantic.Field(default_factory=list)
        count: int = pydantic.Field(default_factory=lambda data: len(data["xs"]))

    node = materialized(Made)
    node.xs += [1, 2]
    assert build(node) == Made(xs=[1, 2])
    assert build(node).count == 2


def test_attrs():
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Made:
        xs: list = attrs.Factory(list)
        ys: list = attrs.field(factory=lambda: [1], alias="other")
        zs: list = attrs.Factory(lambda self: [*self.xs], takes_self=True)

    node = materialized(Made)
    node.xs.append(2)
    assert build(node) == Made(xs=[2])
    assert build(node).zs == [2]


class OwnPartial(Partial):
    __slots__ = ()


def scale(x, by=2): ...


def test_partials_that_change_nothing_become_callables():
    plain, given = Partial(scale, by=2), Partial(scale, by=3)
    acted_on = add_effects(Partial(scale), Config(print, "made"))
    kept = [given, given, Config(scale), ArgFactory(scale), OwnPartial(scale), acted_on]
    graph = [plain, {"a": plain}, *kept]
    found = replace_unconfigured_partials_with_callables(graph)
    assert found == [scale, {"a": scale}, *kept]
    assert found[2] is found[3] is not given
    assert graph[0] is plain
    assert replace_unconfigured_partials_with_callables(Partial(scale)) is scale
