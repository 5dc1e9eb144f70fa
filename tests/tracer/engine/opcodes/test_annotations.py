"""Annotations that are evaluated when somebody asks for them (PEP 649 and PEP 749)."""

import dataclasses
import importlib
import inspect
import sys
import typing

import pytest

from bytefig.configs import Config, signature_of
from bytefig.tracer import auto_config, exempt, interpret
from bytefig.tracer.engine.functions import is_twin

pytestmark = pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 649 came with 3.14")

SOURCES = {
    "function": """
def make():
    def made(a: int, b: later = 2, *args: list[outer], c: here, **others: "text") -> outer | None:
        return a
    here = str
    return made
""",
    "method": """
def make():
    class Made:
        kind = str
        def method(self, a: kind, b: Made, c: outer = None) -> kind | None: ...
    return Made.method
""",
    "class": """
def make():
    kind = str
    class Made:
        item: int = 3
        other: list[later]
        own: Made
        free: kind
        inner = float
        third: inner
    return Made
""",
    "conditional": """
def make():
    class Made:
        for i in range(2):
            if i:
                found: int
            else:
                also: later
        if not i:
            absent: missing
    return Made
""",
    "undefined": """
def make():
    class Made:
        good: int
        bad: missing
        worse: missing.attribute[int] | None
    return Made
""",
    "fails": """
def make():
    def made(a: int, b: 1 // 0) -> later: ...
    return made
""",
    "nested scopes": """
def make():
    kinds = [int, str]
    def made(a: [kind for kind in kinds], b: (lambda: kinds)()): ...
    return made
""",
    "generic": """
def make():
    def made[T: later, *Ts, **P](a: T, b: tuple[*Ts], c: Box) -> T: ...
    class Box[T]:
        item: T
    return made
""",
    "local only": """
def make():
    x: missing = 1
    def made(): ...
    return made
""",
    "coroutine": """
def make():
    async def made(a: later) -> outer: ...
    return made
""",
    "decorated": """
import functools
def make():
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args: int): return f(*args)
        return wrapper
    @decorate
    def made(a: later, b: missing = 1): ...
    return made
""",
    "assigned": """
def make():
    def made(a: later): ...
    made.__annotations__ = {"a": str}
    return made
""",
    "future": """
from __future__ import annotations
def make():
    class Made:
        item: later = 3
        def method(self, a: missing) -> Made: ...
    Made.method.first = Made.__annotations__
    return Made.method
""",
    "no unpacking of stars": """
def make():
    def made(*args: *tuple[later, ...]): ...
    return made
""",
}
NAMES = ["VALUE", "FORWARDREF", "STRING"]


def attempt(ask):
    """What an observer sees, without the addresses in it."""
    try:
        found = ask()
    except Exception as error:
        return type(error), str(error)
    return str(found).partition(" at 0x")[0] if "ForwardRef" in str(found) else repr(found)


def all_that_is_shown(made):
    annotationlib = importlib.import_module("annotationlib")
    formats = [annotationlib.Format[name] for name in NAMES]
    shown = {
        format.name: attempt(lambda: annotationlib.get_annotations(made, format=format))
        for format in formats
    }
    shown["hints"] = attempt(lambda: typing.get_type_hints(made))
    shown["attribute"] = attempt(lambda: made.__annotations__)
    shown["signature"] = [
        attempt(lambda: inspect.signature(made, annotation_format=format)) for format in formats
    ]
    shown["call"] = [
        attempt(lambda: made.__annotate__(number)) for number in range(6) if made.__annotate__
    ]
    return shown


def function(source, name="make"):
    namespace = {"__name__": "annotated", "outer": bytes, "later": int}
    exec(source, namespace)
    return namespace[name]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_annotations(source):
    make = function(source)
    assert all_that_is_shown(interpret(make)()) == all_that_is_shown(make())


def test_nothing_is_evaluated_before_somebody_asks():
    make = function("""
def make():
    def made(a: print("evaluated")): ...
    return made
""")
    made = interpret(make)()
    assert is_twin(made)
    assert is_twin(made.__annotate__)


def test_a_name_may_be_bound_later():
    make = function("""
def make():
    def made(a: kind): ...
    class Made:
        item: kind
    kind = int
    first = made.__annotations__, Made.__annotations__
    del kind
    return first, Made.__annotations__
""")
    assert interpret(make)() == make()


def test_modules_made_by_exec():
    make = function("""
def make():
    found = {}
    exec("x: int = 1\\nif x:\\n    y: str\\nelse:\\n    z: float\\ndef f(a: x): ...", found)
    return found["__annotate__"](1), found["f"].__annotations__
""")
    assert interpret(make)() == make() == ({"x": int, "y": str}, {"a": 1})


@pytest.mark.parametrize("name", NAMES)
def test_bounds_and_aliases(name):
    annotationlib = importlib.import_module("annotationlib")
    make = function("""
def make():
    def made[T: (int, later), U: missing | None, V = list[outer]](): ...
    type Alias[T] = list[T] | missing
    T, U, V = made.__type_params__
    return T.evaluate_constraints, U.evaluate_bound, V.evaluate_default, Alias.evaluate_value
""")

    def shown(evaluators):
        return [
            attempt(
                lambda: annotationlib.call_evaluate_function(evaluator, annotationlib.Format[name])
            )
            for evaluator in evaluators
        ]

    assert shown(interpret(make)()) == shown(make())


def test_a_function_that_is_interpreted_itself():
    made = function("def made(a: missing, b: later = 3) -> outer: ...", "made")
    assert all_that_is_shown(interpret(made)) == all_that_is_shown(made)
    assert signature_of(made).positional == ("a", "b")


class Dense:
    def __init__(self, units):
        self.units = units


make_dataclass = exempt(dataclasses.dataclass)


def test_annotations_inside_a_capture():
    def model():
        @make_dataclass
        class Made:
            item: Undefined
            other: int = 3

        def made(a: Dense(1)): ...

        return [Dense(Made), made, made.__annotations__]

    everything = auto_config(model, experimental_allow_control_flow="all")
    dense, made, annotations = everything.as_buildable()
    assert [field.name for field in dataclasses.fields(dense.units)] == ["item", "other"]
    assert isinstance(annotations["a"], Config)
    assert not is_twin(made.__annotate__)


def test_a_callable_whose_annotations_fail_is_recorded():
    namespace = {}
    exec("def layer(units: missing.name, *, k: Undefined = 1): ...", namespace)
    config = auto_config(lambda: namespace["layer"](3)).as_buildable()
    assert config.units == 3
    with pytest.raises(TypeError, match=r"units: .*missing"):
        auto_config(namespace["layer"]).as_buildable()
