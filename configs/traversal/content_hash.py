"""Hashes of the contents of values: the same for equal graphs, and no more than a hint."""

from __future__ import annotations

from typing import Any, cast

from .traverse import Visit, fold


def hash_inside(value: object, known: dict[int, int]) -> int:
    """Return a hash of a value with all that is inside of it; never raises for a leaf.

    Args:
        value: A node, a container or a leaf.
        known: Hashes of nodes by id, looked up and added to.

    Raises:
        CycleError: The value contains itself.

    Example:
        >>> from bytefig.configs import Config
        >>> hash_inside([Config(int, 1)], {}) == hash_inside([Config(int, 1)], {})
        True
        >>> hash_inside([1], {}) == hash_inside([True], {})
        False
    """
    return cast("int", fold(value, _hash_node, hash_leaf, known))


def _hash_node(visit: Visit, _: object) -> int:
    node = visit.node
    kind = hash(cast("type[Any]", type(node)))
    if visit.kind.buildable:
        kind = hash_leaf(node.__fn_or_cls__)
    items = zip(map(hash_leaf, visit.keys), cast("list[int]", visit.results), strict=True)
    return hash((kind, frozenset(items) if isinstance(node, dict) else tuple(items)))


def hash_leaf(value: object) -> int:
    """Return a hash of a leaf and its type; of the type alone if it has none.

    Example:
        >>> hash_leaf({1}) == hash_leaf({2}), hash_leaf(1) == hash_leaf(1.0)
        (True, False)
    """
    try:
        return hash((type(value), value))
    except Exception:  # a set, an array: what is the same at all is that it is one
        return hash(type(value))
