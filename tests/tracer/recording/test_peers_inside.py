"""Nodes and functions of Fiddle, and of what derives from it, inside of captured functions."""

import pytest

from bytefig.configs import Config, build, effects
from bytefig.tracer import LATEST, V1, ConfigTypes, auto_config, autobuild

fdl = pytest.importorskip("fiddle")
fiddle_auto_config = pytest.importorskip("fiddle.experimental.auto_config")


class Holder:
    def __init__(self, value=None, other=None):
        self.value, self.other = value, other


class RunConfig(fdl.Config):
    """As that of NeMo Run derives from Fiddle's."""


class RunPartial(fdl.Partial): ...


TYPES = [
    ConfigTypes(),
    ConfigTypes(fdl.Config, fdl.Partial, fdl.ArgFactory),
    ConfigTypes(RunConfig, RunPartial, fdl.ArgFactory),
]
KINDS = [fdl.Config, fdl.Partial, RunConfig, RunPartial]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("types", TYPES)
@pytest.mark.parametrize("policy", [LATEST, V1, lambda fn: False])
def test_a_node_that_is_made_inside_runs(kind, types, policy):
    def alone():
        return kind(Holder, 1)

    def inside():
        return Holder(kind(Holder, value=1), other=[kind(Holder, value=2)])

    options = {"experimental_config_types": types, "experimental_exemption_policy": policy}
    made = auto_config(alone, **options).as_buildable()
    assert type(made) is kind and made == alone()
    graph = auto_config(inside, **options).as_buildable()
    assert type(graph) is types.config_cls
    assert type(graph.value) is type(graph.other[0]) is kind
    assert graph.value == kind(Holder, value=1)
    if types.config_cls is Config:
        built, native = build(graph), inside()
        assert built.value == native.value and built.other == native.other


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("kind", [fdl.Config, fdl.Partial])
def test_autobuild_gives_a_node_that_the_function_made(kind, partial):
    made = autobuild(lambda: kind(Holder, value=1), partial=partial)()
    wanted = fdl.Partial if partial else fdl.Config
    assert type(made) is wanted and made == wanted(Holder, value=1)
    (each,) = autobuild(lambda: [RunConfig(Holder, value=1)])()
    assert each == RunConfig(Holder, value=1)


@fiddle_auto_config.auto_config
def layer(n):
    return Holder(n, other=Holder(2 * n))


class Model:
    @fiddle_auto_config.auto_config
    @classmethod
    def make(cls, n):
        return Holder(n)


def test_a_function_decorated_by_fiddle_is_inlined():
    def model():
        return Holder(layer(3), other=[layer(n=4), Model.make(5)])

    graph = auto_config(model).as_buildable()
    four = Config(Holder, 4, other=Config(Holder, 8))
    assert graph == Config(
        Holder,
        Config(Holder, 3, other=Config(Holder, 6)),
        other=[four, Config(Holder, 5)],
    )
    assert build(graph).value.other.value == 6
    foreign = auto_config(model, experimental_config_types=TYPES[1]).as_buildable()
    assert fdl.build(foreign).other[0].other.value == 8


def test_what_a_node_of_a_peer_holds_is_no_effect():
    def inside():
        used = Holder(fdl.Config(Holder, fdl.Config(Holder, Holder(1))))
        Holder(fdl.Config(Holder, Holder(2)))
        return [fdl.Config(Holder, Holder(3)), used]

    graph = auto_config(inside).as_buildable()
    (dropped,) = effects(graph)
    assert dropped.value.value == Config(Holder, 2)
