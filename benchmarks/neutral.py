"""Graphs as plain values that are equal for equal graphs, whatever library their nodes are of."""

from __future__ import annotations

from typing import Any

_CONTAINERS = (list, tuple, dict)


def neutral(value: Any) -> Any:
    """Return what a graph consists of: kinds, callables, arguments, and what is shared."""
    return _neutral(value, {})


def _neutral(value: Any, seen: dict[int, int]) -> Any:
    is_node = hasattr(type(value), "__fn_or_cls__") or hasattr(value, "__fn_or_cls__")
    if not is_node and type(value) not in _CONTAINERS:
        return value
    if type(value) is not tuple:
        if id(value) in seen:
            return "shared", seen[id(value)]
        seen[id(value)] = len(seen)
    if is_node:
        arguments = sorted(value.__arguments__.items(), key=lambda item: str(item[0]))
        parts = [(key, _neutral(part, seen)) for key, part in arguments]
        return type(value).__name__, value.__fn_or_cls__, parts
    if type(value) is dict:
        return "dict", [(key, _neutral(part, seen)) for key, part in value.items()]
    return type(value).__name__, [_neutral(part, seen) for part in value]
