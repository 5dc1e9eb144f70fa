"""Graphs for the tests of source generation, and what they call."""

import collections
import enum
import pathlib

from hypothesis import strategies as st

from bytefig.configs import (
    ArgFactory,
    Config,
    Partial,
    Tag,
    add_effects,
    add_tag,
    as_called,
    build,
    call_method,
)
from bytefig.configs.traversal.traverse import walk

Pair = collections.namedtuple("Pair", "left right")


class Width(Tag):
    """How wide."""


class Color(enum.Enum):
    RED = 1


class Perm(enum.Flag):
    R = 1
    W = 2
    X = 4


class Layer:
    def __init__(self, units=1, *, act=None, **rest):
        self.units, self.act, self.rest = units, act, rest

    @classmethod
    def make(cls, units):
        return cls(units)

    @staticmethod
    def static(units):
        return Layer(units)

    class Inner:
        def __init__(self, x=None):
            self.x = x


def two(x=0, y="default"):
    return ("two", x, y)


def positional(a, b=1, /, *args, k=None):
    return ("positional", a, b, args, k)


def variadic(a, b=2, *args, **rest):
    return ("variadic", a, b, args, rest)


def run(source, name="build_config"):
    namespace = {"__name__": "generated"}
    exec(compile(source, "generated.py", "exec"), namespace)
    return namespace[name]


SCALARS = (
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
    | st.binary(max_size=3) | st.sampled_from([Color.RED, Perm.R | Perm.W, two, Layer.make, Layer])
    | st.frozensets(st.integers(0, 3), max_size=3) | st.builds(pathlib.PurePosixPath, st.just("a"))
)  # fmt: skip


@st.composite
def graphs(draw):
    values = [draw(SCALARS)]
    child = st.deferred(lambda: SCALARS | st.sampled_from(values))
    many = st.lists(child, max_size=3)
    node = st.sampled_from([Config, Partial])
    shapes = [
        many,
        many.map(tuple),
        st.builds(Pair, child, child),
        st.dictionaries(st.text(max_size=3) | st.integers() | st.just((1, 2)), child, max_size=3),
        st.builds(lambda value: collections.defaultdict(list, k=value), child),
        st.builds(lambda cls, x: cls(two, x), node, child),
        st.builds(lambda cls, y: cls(two, y=y), node, child),
        st.builds(lambda cls, a, rest: cls(positional, a, *rest), node, child, many),
        st.builds(lambda cls, a, z: cls(variadic, a, z=z), node, child, child),
        st.builds(lambda x, y: Partial(two, ArgFactory(Layer, x), y), child, child),
        st.builds(lambda x: Partial(two, ArgFactory(two, ArgFactory(list), x)), child),
    ]
    for _ in range(draw(st.integers(0, 10))):
        value = draw(st.one_of(shapes))
        if isinstance(value, Config) and value.__arguments__ and draw(st.booleans()):
            add_tag(value, next(iter(value.__arguments__)), Width)
        values.append(value)
    return Config(two, values[-1], draw(child))


LOG = []


class Thing:
    """Logs what becomes of it."""

    def __init__(self, *parts):
        self.number = len(LOG)
        LOG.append((self.number, "made of", shown(parts)))

    def go(self, *parts):
        LOG.append((self.number, "goes with", shown(parts)))
        return Thing(self)


def shown(value):
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return value.number if isinstance(value, Thing) else value


def log_of(graph):
    """Return what happens when a graph is built."""
    LOG.clear()
    build(graph)
    return [*LOG]


@st.composite
def programs(draw):
    """Graphs as captures give them: calls in an order, some of them for their effect only."""
    nodes = [as_called(Config(Thing, 0))]
    node = st.deferred(lambda: st.sampled_from(nodes))
    part = node | st.integers(0, 2) | st.lists(node, max_size=2)
    for _ in range(draw(st.integers(1, 8))):
        kind, parts = (
            draw(st.sampled_from(["call", "method", "effect"])),
            draw(st.lists(part, max_size=2)),
        )
        if kind == "call":
            nodes.append(as_called(Config(Thing, *parts)))
            continue
        host = draw(node)
        made = as_called(Config(call_method, host, "go", *parts))
        if kind == "effect":
            add_effects(host, made)
        else:
            nodes.append(made)
    return as_called(
        Config(
            Thing, draw(st.lists(node, max_size=3)), nodes[-1], *draw(st.lists(part, max_size=2))
        )
    )


def fixtures_of(draw, graph):
    """Draw some parts of a graph that can be sub-fixtures, by names."""
    parts = [
        value for value, kind in walk(graph) if kind.mutable and not isinstance(value, ArgFactory)
    ]
    chosen = draw(st.lists(st.sampled_from(parts), max_size=3, unique_by=id))
    return {f"make_{number}": part for number, part in enumerate(chosen)}
