"""Captures that record straight into the nodes of Fiddle and of NeMo Run."""

import copy
import dataclasses
import functools
import importlib.util
import pickle
import subprocess
import sys
from typing import Annotated

import pytest

from bytefig import configs, tracer
from bytefig.tracer import (
    ConfigTypes,
    InlineError,
    NoBuildableError,
    UnbuiltNodeError,
    arg_factory,
    auto_config,
    inlined_partial,
)

fdl = pytest.importorskip("fiddle")

needs_nemo = pytest.mark.skipif(
    importlib.util.find_spec("nemo_run") is None, reason="NeMo Run is not installed"
)


class Width(configs.Tag):
    "How wide."


class PeerWidth(fdl.Tag):
    "How wide."


class Dense:
    def __init__(self, units=1, activation=None):
        self.units, self.activation = units, activation


def tagged(width: Annotated[int, Width] = 1, other: Annotated[int, PeerWidth] = 2, rate=3): ...


def positional(a, /, b=1, *rest): ...


@dataclasses.dataclass
class Shape:
    width: int = 1
    tags: list = dataclasses.field(default_factory=list)


def capture(fn, **options):
    options.setdefault("experimental_config_types", tracer.FIDDLE_TYPES)
    return auto_config(fn, experimental_allow_control_flow="all", **options).as_buildable()


def model():
    shared = Dense(8)
    return [shared, Dense(shared, activation=[Dense(units) for units in range(2)])]


def test_the_graph_is_what_fiddle_makes():
    graph = capture(model)
    shared = fdl.Config(Dense, 8)
    expected = [shared, fdl.Config(Dense, shared, [fdl.Config(Dense, 0), fdl.Config(Dense, 1)])]
    assert graph == expected
    assert graph[0] is graph[1].units
    assert {type(graph[0]), type(graph[1]), type(graph[1].activation[0])} == {fdl.Config}
    assert fdl.build(graph)[1].activation[1].units == 1


def test_a_node_knows_the_line_of_its_call():
    entry = capture(model)[0].__argument_history__["__fn_or_cls__"][0]
    assert entry.location.filename == __file__
    assert entry.location.line_number == model.__code__.co_firstlineno + 1
    assert entry.location.function_name == "model"


def test_positional_arguments():
    assert capture(lambda: positional(1, 2, 3, 4)) == fdl.Config(positional, 1, 2, 3, 4)


def test_partials():
    def fn():
        inner = functools.partial(Dense, 2)
        return functools.partial(inner, activation=3), arg_factory.partial(Dense, list)

    merged, factories = capture(fn)
    assert merged == fdl.Partial(Dense, units=2, activation=3)
    assert factories == fdl.Partial(Dense, units=fdl.ArgFactory(list))
    assert {type(merged), type(factories)} == {fdl.Partial}


def test_factories_with_arguments_of_their_own():
    def fn():
        return arg_factory.partial(Dense, functools.partial(Dense, units=2))

    graph = capture(fn)
    assert graph == fdl.Partial(Dense, fdl.ArgFactory(Dense, units=2))
    assert type(graph.units) is fdl.ArgFactory


def test_inlined_partial():
    make = auto_config(lambda units: Dense(units), experimental_config_types=tracer.FIDDLE_TYPES)
    graph = capture(lambda: inlined_partial(make, units=8))
    assert graph == fdl.Partial(Dense, units=8)
    assert type(graph) is fdl.Partial
    listed = auto_config(lambda: [Dense()], experimental_config_types=tracer.FIDDLE_TYPES)
    with pytest.raises(InlineError):
        capture(lambda: inlined_partial(listed))


def test_tags():
    graph = capture(lambda: tagged(rate=Width.new(default=5)))
    assert graph.rate == 5
    (tag,) = fdl.get_tags(graph, "rate")
    assert tag.name == Width.name
    assert fdl.get_tags(graph, "width") == {tag}
    assert fdl.get_tags(graph, "other") == {PeerWidth}


USES = {
    "compare": lambda node: node == 3,
    "hash": lambda node: {node: 1},
    "test the truth of": lambda node: not node,
    "format": lambda node: f"{node}",
    r"compute with \+ and": lambda node: node + 1,
    "compute - of": lambda node: -node,
    "index or iterate": lambda node: node[0],
    "iterate": lambda node: list(node),
    "read attribute 'units' of": lambda node: node.units,
    "ask the type of": lambda node: isinstance(node, int),
    "call": lambda node: node(),
}


@pytest.mark.parametrize("action", USES)
def test_a_node_is_guarded(action):
    use = USES[action]

    def fn():
        use(Dense())
        return Dense()

    policy = stepping_into(use)
    with pytest.raises(UnbuiltNodeError, match=f"cannot .*{action}"):
        capture(fn, experimental_exemption_policy=policy)


def stepping_into(use):
    rule = tracer.Rule(tracer.Is((use,)), tracer.Decision.STEP_INTO, "it uses the node")
    return tracer.LATEST.extend(rule)


def test_items_may_not_be_set_nor_deleted():
    def set_item():
        Dense()[0] = 1

    def delete_item():
        del Dense()[0]

    for fn in (set_item, delete_item):
        with pytest.raises(UnbuiltNodeError, match="an item of"):
            capture(fn)


def test_after_a_capture_that_fails_nodes_are_plain():
    kept = []

    def fn():
        kept.append(Dense())
        raise KeyError

    with pytest.raises(KeyError):
        capture(fn)
    assert type(kept[0]) is fdl.Config
    assert kept[0] == fdl.Config(Dense)


def test_native_code_may_work_on_nodes():
    def fn():
        return fdl_copy(positional(1, 2, 3)), Dense(5)

    policy = tracer.LATEST.extend(
        tracer.Rule(tracer.Is((fdl_copy,)), tracer.Decision.EXEMPT, "it copies")
    )
    copied, _ = capture(fn, experimental_exemption_policy=policy)
    assert type(copied) is fdl.Config
    assert copied == fdl.Config(positional, 4, 2)


def fdl_copy(node):
    assert isinstance(node, fdl.Config)
    node[0] = node[0] + 3
    copied = copy.deepcopy(node)
    del node[2], copied[2]
    assert type(pickle.loads(pickle.dumps(node))) is fdl.Config
    assert type(copied) is type(copy.copy(node)) is fdl.Config
    assert copied.__arguments__ == node.__arguments__
    with pytest.raises(TypeError, match="unhashable"):
        hash(node)
    return copied


def test_dataclass_access():
    def fn():
        shape = Shape(3)
        shape.width = 4
        return Shape(shape.width)

    assert capture(fn, experimental_allow_dataclass_attribute_access=True) == fdl.Config(Shape, 4)
    with pytest.raises(UnbuiltNodeError):
        capture(lambda: Dense(Shape().tags), experimental_allow_dataclass_attribute_access=True)


def test_a_result_without_a_node_is_an_error():
    with pytest.raises(NoBuildableError):
        capture(lambda: [1])
    node = configs.Config(Dense)
    assert capture(lambda: [node]) == [node]


def test_other_classes_are_refused():
    with pytest.raises(TypeError, match="config_cls must be a subclass"):
        ConfigTypes(config_cls=int)
    assert tracer.FIDDLE_TYPES == ConfigTypes(fdl.Config, fdl.Partial, fdl.ArgFactory)
    assert tracer.FIDDLE_TYPES.foreign and not ConfigTypes().foreign


def test_mixed_types():
    types = ConfigTypes(partial_cls=fdl.Partial)
    graph = capture(lambda: functools.partial(Dense, Dense()), experimental_config_types=types)
    assert type(graph) is fdl.Partial
    assert type(graph.units) is configs.Config


def test_no_such_name():
    with pytest.raises(AttributeError, match="no attribute 'FIDDLE_TYPE'"):
        tracer.FIDDLE_TYPE  # noqa: B018


@pytest.mark.needs_subprocess
def test_fiddle_is_imported_when_asked_for():
    program = "import sys, bytefig.tracer as t; assert 'fiddle' not in sys.modules; t.FIDDLE_TYPES"
    subprocess.run([sys.executable, "-c", program], check=True)


@needs_nemo
@pytest.mark.filterwarnings("ignore")  # those of the many libraries that NeMo Run imports
def test_nemo_run():
    run = importlib.import_module("nemo_run")
    graph = capture(
        lambda: [Dense(8), functools.partial(Dense, 2), arg_factory.partial(Dense, list)],
        experimental_config_types=tracer.NEMO_RUN_TYPES,
    )
    assert [type(node) for node in graph] == [run.Config, run.Partial, run.Partial]
    assert type(graph[2].units) is fdl.ArgFactory
    assert graph[0] == run.Config(Dense, units=8)
    assert fdl.build(graph[0]).units == 8
    with pytest.raises(UnbuiltNodeError, match="cannot compare"):
        capture(lambda: Dense(Dense() == 1), experimental_config_types=tracer.NEMO_RUN_TYPES)


@needs_nemo
@pytest.mark.filterwarnings("ignore")
def test_factories_of_nemo_run():
    run = importlib.import_module("nemo_run")

    def made(units) -> run.Config[Dense]:
        return run.Config(Dense, units=units)

    @run.cli.factory
    def later(units: int = 1) -> run.Partial[Dense]:
        return run.Partial(Dense, units=units)

    @run.cli.factory
    @run.autoconvert
    def converted(units: int = 1) -> Dense:
        return Dense(units)

    graph = tracer.capture(lambda: [Dense(made(2)), later(3), converted(4), Dense(5)])
    assert graph == [
        configs.Config(Dense, configs.Config(Dense, 2)),
        configs.Partial(Dense, 3),
        configs.Config(Dense, 4),
        configs.Config(Dense, 5),
    ]
    assert type(configs.build(graph)[0].units) is Dense
    nodes = capture(
        lambda: [Dense(made(2)), later(3), converted(4)],
        experimental_config_types=tracer.NEMO_RUN_TYPES,
    )
    assert nodes[0] == run.Config(Dense, units=run.Config(Dense, units=2))
    assert nodes[1:] == [run.Partial(Dense, units=3), run.Config(Dense, units=4)]


def test_a_function_that_returns_a_config_of_fiddle():
    def made(units) -> fdl.Config[Dense]:
        return fdl.Config(Dense, units=units)

    graph = capture(lambda: [Dense(made(2))])
    assert graph == [fdl.Config(Dense, units=fdl.Config(Dense, units=2))]
