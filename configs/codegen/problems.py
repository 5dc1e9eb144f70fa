"""The problems that are found while a source is written, with their places."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.provenance import Provenance, SavedProvenance
from ..node.history import provenance_of
from ..traversal.iteration import Place, places
from ..traversal.traverse import Visit
from .errors import CodegenError, SourceProblem
from .source_functions import Function


class Problems:
    """Collects problems, so that all of them are told at once.

    Attributes:
        found: The problems.
        places: Places of nodes by their ids. They are kept, so that all of them together cost no
            more than the graph.
    """

    def __init__(self) -> None:
        self.found: list[SourceProblem] = []
        self.places: dict[int, Place] = {}

    def check(self) -> None:
        """Raise an error of all problems.

        Raises:
            CodegenError: There are some.
        """
        if self.found:
            raise CodegenError(self.found)

    def add(
        self, stack: Sequence[Visit], reason: str, index: int | None = None, child: object = None
    ) -> None:
        """Add a problem of the innermost node, or of its child at an index."""
        place, visit = self._place(stack), stack[-1]
        if index is not None:
            place = Place(child, place, visit.kind, visit.keys[index])
        self.add_at(place, reason, _origin(stack, index))

    def add_at(
        self, place: Place, reason: str, origin: Provenance | SavedProvenance | None = None
    ) -> None:
        """Add a problem of the value at a place, and the line that made it so."""
        self.found.append(SourceProblem(place, reason, origin))

    def refuse(self, graph: object, function: Function, reason: str) -> None:
        """Add the problem that a sub-fixture cannot be a function."""
        place = next(place for place, _ in places(graph) if place.value is function.root)
        text = f"sub-fixture {function.name!r} cannot be a function: {reason}; choose another"
        self.add_at(place, text, getattr(place.value, "__provenance__", None))

    def _place(self, stack: Sequence[Visit]) -> Place:
        known = len(stack)
        while known and id(stack[known - 1].node) not in self.places:
            known -= 1
        for level in range(known, len(stack)):
            node = stack[level].node
            if level:
                parent = stack[level - 1]
                key = parent.keys[len(parent.results)]
                place = Place(node, self.places[id(parent.node)], parent.kind, key)
            else:
                place = Place(node)
            self.places[id(node)] = place
        return self.places[id(stack[-1].node)]


def _origin(stack: Sequence[Visit], index: int | None) -> Provenance | SavedProvenance | None:
    """Return the line that set a value: of the innermost argument that it is, or is inside of."""
    innermost = stack[-1]
    if index is None and innermost.kind.buildable:
        return innermost.node.__provenance__
    for visit in reversed(stack):
        if visit.kind.buildable:
            at = index if visit is innermost and index is not None else len(visit.results)
            return provenance_of(visit.node, visit.keys[at])
    return None
