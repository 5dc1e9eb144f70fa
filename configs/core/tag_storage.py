"""How tags are stored on a node, and the tags and tagged values that its arguments come with.

A node holds its tags as a dict from argument keys to frozen sets, or None. That dict is never
changed in place, so that copies share it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from .keys import ArgumentKey, Arguments
from .slots import NodeSlots
from .tag_type import ArgumentTags, TagType

TAGGED_TYPES: Final[set[type]] = set()
"""The classes of nodes that stand for one value with tags: `TaggedValueCls`."""


def tags_after(
    tags: ArgumentTags | None, key: ArgumentKey, new: frozenset[TagType]
) -> ArgumentTags | None:
    """Return the tags of a node after one argument's have changed; None if there are none left."""
    rest = {other: kept for other, kept in (tags or {}).items() if other != key}
    return ({**rest, key: new} if new else rest) or None


def expand_tagged(
    arguments: Arguments, before: Arguments, tags: ArgumentTags | None, variadic: int
) -> ArgumentTags | None:
    """Replace tagged values that were assigned to arguments by their values.

    The arguments are changed in place, and the tags that the node has then are returned. A tagged
    value without a value leaves the argument as it was before; among the ``*args``, which begin at
    the position ``variadic``, this would leave a gap: there it stays.
    """
    for key, value in list(arguments.items()):
        if type(value) not in TAGGED_TYPES or before.get(key) is value:
            continue
        tagged: Any = value
        if "value" in tagged.__arguments__:
            arguments[key] = tagged.__arguments__["value"]
        elif isinstance(key, int) and key >= variadic:
            continue
        elif key in before:
            arguments[key] = before[key]
        else:
            del arguments[key]
        own = tags_at(tagged, "value")
        tags = tags_after(tags, key, own | (tags or {}).get(key, frozenset()))
    return tags


def tags_of_new(
    arguments: Arguments, declared: ArgumentTags | None, variadic: int
) -> ArgumentTags | None:
    """Return the declared tags with the ones of tagged values, which are replaced as above."""
    if TAGGED_TYPES.isdisjoint(map(type, arguments.values())):
        return declared
    return expand_tagged(arguments, {}, declared, variadic)


def tags_at(node: NodeSlots, key: ArgumentKey) -> frozenset[TagType]:
    """Return the tags of the argument with this key."""
    return (node.__argument_tags__ or {}).get(key, frozenset())


def tag_names(tags: Iterable[TagType]) -> str:
    """Return the names of tags as text."""
    return ", ".join(sorted(tag.name for tag in tags))
