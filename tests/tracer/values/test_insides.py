"""Paths into what is not set, into defaults and objects; and ``+=`` and its kin."""

from __future__ import annotations

import abc
import dataclasses
import enum
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import attrs
import pytest

from bytefig.configs import Config, Partial, arg_factory, build
from bytefig.tracer.values import OverrideError, Scope, override, parse_assignment

MADE: list[object] = []


@dataclasses.dataclass
class Size:
    width: int = 1
    height: int = 2

    def __post_init__(self):
        MADE.append(self)


@dataclasses.dataclass
class Window:
    size: Size = dataclasses.field(default_factory=Size)
    tuned: Size = dataclasses.field(default_factory=lambda: Size(width=5))
    numbers: list[int] = dataclasses.field(default_factory=lambda: [1, 2])
    sizes: list[Size] = dataclasses.field(default_factory=lambda: [Size(7), Size(8)])
    table: dict[str, Size] = dataclasses.field(default_factory=dict)


@attrs.define
class Frame:
    size: Size = attrs.field(factory=Size)
    other: Size = attrs.field(factory=lambda: Size(height=9))


class Adam:
    def __init__(self, lr: float = 0.2, betas: tuple[float, float] = (0.9, 0.99)):
        self.lr, self.betas = lr, betas


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...


class Sized(Protocol):
    width: int


class Pair(NamedTuple):
    left: Size
    right: int = 0


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


def train(
    size: Size,
    maybe: Size | None = None,
    optimizer: Adam = Adam(lr=0.1, betas=(0.5, 0.6)),
    sizes: list[Size] = [Size(3), Size(4)],
    pair: Pair = Pair(Size(6)),
    either: Size | Adam | None = None,
    shape: Shape | None = None,
    sized: Sized | None = None,
    make: Callable[[int], Size] | None = None,
    nested: Window | None = None,
    text: str | None = None,
): ...


@arg_factory.supply_defaults
def supplied(size: Size = arg_factory.default_factory(lambda: Size(11))):
    return size


def sums(
    n: int = 4,
    rate: float = 0.5,
    text: str = "a",
    items: list[int] = [1],
    pairs: tuple[int, ...] = (1, 2),
    table: dict[str, int] = {"a": 1},
    names: set[str] = {"x"},
    rights: Rights = Rights.READ,
    untyped=3,
    sizes: list[Size] = [],
    required: int = ...,
    flag: bool = True,
    made: list[int] = dataclasses.field(default_factory=list),
): ...


del sums.__defaults__  # of which some are set below, and `required` none
sums.__defaults__ = (
    *(4, 0.5, "a", [1], (1, 2), {"a": 1}, {"x"}, Rights.READ, 3, []),
    *(None, True, None),
)

SCOPE = Scope(sys.modules[__name__])


def changed(graph: Any, *texts: str) -> Any:
    return override(graph, map(parse_assignment, texts), SCOPE)


def refused(graph: Any, *texts: str) -> str:
    with pytest.raises(OverrideError) as caught:
        changed(graph, *texts)
    return str(caught.value)


def test_the_class_that_the_annotation_names_is_made():
    assert changed(Config(train), "size.width=256").size == Config(Size, width=256)
    assert changed(Config(train), "maybe.width=2", "maybe.height=3").maybe == Config(Size, 2, 3)
    assert changed(Config(train, maybe=None), "maybe.width=2").maybe == Config(Size, 2)
    made = changed(Config(train), "nested.size.width=3")
    assert build(made.nested) == Window(Size(3))


def test_a_default_keeps_its_other_values():
    made = changed(Config(train), "optimizer.lr=1", "sizes[1].height=9", "pair.left.width=0")
    assert (made.optimizer.lr, made.optimizer.betas) == (1.0, (0.5, 0.6))
    assert build(made.sizes[1]) == Size(4, 9)
    assert build(made.sizes[0]) == Size(3)
    assert build(made.pair) == Pair(Size(0))
    made = changed(Config(train), "optimizer.betas[1]=0.7")
    assert build(made.optimizer).betas == (0.5, 0.7)
    # The defaults themselves are as before.
    assert (train.__defaults__[1].lr, train.__defaults__[2][1]) == (0.1, Size(4))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("size.height=9", Window(size=Size(1, 9))),
        ("tuned.height=9", Window(tuned=Size(5, 9))),
        ("numbers[1]=9", Window(numbers=[1, 9])),
        ("sizes[0].height=9", Window(sizes=[Size(7, 9), Size(8)])),
        ("table['k']=Size(3)", Window(table={"k": Size(3)})),
    ],
)
def test_what_a_factory_would_make_is_gone_into(text, expected):
    MADE.clear()
    made = changed(Config(Window), text)
    assert MADE == []  # it is captured
    assert build(made) == expected
    assert build(Config(Window)) == Window()


def test_factories_of_attrs_and_of_functions():
    assert build(changed(Config(Frame), "size.width=3", "other.width=4")) == Frame(
        Size(3), Size(4, 9)
    )
    assert build(changed(Config(supplied), "size.height=3")) == Size(11, 3)
    made = changed(Partial(Window), "size.width=6")
    assert build(made)().size == Size(6)


def test_an_object_in_the_graph_is_gone_into():
    window = Window(size=Size(3, 4))
    graph = Config(train, size=Size(3), nested=window)
    made = changed(graph, "size.height=7", "nested.size.width=9")
    assert build(made.size) == Size(3, 7)
    assert build(made.nested) == Window(Size(9, 4))
    assert window.size == Size(3, 4)


@pytest.mark.parametrize(
    "text, message",
    [
        ("either.width=1", "fix: set it first: either=Size() or either=Adam()"),
        ("shape.width=1", "fix: set it first: shape=..."),
        ("sized.width=1", "fix: set it first: sized=..."),
        ("make.width=1", "fix: set it first: make=..."),
        ("text.width=1", "fix: set it first: text=..."),
        ("size.wdth=1", "did you mean 'width'?"),
        ("optimizer.lrr=1", "did you mean 'lr'?"),
        ("sizes[2].width=1", "has 2 items, so no [2]"),
    ],
)
def test_the_advice_names_no_other_class(text, message):
    found = refused(Config(train), text)
    assert message in found
    assert "typing" not in found


@pytest.mark.parametrize(
    "text, expected",
    [
        ("n+=2", 6),
        ("n-=5", -1),
        ("n*=3", 12),
        ("n/=2", 2),
        ("n*=1.5", 6),
        ("rate*=2", 1.0),
        ("rate/=4", 0.125),
        ("rate+=1", 1.5),
        ("text+=b c", "ab c"),
        ("items+=[2, 3]", [1, 2, 3]),
        ("items+=2", [1, 2]),
        ("items-=1", []),
        ("pairs+=3", (1, 2, 3)),
        ("pairs+=(3, 4)", (1, 2, 3, 4)),
        ("pairs-=[1]", (2,)),
        ("table|={'b': 2, 'a': 3}", {"a": 3, "b": 2}),
        ("table+={'b': 2}", {"a": 1, "b": 2}),
        ("names|={'y'}", {"x", "y"}),
        ("names|=y", {"x", "y"}),
        ("names-=x", set()),
        ("rights|=WRITE", Rights.READ | Rights.WRITE),
        ("untyped*=2", 6),
        ("sizes+=Size(3)", [Config(Size, 3)]),
        ("sizes+=[Size, Size(2)]", [Config(Size), Config(Size, 2)]),
    ],
)
def test_a_value_is_combined_with_the_one_there(text, expected):
    name = text[: min(text.index(sign) for sign in "+-*/|" if sign in text)]
    for graph in (Config(sums), Config(sums, **{name: getattr(Config(sums), name)})):
        found = getattr(changed(graph, text), name)
        assert (type(found), found) == (type(expected), expected)
    assert sums.__defaults__[3:7] == ([1], (1, 2), {"a": 1}, {"x"})


def test_combined_deep_inside_and_one_after_the_other():
    made = changed(Config(train), "optimizer.lr*=10", "optimizer.betas[0]/=2", "sizes[0].width+=1")
    assert (made.optimizer.lr, made.optimizer.betas[0]) == (1.0, 0.25)
    assert build(made.sizes[0]) == Size(4)
    assert changed(Config(Window), "numbers+=3", "numbers+=4").numbers == [1, 2, 3, 4]
    assert build(changed(Config(Window), "sizes+=Size(0)")).sizes[2] == Size(0)


@pytest.mark.parametrize(
    "graph, text, message",
    [
        (Config(sums), "n/=3", "that makes 1.333"),
        (Config(sums), "n/=0", "division by zero"),
        (Config(sums), "n+=a", "a: expected"),
        (Config(sums), "n|=1", "|= is not for a int"),
        (Config(sums), "flag+=True", "+= is not for a bool"),
        (Config(sums), "text*=3", "*= is not for a str"),
        (Config(sums), "items+=x", "x: expected int"),
        (Config(sums), "items*=1000000000", "*= is not for a list"),
        (Config(train), "size+=1", "size is not set, so there is nothing to +="),
        (Config(train, size=Config(Size)), "size+=Size()", "+= is not for a Config"),
        (Config(train), "maybe+=1", "expected"),
    ],
)
def test_what_cannot_be_combined(graph, text, message):
    assert message in refused(graph, text)
