import functools
import inspect
import sys
import types
import weakref

import pytest

from bytefig.tracer import auto_config, interpret
from bytefig.tracer.engine.functions import is_twin


def simple(n):
    for i in range(n):
        yield i
    return "done"


def with_finally():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


def handles(limit):
    total = 0
    while total < limit:
        try:
            got = yield total
        except ValueError as error:
            total += 100
            print("caught", error, type(error.__context__))
        else:
            total += got or 1


def delegates(inner):
    result = yield from inner
    yield ("result", result)


def delegates_in_a_display(inner):
    yield ["before", (yield from inner), (yield from inner)]


def yields_in_handler():
    try:
        raise KeyError("k")
    except KeyError:
        yield 1
        try:
            raise
        except KeyError as error:
            yield error.args


def stops_badly():
    yield 1
    raise StopIteration("inside")


def ignores_close():
    while True:
        try:
            yield 1
        except GeneratorExit:
            pass


def drive(generator, script):
    """Run a script of next, send, throw and close; record everything."""
    seen = []
    for action, *operands in script:
        try:
            if action == "next":
                seen.append(next(generator))
            else:
                seen.append(getattr(generator, action)(*operands))
        except BaseException as error:
            seen.append((type(error), error.args, type(error.__cause__), type(error.__context__)))
    return seen


SCRIPTS = [
    [("next",)] * 5,
    [("next",), ("send", 5), ("send", None), ("next",)],
    [("send", 1), ("next",)],
    [("next",), ("throw", ValueError("v")), ("next",), ("next",)],
    [("next",), ("throw", TypeError("t")), ("next",)],
    [("throw", ValueError("early")), ("next",)],
    [("next",), ("close",), ("next",)],
    [("close",), ("next",)],
    [("next",), ("throw", GeneratorExit()), ("next",)],
    [("next",), ("throw", StopIteration(7)), ("next",)],
]


#: What a generator raises while it is dropped, natively too.
dropped = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@dropped
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(
    "function, args",
    [
        (simple, (3,)),
        (with_finally, ()),
        (handles, (5,)),
        (yields_in_handler, ()),
        (stops_badly, ()),
        (ignores_close, ()),
    ],
)
def test_generators(twin, capsys, function, args, script):
    native = drive(function(*args), script), capsys.readouterr().out
    ours = drive(twin(function)(*args), script), capsys.readouterr().out
    assert ours == native


@pytest.mark.parametrize("make", [lambda: [1, 2], lambda: simple(2), lambda: iter([3])])
def test_a_delegation_in_the_middle_of_an_expression(twin, make):
    assert [*twin(delegates_in_a_display)(make())] == [*delegates_in_a_display(make())]


class Plain:
    """An iterator with neither send nor throw."""

    def __init__(self):
        self.left = [1, 2]

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration("plain")
        return self.left.pop()


class Closing(Plain):
    def close(self):
        raise LookupError("close")


class Throwing(Plain):
    def throw(self, error):
        if isinstance(error, ValueError):
            return "thrown"
        raise StopIteration("stopped by throw")


@dropped
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(
    "make",
    [
        lambda: simple(3),
        with_finally,
        lambda: handles(5),
        lambda: [1, 2],
        Plain,
        Closing,
        Throwing,
        lambda: 5,
    ],
)
def test_yield_from(twin, capsys, make, script):
    native = drive(delegates(make()), script), capsys.readouterr().out
    ours = drive(twin(delegates)(make()), script), capsys.readouterr().out
    assert ours == native


@pytest.mark.parametrize("script", SCRIPTS)
def test_yield_from_between_interpreted_generators(twin, capsys, script):
    def outer():
        def inner():
            got = []
            try:
                while len(got) < 3:
                    got.append((yield len(got)))
            except ValueError as error:
                got.append(str(error))
            finally:
                print("inner ends")
            return got

        return (yield from inner())

    native = drive(outer(), script), capsys.readouterr().out
    ours = drive(twin(outer)(), script), capsys.readouterr().out
    assert ours == native


def test_a_generator_looks_like_one(twin):
    made = twin(simple)(2)
    assert inspect.isgeneratorfunction(twin(simple))
    assert isinstance(made, types.GeneratorType)
    assert (made.__name__, made.__qualname__) == ("simple", "simple")
    assert list(made) == [0, 1]


def test_native_code_consumes_what_is_made_inside(same):
    def use(n):
        def numbers():
            for i in range(n):
                yield n - i

        doubled = sorted(numbers(), key=lambda x: -x)
        total = functools.reduce(lambda a, b: a + b, map(lambda x: x * 2, numbers()), 0)
        return doubled, total, sum(x for x in numbers() if x > 1), max(numbers(), default=None)

    same(use, 4)


def test_errors_inside_generator_expressions(same):
    same(lambda xs: list(10 // x for x in xs), [1, 0])
    same(lambda xs: sum(x for x in xs), 5)


def test_a_dropped_generator_is_closed(twin, capsys):
    made = twin(with_finally)()
    next(made)
    del made
    assert capsys.readouterr().out == "closed\n"


@pytest.mark.parametrize("throws", [1, 2, 3])
def test_throwing_while_the_caller_handles_another(same, throws):
    def use():
        def ends(error):
            try:
                yield
            finally:
                raise error

        errors = [LookupError(i) for i in range(throws + 1)]
        try:
            raise errors[0]
        except LookupError:
            for before, error in zip(errors, errors[1:]):
                generator = ends(error)
                next(generator)
                try:
                    generator.throw(before)
                except LookupError:
                    pass
        chain = [errors[-1]]
        while chain[-1].__context__ is not None:
            chain.append(chain[-1].__context__)
        return [error.args for error in chain]

    same(use)


def test_names_are_the_function_s(same):
    def use():
        def wrapper():
            yield 1

        async def waits():
            pass

        wrapper.__name__ = waits.__name__ = "wrapped"
        wrapper.__qualname__ = waits.__qualname__ = "Outer.wrapped"
        made, coroutine = wrapper(), waits()
        coroutine.close()
        return [(x.__name__, x.__qualname__) for x in (made, coroutine)]

    same(use)


def test_what_is_delegated_to_shows(same):
    def use():
        def inner():
            yield outer_generator.gi_yieldfrom is inner_generator

        def outer():
            yield outer_generator.gi_yieldfrom
            yield from inner_generator
            yield from iter([outer_generator.gi_yieldfrom])

        inner_generator, outer_generator = inner(), outer()
        seen = [next(outer_generator), next(outer_generator)]
        seen.append(outer_generator.gi_yieldfrom is inner_generator)
        seen.append(next(outer_generator))
        return [*seen, type(outer_generator.gi_yieldfrom)]

    same(use)


def test_iterables_are_asked_once(same):
    class Iterable:
        def __iter__(self):
            print("asked")
            return Iterator()

    class Iterator:  # without __iter__
        def __next__(self):
            raise StopIteration("value")

    def use():
        def delegates_to(iterable):
            result = yield from iterable
            yield result

        return list(delegates_to(Iterable()))

    same(use)


def test_generators_keep_nothing_that_the_code_has_let_go(same):
    def use():
        def yields(argument):
            del argument
            yield Thing()

        thing = Thing()
        kept = weakref.ref(thing)
        generator = yields(thing)
        del thing
        before = kept() is None
        yielded = weakref.ref(next(generator))
        return before, kept(), yielded()

    same(use)


class Thing:
    pass


@pytest.mark.parametrize("handles", [False, True])
def test_generator_based_coroutines(same, handles):
    def use():
        @types.coroutine
        def waits(value):
            return (yield value)

        @types.coroutine
        def delegates():
            return (yield from uses())

        async def uses():
            if not handles:
                return await waits(1), await delegated()
            try:
                raise KeyError("handled")
            except KeyError:
                return await waits(1), await delegated(), str(sys.exc_info()[1])

        async def delegated():
            return await waits(2)

        def refused():
            unused = uses()
            try:
                yield from unused
            finally:
                unused.close()

        coroutine = delegates()
        seen = [coroutine.send(None), coroutine.send("one")]
        try:
            coroutine.send("two")
        except StopIteration as stop:
            seen.append(stop.value)
        list(refused())

    same(use)


def test_a_coroutine_stays_one_when_the_capture_is_over():
    def model():
        @types.coroutine
        def waits():
            yield

        return [waits, functools.partial(int)]

    decorate = auto_config(
        experimental_allow_control_flow="all",
        experimental_exemption_policy=lambda fn: fn is types.coroutine,
    )
    waits, _ = decorate(model).as_buildable()
    assert not is_twin(waits)
    assert waits.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE


def test_interpreting_a_generator_based_coroutine():
    @types.coroutine
    def waits():
        yield 1

    async def uses(function):
        await function()

    assert uses(interpret(waits)).send(None) == 1


def test_throwing_into_a_fresh_generator(same):
    def use():
        def fresh():
            yield

        fresh().throw(ValueError("early"))

    same(use)
