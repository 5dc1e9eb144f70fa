"""Functions that put the values of a call under the keys of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from ..core.keys import ArgumentKey, Arguments

Store: TypeAlias = Callable[[Sequence[object]], Arguments]


def storing(keys: tuple[ArgumentKey, ...]) -> Store:
    """Return a function of as many values as there are keys, which returns a new dict.

    Example:
        >>> storing(("a", 1))((True, False))
        {'a': True, 1: False}
    """
    make = _MAKERS.get(len(keys))
    return partial(_many, keys) if make is None else make(*keys)


# A dict display takes a third of the time of a dict made of pairs.
def _none() -> Store:
    return lambda _: {}


def _one(first: ArgumentKey) -> Store:
    return lambda values: {first: values[0]}


def _two(first: ArgumentKey, second: ArgumentKey) -> Store:
    return lambda values: {first: values[0], second: values[1]}


def _three(first: ArgumentKey, second: ArgumentKey, third: ArgumentKey) -> Store:
    return lambda values: {first: values[0], second: values[1], third: values[2]}


def _four(
    first: ArgumentKey, second: ArgumentKey, third: ArgumentKey, fourth: ArgumentKey
) -> Store:
    return lambda values: {first: values[0], second: values[1], third: values[2], fourth: values[3]}


def _many(keys: tuple[ArgumentKey, ...], values: Sequence[object]) -> Arguments:
    return dict(zip(keys, values))  # noqa: B905 - `strict=` costs time


_MAKERS: Final[Mapping[int, Callable[..., Store]]] = {
    0: _none,
    1: _one,
    2: _two,
    3: _three,
    4: _four,
}
