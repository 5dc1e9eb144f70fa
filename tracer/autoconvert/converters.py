"""The converters that users register: ``autoconvert.register``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar, overload

from ..engine.callers import caller
from ..engine.values import type_of
from ..errors import NotAFunctionError, describe

T = TypeVar("T")
Converter = Callable[[Any], Any]


def _not_registered(obj: object) -> object:
    raise AssertionError("it is only looked up")


_BUILTIN: Final = (list, tuple, dict, set, frozenset)
#: By class: exact, base class, or abstract base class.
_converters: Final = functools.singledispatch(_not_registered)


@overload
def register(cls: type[T]) -> Callable[[Callable[[T], Any]], Callable[[T], Any]]: ...
@overload
def register(cls: type[T], converter: Callable[[T], object]) -> Callable[[T], Any]: ...
def register(cls: Any, converter: Any = None) -> Any:
    """Say how objects of a class, and of its subclasses, are converted: ``autoconvert.register``.

    Works as a function and as a decorator. It comes before every other way. That of a base class
    is not used for containers, primitives, classes and functions, which stay as they are.

    Args:
        cls: The class.
        converter: Given an object, returns what takes its place: a Config or Partial, whose
            arguments are converted in turn, or a value that is passed on as it is.

    Raises:
        NotAFunctionError: (a TypeError) If ``cls`` is no class or a builtin container, or the
            converter not callable.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.tracer import autoconvert
        >>> class Scaled:
        ...     def __init__(self, size): self.twice = 2 * size
        >>> @autoconvert.register(Scaled)
        ... def convert_scaled(obj):
        ...     return Config(Scaled, obj.twice // 2)
        >>> autoconvert(lambda model: model)(Scaled(3))
        <Config[Scaled(size=3)]>
    """
    problem = fix = ""
    if not isinstance(cls, type):
        problem, fix = f"register needs a class, not {cls!r}", "pass the class itself"
    elif cls in _BUILTIN:
        problem = f"register cannot take {cls.__name__}: it is converted inside"
        fix = "register a subclass of it, or the class of what is in it"
    elif converter is None:
        return functools.partial(register, cls)
    elif not callable(converter):
        problem, fix = f"register needs a function, not {converter!r}", "pass a function"
    if problem:
        raise NotAFunctionError(describe(problem, caller(), fix))
    _converters.register(cls, converter)
    return converter


def converter_of(obj: object) -> Converter | None:
    """Return the converter that is registered for an object, or None."""
    found = _converters.dispatch(type_of(obj))
    return None if found is _not_registered else found


def is_registered(cls: type) -> bool:
    """Tell whether a converter is registered for this very class."""
    return cls in _converters.registry
