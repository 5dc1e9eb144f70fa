"""Converting containers and their items by the annotation of the place they go to."""

from __future__ import annotations

import typing
from collections import Counter, OrderedDict, abc, defaultdict, deque
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias, get_args, get_origin

from ...configs.for_tracer import near_match
from ..engine.values import type_of
from ..errors import ValueLanguageError
from .trees import Name, Tree, is_a


class Converts(Protocol):
    """Converts the items of a container."""

    def convert(self, tree: Tree, hint: object) -> object:
        """Return the value of an annotation that a part of a text stands for."""
        ...

    def unfit(self, tree: object, hint: object, reason: str = "") -> ValueLanguageError:
        """Return the error about a part that does not fit."""
        ...


#: Makes a container of a part of a text, by the annotation of the container.
Collect: TypeAlias = Callable[[Converts, Tree, object], object]

_SEQUENCES: Final = (list, tuple)
_ITERABLES: Final = (list, tuple, set)


def _collection(make: Callable[[list[object]], object], sources: tuple[type, ...]) -> Collect:
    def collect(converter: Converts, tree: Tree, hint: object) -> object:
        if not is_a(tree, sources):
            raise converter.unfit(tree, hint)
        (item, *_) = get_args(hint) or (None,)
        items = [converter.convert(each, item) for each in tree]
        try:
            return make(items)
        except TypeError as error:  # unhashable
            raise converter.unfit(tree, hint, str(error)) from None

    return collect


def _as_written(converter: Converts, tree: object, hint: object) -> object:
    """Convert to an abstract sequence or collection: the written container is one."""
    is_ordered = (get_origin(hint) or hint) in (abc.Sequence, abc.Reversible)
    kinds = _SEQUENCES if is_ordered else _ITERABLES
    make = type_of(tree) if is_a(tree, kinds) else list
    if is_a(tree, dict) and not is_ordered:
        return _mapping(dict)(converter, tree, dict)
    return _collection(make, kinds)(converter, tree, hint)


def _tuple(converter: Converts, tree: Tree, hint: object) -> object:
    if not is_a(tree, _SEQUENCES):
        raise converter.unfit(tree, hint)
    args = get_args(hint)
    if (not args and hint != tuple[()]) or any(get_origin(arg) is typing.Unpack for arg in args):
        return tuple(converter.convert(item, None) for item in tree)
    if len(args) == 2 and args[1] is Ellipsis:
        args = (args[0],) * len(tree)
    if len(args) != len(tree):
        raise converter.unfit(tree, hint, f"expected {len(args)} items, not {len(tree)}")
    return tuple(converter.convert(item, arg) for item, arg in zip(tree, args, strict=True))


def _mapping(make: Callable[[dict[object, object]], object]) -> Collect:
    def collect(converter: Converts, tree: Tree, hint: object) -> object:
        if not is_a(tree, dict):
            raise converter.unfit(tree, hint)
        key_hint, value_hint = _items_of(hint)
        found: dict[object, object] = {}
        for key, value in tree.items():
            made = converter.convert(key, key_hint)
            try:
                known = made in found
            except TypeError as error:
                raise converter.unfit(key, hint, str(error)) from None
            if known:
                raise converter.unfit(tree, hint, f"the key {made!r} is there twice")
            found[made] = converter.convert(value, value_hint)
        return make(found)

    return collect


def text_of_key(key: object) -> Any:
    """Return the key of a field: a name says itself."""
    return key.text if isinstance(key, Name) else key


def _items_of(hint: object) -> tuple[object, object]:
    args = get_args(hint)
    if (get_origin(hint) or hint) is Counter:  # what it holds are counts
        return (args[0] if args else None), int
    return (args[0], args[1]) if len(args) == 2 else (None, None)


def typed_dict(converter: Converts, tree: Tree, hint: Any) -> object:
    """Return the dict of a ``TypedDict``, which a dict display makes.

    Raises:
        ValueLanguageError: It is none, or does not have the right keys.
    """
    if not is_a(tree, dict):
        raise converter.unfit(tree, hint)
    named = {text_of_key(key): value for key, value in tree.items()}
    hints = typing.get_type_hints(hint)
    for key in named:
        if key not in hints:
            near = near_match(str(key), hints)
            raise converter.unfit(tree, hint, f"{hint.__name__} has no key {key!r}{near}")
    missing = hint.__required_keys__ - named.keys()
    if missing:
        raise converter.unfit(tree, hint, f"{hint.__name__} needs {', '.join(sorted(missing))}")
    return {key: converter.convert(value, hints[key]) for key, value in named.items()}


#: By what the annotation is of.
COLLECTIONS: Final[dict[object, Collect]] = {
    list: _collection(list, _SEQUENCES),
    set: _collection(set, _ITERABLES),
    frozenset: _collection(frozenset, _ITERABLES),
    deque: _collection(deque, _SEQUENCES),
    abc.MutableSequence: _collection(list, _SEQUENCES),
    abc.Set: _collection(set, _ITERABLES),
    abc.MutableSet: _collection(set, _ITERABLES),
    **dict.fromkeys(
        (abc.Sequence, abc.Reversible, abc.Collection, abc.Iterable, abc.Container), _as_written
    ),
    tuple: _tuple,
    dict: _mapping(dict),
    abc.Mapping: _mapping(dict),
    abc.MutableMapping: _mapping(dict),
    OrderedDict: _mapping(OrderedDict),
    defaultdict: _mapping(lambda entries: defaultdict(None, entries)),
    Counter: _mapping(Counter),
}
