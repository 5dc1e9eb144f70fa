import functools
import itertools

import pytest

from bytefig.configs import ArgFactory, Config, Partial, arg_factory, build
from bytefig.tracer import (
    ConfigTypes,
    InlineError,
    auto_config,
    inlined_partial,
)


class Dense:
    def __init__(self, units=0, bias=None, name="d"):
        self.units, self.bias, self.name = units, bias, name


def initial(scale=1):
    return [scale]


@auto_config
def make_dense(units):
    return Dense(units, bias=initial(2))


@auto_config(experimental_always_inline=False)
def make_two():
    return [Dense(), Dense()]


def test_partials_merge():
    captured = auto_config(
        lambda: [
            functools.partial(functools.partial(Dense, 3, name="a"), bias=None, name="b"),
            functools.partial(functools.partial(Dense, name="a"), 3),
        ]
    ).as_buildable()
    assert captured == [Partial(Dense, 3, None, name="b"), Partial(Dense, 3, name="a")]


def test_partials_with_positional_arguments_on_both_sides():
    def model():
        return functools.partial(functools.partial(Dense, 3), None)

    config = auto_config(model).as_buildable()
    assert config == Partial(Dense, 3, None)
    assert build(config).args == model().args == (3, None)


@pytest.mark.parametrize("wrong", [lambda: functools.partial(), lambda: functools.partial(3)])
def test_wrong_partials_fail_as_natively(wrong):
    with pytest.raises(TypeError) as native:
        wrong()
    with pytest.raises(TypeError) as captured:
        auto_config(wrong).as_buildable()
    assert str(captured.value) == str(native.value)


def test_arg_factory_partial_is_a_partial_of_arg_factories():
    def model():
        return arg_factory.partial(Dense, bias=functools.partial(initial, scale=4), name=str)

    config = auto_config(model).as_buildable()
    assert config == Partial(Dense, bias=ArgFactory(initial, scale=4), name=ArgFactory(str))
    for make in (build(config), model()):
        first, second = make(), make(5)
        assert first.bias == second.bias == [4]
        assert first.bias is not second.bias
        assert (first.name, second.units) == ("", 5)


def test_arg_factory_partial_takes_positional_factories_and_merges():
    def model():
        return functools.partial(arg_factory.partial(Dense, initial), name="x")

    config = auto_config(model).as_buildable()
    assert config == Partial(Dense, ArgFactory(initial), name="x")
    assert build(config)().units == model()().units == [1]


def test_a_factory_may_be_an_arg_factory():
    config = auto_config(lambda f: arg_factory.partial(Dense, units=f)).as_buildable(
        ArgFactory(initial, 9)
    )
    assert config == Partial(Dense, units=ArgFactory(initial, 9))


def test_a_factory_has_to_be_callable():
    with pytest.raises(TypeError):
        arg_factory.partial(Dense, units=3)
    with pytest.raises(TypeError):
        auto_config(lambda: arg_factory.partial(Dense, units=3)).as_buildable()


def test_inlined_partial_configures_what_the_function_builds():
    config = auto_config(lambda: inlined_partial(make_dense, units=1)).as_buildable()
    assert config == Partial(Dense, 1, bias=Config(initial, 2))
    config.bias.scale = 7
    assert build(config)(name="z").bias == [7]


def test_inlined_partial_outside_a_capture():
    make = inlined_partial(make_dense, units=1)
    assert type(make) is functools.partial
    assert make().bias == [2]


@pytest.mark.parametrize(
    "fn, message", [(Dense, "an auto_config function"), (make_two, "one Config")]
)
def test_inlined_partial_of_something_else(fn, message):
    with pytest.raises(InlineError, match=f"inlined_partial needs .*{message}") as caught:
        auto_config(lambda: inlined_partial(fn)).as_buildable()
    assert f"{__file__}:" in str(caught.value)


def test_the_configured_types_are_used():
    class MyPartial(Partial):
        __slots__ = ()

    class MyFactory(ArgFactory):
        __slots__ = ()

    types = ConfigTypes(partial_cls=MyPartial, arg_factory_cls=MyFactory)
    model = auto_config(
        lambda: [inlined_partial(make_dense, 1), arg_factory.partial(Dense, bias=initial)],
        experimental_config_types=types,
    )
    inlined, factories = model.as_buildable()
    assert type(inlined) is type(factories) is MyPartial
    assert type(factories.bias) is MyFactory


def test_supply_defaults():
    counter = itertools.count()

    @arg_factory.supply_defaults
    def collect(item, items=arg_factory.default(list), *, number=arg_factory.default_factory(int)):
        """Collect."""
        items.append(item)
        return items, number, next(counter)

    assert collect(1) == ([1], 0, 0)
    assert collect(1, [0], number=5) == ([0, 1], 5, 1)
    assert (collect.__name__, collect.__doc__) == ("collect", "Collect.")
    config = auto_config(lambda: collect(3)).as_buildable()
    assert config == Config(collect, 3)
    assert build(config) == ([3], 0, 2)
    with pytest.raises(AttributeError, match="made by a factory"):
        _ = config.items


def test_supply_defaults_without_any():
    with pytest.raises(ValueError, match="no parameter of .*default made by"):
        arg_factory.supply_defaults(lambda a, b=1: a)


def test_a_default_factory_has_to_be_callable():
    with pytest.raises(TypeError):
        arg_factory.default_factory(3)


def captured_and_built(function):
    return auto_config(function).as_buildable(), function()


def test_a_partial_that_is_called_gives_a_node_with_the_arguments_of_both():
    def model():
        make = functools.partial(Dense, 3, bias=[initial(2)], name="p")
        return [make(), make(name="called"), make(bias=None)]

    config, plain = captured_and_built(model)
    bias = [Config(initial, 2)]
    assert config == [
        Config(Dense, 3, bias=bias, name="p"),
        Config(Dense, 3, bias=bias, name="called"),
        Config(Dense, 3, bias=None, name="p"),
    ]
    assert config[0].bias[0] is config[1].bias[0]
    for built, expected in zip(build(config), plain, strict=True):
        assert vars(built) == vars(expected)


def test_a_partial_of_factories_that_is_called_calls_them_anew():
    def model():
        make = arg_factory.partial(Dense, bias=functools.partial(initial, 2))
        return [make(1), make(2)]

    config, plain = captured_and_built(model)
    assert config == [Config(Dense, n, bias=Config(initial, 2)) for n in (1, 2)]
    assert config[0].bias is not config[1].bias
    first, second = build(config)
    assert first.bias == second.bias == plain[0].bias == [2]
    assert first.bias is not second.bias
