"""The trials of a sweep, made when they are asked for, and checked all at once."""

from __future__ import annotations

import copy
import itertools
import json
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Any, Final, cast, overload

import attrs

from ...configs import BUILDABLE_TYPES, Path, SerializationError, follow_path
from ...configs.for_tracer import HintMatcher, Visit, fold, problems_in
from ..engine.values import type_of
from ..errors import TracerError, ValueLanguageError
from ..values import OverrideError, Scope, override
from ..values.overrides import Given
from ..values.trees import is_a
from .atomic_files import Point
from .axes import Axis, Item, Uniform, axis_of_values, draws, item_of_data, item_of_value
from .by_value import PICKLE, can_pickle, pickled
from .canonical import CanonicalTexts, id_of

#: Of so many different problems the text is kept.
_KEPT: Final = 50
#: What remembers annotations remembers values, too, so that it is made anew after so many trials.
_REMEMBERED: Final = 500
_NOWHERE: Final = (AttributeError, LookupError, TypeError)


class Mode(StrEnum):
    """How several axes make points."""

    grid = "grid"
    zip = "zip"
    sample = "sample"


@attrs.frozen(eq=False)
class Trial:
    """A point of a sweep.

    Attributes:
        id: What it is called: a hash of the graph.
        point: What was set, by path; text where JSON cannot say it.
        graph: The graph. It has parts in common with those of other trials, so that it is not to
            be changed: make a deep copy for that.
        document: The graph as text; or a pickle, if it has functions that importing cannot find.
    """

    id: str
    point: Point
    graph: Any = attrs.field(repr=False)
    document: str | bytes = attrs.field(repr=False)


class PointsError(TracerError, ValueError):
    """Values make no points."""


class SweepError(TracerError, ValueError):
    """Points of a sweep cannot be run; none has been.

    Attributes:
        problems: What is wrong, by its text: at how many points, and the first of them.
    """

    def __init__(self, problems: Mapping[str, tuple[int, Point]], count: int) -> None:
        """Keep the problems, of a number of points."""
        self.problems = problems
        super().__init__(problems, count)

    def __str__(self) -> str:
        """Return all of them."""
        count = self.args[1]
        lines = [f"{count:,} {'point' if count == 1 else 'points'} cannot be run"]
        for text, (times, point) in self.problems.items():
            where = f"{times:,} points, the first of them {show_point(point)}"
            lines.append(f"  at {where if times > 1 else show_point(point)}")
            lines += [f"    {line}" for line in text.splitlines()]
        return "\n".join(lines)


def show_point(point: Mapping[str, object]) -> str:
    """Return a point as text.

    Example:
        >>> show_point({"hidden": 8, "optimizer": "Adam()"})
        'hidden=8 optimizer=Adam()'
    """
    return " ".join(f"{path}={value}" for path, value in point.items()) or "the base"


class Trials(Sequence[Trial]):
    """The trials of a graph with values set at some paths, made one by one.

    Attributes:
        base: The graph.
        axes: The axes; none if the points are a list.
        mode: What the axes make.

    Args:
        base: As the attribute.
        points: As `points_of` makes them.
        scope: What names in the values stand for.
        by_value: Whether functions that importing cannot find may be pickled.
    """

    def __init__(
        self, base: object, points: Points, scope: Scope | None = None, by_value: bool = False
    ) -> None:
        self.base = base
        self.points = points
        self._scope = Scope() if scope is None else scope
        self._by_value = by_value
        #: What the graphs that were made name, which has to be allowed.
        self.needed: set[str] = set()
        self._known: dict[tuple[Path, ...], tuple[dict[int, object], CanonicalTexts]] = {}

    def __len__(self) -> int:
        return len(self.points)

    @overload
    def __getitem__(self, index: int) -> Trial: ...
    @overload
    def __getitem__(self, index: slice) -> list[Trial]: ...
    def __getitem__(self, index: int | slice) -> Trial | list[Trial]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self._trial(self.points[at])

    def __iter__(self) -> Iterator[Trial]:
        return map(self._trial, self.points)

    def check(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Make and check each trial.

        Args:
            progress: Told from time to time how many are.

        Raises:
            SweepError: Some cannot be run; it lists all that is wrong.
        """
        problems: dict[str, tuple[int, Point]] = {}
        matcher = HintMatcher()
        last: dict[int, object] | None = None
        checked = frozenset[int]()
        count = 0
        for index, items in enumerate(self.points):
            if index % _REMEMBERED == 0:
                matcher = HintMatcher()
                progress(index)
            found: list[str] = []
            try:
                shared, texts = self._parts(items)
                graph = self._graph(items, shared)
                if shared is not last:
                    last, checked = shared, _without_problems(shared, matcher)
                found = [str(problem) for problem in problems_in(graph, matcher, checked)]
                self._document(graph, items, texts)
            except OverrideError as error:
                found += map(str, error.problems)
            except (SerializationError, ValueLanguageError) as error:
                found.append(str(error))
            count += bool(found)
            for text in found:
                if text in problems or len(problems) < _KEPT:
                    times, first = problems.get(text, (0, _point(items)))
                    problems[text] = times + 1, first
        if problems:
            raise SweepError(problems, count)

    def _trial(self, items: Sequence[Item]) -> Trial:
        shared, texts = self._parts(items)
        graph = self._graph(items, shared)
        document = self._document(graph, items, texts)
        text = document if isinstance(document, str) else document.hex()
        return Trial(id_of(text), _point(items), graph, document)

    def _parts(self, items: Sequence[Item]) -> tuple[dict[int, object], CanonicalTexts]:
        """Return the nodes that all graphs with the same paths share, and the writer of these."""
        paths = tuple(item.assignment.path for item in items)
        if paths not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            texts = CanonicalTexts(paths, self.needed)
            self._known[paths] = _untouched(self.base, paths), texts
        return self._known[paths]

    def _graph(self, items: Sequence[Item], shared: dict[int, object]) -> object:
        paths = [item.assignment.path for item in items]
        assignments = [_copied_if_changed(item, paths).assignment for item in items]
        self._scope.made.clear()
        return override(self.base, assignments, self._scope, shared=shared)

    def _document(self, graph: object, items: Sequence[Item], texts: CanonicalTexts) -> str | bytes:
        try:
            return texts.text(graph, [item.assignment.text for item in items])
        except SerializationError as error:
            if not self._by_value:
                raise
            if not can_pickle():
                advice = "another process needs it by value: install cloudpickle"
                raise SerializationError(f"{error}\n  fix: {advice}", "<root>") from error
            self.needed.add(PICKLE)
            return pickled(graph)


def _without_problems(shared: dict[int, object], matcher: HintMatcher) -> frozenset[int]:
    """Return the ids of nodes if all is well in them."""
    return frozenset() if problems_in([*shared.values()], matcher) else frozenset(shared)


class Points:
    """The values to set for each trial, by its number.

    Args:
        count: How many there are.
        get: Gives the values.
        described: All of it as JSON can say it.
    """

    def __init__(
        self, count: int, get: Callable[[int], Iterable[Item]], described: Mapping[str, object]
    ) -> None:
        self._count = count
        self._get = get
        self.described = described

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> tuple[Item, ...]:
        return tuple(self._get(index))

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return map(self.__getitem__, range(self._count))


def points_of(axes: Sequence[Axis], mode: Mode, count: int = 0, seed: int = 0) -> Points:
    """Return the points of axes.

    Args:
        axes: The axes.
        mode: Whether each value of one is combined with each of the others, or with one only, or
            whether values are taken by chance.
        count: How many to take by chance.
        seed: Decides what chance gives.

    Raises:
        PointsError: A path has two axes, lengths differ that may not, or there is no end to what
            has to have one.
    """
    twice = {axis.where for axis in axes if sum(each.where == axis.where for each in axes) > 1}
    if twice:
        raise PointsError(f"{', '.join(sorted(twice))} has two axes: give all values to one")
    described = {
        "mode": mode.value,
        "axes": {axis.where: axis.describe() for axis in axes},
        **({"count": count, "seed": seed} if mode is Mode.sample else {}),
    }
    if mode is Mode.sample:
        if count < 1:
            raise PointsError("a sample needs a count: how many points to take")
        return Points(count, draws(axes, count, seed), described)
    endless = [axis.where for axis in axes if axis.drawn is not None]
    if endless:
        raise PointsError(f"{', '.join(endless)} can be anything in between: take a sample of it")
    lists = [axis.items for axis in axes]
    if mode is Mode.zip:
        if len({len(items) for items in lists}) > 1:
            said = ", ".join(f"{axis.where} has {len(axis.items):,}" for axis in axes)
            raise PointsError(f"axes that are stepped together need as many values each: {said}")
        return Points(
            len(lists[0]) if lists else 0, lambda at: [items[at] for items in lists], described
        )
    return Points(math.prod(map(len, lists)), lambda at: _of_grid(lists, at), described)


def _of_grid(lists: Sequence[Sequence[Item]], at: int) -> list[Item]:
    found: list[Item] = []
    for items in reversed(lists):
        at, index = divmod(at, len(items))
        found.append(items[index])
    return found[::-1]


def points_in_file(file: FilePath) -> Points:
    """Return the points of a file of JSON lines, each an object of values by path.

    Raises:
        OSError: It cannot be read.
    """
    starts, numbers = array("q"), array("q")
    with file.open("rb") as lines:
        for number, (at, line) in enumerate(zip(_ends(file), lines, strict=False), 1):
            if line.strip():
                starts.append(at)
                numbers.append(number)

    def get(index: int) -> list[Item]:
        with file.open("rb") as opened:
            opened.seek(starts[index])
            return _items_in_line(opened.readline(), f"{file}, line {numbers[index]}")

    return Points(len(starts), get, {"mode": "points", "points": str(file)})


def _ends(file: FilePath) -> Iterator[int]:
    """Yield where each line of a file begins."""
    with file.open("rb") as lines:
        yield 0
        yield from itertools.accumulate(map(len, lines))


def _items_in_line(line: bytes, label: str) -> list[Item]:
    text = str(line, "utf-8", "replace").strip()
    found: Any = None
    with suppress(ValueError, RecursionError):
        found = json.loads(text)
    if not is_a(found, dict):
        raise ValueLanguageError(text, label, 0, "this is no object of JSON", _LINE)
    return [item_of_data(where, value, label) for where, value in found.items()]


_LINE: Final = 'write an object in each line: {"model.hidden": 8, "optimizer.lr": 0.1}'


def points_of_values(
    values: Mapping[str, object] | Iterable[Mapping[str, object]], mode: Mode, count: int, seed: int
) -> Points:
    """Return the points of objects that are set as they are.

    Args:
        values: By path the values of an axis; or a list of points, each with values by path.
        mode: As for `points_of`.
        count: Likewise.
        seed: Likewise.

    Raises:
        PointsError: As for `points_of`.
    """
    if isinstance(values, Mapping):
        by_path = cast("Mapping[str, Iterable[object] | Uniform]", values)
        axes = [axis_of_values(where, each) for where, each in by_path.items()]
        return points_of(axes, mode, count, seed)
    lists = [[item_of_value(path, value) for path, value in each.items()] for each in values]
    return Points(len(lists), lambda at: lists[at], {"mode": "points"})


def _point(items: Iterable[Item]) -> dict[str, object]:
    return {item.assignment.where: item.shown for item in items}


def _copied_if_changed(item: Item, paths: Sequence[Path]) -> Item:
    """Return a value to set, of which a copy is set if another one is set inside of it."""
    given, path = item.assignment.tree, item.assignment.path
    inside = (other for other in paths if len(other) > len(path) and other[: len(path)] == path)
    if not isinstance(given, Given) or next(inside, None) is None:
        return item
    return attrs.evolve(
        item, assignment=attrs.evolve(item.assignment, tree=Given(copy.deepcopy(given.value)))
    )


def _untouched(base: object, paths: Iterable[Path]) -> dict[int, object]:
    """Return the nodes and containers, by id, in which nothing is set."""
    touched: set[int] = set()
    for path in paths:
        value = base
        for element in path:
            touched.add(id(value))
            try:
                value = follow_path(value, (element,))
            except _NOWHERE:
                break
        else:
            touched.add(id(value))
    kept: dict[int, object] = {}

    def combine(visit: Visit, _: object) -> bool:
        changed = id(visit.node) in touched or any(visit.results)
        if not changed and (type_of(visit.node) in BUILDABLE_TYPES or visit.kind.mutable):
            kept[id(visit.node)] = visit.node
        return changed

    fold(base, combine, lambda _: False)
    return kept
