"""The differential check: a function interpreted with everything exempt, against CPython."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import traceback
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import attrs
import pytest

from bytefig.tracer.engine.functions import is_twin, turn_into_twin
from bytefig.tracer.engine.interceptor import Native
from bytefig.tracer.engine.tiers import TIERS
from bytefig.tracer.supported import CAN_REBUILD


@attrs.frozen
class Outcome:
    """All that a caller can see of a call."""

    result: object = None
    arguments: object = None
    printed: str = ""
    error: object = None


def describe_error(error: BaseException | None) -> object:
    """Type, text, notes, chain, members of a group, and the user's frames."""
    if error is None:
        return None
    return (
        type(error),
        str(error),
        getattr(error, "__notes__", None),
        [
            (entry.name, entry.lineno, entry.end_lineno, entry.colno, entry.end_colno)
            for entry in traceback.extract_tb(error.__traceback__)
            if entry.filename != __file__
        ],
        describe_error(error.__cause__),
        describe_error(error.__context__),
        error.__suppress_context__,
        [describe_error(member) for member in getattr(error, "exceptions", ())],
    )


def drain(value: Any) -> Any:
    """Make an iterator's values and end comparable."""
    if inspect.isgenerator(value) or (
        isinstance(value, Iterator) and not inspect.isfunction(value)
    ):
        return ("iterator", getattr(value, "__qualname__", None), list(value))
    return value


def observe(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Outcome:
    args, kwargs = copy.deepcopy((args, kwargs))
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            result = drain(function(*args, **kwargs))
    except Exception as error:
        return Outcome(None, (args, kwargs), printed.getvalue(), describe_error(error))
    return Outcome(result, (args, kwargs), printed.getvalue())


def interpreted(function: Callable[..., Any]) -> FunctionType:
    """Return an interpreted copy of a function."""
    assert isinstance(function, FunctionType)
    twin = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__qualname__ = function.__qualname__
    turn_into_twin(twin, Native())
    assert is_twin(twin)
    return twin


def assert_same(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Outcome:
    native = observe(function, args, kwargs)
    ours = interpreted(function)
    assert observe(ours, args, kwargs) == native
    if CAN_REBUILD:
        with using_tier("compile"):
            assert observe(interpreted(function), args, kwargs) == native
    return native


@pytest.fixture(scope="session")
def same() -> Callable[..., Outcome]:
    """Compare both ways of running a function, and return what CPython did."""
    return assert_same


@pytest.fixture(scope="session")
def outcome_of() -> Callable[..., Outcome]:
    """Call a function, and return all that a caller can see of it."""
    return lambda function, *args: observe(function, args, {})


def anew(code: CodeType) -> CodeType:
    consts = (anew(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_consts=tuple(consts))


@pytest.fixture(scope="session")
def afresh() -> Callable[[FunctionType], FunctionType]:
    """Copy a function with its code: which tier runs code is decided when it is first run."""
    return lambda function: FunctionType(
        anew(function.__code__),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )


@pytest.fixture(scope="session")
def twin() -> Callable[[Callable[..., Any]], FunctionType]:
    """Make an interpreted copy of a function."""
    return interpreted


@pytest.fixture(scope="module")
def only_interpreted() -> Iterator[None]:
    """Let no code that is decoded meanwhile be taken over by the native tier."""
    with using_tier("interpret"):
        yield


@contextlib.contextmanager
def using_tier(mode: str, *, jumps: int | None = None, calls: int | None = None) -> Iterator[None]:
    """Let code that is decoded meanwhile be run by a tier; natively after some calls if given."""
    before = TIERS.jumps, TIERS.calls, TIERS.everywhere
    TIERS.use(mode)
    if jumps is not None:
        TIERS.jumps = jumps
    if calls is not None:
        TIERS.calls = calls
    try:
        yield
    finally:
        TIERS.jumps, TIERS.calls, TIERS.everywhere = before


@pytest.fixture(scope="session")
def using() -> Callable[..., contextlib.AbstractContextManager[None]]:
    """Have code run by a tier."""
    return using_tier
