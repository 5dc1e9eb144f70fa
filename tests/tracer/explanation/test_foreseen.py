"""What `explain` tells of the uses of recorded objects, and that a capture does so."""

import dataclasses
import os.path

import pytest

from bytefig.tracer import V1, UnbuiltNodeError, auto_config, capture, exempt, explain


@dataclasses.dataclass
class Options:
    hidden: int = 4


class Model:
    def __init__(self, *given):
        self.given = given

    def parameters(self):
        return []


@exempt
def made():
    return Model()


def told(function):
    return explain(function).uses


def test_each_place_is_told_of_with_what_to_do():
    def builder(width):
        model = Model(width)
        for parameter in model.parameters():
            print(parameter)
        if model.width > 3:
            return Model(f"{model}")
        return model

    first, second, third = told(builder)
    start = builder.__code__.co_firstlineno
    assert str(first) == (
        f"line {start + 2}: refused: iterate model.parameters(): do it in a function that takes"
        " model.parameters(); or let a policy call Model: Rule(Is((Model,)), Decision.EXEMPT,"
        " 'why')"
    ).replace("Model", Model.__qualname__)
    assert second.action == "test the truth of"
    assert "that takes model.width;" in second.reason
    assert (third.action, third.value, third.line) == ("format", "model", start + 5)
    assert str(first) in str(explain(builder))
    with pytest.raises(UnbuiltNodeError, match=f":{start + 2}:"):
        capture(builder, 4)


def test_what_is_known_at_once_is_fixed():
    def builder():
        options = Options(hidden=4)
        layers = [Model()]
        if options.hidden > 3:
            layers.append(Model())
        if os.path.join("a", "b") == "a/b":
            layers.append(Model())
        return layers

    found = told(builder)
    assert [use.fixed for use in found] == [True, True]
    assert "Options is pure, so it is called now" in found[0].reason
    assert "fixed at capture" in str(found[0])
    assert len(capture(builder)) == 3
    assert not any(
        use.fixed for use in told(auto_config(builder, experimental_allow_control_flow=True))
    )


def test_what_takes_an_object_that_is_not_built_is_not_known():
    def builder():
        path = os.path.join("a", Model().name)
        return Model("long" if path > "a" else "short")

    assert [use.fixed for use in told(builder)] == [False]
    with pytest.raises(UnbuiltNodeError):
        capture(builder)


def several(flag):
    model = Model()
    if flag:
        model = Model(1)
    return len(model)


def of_a_parameter(model):
    return len(model)


def of_what_runs():
    return Model(len(made()))


def later():
    model = Model()
    return Model(lambda: len(model))


def of_a_config():
    from bytefig.configs import Config

    return Model(isinstance(Model(), Config))


def joined(flag):
    return Model(len(Model() if flag else [1]))


@pytest.mark.parametrize(
    "function", [several, of_a_parameter, of_what_runs, later, of_a_config, joined]
)
def test_what_is_not_sure_is_not_told(function):
    assert told(function) == ()


def test_it_depends_on_the_options():
    def builder():
        return Model(Options(3).hidden)

    assert told(builder) == ()
    assert len(told(auto_config(builder))) == 1
    assert told(auto_config(builder, experimental_allow_dataclass_attribute_access=True)) == ()
    assert told(auto_config(builder, guard="off")) == ()
    (use,) = told(auto_config(builder, experimental_exemption_policy=V1))
    assert "deferred=True" not in use.reason


def test_a_use_in_a_finally_block_counts_once():
    def builder():
        model = Model()
        try:
            print()
        finally:
            len(model)
        return model

    assert len(told(builder)) == 1


def test_they_are_data():
    (use,) = told(lambda: Model(len(Model())))
    data = use.to_data()
    assert data["action"] == "ask the length of"
    assert data["value"] == "Model()"
    assert data["fixed"] is False
