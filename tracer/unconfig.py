"""Functions that come with a hand-written way to their graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any, ParamSpec, TypeVar, overload

from ..configs import Config, TaggedValue, TagType, build, independent_build
from .auto_config import AutoConfig
from .engine.callers import caller
from .engine.values import Value, type_of
from .errors import NotAFunctionError

P = ParamSpec("P")
T = TypeVar("T")


@overload
def auto_unconfig(
    fn: Callable[P, Config[T]], *, experimental_always_inline: bool | None = None
) -> AutoConfig[P, T]: ...
@overload
def auto_unconfig(
    fn: None = None, *, experimental_always_inline: bool | None = None
) -> Callable[[Callable[P, Config[T]]], AutoConfig[P, T]]: ...
def auto_unconfig(fn: object = None, *, experimental_always_inline: bool | None = None) -> Any:
    """Turn a function that returns a graph into one that looks as if `auto_config` had made it.

    A plain call builds the graph that ``fn`` returns; its `AutoConfig.as_buildable` is ``fn``.

    Args:
        fn: A function, class method or static method that returns a graph.
        experimental_always_inline: Whether a call of it inside a capture gives the graph, rather
            than one node. None means true.

    Raises:
        NotAFunctionError: If ``fn`` cannot be called.

    Example:
        >>> from bytefig.configs import Config
        >>> @auto_unconfig
        ... def make(size):
        ...     config = Config(dict)
        ...     config.size = size
        ...     return config
        >>> make(3), make.as_buildable(3)
        ({'size': 3}, <Config[dict(size=3)]>)
    """
    always_inline = experimental_always_inline is None or experimental_always_inline

    def decorate(function: object) -> AutoConfig[..., object]:
        return AutoConfig(_building(function), function, always_inline)

    return decorate if fn is None else decorate(fn)


def _building(fn: Value) -> Value:
    """Return a callable that builds the result of ``fn``, of the same kind as ``fn``."""
    if type(fn) in (classmethod, staticmethod):
        return type_of(fn)(_building(fn.__func__))
    _check("auto_unconfig", fn)

    @functools.wraps(fn)
    def build_result(*args: object, **kwargs: object) -> object:
        # Also when it is called by what a build is building.
        with independent_build():
            return build(fn(*args, **kwargs))

    return build_result


def _check(verb: str, fn: object) -> None:
    if not callable(fn):
        what = f"{verb} needs a function that returns a graph, not {fn!r}"
        raise NotAFunctionError.of(what, caller(), "pass the function itself")


def with_buildable_func(
    buildable_func: Callable[P, object],
) -> Callable[[Callable[P, T]], AutoConfig[P, T]]:
    """Return a decorator that says how a function's graph is made, instead of capturing it.

    Args:
        buildable_func: Called by `AutoConfig.as_buildable`, with the same arguments.

    Raises:
        NotAFunctionError: If it is not callable.

    Example:
        >>> from bytefig.configs import Config
        >>> @with_buildable_func(lambda size: Config(dict, size=size))
        ... def buffer(size): return {'size': size}
        >>> buffer(2), buffer.as_buildable(2)
        ({'size': 2}, <Config[dict(size=2)]>)
    """
    _check("with_buildable_func", buildable_func)

    def decorate(fn: Callable[P, T]) -> AutoConfig[P, T]:
        return AutoConfig(fn, buildable_func, always_inline=True)

    return decorate


def _tagged(value: object, tags: TagType | Collection[TagType]) -> Any:
    return TaggedValue([tags] if isinstance(tags, TagType) else tags, value)


@with_buildable_func(_tagged)
def with_tags(value: T, tags: TagType | Collection[TagType]) -> T:
    """Return a value; inside a capture, the value with tags.

    An argument that is given it has the tags then, and can be found and set by them.

    Args:
        value: The value.
        tags: A tag, or several.

    Raises:
        ValueError: There are no tags; only in a capture, as all else.
        TypeError: One is not a tag.

    Example:
        >>> from bytefig.configs import Tag, TagType, set_tagged
        >>> Width = TagType("Width", (Tag,), {"__doc__": "How wide the layers are."})
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> from bytefig.tracer import auto_config
        >>> @auto_config
        ... def build_layer():
        ...     return Dense(with_tags(128, Width))
        >>> config = build_layer.as_buildable()
        >>> set_tagged(config, tag=Width, value=64)
        >>> build_layer().units, config.units
        (128, 64)
    """
    return value
