"""How long what a program holds lives, and in which order it dies."""

import dataclasses
import enum
import gc
import typing
import weakref
from abc import ABC, abstractmethod

import pytest

from bytefig.tracer import capture, interpret


class Thing:
    def __init__(self, *_):
        pass


def plain_class():
    class Made:
        x = 1

    return [Thing(Made.x)]


def subclass_with_super():
    class Base(ABC):
        @abstractmethod
        def name(self): ...

    class Made(Base):
        def name(self):
            return super().name()

    return [Thing(Made())]


def nested_classes():
    class Outer:
        class Inner:
            x = 1

        y = Inner.x

    return [Thing(Outer.y)]


def class_that_fails():
    try:

        class Made:
            x = 1 / 0

    except ZeroDivisionError:
        pass
    return [Thing()]


def classes_made_by_calls():
    dataclasses.make_dataclass("D", ["a", "b"])
    enum.Enum("E", "A B")
    typing.NamedTuple("N", [("a", int)])
    type("T", (), {})
    return [Thing()]


CLASSES = [
    plain_class,
    subclass_with_super,
    nested_classes,
    class_that_fails,
    classes_made_by_calls,
]


@pytest.mark.parametrize(
    "tier", ["interpret", "auto", pytest.param("compile", marks=pytest.mark.needs_native_code)]
)
@pytest.mark.parametrize("how", [lambda fn: fn, interpret, lambda fn: lambda: capture(fn)])
@pytest.mark.parametrize("function", CLASSES, ids=lambda function: function.__name__)
def test_a_class_statement_keeps_no_caller_s_locals_alive(function, how, tier, using, afresh):
    call = how(afresh(function))
    held = []

    def inner():
        thing = Thing()
        held.append(weakref.ref(thing))
        call()

    def outer():
        thing = Thing()
        held.append(weakref.ref(thing))
        inner()

    gc.collect()
    gc.disable()
    try:
        with using(tier):
            outer()
        assert [reference() for reference in held] == [None, None]
    finally:
        gc.enable()


def test_a_class_statement_does_not_keep_its_own_frame_alive(same):
    def makes():
        thing = Thing()

        class Made:
            x = thing

        del Made.x
        return weakref.ref(thing)

    def check():
        gc.disable()
        try:
            return makes()() is None
        finally:
            gc.enable()

    assert same(check).result is True


log = []


class Logs:
    def __init__(self, name, *_):
        self.name = name

    def __del__(self):
        log.append(self.name)

    def method(self, first, second):
        log.append("method")

    def __call__(self, first, *rest, key=None):
        log.append("called")


class Takes:
    def __init__(self, first, second, third=None):
        log.append("made")


def native(first, second, third=None, fourth=None):
    log.append("in")
    return first.name


def to_a_function():
    native(Logs(1), Logs(2))
    native(Logs(3), Logs(4), Logs(5), fourth=Logs(6))


def to_a_nested_function():
    def inner(first, second, third=None):
        log.append("in")

    inner(Logs(1), Logs(2))
    inner(Logs(3), second=Logs(4), third=Logs(5))


def to_a_class():
    Takes(Logs(1), Logs(2), third=Logs(3))


def to_a_method():
    Logs(1).method(Logs(2), Logs(3))


def to_an_object():
    Logs(1)(Logs(2), key=Logs(3))


def to_methods_of_a_nested_class():
    class Made:
        def method(self, first, second):
            log.append("method")

        @classmethod
        def of(cls, first, second):
            log.append("class method")

        @staticmethod
        def static(first, second):
            log.append("static method")

    Made().method(Logs(1), Logs(2))
    Made.of(Logs(3), Logs(4))
    Made.static(Logs(5), Logs(6))


def to_a_builtin():
    isinstance(Logs(1), (Logs(2), Logs)[1])
    max(1, 2, key=Logs(3), default=Logs(4)) if not log else None


def to_a_builtin_that_fails():
    try:
        int(Logs(1), Logs(2))
    except TypeError:
        log.append("caught")


def fails(first, second):
    raise KeyError


def to_a_function_that_fails():
    try:
        fails(Logs(1), Logs(2))
    except KeyError:
        log.append("caught")


def spread():
    Logs(1)(*[Logs(2)], **{"key": Logs(3)})
    Takes(*[Logs(4)], **{"second": Logs(5), "third": Logs(6)})
    Takes(Logs(7), *(), second=Logs(8))


def spread_over_a_nested_function():
    def inner(*args, **kwargs):
        log.append(len(args) + len(kwargs))

    inner(*[Logs(1), Logs(2)])
    inner(**{"a": Logs(3), "b": Logs(4)})
    inner(Logs(5), *(Logs(6),), k=Logs(7))


ORDERS = [
    to_a_function,
    to_a_nested_function,
    to_a_class,
    to_a_method,
    to_an_object,
    to_a_function_that_fails,
    to_methods_of_a_nested_class,
    to_a_builtin,
    to_a_builtin_that_fails,
    spread,
    spread_over_a_nested_function,
]


@pytest.mark.parametrize("function", ORDERS, ids=lambda function: function.__name__)
def test_arguments_are_freed_in_order(function):
    orders = []
    for call in (function, interpret(function)):
        log.clear()
        try:
            call()
        except TypeError as error:
            log.append(str(error))
        orders.append(list(log))
    assert orders[1] == orders[0]


def test_an_error_that_was_left_is_not_kept_by_the_handler_of_the_next(same):
    def check():
        class Failure(Exception):
            pass

        try:
            try:
                failure = Failure()
                kept = weakref.ref(failure)
                try:
                    raise failure
                finally:
                    del failure
            except Failure:
                raise KeyError from None
        except KeyError as error:
            error.__context__ = None
            return kept() is None

    assert same(check).result is True
