"""Tests of nodes that annotations ask for: ``Annotated[T | None, Config[T]]``."""

import copy
import sys
from types import ModuleType
from typing import Annotated, Any, Optional, TypeVar

import pytest

from bytefig.configs import (
    ArgFactory,
    Config,
    Partial,
    build,
    dump_json,
    load_json,
    materialize_defaults,
    to_source,
)
from bytefig.tracer import capture

T = TypeVar("T")
OptionalConfig = Annotated[Optional[T], Config[T]]  # noqa: UP045 - as its users write it


class Adam:
    def __init__(self, rate: float = 0.1) -> None:
        self.rate = rate


class Trainer:
    def __init__(self, optimizer: Annotated[Adam | None, Config[Adam]] = None) -> None:
        self.optimizer = optimizer


class Tree:
    def __init__(self, branch: Annotated["Tree | None", Config["Tree"]] = None) -> None:
        self.branch = branch


def test_what_is_not_given_is_a_node():
    graph = Config(Trainer)
    assert graph.optimizer == Config(Adam)
    assert graph.optimizer.__provenance__.filename == __file__
    graph.optimizer.rate = 0.5
    assert build(graph).optimizer.rate == 0.5
    assert Config(Trainer).optimizer is not Config(Trainer).optimizer


def test_what_is_given_stays():
    given = Config(Adam, 3)
    assert Config(Trainer, given).optimizer is given
    assert Config(Trainer, optimizer=None).optimizer is None


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Annotated[None | Adam, Config[Adam]], Config(Adam)),
        (Annotated[Adam | None, Partial[Adam]], Partial(Adam)),
        (Annotated[Adam | None, ArgFactory[Adam]], ArgFactory(Adam)),
        (Annotated[Adam | None, "a note", Config[Adam]], Config(Adam)),
        (OptionalConfig[Adam], Config(Adam)),
        (Annotated[dict[str, int] | None, Config[dict]], Config(dict[str, int])),
        ("Annotated[Adam | None, Config[Adam]]", Config(Adam)),
        ("OptionalConfig[Adam]", Config(Adam)),
        (Annotated[Adam | None, "a note"], None),
        (Annotated[Adam, Config[Adam]], None),
        (Annotated[Adam | dict | None, Config[Adam]], None),
        (Annotated[Adam | None, list[Adam]], None),
        (Annotated["Unknown | None", Config[Adam]], None),
        ("Annotated[Unknown | None, Config[Unknown]]", None),
        (Adam | None, None),
    ],
    ids=str,
)
def test_forms_of_the_annotation(annotation, expected):
    def fn(optimizer=None):
        return optimizer

    fn.__annotations__["optimizer"] = annotation
    assert Partial(fn).optimizer == expected


def test_a_parameter_by_position_only_and_the_class_itself_ask_for_nothing():
    def fn(optimizer: Annotated[Adam | None, Config[Adam]] = None, /):
        return optimizer

    assert Config(fn).__arguments__ == {}
    assert Config(Tree).__arguments__ == {}


def test_a_capture_is_what_the_program_does():
    assert capture(lambda: Trainer()).optimizer is None
    assert Trainer().optimizer is None


def test_copies_and_documents_add_nothing():
    graph = Config(Trainer)
    del graph.optimizer
    assert copy.deepcopy(graph) == graph
    assert load_json(dump_json(graph), allow=[__name__]) == graph
    materialize_defaults(graph)
    assert graph.optimizer is None


def test_source_of_what_was_unset(monkeypatch):
    graph = Config(Trainer)
    assert "delattr" not in to_source(graph)
    del graph.optimizer
    module = ModuleType("written")
    monkeypatch.setitem(sys.modules, "written", module)
    exec(to_source([graph, Config(Trainer)]), vars(module))
    made: Any = vars(module)["build_config"]()
    assert made == [graph, Config(Trainer)]


def test_an_empty_dict_stands_for_dict():
    assert Config({}, a=1) == Config(dict, a=1)
    assert build(Config({}, a=Config(Adam, 2))).get("a").rate == 2
    with pytest.raises(TypeError, match=r"\{'a': 1\} is not callable"):
        Config({"a": 1})
