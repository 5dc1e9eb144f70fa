"""`traverse`: a traversal whose function decides how far it goes into each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import attrs

from ..core.errors import CycleError
from ..core.registry import BUILDABLE_TYPES
from ..core.slots import set_effects
from .iteration import PathCounter
from .paths import Path, PathElement, format_path
from .traverse import EFFECTS, NodeKind, kind_of


class _StoppedError(Exception):
    """Carries the result of a traversal that was stopped; never leaves this module."""


@attrs.define(eq=False, repr=False)
class Traversal:
    """A traversal at a value: given to the function of `traverse`, which has it go on from there.

    Attributes:
        path: The path of the value, the first that led to it.
        memoized: Whether each value is given to the function once.
    """

    _fn: Callable[[object, Traversal], object]
    path: Path
    memoized: bool
    _known: dict[int, object]
    _active: dict[int, Path]
    #: What was met, so that no other value gets its id; and the nodes that have effects.
    _met: list[object]
    _acted_on: list[tuple[object, Path]]
    _counter: PathCounter | None

    def is_traversable(self, value: object) -> bool:
        """Tell whether a value is looked into: a node or a container, empty ones included."""
        return kind_of(value) is not None

    def results(self, value: object) -> Iterator[tuple[PathElement, Any]]:
        """Yield the step to each child of a value, with the function's result for the child.

        Args:
            value: The value that the function was given, or one in its place.
        """
        kind = kind_of(value)
        if kind is not None:
            yield from self._children(value, kind)

    def map_children(self, value: object) -> Any:
        """Return a value like this with the function's results for its children; a leaf as it is.

        Args:
            value: The value that the function was given, or one in its place.
        """
        kind = kind_of(value)
        if kind is None:
            return value
        made = [result for _, result in self._children(value, kind)]
        return kind.rebuild(value, kind.flatten(value)[0], made)

    def stop(self, result: object = None) -> NoReturn:
        """End the whole traversal, which returns the result."""
        raise _StoppedError(self, result)

    def _children(self, value: object, kind: NodeKind) -> Iterator[tuple[PathElement, object]]:
        for key, child in zip(*kind.flatten(value), strict=True):
            element = kind.element(key)
            yield element, self._visit(child, (*self.path, element))

    def _visit(self, value: Any, path: Path) -> object:
        number = id(value)
        if kind_of(value) is None:
            return self._fn(value, attrs.evolve(self, path=path))
        if self.memoized and number in self._known:
            return self._known[number]
        if number in self._active:
            raise CycleError(format_path(self._active[number]), format_path(path))
        if self._counter is not None:
            self._counter.count(lambda: path)
        self._met.append(value)
        self._active[number] = path
        if type(value) in BUILDABLE_TYPES and value.__effects__ and number not in self._known:
            self._acted_on.append((value, path))
        made = self._known[number] = self._fn(value, attrs.evolve(self, path=path))
        del self._active[number]
        return made

    def run(self, root: object) -> Any:
        """Return the function's result for the root; for the effects, once it is done."""
        try:
            made = self._visit(root, self.path)
            for node, path in self._acted_on:  # grows
                at = attrs.evolve(self, path=path)
                effects = [result for _, result in at._children(node, EFFECTS)]
                other = self._known[id(node)]
                if other is not node and type(other) in BUILDABLE_TYPES:
                    nodes = tuple(each for each in effects if type(each) in BUILDABLE_TYPES)
                    set_effects(other, nodes or None)
        except _StoppedError as stopped:
            traversal, result = stopped.args
            if traversal._met is not self._met:  # of a traversal outside of this one
                raise
            return result
        return made


def traverse(
    fn: Callable[[object, Traversal], object], graph: object, *, memoized: bool = True
) -> Any:
    """Have a function go through a graph: it decides before a value is looked into.

    It is given the root; what it asks of the `Traversal` gives it the children, one inside the
    other, so that what it does not ask for is left alone. `iterate` and `map_graph` go through
    all of a graph, of any depth; this goes as deep as Python's recursion limit lets functions.

    Args:
        fn: Given a value and the traversal at it: `Traversal.map_children` has it called for the
            children and makes a value like it of what that returns, `Traversal.results` only does
            the first, `Traversal.stop` ends it all, `Traversal.path` leads to the value.
        graph: A buildable, containers that hold some, or any other value; it does not change.
        memoized: Give each node to the function once, so that sharing is kept. If false, once for
            each path.

    Returns:
        What the function makes of the root, or stopped with.

    Raises:
        CycleError: The graph contains itself.
        ManyPathsError: It is not memoized, and there is no end to its paths.

    Example:
        >>> from bytefig.configs import Config, Key
        >>> graph = Config(dict, a=[1, 2], private=Config(dict, b=3))
        >>> def doubled(value, state):
        ...     if format_path(state.path).endswith("private"):
        ...         return value
        ...     return 2 * value if type(value) is int else state.map_children(value)
        >>> traverse(doubled, graph)
        <Config[dict(a=[2, 4], private=<Config[dict(b=3)]>)]>
        >>> def first_text(value, state):
        ...     if type(value) is str:
        ...         state.stop(state.path)
        ...     return [*state.results(value)] and None
        >>> traverse(first_text, [1, {"k": ("x", "y")}])
        (Index(index=1), Key(key='k'), Index(index=0))
    """
    counter = None if memoized else PathCounter(graph)
    return Traversal(fn, (), memoized, {}, {}, [], [], counter).run(graph)
