"""Arguments that are not set, among those that are."""

from __future__ import annotations

import attrs

from ..core.keys import ArgumentKey, Arguments
from ..core.sentinels import NO_VALUE
from ..core.slots import NodeSlots
from ..signature.signature import signature_of


@attrs.frozen
class Unset:
    """Stands for an argument that is not set.

    Attributes:
        default: The default; `NO_VALUE` without one.
        made: Whether the default is made by a factory at every call.
    """

    default: object = NO_VALUE
    made: bool = False


def arguments_with_unset(node: NodeSlots, include_unset: bool, include_defaults: bool) -> Arguments:
    """Return the arguments of a node in order, with an `Unset` for those that are not set.

    Args:
        node: The node.
        include_unset: Include those without a default, too.
        include_defaults: Include those with a default, too.
    """
    signature = signature_of(node.__fn_or_cls__)
    found: dict[ArgumentKey, object] = {}
    if include_unset:
        found.update(dict.fromkeys(signature.required, Unset()))
    if include_defaults:
        found.update(dict.fromkeys(signature.factories, Unset(made=True)))
        found.update((key, Unset(default)) for key, default in signature.defaults.items())
    found.update(node.__arguments__)
    for key in node.__argument_tags__ or ():  # a tag is to be seen, value or not
        found.setdefault(key, Unset(signature.default(key), key in signature.factories))
    return signature.ordered(found)
