"""`autobuild`: a function that returns objects becomes one that returns their config."""

import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import NoBuildableError, NotAFunctionError, auto_config, autobuild


class Dense:
    def __init__(self, units, inner=None):
        self.units, self.inner = units, inner


@autobuild
def layer(size):
    """Make a layer."""
    return Dense(2 * size)


@autobuild(partial=True)
def partial_layer(size):
    return Dense(size, Dense(1))


def test_a_call_gives_the_config():
    assert layer(3) == Config(Dense, 6)
    assert layer.__doc__ == "Make a layer." and layer.__name__ == "layer"
    assert build(layer(3)).units == 6


def test_the_root_becomes_a_partial():
    assert partial_layer(2) == Partial(Dense, 2, Config(Dense, 1))
    assert partial_layer(2)(units=5).units == 5


def test_one_inside_another_gives_its_graph():
    @autobuild
    def model():
        return Dense(1, layer(4))

    assert model() == Config(Dense, 1, Config(Dense, 8))
    assert auto_config(lambda: Dense(layer(1))).as_buildable() == Config(Dense, Config(Dense, 2))


def test_any_construct_is_allowed():
    @autobuild
    def model(sizes):
        return [Dense(size) for size in sizes if size]

    assert model([1, 0, 2]) == [Config(Dense, 1), Config(Dense, 2)]


def test_a_function_that_makes_configs_itself():
    assert autobuild(lambda: Config(Dense, 1))() == Config(Dense, 1)
    assert autobuild(lambda: Config(Dense, 1), partial=True)() == Partial(Dense, 1)
    assert autobuild(lambda: Partial(Dense, 1))() == Config(Dense, 1)


def test_an_auto_config_function():
    wrapped = auto_config(lambda size: Dense(size))
    assert autobuild(wrapped, partial=True)(3) == Partial(Dense, 3)
    assert wrapped(3).units == 3


class Factory:
    scale = 2

    @autobuild
    def method(self, size):
        return Dense(self.scale * size)

    @autobuild
    @classmethod
    def of_class(cls, size):
        return Dense(cls.scale * size)

    @autobuild(partial=True)
    @staticmethod
    def static(size):
        return Dense(size)


def test_methods():
    assert Factory().method(2) == Factory.of_class(2) == Config(Dense, 4)
    assert Factory.static(2) == Factory().static(2) == Partial(Dense, 2)


@pytest.mark.parametrize("result", [3, {"a": 1}, [1]], ids=repr)
def test_a_function_that_returns_no_object(result):
    with pytest.raises(NoBuildableError, match="autobuild needs a function that returns an object"):
        autobuild(lambda: result)()


def test_what_has_no_bytecode():
    with pytest.raises(NotAFunctionError):
        autobuild(len)
