"""Functions whose call in a value gives their graph."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable

import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import auto_config, autobuild
from bytefig.tracer.errors import ValueLanguageError
from bytefig.tracer.values import Scope, override, parse_assignment, parse_value
from bytefig.tracer.values.presets import preset_of

RAN = []


class Layer:
    def __init__(self, units: int = 1, activation: Callable[[int], int] | None = None):
        RAN.append("Layer")
        self.units, self.activation = units, activation


class Model:
    def __init__(self, layers: list[Layer], name: str = "m"):
        self.layers, self.name = layers, name

    @classmethod
    def wide(cls, units: int = 64) -> Config[Model]:
        return Config(cls, [Config(Layer, units)])


@auto_config(experimental_allow_control_flow=True)
def big(depth: int = 2, first: Layer | None = None) -> Model:
    return Model([Layer(8) if first is None else first, Layer(depth)])


@autobuild
def built(units: int = 5) -> Model:
    return Model([Layer(units)])


@autobuild(partial=True)
def built_later(units: int = 5) -> Callable[[], Model]:
    return Model([Layer(units)])


def by_hand(name: str = "hand") -> Config[Model]:
    return Config(Model, [Config(Layer, 3)], name)


def later(rate: float) -> Partial[Layer]:
    return Partial(Layer, units=int(rate))


def plain(units: int = 1) -> Model:
    raise AssertionError("it stays one node")


def three() -> Config[int]:
    return Config(int, "3")


def relu(x: int) -> int:
    return max(x, 0)


@auto_config
def broken() -> Model:
    return Model([Layer(int("this is the user's"))])


def train(
    model: Model, factory: Callable[..., Layer] = Layer, any_=None, activation: Callable = relu
):
    return model


@pytest.fixture
def scope():
    RAN.clear()
    module = types.ModuleType(__name__)
    vars(module).update({name: value for name, value in globals().items() if name != "RAN"})
    return Scope(module, fn=train)


def set_in(graph, scope, *texts):
    return override(graph, map(parse_assignment, texts), scope)


@pytest.mark.parametrize(
    "text, units, name",
    [
        ("big", [8, 2], "m"),
        ("big()", [8, 2], "m"),
        ("big(5)", [8, 5], "m"),
        ("big(depth=5)", [8, 5], "m"),
        ("big(first=Layer(9), depth=1)", [9, 1], "m"),
        ("built", [5], "m"),
        ("built(units=6)", [6], "m"),
        ("by_hand", [3], "hand"),
        ("by_hand('x')", [3], "x"),
        ("Model.wide", [64], "m"),
        ("Model.wide(7)", [7], "m"),
    ],
)
def test_a_preset_gives_its_graph(scope, text, units, name):
    graph = parse_value(text, Model, scope)
    assert type(graph) is Config
    assert graph.__fn_or_cls__ is Model
    assert [layer.units for layer in graph.layers] == units
    assert RAN == []
    model = build(graph)
    assert (type(model), model.name) == (Model, name)
    assert [type(layer) for layer in model.layers] == [Layer] * len(units)


def test_later_words_lead_into_it(scope):
    graph = set_in(Config(train), scope, "model=big", "model.layers[0].units=3", "model.name=n")
    made = build(graph)
    assert [layer.units for layer in made.layers] == [3, 2]
    assert made.name == "n"


def test_a_preset_inside_a_value(scope):
    assert parse_value("[1, three]", list[int], scope) == [1, Config(int, "3")]
    assert parse_value("three", str, scope) == "three"
    graph = parse_value("[big(1), by_hand]", list[Model], scope)
    assert [len(each.layers) for each in graph] == [2, 1]


def test_where_a_callable_is_taken_the_function_stays(scope):
    assert parse_value("relu", Callable, scope) is relu
    assert parse_value("big", Callable, scope) is big
    assert parse_value("big", None, scope) is big
    assert type(parse_value("later(2.0)", Callable[..., Layer], scope)) is Partial
    assert type(parse_value("built_later()", Callable, scope)) is Partial
    graph = set_in(Config(train), scope, "model=Model([Layer(1, activation=relu)])")
    assert graph.model.layers[0].activation is relu


def test_other_functions_stay_one_node(scope):
    graph = parse_value("plain(2)", Model, scope)
    assert graph.__fn_or_cls__ is plain
    assert preset_of(plain) is preset_of(Model) is preset_of(3) is None


@pytest.mark.parametrize(
    "text, hint, message",
    [
        ("big(depth=a)", Model, "a: expected int, not a name"),
        ("big(dept=1)", Model, "did you mean 'depth'?"),
        ("later", Layer, "later needs rate"),
        ("built(unit=1)", Model, "has no parameter 'unit'; did you mean 'units'?.*, column 7:"),
        ("big", int, "expected int, not <Config"),
        ("big()", Layer, "expected"),
        ("by_hand", dict[str, int], "expected"),
    ],
)
def test_a_preset_that_does_not_fit(scope, text, hint, message):
    with pytest.raises(ValueLanguageError, match="(?s)" + message.replace("?", r"\?")):
        parse_value(text, hint, scope)


def test_what_a_preset_raises_is_the_user_s(scope):
    with pytest.raises(ValueError, match="the user's") as caught:
        parse_value("broken", Model, scope)
    assert type(caught.value) is ValueError
    seen = []

    @contextlib.contextmanager
    def running():
        seen.append("enter")
        yield
        seen.append("exit")

    watched = Scope(scope._module, fn=train, running=running)
    assert parse_value("big", Model, watched).layers[1].units == 2
    assert seen == ["enter", "exit"]


def test_names_of_presets_that_fit_and_nothing_runs(scope):
    assert scope.presets(Model) == ["big", "broken", "built", "by_hand"]
    assert scope.presets(Model | None) == ["big", "broken", "built", "by_hand"]
    assert scope.presets(Callable) == ["built_later", "later"]
    assert scope.presets(int) == ["three"]
    assert scope.presets(str) == scope.presets(None) == []


def test_a_preset_has_to_be_allowed(monkeypatch):
    other = types.ModuleType("kept_presets")
    exec(
        "from bytefig.configs import Config\nRAN = []\n"
        "def evil() -> Config[int]:\n    RAN.append(1)\n    return Config(int, 3)\n",
        other.__dict__,
    )
    monkeypatch.setitem(__import__("sys").modules, "kept_presets", other)
    module = types.ModuleType("the_target")
    module.kept_presets = other
    for text, hint in (("kept_presets.evil()", int), ("kept_presets.evil", Model)):
        with pytest.raises(ValueLanguageError, match="which is not allowed"):
            parse_value(text, hint, Scope(module))
    for text in ("kept_presets.evil", "evil"):
        with pytest.raises(ValueLanguageError, match="expected int, not a name"):
            parse_value(text, int, Scope(module))
    with pytest.raises(ValueLanguageError):
        parse_value("evil()", None, Scope(module))
    assert other.RAN == []
    made = parse_value("kept_presets.evil()", None, Scope(module, ["kept_presets"]))
    assert made == Config(int, 3)
