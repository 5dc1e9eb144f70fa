"""Tests of `bytefig.configs.node.buildable`."""

import dataclasses
import functools
import typing

import attrs
import pytest

from bytefig.configs import (
    BUILDABLE_TYPES,
    NO_VALUE,
    ArgFactory,
    Buildable,
    Config,
    DefaultFactoryError,
    Partial,
    build,
    contains_buildable,
    get_callable,
)

T = typing.TypeVar("T")
KINDS = [Config, Partial, ArgFactory]


def everything(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw


def dense(num_units, activation=None):
    return num_units, activation


def options(known=1, **rest):
    return known, rest


class Box(typing.Generic[T]):
    size = 4

    def __init__(self, item, scale=1):
        self.item = item


@dataclasses.dataclass
class Data:
    x: int
    items: list = dataclasses.field(default_factory=list)


@attrs.define
class Record:
    x: int
    items: list = attrs.Factory(list)


class Doubling(Config):
    __slots__ = ()

    def __build__(self, /, *args, **kwargs):
        return [super().__build__(*args, **kwargs)] * 2


class WithState(Config):
    pass


@pytest.mark.parametrize("cls", KINDS)
def test_arguments_are_bound_by_the_storage_rule(cls):
    node = cls(everything, 1, 20, 30, 40, 50, d=6, z=7)
    assert node.__arguments__ == {0: 1, 1: 20, "c": 30, 3: 40, 4: 50, "d": 6, "z": 7}
    assert (node[0], node[1], node.c, node[3], node[4]) == (1, 20, 30, 40, 50)
    assert (node.d, node.e, node.z) == (6, 5, 7)
    assert get_callable(node) is everything
    assert node.__provenance__.function == test_arguments_are_bound_by_the_storage_rule.__name__


def test_names_of_the_constructor_are_free():
    node = Config(options, self=1, fn_or_cls=2, cls=3, args=4, kwargs=5)
    assert build(node) == (1, {"self": 1, "fn_or_cls": 2, "cls": 3, "args": 4, "kwargs": 5})
    node.self = 6
    assert node.self == 6


@pytest.mark.parametrize(
    ("args", "kwargs", "text"),
    [
        ((), {"num_unit": 1}, "cannot bind argument 'num_unit': .* did you mean 'num_units'?"),
        ((1, 2, 3), {}, "dense takes at most 2 positional arguments, got 3"),
        ((1,), {"num_units": 1}, "multiple values for argument 'num_units'"),
    ],
)
def test_wrong_arguments_of_the_constructor(args, kwargs, text):
    with pytest.raises(TypeError, match=text):
        Config(dense, *args, **kwargs)


@pytest.mark.parametrize("cls", KINDS)
@pytest.mark.parametrize("inner", [*KINDS, Doubling])
def test_buildable_is_not_a_callable(cls, inner):
    with pytest.raises(ValueError, match=f"{cls.__name__}.. configures a callable, not a .*copy"):
        cls(inner(dense))


@pytest.mark.parametrize("value", [None, 3, "dense", [dense]])
def test_callable_is_required(value):
    with pytest.raises(TypeError, match="is not callable: pass a function or a class"):
        Config(value)


def test_callable_is_given_by_position_only():
    with pytest.raises(TypeError, match="fn_or_cls"):
        Config(fn_or_cls=dense)


@pytest.mark.parametrize(
    "fn", [dense, Box, Box(1).__init__, functools.partial(dense, 1), Box[int], lambda scale: 0]
)
def test_callables_of_many_kinds(fn):
    assert get_callable(Config(fn)) is fn
    assert Config(fn).__arguments__ == {}


def test_a_node_class_can_be_configured():
    assert isinstance(build(Config(Config, dense)), Config)


def test_read_value_default_and_unset():
    node = Config(dense, activation="relu")
    assert node.activation == "relu"
    del node.activation
    assert node.activation is None
    with pytest.raises(AttributeError, match="'num_units' of dense is not set and has no default"):
        node.num_units


def test_no_value_can_be_a_value():
    assert Config(dense, NO_VALUE).num_units is NO_VALUE


@pytest.mark.parametrize("cls", [Data, Record])
def test_default_of_a_factory_cannot_be_read(cls):
    node = Config(cls, x=1)
    with pytest.raises(DefaultFactoryError, match="'items' of .* is made by a factory .* set the"):
        node.items
    assert not hasattr(node, "items")
    assert build(node).items == []
    node.items = [1]
    assert node.items == [1]


@pytest.mark.parametrize(
    ("node", "name", "text"),
    [
        (Config(dense), "num_unit", "cannot read 'num_unit': .*did you mean 'num_units'?"),
        (Config(dense), "zzz", r"cannot read 'zzz': .*\(parameters: num_units, activation\)"),
        (Config(options), "zzz", "argument 'zzz' of options is not set$"),
        (Config(everything), "a", r"parameter 'a' of everything is positional only; use \[0\]"),
        (Config(everything), "args", r"parameter 'args' of .* is variadic; use \[VARARGS:\]"),
        (Config(Box), "size", "Box itself has an attribute of this name, .* the Config is built"),
        (Partial(Box), "size", "only exists once the Partial is built"),
    ],
)
def test_failing_read_says_why(node, name, text):
    with pytest.raises(AttributeError, match=text):
        getattr(node, name)


def test_unknown_dunder_does_not_mention_the_callable():
    with pytest.raises(AttributeError, match="__qualname__") as caught:
        Config(dense).__qualname__
    assert "itself has" not in str(caught.value)


def test_set_and_delete():
    node = Config(dense, 1)
    node.num_units = 2
    node.activation = None
    assert node.__arguments__ == {"num_units": 2, "activation": None}
    del node.num_units
    assert node.__arguments__ == {"activation": None}


@pytest.mark.parametrize(
    ("fn", "name", "text"),
    [
        (dense, "num_unit", "cannot set 'num_unit': .*did you mean 'num_units'?"),
        (everything, "a", "positional only"),
        (everything, "args", "variadic"),
        (options, "__doc__", "cannot set '__doc__'"),
        (options, "__dict__", "cannot set '__dict__'"),
        (options, "__class__", "cannot set '__class__'"),
        (options, "__fn_or_cls__", "cannot set '__fn_or_cls__'"),
        (options, "__arguments__", "cannot set '__arguments__'"),
    ],
)
def test_failing_set_says_why_and_changes_nothing(fn, name, text):
    node = Config(fn)
    with pytest.raises(AttributeError, match=text):
        setattr(node, name, 1)
    assert node.__arguments__ == {}
    assert type(node) is Config
    assert get_callable(node) is fn


def test_dunder_parameter_can_be_set():
    def fn(__x__=1):
        return __x__

    node = Config(fn)
    node.__x__ = 2
    assert build(node) == 2


@pytest.mark.parametrize("name", ["activation", "zzz", "__fn_or_cls__", "__arguments__"])
def test_only_what_is_set_can_be_deleted(name):
    node = Config(dense, 1)
    with pytest.raises(AttributeError, match=f"{name!r} of dense is not set, so it cannot"):
        delattr(node, name)
    assert node == Config(dense, 1)


def test_kwargs_take_any_name():
    node = Config(options, a=1)
    node.b = 2
    del node.a
    assert build(node) == (1, {"b": 2})


@pytest.mark.parametrize("cls", KINDS)
def test_no_hash(cls):
    with pytest.raises(TypeError, match=f"a {cls.__name__} can be edited.*id.node"):
        hash(cls(dense))


def test_dir_lists_arguments():
    assert dir(Config(everything, 1, extra=2)) == ["c", "d", "e", "extra"]
    assert dir(Partial(dense)) == ["activation", "num_units"]


def test_names_other_than_dunders_are_free():
    assert [
        name for name in dir(Config) if not (name.startswith("__") and name.endswith("__"))
    ] == ["_repr_html_"]


@pytest.mark.parametrize("cls", KINDS)
def test_type_argument(cls):
    node = cls[int](dense, 1)
    assert type(node) is cls
    assert node.__arguments__ == {"num_units": 1}


def test_type_argument_is_not_swallowed_by_kwargs():
    assert Config[int](options).__arguments__ == {}


def test_subclass_is_a_node():
    assert Doubling in BUILDABLE_TYPES
    node = Doubling(dense, 1)
    assert contains_buildable([node])
    assert build([node]) == [[(1, None), (1, None)]]
    assert node != Config(dense, 1)
    assert repr(node) == "<Doubling[dense(num_units=1)]>"


def test_subclass_without_slots_has_no_state():
    node = WithState(dense)
    with pytest.raises(AttributeError, match="dense has no parameter 'state'"):
        node.state = 1


def test_base_class_does_not_build():
    with pytest.raises(NotImplementedError, match="Buildable does not define __build__"):
        build(Buildable(dense, 1))


def test_instance_made_past_the_constructor_does_not_recurse():
    with pytest.raises(AttributeError, match="__arguments__"):
        object.__new__(Config).num_units
