"""Tests of `bytefig.configs.core.errors`."""

import copy
import pickle

import pytest

from bytefig.configs import (
    BuildError,
    Config,
    ConfigError,
    CycleError,
    DefaultFactoryError,
    NestedBuildError,
    build,
)
from bytefig.configs.core.errors import combine


class OddConstructor(Exception):
    def __init__(self, code, *, detail):
        super().__init__(code)
        self.code = code
        self.detail = detail


class OddText(Exception):
    def __str__(self):
        return "odd text"


class PickyAfterwards(Exception):
    made = 0

    def __init_subclass__(cls):
        if PickyAfterwards.made:
            raise RuntimeError("only once")


class ReadOnlyPath(Exception):
    @property
    def path(self):
        return "mine"


class Mine(BuildError):
    pass


def fail(error):
    raise error


def failure(cause):
    with pytest.raises(BuildError) as caught:
        build([Config(fail, cause)])
    return caught.value


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        (CycleError, (ConfigError, ValueError)),
        (NestedBuildError, (ConfigError, ValueError)),
        (DefaultFactoryError, (ConfigError, AttributeError, ValueError)),
        (BuildError, (ConfigError,)),
    ],
)
def test_types(kind, bases):
    assert all(issubclass(kind, base) for base in bases)


def test_cycle_error_says_where_and_what_to_do():
    error = CycleError("<root>.a", "<root>.a.b[0]")
    assert (error.outer, error.inner) == ("<root>.a", "<root>.a.b[0]")
    assert str(error) == (
        "the graph has a cycle: <root>.a.b[0] is the same object as <root>.a\n"
        "  fix: put another value at <root>.a.b[0], or a copy of <root>.a"
    )


@pytest.mark.parametrize(
    "error",
    [
        CycleError("<root>", "<root>.x"),
        NestedBuildError("nested"),
        DefaultFactoryError("factory"),
        ConfigError("config"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("duplicate", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_simple_errors_are_pickled(error, duplicate):
    result = duplicate(error)
    assert type(result) is type(error)
    assert str(result) == str(error)
    assert vars(result) == vars(error)


@pytest.mark.parametrize(
    "cause",
    [
        ValueError("v"),
        KeyError("k"),
        OSError(2, "missing"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "reason"),
        OddConstructor(7, detail="d"),
        OddText(),
        ReadOnlyPath(),
        CycleError("<root>", "<root>.x"),
        NestedBuildError("nested"),
        ExceptionGroup("group", [ValueError()]),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_build_errors_are_pickled(cause):
    error = failure(cause)
    result = pickle.loads(pickle.dumps(error))
    assert str(result) == str(error)
    assert (result.node_path, result.node_callable) == ("<root>[0]", fail)
    assert type(result).__mro__[1:] == type(error).__mro__[1:]
    assert isinstance(result, BuildError)


def test_pickled_twice():
    error = failure(KeyError("k"))
    result = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(error))))
    assert isinstance(result, KeyError)
    assert str(result) == str(error)


def test_type_that_cannot_be_combined_again_gives_a_plain_error(monkeypatch):
    data = pickle.dumps(failure(PickyAfterwards()))
    monkeypatch.setattr(PickyAfterwards, "made", 1)
    result = pickle.loads(data)
    assert type(result) is BuildError
    assert result.path == "<root>[0]"


def test_missing_argument_is_pickled():
    with pytest.raises(BuildError) as caught:
        build(Config(fail))
    result = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(result, TypeError)
    assert str(result) == str(caught.value)


@pytest.mark.parametrize("cause", [KeyError("k"), OddText(), OSError(2, "missing")])
def test_text_is_the_message_whatever_the_type_prints(cause):
    error = combine(cause, "the message", "<root>.x", fail)
    assert str(error) == "the message"
    assert error.args == ("the message",)
    assert isinstance(error, type(cause))
    assert type(error).__name__ == "BuildError"
    assert type(error).__module__ == BuildError.__module__


def test_path_of_the_cause_stays():
    error = combine(ImportError("i", name="n", path="its own"), "m", "<root>", fail)
    assert (error.path, error.name, error.node_path) == ("its own", "n", "<root>")
    error = combine(ReadOnlyPath(), "m", "<root>", fail)
    assert (error.path, error.node_path) == ("mine", "<root>")


def test_subclass_of_build_error_is_not_listed_twice():
    cause = Mine("m", path="<root>.old", callable=None)
    error = combine(cause, "the message", "<root>.new", fail)
    assert isinstance(error, Mine)
    assert (str(error), error.path, error.callable) == ("the message", "<root>.new", fail)
    assert (cause.path, cause.callable) == ("<root>.old", None)


def test_cause_keeps_its_own_state():
    cause = OddConstructor(7, detail=["d"])
    error = combine(cause, "m", "<root>", fail)
    assert error.detail is cause.detail
    assert vars(cause) == {"code": 7, "detail": ["d"]}


def test_build_error_is_made_by_hand():
    error = BuildError("text", path="<root>.a", callable=None)
    assert (str(error), error.path, error.callable) == ("text", "<root>.a", None)
