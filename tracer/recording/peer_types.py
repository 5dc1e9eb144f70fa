"""Captures that record straight into the nodes of Fiddle or of NeMo Run."""

from __future__ import annotations

from typing import Any

from ...configs import BUILDABLE_TYPES, Buildable, Provenance
from ...configs import cast as cast_node
from ...configs.for_tracer import Arguments, peers
from ..engine.values import Node, Value
from .config_types import ConfigTypes


def types_of(library: str) -> ConfigTypes:
    """Return the classes of ``fiddle`` or ``nemo_run``, which has only Fiddle's ``ArgFactory``.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    peer = peers.load(library)
    return ConfigTypes(peer.Config, peer.Partial, peers.load("fiddle").ArgFactory)


class PeerNodes:
    """The nodes that one capture makes of foreign classes.

    Until the capture ends they are of a subclass whose special methods tell the guard.

    Attributes:
        types: The types whose instances the guard protects.
    """

    __slots__ = ("_made", "types")

    def __init__(self, types: ConfigTypes) -> None:
        classes = (types.config_cls, types.partial_cls, types.arg_factory_cls)
        foreign = {cls for cls in classes if cls not in BUILDABLE_TYPES}
        self.types = BUILDABLE_TYPES | foreign | set(map(peers.watched, foreign))
        self._made: list[Node] = []

    def make(self, cls: type, fn: Value, arguments: Arguments, place: Provenance) -> Node:
        """Return a new node; its arguments fit the callable."""
        node = peers.make_peer_node(peers.watched(cls), fn, arguments, place)
        self._made.append(node)
        return node

    def release(self) -> None:
        """Make all nodes plain ones of the peer."""
        while self._made:
            peers.unwatch(self._made.pop())


def cast_any(cls: object, node: object) -> Node:
    """Return a shallow copy of a node that is of another class of the same library."""
    by_library: Any = cast_node if type(node) in BUILDABLE_TYPES else peers.cast_peer_node
    return by_library(cls, node)


def is_node(value: object, kind: type[Buildable[object]]) -> bool:
    """Tell whether a value is a node of a kind, or of the kind of that name of a peer."""
    return isinstance(value, kind) or peers.is_peer_node(value, kind.__name__)
