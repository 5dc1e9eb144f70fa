"""An axis of a sweep: a path of the graph, and the values to set there, as text or as objects."""

from __future__ import annotations

import ast
import json
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final, NoReturn

import attrs

from ...configs import BUILDABLE_TYPES
from ...configs.for_tracer import plain_repr, short_repr
from ..engine.values import type_of
from ..errors import ValueLanguageError
from ..values import Assignment, parse_assignment
from ..values.assignments import comma_parts, end_of_path
from ..values.files import tree_of
from ..values.overrides import Given

_FIX: Final = (
    "write path:=[8, 16], range(8, 65, 8), log(1e-4, 1e-1, 4), or with --sample"
    " uniform(0, 1), loguniform(1e-4, 1), choice(8, 16)"
)
#: What JSON says as it is.
_PLAIN: Final = frozenset((bool, float, int, str, type(None)))


@attrs.frozen
class Uniform:
    """Any number from one to another, both included; whole numbers if both are.

    Attributes:
        low: The least.
        high: The greatest.
        log: Whether as many are below ten as between ten and a hundred.

    Example:
        >>> 0 <= Uniform(0, 1.0).draw(random.Random(1)) <= 1
        True
    """

    low: float
    high: float
    log: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse two ends that make no range.

        Raises:
            ValueError: It is none.
        """
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"there is nothing from {self.low} to {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.low} has no logarithm")

    @property
    def whole(self) -> bool:
        """Whether it is of whole numbers."""
        return type_of(self.low) is int and type_of(self.high) is int

    def draw(self, source: random.Random) -> float:
        """Return one of the numbers."""
        if self.whole and not self.log:
            return source.randint(int(self.low), int(self.high))
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        found = source.uniform(low, high)
        found = math.exp(found) if self.log else found
        found = min(max(found, self.low), self.high)
        return round(found) if self.whole else float(f"{found:.12g}")


def uniform(low: float, high: float) -> Uniform:
    """Return an axis for sweeps of samples: any number from one to another."""
    return Uniform(low, high)


def loguniform(low: float, high: float) -> Uniform:
    """Return an axis for sweeps of samples: any number from one to another, by its logarithm."""
    return Uniform(low, high, log=True)


def log(low: float, high: float, count: int) -> list[float]:
    """Return numbers from one to another, each the same multiple of the one before.

    Raises:
        ValueError: A number is not above zero, or there are fewer than two.

    Example:
        >>> log(1e-4, 1e-1, 4)
        [0.0001, 0.001, 0.01, 0.1]
    """
    if low <= 0 or high <= 0 or count < 2:
        raise ValueError("log(first, last, count) takes two numbers above 0 and a count above 1")
    step = (math.log(high) - math.log(low)) / (count - 1)
    inner = [float(f"{low * math.exp(step * index):.12g}") for index in range(1, count - 1)]
    return [float(low), *inner, float(high)]


@attrs.frozen
class Item:
    """One value of an axis.

    Attributes:
        shown: What tables show of it: itself, or text.
        assignment: What sets it.
    """

    shown: object
    assignment: Assignment


@attrs.frozen
class Axis:
    """A path, and the values to set there.

    Attributes:
        where: The path, as text.
        items: The values; none if ``drawn`` has them.
        drawn: The numbers to draw from.
    """

    where: str
    items: Sequence[Item]
    drawn: Uniform | None = None

    def draw(self, source: random.Random) -> Item:
        """Return a value by chance."""
        if self.drawn is None:
            return source.choice(self.items)
        value = self.drawn.draw(source)
        return Item(value, _assignment(self.where, repr(value), value))

    def describe(self) -> object:
        """Return all of it as JSON can say it."""
        if self.drawn is not None:
            return attrs.asdict(self.drawn)
        return [item.shown for item in self.items]


def is_axis(word: str) -> bool:
    """Tell whether a word of the command line gives an axis.

    Example:
        >>> is_axis("model.hidden:=[8, 16]"), is_axis("name=a:=b")
        (True, False)
    """
    end = end_of_path(word)
    return end > 0 and word[end - 1] == ":"


def parse_axis(word: str) -> Axis:
    """Return the axis of ``path:=[8, 16]`` and its kin.

    Raises:
        ValueLanguageError: It is none.

    Example:
        >>> [item.shown for item in parse_axis("optimizer:=[Adam(lr=1e-3), SGD()]").items]
        ['Adam(lr=1e-3)', 'SGD()']
    """
    end = end_of_path(word)
    path, text = word[: end - 1], word[end + 1 :].strip()
    where = parse_assignment(f"{path}=").where
    name, bracket, inside = text.partition("[" if text.startswith("[") else "(")
    name = name.strip()
    make = _FORMS.get(name)
    if not bracket or text[-1] != _CLOSING[bracket] or make is None:
        _refuse(text, where, "this is no list of values")
    parts = comma_parts(inside[:-1])
    if not parts:
        _refuse(text, where, "there is no value in it")
    if name in ("", "choice"):
        return Axis(where, [_item_of_text(where, part) for part in parts])
    try:
        found = make(*map(_number, parts))
        if isinstance(found, Uniform):
            return Axis(where, (), found)
        if not found:
            raise ValueError("there is no value in it")
        return Axis(where, [_item_of_text(where, repr(value)) for value in found])
    except (TypeError, ValueError) as error:
        _refuse(text, where, f"{name}: {error}")


def axis_of_values(where: str, values: Iterable[object] | Uniform) -> Axis:
    """Return the axis of objects that are set as they are.

    Raises:
        ValueLanguageError: The path is none.
        ValueError: There are no values.
    """
    if isinstance(values, Uniform):
        return Axis(_assignment(where, "").where, (), values)
    items = [item_of_value(where, value) for value in values]
    if not items:
        raise ValueError(f"{where} has no values")
    return Axis(items[0].assignment.where, items)


def item_of_value(where: str, value: object) -> Item:
    """Return an object that is set as it is."""
    return Item(shown_value(value), _assignment(where, short_repr(value, 60), Given(value)))


def item_of_data(where: str, value: object, file: str) -> Item:
    """Return a value of a file of points, which is read by the annotation of where it goes.

    Raises:
        ValueLanguageError: The path is none, or the value is none.
    """
    said = short_repr(value, 60)
    return Item(shown_value(value), _assignment(where, said, tree_of(value, file)))


def shown_value(value: object) -> object:
    """Return a value as tables show it: itself where JSON can say it, else text.

    Example:
        >>> from bytefig.configs import Config
        >>> shown_value(8), shown_value(Config(dict, a=1)), shown_value(int)
        (8, 'dict(a=1)', 'int')
    """
    if isinstance(value, float) and math.isfinite(value):
        return float(value)  # those of NumPy are of a class of their own
    if type_of(value) in _PLAIN and type_of(value) is not float:
        return value
    if type_of(value) in (list, dict, tuple):
        try:
            return json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError):
            pass
    if isinstance(value, type | FunctionType | BuiltinFunctionType):
        return value.__name__
    text = short_repr(value, 200)
    if type_of(value) in BUILDABLE_TYPES:
        return text.removeprefix("<Config[").removeprefix("<").removesuffix("]>")
    return text if type_of(value) in _PLAIN else plain_repr(value)[:200]


def _assignment(where: str, text: str, tree: Any = None) -> Assignment:
    made = parse_assignment(f"{where}={text}")
    return made if tree is None else attrs.evolve(made, tree=tree)


def _item_of_text(where: str, text: str) -> Item:
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = text
    return Item(shown_value(value), _assignment(where, text))


def _number(text: str) -> object:
    value = ast.literal_eval(text)
    if type_of(value) not in (int, float):
        raise ValueError(f"{text} is no number")
    return value


def _refuse(text: str, where: str, what: str) -> NoReturn:
    raise ValueLanguageError(text, f"{where}:=", 0, what, _FIX)


_CLOSING: Final = {"[": "]", "(": ")"}
#: What stands before the bracket.
_FORMS: Final[Mapping[str, Callable[..., Iterable[object] | Uniform]]] = {
    "": list,
    "choice": list,
    "range": range,
    "log": log,
    "uniform": uniform,
    "loguniform": loguniform,
}


def draws(axes: Sequence[Axis], count: int, seed: int) -> Callable[[int], Iterator[Item]]:
    """Return a function that gives the values of a sample by its number, always the same ones."""

    def sample(index: int) -> Iterator[Item]:
        if not 0 <= index < count:
            raise IndexError(index)
        source = random.Random(f"{seed} {index}")
        return (axis.draw(source) for axis in axes)

    return sample
