"""Tests of `bytefig.configs.signature.taken`: callables that take more than they say."""

import copy
import functools
import inspect
import pickle
import types

import pytest

from bytefig.configs import BuildError, Config, build, dump_json, load_json, signature_of


def base(x, factor=2):
    return x, factor


def supplies(**extra):
    def decorate(fn):
        @functools.wraps(fn)
        def wrapper(*args, **kwargs):
            return fn(*args, **{**extra, **kwargs})

        return wrapper

    return decorate


@supplies(rate=0.1)
def optimizer(params, rate):
    return params, rate


def takes_level(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        level = kwargs.pop("level", "info")
        return level, fn(*args, **kwargs)

    return wrapper


@takes_level
def popped(n):
    return n


def leading(fn):
    @functools.wraps(fn)
    def wrapper(scale, *args, **kwargs):
        return scale, fn(*args, **kwargs)

    return wrapper


@leading
def scaled(x):
    return x


class Fills:
    __signature__ = inspect.Signature([inspect.Parameter("a", inspect.Parameter.KEYWORD_ONLY)])

    def __init__(self, **given):
        self.given = {"a": 1, **given}


class Loads:
    @classmethod
    def from_config(cls, config, **kwargs):
        return cls.__name__, config, kwargs


def _copied(method):
    made = types.FunctionType(method.__code__, method.__globals__, method.__name__)
    return functools.update_wrapper(made, method)


class Auto(Loads):
    from_config = classmethod(_copied(Loads.from_config))


class Deco:
    def __init__(self, fn):
        functools.update_wrapper(self, fn)

    def __call__(self, *args, verbose=False, **kwargs):
        return verbose, self.__wrapped__(*args, **kwargs)


class Inherits:
    @takes_level
    def __init__(self, n):
        self.n = n


@pytest.mark.parametrize(
    ("fn", "args", "kwargs"),
    [
        (optimizer, ([1],), {}),
        (popped, (1,), {"level": "debug"}),
        (popped, (), {"n": 1, "level": "debug"}),
        (functools.partial(popped, 1), (), {"level": "debug"}),
        (scaled, (2, 3), {}),
        (Auto.from_config, ({"a": 1},), {"trust": True}),
        (Auto.from_config, (), {"config": 3}),
        (Deco(base), (1,), {"verbose": True}),
        (functools.lru_cache(takes_level(base)), (1,), {"level": "x"}),
    ],
)
def test_a_call_that_python_takes_is_built(fn, args, kwargs):
    node = Config(fn, *args, **kwargs)
    for made in (node, copy.copy(node), copy.deepcopy(node)):
        assert build(made) == fn(*args, **kwargs)


def test_what_is_not_listed_survives_round_trips():
    node = Config(popped, 1, level="debug")
    loaded = load_json(dump_json(node), allow=[__name__])
    assert loaded == node == pickle.loads(pickle.dumps(node))
    assert build(loaded) == ("debug", 1)


def test_a_class_with_a_signature_that_is_stricter_than_its_constructor():
    assert build(Config(Fills)).given == {"a": 1}
    assert build(Config(Fills, a=2, b=3)).given == {"a": 2, "b": 3}


def test_an_argument_that_a_decorator_adds_can_be_read_and_edited():
    @functools.wraps(base)
    def wrapper(*args, level="info", _hidden=1, **kwargs):
        return level, base(*args, **kwargs)

    node = Config(wrapper, 1)
    assert node.level == "info"
    node.level = "debug"
    assert build(node) == ("debug", (1, 2))
    assert "_hidden" not in signature_of(wrapper).defaults


def plain(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)

    return wrapper


def telling(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        len(args)
        return fn(*args, **kwargs)

    return wrapper


class Passing:
    def __init__(self, fn):
        functools.update_wrapper(self, fn)
        self.fn = fn

    def __call__(self, *args, **kwargs):
        return self.fn(*args, **kwargs)


@pytest.mark.parametrize(
    "wrap", [plain, telling, functools.lru_cache, Passing, lambda fn: plain(telling(fn))]
)
def test_a_wrapper_that_passes_all_on_takes_no_other_names(wrap):
    fn = wrap(base)
    with pytest.raises(TypeError, match="did you mean 'factor'"):
        Config(fn, 1, factr=3)
    with pytest.raises(AttributeError, match="did you mean 'factor'"):
        Config(fn).factr = 3
    with pytest.raises(TypeError, match="at most 2"):
        Config(fn, 1, 2, 3)


def test_a_wrapper_of_another_callable_is_not_believed():
    def two(x, level=0):
        return x, level

    @functools.wraps(base)
    def wrapper(*args, **kwargs):
        return two(*args, **kwargs)

    assert build(Config(wrapper, 1, level=2)) == (1, 2)


def test_a_wrapper_that_passes_something_else_on_is_not_believed():
    def two(x, level=0):
        return x, level

    @functools.wraps(two)
    def wrapper(*args, **kwargs):
        return two(*args[1:], **kwargs)

    assert build(Config(wrapper, "dropped", 1, 2)) == (1, 2)


class Taking(Passing):
    def __call__(self, x, extra):
        return self.fn(x), extra


class TakingAnything(Passing):
    __call__ = functools.partialmethod(Taking.__call__)


def test_an_object_that_wraps_a_function_takes_what_its_own_call_takes():
    assert build(Config(Taking(base), 1, extra=3)) == (base(1), 3)
    with pytest.raises(TypeError, match="no parameter 'other'"):
        Config(Taking(base), 1, other=3)
    assert Config(TakingAnything(base), 1, other=3).other == 3


def test_names_that_a_wrapper_cannot_take_are_refused():
    @functools.wraps(base)
    def wrapper(x, extra=1):
        return x, extra

    assert build(Config(wrapper, 1, extra=3)) == (1, 3)
    with pytest.raises(TypeError, match="no parameter 'other'"):
        Config(wrapper, 1, other=3)


def test_a_missing_argument_is_explained_if_the_callable_misses_it():
    for fn in (base, plain(base), popped):
        with pytest.raises(
            BuildError, match=r"required arguments are not set.*\n.*\n  fix: set"
        ) as caught:
            build(Config(fn))
        assert isinstance(caught.value, TypeError)
        assert caught.value.__cause__ is None


def test_a_type_error_of_the_callable_is_no_missing_argument():
    @supplies(rate="x")
    def fails(n, rate):
        return n + rate

    with pytest.raises(BuildError, match="unsupported operand"):
        build(Config(fails, 1))


def test_a_constructor_that_is_decorated():
    @functools.wraps(Inherits.__init__)
    def __init__(self, *args, **kwargs):  # noqa: N807 - it is one
        kwargs.pop("extra", None)
        Inherits.__init__.__wrapped__(self, *args, **kwargs)

    class Made(Inherits): ...

    Made.__init__ = __init__
    assert build(Config(Made, 3, extra=1)).n == 3


def test_pydantic_models_take_names_and_aliases():
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(populate_by_name=True)
        size: int = pydantic.Field(alias="sz")
        both: int = pydantic.Field(3, validation_alias=pydantic.AliasChoices("b", "bb"))

    assert build(Config(Model, size=3, bb=4)) == Model(sz=3, b=4)
    assert build(Config(Model, sz=3, junk=4)) == Model(sz=3, junk=4)
    node = Config(Model, sz=3)
    node.both = 5
    assert build(node).both == 5
    with pytest.raises(AttributeError, match="did you mean 'size'"):
        node.sise = 3

    class Closed(Model, extra="forbid"): ...

    with pytest.raises(TypeError, match="no parameter 'junk'"):
        Config(Closed, sz=3, junk=4)


def test_a_field_of_pydantic_that_has_an_alias_for_validation_only():
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel, extra="forbid"):
        x: int = pydantic.Field(validation_alias="given")

    assert build(Config(Model, given=3)).x == 3
    with pytest.raises(TypeError, match="no parameter 'x'"):
        Config(Model, x=3)
