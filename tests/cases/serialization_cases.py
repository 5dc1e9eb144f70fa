"""What the tests of serialization configure: all of it can be imported by name."""

import collections
import enum
import typing

import attrs

from bytefig.configs import Config, Tag

Pair = collections.namedtuple("Pair", "left right")


class Typed(typing.NamedTuple):
    name: str
    size: int = 0


class Colour(enum.Enum):
    RED = 1
    GREEN = "g"
    SCARLET = 1


class Level(enum.IntEnum):
    LOW = 1


class Permission(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


class Width(Tag):
    """How wide something is."""


class Narrow(Width):
    """How narrow it is."""


class Node(Config):
    """A class of nodes."""

    __slots__ = ()


class Layer:
    def __init__(self, units=8, *, activation=None, inner=None):
        self.units, self.activation, self.inner = units, activation, inner

    class Nested:
        @classmethod
        def make(cls, x=None):
            return cls

        @staticmethod
        def relu(x):
            return max(x, 0)

    class Derived(Nested):
        pass

    def method(self):
        return self

    def __call__(self):
        return self

    _private = staticmethod(len)


@attrs.frozen
class Point:
    x: object
    y: object


class Odd:
    """Neither written nor read."""

    def __repr__(self):
        return "Odd()"


def positional(a, b=1, /, *args, **rest):
    return a, b, args, rest


def two(x=0, y="default"):
    return x, y


def _hidden(x=None):
    return x


def outer():
    def inner():
        return None

    return inner


anonymous = lambda: None
instance = Layer()
number = 7
replaced = two


def __getattr__(name):
    raise AssertionError(f"asked for {name}")
