"""``autobuild``: a function that returns objects becomes one that returns their config."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar, overload

from .. import configs
from ..configs import for_tracer
from .auto_config import AutoConfig, capturable
from .engine.callers import caller
from .engine.values import Value, type_of
from .errors import NoBuildableError

if TYPE_CHECKING:
    from ..configs import Buildable, Config, Partial

P = ParamSpec("P")
T = TypeVar("T")


class _ToConfig(Protocol):
    def __call__(self, fn: Callable[P, T], /) -> Callable[P, Config[T]]: ...


class _ToPartial(Protocol):
    def __call__(self, fn: Callable[P, T], /) -> Callable[P, Partial[T]]: ...


@overload
def autobuild(fn: Callable[P, T], /) -> Callable[P, Config[T]]: ...
@overload
def autobuild(fn: Callable[P, T], /, *, partial: Literal[True]) -> Callable[P, Partial[T]]: ...
@overload
def autobuild(fn: None = None, /, *, partial: Literal[False] = False) -> _ToConfig: ...
@overload
def autobuild(fn: None = None, /, *, partial: Literal[True]) -> _ToPartial: ...
def autobuild(fn: object = None, /, *, partial: bool = False) -> Any:
    """Return a function whose call gives the config of the result of ``fn``.

    This is what NeMo Run 0.4 and later call ``autoconvert``. It is `auto_config` with the graph as
    the result of the plain call; all language constructs are allowed. A function that returns a
    config itself, or a list of objects, may be given, too.

    Args:
        fn: As for `auto_config`; the result of `auto_config` may be given, too.
        partial: Whether the root becomes a Partial.

    Raises:
        NotAFunctionError: As `auto_config` does.
        NoBuildableError: (a TypeError) By a call, if ``fn`` returns neither an object that is
            recorded nor a list of some.

    Example:
        >>> class Dense:
        ...     def __init__(self, units, rate=0.0): ...
        >>> @autobuild
        ... def layer(size):
        ...     return Dense(2 * size)
        >>> layer(4)
        <Config[Dense(units=8)]>
        >>> autobuild(lambda size: Dense(size), partial=True)(4)
        <Partial[Dense(units=4)]>
    """
    if fn is None:
        return functools.partial(_autobuild, partial=partial)
    return _autobuild(fn, partial)


def _autobuild(fn: object, partial: bool) -> AutoConfig[..., object]:
    wrapped = capturable(
        fn,
        experimental_allow_dataclass_attribute_access=True,
        experimental_result_must_contain_buildable=False,
    )
    kind = configs.Partial if partial else configs.Config
    giving = _giving(wrapped.func, wrapped.buildable_func, kind)
    # As an AutoConfig, inside a capture it gives its graph; and methods bind.
    return AutoConfig(giving, giving, wrapped.always_inline)


def _giving(fn: Value, buildable_func: Value, kind: type[Buildable[object]]) -> Value:
    """Return a function, of the same kind as ``fn``, that gives the graph."""
    if type_of(fn) in (classmethod, staticmethod):
        return type_of(fn)(_giving(fn.__func__, buildable_func.__func__, kind))

    @functools.wraps(fn)
    def built(*args: object, **kwargs: object) -> object:
        root: Value = buildable_func(*args, **kwargs)
        if type_of(root) is list:
            return [_as(kind, each, built) for each in root]
        return _as(kind, root, built)

    return built


def _as(kind: type[Buildable[object]], root: Value, fn: Value) -> Buildable[object]:
    if type_of(root) in configs.BUILDABLE_TYPES:
        return configs.cast(kind, root)
    if "fiddle" in sys.modules:  # a node that the function made itself
        peers = for_tracer.peers
        if peers.is_peer_node(root):
            return peers.cast_peer_node(peers.class_like(root, kind.__name__), root)
    raise NoBuildableError.of(
        f"autobuild needs a function that returns an object, or a list of some;"
        f" {fn.__qualname__} returned {for_tracer.short_repr(root, 80)}",
        caller(),
        "use auto_config, whose as_buildable may return containers of configs",
    )
