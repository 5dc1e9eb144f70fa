"""Builder functions that both libraries capture, one for each thing a builder can do.

Each takes ``lib``, the verbs of the library that captures it. The peer reads source, so each must
have some.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
import math
import pathlib
import random
from collections.abc import Callable
from typing import Any, NamedTuple


class Dense:
    def __init__(self, units=1, activation=None, *, bias=True):
        self.units, self.activation, self.bias = units, activation, bias

    @classmethod
    def small(cls, units=2):
        return cls(units)

    @staticmethod
    def fixed(units):
        return Dense(units)


class Sequential:
    def __init__(self, *layers, **options):
        self.layers, self.options = layers, options


@dataclasses.dataclass
class Shape:
    width: int
    height: int = 2
    tags: list = dataclasses.field(default_factory=list)


class Pair(NamedTuple):
    left: Any
    right: Any = 0


class Settings:
    units = 7

    def scaled(self, factor=2):
        return self.units * factor

    def __getitem__(self, key):
        return key * 2


SETTINGS = Settings()


def relu(x=0):
    return max(x, 0)


def helper(n, *rest, scale=1, **named):
    return [n, rest, scale, named]


def positional_only(a, b=2, /, c=3):
    return a, b, c


#: The builders, and the options that each is captured with.
CASES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}
#: Cases whose graphs or errors differ, each with the reason.
DIFFERENCES: dict[str, str] = {}

LOOPS = {"experimental_allow_control_flow": True}


def case(differs: str = "", **options: Any) -> Callable[[Any], Any]:
    def register(builder: Callable[..., Any]) -> Callable[..., Any]:
        CASES[builder.__name__] = builder, options
        if differs:
            DIFFERENCES[builder.__name__] = differs
        return builder

    return register


@case()
def one_call(lib):
    return Dense(3)


@case()
def keywords(lib):
    return Dense(units=3, activation=relu, bias=False)


@case()
def nested_calls(lib):
    return Sequential(Dense(1), Sequential(Dense(2), name="inner"), name="outer")


@case()
def star_arguments(lib):
    layers = [Dense(1), Dense(2)]
    return Sequential(*layers, Dense(3), **{"name": "x"})


@case()
def variadic_function(lib):
    return helper(1, 2, 3, scale=4, other=5)


@case()
def positional_only_parameters(lib):
    return positional_only(1, 4, c=5)


@case()
def function_as_value(lib):
    return Dense(activation=relu)


@case()
def function_call(lib):
    return Dense(units=relu(3))


@case()
def list_of_nodes(lib):
    return [Dense(1), Dense(2)]


@case()
def dict_of_nodes(lib):
    return {"a": Dense(1), "b": [Dense(2)]}


@case()
def tuple_of_nodes(lib):
    return Dense(1), (Dense(2), 3)


@case()
def shared_node(lib):
    shared = Dense(1)
    return Sequential(shared, shared, [shared])


@case()
def shared_list(lib):
    shared = [Dense(1)]
    return Sequential(shared, shared)


@case()
def named_tuple(lib):
    return Pair(Dense(1), right=2)


@case()
def dataclass(lib):
    return Shape(3, tags=["a"])


@case()
def class_method(lib):
    return Dense.small(units=4)


@case()
def static_method(lib):
    return Dense.fixed(4)


@case()
def partial(lib):
    return functools.partial(Dense, 3, activation=relu)


@case()
def partial_of_partial(lib):
    return functools.partial(functools.partial(Dense, units=3), activation=relu, units=4)


@case()
def partial_as_argument(lib):
    return Sequential(functools.partial(relu, 3), name=functools.partial(Dense))


@case()
def arg_factory_partial(lib):
    return lib.arg_factory.partial(Dense, activation=list)


@case()
def arg_factory_with_arguments(lib):
    return lib.arg_factory.partial(Dense, activation=functools.partial(relu, 3))


@case()
def arithmetic(lib):
    width = 3
    return Dense(units=width * 2 + 1 - 4 // 2, activation=-(width**2))


@case()
def strings(lib):
    name = "layer"
    return Sequential(name=f"{name}_{3:02d}" + "!", other="a".upper())


@case()
def comparisons(lib):
    return Dense(units=1 < 2 <= 3, activation=3 not in [1, 2], bias=None is None)


@case()
def boolean_operators(lib):
    zero = 0
    return Dense(units=zero or 5, activation=1 and "x", bias=not zero)


@case()
def builtins_run(lib):
    return Dense(units=sum([1, 2]), activation=sorted({3, 1}), bias=bool(len("ab")))


@case()
def builtin_classes_run(lib):
    return Sequential(int("3"), list(range(2)), dict(a=1), set([1]), str(2))


@case()
def list_methods(lib):
    layers = [Dense(1)]
    layers.append(Dense(2))
    layers.extend([Dense(3)])
    return Sequential(layers)


@case()
def dict_methods(lib):
    options = {"a": 1}
    options.update(b=2)
    options["c"] = Dense(3)
    return Sequential(**options)


@case(differs="a call whose result is dropped is an effect of the graph; the peer forgets it")
def dropped_call(lib):
    layer = Dense(3)
    relu(layer)
    return layer


@case(differs="what draws from the global generator is recorded; the peer runs its C functions")
def random_number(lib):
    random.seed(3)
    return Dense(random.random())


@case(differs="methods of ordinary instances run, as the page says; the peer records them")
def method_of_an_instance(lib):
    return Dense(SETTINGS.scaled(3))


@case()
def attribute_of_an_instance(lib):
    return Dense(SETTINGS.units)


@case()
def item_of_an_instance(lib):
    return Dense(SETTINGS[4])


@case()
def module_function(lib):
    return Dense(math.floor(2.5))


@case(differs="the table `latest` runs pathlib; the peer records it")
def path(lib):
    return Sequential(root=pathlib.PurePosixPath("/tmp"))


@case(differs="its signature cannot be inferred, so it runs, as the page says; the peer records it")
def ordered_dict(lib):
    return Sequential(collections.OrderedDict(a=1))


@case()
def exempt_call(lib):
    return Dense(lib.exempt(relu)(-3))


@case()
def always_inlined(lib):
    return Sequential(lib.make_dense(3), lib.make_dense(units=4))


@case()
def not_always_inlined(lib):
    return Sequential(lib.lazy_dense(3))


@case()
def inlined_partial(lib):
    return lib.inlined_partial(lib.make_dense, 3)


@case()
def partial_of_auto_config(lib):
    return functools.partial(lib.lazy_dense, 3)


@case()
def subscripts_and_slices(lib):
    layers = [Dense(1), Dense(2), Dense(3)]
    return Sequential(*layers[1:], first=layers[0])


@case()
def star_unpacking(lib):
    first, *rest = [Dense(1), Dense(2), Dense(3)]
    return Sequential(first, rest=rest)


@case()
def walrus(lib):
    return Sequential(layer := Dense(1), layer)


@case()
def augmented_assignment(lib):
    layers = [Dense(1)]
    layers += [Dense(2)]
    return layers


@case()
def assertion(lib):
    width = 3
    assert width > 2, "too narrow"
    return Dense(width)


@case(differs="what is dropped again is an effect of the graph, too; the peer forgets it")
def deletion(lib):
    layers = [Dense(1), Dense(2)]
    del layers[0]
    return layers


@case()
def local_import(lib):
    import json

    return Dense(units=json)


@case()
def chained_assignment(lib):
    a = b = Dense(1)
    return [a, b]


@case()
def match_statement(lib):
    kind = "wide"
    match kind:
        case "wide":
            layer = Dense(100)
        case _:
            layer = Dense(1)
    return layer


@case()
def default_arguments(lib, width=3, *, bias=False):
    return Dense(width, bias=bias)


@case(**LOOPS)
def for_loop(lib):
    layers = []
    for units in range(3):
        layers.append(Dense(units))
    else:
        layers.append(relu())
    return Sequential(*layers)


@case(**LOOPS)
def while_loop(lib):
    layers = []
    while len(layers) < 3:
        layers.append(Dense(len(layers)))
        if len(layers) == 2:
            break
    return layers


@case(**LOOPS)
def if_statement(lib):
    deep = True
    if deep and not None:
        layers = [Dense(1), Dense(2)]
    elif deep:
        layers = []
    else:
        layers = [Dense(1)]
    return Sequential(*layers)


@case(**LOOPS)
def conditional_expression(lib):
    return Dense(2 if SETTINGS.units > 3 else 1)


@case(**LOOPS)
def list_comprehension(lib):
    return Sequential([Dense(i) for i in range(5) if i % 2])


@case(**LOOPS)
def nested_comprehension(lib):
    return [[Dense(i * j) for j in range(2)] for i in range(2)]


@case(**LOOPS)
def dict_comprehension(lib):
    return {str(i): Dense(i) for i in range(2)}


@case(**LOOPS)
def set_comprehension(lib):
    return [Dense(i) for i in sorted({x % 2 for x in range(5)})]


@case(**LOOPS)
def generator_expression(lib):
    return list(Dense(i) for i in range(3))


@case(**LOOPS)
def zip_and_enumerate(lib):
    return [Dense(i, name) for i, (name, _) in enumerate(zip("ab", "cd", strict=True))]


@case(**LOOPS)
def itertools_product(lib):
    return [Dense(a, b) for a, b in itertools.product((1, 2), "x")]


@case(**LOOPS)
def raise_statement(lib):
    if SETTINGS.units > 3:
        raise KeyError("too many")
    return Dense(1)


@case(experimental_allow_dataclass_attribute_access=True)
def dataclass_access(lib):
    shape = Shape(3)
    shape.height = shape.width + 1
    return shape


@case()
def dataclass_access_by_default(lib):
    shape = Shape(3)
    return Dense(shape.width)


@case()
def attribute_of_a_node(lib):
    layer = Dense(3)
    return Dense(layer.units)


@case(differs="the peer runs the inner call and keeps a Config of a local function")
def call_of_a_call(lib):
    return make_maker(3)(4)


@case(differs="capture cannot know the value: an error, where the peer takes another path")
def comparison_of_a_node(lib):
    same = Dense(1) == Dense(1)
    return Dense(same)


@case(differs="capture cannot know the text: an error, where the peer formats its node")
def formatted_node(lib):
    text = f"{relu(3)}"
    return Dense(text)


@case(differs="capture cannot know it: an error, where the peer answers for its node")
def truth_of_a_node(lib):
    return Dense(bool(relu(0)))


def make_maker(units):
    def maker(bias):
        return Dense(units, bias=bias)

    return maker


@case(
    differs="a recorded builtin without a signature takes any arguments; the peer fails",
    experimental_exemption_policy=lambda fn: fn is relu,
)
def predicate_policy(lib):
    return Dense(relu(-3), max(1, 2))


@case(experimental_result_must_contain_buildable=False)
def no_buildable_allowed(lib):
    return {"a": 1}


@case()
def no_buildable(lib):
    return {"a": 1}


@case()
def wrong_arguments(lib):
    return Dense(unit=3)


@case()
def forbidden_for(lib):
    for _ in range(2):
        pass
    return Dense(1)


@case()
def forbidden_while(lib):
    while SETTINGS.units < 0:
        SETTINGS.units += 1
    return Dense(1)


@case()
def forbidden_if(lib):
    if SETTINGS.units:
        return Dense(1)
    return Dense(2)


@case()
def forbidden_raise(lib):
    raise ValueError("no dense layer")


@case()
def forbidden_set_comprehension(lib):
    return Dense({i for i in range(2)})


@case()
def forbidden_dict_comprehension(lib):
    return Dense({i: i for i in range(2)})


@case()
def forbidden_generator_expression(lib):
    return Dense(sum(i for i in range(2)))


@case(**LOOPS)
async def forbidden_async_function(lib):
    return Dense(1)


@case()
def forbidden_if_expression(lib):
    return Dense(1 if SETTINGS.units else 2)


@case()
def forbidden_list_comprehension(lib):
    return [Dense(i) for i in range(2)]


@case(**LOOPS)
def forbidden_try(lib):
    try:
        return Dense(1)
    finally:
        pass


@case(**LOOPS)
def forbidden_with(lib):
    with open("x"):
        return Dense(1)


@case(**LOOPS)
def forbidden_lambda(lib):
    return Dense(activation=lambda x: x)


@case(**LOOPS)
def forbidden_nested_function(lib):
    def inner():
        return 1

    return Dense(activation=inner)


@case(**LOOPS)
def forbidden_class(lib):
    class Inner:
        pass

    return Dense(activation=Inner)


@case(**LOOPS)
def forbidden_yield(lib):
    yield Dense(1)


@case(**LOOPS)
def forbidden_yield_from(lib):
    yield from [Dense(1)]
