"""What the keys of arguments say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .signature.signature import ArgumentKey


class Shape(NamedTuple):
    """What the keys of the arguments of a node say.

    Attributes:
        order: The keys in the order of the parameters; None if they are in that order already.
        missing: The keys of the parameters that need a value and have none, in order.
        complete: Whether they are all that a call needs, passed by name in this order.
    """

    order: tuple[ArgumentKey, ...] | None
    missing: tuple[ArgumentKey, ...]
    complete: bool
