"""Type hints as values: ``list[int]``, ``Row[int]``, ``int | None``, ``typing.Literal["a"]``.

What they are made from, for source and for documents, and how they are made again.
"""

from __future__ import annotations

import collections.abc
import functools
import operator
import types
import typing
from typing import Any, Final, Generic, cast

from .registry import bases_of, class_namespace, class_of

#: The modules of the classes of generic aliases.
_OF_ALIASES: Final = frozenset(
    ("builtins", "types", "typing", "typing_extensions", "collections.abc", "_collections_abc")
)
_CALLABLE: Final[object] = collections.abc.Callable
#: The class of ``int | str``; since 3.14 that of ``typing.Union[int, str]``, too.
UNION: Final[object] = types.UnionType


def _forms() -> dict[str, object]:
    found: dict[str, object] = {
        "Annotated": typing.Annotated,
        "Any": typing.Any,
        "Union": typing.Union,
    }
    for name in cast("list[str]", cast("Any", typing).__all__):
        value: object = getattr(typing, name)
        cls = class_of(value)
        if cls.__module__ == "typing" and not isinstance(value, type) and hasattr(value, "_name"):
            found[name] = value
    return found


#: What `typing` has that is no class, by name: special forms, and aliases such as ``List``.
FORMS: Final[dict[str, object]] = _forms()
_NAMES: Final = {id(form): name for name, form in FORMS.items()}


def form_name(value: object) -> str | None:
    """Return the name of a form of `typing` that is not subscripted; None for all else.

    Example:
        >>> form_name(typing.Optional), form_name(typing.Optional[int])
        ('Optional', None)
    """
    return _NAMES.get(id(value))


def is_alias(value: object) -> bool:
    """Tell whether a value is a subscripted class or form, or a union."""
    if class_of(value).__module__ not in _OF_ALIASES or id(value) in _NAMES:
        return False
    return typing.get_origin(value) is not None


def taken_apart(value: object) -> tuple[object, tuple[object, ...]]:
    """Return the origin and the arguments of a type form; of a union with ``|``, `UNION`.

    Example:
        >>> taken_apart(typing.Optional[int])[1], taken_apart(list[str])[0]
        ((<class 'int'>, None), <class 'list'>)
    """
    args = typing.get_args(value)
    if class_of(value) is not types.GenericAlias:  # what `typing` makes of None, it makes again
        args = tuple(map(_as_written, args))
    if isinstance(value, UNION):
        return UNION, args
    origin = typing.get_origin(value)
    alias = FORMS.get(getattr(value, "_name", None) or "")  # `List`, of which the origin is `list`
    if id(origin) not in _NAMES and alias is not None:
        origin = alias
    return origin, args


def _as_written(arg: Any) -> object:
    if class_of(arg) is list:  # the parameters of a Callable
        return [_as_written(each) for each in arg]
    return None if arg is types.NoneType else arg


def put_together(origin: Any, args: tuple[object, ...]) -> Any:
    """Undo `taken_apart`; no code of a user's class runs.

    Raises:
        TypeError: It cannot be subscripted so.

    Example:
        >>> put_together(typing.Literal, ("a",)), put_together(UNION, (int, None))
        (typing.Literal['a'], int | None)
    """
    if origin is UNION:
        for arg in args:
            if isinstance(arg, type) and type(arg).__or__ is not type.__or__:
                raise TypeError(f"{arg!r} has a | of its own")
        either = cast("Any", operator).or_
        return functools.reduce(either, args)
    if id(origin) in _NAMES or origin is _CALLABLE:
        return origin[args[0] if len(args) == 1 else args]
    definers = (base for base in bases_of(origin) if "__class_getitem__" in class_namespace(base))
    if next(definers, None) is Generic:
        return origin[args[0] if len(args) == 1 else args]
    return types.GenericAlias(origin, args)
