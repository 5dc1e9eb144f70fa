"""Type hints compared with each other: may a value of this type be given where that one goes?

Lenient: what cannot be told is allowed.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Union, cast, get_args, get_origin

from ..core.registry import class_of

ANY: Final[object] = Any
UNIONS: Final = frozenset({Union, types.UnionType})
_NOTHING: Final = (typing.Never, typing.NoReturn)
_WRAPPERS: Final = frozenset({typing.Final, typing.ClassVar, typing.Required, typing.NotRequired})
#: Hints in other words; those that say nothing of one value become `ANY`.
_SIMPLER: Final[dict[object, object]] = {
    typing.Self: ANY,  # pyright: ignore[reportUnknownMemberType]
    typing.Final: ANY,
    typing.ClassVar: ANY,
    typing.Concatenate: ANY,
    typing.Unpack: ANY,
    typing.LiteralString: str,
    typing.TypeGuard: bool,
}


def _of_type_variable(variable: typing.TypeVar) -> object:
    if variable.__constraints__:
        return Union[variable.__constraints__]  # noqa: UP007 - there may be any number
    return ANY if variable.__bound__ is None else variable.__bound__


#: The same by the class of the hint.
_SIMPLER_BY_CLASS: Final[dict[str, Callable[[Any], object]]] = {
    **dict.fromkeys(
        ("str", "ForwardRef", "ParamSpec", "ParamSpecArgs", "ParamSpecKwargs", "TypeVarTuple"),
        lambda hint: ANY,
    ),
    "NoneType": lambda hint: type(None),
    "NewType": lambda hint: hint.__supertype__,
    "TypeVar": _of_type_variable,
    "TypeAliasType": lambda hint: hint.__value__,
    "InitVar": lambda hint: hint.type,
}
#: By PEP 484, an int is good enough for a float.
PROMOTIONS: Final[dict[object, tuple[type, ...]]] = {
    float: (float, int),
    complex: (complex, float, int),
}
# An alias may stand for itself.
_MAX_STEPS: Final = 20


def plain_hint(hint: object) -> Any:
    """Return a hint without the parts that do not matter for a value; `ANY` if nothing is left.

    Example:
        >>> from typing import Annotated, NewType, TypeVar
        >>> plain_hint(Annotated[NewType("UserId", int), "doc"])
        <class 'int'>
        >>> plain_hint(TypeVar("T"))
        typing.Any
    """
    for _ in range(_MAX_STEPS):
        simpler = _simpler(hint)
        if simpler is hint:
            return hint
        hint = simpler
    return ANY


def options_of(hint: object) -> Iterator[Any]:
    """Yield the options of a hint, or `ANY` for None, each as `plain_hint` returns it.

    Example:
        >>> [*options_of(int | None)]
        [<class 'int'>, <class 'NoneType'>]
    """
    hint = ANY if hint is None else plain_hint(hint)
    if get_origin(hint) in UNIONS:
        for option in get_args(hint):
            yield from options_of(option)
    else:
        yield hint


def _simpler(hint: Any) -> object:
    if isinstance(hint, type):
        return hint
    origin: Any = get_origin(hint)
    by_class = _SIMPLER_BY_CLASS.get(type(hint if origin is None else origin).__name__)
    if by_class is not None:
        return by_class(hint if origin is None else origin)
    if origin is typing.Annotated:
        return hint.__origin__
    if origin in _WRAPPERS:
        return get_args(hint)[0]
    if origin is not None:
        return _SIMPLER.get(origin, hint)
    return _SIMPLER.get(hint, hint) if isinstance(hint, typing.Hashable) else ANY


def hint_class(hint: object) -> type | None:
    """Return the class that values of a plain hint are instances of; None if there is no one."""
    found = get_origin(hint) or hint
    if typing.is_typeddict(found):
        return dict
    return found if isinstance(found, type) else None


def fits_type(source: Any, target: Any) -> bool:
    """Return whether a value of one type may be given where another is expected.

    Example:
        >>> fits_type(bool, int | None), fits_type(int, float), fits_type(list[int], dict)
        (True, True, False)
    """
    source, target = plain_hint(source), plain_hint(target)
    if source in (ANY, object) or target in (ANY, object):
        return True
    if get_origin(source) in UNIONS:  # it may turn out to be the right one
        return any(fits_type(option, target) for option in get_args(source))
    if get_origin(target) in UNIONS:
        return any(fits_type(source, option) for option in get_args(target))
    if source in _NOTHING or target in _NOTHING:
        return source in _NOTHING
    if get_origin(source) is typing.Literal:
        return any(fits_type(class_of(value), target) for value in get_args(source))
    cls = hint_class(source)
    if cls is None:
        return True
    if get_origin(target) is typing.Literal:
        return any(isinstance(value, cls) for value in get_args(target))
    wanted = hint_class(target)
    return wanted is None or is_subclass(cls, PROMOTIONS.get(wanted, (wanted,)))


def is_subclass(cls: type, wanted: Iterable[type]) -> bool:
    """Return whether a class is a subclass of one of others, as far as they can tell."""
    for base in wanted:
        if is_open_protocol(base):
            return True
        try:
            if issubclass(cls, base):
                return True
        except TypeError:  # a protocol with attributes, or a class with rules of its own
            return True
    return False


def is_open_protocol(cls: object) -> bool:
    """Return whether a class is a protocol that cannot be checked at run time."""
    flags = cast("dict[str, Any]", vars(cls)) if isinstance(cls, type) else {}
    return bool(flags.get("_is_protocol")) and not flags.get("_is_runtime_protocol")
