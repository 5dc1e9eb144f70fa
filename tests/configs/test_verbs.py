"""The small verbs, and the kinds of callables that a node configures."""

import copy
import dataclasses
import functools
import inspect
import pickle
from typing import NamedTuple

import attrs
import pytest

from bytefig.configs import (
    ArgFactory,
    Config,
    DefaultFactoryError,
    Partial,
    arg_factory,
    assign,
    build,
    cast,
    copy_with,
    deepcopy_with,
    expand_default_factories,
    materialize_defaults,
    update_callable,
)
from bytefig.tracer import auto_config


@dataclasses.dataclass
class Optimizer:
    rate: float = 0.1
    steps: list = dataclasses.field(default_factory=list)


@auto_config
def optimizer():
    return Optimizer(rate=0.3)


@dataclasses.dataclass
class Trainer:
    name: str
    plain: Optimizer = dataclasses.field(default_factory=Optimizer)
    captured: Optimizer = dataclasses.field(default_factory=optimizer)


@attrs.define
class Attrs:
    _size: int = 2
    items: dict = attrs.field(factory=dict)
    own: object = attrs.field(default=attrs.Factory(lambda self: self, takes_self=True))


class Point(NamedTuple):
    x: int
    y: int = 2


class Maker:
    def __init__(self, x, y=2):
        self.x, self.y = x, y

    @classmethod
    def make(cls, x, y=3):
        return cls(x, y)


def fn(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, more


def other(b, a=5, /, *, c=0):
    return b, a, c


def test_cast():
    node = Config(fn, 1, c=[2])
    result = cast(Partial, node)
    assert type(result) is Partial and build(result)() == (1, 2, (), [2], {})
    assert result.c is node.c and cast(Config, result) == node
    with pytest.raises(TypeError, match="not a Buildable"):
        cast(Partial, 3)
    with pytest.raises(TypeError, match="not a subclass"):
        cast(dict, node)


def test_copy_with_and_deepcopy_with():
    node = Config(fn, [1], c=2)
    shallow, deep = copy_with(node, c=3), deepcopy_with(node, c=3)
    assert shallow == deep == Config(fn, [1], c=3)
    assert shallow.a is node.a and deep.a is not node.a
    assert node.c == 2
    with pytest.raises(AttributeError):
        copy_with(Config(Point), z=1)


def test_assign_is_all_or_nothing():
    node = Config(Maker, 1)
    assign(node, x=2, y=3)
    assert (node.x, node.y) == (2, 3)
    with pytest.raises(AttributeError, match="no parameter 'z'"):
        assign(node, x=5, z=1)
    assert node.x == 2 and len(node.__history__) == 2


def test_update_callable():
    node = Config(fn, 1, b=2, c=3)
    update_callable(node, Maker, drop_invalid_args=True)
    assert node.__arguments__ == {}
    node = Config(fn, 1, b=2, c=3)
    update_callable(node, other)
    assert build(node) == (2, 1, 3)
    update_callable(node, fn)
    assert node == Config(fn, 2, 1, c=3)


def test_update_callable_with_variadic_arguments():
    node = Config(fn, 1, 2, 7, 8)
    update_callable(node, lambda *args: args, drop_invalid_args=True)
    assert build(node) == (7, 8)
    update_callable(node, lambda x, y, /: (x, y))
    assert build(node) == (7, 8)


@pytest.mark.parametrize("new", [Config(fn), 3, Maker, lambda c, x, a: 0])
def test_update_callable_refuses(new):
    node = Config(fn, 1, 2, 7, c=3)
    with pytest.raises(TypeError):
        update_callable(node, new)
    assert node == Config(fn, 1, 2, 7, c=3) and node.__history__ is None


def test_update_callable_refuses_two_values():
    node = Config(lambda x, /, y: 0, 1, 2)
    with pytest.raises(TypeError, match="two values"):
        update_callable(node, lambda y, x: 0)


def test_materialize_defaults():
    node = Config(fn, Config(Trainer, "t"), 4)
    materialize_defaults([node])
    assert node.__arguments__["c"] == 3 and "rest" not in node.__arguments__
    assert node.a.plain == Config(Optimizer, 0.1, [])
    assert node.a.captured == Config(Optimizer, 0.3, [])
    assert build(node) == build(Config(fn, Config(Trainer, "t"), 4))


def test_default_factories_of_one_node():
    node = Config(Trainer, "t")
    with pytest.raises(DefaultFactoryError):
        node.plain
    expand_default_factories(node, "captured")
    node.captured.rate = 9
    assert "plain" not in node.__arguments__
    assert build(node).captured.rate == 9
    with pytest.raises(AttributeError, match="no factory makes the default of 'name'"):
        expand_default_factories(node, "name")
    given = Config(Trainer, "t", plain=None)
    expand_default_factories(given)
    assert given.plain is None


def test_default_factories_of_attrs_and_functions():
    node = Config(Attrs)
    materialize_defaults(node)
    assert node.__arguments__ == {"size": 2, "items": {}}

    @arg_factory.supply_defaults
    def supplied(x, items=arg_factory.default_factory(set)):
        return items

    node = Config(supplied, 1)
    expand_default_factories(node)
    assert node.items == Config(set) and build(node) == set()


def test_default_factories_of_a_partial_are_made_at_every_call():
    node = Partial(Trainer, "t")
    expand_default_factories(node)
    assert type(node.plain) is ArgFactory
    make = build(node)
    assert make() == make() and make().plain is not make().plain


@pytest.mark.parametrize("kind", [Maker, Maker.make, Point, fn, Optimizer])
def test_kinds_of_callables(kind):
    node = Config(kind)
    name = sorted(dir(node))[-1]
    setattr(node, name, 5)
    assert getattr(copy_with(node), name) == 5
    delattr(node, name)
    assert node == Config(kind)


def test_pydantic_model():
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):
        units: int
        sub: list[int] = pydantic.Field(default_factory=list)

    node = Config(Model, units=3)
    with pytest.raises(DefaultFactoryError):
        node.sub
    with pytest.raises(AttributeError, match="did you mean 'units'"):
        node.unit = 4
    node.sub = [1]
    assert build(node) == Model(units=3, sub=[1])


def takes_items(x, items=(), *, more=None):
    return x, items, more


def test_a_partial_of_factories_has_the_signature_of_its_callable():
    parameters = inspect.signature(arg_factory.partial(takes_items, items=list)).parameters
    assert [*parameters] == ["x", "items", "more"]
    assert parameters["items"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["items"].default.factory is list
    assert [*inspect.signature(arg_factory.partial(takes_items, list)).parameters] == [
        "items",
        "more",
    ]
    cfg = Config(arg_factory.partial(takes_items, items=list), x=1)
    assert build(cfg) == (1, [], None)
    with pytest.raises(TypeError):
        Config(arg_factory.partial(takes_items, items=list), wrong=1)
    with pytest.raises(ValueError, match="no signature"):
        inspect.signature(arg_factory.partial(dict, items=list))


def test_partials_of_factories_are_told_from_others():
    assert arg_factory.is_arg_factory_partial(arg_factory.partialmethod(takes_items, list))
    assert not arg_factory.is_arg_factory_partial(functools.partialmethod(takes_items, 1))


def test_a_forgotten_supply_defaults_is_explained():
    def forgetful(items=arg_factory.default_factory(list)):
        return items

    fix = "decorate the function .* with @arg_factory.supply_defaults"
    with pytest.raises(AttributeError, match=f"'append' of default_factory\\(list\\).*\n.*{fix}"):
        forgetful().append(1)
    for use in (len, iter, abs, lambda mark: 1 + mark, lambda mark: mark < 2, lambda mark: mark[0]):
        with pytest.raises(TypeError, match=fix):
            use(forgetful())
    assert copy.copy(forgetful()) == pickle.loads(pickle.dumps(forgetful())) == forgetful()
    assert hash(forgetful()) == hash(forgetful())
