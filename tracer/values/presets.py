"""Presets: functions whose call in a value gives their graph.

They are what `auto_config` and `autobuild` make, and functions whose annotation says that they
return a config. They run when the value is read: an auto_config function is captured, another one
called.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any, Final, get_args, get_origin

from ...configs import BUILDABLE_TYPES, Partial
from ...configs.for_tracer import ANY, fits_type
from ..auto_config import AutoConfig, is_auto_config
from ..engine.values import type_of

_FUNCTIONS: Final = (FunctionType, MethodType)


def preset_of(fn: Any) -> Callable[..., object] | None:
    """Return the function that gives the graph; None if a call of this one is a node.

    Example:
        >>> from bytefig.configs import Config
        >>> def three() -> Config[int]: return Config(int, "3")
        >>> preset_of(three), preset_of(int)
        (<function three at 0x...>, None)
    """
    if issubclass(type_of(fn), AutoConfig):  # the value itself is not asked
        return fn.as_buildable
    return fn if type_of(fn) in _FUNCTIONS and says_configs(fn) else None


def says_configs(fn: object) -> bool:
    """Tell whether the annotation of a function says that it returns a config.

    Example:
        >>> from bytefig.configs import Config
        >>> def by_hand() -> Config[int]: return Config(int, "8")
        >>> says_configs(by_hand), says_configs(lambda: Config(int, "8"))
        (True, False)
    """
    hint = _return_hint(fn)
    return not is_auto_config(fn) and is_buildable_type(get_origin(hint) or hint)


def is_buildable_type(value: object) -> bool:
    """Tell whether a value is a class of nodes."""
    return isinstance(value, type) and value in BUILDABLE_TYPES


def fits_preset(fn: object, hint: object) -> bool:
    """Tell whether a function is a preset whose declared result fits a hint.

    Nothing is run to find out.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> def three() -> Config[int]: return Config(int, "3")
        >>> def later() -> Partial[int]: return Partial(int)
        >>> fits_preset(three, int | None), fits_preset(three, str), fits_preset(later, int)
        (True, False, False)
    """
    if hint in (None, ANY, object) or preset_of(fn) is None:
        return False
    made = _return_hint(fn)
    kind = get_origin(made) or made
    if is_buildable_type(kind):
        made = functools.partial if kind is Partial else next(iter(get_args(made)), None)
    return made is not None and fits_type(made, hint)


def _return_hint(fn: object) -> object:
    try:
        return typing.get_type_hints(fn).get("return")
    except Exception:  # annotations may be any text, and evaluating it may fail in any way
        return getattr(fn, "__annotations__", {}).get("return")
