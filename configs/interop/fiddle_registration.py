"""Fiddle's own tools on graphs of bytefig, without conversion."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from ..core.edit import Edit, SavedEdit
from ..core.keys import ArgumentKey
from ..core.own_code import PUBLIC
from ..core.registry import BUILDABLE_TYPES
from ..core.slots import NodeSlots
from ..core.tag_type import ArgumentTags, TagType
from ..editing.tags import TaggedValueCls
from ..node.buildable import Buildable
from ..node.history import history
from ..node.kinds import ArgFactory, Config, Partial
from ..signature.signature import signature_of
from .libraries import Peer, load

_PACKAGE: Final = PUBLIC.rpartition(".")[0]


def register_with_fiddle() -> None:
    """Let Fiddle's tools work on graphs of bytefig as on its own.

    Its daglish traverses them then, ``isinstance`` takes the nodes for Fiddle's, and so its absl
    flags, printing, graphviz, codegen, visualize, select and transform take them. What these make
    anew is Fiddle's; what edits nodes through their tags or history needs `to_fiddle`.

    It lasts as long as the process. Call it again after defining classes of nodes of your own.

    Raises:
        ModuleNotFoundError: Fiddle is not installed.
    """
    fiddle, daglish = load("fiddle"), load("fiddle.daglish")
    twins: dict[type, Peer] = {
        Buildable: fiddle.Buildable,
        Config: fiddle.Config,
        Partial: fiddle.Partial,
        ArgFactory: fiddle.ArgFactory,
        TaggedValueCls: load("fiddle.tagging").TaggedValueCls,
    }
    for cls, twin in twins.items():
        twin.register(cls)
    for cls in BUILDABLE_TYPES:
        if not daglish.is_traversable_type(cls):
            daglish.register_node_traverser(
                cls,
                flatten_fn=_flatten,
                unflatten_fn=getattr(cls, "__unflatten__"),  # noqa: B009 - of Fiddle's protocol
                path_elements_fn=_path_elements,
            )
    if not isinstance(NodeSlots.__dict__["__argument_tags__"], _TagsSlot):
        setattr(NodeSlots, "__argument_tags__", _TagsSlot(NodeSlots.__dict__["__argument_tags__"]))  # noqa: B010 - a slot
        for name, getter in _MEMBERS.items():
            setattr(Buildable, name, property(getter))
        imports = load("fiddle._src.codegen.import_manager")
        for cls in (Config, TaggedValueCls):  # code is to import them from where they are public
            imports.register_import_alias(cls.__module__, f"from {_PACKAGE} import configs")


def _flatten(node: Buildable[object]) -> object:
    return node.__flatten__()


def _path_elements(node: NodeSlots) -> tuple[Peer, ...]:
    """Return the steps to the arguments of a node, as Fiddle's."""
    daglish = load("fiddle.daglish")
    keys = signature_of(node.__fn_or_cls__).ordered(node.__arguments__)
    return tuple(daglish.Attr(key) if isinstance(key, str) else daglish.Index(key) for key in keys)


def _signature_info(node: NodeSlots) -> Peer:
    """Return Fiddle's record of the signature of the callable."""
    signatures = load("fiddle._src.signatures")
    signature = signatures.get_signature(node.__fn_or_cls__)
    return signatures.SignatureInfo(signature=signature)


def _history(node: NodeSlots) -> Peer:
    """Return the edits of a node by argument, as Fiddle keeps them."""
    peer = load("fiddle._src.history")
    found = peer.History()
    for edit in history(node):
        found.setdefault(edit.key, []).append(_entry(peer, edit))
    return found


def _entry(peer: Peer, edit: Edit | SavedEdit) -> Peer:
    place = edit.provenance
    where: tuple[str, int, str | None] = "<unknown>", 0, None
    if place is not None:
        where = place.filename, place.line, place.function.rpartition(".")[2]
    kind = peer.ChangeKind.UPDATE_TAGS if edit.kind == "tags" else peer.ChangeKind.NEW_VALUE
    value = peer.DELETED if edit.kind == "delete" else edit.after
    return peer.HistoryEntry(edit.order, edit.key, kind, value, peer.Location(*where))


_MEMBERS: Final[dict[str, Callable[[NodeSlots], Peer]]] = {
    "__signature_info__": _signature_info,
    "__argument_history__": _history,
    "__path_elements__": lambda node: partial(_path_elements, node),
}
"""What Fiddle's nodes have, and bytefig's have not."""


class _Tags(dict[ArgumentKey, frozenset[TagType]]):
    """The tags of a node; of an argument without tags there are none, as in Fiddle."""

    def __missing__(self, key: object) -> frozenset[TagType]:
        return frozenset()


class _TagsSlot:
    """The slot of the tags of a node, which gives a mapping for None."""

    def __init__(self, slot: Any) -> None:
        self._slot = slot

    def __get__(self, node: NodeSlots | None, owner: type | None = None) -> object:
        return self if node is None else _Tags(self._slot.__get__(node) or ())

    def __set__(self, node: NodeSlots, tags: ArgumentTags | None) -> None:
        self._slot.__set__(node, tags or None)
