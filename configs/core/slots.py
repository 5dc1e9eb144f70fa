"""Where a node keeps what it holds, and the fast way to fill it."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any, TypeAlias, cast

from .committing import Changes
from .edit import History
from .keys import Arguments
from .provenance import Provenance, SavedProvenance
from .tag_type import ArgumentTags

RawProvenance: TypeAlias = Provenance | SavedProvenance | CodeType | None
"""Where a node was made: a record of it, or the code of which the offset is kept as well."""


class NodeSlots:
    """Base of `Buildable`, and the class that a node has while it is filled.

    Arguments are attributes of a node, so its class overrides ``__setattr__``, and then its slots
    can only be written through their descriptors, which takes several times as long as the
    assignment that CPython specialises here.

    Attributes:
        __fn_or_cls__: The callable.
        __arguments__: The arguments that are set, by the storage rule.
        __raw_provenance__: Where the node was made; ``__provenance__`` is a record of it.
        __offset__: Offset of the instruction, if ``__raw_provenance__`` is a code object.
        __argument_tags__: The tags of arguments, or None.
        __history__: The edits since the node was made, or None.
    """

    __slots__ = (
        "__argument_tags__",
        "__arguments__",
        "__fn_or_cls__",
        "__history__",
        "__offset__",
        "__raw_provenance__",
        "__weakref__",
    )

    __fn_or_cls__: Callable[..., Any]
    __arguments__: Arguments
    __raw_provenance__: RawProvenance
    __offset__: int
    __argument_tags__: ArgumentTags | None
    __history__: History | None

    @property
    def __provenance__(self) -> Provenance | SavedProvenance | None:
        """Where the node was made, if known."""
        provenance = self.__raw_provenance__
        if type(provenance) is CodeType:
            provenance = Provenance(provenance, self.__offset__)
            _set_provenance(self, provenance)  # so that it is the same record each time
        return provenance  # pyright: ignore[reportReturnType] - no code object is left


set_callable = NodeSlots.__dict__["__fn_or_cls__"].__set__
set_arguments = NodeSlots.__dict__["__arguments__"].__set__
_set_provenance = NodeSlots.__dict__["__raw_provenance__"].__set__
_set_offset = NodeSlots.__dict__["__offset__"].__set__
set_tags = NodeSlots.__dict__["__argument_tags__"].__set__
set_history = NodeSlots.__dict__["__history__"].__set__
set_class = object.__dict__["__class__"].__set__


def new_node(
    cls: type[Any],
    fn: Callable[..., Any],
    arguments: Arguments,
    provenance: RawProvenance,
    offset: int = 0,
    tags: ArgumentTags | None = None,
    history: History | None = None,
) -> Any:
    """Return a new node of a class, unchecked; it owns the arguments and the history."""
    node: Any = NodeSlots()
    node.__fn_or_cls__ = fn
    node.__arguments__ = arguments
    node.__raw_provenance__ = provenance
    node.__offset__ = offset
    node.__argument_tags__ = tags
    node.__history__ = history
    try:
        node.__class__ = cls
    except TypeError:  # a subclass with a ``__dict__`` or slots of its own
        node = object.__new__(cls)
        overwrite(node, fn, arguments, provenance, offset, tags, history)
    return node


def copy_node(node: Any, arguments: Arguments, cls: type[Any] | None = None) -> Any:
    """Return a node like another, with these arguments, which it owns from now on.

    Args:
        node: The other.
        arguments: The arguments.
        cls: The class of the new node; by default that of the other.
    """
    edits = node.__history__
    return new_node(
        cls or cast("type[Any]", type(node)),
        node.__fn_or_cls__,
        arguments,
        node.__raw_provenance__,
        node.__offset__,
        node.__argument_tags__,
        None if edits is None else list(edits),
    )


def fill_new_node(
    node: Any,
    fn: Callable[..., Any],
    arguments: Arguments,
    provenance: RawProvenance,
    offset: int = 0,
    tags: ArgumentTags | None = None,
    history: History | None = None,
) -> None:
    """Fill a node that nobody else knows yet, unchecked."""
    cls = cast("type[Any]", type(node))
    try:
        set_class(node, NodeSlots)
    except TypeError:  # as above
        overwrite(node, fn, arguments, provenance, offset, tags, history)
        return
    node.__fn_or_cls__ = fn
    node.__arguments__ = arguments
    node.__raw_provenance__ = provenance
    node.__offset__ = offset
    node.__argument_tags__ = tags
    node.__history__ = history
    node.__class__ = cls


def overwrite(
    node: object,
    fn: Callable[..., Any],
    arguments: Arguments,
    provenance: RawProvenance,
    offset: int,
    tags: ArgumentTags | None,
    history: History | None,
) -> None:
    """Fill a node that nobody else knows yet, unchecked; it has its class all the time."""
    set_callable(node, fn)
    set_arguments(node, arguments)
    _set_provenance(node, provenance)
    _set_offset(node, offset)
    set_tags(node, tags)
    set_history(node, history)


def can_be(node: Any, cls: type[Any]) -> bool:
    """Return whether a node can be made one of another class, which is laid out as its own is."""
    try:
        set_class(copy_node(node, {}), cls)
    except TypeError:
        return False
    return True


def become(changes: Changes, node: NodeSlots, other: NodeSlots) -> None:
    """Have a node take over all that another one holds, its class as well."""
    changes.slot(set_class, node, type(node), type(other))
    changes.slot(set_callable, node, node.__fn_or_cls__, other.__fn_or_cls__)
    changes.slot(set_arguments, node, node.__arguments__, other.__arguments__)
    changes.slot(_set_provenance, node, node.__raw_provenance__, other.__raw_provenance__)
    changes.slot(_set_offset, node, node.__offset__, other.__offset__)
    changes.slot(set_tags, node, node.__argument_tags__, other.__argument_tags__)
    changes.slot(set_history, node, node.__history__, other.__history__)
