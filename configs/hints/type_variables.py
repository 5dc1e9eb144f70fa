"""The meaning of `Self` and type variables in the annotations of one class."""

from __future__ import annotations

import typing
from collections import abc
from collections.abc import Collection
from types import MethodType
from typing import Annotated, Any, Final, Generic, TypeVar, Union, cast, get_args, get_origin

from ..signature.signature import own_annotations
from .subtypes import UNIONS

_SELF: Final[object] = typing.Self  # pyright: ignore[reportUnknownMemberType]
_CALLABLE: Final[Any] = abc.Callable  # pyright: ignore[reportUnknownMemberType]
_DEEPEST: Final = 20


def bound_hint(fn: object, name: str, annotation: object, hint: object) -> object:
    """Return a hint with `Self` and type variables replaced, as far as they are known.

    Args:
        fn: The callable: a class, one with arguments such as ``Cell[int]``, or a class method.
        name: The name of the parameter.
        annotation: What it is annotated with.
        hint: That, evaluated.

    Example:
        >>> from typing import Generic, TypeVar
        >>> T = TypeVar("T")
        >>> class Cell(Generic[T]):
        ...     def __init__(self, content: list[T]): ...
        >>> class Words(Cell[str]): ...
        >>> bound_hint(Cell[int], "content", list[T], list[T])
        list[int]
        >>> bound_hint(Words, "content", list[T], list[T])
        list[str]
    """
    if not _mentions(hint, 0):
        return hint
    owner: object = fn.__self__ if type(fn) is MethodType else fn
    cls: object = get_origin(owner) or owner
    if not isinstance(cls, type):
        return hint
    home = _home(cls, name, annotation) if type(fn) is not MethodType else cls
    return _replaced(hint, {_SELF: owner, **_variables(owner, cls).get(home, {})})


def _mentions(hint: object, depth: int) -> bool:
    if isinstance(hint, TypeVar) or hint is _SELF:
        return True
    if isinstance(hint, list):
        return any(_mentions(each, depth + 1) for each in cast("list[Any]", hint))
    return depth < _DEEPEST and any(_mentions(each, depth + 1) for each in get_args(hint))


def _home(cls: type, name: str, annotation: object) -> type:
    """Return the class that has an annotation: of the field, or the one whose constructor it is."""
    for base in cls.__mro__:
        if own_annotations(base).get(name) == annotation:
            return base
        written = "__init__" in vars(base) or "__new__" in vars(base)
        if written and name not in _fields(base):
            return base
    return cls


def _fields(cls: type) -> Collection[str]:
    """Return the names of the fields that made the constructor of a dataclass or attrs class."""
    own = cast("dict[str, Any]", vars(cls))
    named = [field.alias for field in own.get("__attrs_attrs__", ())]
    return (*own.get("__dataclass_fields__", ()), *named)


def _variables(owner: object, cls: type) -> dict[type, dict[object, object]]:
    """Return the bindings of the type variables of a class and its bases, by class."""
    found: dict[type, dict[object, object]] = {}
    pending: list[tuple[type, tuple[object, ...]]] = [(cls, get_args(owner))]
    while pending:
        base, args = pending.pop()
        if base in found:
            continue
        # There are fewer if one of them is a `TypeVarTuple`, and none if nothing is said.
        parameters = getattr(base, "__parameters__", ())
        known = zip(parameters, args, strict=True) if len(parameters) == len(args) else ()
        found[base] = dict(known)
        own = cast("dict[str, Any]", vars(base))
        for each in own.get("__orig_bases__", base.__bases__):
            origin: object = get_origin(each) or each
            if isinstance(origin, type) and origin is not Generic:
                given = tuple(_replaced(arg, found[base]) for arg in get_args(each))
                pending.append((origin, given))
    return found


def _replaced(hint: object, known: dict[object, object]) -> object:
    if isinstance(hint, list):  # the parameters of a `Callable`
        return [_replaced(each, known) for each in cast("list[Any]", hint)]
    if isinstance(hint, TypeVar) or hint is _SELF:
        return known.get(hint, hint)
    origin: Any = get_origin(hint)
    args = get_args(hint)
    if not args or origin is typing.Literal or not _mentions(hint, 0):
        return hint
    if origin is Annotated:
        return Annotated[_replaced(args[0], known), *args[1:]]
    made = tuple(_replaced(arg, known) for arg in args)
    try:
        if origin in UNIONS:
            return Union[made]  # noqa: UP007 - there may be any number
        return _CALLABLE[made[0], made[1]] if origin is _CALLABLE else origin[made]
    except TypeError:  # a form that takes something else
        return hint
