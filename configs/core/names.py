"""Names in messages: the one of a callable, and the one that was perhaps meant."""

from __future__ import annotations

from collections.abc import Collection
from types import GenericAlias, MethodType, UnionType
from typing import cast, get_args, get_origin

from .shown import plain_repr


def callable_name(fn: object) -> str:
    """Return the qualified name of a callable, or its repr if it has none; never raises.

    That of an inherited class method is the subclass's, and what a generic class of a program is
    subscripted with is a part of it.

    Example:
        >>> class Base:
        ...     @classmethod
        ...     def make(cls): ...
        >>> class Derived(Base): ...
        >>> from typing import Generic, TypeVar
        >>> T = TypeVar("T")
        >>> class Box(Generic[T]): ...
        >>> callable_name(Derived.make), callable_name(Box[list[int]])
        ('Derived.make', 'Box[list[int]]')
    """
    try:
        if type(fn) is not GenericAlias and _is_subscripted(fn):
            return _subscripted_name(fn)
        owner = getattr(fn, "__self__", None)
        if type(fn) is MethodType and isinstance(owner, type):
            return f"{owner.__qualname__}.{fn.__name__}"
        name = getattr(fn, "__qualname__", None)
    except Exception:  # an object may answer with any error
        name = None
    return name if isinstance(name, str) else plain_repr(fn)


def _is_subscripted(value: object) -> bool:
    origin = get_origin(value)
    return isinstance(origin, type) and origin is not UnionType


def _subscripted_name(value: object) -> str:
    inside = ", ".join(map(_argument_name, get_args(value)))
    name = callable_name(get_origin(value))
    return f"{name}[{inside}]" if inside else name


def _argument_name(argument: object) -> str:
    if isinstance(argument, list):  # the parameters of a Callable
        return f"[{', '.join(map(_argument_name, cast('list[object]', argument)))}]"
    if _is_subscripted(argument):
        return _subscripted_name(argument)
    if isinstance(argument, type):
        return callable_name(argument)
    return plain_repr(argument).removeprefix("typing.")


def near_match(name: str, candidates: Collection[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest candidate, or an empty string."""
    import difflib  # noqa: PLC0415 - only needed for error texts, and slow to import

    for match in difflib.get_close_matches(name, candidates, n=1):
        return f"; did you mean {match!r}?"
    return ""
