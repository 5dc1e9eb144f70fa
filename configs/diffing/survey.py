"""A look through a whole graph, done once for all that a diff needs to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..core.registry import LEAF_TYPES, UNUSED_ID_BITS, class_of
from ..traversal.paths import Path, PathElement
from ..traversal.traverse import NodeKind, fold, kind_of, parts_of


class Survey:
    """The nodes of a graph, and their places; a CycleError if it contains itself.

    Attributes:
        nodes: Its nodes, each once, parents first.
        kinds: The kind of each of them.

    Example:
        >>> from bytefig.configs import format_path
        >>> inner = [1]
        >>> survey = Survey({"a": inner, "b": inner})
        >>> len(survey.nodes), format_path(survey.path(inner))
        (2, "<root>['a']")
    """

    def __init__(self, root: object) -> None:
        self.root = root
        self.nodes: list[Any] = []
        self.kinds: list[NodeKind] = []
        # By number, what holds a node where it is met first, and under which key.
        self._holders: dict[int, object] = {}
        self._keys: dict[int, object] = {}
        self._numbers: set[int] = set()
        if self._look_through():  # a cycle returns to where it was
            fold(root, lambda _, __: None)

    def __contains__(self, node: object) -> bool:
        """Return whether it is one of the nodes."""
        return id(node) >> UNUSED_ID_BITS in self._numbers

    def mutable_nodes(self) -> Iterator[tuple[Any, NodeKind]]:
        """Yield the nodes that can become others, and their kinds."""
        pairs = zip(self.nodes, self.kinds, strict=True)
        return (pair for pair in pairs if pair[1].mutable)

    def _look_through(self) -> bool:
        """Find the nodes; return whether one is met again."""
        leaves, holders, keys_of = LEAF_TYPES, self._holders, self._keys
        seen = self._numbers
        again = False
        pending = [self.root]
        while pending:
            node = pending.pop()
            kind = kind_of(node)
            if kind is None:
                continue
            number = id(node) >> UNUSED_ID_BITS
            if number in seen:
                again = again or not _is_constant(node, kind)
                continue
            seen.add(number)
            self.nodes.append(node)
            self.kinds.append(kind)
            keys, values = parts_of(kind, node)
            for key, value in zip(reversed(keys), reversed(values), strict=True):
                if class_of(value) in leaves:
                    continue
                pending.append(value)
                number = id(value) >> UNUSED_ID_BITS
                # Of several that hold a node, the last to name it here is the first to reach it.
                if number not in seen:
                    holders[number] = node
                    keys_of[number] = key
        return again

    def path(self, node: object) -> Path:
        """Return the path to a node, where it is met first."""
        steps: list[PathElement] = []
        while node is not self.root:
            number = id(node) >> UNUSED_ID_BITS
            node, key = self._holders[number], self._keys[number]
            kind = kind_of(node)
            assert kind is not None
            steps.append(kind.element(key))
        return tuple(reversed(steps))


def _is_constant(node: object, kind: NodeKind) -> bool:
    """Tell whether it is a container of leaves only that no edit can put anything into."""
    return not kind.mutable and all(
        class_of(child) in LEAF_TYPES for child in kind.flatten(node)[1]
    )
