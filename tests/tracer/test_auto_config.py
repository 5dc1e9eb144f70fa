import dataclasses
import functools
import gc
import inspect
import math
import re
import sys
import time
import typing
import weakref

import pytest

from bytefig.configs import ArgFactory, Buildable, Config, Partial, build, get_callable
from bytefig.tracer import (
    ArgumentBindingError,
    AutoConfig,
    ConfigTypes,
    NoBuildableError,
    NotAFunctionError,
    UnbuiltNodeError,
    UnsupportedLanguageConstructError,
    auto_config,
    exempt,
    is_auto_config,
)
from bytefig.tracer.engine.functions import is_twin

#: Allows every construct.
EVERYTHING = {"experimental_allow_control_flow": "all"}


def relu(x):
    return x


class Dense:
    def __init__(self, num_units, activation=None):
        self.num_units = num_units
        self.activation = activation

    def __eq__(self, other):
        return isinstance(other, Dense) and vars(self) == vars(other)

    __hash__ = None

    @classmethod
    def wide(cls, by=2):
        return cls(num_units=100 * by)

    @staticmethod
    def narrow():
        return Dense(1)


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def __eq__(self, other):
        return isinstance(other, Sequential) and self.layers == other.layers

    __hash__ = None


def test_arguments_pass_through():
    def model(width, /, depth=2, *extra, act=relu, **others):
        return Sequential([Dense(width, act) for _ in range(depth)] + [extra, others])

    graph = auto_config(model, **EVERYTHING).as_buildable(8, 1, 5, act=None, z=3)
    assert graph == Config(Sequential, [Config(Dense, 8, None), (5,), {"z": 3}])
    assert build(graph) == model(8, 1, 5, act=None, z=3)


def test_a_plain_call_runs_the_function():
    model = auto_config(lambda n: Dense(n))
    assert model(3) == Dense(3)
    assert isinstance(model.as_buildable(3), Config)


def test_what_runs_and_what_is_recorded():
    def model(text):
        pieces = [part.strip().upper() for part in text.split(",")]
        table = dict(zip(pieces, range(len(pieces))))
        return Sequential([Dense(math.floor(2.5), table), Dense.wide(by=3), Dense.narrow()])

    graph = auto_config(model, **EVERYTHING).as_buildable("a, b")
    assert graph == Config(
        Sequential,
        [
            Config(Dense, 2, {"A": 0, "B": 1}),
            Config(Dense.wide, by=3),
            Config(Dense.narrow),
        ],
    )
    assert build(graph) == model("a, b")


def test_an_object_used_twice_is_one_node():
    def model():
        shared = Dense(3)
        return Sequential([shared, shared])

    graph = auto_config(model).as_buildable()
    assert graph.layers[0] is graph.layers[1]
    built = build(graph)
    assert built.layers[0] is built.layers[1]


def test_partials():
    def model():
        chained = functools.partial(functools.partial(Dense, 3), activation=relu)
        return Sequential([functools.partial(Dense, activation=relu), chained])

    graph = auto_config(model).as_buildable()
    assert graph.layers == [Partial(Dense, activation=relu), Partial(Dense, 3, relu)]
    assert [(make.args, make.keywords) for make in build(graph).layers] == [
        ((), {"activation": relu}),
        ((3,), {"activation": relu}),
    ]


@pytest.mark.parametrize("args", [(), (3,), (None,)])
def test_a_bad_partial_fails_as_it_does_natively(args):
    def model():
        return [Dense(1), functools.partial(*args)]

    with pytest.raises(TypeError) as native:
        model()
    with pytest.raises(TypeError) as captured:
        auto_config(model).as_buildable()
    assert str(captured.value) == str(native.value)


def test_calls_of_other_auto_config_functions():
    @auto_config
    def layer(n):
        return Dense(num_units=n)

    @auto_config(experimental_always_inline=False)
    def later(n):
        return Dense(num_units=n)

    graph = auto_config(lambda: Sequential([layer(1), later(2)])).as_buildable()
    assert graph == Config(Sequential, [Config(Dense, num_units=1), Config(later, n=2)])
    assert build(graph) == Sequential([Dense(1), Dense(2)])


def test_exempt():
    @exempt
    def width():
        return Dense(4).num_units

    assert is_auto_config(width)
    assert width() == 4
    assert auto_config(lambda: Dense(width())).as_buildable() == Config(Dense, 4)
    assert auto_config(lambda: [Dense(1), exempt(Dense)(2)]).as_buildable()[1] == Dense(2)
    with pytest.raises(NotAFunctionError, match="exempt needs a callable, not 3"):
        exempt(3)


class Model:
    def __init__(self, n=1):
        self.n = n

    def __eq__(self, other):
        return isinstance(other, Model) and self.n == other.n

    __hash__ = None

    @auto_config
    @classmethod
    def make(cls, n):
        return cls(n)

    @auto_config
    @staticmethod
    def layer(n):
        return Dense(n)

    @auto_config
    def own(self, n):
        return Sequential([self.n, Dense(n)])

    def __call__(self, n):
        return Dense(n)


class Child(Model):
    @auto_config
    @classmethod
    def make(cls, n):
        return super().make(n + 1)


def test_methods():
    assert Model.make.as_buildable(2) == Config(Model, 2)
    assert Model().make.as_buildable(2) == Config(Model, 2)
    assert Child.make.as_buildable(2) == Config(Child, 3)
    assert Child.make(2).n == 3
    assert Model.layer.as_buildable(5) == Model().layer.as_buildable(5) == Config(Dense, 5)
    assert Model(7).own.as_buildable(1) == Config(Sequential, [7, Config(Dense, 1)])
    assert Model.own.as_buildable(Model(7), 1) == Config(Sequential, [7, Config(Dense, 1)])
    assert Model.make == Model.make
    assert hash(Model.make) == hash(Model.make)
    assert Model.make != Child.make
    assert Model.make != 3


def test_other_callables():
    bound = Model(3).own.func
    assert auto_config(bound).as_buildable(1) == Config(Sequential, [3, Config(Dense, 1)])
    assert auto_config(Model()).as_buildable(4) == Config(Dense, 4)
    assert auto_config(functools.partial(lambda a, b: Dense(a, b), b=2)).as_buildable(1) == Config(
        Dense, 1, 2
    )

    @functools.wraps(relu)
    def wrapper(n):
        return Dense(n)

    assert auto_config(wrapper).as_buildable(1) == Config(Dense, 1)
    again = auto_config(auto_config(wrapper), experimental_always_inline=False)
    assert not again.always_inline
    assert again.as_buildable(1) == Config(Dense, 1)
    assert again.func is wrapper


def test_it_looks_like_the_function():
    def documented(x: int = 1) -> Dense:
        """Says something."""
        return Dense(x)

    wrapped = auto_config(documented)
    assert isinstance(wrapped, AutoConfig)
    assert (wrapped.__name__, wrapped.__doc__) == ("documented", "Says something.")
    assert wrapped.__wrapped__ is documented
    assert repr(wrapped).startswith("AutoConfig(<function test_it_looks_like")


def test_functions_without_source():
    namespace = {"Dense": Dense}
    exec("def made(n): return [Dense(i) for i in range(n)]", namespace)
    assert auto_config(namespace["made"], **EVERYTHING).as_buildable(1) == [Config(Dense, 0)]
    assert auto_config(lambda: Dense(1)).as_buildable() == Config(Dense, 1)


@pytest.mark.parametrize("thing", [3, None, "x", Dense, Config(Dense, 1), math])
@pytest.mark.filterwarnings("error")
def test_what_is_not_a_function(thing):
    if thing is None:
        assert callable(auto_config(thing))  # called with parameters only
        return
    with pytest.raises(NotAFunctionError) as caught:
        auto_config(thing)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    line = sys._getframe().f_lineno - 3
    assert f"{__file__}:{line} in test_what_is_not_a_function" in str(caught.value)


@pytest.mark.parametrize("thing", [len, time.monotonic, dict.get, [].append, functools.reduce])
def test_c_functions(thing):
    with pytest.raises(NotAFunctionError, match="with Python bytecode, not the C callable"):
        auto_config(thing)


def test_arguments_that_do_not_bind():
    def model(width, *, depth):
        return Dense(width)

    for args, kwargs in [((), {}), ((1,), {}), ((1, 2), {"depth": 1}), ((1,), {"z": 1})]:
        with pytest.raises(TypeError) as native:
            model(*args, **kwargs)
        with pytest.raises(ArgumentBindingError) as caught:
            auto_config(model).as_buildable(*args, **kwargs)
        text = str(caught.value)
        assert str(native.value) in text
        assert f"{__file__}:{model.__code__.co_firstlineno} in" in text
        assert "fix: call as_buildable with the arguments of" in text
        assert "model(width, *, depth)" in text


def test_a_recorded_call_that_does_not_bind():
    def model():
        return Sequential([Dense(num_unit=3)])

    with pytest.raises(ArgumentBindingError) as caught:
        auto_config(model).as_buildable()
    text = str(caught.value)
    assert isinstance(caught.value, TypeError)
    assert "num_unit" in text
    assert "did you mean 'num_units'?" in text
    assert re.search(rf"{re.escape(__file__)}:{model.__code__.co_firstlineno + 1}:\d+ in ", text)


def test_a_result_without_buildable():
    def nothing():
        return {"a": [1, 2]}

    with pytest.raises(NoBuildableError) as caught:
        auto_config(nothing).as_buildable()
    assert isinstance(caught.value, TypeError)
    assert f"{__file__}:{nothing.__code__.co_firstlineno} in" in str(caught.value)
    assert "returned {'a': [1, 2]}, which contains no buildable" in str(caught.value)
    allowed = auto_config(nothing, experimental_result_must_contain_buildable=False)
    assert allowed.as_buildable() == {"a": [1, 2]}


def stores(node):
    node.num_units = 2


def deletes(node):
    del node.num_units


def loads(node):
    return node.num_units


def loads_method(node):
    return node.num_units()


def calls(node):
    return node(1)


@pytest.mark.parametrize(
    "use, action",
    [
        (stores, "set attribute 'num_units' of"),
        (deletes, "delete attribute 'num_units' of"),
        (loads, "read attribute 'num_units' of"),
        (loads_method, "read attribute 'num_units' of"),
        (calls, "call"),
    ],
)
def test_a_node_is_no_object_yet(use, action):
    given = Config(Dense, num_units=1)
    with pytest.raises(UnbuiltNodeError) as caught:
        auto_config(use).as_buildable(given)
    assert given == Config(Dense, num_units=1)
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert text.startswith(f"cannot {action} <Config[Dense(num_units=1)]> inside capture")
    line = use.__code__.co_firstlineno + 1
    assert re.search(rf"{re.escape(__file__)}:{line}:\d+ in {use.__name__}\n", text)
    assert "fix:" in text


def test_a_predicate_decides_alone():
    def model(n):
        with Manager():
            return Sequential([len([n]), Dense(n), locals()["n"]])

    graph = auto_config(
        model, **EVERYTHING, experimental_exemption_policy=lambda fn: fn in (Dense, Manager)
    ).as_buildable(3)
    assert graph == Config(Sequential, [Config(len, [3]), Dense(3), 3])


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def test_config_types():
    class MyConfig(Config):
        __slots__ = ()

    class MyPartial(Partial):
        __slots__ = ()

    types_ = ConfigTypes(config_cls=MyConfig, partial_cls=MyPartial)
    graph = auto_config(
        lambda: Sequential([Dense(1), functools.partial(functools.partial(Dense), 2)]),
        experimental_config_types=types_,
    ).as_buildable()
    assert type(graph) is MyConfig
    assert [type(layer) for layer in graph.layers] == [MyConfig, MyPartial]
    assert types_.arg_factory_cls is ArgFactory
    with pytest.raises(TypeError, match="config_cls must be a subclass of .*Buildable, not <class"):
        ConfigTypes(config_cls=dict)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"experimental_allow_control_flow": "some"}, "must be False, True or 'all', not 'some'"),
        ({"experimental_allow_control_flow": 2}, "must be False, True or 'all', not 2"),
        ({"experimental_exemption_policy": 3}, "must be a PolicyTable or a predicate, not 3"),
        ({"experimental_config_types": Config}, "must be a ConfigTypes, not <class"),
        ({"experimental_config_types": None}, "must be a ConfigTypes, not None"),
        ({"guard": "maybe"}, "must be 'on' or 'off', not 'maybe'"),
    ],
)
def test_a_parameter_that_is_wrong(option, message):
    (name,) = option
    with pytest.raises(ValueError, match=f"^{name} {message}"):
        auto_config(lambda: Dense(1), **option)


def test_provenance():
    def model():
        first = Dense(1)
        return Sequential(
            [first, Dense(2)],
        )

    graph = auto_config(model).as_buildable()
    start = model.__code__.co_firstlineno
    lines = [graph.__provenance__.line, *(layer.__provenance__.line for layer in graph.layers)]
    assert lines == [start + 2, start + 1, start + 3]
    assert graph.__provenance__.filename == __file__
    assert graph.__provenance__.function == model.__qualname__


def test_nested_functions_are_traced_then_become_ordinary():
    kept = []

    def model():
        def layer(n):
            return Dense(n)

        kept.append(layer)
        return Sequential([layer(1), *map(layer, [2]), functools.partial(layer, 3)])

    graph = auto_config(model, **EVERYTHING).as_buildable()
    assert graph.layers[:2] == [Config(Dense, 1), Config(Dense, 2)]
    (layer,) = kept
    assert not is_twin(layer)
    assert layer(4) == Dense(4)
    assert build(graph.layers[2])() == Dense(3)


def test_nested_functions_become_ordinary_after_a_failure_too():
    kept = []

    def model():
        def layer():
            return Dense(1)

        kept.append(layer)
        raise LookupError

    with pytest.raises(LookupError):
        auto_config(model, **EVERYTHING).as_buildable()
    assert kept[0]() == Dense(1)


def test_a_function_changed_between_captures():
    def model(a=1):
        return Dense(a)

    def other(b=5, *, c=6):
        return Dense(b, c)

    wrapped = auto_config(model)
    assert wrapped.as_buildable() == Config(Dense, 1)
    model.__defaults__ = (2,)
    assert wrapped.as_buildable() == Config(Dense, 2)
    model.__code__ = other.__code__
    model.__kwdefaults__ = {"c": 7}
    assert wrapped.as_buildable() == Config(Dense, 2, 7)


def test_errors_of_the_user_s_code_show_only_it():
    def model(n):
        def inner():
            return Dense(1 // n)

        return Sequential(inner())

    with pytest.raises(ZeroDivisionError) as caught:
        auto_config(model, **EVERYTHING).as_buildable(0)
    names = []
    traceback = caught.value.__traceback__
    while traceback:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert names == ["test_errors_of_the_user_s_code_show_only_it", "model", "inner"]


def test_capturing_keeps_nothing_alive():
    def run():
        namespace = {"Dense": Dense}
        exec("def made():\n layer = lambda n: Dense(n)\n return layer(1)", namespace)
        wrapped = auto_config(namespace["made"], **EVERYTHING)
        assert isinstance(wrapped.as_buildable(), Buildable)
        return weakref.ref(namespace["made"]), weakref.ref(namespace["made"].__code__)

    references = run()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


@pytest.mark.needs_threads
def test_captures_nest_and_run_in_threads():
    import concurrent.futures

    def model(n):
        helper = lambda k: Dense(k)  # noqa: E731
        inner = auto_config(lambda: Sequential([helper(n)]))
        return Sequential([inner.as_buildable(), helper(n)])

    wrapped = auto_config(model, **EVERYTHING, experimental_exemption_policy=_run_captures)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        graphs = list(pool.map(wrapped.as_buildable, range(50)))
    for n, graph in enumerate(graphs):
        assert graph.layers[1] == Config(Dense, n)


def _run_captures(fn):
    return (
        fn is auto_config
        or getattr(fn, "__name__", "") in {"as_buildable", "__call__"}
        or (type(fn).__name__ == "Capture")
    )


def test_a_quantifier_is_recorded_when_the_policy_says_so():
    def model(xs):
        return [any(x for x in xs), all(x for x in xs), tuple(x for x in xs), bool(xs)]

    wrapped = auto_config(
        model, **EVERYTHING, experimental_exemption_policy=lambda fn: fn in (all, bool)
    )
    quantified, every, made, truth = wrapped.as_buildable([1, 2])
    assert (get_callable(quantified), get_callable(made)) == (any, tuple)
    assert (every, truth) == (True, True)


def test_annotations_are_those_of_the_function():
    @auto_config
    def model(units: int, later: "Dense") -> list:
        return [units, later]

    assert typing.get_type_hints(model) == {"units": int, "later": Dense, "return": list}
    assert inspect.signature(model).parameters["units"].annotation is int


def test_attributes_of_the_function_do_not_take_the_place_of_its_own():
    def builder(size=3):
        return Dense(size)

    builder.func = builder.buildable_func = builder.always_inline = builder.other = None
    wrapped = auto_config(builder)
    assert wrapped(2) == Dense(2)
    assert wrapped.as_buildable(2) == Config(Dense, 2)
    assert (wrapped.func, wrapped.always_inline, wrapped.other) == (builder, True, None)
    assert wrapped.__code__ is builder.__code__
    assert wrapped.__defaults__ == (3,)


def test_attributes_are_replaced_and_not_set():
    wrapped = auto_config(lambda: Dense(1))
    with pytest.raises(AttributeError, match="cannot assign to field 'func'"):
        wrapped.func = print
    other = dataclasses.replace(wrapped, func=lambda: "other")
    assert other() == "other"
    assert other.as_buildable() == Config(Dense, 1)


def test_flax_leaves_it_as_it_is():
    # Its modules wrap every method of a class that has no such mark.
    assert auto_config(classmethod(lambda cls: Dense(1))).nowrap is True


def test_a_refused_construct_comes_with_its_line_where_the_file_is_there():
    with pytest.raises(UnsupportedLanguageConstructError) as caught:
        auto_config(lambda: [item for item in range(3)])
    assert caught.value.text == "        auto_config(lambda: [item for item in range(3)])\n"
    code = compile("def sourceless():\n    return [x for x in ()]\n", "nowhere.py", "exec")
    namespace = {}
    exec(code, namespace)
    with pytest.raises(UnsupportedLanguageConstructError) as caught:
        auto_config(namespace["sourceless"])
    assert (caught.value.text, caught.value.lineno) == (None, 2)
