"""Tests of `bytefig.configs.signature.sources`: callables that are changed in place."""

import functools
import inspect

import pytest

from bytefig.configs import Config, build
from bytefig.configs.signature import sources
from bytefig.tracer import auto_config


def edited(units=5, act="relu"):
    return units, act


def by_code(fn):
    fn.__code__, fn.__defaults__ = edited.__code__, edited.__defaults__


def test_a_function_with_new_code():
    def make(units=1):
        return units

    assert Config(make).units == 1
    node = Config(make)
    by_code(make)
    assert build(Config(make, act="x")) == (5, "x")
    assert node.units == 5
    node.act = "y"
    assert build(node) == (5, "y")


def test_a_function_with_new_defaults():
    def make(units=1):
        return units

    node = Config(make)
    assert node.units == 1
    make.__defaults__ = (2,)
    assert node.units == Config(make).units == build(node) == 2


def new_init(self, width, depth=2):
    self.width, self.depth = width, depth


def test_a_class_with_a_new_constructor():
    class Net:
        def __init__(self, units):
            self.units = units

    class Sub(Net): ...

    for cls in (Net, Sub):
        Config(cls, 1)
    Net.__init__ = new_init
    for cls in (Net, Sub):
        assert build(Config(cls, width=1)).depth == 2


def test_a_class_whose_constructor_has_new_code():
    class Net:
        def __init__(self, units):
            self.units = units

    Config(Net, 1)
    Net.__init__.__code__, Net.__init__.__defaults__ = new_init.__code__, new_init.__defaults__
    assert build(Config(Net, width=1)).depth == 2


def test_a_class_that_gets_a_constructor():
    class Net: ...

    Config(Net)
    Net.__init__ = new_init
    assert build(Config(Net, width=1)).width == 1


@pytest.mark.parametrize("is_class", [False, True])
def test_a_new_signature(is_class):
    def make(**kwargs):
        return kwargs

    class Made(dict):
        def __init__(self, **kwargs):
            super().__init__(kwargs)

    fn = Made if is_class else make
    assert Config(fn, a=1).a == 1
    for default in (3, 4):
        parameter = inspect.Parameter("n", inspect.Parameter.KEYWORD_ONLY, default=default)
        fn.__signature__ = inspect.Signature([parameter])
        assert Config(fn).n == default


def test_a_decorated_function_whose_inner_function_has_new_code():
    def make(units=1):
        return units

    @functools.wraps(make)
    def wrapper(*args, **kwargs):
        return make(*args, **kwargs)

    with pytest.raises(TypeError):
        Config(wrapper, act="x")
    by_code(make)
    assert build(Config(wrapper, act="x")) == (5, "x")


def test_a_builder_that_was_captured_before_the_change():
    def make(units):
        return units

    def other(width):
        return [width]

    builder = auto_config(lambda: make(3))
    for _ in range(3):
        assert builder.as_buildable() == Config(make, units=3)
    make.__code__ = other.__code__
    assert builder.as_buildable() == Config(make, width=3)
    assert build(builder.as_buildable()) == [3]


class Plain:
    def __init__(self, units):
        self.units = units


@pytest.mark.parametrize("fn", [edited, Plain])
def test_plain_functions_and_classes_are_asked_in_the_short_way(fn, monkeypatch):
    source = sources.source_of(fn)
    monkeypatch.setattr(sources, "source_of", None)
    assert sources.is_source(source, fn)
