"""The graph that a target of the command stands for."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from ...configs import BUILDABLE_TYPES, Config
from ..auto_config import capturable, is_auto_config
from ..errors import NotAFunctionError, TracerError
from ..explaining import explain
from ..frame import type_of
from .failing import BadUsageError, user_code
from .screen import step
from .targets import Target

NO_ARGUMENTS: Final[Mapping[str, Any]] = MappingProxyType({})


def graph_of(target: Target, arguments: Mapping[str, Any] = NO_ARGUMENTS) -> Any:
    """Return the graph of a target.

    A buildable is the graph itself. A class is one node. What an auto_config function or another
    function builds is captured; but a function that makes configs itself is called, see
    `makes_configs`.

    Args:
        target: The target.
        arguments: What to call it with, by parameter.

    Raises:
        BadUsageError: The arguments do not fit, or it has no bytecode.
        typer.Exit: The user's code failed; the traceback has been printed.
    """
    fn: Any = target.callable
    if type_of(fn) in BUILDABLE_TYPES:
        if arguments:
            raise BadUsageError(f"{target} is a config already, and takes no arguments")
        return fn
    check_arguments(target, arguments)
    if isinstance(fn, type):
        return Config(fn, **arguments)
    if makes_configs(fn):
        with step(f"calling {target.name}"), user_code():
            return fn(**arguments)
    with about(target):
        builder = capturable(fn)
    with step(f"capturing {target.name}"), user_code():
        return builder.as_buildable(**arguments)


@contextmanager
def about(target: Target) -> Generator[None]:
    """Say of a target that has no bytecode what it is, and not where bytefig found out.

    Raises:
        BadUsageError: It has no bytecode.
    """
    try:
        yield
    except NotAFunctionError as error:
        what, *_, fix = str(error).split("\n  ")
        raise BadUsageError(f"{target}: {what}", fix.removeprefix("fix: ")) from None


def check_arguments(target: Target, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments that a target does not take, or that it misses, before it runs.

    Raises:
        BadUsageError: They do not fit.
    """
    try:
        signature = inspect.signature(target.callable)
    except (TypeError, ValueError):  # it has none; whether they fit shows when it is called
        return
    try:
        # A config may lack arguments; they can be set later.
        bind = signature.bind_partial if isinstance(target.callable, type) else signature.bind
        bind(**arguments)
    except TypeError as error:
        raise BadUsageError(
            f"cannot call {target}: {error}",
            f"its parameters are {signature}; give them as NAME=VALUE",
        ) from None


def makes_configs(fn: Any) -> bool:
    """Tell whether a function returns configs that it makes itself, so that it is to be called.

    That is so if its annotation says that it returns one, or if it calls `Config` or its kin by
    name. Nothing is run to find out.

    Example:
        >>> def by_hand() -> Config[int]: return Config(int, "8")
        >>> makes_configs(by_hand), makes_configs(lambda: int("8"))
        (True, False)
    """
    if is_auto_config(fn):
        return False
    if _is_buildable_hint(_return_hint(fn)):
        return True
    try:
        sites = explain(fn).sites
    except TracerError:
        return False
    return any(_is_buildable_type(site.resolved) for site in sites)


def _return_hint(fn: Any) -> Any:
    try:
        return typing.get_type_hints(fn).get("return")
    except Exception:  # annotations may be any text, and evaluating it may fail in any way
        return getattr(fn, "__annotations__", {}).get("return")


def _is_buildable_hint(hint: Any) -> bool:
    return _is_buildable_type(typing.get_origin(hint) or hint)


def _is_buildable_type(value: Any) -> bool:
    return isinstance(value, type) and value in BUILDABLE_TYPES
