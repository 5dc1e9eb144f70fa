"""Copies of nodes that edits are tried on, until all of them are made to the nodes themselves."""

from __future__ import annotations

from typing import Any

from ..core.slots import become, copy_node
from ..core.transaction import Changes
from ..node.buildable import Buildable


class Drafts:
    """Copies of nodes, to be edited; which arguments a node accepts stays its own decision.

    The graph is as before until `commit`. A draft has the children of the node, not their drafts.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, a=1)
        >>> drafts = Drafts()
        >>> drafts.of(cfg).a = 2
        >>> drafts.of(cfg).b = 3
        >>> cfg
        <Config[dict(a=1)]>
        >>> drafts.commit()
        >>> cfg
        <Config[dict(a=2, b=3)]>
    """

    __slots__ = ("_drafts",)

    def __init__(self) -> None:
        """Begin with none."""
        self._drafts: dict[int, tuple[Buildable[object], Buildable[object]]] = {}

    def of(self, node: Buildable[object]) -> Any:
        """Return the draft of a node, which is the same each time."""
        known = self._drafts.get(id(node))
        if known is None:
            known = self._drafts[id(node)] = node, copy_node(node, dict(node.__arguments__))
        return known[1]

    def __contains__(self, node: object) -> bool:
        """Return whether a node has a draft."""
        return id(node) in self._drafts

    def commit(self) -> None:
        """Turn each node into its draft; all, or in case of an error none."""
        changes = Changes()
        for node, draft in self._drafts.values():
            become(changes, node, draft)
        changes.commit()
