import collections
import functools

import pytest

from bytefig.configs import Config
from bytefig.tracer import capture
from bytefig.tracer.recording.recorder import Recorder


def target(*args, **kwargs):
    return args, kwargs


def strict(a, b=2, /, c=3, *, d, e=5):
    return a, b, c, d, e


def positional():
    return target(), target(1), target(1, 2, 3)


def keywords():
    return target(a=1), target(1, 2, b=3, c=[4]), dict(a=1, **{"b": 2})


def star_args(xs, kw):
    return target(*xs), target(0, *xs, 9), target(*xs, *xs), target(**kw), target(1, *xs, k=0, **kw)


def star_calls(xs, kw):
    return target(*xs, **kw)


def two_mappings(kw):
    return target(**kw, **kw)


def named_and_mapping(kw):
    return target(a=1, **kw)


def methods(text):
    return text.upper(), text.split(maxsplit=1), str.join("-", text), text.join(["a", "b"])


def nested(x):
    return target(target(x), key=target(*[x], **{"y": x}))


def missing():
    return strict(1)


def too_many():
    return strict(1, 2, 3, 4, d=5)


def unknown():
    return strict(1, d=4, z=5)


def not_callable(x):
    return x(1)


def not_callable_with_keywords(x):
    return x(k=1)


def method_missing(x):
    return x.nothing(1)


@pytest.mark.parametrize(
    "function, args",
    [
        (positional, ()),
        (keywords, ()),
        (star_args, ([1, 2], {"a": 1})),
        (star_args, ((), {})),
        (star_args, ("xy", collections.OrderedDict(z=1))),
        (star_args, (range(3), collections.ChainMap({"p": 1}, {"q": 2}))),
        (star_calls, ([1], {"a": 1})),
        (star_calls, (5, {"a": 1})),
        (star_calls, ([1], 5)),
        (star_calls, ([1], {1: 2})),
        (two_mappings, ({"a": 1},)),
        (two_mappings, ({},)),
        (two_mappings, (7,)),
        (named_and_mapping, ({"a": 1},)),
        (named_and_mapping, ({"b": 1},)),
        (methods, ("some text",)),
        (methods, (3,)),
        (nested, (1,)),
        (missing, ()),
        (too_many, ()),
        (unknown, ()),
        (not_callable, (3,)),
        (not_callable_with_keywords, (3,)),
        (method_missing, (3,)),
    ],
)
def test_calls(same, function, args):
    same(function, *args)


class Stack:
    """Every kind of method."""

    def __init__(self, items):
        self.items = items

    def __call__(self, extra):
        return [*self.items, extra]

    def __eq__(self, other):
        return isinstance(other, Stack) and self.items == other.items

    __hash__ = None

    @classmethod
    def of(cls, *items):
        return cls(list(items))

    @staticmethod
    def size(stack):
        return len(stack.items)

    @property
    def peek(self):
        return self.items[-1]


def test_kinds_of_callables(same):
    def use(first):
        stack = Stack.of(first, 2)
        return (
            stack,
            Stack.size(stack),
            stack.size(stack),
            stack(3),
            stack.peek,
            Stack.__call__(stack, 1),
        )

    same(use, 1)


def test_decorators(same):
    def decorate(tag):
        def twice(tags):
            def outer(fn):
                return lambda x: (tags, fn(x))

            return outer

        def once(fn):
            return lambda x: (tag, fn(x))

        @once
        @twice([tag, tag])
        def inner(x):
            return x * 2

        return inner(21)

    same(decorate, "t")


def test_an_iterator_that_fails_while_unpacked(same):
    def failing():
        yield 1
        raise LookupError("stop")

    def use():
        return target(*failing())

    same(use)


def test_the_names_in_errors_of_callables_without_qualname(same):
    class Callable:
        def __repr__(self):
            return "<callable>"

        def __call__(self, *args, **kwargs):
            return args

    def use(fn, value):
        return fn(1, *value)

    instance = Callable()
    instance.__deepcopy__ = lambda memo: instance
    same(use, instance, 5)


@pytest.mark.parametrize("value", [functools.partial(print), print, type, object()])
def test_errors_name_types_as_cpython_does(same, value):
    def show(*args, **kwargs): ...

    def awaits():
        async def use():
            await value

        use().send(None)

    def iterates():
        async def use():
            async for _ in value:
                pass

        use().send(None)

    def enters():
        async def use():
            async with value:
                pass

        use().send(None)

    def enters_at_once():
        with value:
            pass

    same(lambda: show(*value))
    same(lambda: show(**value))
    same(lambda: show(*(), **{}, **value))
    for use in (awaits, iterates, enters, enters_at_once):
        same(use)


class A:
    def __init__(self, x, y): ...


def test_functions_that_are_known_to_run_are_called_without_asking(monkeypatch, using):
    """Unless arguments are named; which functions those are a policy notes when it is asked."""
    asked = []
    call_at = Recorder.call_at

    def ask(self, frame, cache, fn, values, names):
        asked.append(fn)
        return call_at(self, frame, cache, fn, values, names)

    def model():
        return A(max(-2, 1, key=abs), abs(-3))

    monkeypatch.setattr(Recorder, "call_at", ask)
    with using("interpret"):
        for _ in range(2):
            asked.clear()
            assert capture(model) == Config(A, -2, 3)
    assert asked == [max, A]
