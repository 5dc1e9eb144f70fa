"""The graph that a target of the command stands for."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from ...configs import BUILDABLE_TYPES, Config
from ..auto_config import capturable, is_auto_config
from ..engine.values import type_of
from ..errors import NotAFunctionError, TracerError
from ..values import Scope
from ..values.presets import is_buildable_type, says_configs
from .exit_codes import BadUsageError, user_code
from .screen import step
from .target_arguments import NONE, CallArguments
from .targets import Target


def scope_of(target: Target | None, allow: Sequence[str], also: Sequence[object] = ()) -> Scope:
    """Return the names that values and files for a target, if there is one, may use.

    Args:
        target: The target.
        allow: The modules, packages and names that were allowed by name.
        also: Objects that files may name.
    """
    try:
        if target is None:
            return Scope(allow=allow, also=also, running=user_code)
        fn = None if type_of(target.callable) in BUILDABLE_TYPES else target.callable
        return Scope(target.module, allow, fn, also, running=user_code)
    except ValueError as error:
        fix = "--allow-import takes MODULE, 'PACKAGE.*' or MODULE:NAME"
        raise BadUsageError(str(error), fix) from None


def graph_of(target: Target, arguments: CallArguments = NONE) -> Any:
    """Return the graph of a target.

    A buildable is the graph itself. A class is one node. An auto_config function or another
    function is captured; but one that makes configs itself is called, see `makes_configs`.
    """
    fn: Any = target.callable
    args, kwargs = arguments.positional, arguments.named
    if type_of(fn) in BUILDABLE_TYPES:
        return fn
    if isinstance(fn, type):
        return Config(fn, *args, **kwargs)
    if makes_configs(fn):
        with step(f"calling {target.name}"), user_code():
            return fn(*args, **kwargs)
    with about(target):
        builder = capturable(fn, deferred=True)
    with step(f"capturing {target.name}"), user_code():
        return builder.as_buildable(*args, **kwargs)


@contextmanager
def about(target: Target) -> Generator[None]:
    """Say of a target that has no bytecode its kind, and not where bytefig found out."""
    try:
        yield
    except NotAFunctionError as error:
        what, *_, fix = str(error).split("\n  ")
        raise BadUsageError(f"{target}: {what}", fix.removeprefix("fix: ")) from None


def makes_configs(fn: object) -> bool:
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
    if says_configs(fn):
        return True
    from ..explanation import explain  # noqa: PLC0415 - running a function needs none

    try:
        sites = explain(fn).sites
    except TracerError:
        return False
    return any(is_buildable_type(site.resolved) for site in sites)
