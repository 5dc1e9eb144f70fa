"""Convert objects of some twenty popular classes to configs, build those, and compare.

The table says which route gave each object's arguments. Run it with
``python docs/examples/twenty_classes.py``; it needs scikit-learn, pydantic and msgspec, and shows
modules of PyTorch if that is installed.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import pathlib
import string
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import attrs

from bytefig.configs import build
from bytefig.tracer import autoconvert, recording
from bytefig.tracer.autoconvert.recipes import recipe_of


@dataclasses.dataclass
class Layer:
    """A dataclass."""

    units: int
    rates: list[float] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Data:
    """A frozen one, with a field that is worked out."""

    path: pathlib.Path
    name: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.path.stem)


@attrs.define
class Optimizer:
    """A class of attrs."""

    rate: float = attrs.field(converter=float)
    _momentum: float = 0.0


@attrs.frozen
class Schedule:
    """A frozen one."""

    steps: tuple[int, ...]


class Point(NamedTuple):
    """A named tuple, which is a container."""

    x: Any
    y: Any


class Comparable:
    """Base of plain classes: equal if their state is."""

    def state(self) -> dict[str, Any]:
        """Return all attributes."""
        slots = getattr(type(self), "__slots__", ())
        return {**getattr(self, "__dict__", {}), **{name: getattr(self, name) for name in slots}}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.state() == other.state()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(type(self))


class Dense(Comparable):
    """A plain class that keeps its arguments, and makes something of them."""

    def __init__(self, units: int, activation: str = "relu") -> None:
        if units < 0:
            raise ValueError(f"negative: {units}")
        self.units = units
        self.activation = activation
        self.weights = [0.0] * units


class Dropout(Dense):
    """A plain class that keeps them behind properties, and passes some on."""

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate

    @property
    def rate(self) -> float:
        """The rate, between 0 and 1."""
        return self._rate

    @rate.setter
    def rate(self, value: float) -> None:
        if not 0 <= value <= 1:
            raise ValueError(f"not a rate: {value}")
        self._rate = value


class Stack(Comparable):
    """A plain class with slots, private names and variadic arguments."""

    __slots__ = ("_Stack__scale", "layers")

    def __init__(self, *layers: Any, scale: float = 1.0) -> None:
        self.layers = layers
        self.__scale = scale


def own_objects() -> Iterator[Any]:
    """Yield objects of the classes above, and of the standard library."""
    yield Layer(8, [0.1])
    yield Data(path=pathlib.Path("data/train.csv"))
    yield Optimizer(0.1, momentum=0.9)
    yield Schedule((1, 2))
    yield Point(Dense(1), Dense(2))
    yield Dense(3, activation="gelu")
    yield Dropout(0.5, units=2)
    yield Stack(Dense(1), Dense(2), scale=0.5)
    yield string.Template("$greeting, world")
    yield textwrap.TextWrapper(width=50)


def library_objects() -> Iterator[Any]:
    """Yield objects of classes of pydantic, msgspec and scikit-learn."""
    import msgspec  # noqa: PLC0415 - the others need none of these
    import pydantic  # noqa: PLC0415
    from sklearn.cluster import KMeans  # noqa: PLC0415
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415
    from sklearn.decomposition import PCA  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415
    from sklearn.model_selection import GridSearchCV  # noqa: PLC0415
    from sklearn.pipeline import Pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415
    from sklearn.svm import SVC  # noqa: PLC0415

    class Settings(pydantic.BaseModel):
        rate: float
        tags: list[str] = []

    class Message(msgspec.Struct, kw_only=True):
        text: str
        sizes: list[int] = []

    yield Settings(rate=0.5, tags=["a"])
    yield Message(text="hello")
    yield LogisticRegression(C=0.5)
    yield Ridge(alpha=2.0)
    yield SVC(kernel="linear")
    yield KMeans(n_clusters=3)
    yield PCA(n_components=2)
    yield StandardScaler(with_mean=False)
    yield RandomForestClassifier(n_estimators=7, max_depth=2)
    yield Pipeline([("scale", StandardScaler()), ("classify", LogisticRegression(C=0.1))])
    yield ColumnTransformer([("scale", StandardScaler(), [0, 1])])
    yield GridSearchCV(SVC(), {"C": [0.1, 1.0]})


def torch_modules() -> Iterator[Any]:
    """Yield modules of PyTorch, which do not keep all they are made with: that is recorded."""
    from torch import nn  # noqa: PLC0415

    with recording():
        made = (
            nn.Linear(3, 4, bias=False),
            nn.Conv2d(1, 2, kernel_size=3),
            nn.Embedding(5, 6),
            nn.LayerNorm(4, eps=1e-3),
            nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.3)),
        )
    yield from made


def partials() -> Iterator[Any]:
    """Yield partials, which have no equality: what they make is compared."""
    yield functools.partial(Stack, Dense(1), scale=2.0)


@autoconvert
def as_config(obj: Any) -> Any:
    """Return what an object is converted to."""
    return obj


def equal(one: Any, other: Any) -> bool:
    """Tell whether two objects are equal, asking those of scikit-learn for their parameters."""
    if one is other or type(one) is not type(other):
        return one is other
    if isinstance(one, functools.partial):
        return equal(one(), other())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if hasattr(one, "get_params"):
        mine, theirs = one.get_params(deep=False), other.get_params(deep=False)
        return mine.keys() == theirs.keys() and all(equal(mine[key], theirs[key]) for key in mine)
    if hasattr(one, "named_modules"):  # what PyTorch shows of a module says how it was made
        return repr(one) == repr(other)
    if type(one).__eq__ is object.__eq__:
        return vars(one) == vars(other)
    return bool(one == other)


def route_of(obj: Any) -> str:
    """Return the name of the way in which an object's arguments are found."""
    return "a container" if isinstance(obj, tuple) else recipe_of(obj).route


def main() -> None:
    """Print the table."""
    print(f"{'class':24} {'route':12} rebuilt equal")
    modules = torch_modules() if importlib.util.find_spec("torch") else ()
    for obj in (*own_objects(), *partials(), *library_objects(), *modules):
        same = equal(build(as_config(obj)), obj)
        print(f"{type(obj).__qualname__.rpartition('.')[2]:24} {route_of(obj):12} {same}")
        if not same:
            raise SystemExit("it was not rebuilt equal")


if __name__ == "__main__":
    main()
