import dataclasses
import enum

import pytest

from bytefig.tracer.engine.functions import is_twin


def makes(x):
    shared = x

    class Base:
        """Documented."""

        tag: int = shared
        tags = [shared for _ in range(2)]
        doubled = tag * 2
        seen = sorted(locals())
        del doubled

        def get(self):
            return self.tag, shared, __class__.__name__

        @property
        def prop(self):
            return self.tag

        class Inner:
            value = shared

    class Child(Base):
        def get(self):
            return ("child", *super().get())

    made = Child()
    return (
        made.get(),
        made.prop,
        Base.__doc__,
        Base.__qualname__,
        Base.__annotations__,
        Base.tags,
        Base.seen,
        Base.Inner.value,
        Base.Inner.__qualname__,
        sorted(vars(Base)),
    )


def with_metaclass(x):
    calls = []

    class Meta(type):
        @classmethod
        def __prepare__(mcs, name, bases, **kwargs):
            calls.append(("prepare", name, kwargs))
            return {"prepared": x}

        def __new__(mcs, name, bases, namespace, **kwargs):
            calls.append(("new", sorted(namespace), kwargs))
            return super().__new__(mcs, name, bases, namespace)

        def __init__(cls, name, bases, namespace, **kwargs):
            super().__init__(name, bases, namespace)

    class Made(metaclass=Meta, option=x):
        again = prepared  # noqa: F821

        def get(self):
            return __class__

    return calls, Made.again, Made().get() is Made


def custom_namespace(x):
    class Recording(dict):
        def __getitem__(self, key):
            if key == "magic":
                return x
            return super().__getitem__(key)

        def __setitem__(self, key, value):
            print("set", key)
            super().__setitem__(key, value)

    class Meta(type):
        @classmethod
        def __prepare__(mcs, name, bases):
            return Recording()

        def __new__(mcs, name, bases, namespace):
            return super().__new__(mcs, name, bases, dict(namespace))

    class Made(metaclass=Meta):
        got = magic  # noqa: F821

    return Made.got


def free_names(x):
    y = "outer"

    class Made:
        z = y
        y = "inner"
        w = y
        import math as m
        from os import path

        if x:
            later = 1
        else:
            x = y

        for i in range(2):
            pass

    return Made.z, Made.y, Made.w, Made.m.pi, Made.i, hasattr(Made, "later")


def fails_inside(x):
    class Made:
        value = 1 // x

    return Made.value


def undefined(x):
    class Made:
        value = no_such_name  # noqa: F821


def deletes_undefined(x):
    class Made:
        del no_such_name  # noqa: F821


def lost_cell(x):
    class Meta(type):
        def __new__(mcs, name, bases, namespace):
            namespace.pop("__classcell__", None)
            return super().__new__(mcs, name, bases, namespace)

    class Made(metaclass=Meta):
        def get(self):
            return __class__


def decorated(x):
    @dataclasses.dataclass
    class Point:
        x: int
        y: list = dataclasses.field(default_factory=lambda: [x])

        def total(self):
            return sum(self.y, self.x)

    class Color(enum.Enum):
        RED = x
        BLUE = enum.auto()

        @property
        def lower(self):
            return self.name.lower()

    return repr(Point(1)), Point(1).total(), Point(1) == Point(1), [c.lower for c in Color]


@pytest.mark.parametrize("x", [0, 3])
@pytest.mark.parametrize(
    "function",
    [
        makes,
        with_metaclass,
        custom_namespace,
        free_names,
        fails_inside,
        undefined,
        deletes_undefined,
        lost_cell,
        decorated,
    ],
)
def test_class_bodies(same, function, x):
    same(function, x)


def test_methods_are_interpreted_too(twin):
    def make():
        class Made:
            def method(self):
                return 1

        return Made

    assert is_twin(twin(make)().method)
