"""Equality of buildables: same values, same sharing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .signatures import signature_of
from .traverse import NodeKind, kind_of

if TYPE_CHECKING:
    from .buildable import Buildable

_Pairs = list[tuple[object, object]]


def equal(left: Buildable[Any], right: Buildable[Any]) -> bool:
    """Return whether two buildables have equal arguments and the same sharing.

    An unset argument equals one set to the default. Tags count, history does not. Of immutable
    containers, which build the same shared or not, only the content counts. Works for graphs of
    any depth, and with cycles.

    Args:
        left: A buildable.
        right: Another.
    """
    if left is right:
        return True
    # Sharing is the same if the nodes of both sides pair up one to one.
    partner_of_left: dict[int, int] = {}
    partner_of_right: dict[int, int] = {}
    compared: set[tuple[int, int]] = set()
    pending: _Pairs = [(left, right)]
    while pending:
        one, other = pending.pop()
        kind = kind_of(one)
        if kind is None:
            # Identity first, as containers do it: NaN, and arrays that compare by element.
            # A node on the other side is no leaf, whatever a permissive ``==`` would say.
            if one is not other and (kind_of(other) is not None or one != other):
                return False
            continue
        if type(one) is not type(other):
            return False
        pair = (id(one), id(other))
        if kind.mutable:
            known = partner_of_left.setdefault(pair[0], pair[1])
            if known != pair[1] or partner_of_right.setdefault(pair[1], pair[0]) != pair[0]:
                return False
        if pair in compared:
            continue
        compared.add(pair)
        children = _pair_children(kind, one, other)
        if children is None:
            return False
        pending.extend(reversed(children))
    return True


def _pair_children(kind: NodeKind, one: Any, other: Any) -> _Pairs | None:
    """Return the children to compare; None if the two differ already."""
    if kind.buildable:
        return _pair_arguments(one, other)
    keys, values = kind.flatten(one)
    if isinstance(one, dict):
        if one.keys() != other.keys():
            return None
        return [(value, other[key]) for key, value in zip(keys, values, strict=True)]
    other_keys, others = kind.flatten(other)
    if len(values) != len(others) or list(keys) != list(other_keys):
        return None
    return list(zip(values, others, strict=True))


def _pair_arguments(one: Buildable[Any], other: Buildable[Any]) -> _Pairs | None:
    if one.__fn_or_cls__ is not other.__fn_or_cls__ and one.__fn_or_cls__ != other.__fn_or_cls__:
        return None
    if one.__argument_tags__ != other.__argument_tags__:
        return None
    mine, theirs = one.__arguments__, other.__arguments__
    defaults = signature_of(one.__fn_or_cls__).defaults
    pairs: _Pairs = []
    for key, value in mine.items():
        if key in theirs:
            pairs.append((value, theirs[key]))
        elif key in defaults:
            pairs.append((value, defaults[key]))
        else:
            return None
    for key, value in theirs.items():
        if key not in mine:
            if key not in defaults:
                return None
            pairs.append((defaults[key], value))
    return pairs
