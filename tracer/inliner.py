"""``inline``: expand a node that stands for an auto_config function into that function's graph."""

from __future__ import annotations

from typing import Any

from ..configs import BUILDABLE_TYPES, Config, get_callable, replace_in_place, signature_of
from .auto_config import is_auto_config
from .errors import InlineError, describe
from .frame import type_of
from .tracebacks import caller


def is_config(value: object) -> bool:
    """Tell whether a value is a Config."""
    return isinstance(value, Config)


def inline(buildable: Any) -> None:
    """Replace a node in place by the root of the graph its auto_config function gives.

    In place, so that everything that refers to the node now refers to the root. To keep the node
    as it is, inline a ``copy.copy`` of it. If anything fails the node is left as it was.

    Args:
        buildable: A Config of an auto_config function, which a capture makes of a call of a
            function with ``experimental_always_inline=False``. Its arguments may have been
            edited; they are what the function is captured with.

    Raises:
        InlineError: (a ValueError) If it is not a Config, if its callable is no auto_config
            function, or if the function returns something else than one buildable.

    Example:
        >>> from bytefig.tracer import auto_config
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> @auto_config(experimental_always_inline=False)
        ... def make_dense(width): return Dense(units=8 * width)
        >>> config = auto_config(lambda: [make_dense(width=2)]).as_buildable()
        >>> config
        [<Config[make_dense(width=2)]>]
        >>> config[0].width = 3
        >>> inline(config[0])
        >>> config
        [<Config[Dense(units=24)]>]
    """
    if not is_config(buildable):
        raise InlineError(
            describe(
                f"cannot inline {buildable!r}: only a Config of an auto_config function can be",
                _place(buildable),
                "pass the node itself",
            )
        )
    node = buildable
    fn: Any = get_callable(node)
    if not is_auto_config(fn):
        raise InlineError(
            describe(
                f"cannot inline {buildable!r}: its callable is not an auto_config function",
                _place(buildable),
                "wrap the function with auto_config(experimental_always_inline=False)",
            )
        )
    args, kwargs = signature_of(fn).call_arguments(node.__arguments__)
    root: Any = fn.as_buildable(*args, **kwargs)
    kind = type_of(root)
    if kind not in BUILDABLE_TYPES:
        raise InlineError(
            describe(
                f"cannot inline {node!r}: it gives a {kind.__name__}, not one buildable",
                _place(buildable),
                "return one object from the function, or let it always inline",
            )
        )
    replace_in_place(node, root)


def _place(node: object) -> str:
    return str(getattr(node, "__provenance__", None) or caller())
