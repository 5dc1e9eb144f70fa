"""The written arguments of a node, by how a call takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ..core.keys import ArgumentKey
from ..signature.signature import Signature
from ..traversal.traverse import Visit
from .errors import NoSourceError
from .layout import Expression


def arguments_of(
    signature: Signature, visit: Visit, form: int = 0
) -> tuple[list[Expression], dict[str, Expression], dict[int, Expression]]:
    """Sort the written arguments of a node by how a call takes them.

    Args:
        signature: That of the callable.
        visit: The node.
        form: How many of the first keys are given by position, up to one that is not set.

    Returns:
        Positional arguments; named ones; and by position those that no call can give, because one
        before them is not set.

    Raises:
        NoSourceError: There is a gap among the ``*args``.
    """
    written = cast("Sequence[Expression]", visit.results)
    left: dict[ArgumentKey, Expression] = dict(zip(visit.keys, written, strict=True))
    arity = len(signature.keys)
    variadic = sorted(key for key in left if isinstance(key, int) and key >= arity)
    if variadic != [*range(arity, arity + len(variadic))]:
        raise NoSourceError("an argument is missing among its *args; set cfg[VARARGS:] anew")
    positional: list[Expression] = []
    count = max(signature.positional_only, form)
    keys = [*signature.keys, *variadic] if variadic else signature.keys[:count]
    for key in keys:
        if key not in left:
            break
        positional.append(left.pop(key))
    named = {key: value for key, value in left.items() if isinstance(key, str)}
    gaps = {key: value for key, value in left.items() if isinstance(key, int)}
    return positional, named, gaps
