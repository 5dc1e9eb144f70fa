"""What the files of `tests/end_to_end/written_by_0_1` name, and the script that wrote them.

The files were written by the code of 0.1 (commit c19c98dc08a8), on CPython 3.11, by

    python tests/cases/upgrade_cases.py tests/end_to_end/written_by_0_1
"""

from __future__ import annotations

import enum
import functools
import json
import pathlib
import pickle
import sys
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from bytefig.configs import ArgFactory, Config, Partial, Tag, TaggedValue, add_tag


class Width(Tag):
    """How wide a layer is."""


class Rate(Tag):
    """How fast a model learns."""


class Activation(enum.Enum):
    RELU = "relu"
    TANH = "tanh"


class Shape(NamedTuple):
    rows: int
    columns: int


class Dense:
    def __init__(self, units: Annotated[int, Width], activation: Activation = Activation.RELU):
        self.units, self.activation = units, activation


class Stack:
    def __init__(self, *layers: Any, name: str = "stack", **options: Any):
        self.layers, self.name, self.options = layers, name, options

    @classmethod
    def of(cls, layer: Any, times: int) -> Stack:
        return cls(*[layer] * times, name="of")


@dataclass
class Training:
    model: Any
    optimizer: Any = None
    sizes: list[int] = field(default_factory=list)


def adam(rate: float = 0.1, betas: tuple[float, float] = (0.9, 0.99)) -> tuple[Any, ...]:
    return "adam", rate, betas


def builder() -> Training:
    layer = Dense(4)
    stack = Stack(layer, layer, Dense(8, Activation.TANH), name="model", shape=Shape(2, 3))
    return Training(stack, functools.partial(adam, rate=0.5), [1, 2])


def graph() -> Config[Training]:
    """Return a graph with a node of each kind, shared ones, tags, edits and odd leaves."""
    layer = Config(Dense, units=4)
    made = Config(
        Training,
        Config(Stack, layer, layer, Config(Stack.of, Config(Dense, 8), 2), shape=Shape(2, 3)),
        Partial(adam, TaggedValue([Rate], default=0.5), ArgFactory(list, (0.8, 0.9))),
        sizes=[1, 2],
    )
    made.model.odd = {"z": 1j, "b": b"\xff", "type": int, "set": {1, 2}, 3: float("inf")}
    add_tag(made.model, "name", Width)
    made.model.name = "edited"
    return made


def write(folder: pathlib.Path) -> None:
    from bytefig.configs import diffing, dump_json, dump_yaml
    from bytefig.tracer import auto_config

    saved, edited = graph(), graph()
    edited.model.name = "other"
    edited.model[0].units = 16
    captured = auto_config(builder).as_buildable()
    (folder / "graph.json").write_text(dump_json(saved))
    (folder / "graph.yaml").write_text(dump_yaml(saved))
    (folder / "captured.json").write_text(dump_json(captured))
    (folder / "graph.pickle").write_bytes(pickle.dumps(saved))
    (folder / "captured.pickle").write_bytes(pickle.dumps(captured))
    (folder / "diff.json").write_text(
        json.dumps(diffing.diff_to_data(diffing.build_diff(saved, edited)))
    )
    (folder / "policy.toml").write_text(
        '[[rule]]\nmatch = "upgrade_cases.adam"\ndecision = "exempt"\nreason = "it is quick"\n\n'
        '[[rule]]\nmatch = "upgrade_cases.*"\ndecision = "record"\n'
    )


if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parent)
    import upgrade_cases  # by its name, which is in the files

    upgrade_cases.write(pathlib.Path(sys.argv[1]))
