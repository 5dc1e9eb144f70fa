"""Builders that use what they build, compared with their plain call."""

import copy
import pickle
import random

from described import described
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import build, dump_json, load_json, to_auto_config_source, to_source
from bytefig.tracer import capture


class Part:
    """Draws from the global generator, and can be used in most ways that there are."""

    def __init__(self, *given):
        self.given = list(given)
        self.drawn = random.random()
        self.items = [random.random(), random.random()]
        self.log = []

    def method(self, *args, **kwargs):
        self.log.append([args, kwargs, random.random()])
        return self

    def __call__(self, *args):
        return Part(self, *args)

    def __iter__(self):
        return iter(self.items)

    def __getitem__(self, key):
        return self.items[key]

    def __setitem__(self, key, value):
        self.items[key] = value

    def __delitem__(self, key):
        self.log.append(["deleted", self.items[key]])

    def __add__(self, other):
        return Part("+", self, other)

    def __radd__(self, other):
        return Part("reflected +", self, other)

    def __iadd__(self, other):
        self.log.append(["in place +", other])
        return self

    def __mul__(self, other):
        return Part("*", self, other)

    __rmul__ = __sub__ = __mul__

    def __neg__(self):
        return Part("-", self)

    def __lt__(self, other):
        return Part("<", self, other)

    def __gt__(self, other):
        return Part(">", self, other)

    def __enter__(self):
        self.log.append(["enter", random.random()])
        return Part("entered")

    def __exit__(self, kind, *_):
        self.log.append(["leave", random.random()])


def seed(number):
    random.seed(number)


#: Expressions that make a part of a part `{0}` and a value `{1}`.
EXPRESSIONS = [
    *("Part({0}, {1})", "{0}({1})", "{0}.method({1})", "{0}.method(*[{1}], a={1})"),
    *("Part({0}.drawn)", "Part({0}[0], {0}[:1])", "Part(getattr({0}, 'none', {1}))"),
    *("{0} + {1}", "{1} + {0}", "3 * {0}", "-{0}", "{0} < {1}", "2 < {0}", "{0} - {1}"),
    *("[{0}.method()][0]", "(lambda part: part({1}))({0})"),
]
STATEMENTS = [
    *("{0}.method({1})", "{0}.tag = {1}", "{0}[0] = {1}", "del {0}[1]", "{0} += {1}"),
    *("{0}[1] += 1", "{0}.drawn *= 2", "seed(5)", "{0} < {1}", "_, item = {0}; {0}.tag = item"),
    *("with {0}: {0}.method({1})", "with {0} as entered: {0}.tag = entered.drawn", "{0}.drawn"),
]


@st.composite
def programs(draw):
    """Yield the source of a builder, and the names of what it returns."""
    lines = ["def builder():", "    x0 = Part()"]
    names = ["x0"]
    for number in range(1, draw(st.integers(2, 8))):
        part = draw(st.sampled_from(names))
        value = draw(st.sampled_from([*names, "3", f"[{part}]", f"{part}.drawn"]))
        lines.append(f"    x{number} = {draw(st.sampled_from(EXPRESSIONS)).format(part, value)}")
        names.append(f"x{number}")
        if draw(st.booleans()):
            part = draw(st.sampled_from(names))
            statement = draw(st.sampled_from(STATEMENTS)).format(part, draw(st.sampled_from(names)))
            lines.append(f"    {statement}")
    kept = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    lines.append(f"    return Part([{', '.join(kept)}])")
    return "\n".join(lines)


def outcome(make):
    """Return what a function makes, and the state in which it leaves the global generator."""
    random.seed(7)
    try:
        made = described(make(), Part)
    except Exception as error:
        return type(error.__cause__ or error)
    return made, random.getstate()


#: The functions of operations are opened by themselves: the classes are not always told.
ALLOWED = (__name__, "builtins", "operator", "bytefig.configs")


@given(programs())
def test_the_graph_builds_what_the_call_builds(source):
    namespace = dict(globals())
    exec(source, namespace)
    builder = namespace["builder"]
    native = outcome(builder)
    graph = capture(builder)
    namespace = {}
    exec(to_auto_config_source(graph), namespace)
    exec(to_source(graph, name="written"), namespace)
    for same in (
        graph,
        copy.deepcopy(graph),
        pickle.loads(pickle.dumps(graph)),
        load_json(dump_json(graph), allow=ALLOWED),
        namespace["written"](),
        namespace["build_config"].as_buildable(),
    ):
        assert outcome(lambda same=same: build(same)) == native, source
        assert same == graph
