"""Tests of `bytefig.configs.convert_dataclasses_to_configs`."""

import dataclasses
from dataclasses import InitVar, dataclass, field
from typing import Any

import pytest

from bytefig.configs import Config, CycleError, Partial, build, convert_dataclasses_to_configs


@dataclass
class Adam:
    rate: float = 0.1
    steps: int = field(default=0, init=False)


@dataclass
class Trainer:
    optimizer: Adam = field(default_factory=Adam)
    parts: Any = ()


@dataclass
class Doubled:
    size: int

    def __post_init__(self):
        self.double = 2 * self.size


@dataclass
class Given:
    size: InitVar[int]


@dataclass(init=False)
class Own:
    size: int = 1


def test_instances_at_any_place():
    shared = Adam(0.5)
    root = [Trainer(shared, {"a": (shared, 1)}), Partial(Trainer, Adam(2))]
    found = convert_dataclasses_to_configs(root)
    one = Config(Adam, rate=0.5)
    assert found[0] == Config(Trainer, optimizer=one, parts={"a": (one, 1)})
    assert found[1] == Partial(Trainer, Config(Adam, rate=2))
    assert found[0].optimizer is found[0].parts["a"][0]
    assert root[1].optimizer == Adam(2)  # what is given does not change
    assert build(found[0]) == root[0]


def test_it_is_made_where_the_user_converts():
    assert convert_dataclasses_to_configs(Adam()).__provenance__.filename == __file__


def test_classes_and_other_objects_stay():
    marker = object()
    assert convert_dataclasses_to_configs([Adam, marker]) == [Adam, marker]


def test_post_init():
    with pytest.raises(
        ValueError, match=r"the Doubled at <root>\[0\]: its class has a __post_init__"
    ):
        convert_dataclasses_to_configs([Doubled(3)])
    found = convert_dataclasses_to_configs([Doubled(3)], allow_post_init=True)
    assert found == [Config(Doubled, size=3)]
    assert build(found)[0].double == 6


def test_what_cannot_be_told():
    with pytest.raises(ValueError, match="was given as size"):
        convert_dataclasses_to_configs(Given(1))
    with pytest.raises(ValueError, match="an __init__ of its own"):
        convert_dataclasses_to_configs(Own())
    incomplete = Trainer()
    del incomplete.optimizer
    with pytest.raises(ValueError, match="its field optimizer was deleted"):
        convert_dataclasses_to_configs(incomplete)


def test_cycles_and_depth():
    root = Trainer()
    root.parts = [root]
    with pytest.raises(CycleError):
        convert_dataclasses_to_configs(root)
    deep: Any = Trainer()
    for _ in range(5000):
        deep = Trainer(parts=[deep])
    assert convert_dataclasses_to_configs(deep).parts[0].parts[0].optimizer.rate == 0.1


def test_as_fiddle_does():
    fiddle = pytest.importorskip("fiddle.experimental.dataclasses")
    interop = pytest.importorskip("bytefig.configs.interop")
    root = Trainer(Adam(3), [dataclasses.replace(Adam())])
    theirs = fiddle.convert_dataclasses_to_configs(root)
    assert interop.from_fiddle(theirs) == convert_dataclasses_to_configs(root)
