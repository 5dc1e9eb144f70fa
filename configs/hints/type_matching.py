"""Whether a value fits a type hint, where nodes stand for the objects they build.

A library that checks types at run time would be of no use: to it a node is an object of the wrong
class. What is inside a value of more than a few dozen levels is not checked.
"""

from __future__ import annotations

import functools
import typing
from collections import Counter, OrderedDict, abc, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, get_args, get_origin

from ..core.registry import BUILDABLE_TYPES
from ..core.tag_storage import TAGGED_TYPES
from ..node.buildable import Buildable
from ..node.kinds import Partial
from ..signature.signature import signature_of
from ..traversal.iteration import Place
from ..traversal.traverse import kind_of
from .subtypes import (
    ANY,
    PROMOTIONS,
    UNIONS,
    fits_type,
    hint_class,
    is_open_protocol,
    is_subclass,
    plain_hint,
)
from .type_hints import Hints, hints_of

#: Where a value does not fit, and what is expected there.
Mismatch: TypeAlias = tuple[Place, object]
#: Whether a value fits as a whole; or what inside of it does not, which is nothing if it fits.
_Found: TypeAlias = bool | list[Mismatch]

_MAX_DEPTH: Final = 40
_CALLABLE: Final[object] = abc.Callable  # pyright: ignore[reportUnknownMemberType]
#: Whose elements can be looked at without harm.
_ELEMENTS: Final = (list, tuple, set, frozenset, deque, dict)


class HintMatcher:
    """Matches values against hints; remembers matched values, for one run.

    Example:
        >>> matcher = HintMatcher()
        >>> value = [1, "a"]
        >>> [(str(place), hint) for place, hint in matcher.mismatches(Place(value), list[int])]
        [('<root>[1]', <class 'int'>)]
    """

    __slots__ = ("_depth", "_hints", "_seen")

    def __init__(self) -> None:
        self._depth = 0
        self._hints: dict[int, tuple[object, Hints]] = {}
        # Keeps the values and hints alive, so that their ids stay theirs.
        self._seen: dict[tuple[int, int], tuple[object, object, bool]] = {}

    def hints(self, fn: Callable[..., object]) -> Hints:
        """Return the annotations of a callable."""
        known = self._hints.get(id(fn))
        if known is None:
            known = self._hints[id(fn)] = (fn, hints_of(fn))
        return known[1]

    def mismatches(self, place: Place, hint: object) -> list[Mismatch]:
        """Return where the value at a place does not fit a hint: nowhere, itself, or inside."""
        value, hint = place.value, plain_hint(hint)
        if hint is ANY or self._depth >= _MAX_DEPTH:
            return []
        if kind_of(value) is None:
            return self._match(place, value, hint)
        key = (id(value), id(hint))
        known = self._seen.get(key)
        if known is not None:  # a value inside of itself is being matched: then it fits so far
            return [] if known[2] else [(place, hint)]
        self._seen[key] = (value, hint, True)
        found = self._match(place, value, hint)
        self._seen[key] = (value, hint, not found)
        return found

    def fits(self, place: Place, hint: object) -> bool:
        """Return whether the value at a place fits a hint."""
        return not self.mismatches(place, hint)

    def _match(self, place: Place, value: Any, hint: object) -> list[Mismatch]:
        self._depth += 1
        try:
            if type(value) in BUILDABLE_TYPES:
                found = self._node_fits(place, value, hint)
            elif (match := _MATCHES.get(get_origin(hint) or hint)) is not None:
                found = match(self, place, hint)
            elif typing.is_typeddict(hint):
                found = _typed_dict(self, place, hint)
            else:
                found = _is_instance(value, hint_class(hint))
        finally:
            self._depth -= 1
        if isinstance(found, list):
            return found
        return [] if found else [(place, hint)]

    def _node_fits(self, place: Place, node: Buildable[object], hint: object) -> bool:
        if get_origin(hint) in UNIONS:
            return any(self.fits(place, option) for option in get_args(hint))
        if type(node) in TAGGED_TYPES:
            arguments = node.__arguments__
            return "value" not in arguments or self.fits(
                Place(arguments["value"], place, kind_of(node), "value"), hint
            )
        result = self.hints(node.__fn_or_cls__).result
        if not isinstance(node, Partial):
            return result is None or fits_type(result, hint)
        if not fits_type(functools.partial, hint):
            return False
        return self.returns(result, hint)

    def returns(self, result: object, hint: object) -> bool:
        """Return whether a callable that gives ``result`` fits a hint that is a ``Callable``."""
        args = get_args(hint)
        if get_origin(hint) is not _CALLABLE or len(args) != 2 or result is None:
            return True
        wanted = plain_hint(args[1])
        return wanted is type(None) or fits_type(result, wanted)


def _is_instance(value: object, cls: type | None) -> bool:
    if cls is None or is_open_protocol(cls):
        return True
    classes = PROMOTIONS.get(cls, (cls,))
    try:
        return isinstance(value, classes)
    except TypeError:  # a class with rules of its own
        return True
    except Exception:  # the value's `__class__`: of a dead weak proxy, for one
        return issubclass(type(value), classes)


def _union(matcher: HintMatcher, place: Place, hint: object) -> _Found:
    inside: list[list[Mismatch]] = []
    for option in get_args(hint):
        found = matcher.mismatches(place, option)
        if not found:
            return True
        if found[0][0] is not place:
            inside.append(found)
    # If only one of the options is for such a value at all, what is wrong in it says more.
    return len(inside) == 1 and inside[0]


def _literal(_: HintMatcher, place: Place, hint: object) -> _Found:
    value = place.value
    return any(type(value) is type(arg) and value == arg for arg in get_args(hint))


def _class(_: HintMatcher, place: Place, hint: object) -> _Found:
    value = get_origin(place.value) or place.value
    if not issubclass(type(value), type):
        return False
    wanted = plain_hint(get_args(hint)[0]) if get_args(hint) else ANY
    options = get_args(wanted) if get_origin(wanted) in UNIONS else (wanted,)
    classes = [hint_class(plain_hint(option)) for option in options]
    known = [cls for cls in classes if cls is not None]
    return ANY in options or len(known) < len(classes) or is_subclass(value, known)


def _callable(matcher: HintMatcher, place: Place, hint: object) -> _Found:
    value, args = place.value, get_args(hint)
    if not callable(value) or len(args) != 2:
        return callable(value)
    takes: object = args[0]
    fits = not isinstance(takes, list) or _can_take(value, len(takes))  # pyright: ignore[reportUnknownArgumentType]
    return fits and matcher.returns(matcher.hints(value).result, hint)


def _can_take(fn: Callable[..., object], count: int) -> bool:
    """Return whether a callable can be called with so many positional arguments."""
    signature = signature_of(fn)
    if not signature.inferred:
        return True
    if count > len(signature.positional) and signature.varargs is None:
        return False
    return signature.required <= set(signature.keys[:count])


def _elements(matcher: HintMatcher, place: Place, hint: object) -> _Found:
    items: Iterable[object] = place.value
    if not _is_instance(items, hint_class(hint)):
        return False
    args = get_args(hint)
    if not args or not issubclass(type(items), _ELEMENTS):
        return True
    return _children(matcher, place, enumerate(items), lambda _: args[0])


def _tuple(matcher: HintMatcher, place: Place, hint: object) -> _Found:
    value, args = place.value, get_args(hint)
    if not issubclass(type(value), tuple):
        return False
    items: tuple[object, ...] = place.value
    if (not args and hint != tuple[()]) or any(_is_unpacked(arg) for arg in args):
        return True
    if len(args) == 2 and args[1] is Ellipsis:
        return _children(matcher, place, enumerate(items), lambda _: args[0])
    if len(args) != len(items):
        return False
    return _children(matcher, place, enumerate(items), lambda key: args[key])


def _is_unpacked(arg: object) -> bool:
    return get_origin(arg) is typing.Unpack or bool(getattr(arg, "__unpacked__", False))


def _mapping(matcher: HintMatcher, place: Place, hint: object) -> _Found:
    value: Mapping[object, object] = place.value
    if not _is_instance(value, hint_class(hint)):
        return False
    args = get_args(hint)
    if not args or not issubclass(type(value), dict):
        return True
    key_hint, value_hint = (*args, int)[:2]  # `Counter[K]` counts
    if not all(matcher.fits(Place(key), key_hint) for key in value):
        return False
    return _children(matcher, place, value.items(), lambda _: value_hint)


def _typed_dict(matcher: HintMatcher, place: Place, hint: Any) -> _Found:
    value: Mapping[object, object] = place.value
    if not issubclass(type(value), dict):
        return False
    try:
        hints = typing.get_type_hints(hint)
    except Exception:  # They are a user's expressions.
        return True
    if not hint.__required_keys__ <= value.keys() <= hints.keys():
        return False
    return _children(matcher, place, value.items(), lambda key: hints[key])


def _children(
    matcher: HintMatcher,
    place: Place,
    children: Iterable[tuple[object, object]],
    hint_of: Callable[[Any], object],
) -> _Found:
    """Match the values inside of a value, given their keys and them, by the hint for each key."""
    value: object = place.value
    kind = kind_of(value)
    if kind is None or (issubclass(type(value), dict) and type(children) is enumerate):
        # No path leads to what is inside a set, nor to the keys of a dict.
        return all(matcher.fits(Place(child), hint_of(key)) for key, child in children)
    found: list[Mismatch] = []
    # A named tuple's keys are names, but the hint is one of a tuple.
    names: Any = getattr(value, "_fields", None)
    for key, child in children:
        step = key if names is None else names[key]
        found.extend(matcher.mismatches(Place(child, place, kind, step), hint_of(key)))
    return found


_MATCHES: Final[dict[object, Callable[[HintMatcher, Place, Any], _Found]]] = {
    **dict.fromkeys(UNIONS, _union),
    typing.Literal: _literal,
    typing.Never: lambda matcher, place, hint: False,
    typing.NoReturn: lambda matcher, place, hint: False,
    type: _class,
    tuple: _tuple,
    _CALLABLE: _callable,
    **dict.fromkeys(
        (
            *(list, set, frozenset, deque, abc.Sequence, abc.MutableSequence, abc.Collection),
            *(abc.Iterable, abc.Container, abc.Set, abc.MutableSet, abc.Reversible),
        ),
        _elements,
    ),
    **dict.fromkeys((dict, abc.Mapping, abc.MutableMapping), _mapping),
    **dict.fromkeys((defaultdict, OrderedDict, Counter), _mapping),
}
