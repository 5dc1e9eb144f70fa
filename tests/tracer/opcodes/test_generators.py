import functools
import inspect
import types

import pytest


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
