"""Recipes and refusals: the common results of all ways to get an object's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ...configs import Buildable, Config
from ...configs.for_tracer import Arguments, same_leaf


class RefusedError(Exception):
    """A way cannot give the arguments of an object; ``missing`` are the parameters not found."""

    def __init__(self, reason: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


@attrs.frozen(eq=False)
class Recipe:
    """How to make an object again.

    Attributes:
        route: The name of the way it was found by.
        fn: What to call.
        arguments: The arguments, by the storage rule of `configs`.
        node_cls: The kind of node.
        written: Whether somebody wrote it for this purpose, so that nodes in it are meant to be
            built.
        like: The node that it is taken from, which has tags.
    """

    route: str
    fn: Callable[..., object]
    arguments: Arguments
    node_cls: type[Buildable[Any]] = Config
    written: bool = False
    like: Buildable[Any] | None = None


def differs(one: object, other: object) -> bool:
    """Tell whether two values are not the same, as far as they can tell."""
    return one is not other and (type(one) is not type(other) or not same_leaf(one, other))
