"""Values that are needed during a capture, of nodes whose calls are pure."""

import dataclasses
import os.path
import random

import pytest

from bytefig.configs import Config, build, effects
from bytefig.tracer import (
    LATEST,
    Decision,
    Is,
    Rule,
    UnbuiltNodeError,
    auto_config,
    capture,
)


@dataclasses.dataclass
class Options:
    hidden: int = 4
    layers: int = 2
    name: str = "net"
    sizes: tuple = (1, 2)
    nothing: None = None

    @property
    def wide(self):
        return self.hidden > 3


@dataclasses.dataclass
class Checked(Options):
    def __post_init__(self):
        random.random()


@dataclasses.dataclass
class Drawn(Options):
    drawn: float = dataclasses.field(default_factory=random.random)


@dataclasses.dataclass(init=False)
class Initialised(Options):
    def __init__(self):
        self.hidden = random.random()


@dataclasses.dataclass
class Nested:
    options: Options = dataclasses.field(default_factory=Options)
    names: list = dataclasses.field(default_factory=list)


class Layer:
    def __init__(self, *given):
        self.given = given


def touch(options):
    options.hidden = 1


#: Expressions over options ``o``; most need a value of theirs at once.
NEEDED = [
    *("1 if o.hidden > 3 else 2", "1 if o.wide else 2", "o.hidden == 4", "o.name != 'net'"),
    *("[Layer(n) for n in range(o.layers)]", "list(o.sizes)", "[*o.sizes]", "len(o.sizes)"),
    *("f'{o.name}-{o.hidden:03}'", "str(o.name)", "int(o.hidden)", "2 in o.sizes"),
    *("isinstance(o, Options)", "isinstance(o.hidden, int)", "type(o) is Options", "max(o.sizes)"),
    *("o.hidden and 3", "not o.layers", "3 < o.hidden < 8", "[n for n in o.sizes if n > 1]"),
    *("list(enumerate(o.sizes))", "list(zip(o.sizes, [1, 2]))", "min(o.hidden, 3)"),
    *("o.name is None", "sum(o.sizes)", "sorted(o.sizes)", "[a for a, *b in [o.sizes]]"),
    *("dataclasses.replace(o, hidden=1).hidden == 1", "o.sizes[0] * 2 == 2"),
    *("os.path.join('a', 'b') == 'a/b'", "o == Options()", "o != Options(1)"),
    *("1 if Nested().options.wide else 2", "Nested().names == []"),
    *("[o] == [Options()]", "(o, 1) != (Options(1), 1)", "o in [Options(1), Options()]"),
]


def described(value):
    if isinstance(value, list | tuple):
        return [described(each) for each in value]
    return described(value.given) if isinstance(value, Layer) else value


@pytest.mark.parametrize("source", NEEDED)
def test_a_value_that_pure_calls_give_is_there_at_once(source):
    namespace = {**globals(), "os": os}
    exec(f"def builder():\n o = Options()\n y = {source}\n return Layer(o, y)", namespace)
    builder = namespace["builder"]
    graph = capture(builder)
    assert not effects(graph)
    assert described(build(graph)) == described(builder())


@pytest.mark.parametrize(
    "source",
    [
        *("{o: 1}", "f'{o!r}'", "1 if Checked().wide else 2", "list(Layer(o))", "[*Layer()]"),
        *("1 if Options(Layer()).hidden else 2", "o.nothing is None", "'%s' % o.name"),
        *("1 if Drawn().wide else 2", "1 if Initialised().hidden > 3 else 2"),
        *("[n for n in o]", "(o.hidden, touch(o), 1 if o.hidden > 3 else 2)"),
    ],
)
def test_what_is_not_known_is_refused(source):
    namespace = dict(globals())
    exec(f"def builder():\n o = Options()\n y = {source}\n return Layer(y)", namespace)
    with pytest.raises(UnbuiltNodeError):
        capture(namespace["builder"])


def test_the_node_stays_where_the_result_reaches_it():
    def builder():
        options = Options(layers=3)
        return Layer(options, [Layer(options.hidden) for _ in range(options.layers)])

    graph = capture(builder)
    graph[0].hidden = 8
    built = build(graph)
    assert built.given[0] == Options(8, 3)
    assert [layer.given for layer in built.given[1]] == [(8,)] * 3


def test_what_may_change_it_later_is_no_matter_before():
    def builder():
        options = Options()
        wide = 1 if options.wide else 2
        touch(options)
        return Layer(options, wide)

    built = build(capture(builder))
    assert built.given == (Options(hidden=1), 1)

    def again():
        options = Options()
        wide = 1 if options.wide else 2
        touch(options)
        return Layer(options, wide, 1 if options.wide else 2)

    with pytest.raises(UnbuiltNodeError):
        capture(again)


def test_by_default_nothing_is_known():
    def builder():
        return Layer(1 if Options().wide else 2)

    function = auto_config(builder, experimental_allow_control_flow=True)
    with pytest.raises(UnbuiltNodeError):
        function.as_buildable()


def test_a_rule_says_what_else_is_pure():
    def builder():
        return Layer([n for n in sizes(3)])

    with pytest.raises(UnbuiltNodeError):
        capture(builder)
    table = LATEST.extend(Rule(Is((sizes,)), Decision.RECORD, "it counts", pure=True))
    function = auto_config(
        builder,
        experimental_exemption_policy=table,
        experimental_allow_control_flow=True,
        deferred=True,
    )
    assert function.as_buildable() == Config(Layer, [0, 1, 2])


def sizes(count):
    return list(range(count))


def test_an_error_of_a_pure_call_is_that_of_the_program():
    def builder():
        return Layer(1 if Options(hidden="a").hidden > 3 else 2)

    with pytest.raises(TypeError, match="'>' not supported"):
        capture(builder)


def test_numpy():
    numpy = pytest.importorskip("numpy")

    def builder():
        rates = numpy.linspace(0, 1, 5)
        kinds = [str(numpy.float32), numpy.zeros(3).shape]
        return Layer(rates, [Layer(rate) for rate in rates], 2 * rates, kinds[0])

    graph = capture(builder)
    assert graph[0] == Config(numpy.linspace, 0, 1, 5)
    assert [layer[0] for layer in graph[1]] == [0, 0.25, 0.5, 0.75, 1]
    assert build(graph).given[2].tolist() == [0, 0.5, 1, 1.5, 2]
