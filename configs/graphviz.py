"""Draw a graph, or the differences of two: `to_graphviz` as Fiddle's users call it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .core.sentinels import NO_VALUE
from .diffing import Diff, apply_diff, skeleton_from_diff
from .show.drawing import to_graphviz

if TYPE_CHECKING:
    from graphviz import Source  # pyright: ignore[reportMissingTypeStubs]

__all__ = ["render", "render_diff"]


def render(
    config: object, max_depth: int | None = None, max_str_length: int | None = None
) -> Source:
    """Return the drawing of a graph, see `to_graphviz`.

    Args:
        config: A buildable, or containers that hold some.
        max_depth: Leave out the arguments of nodes with more others than that above them.
        max_str_length: How many characters of a value are shown.

    Example:
        >>> from bytefig.configs import Config
        >>> "<B>dict</B>" in render(Config(dict), max_depth=3).source  # doctest: +SKIP
        True
    """
    if max_str_length is None:
        return to_graphviz(config, max_depth=max_depth)
    return to_graphviz(config, max_depth=max_depth, max_text=max_str_length)


def render_diff(
    diff: Diff | None = None, *, old: object = NO_VALUE, new: object = NO_VALUE, trim: bool = False
) -> Source:
    """Return the drawing of the differences between two graphs.

    Args:
        diff: The difference, of `diffing.build_diff`; without ``old``, as much of a graph is drawn
            as it speaks of.
        old: The earlier graph.
        new: The later graph, if there is no ``diff``.
        trim: Leave out the arguments of nodes in which nothing has changed.

    Raises:
        TypeError: Neither ``diff`` nor both graphs are given, or ``diff`` and ``new``.

    Example:
        >>> from bytefig.configs import Config
        >>> drawing = render_diff(old=Config(dict, a=1), new=Config(dict, a=2))  # doctest: +SKIP
    """
    if (diff is None) == (new is NO_VALUE) or (diff is None and old is NO_VALUE):
        raise TypeError("render_diff takes diff=..., diff=... and old=..., or old=... and new=...")
    if diff is not None:
        old = skeleton_from_diff(diff) if old is NO_VALUE else old
        new = apply_diff(diff, copy.deepcopy(old))
    return to_graphviz(new, diff=old, only_changes=trim)
