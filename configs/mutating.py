"""Edits of a node in place."""

from __future__ import annotations

from typing import Any

from .buildable import Buildable, assign_slots
from .traverse import BUILDABLE_TYPES


def replace_in_place(node: Buildable[Any], other: Buildable[Any]) -> None:
    """Make ``node`` what ``other`` is, so that everything that refers to ``node`` sees it.

    Class, callable and provenance become those of ``other``; the arguments, those of a shallow
    copy of it. Either everything changes or nothing.

    Args:
        node: The node to change; it keeps its identity.
        other: The node to become; it stays as it is.

    Raises:
        TypeError: One is not a buildable, or their classes are laid out differently in memory.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> cfg = Config(int)
        >>> replace_in_place(cfg, Partial(dict, a=1))
        >>> cfg
        <Partial[dict(a=1)]>
    """
    for value in (node, other):
        if type(value) not in BUILDABLE_TYPES:
            raise TypeError(f"cannot replace in place: {value!r} is not a Buildable")
    arguments = dict(other.__arguments__)
    try:
        # The only step that can fail comes first. Past `__setattr__`, which sets arguments.
        object.__setattr__(node, "__class__", type(other))
    except TypeError as error:
        error.add_note(
            f"a {type(node).__name__} cannot become a {type(other).__name__}: declare"
            " `__slots__ = ()` in subclasses of Config, Partial and ArgFactory"
        )
        raise
    assign_slots(node, other.__fn_or_cls__, arguments, other.__provenance__)
