"""`Self`, type variables and unpacked keywords in annotations."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, Self, TypedDict, TypeVar, Unpack

import pytest

from bytefig.configs import Config, validate
from bytefig.configs.hints.type_hints import hints_of

K, T = TypeVar("K"), TypeVar("T")


@dataclasses.dataclass
class Cell(Generic[T]):
    content: T
    many: list[T] = dataclasses.field(default_factory=list)
    maybe: T | None = None
    make: Callable[[T], dict[str, T]] | None = None
    marked: Annotated[T, "x"] | None = None
    fixed: Literal["T"] = "T"


@dataclasses.dataclass
class Row(Cell[T]):
    count: int = 1


@dataclasses.dataclass
class IntRow(Row[int]): ...


class Table(Cell[int], Generic[T]):
    """Its T is not that of Cell, which is int here."""

    def __init__(self, name: T, content: T):
        super().__init__(0)


class Keyed(Table[str], Generic[K, T]):
    def __init__(self, key: K, value: T):
        super().__init__("", "")


class Inherits(Keyed[int, float]): ...


class Node:
    def __init__(self, size: int, parent: Self | None = None, others: list[Self] = []):
        self.size = size

    @classmethod
    def below(cls, parent: Self) -> Self:
        return cls(0, parent)


class Leaf(Node): ...


class Knobs(TypedDict, total=False):
    rate: float
    steps: int


def knobs(**named: Unpack[Knobs]): ...


def loose(**named: Any): ...


@typing.no_type_check
def unchecked(x: int, y: str = 3): ...


def parameters(fn: Any) -> dict[Any, Any]:
    return hints_of(fn).parameters


def test_arguments_of_a_generic_class():
    found = parameters(Cell[float])
    assert found == {
        "content": float,
        "many": list[float],
        "maybe": float | None,
        "make": Callable[[float], dict[str, float]] | None,
        "marked": Annotated[float, "x"] | None,
        "fixed": Literal["T"],
    }
    assert parameters(Cell)["content"] is T
    assert parameters(Row[str])["content"] is str
    assert parameters(Row[str])["count"] is int
    assert parameters(IntRow)["many"] == list[int]
    assert parameters(Row[Cell[int]])["content"] == Cell[int]


def test_a_variable_that_two_classes_have():
    assert parameters(Table[str]) == {"name": str, "content": str}
    assert parameters(Keyed[int, float]) == {"key": int, "value": float}
    assert parameters(Inherits) == {"key": int, "value": float}


def test_self():
    assert parameters(Node)["parent"] == Node | None
    assert parameters(Leaf)["others"] == list[Leaf]
    assert parameters(Leaf.below) == {"parent": Leaf}
    assert hints_of(Leaf.below).result is Leaf


@pytest.mark.parametrize(
    "node, paths",
    [
        (Config(Cell[int], content="no"), ["<root>.content"]),
        (Config(Cell[int], content=1, many=[1, "no"]), ["<root>.many[1]"]),
        (Config(Cell, content="yes"), []),
        (Config(IntRow, content="no"), ["<root>.content"]),
        (Config(Node, 1, parent=Config(Leaf, 2)), []),
        (Config(Leaf, 1, parent=Config(Node, 2)), ["<root>.parent"]),
        (Config(Node.below, parent=Config(Cell, 1)), ["<root>.parent"]),
        (Config(knobs, rate=1, steps=2), []),
        (Config(knobs, rate=1, steps="no"), ["<root>.steps"]),
        (Config(knobs, rat=1), ["<root>.rat"]),
        (Config(loose, rate="yes"), []),
        (Config(unchecked, x="yes"), []),
    ],
    ids=repr,
)
def test_validate_asks_the_same(node, paths):
    assert [problem.path for problem in validate(node)] == paths


def test_values_are_made_of_them():
    values = pytest.importorskip("bytefig.tracer.values")

    def changed(node, text):
        return values.override(node, [values.parse_assignment(text)])

    assert type(changed(Config(Cell[float], 1.0), "content=3").content) is float
    assert changed(Config(Cell[float], 1.0), "many=[1]").many == [1.0]
    assert type(changed(Config(knobs), "rate=1").rate) is float
    assert changed(Config(Leaf, 1), "parent=Leaf(2)").parent == Config(Leaf, 2)
    for node, text in (
        (Config(Cell[int], 1), "content=x"),
        (Config(Leaf, 1), "parent=3"),
        (Config(knobs), "steps=1.5"),
    ):
        with pytest.raises(values.OverrideError):
            changed(node, text)
    assert changed(Config(unchecked), "x='a'").x == "a"
