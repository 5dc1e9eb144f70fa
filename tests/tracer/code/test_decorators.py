import abc
import contextlib
import functools

import pytest

from bytefig.configs import Config
from bytefig.tracer import InlineError, NotAFunctionError, auto_config, inline


class Dense:
    def __init__(self, units=0):
        self.units = units


class Wrapped:
    def __init__(self, inner):
        self.inner = inner


def honest(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        try:
            return Wrapped(fn(*args, **kwargs))
        finally:
            fn.__dict__["calls"] = fn.__dict__.get("calls", 0) + 1

    return wrapper


def silent(fn):
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)

    return wrapper


def registered(fn):
    fn.registered = True
    return fn


def returned(fn):
    return fn


def test_a_decorator_below_that_says_what_it_wraps():
    @auto_config
    @honest
    @honest
    @registered
    def model(units):
        return Dense(units)

    assert model.as_buildable(3) == Config(Wrapped, Config(Wrapped, Config(Dense, 3)))
    assert model(3).inner.inner.units == 3
    assert model.registered


def test_the_user_s_own_code_is_checked_not_the_decorator_s():
    @honest
    def model(units):
        return Dense(units) if units else None

    with pytest.raises(SyntaxError, match="IfExp"):
        auto_config(model)
    allowed = auto_config(model, experimental_allow_control_flow=True)
    assert allowed.as_buildable(2) == Config(Wrapped, Config(Dense, 2))


def test_a_decorator_below_that_hides_the_function():
    @silent
    def model():
        return Dense()

    with pytest.raises(NotAFunctionError) as caught:
        auto_config(model)
    text = str(caught.value)
    assert "the decorator silent stands between auto_config and " in text
    assert "test_a_decorator_below_that_hides_the_function.<locals>.model" in text
    assert "fix: use functools.wraps in silent, or put @auto_config below @silent" in text


def test_caches_are_looked_through():
    @auto_config
    @functools.lru_cache
    def model(units):
        return Dense(units)

    assert model.as_buildable(3) == Config(Dense, 3)
    assert model(3) is model(3)


def test_a_decorator_below_that_is_a_class():
    class Counting:
        def __init__(self, fn):
            functools.update_wrapper(self, fn)
            self.fn = fn
            self.calls = 0

        def __call__(self, *args):
            self.calls += 1
            return self.fn(*args)

    @auto_config
    @Counting
    def model(units):
        return Wrapped(Dense(units))

    assert model.as_buildable(3) == Config(Wrapped, Config(Dense, 3))

    @Counting
    def chooses(units):
        return Dense(units if units else 1)

    with pytest.raises(SyntaxError, match=r"IfExp.*\n.* in .*chooses"):
        auto_config(chooses)


def test_a_decorator_of_another_type():
    class Odd:
        __call__ = functools.partial(print)

        def __init__(self, fn):
            self.__wrapped__ = fn

    def model():
        return Dense()

    with pytest.raises(NotAFunctionError, match="the decorator Odd made of .*model") as caught:
        auto_config(Odd(model))
    assert "fix: put @auto_config below that decorator" in str(caught.value)


def test_a_generator_based_decorator_without_bytecode_of_its_own():
    @contextlib.contextmanager
    def model():
        yield Dense()

    with pytest.raises(SyntaxError, match="Yield"):
        auto_config(model)


def test_a_decorator_above():
    @honest
    @auto_config
    def model(units):
        return Dense(units)

    assert model(3).inner.units == 3
    config = auto_config(lambda: [model(3)]).as_buildable()
    assert config == [Config(model, 3)]
    with pytest.raises(InlineError, match=r"a decorator stands above @auto_config on .*model; put"):
        inline(config[0])


@pytest.mark.parametrize("kind", ["classmethod", "staticmethod"])
@pytest.mark.parametrize(
    "use", ["auto_config", "auto_config(experimental_always_inline=False)", "tracer.auto_config"]
)
def test_the_wrong_order(kind, use):
    import bytefig.tracer as tracer

    namespace = {"auto_config": auto_config, "tracer": tracer, "Dense": Dense}
    source = f"class A:\n  @{kind}\n  @{use}\n  def f(cls): return Dense()"
    with pytest.raises(AssertionError) as caught:
        exec(source, namespace)
    text = str(caught.value)
    assert text.startswith(f"@{kind} stands above @auto_config on A.f")
    assert "at <string>:" in text
    assert f"fix: reorder the decorators, so that @auto_config stands above @{kind}" in text


@pytest.mark.parametrize("kind", ["classmethod", "staticmethod"])
@pytest.mark.parametrize(
    "above",
    ["@{}\n  @abc.abstractmethod", "@{}\n  @functools.cache\n  @honest"],
)
def test_the_wrong_order_with_others_between(kind, above):
    namespace = {**globals(), "abc": abc}
    source = f"class A:\n  {above.format(kind)}\n  @auto_config\n  def f(cls): return Dense()"
    with pytest.raises(AssertionError, match=f"@{kind} stands above @auto_config on A.f"):
        exec(source, namespace)


def test_the_wrong_order_by_another_name():
    with pytest.raises(AssertionError, match="@staticmethod stands above @auto_config on A.f"):
        exec(
            "class A:\n  @alias\n  @auto_config\n  def f(cls): return Dense()",
            {**globals(), "alias": staticmethod},
        )


def test_a_decorator_that_only_has_the_name():
    namespace = {**globals(), "classmethod": honest}
    exec("class A:\n  @classmethod\n  @auto_config\n  def f(cls): return Dense()", namespace)
    assert type(namespace["A"]().f().inner) is Dense


def test_the_right_order_and_other_calls_around_it():
    class A:
        @auto_config
        @classmethod
        def of_class(cls, units):
            return Dense(units)

        @returned
        @auto_config
        @staticmethod
        def static(units):
            return Dense(units)

    assert A.of_class.as_buildable(1) == A().static.as_buildable(1) == Config(Dense, 1)
    assert len([auto_config(lambda: Dense())]) == 1
    assert classmethod(auto_config(lambda cls: Dense())).__func__.as_buildable(1) == Config(Dense)
