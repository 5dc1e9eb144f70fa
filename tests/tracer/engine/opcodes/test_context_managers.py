import contextlib

import pytest


class Manager:
    def __init__(self, log, swallow=False, fail=None):
        self.log = log
        self.swallow = swallow
        self.fail = fail

    def __enter__(self):
        self.log.append("enter")
        if self.fail == "enter":
            raise LookupError("enter")
        return self.log

    def __exit__(self, kind, error, traceback):
        self.log.append((kind, str(error), traceback is None))
        if self.fail == "exit":
            raise LookupError("exit")
        return self.swallow


def use(x, swallow, fail):
    log = []
    try:
        with Manager(log, swallow, fail) as entered:
            entered.append("body")
            log.append(10 // x)
        log.append("after")
    except LookupError as error:
        log.append((str(error), type(error.__context__)))
    except ZeroDivisionError:
        log.append("escaped")
    return log


def two(x, log):
    with Manager(log) as a, Manager(log, swallow=True) as b:
        a.append("two")
        b.append(10 // x)
    return log


def returns_inside(log):
    for i in range(3):
        with Manager(log):
            if i == 1:
                return log, i
            if i == 0:
                continue
    return None


def not_a_manager(x):
    with x:
        pass


@pytest.mark.parametrize("x", [0, 1])
@pytest.mark.parametrize("swallow", [False, True])
@pytest.mark.parametrize("fail", [None, "enter", "exit"])
def test_with(same, x, swallow, fail):
    same(use, x, swallow, fail)


@pytest.mark.parametrize("x", [0, 1])
def test_two_managers(same, x):
    same(two, x, [])


def test_leaving_early(same):
    same(returns_inside, [])


class EnterOnly:
    def __enter__(self):
        return self

    def __eq__(self, other):
        return isinstance(other, EnterOnly)

    __hash__ = None


@pytest.mark.parametrize("x", [5, EnterOnly()])
def test_not_a_manager(same, x):
    same(not_a_manager, x)


def test_special_methods_are_looked_up_on_the_type(same):
    class Plain:
        pass

    def make():
        plain = Plain()
        plain.__enter__ = plain.__exit__ = lambda *_: None
        with plain:
            pass

    same(make)


def test_library_managers(same):
    def library(x):
        with contextlib.suppress(ZeroDivisionError):
            return 10 // x
        with contextlib.ExitStack() as stack:
            stack.callback(print, "closed")
            stack.enter_context(contextlib.nullcontext(1))
        return "suppressed"

    same(library, 0)
    same(library, 2)


def test_a_generator_manager_made_inside(same):
    def use_generator(x):
        @contextlib.contextmanager
        def managed():
            print("in")
            try:
                yield 3
            except ZeroDivisionError as error:
                print("caught", error)
            finally:
                print("out")

        with managed() as value:
            print(value // x)
        return "end"

    same(use_generator, 0)
    same(use_generator, 1)


class ExitOnly:
    def __exit__(self, *_):
        pass


class Asynchronous:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *_):
        pass


class AsyncEnterOnly:
    async def __aenter__(self):
        pass


@pytest.mark.parametrize(
    "kind", [ExitOnly, EnterOnly, Asynchronous, AsyncEnterOnly, int, contextlib.nullcontext]
)
def test_what_is_missing_is_named(same, kind):
    def use():
        with kind():
            pass

    async def asynchronously():
        async with kind():
            pass

    def awaits(run):
        with contextlib.suppress(StopIteration):
            run().send(None)

    same(use)
    same(awaits, asynchronously)


class Raising:
    """Binding a method may fail, and runs in the order that CPython asks for them."""

    def __init__(self, log, fail):
        self.log = log
        self.fail = fail

    def look_up(name):
        def get(self):
            self.log.append(name)
            if self.fail == name:
                raise LookupError(name)
            return lambda *_: self.log.append(f"called {name}")

        return property(get)

    __enter__ = look_up("__enter__")
    __exit__ = look_up("__exit__")


@pytest.mark.parametrize("fail", [None, "__enter__", "__exit__"])
def test_methods_are_looked_up_in_order(same, fail):
    def use(log):
        try:
            with Raising(log, fail) as entered:
                log.append(entered)
        except LookupError as error:
            log.append(str(error))
        return log

    same(use, [])
