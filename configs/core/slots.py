"""The slots of a node, and the fast way to fill them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from types import CodeType, MemberDescriptorType
from typing import Any, Final, TypeAlias, TypeVar

from .edit import History
from .keys import Arguments
from .provenance import Provenance, SavedProvenance
from .tag_type import ArgumentTags
from .transaction import Changes

RawProvenance: TypeAlias = Provenance | SavedProvenance | CodeType | None
"""Where a node was made: a record of it, or the code of which the offset is kept as well."""


class NodeSlots:
    """Base of `Buildable`, and the class that a node has while it is filled.

    Arguments are attributes of a node, so its class overrides ``__setattr__``, and then its slots
    can only be written through their descriptors, which takes several times as long as the
    assignment that CPython specialises here.

    Attributes:
        __raw_provenance__: Where the node was made; ``__provenance__`` is a record of it.
        __offset__: Offset of the instruction, if ``__raw_provenance__`` is a code object.

    `Buildable` describes the others.
    """

    __slots__ = (
        "__argument_tags__",
        "__arguments__",
        "__effects__",
        "__fn_or_cls__",
        "__form__",
        "__history__",
        "__offset__",
        "__order__",
        "__raw_provenance__",
        "__weakref__",
    )

    __fn_or_cls__: Callable[..., object]
    __arguments__: Arguments
    __raw_provenance__: RawProvenance
    __offset__: int
    __argument_tags__: ArgumentTags | None
    __history__: History | None
    __form__: int
    __order__: int
    __effects__: tuple[NodeSlots, ...] | None

    @property
    def __provenance__(self) -> Provenance | SavedProvenance | None:
        """Where the node was made, if known."""
        provenance = self.__raw_provenance__
        if type(provenance) is CodeType:
            provenance = Provenance(provenance, self.__offset__)
            _set_provenance(self, provenance)  # so that it is the same record each time
        return provenance  # pyright: ignore[reportReturnType] - no code object is left


NodeT = TypeVar("NodeT", bound=NodeSlots)

#: The numbers of the graphs that are loaded lie between two of those that are made here.
_STEP: Final = 1 << 32
next_number: Final[Callable[[], int]] = itertools.count(_STEP, _STEP).__next__
"""Return a number for a call, greater than that of any call before."""


class Block:
    """Numbers for the nodes of one graph that is loaded, in which they have their order."""

    __slots__ = ("_start",)

    def __init__(self) -> None:
        """Take numbers that are greater than any before."""
        self._start = next_number()

    def number(self, rank: int) -> int:
        """Return the number of a node; one that no graph can have counts as the last."""
        return self._start + max(0, min(rank, _STEP - 1))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as another block: where it is loaded, other numbers are free."""
        return Block, ()


def ranks_of(nodes: Iterable[NodeSlots]) -> dict[int, int]:
    """Return by their numbers how many of the nodes were called before each."""
    numbers = sorted({node.__order__ for node in nodes if node.__order__})
    return {number: rank for rank, number in enumerate(numbers)}


set_callable = NodeSlots.__dict__["__fn_or_cls__"].__set__
set_arguments = NodeSlots.__dict__["__arguments__"].__set__
_set_provenance = NodeSlots.__dict__["__raw_provenance__"].__set__
set_tags = NodeSlots.__dict__["__argument_tags__"].__set__
set_history = NodeSlots.__dict__["__history__"].__set__
set_form = NodeSlots.__dict__["__form__"].__set__
set_order = NodeSlots.__dict__["__order__"].__set__
set_effects = NodeSlots.__dict__["__effects__"].__set__
set_class = object.__dict__["__class__"].__set__
_SLOTS: Final[tuple[MemberDescriptorType, ...]] = tuple(
    NodeSlots.__dict__[name] for name in NodeSlots.__slots__ if name != "__weakref__"
)


def new_node(
    cls: type[NodeT],
    fn: Callable[..., object],
    arguments: Arguments,
    provenance: RawProvenance,
    offset: int = 0,
    tags: ArgumentTags | None = None,
    history: History | None = None,
    form: int = 0,
    order: int = 0,
    effects: tuple[NodeSlots, ...] | None = None,
) -> NodeT:
    """Return a new node of a class, unchecked; it owns the arguments and the history."""
    node: Any = NodeSlots()
    node.__fn_or_cls__ = fn
    node.__arguments__ = arguments
    node.__raw_provenance__ = provenance
    node.__offset__ = offset
    node.__argument_tags__ = tags
    node.__history__ = history
    node.__form__ = form
    node.__order__ = order
    node.__effects__ = effects
    try:
        node.__class__ = cls
    except TypeError:  # a subclass with a ``__dict__`` or slots of its own
        return _filled(object.__new__(cls), node)
    return node


def record_node(
    cls: type[NodeT],
    fn: Callable[..., object],
    arguments: Arguments,
    form: int,
    provenance: RawProvenance,
    offset: int = 0,
    tags: ArgumentTags | None = None,
) -> NodeT:
    """Return the node of a call that a program makes just now, unchecked, as `new_node` does.

    All nodes of captures are made here.
    """
    # As `new_node` does it: another call would take a third of the time.
    node: Any = NodeSlots()
    node.__fn_or_cls__ = fn
    node.__arguments__ = arguments
    node.__raw_provenance__ = provenance
    node.__offset__ = offset
    node.__argument_tags__ = tags
    node.__history__ = None
    node.__form__ = form
    node.__order__ = next_number()
    node.__effects__ = None
    try:
        node.__class__ = cls
    except TypeError:  # as above
        return _filled(object.__new__(cls), node)
    return node


def copy_node(node: NodeT, arguments: Arguments, cls: type[NodeT] | None = None) -> NodeT:
    """Return a node like another, with these arguments, which it owns from now on.

    Its effects are the very same: they act on the other until they are replaced, too.
    """
    edits = node.__history__
    return new_node(
        cls or type(node),
        node.__fn_or_cls__,
        arguments,
        node.__raw_provenance__,
        node.__offset__,
        node.__argument_tags__,
        None if edits is None else list(edits),
        node.__form__,
        node.__order__,
        node.__effects__,
    )


def fill_new_node(
    node: NodeSlots,
    fn: Callable[..., object],
    arguments: Arguments,
    provenance: RawProvenance,
    offset: int = 0,
) -> None:
    """Fill a node that nobody else knows yet, unchecked."""
    cls = type(node)
    try:
        set_class(node, NodeSlots)
    except TypeError:  # as above
        _filled(node, new_node(NodeSlots, fn, arguments, provenance, offset))
        return
    node.__fn_or_cls__ = fn
    node.__arguments__ = arguments
    node.__raw_provenance__ = provenance
    node.__offset__ = offset
    node.__argument_tags__ = None
    node.__history__ = None
    node.__form__ = 0
    node.__order__ = 0
    node.__effects__ = None
    node.__class__ = cls


def _filled(node: NodeT, other: NodeSlots) -> NodeT:
    """Return a node that nobody else knows yet, with all that another has but its class."""
    for slot in _SLOTS:
        slot.__set__(node, slot.__get__(other))
    return node


def can_be(node: NodeSlots, cls: type[object]) -> bool:
    """Return whether a node can be made one of another class, which is laid out as its own is."""
    try:
        set_class(copy_node(node, {}), cls)
    except TypeError:
        return False
    return True


def become(changes: Changes, node: NodeSlots, other: NodeSlots) -> None:
    """Have a node take over all that another one holds, its class as well."""
    changes.slot(set_class, node, type(node), type(other))
    for slot in _SLOTS:
        changes.slot(slot.__set__, node, slot.__get__(node), slot.__get__(other))
