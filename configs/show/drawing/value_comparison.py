"""Compare the values at one path of two graphs, without looking further inside."""

from __future__ import annotations

from typing import Any


def same_value(one: Any, other: Any) -> bool:
    """Return whether two leaves are equal, and of one type; never raises.

    Example:
        >>> same_value(1, 1), same_value(1, True), same_value(float("nan"), 0.0)
        (True, False, False)
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    try:
        result = one == other
        try:
            return bool(result)
        except ValueError:  # an array compares by element
            return bool(result.all())
    except Exception:  # values of a user may refuse in any way, and are not known to be equal then
        return False


def same_node(one: Any, other: Any, buildable: bool) -> bool:
    """Return whether two nodes are of one type and, if they are buildables, of one callable.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> same_node(Config(int), Config(int, 1), True), same_node(Config(int), [], True)
        (True, False)
    """
    if type(one) is not type(other):
        return False
    return not buildable or same_value(one.__fn_or_cls__, other.__fn_or_cls__)
