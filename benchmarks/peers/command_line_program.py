"""Functions whose command lines `command_lines.py` tries: parameters of every kind."""

# NeMo Run's parser wants the generic types of `typing`; that defaults can be changed is meant.
# ruff: noqa: B006, B008, UP006, UP035, UP045

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Dict, Generic, List, Literal, Optional, Self, Tuple, TypedDict, TypeVar, Unpack

import attrs

from bytefig.tracer import autobuild
from bytefig.tracer.values import register_parser

T = TypeVar("T")


class Act(enum.Enum):
    RELU = 1
    TANH = 2


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


@attrs.define
class Size:
    width: int = 3
    height: int = 2


@attrs.define
class Adam:
    lr: float = 0.1
    betas: Tuple[float, float] = (0.9, 0.99)


@attrs.define
class Model:
    width: int = 8
    depth: int = 2
    size: Optional[Size] = None


class Cell(Generic[T]):
    def __init__(self, value: T, inner: Optional[Self] = None) -> None:
        self.value, self.inner = value, inner


class Options(TypedDict, total=False):
    steps: int
    size: Size


class Seconds:
    def __init__(self, count: float) -> None:
        self.count = count

    def __repr__(self) -> str:
        return f"Seconds({self.count})"


def seconds(text: str) -> Seconds:
    return Seconds(60 * float(text[:-1]) if text.endswith("m") else float(text.rstrip("s")))


register_parser(Seconds, seconds)


def relu(x: float) -> float:
    return max(x, 0.0)


@autobuild
def big(n: int = 64) -> Model:
    return Model(width=n)


def plain(width: int) -> Model:
    return Model(width)


def train(
    model: Model,
    optimizer: Adam = Adam(lr=0.5),
    epochs: int = 10,
    lr: float = 0.1,
    name: str = "run",
    verbose: bool = False,
    precision: Literal["bf16-mixed", "32"] = "32",
    rights: Rights = Rights.READ,
    act: Act = Act.RELU,
    sizes: List[int] = [1, 2],
    pair: Tuple[int, str] = (1, "a"),
    table: Optional[Dict[str, int]] = None,
    maybe: Optional[int] = None,
    note: Optional[str] = None,
    path: Path = Path("."),
    fn: Optional[Callable[[float], float]] = None,
    layers: List[Size] = [Size(3), Size(4)],
) -> object:
    return model


def more(
    cell: Cell[float],
    device: Literal["cpu", "cuda:0", "lambda"] = "cpu",
    wait: Seconds = Seconds(1),
    **options: Unpack[Options],
) -> object:
    return cell
