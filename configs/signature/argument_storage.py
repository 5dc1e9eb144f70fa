"""Functions that put the values of a call under the keys of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..core.keys import ArgumentKey, Arguments

Store: TypeAlias = Callable[[Sequence[object]], Arguments]


def storing(keys: tuple[ArgumentKey, ...]) -> Store:
    """Return a function of as many values as there are keys, which returns a new dict.

    Example:
        >>> storing(("a", 1))((True, False))
        {'a': True, 1: False}
    """
    match keys:  # a dict display takes a third of the time of a dict made of pairs
        case ():
            return lambda _: {}
        case (a,):
            return lambda values: {a: values[0]}
        case (a, b):
            return lambda values: {a: values[0], b: values[1]}
        case (a, b, c):
            return lambda values: {a: values[0], b: values[1], c: values[2]}
        case (a, b, c, d):
            return lambda values: {a: values[0], b: values[1], c: values[2], d: values[3]}
        case _:
            return lambda values: dict(zip(keys, values))  # noqa: B905 - `strict=` costs time
