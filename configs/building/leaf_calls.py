"""Functions that call a callable with the arguments of a node, if all of those are leaves.

A call that names its arguments takes less time than one that is given a dict of them, which CPython
copies first. So most nodes of a great graph are built by a function made for their arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from keyword import iskeyword
from typing import Any, Final, TypeAlias

from ..core.keys import ArgumentKey, Arguments
from ..core.registry import LEAF_TYPES

#: What such a function returns, without a call, if the arguments are others or no leaves.
OTHER: Final = object()

LeafCall: TypeAlias = Callable[[Callable[..., object], Arguments], object]

#: More shapes of arguments, or more of those, are not worth the time to compile.
_MOST: Final = 8
_GLOBALS: Final = {"__name__": __name__, "OTHER": OTHER, "leaves": LEAF_TYPES, "type": type}


def leaf_call(shapes: Collection[tuple[ArgumentKey, ...]]) -> LeafCall | None:
    """Return a function that calls a callable with the values of a dict of arguments, by name.

    Args:
        shapes: The keys that the dict may have. Of those of one length, the last counts.

    Returns:
        A function of the callable and the dict. It returns `OTHER` if not all values are of
        `LEAF_TYPES`, or the keys are none of these. None if there is no such function.

    Example:
        >>> call = leaf_call([(), ("real",), ("real", "imag")])
        >>> call(complex, {"real": 1}), call(complex, {"real": 1, "imag": 2})
        ((1+0j), (1+2j))
        >>> call(complex, {"real": []}) is call(complex, {"imag": 1}) is OTHER
        True
    """
    of_length = {len(keys): keys for keys in sorted(filter(_can_be_named, shapes))}
    return _compiled(tuple(of_length.values())[:_MOST]) if of_length else None


def _can_be_named(keys: tuple[ArgumentKey, ...]) -> bool:
    return len(keys) <= _MOST and all(
        isinstance(key, str) and key.isidentifier() and not iskeyword(key) for key in keys
    )


@lru_cache(maxsize=256)
def _compiled(shapes: tuple[tuple[str, ...], ...]) -> LeafCall:
    lines = ["def leaf_call(fn, arguments):", " count = len(arguments)"]
    for keys in shapes:
        values = [f"value_{index}" for index in range(len(keys))]
        named = ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
        are_leaves = " and ".join(f"type({value}) in leaves" for value in values) or "True"
        lines.append(f" if count == {len(keys)}:")
        if keys:
            lines.append("  try:")
            lines += [
                f"   {value} = arguments[{key!r}]" for key, value in zip(keys, values, strict=True)
            ]
            lines.append("  except KeyError:")
            lines.append("   return OTHER")
        lines.append(f"  return fn({named}) if {are_leaves} else OTHER")
    lines.append(" return OTHER")
    namespace: dict[str, Any] = dict(_GLOBALS)
    exec(compile("\n".join(lines), "<leaf call>", "exec", dont_inherit=True), namespace)
    return namespace["leaf_call"]
