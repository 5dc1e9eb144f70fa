"""The ways to get an object's constructor arguments back, in their order."""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any, Final

from ...configs import BUILDABLE_TYPES, ArgFactory, Buildable, Partial, signature_of
from ...configs.for_tracer import Arguments, FreshArgument, FreshCall, callable_name, short_repr
from ..engine.values import type_of
from .constructors import arguments_by_bytecode
from .fields import FIELDS
from .plain_values import is_immutable
from .recorded_arguments import recorded_arguments
from .routes import Recipe, RefusedError, differs


def recipe_of(obj: Any) -> Recipe:
    """Return the recipe of an object, or refuse if no way leads there.

    Example:
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> recipe = recipe_of(Dense(8))
        >>> recipe.route, recipe.arguments
        ('bytecode', {'units': 8})
    """
    cls = type_of(obj)
    found = _by_method(obj)
    if found is not None:
        return found
    made = recorded_arguments(obj)
    if made is not None:
        return Recipe("recorded", cls, made.present(obj))
    for route, arguments_of in FIELDS:
        arguments = arguments_of(obj)
        if arguments is not None:
            return Recipe(route, cls, _without_defaults(cls, arguments))
    if cls is functools.partial:
        return _of_partial(obj)
    if cls in _STANDARD:
        return Recipe("standard", cls, _STANDARD[cls](obj))
    if cls is object:
        raise RefusedError("it is told from others by its identity only")
    return Recipe("bytecode", cls, _without_defaults(cls, arguments_by_bytecode(obj)))


_STANDARD: Final[dict[type, Callable[[Any], Arguments]]] = {
    SimpleNamespace: lambda obj: {**vars(obj)},
    Counter: lambda obj: {0: {**obj}},
}


def recipe_of_node(node: Buildable[object], obj: object, route: str, exact: bool) -> Recipe:
    """Return the recipe that somebody's node for an object is.

    Args:
        node: The node.
        obj: The object.
        route: The name of the way that gave it.
        exact: Whether it was written for the very class of the object.
    """
    fn, cls = node.__fn_or_cls__, type_of(obj)
    if not exact and isinstance(fn, type) and fn is not cls and fn in cls.__mro__:
        raise RefusedError(f"{route} is that of a base class, and makes a {fn.__qualname__} of it")
    return Recipe(route, fn, dict(node.__arguments__), type(node), written=True, like=node)


def _by_method(obj: Any) -> Recipe | None:
    cls = type_of(obj)
    owner = next((base for base in cls.__mro__ if "to_config" in vars(base)), None)
    if owner is None or not isinstance(inspect.getattr_static(cls, "to_config"), FunctionType):
        return None
    try:
        node: Any = obj.to_config()
    except Exception as error:  # it is a user's method
        raise RefusedError(f"its to_config() failed: {type(error).__name__}: {error}") from error
    if type_of(node) not in BUILDABLE_TYPES:
        raise RefusedError(f"its to_config() returned {short_repr(node, 80)}, which is no node")
    return recipe_of_node(node, obj, "to_config()", owner is cls)


def _of_partial(obj: functools.partial[object]) -> Recipe:
    func: Any = obj.func
    fn = func.fn if type(func) is FreshCall else func
    args = tuple(map(_factory, obj.args))
    named = {name: _factory(value) for name, value in obj.keywords.items()}
    try:
        bound = signature_of(fn).bind(args, named)
    except TypeError as error:
        raise RefusedError(f"{callable_name(fn)} does not take its arguments: {error}") from error
    fresh = any(isinstance(value, ArgFactory) for value in bound.values())
    return Recipe("partial", fn, bound, Partial, written=fresh)


def _factory(value: object) -> object:
    return ArgFactory(value.factory) if type(value) is FreshArgument else value


def _without_defaults(cls: type, arguments: Arguments) -> Arguments:
    """Return arguments without those that are the default anyway."""
    signature = signature_of(cls)
    if any(isinstance(key, int) and key >= len(signature.keys) for key in arguments):
        return arguments  # what precedes variadic ones is given by position
    last = max((key for key in arguments if isinstance(key, int)), default=-1)
    return {
        key: value
        for key, value in arguments.items()
        if (isinstance(key, int) and key < last) or not _is_default(value, signature.default(key))
    }


def _is_default(value: object, default: object) -> bool:
    return value is default or (
        is_immutable(value) and is_immutable(default) and not differs(value, default)
    )
