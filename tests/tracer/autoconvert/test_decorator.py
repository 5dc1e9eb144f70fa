"""What `autoconvert` does to the arguments of a call."""

# ruff: noqa: UP007, UP045 - every spelling of a union is tested

import asyncio
import collections
import datetime
import decimal
import enum
import functools
import inspect
import pathlib
import re
import subprocess
import sys
import threading
import types
import uuid
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, Optional, Protocol, TypedDict, Union

import pytest
from case_names import stable_name

import bytefig.tracer as run
from bytefig.configs import ArgFactory, Config, Partial, Tag, arg_factory, build, get_tags
from bytefig.tracer import ConversionError, NotAFunctionError, autoconvert


class Model:
    def __init__(self, size=3):
        self.size = size

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = object.__hash__


class Big(Model):
    pass


class Holder:
    def __init__(self, content):
        self.content = content


class Scaled:
    """Its argument cannot be found."""

    def __init__(self, size):
        self.twice = 2 * size


class Size(Tag):
    """A size."""


class Tagged:
    def __init__(self, size: Annotated[int, Size] = 1):
        self.size = size


class Pair(NamedTuple):
    left: Any
    right: Model = None


class Color(enum.Enum):
    RED = 1


@autoconvert(convert=["args", "kwargs"])
def keep(*args, **kwargs):
    return kwargs or (args[0] if len(args) == 1 else args)


def unchanged(value):
    pass


# Values


@pytest.mark.parametrize(
    "value",
    [
        *("text", b"bytes", 1, 2.5, 3j, True, None, Color.RED, ..., range(3), bytearray(b"x")),
        *(decimal.Decimal("1.5"), pathlib.Path("a"), pathlib.PurePosixPath("b")),
        *(datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1), datetime.timedelta(1)),
        *(datetime.UTC, uuid.UUID(int=3), re.compile("a")),
        *(int, Model, len, unchanged, Model(1).__eq__, str.upper, "a".upper, list[int], int | str),
        *(Optional[int], re, [], {}, (), set(), [1, [2]], {"a": (1,)}, frozenset({1}), Pair(1)),
        *(collections.deque([1], 3), collections.OrderedDict(a=1), slice(1, 2)),
    ],
    ids=stable_name,
)
def test_stays_itself(value):
    assert keep(value) is value
    assert keep(k=value)["k"] is value


def test_buildables_stay_themselves():
    for node in (Config(Model), Partial(Model), ArgFactory(Model)):
        assert keep(node) is node
        assert keep([node])[0] is node
    with_object = Config(Holder, Model(1))
    assert keep(with_object) is with_object
    assert isinstance(with_object.content, Model)


def test_numpy_values_stay_themselves():
    numpy = pytest.importorskip("numpy")
    for value in (numpy.float64(1), numpy.array([1, 2]), numpy.dtype("int8"), numpy.bool_(True)):
        assert keep(value) is value
    assert build(keep(Holder(numpy.array([1, 2])))).content.tolist() == [1, 2]


def test_objects_become_configs():
    assert keep(Model(7)) == Config(Model, 7)
    assert keep(Model()).__arguments__ == {}  # the default is left out
    assert keep(Big(1)) == Config(Big, 1)
    assert keep(Holder(Holder(Model(1)))) == Config(Holder, Config(Holder, Config(Model, 1)))


def test_containers_are_converted_inside():
    made = keep(
        [
            [Model(1), 2],
            (Model(2),),
            {"k": Model(3), 4: 5},
            Pair(Model(4), 1),
            collections.deque([Model(5)], 3),
            collections.OrderedDict(a=Model(6)),
            collections.defaultdict(list, a=Model(7)),
        ]
    )
    node = functools.partial(Config, Model)
    assert made == [
        [node(1), 2],
        (node(2),),
        {"k": node(3), 4: 5},
        Pair(node(4), 1),
        collections.deque([node(5)], 3),
        {"a": node(6)},
        {"a": node(7)},
    ]
    assert [type(each) for each in made[3:]] == [
        Pair,
        collections.deque,
        collections.OrderedDict,
        collections.defaultdict,
    ]
    assert made[4].maxlen == 3 and made[6].default_factory is list


def test_a_set_of_objects_becomes_a_config_of_a_set():
    first, second = Model(1), Model(2)
    made = keep({first, second})
    assert isinstance(made, Config)
    assert sorted(each.size for each in build(made)) == [1, 2]
    assert type(build(keep(frozenset({first})))) is frozenset


def test_keys_of_dicts_stay():
    key = Model(1)
    assert [*keep({key: Model(2)})] == [key]


def test_sharing_is_kept_across_the_call():
    shared, items = Model(1), [Model(2)]
    first, second, holder, one, other = keep(shared, [shared], Holder(shared), items, {"k": items})
    assert second[0] is first and holder.content is first
    assert other["k"] is one and one is not items
    # Not from one call to the next: each may be edited.
    assert keep(shared) is not first


def test_arguments_are_not_changed():
    given = [Model(1), {"a": (Model(2),)}]
    seen = [given[0], given[1], given[1]["a"]]
    made = keep(given)
    made[0].size = 9
    made[1]["b"] = 1
    assert given == [Model(1), {"a": (Model(2),)}]
    assert [given[0], given[1], given[1]["a"]] == seen and given[0] is seen[0]


def test_partials_become_partials():
    assert keep(functools.partial(Model, Model(1))) == Partial(Model, Config(Model, 1))
    assert keep(functools.partial(dict, a=1)) == Partial(dict, a=1)
    fresh = keep(arg_factory.partial(Holder, content=list))
    assert fresh == Partial(Holder, content=ArgFactory(list))
    assert build(fresh)().content == []
    with pytest.raises(ConversionError, match="does not take its arguments"):
        keep(functools.partial(Model, 1, 2))


def test_standard_objects():
    assert build(keep(types.SimpleNamespace(a=1, b=Model(2)))) == types.SimpleNamespace(
        a=1, b=Model(2)
    )
    assert build(keep(collections.Counter("aab"))) == collections.Counter("aab")


def test_a_config_inside_an_object_is_refused():
    with pytest.raises(ConversionError, match=r"\[0\]\.content\[1\].*holds this config itself"):
        keep(Holder([1, Config(Model)]))
    with pytest.raises(ConversionError, match="holds this config itself"):
        keep(functools.partial(Holder, Config(Model)))


def test_nodes_of_fiddle_stay():
    fiddle = pytest.importorskip("fiddle")
    node = fiddle.Config(Model, 1)
    assert keep(node) is node


@pytest.mark.parametrize("value", [object(), iter([1]), open, threading.Lock], ids=stable_name)
def test_what_has_no_constructor_to_recall(value):
    if callable(value):
        value = value() if value is threading.Lock else (each for each in [1])
    with pytest.raises(ConversionError):
        keep(value)


# Errors


def test_error_tells_what_where_and_what_to_do():
    @autoconvert
    def train(model, layers=()):
        raise AssertionError("it is not called")

    with pytest.raises(ConversionError) as caught:
        train(Model(), layers=[{"a": Scaled(1)}])
    error = caught.value
    line = inspect.currentframe().f_lineno - 2
    assert isinstance(error, TypeError) and isinstance(error, run.TracerError)
    assert (error.path, error.type, error.missing) == ("layers[0]['a']", Scaled, ("size",))
    assert str(error) == (
        f"cannot convert layers[0]['a'] of {train.__qualname__}(), an object of"
        f" {__name__}.Scaled, to a config: its constructor does not keep all parameters"
        " unchanged: size\n"
        f"  at {__file__}:{line} in {inspect.currentframe().f_code.co_qualname}\n"
        "  fix: pass a Config; or leave layers alone with skip=['layers']; or say how it is"
        " converted, by autoconvert.register(Scaled) or a method to_config(); or decorate Scaled"
        " with recorded, or make the object inside `with recording():`"
    )


def test_cycles_are_named():
    looped = [1]
    looped.append({"k": looped})
    with pytest.raises(ConversionError, match=r"args\[0\]\[1\]\['k'\].*same object as args\[0\]"):
        keep(looped)
    holder = Holder(None)
    holder.content = Holder([holder])
    with pytest.raises(ConversionError, match=r"args\[0\]\.content\.content\[0\].*contains itself"):
        keep(holder)


def test_deep_graphs():
    value, items = None, None
    for _ in range(20_000):
        value, items = Holder(value), [items]
    node = keep(value)
    depth = 0
    while node is not None:
        node, depth = node.content, depth + 1
    assert depth == 20_000
    assert keep(items) is items


# Parameters


def test_every_kind_of_parameter():
    default = Model(1)

    @autoconvert
    def fn(a, b=default, /, c=default, *rest, d=default, **others):
        return a, b, c, rest, d, others

    one = Config(Model, 1)
    node = Config(Model, 2)
    given = Model(2)
    assert fn(given) == (node, one, one, (), one, {})
    assert fn(given, given, given, given, d=given, e=given) == (
        *(node, node, node),
        *((node,), node, {"e": given}),
    )
    assert fn(1, c=2)[:3] == (1, one, 2)
    made = fn(default)
    assert made[0] is made[1] is made[2] is made[4]
    assert default == Model(1)


def test_defaults_are_converted_anew_at_every_call():
    @autoconvert
    def fn(model=Model(1), sizes=[1, 2]):
        model.size += 1
        return model.size, sizes

    assert fn()[0] == fn()[0] == 2
    assert fn()[1] is fn.__wrapped__.__defaults__[1]  # nothing in it changes, as without us


def test_a_wrong_call_fails_as_the_function_does():
    @autoconvert
    def fn(a, /, *, b):
        return a, b

    for args, kwargs in [((), {}), ((1, 2), {"b": 1}), ((1,), {"c": 1}), ((1,), {"a": 2, "b": 1})]:
        with pytest.raises(TypeError) as wanted:
            fn.__wrapped__(*args, **kwargs)
        with pytest.raises(TypeError) as caught:
            fn(*args, **kwargs)
        assert str(caught.value) == str(wanted.value)


def test_convert_and_skip():
    chosen = autoconvert(convert=["model", "rest"])(lambda model, data, *rest: (model, data, rest))
    data = Scaled(1)
    assert chosen(Model(), data, Model()) == (Config(Model), data, (Config(Model),))
    others = autoconvert(skip=("data", "more"))(lambda model, data, **more: (model, data, more))
    extra = Scaled(2)
    assert others(Model(), data, extra=extra) == (Config(Model), data, {"extra": extra})
    default = Scaled(3)
    assert autoconvert(skip=["model"])(lambda model=default: model)() is default


@pytest.mark.parametrize("option", ["convert", "skip"])
def test_wrong_names_are_rejected_when_decorating(option):
    def fn(model, **others): ...

    decorate = autoconvert(**{option: ["modle"]})
    with pytest.raises(
        ValueError, match=rf"{option}: .*no parameter 'modle'; did you mean 'model'"
    ):
        decorate(fn)
    with pytest.raises(TypeError, match="must be a list of parameter names"):
        autoconvert(**{option: "model"})(fn)


def test_convert_and_skip_exclude_each_other():
    with pytest.raises(ValueError, match="both convert and skip"):
        autoconvert(convert=[], skip=[])


# Annotations


class Plain(Protocol):
    def run(self): ...


class Fields(TypedDict):
    model: Model
    kind: type


def make_big() -> Big:
    return Big(5)


@pytest.mark.parametrize(
    "hint, given, wanted",
    [
        (Model, Model, Config(Model)),
        (Model, Big, Config(Big)),
        (Model, make_big, Config(make_big)),
        (Optional[Model], Model, Config(Model)),
        (Model | None, Model, Config(Model)),
        (Union[int, list[Model]], [Model], [Config(Model)]),
        (Annotated[Model, "doc"], Model, Config(Model)),
        (list[Model], [Model, Big(1)], [Config(Model), Config(Big, 1)]),
        (tuple[Model, ...], (Model,), (Config(Model),)),
        (tuple[type, Model], (Model, Model), (Model, Config(Model))),
        (dict[str, list[Model]], {"a": [Model]}, {"a": [Config(Model)]}),
        (Fields, {"model": Model, "kind": Model}, {"model": Config(Model), "kind": Model}),
        (Pair, Pair(Model, Model), Pair(Model, Config(Model))),
        ("Model", Model, Config(Model)),
    ],
    ids=stable_name,
)
def test_annotations_that_ask_for_an_instance(hint, given, wanted):
    def fn(value): ...

    fn.__annotations__["value"] = hint
    fn = autoconvert(functools.update_wrapper(lambda value: value, fn, ("__annotations__",), ()))
    assert fn(given) == wanted


@pytest.mark.parametrize(
    "hint",
    [
        *(type[Model], type, Any, object, Callable, Callable[..., Model], Plain, int, Scaled),
        *(Union[Model, type[Model]], "Unknown", Optional[type], list, Annotated[type, "x"]),
    ],
    ids=stable_name,
)
def test_annotations_that_do_not(hint):
    def fn(value):
        return value

    fn.__annotations__["value"] = hint
    assert autoconvert(fn)(Model) is Model
    assert autoconvert(fn)([Model]) == [Model]


def test_annotations_of_variadic_parameters():
    def fn(*args: Model, **kwargs: Model):
        return args, kwargs

    converted = autoconvert(convert=["args", "kwargs"])(fn)
    assert converted(Model, a=Model) == ((Config(Model),), {"a": Config(Model)})
    assert autoconvert(fn)(Model, a=Model) == ((Config(Model),), {"a": Model})


def test_annotations_do_not_reach_inside_objects():
    @autoconvert
    def fn(holder: Holder):
        return holder

    assert fn(Holder(Model)).content is Model


def test_tags_in_annotations_are_those_of_a_config_made_by_hand():
    assert keep(Tagged(3)) == Config(Tagged, 3)
    assert get_tags(keep(Tagged(3)), "size") == {Size}


def test_where_the_node_was_made():
    line = inspect.currentframe().f_lineno + 1
    node = keep(Model(1))
    assert (node.__provenance__.filename, node.__provenance__.line) == (__file__, line)


# Functions


def test_it_looks_like_the_function():
    @autoconvert
    def train(model: Model, size: int = 3):
        """Train."""

    train.__wrapped__.mark = True
    again = autoconvert(train.__wrapped__)
    assert again.mark
    assert train.__doc__ == "Train." and train.__name__ == "train"
    assert inspect.signature(train) == inspect.signature(train.__wrapped__)


def test_functions_without_source():
    namespace = {"autoconvert": autoconvert}
    exec("@autoconvert\ndef made(model, size=3): return model, size", namespace)
    assert namespace["made"](Model(4)) == (Config(Model, 4), 3)


class Methods:
    """Has methods of every kind."""

    @autoconvert
    def plain(self, model):
        return self, model

    alias = plain

    @autoconvert
    @classmethod
    def of_class(cls, model):
        return cls, model

    @classmethod
    @autoconvert
    def of_class_below(cls, model):
        return cls, model

    @autoconvert
    @staticmethod
    def static(model):
        return model

    @staticmethod
    @autoconvert
    def static_below(model):
        return model

    @property
    @autoconvert
    def itself(self):
        return self

    partial = functools.partialmethod(plain, model=Model(8))


def test_methods():
    obj, node = Methods(), Config(Model, 2)
    for bound in (obj.plain, obj.alias, functools.partial(Methods.plain, obj)):
        assert bound(Model(2)) == (obj, node)
    assert obj.partial() == (obj, Config(Model, 8))
    assert obj.itself is obj
    assert obj.of_class(Model(2)) == Methods.of_class(Model(2)) == (Methods, node)
    assert obj.of_class_below(Model(2)) == (Methods, node)
    assert obj.static(Model(2)) == Methods.static_below(Model(2)) == node
    # A static method may be given an object of its class like any other.
    assert Methods.static(obj) == Methods.static_below(obj) == Config(Methods)


def test_inherited_and_decorated_methods():
    def logged(fn):
        @functools.wraps(fn)
        def wrapper(*args):
            return fn(*args)

        return wrapper

    class Base:
        @logged
        @autoconvert
        def method(self, model):
            return self, model

    class Derived(Base):
        def method(self, model):
            return super().method(model)

    obj = Derived()
    assert obj.method(Model(1)) == (obj, Config(Model, 1))


def test_a_constructor():
    class Trainer:
        @autoconvert
        def __init__(self, model):
            self.model = model

    assert Trainer(Model(1)).model == Config(Model, 1)


def test_async_functions():
    @autoconvert
    async def train(model):
        await asyncio.sleep(0)
        return model

    assert inspect.iscoroutinefunction(train)
    coroutine = train(Model(1))
    coroutine.send(None)
    with pytest.raises(StopIteration) as stopped:
        coroutine.send(None)
    assert stopped.value.value == Config(Model, 1)


def test_generators():
    @autoconvert
    def each(models):
        yield from models

    assert [*each([Model(1)])] == [Config(Model, 1)]


def test_callable_objects_and_partials():
    class Train:
        def __call__(self, model):
            return model

    assert autoconvert(Train())(Model(1)) == Config(Model, 1)
    assert autoconvert(functools.partial(lambda a, b: (a, b), 1))(Model(1)) == (1, Config(Model, 1))


@pytest.mark.parametrize("value", [Model, 3, type(None), max])
def test_what_cannot_be_decorated(value):
    with pytest.raises(NotAFunctionError, match="autoconvert needs a function"):
        autoconvert(value)


def test_it_builds_what_it_was_given_inside_a_build():
    @autoconvert
    def train(model):
        return build(model)

    assert build(Config(train, model=Config(Model, 4))) == Model(4)


def test_objects_and_configs_give_equal_results():
    @autoconvert
    def train(model, optimizer):
        return build([model, optimizer])

    assert train(Model(4), Big()) == train(Config(Model, 4), Config(Big))


def test_in_a_capture_it_is_recorded_like_any_function():
    @autoconvert
    def train(model):
        return build(model)

    config = run.auto_config(lambda: train(Model(4))).as_buildable()
    assert config == Config(train, Config(Model, 4))
    assert build(config) == Model(4)


@pytest.mark.needs_subprocess
def test_decorating_imports_little():
    code = (
        "import sys; from bytefig.tracer import autoconvert; autoconvert(lambda a: a);"
        "print([name for name in sys.modules if 'autoconvert.conversion' in name or"
        " name in ('pydantic', 'msgspec', 'sklearn')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
