"""Tags in annotations, those that are text (as all in this file are), too."""

from __future__ import annotations

import dataclasses
import functools
import sys
from types import ModuleType
from typing import Annotated

import pytest

from bytefig.configs import Config, Tag, get_tags


class Width(Tag):
    """The width of a layer."""


def layer(units: Annotated[int, Width] = 1, depth: Annotated[int, "no tag"] = 2): ...


class Layer:
    def __init__(self, units: Annotated[int, Width] = 1): ...

    def __call__(self, units: Annotated[int, Width] = 1): ...

    method = __call__

    @classmethod
    def make(cls, units: Annotated[int, Width] = 1): ...


@functools.wraps(layer)
def wrapper(*args, **kwargs): ...


@dataclasses.dataclass
class Record:
    units: Annotated[int, Width] = 1


@dataclasses.dataclass
class Inherited(Record):
    other: int = 2


CALLABLES = {
    "function": layer,
    "wrapper": wrapper,
    "partial": functools.partial(layer, depth=3),
    "class": Layer,
    "object": Layer(),
    "method": Layer().method,
    "class method": Layer.make,
    "dataclass": Record,
    "inherited": Inherited,
}


@pytest.mark.parametrize("kind", CALLABLES)
def test_annotations_that_are_text_are_read_where_they_were_written(kind):
    assert isinstance(layer.__annotations__["units"], str)
    node = Config(CALLABLES[kind])
    assert get_tags(node, "units") == {Width}


def test_a_field_is_read_in_the_module_of_the_class_that_has_it(monkeypatch):
    module = ModuleType("elsewhere")
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    exec(
        "from __future__ import annotations\n"
        "import dataclasses, typing\n"
        "from bytefig.configs import Tag as Kind\n"
        "class Depth(Kind): 'The depth.'\n"
        "@dataclasses.dataclass\n"
        "class Base:\n depth: typing.Annotated[int, Depth] = 1\n",
        vars(module),
    )

    @dataclasses.dataclass
    class Derived(module.Base):
        units: Annotated[int, Width] = 1

    node = Config(Derived)
    assert get_tags(node, "depth") == {module.Depth}
    assert get_tags(node, "units") == {Width}


def test_text_that_cannot_be_evaluated_has_no_tags():
    def lost(units: Annotated[int, Nowhere] = 1, depth: Annotated[int, Width] = 2): ...  # noqa: F821

    node = Config(lost)
    assert get_tags(node, "units") == frozenset()
    assert get_tags(node, "depth") == {Width}
