"""``experimental_allow_dataclass_attribute_access``: fields of nodes that can be read and set."""

import dataclasses

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import UnbuiltNodeError, auto_config


@dataclasses.dataclass
class Size:
    width: int
    height: int = 2
    tags: list = dataclasses.field(default_factory=list)
    scale: dataclasses.InitVar[int] = 1

    @property
    def area(self):
        return self.width * self.height

    def grow(self):
        self.width += 1


@dataclasses.dataclass
class Counted:
    size: int = 1
    count: int = dataclasses.field(default=3, init=False)


@dataclasses.dataclass
class Box:
    size: Size
    label: str = ""


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int = 1


class Plain:
    def __init__(self, width):
        self.width = width


def access(function, *args):
    return auto_config(function, experimental_allow_dataclass_attribute_access=True).as_buildable(
        *args
    )


def test_loads_are_arguments_and_defaults():
    def model():
        size = Size(3)
        return Box(size, label=Plain(size.width + size.height))

    config = access(model)
    assert config == Config(Box, Config(Size, 3), Config(Plain, 5))
    assert build(config).label.width == model().label.width == 5


def test_stores_set_arguments_at_any_depth():
    def model():
        box = Box(Size(3))
        box.size.width = 7
        setattr(box.size, "height", getattr(box.size, "width") + 1)
        box.label = "x"
        return box

    config = access(model)
    assert config == Config(Box, Config(Size, 7, 8), "x")
    assert build(config) == model()


def test_loading_a_node_shares_it():
    def model():
        box = Box(Size(3))
        return [box, box.size]

    config = access(model)
    assert config[0].size is config[1]


@pytest.mark.parametrize(
    "function, message",
    [
        (lambda: Size(1).area, "read attribute 'area'"),
        (lambda: Size(1).grow(), "read attribute 'grow'"),
        (lambda: Size(1).tags, "read attribute 'tags'"),
        (lambda: Size(1).scale, "read attribute 'scale'"),
        (lambda: Size().width, "read attribute 'width'"),
        (lambda: Plain(1).width, "read attribute 'width'"),
        (lambda: setattr(Plain(1), "width", 2), "set attribute 'width'"),
        (lambda: setattr(Size(1), "other", 2), "set attribute 'other'"),
        (lambda: Counted().count, "read attribute 'count'"),
        (lambda: setattr(Counted(), "count", 2), "set attribute 'count'"),
        (lambda: setattr(Frozen(), "x", 2), "set attribute 'x'"),
        (lambda: delattr(Size(1), "width"), "delete attribute 'width'"),
    ],
)
def test_everything_else_is_refused(function, message):
    with pytest.raises(ValueError, match=f"cannot {message} of <Config"):
        access(function)


def test_it_is_off_by_default():
    def model():
        size = Size(3)
        size.width = 4
        return size

    with pytest.raises(UnbuiltNodeError, match="set attribute 'width'"):
        auto_config(model).as_buildable()
    given = Config(Size, 3)
    with pytest.raises(UnbuiltNodeError, match="read attribute 'width'"):
        auto_config(lambda size: Size(size.width)).as_buildable(given)
    assert given == Config(Size, 3)
