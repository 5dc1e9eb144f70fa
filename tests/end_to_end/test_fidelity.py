"""A graph builds what the call builds: generated builders, compared with their plain call."""

import copy
import functools
import pickle
import random

import pytest
from described import described
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import (
    Config,
    Partial,
    build,
    cast,
    dump_json,
    load_json,
    to_auto_config_source,
    to_source,
)
from bytefig.tracer import arg_factory, auto_config, capture, is_auto_config


class Weights:
    """Draws its weights from the global generator, as models do."""

    def __init__(self, first=0, second=None, *rest, name="", **more):
        self.weights = random.random()
        self.given = [first, second, rest, name, more]


class TwoSignatures(Weights):
    def __new__(cls, width=1, height=2):
        return super().__new__(cls)

    def __init__(self, first=0, second=None):
        super().__init__(first, second)


def only_positions(fn):
    @functools.wraps(fn)
    def wrapper(*args):
        return fn(*args)

    return wrapper


@only_positions
def wrapped(first, second=None):
    return Weights(first, second, name="wrapped")


@functools.singledispatch
def dispatched(first, second=None):
    return Weights(first, second, name="any")


@dispatched.register
def _(first: int, second=None):
    return Weights(first, second, name="int")


class Methods:
    @functools.singledispatchmethod
    def make(self, first, second=None):
        return Weights(first, second, name="any")

    @make.register
    def _(self, first: int, second=None):
        return Weights(first, second, name="int")


METHODS = Methods()

#: How calls are written: with places for one value, or for two.
SHAPES = [
    "random.random()",
    "Weights({0})",
    "Weights({0}, {1})",
    "Weights({0}, second={1})",
    "Weights(second={0}, first={1})",
    "Weights(1, 2, {0}, {1})",
    "Weights(other={0}, name={1})",
    "Weights(*[{0}, {1}])",
    "TwoSignatures({0}, {1})",
    "wrapped({0}, {1})",
    "dispatched({0}, {1})",
    "dispatched(7, {0})",
    "METHODS.make({0}, {1})",
    "functools.partial(Weights, {0}, 1)({1})",
]


#: Calls whose results nobody uses.
EFFECTS = [
    "reseed(5)",
    "reweigh({0})",
    "link({0}, {1})",
    "link([{0}], Weights({1}))",
    "helper({0})",
    "random.random()",
    "random.seed(5)",
]


def reseed(number):
    random.seed(number)


def reweigh(value):
    if isinstance(value, Weights):
        value.weights = random.random()


def link(value, other):
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Weights):
            each.name = other


@auto_config
def helper(value):
    reweigh(value)
    return Weights(value)


@st.composite
def programs(draw):
    """Yield the source of a builder; it may drop what it makes, and make calls for an effect."""
    lines = ["def builder():"]
    names = []
    count = draw(st.integers(1, 8))
    for number in range(count):
        values = ["3", "'text'"]
        values += [f"x{i}" for i in range(number)]
        values += [f"[x{i}, {{'key': x{i}}}, (x{i}, 1)]" for i in range(number)]
        used = [draw(st.sampled_from(values)) for _ in range(2)]
        lines.append(f"    x{number} = {draw(st.sampled_from(SHAPES)).format(*used)}")
        if draw(st.booleans()):
            lines.append(f"    {draw(st.sampled_from(EFFECTS)).format(*used)}")
        names.append(f"x{number}")
    names = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    lines.append(f"    return Weights([{', '.join(names)}], {names[0]})")
    return "\n".join(lines)


def outcome(make):
    """Return what a function makes, and the state in which it leaves the global generator."""
    random.seed(7)
    return described(make(), Weights), random.getstate()


def seeded(fn, *args):
    random.seed(7)
    return fn(*args)


def written(source):
    names = {}
    exec(source, names)
    made = names["build_config"]
    return made if is_auto_config(made) else made()


@given(programs())
def test_the_graph_builds_what_the_call_builds(source):
    namespace = dict(globals())
    exec(source, namespace)
    builder = namespace["builder"]
    native = outcome(builder)
    graph = capture(builder)
    copies = [graph, copy.deepcopy(graph)]
    if "METHODS" not in source:  # nothing finds by a name what a singledispatchmethod binds
        copies.append(pickle.loads(pickle.dumps(graph)))
        copies.append(load_json(dump_json(graph), allow=[__name__, "random"]))
        copies.append(written(to_source(graph)))
        copies.append(written(to_auto_config_source(graph)).as_buildable())
    for same in copies:
        assert outcome(lambda same=same: build(same)) == native, source
        assert same == graph


def test_program_order_of_arguments_that_are_given_in_another():
    def builder():
        encoder = Weights("encoder")
        decoder = Weights("decoder")
        return Weights(decoder, encoder)

    graph = capture(builder)
    assert outcome(lambda: build(graph)) == outcome(builder)
    graph.first = Config(Weights, graph.first)  # made by hand: built when it is needed
    random.seed(7)
    encoder, decoder, by_hand, root = (random.random() for _ in range(4))
    built = seeded(build, graph)
    assert (built.weights, built.given[0].weights) == (root, by_hand)
    assert (built.given[1].weights, built.given[0].given[0].weights) == (encoder, decoder)


def test_the_source_calls_what_is_shared_when_the_program_does():
    def builder():
        first = Weights("first")
        shared = Weights("shared")
        return Weights(first, Weights(shared), Weights(shared))

    graph = capture(builder)
    again = written(to_auto_config_source(graph))
    assert outcome(again) == outcome(builder)
    assert outcome(lambda: build(again.as_buildable())) == outcome(builder)

    def nested():
        made = first = Weights("first")
        for _ in range(9):
            made = Weights(made)
        return Weights(Weights(first), made)

    graph = capture(nested)
    assert outcome(written(to_auto_config_source(graph))) == outcome(nested)


def test_an_error_in_program_order_names_the_path_from_the_root():
    def refuses(_):
        raise ValueError("no")

    def builder():
        first = Weights()
        return Weights([refuses(Weights()), first])

    with pytest.raises(ValueError, match=r"at <root>\.first\[0\]:"):
        build(capture(builder))

    def inside():
        first = Weights(refuses(1))
        return Weights([Weights(), first])

    with pytest.raises(ValueError, match=r"at <root>\.first\[1\]\.first:"):
        build(capture(inside))


def test_what_is_passed_by_position_stays_so_through_edits():
    graph = capture(lambda: Weights(wrapped(1, 2)))
    graph.first.first = 5
    graph.first.second = Config(Weights)
    assert build(copy.copy(graph)).given[0].given[0] == 5
    del graph.first.second
    assert build(graph).given[0].given[:2] == [5, None]
    loader = functools.lru_cache(Weights)
    graph = capture(lambda: Weights(loader(1), loader(1)))
    built = build(graph)
    assert built.given[0] is built.given[1] is loader(1)


def test_a_partial_keeps_its_form_and_a_cast_drops_it():
    graph = capture(lambda: functools.partial(Weights, 1, name="a"))
    made = build(graph)
    assert (made.args, made.keywords) == ((1,), {"name": "a"})
    made = build(cast(Partial, cast(Config, graph)))
    assert (made.args, made.keywords) == ((), {"first": 1, "name": "a"})


def test_a_call_of_a_partial_is_one_of_its_callable():
    def builder():
        shared = Weights()
        make = functools.partial(Weights, shared, name="a")
        return Weights([make(1), make(name="b"), make(second=2)])

    graph = auto_config(builder).as_buildable()
    assert [made.weights for made in seeded(build, graph).given[0]] == [
        made.weights for made in seeded(builder).given[0]
    ]
    assert [type(node) for node in graph.first] == [Config] * 3
    assert graph.first[0].first is graph.first[1].first


def test_a_called_partial_makes_its_factories_anew():
    def builder():
        make = arg_factory.partial(Weights, functools.partial(Weights, 4), second=Weights)
        return Weights([make(), make(second=1)])

    graph = auto_config(builder).as_buildable()
    assert outcome(lambda: build(graph)) == outcome(builder)
    assert graph.first[0].first is not graph.first[1].first
