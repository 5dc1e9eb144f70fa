"""Source that rebuilds graphs, of both kinds."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import inspect
import math
import pathlib
import pickle
import re
import subprocess
import sys
import types
import typing
import uuid

import pytest
from case_names import stable_name
from hypothesis import given, settings
from source_cases import Color, Layer, Pair, Perm, Width, graphs, positional, run, two, variadic
from tag_cases import equal_with_tags

from bytefig.configs import (
    NO_VALUE,
    VARARGS,
    ArgFactory,
    Attr,
    Config,
    CycleError,
    Partial,
    Tag,
    TaggedValue,
    add_tag,
    build,
    clear_tags,
    register_container,
    set_tags,
)
from bytefig.configs.codegen import (
    CallForm,
    CodegenError,
    register_source,
    to_auto_config_source,
    to_source,
)
from bytefig.tracer import auto_config, exempt

T = typing.TypeVar("T")


class Depth(Tag):
    """How deep."""


Odd = enum.Enum("Odd", {"a b": 1}, module=__name__)


class Sub(Layer):
    pass


class Box(typing.Generic[T]):
    def __init__(self, content=None):
        self.content = content


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __eq__(self, other):
        return type(other) is Money and other.amount == self.amount

    __hash__ = None


class Crate:
    def __init__(self, content):
        self.content = content


class MyConfig(Config):
    __slots__ = ()


def needy(must, may=1):
    return must, may


def tagged(width: typing.Annotated[int, Width] = 1, other=2):
    return width, other


@auto_config
def inlined():
    return Layer(3)


def rebuilt(graph):
    return run(to_source(graph))()


def captured(graph):
    return run(to_auto_config_source(graph)).as_buildable()


BOTH = pytest.mark.parametrize("again", [rebuilt, captured])

LEAVES = [
    None, True, False, ..., NotImplemented, 0, -7, 10**5000, -(10**5000), 1.5, -0.0, 1e300,
    math.inf,
    -math.inf, math.nan, 1 + 2j, complex("-inf+infj"), "", "it's", 'say "hi"', "'\"\\\n\x00é",
    "\ud800",
    b"", b"'\"\xff", bytearray(b"ab"), bytearray(), range(3), slice(1, None, 2), set(), {3, 1, 2},
    {"b", "a"}, {1, "a", None, (2, 3)}, frozenset(), frozenset({frozenset({1}), frozenset({2})}),
    Color.RED, Perm.R, Perm.R | Perm.X, Perm(0), Odd["a b"], pathlib.Path("a/b"),
    pathlib.PurePosixPath("/x"), pathlib.PureWindowsPath("c:/x"), datetime.date(2020, 1, 2),
    datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC),
    datetime.datetime(2020, 1, 2, fold=1), datetime.time(1, 2), datetime.timedelta(days=-1,
    seconds=5),
    datetime.timedelta(), datetime.timezone(datetime.timedelta(hours=1), "X"),
    decimal.Decimal("1.10"),
    fractions.Fraction(1, 3), uuid.UUID(int=5), re.compile("a+", re.IGNORECASE), re.compile(b"a"),
    re.compile("b"), collections.OrderedDict(b=1, a=2), collections.deque([1, [2]], maxlen=3),
    collections.Counter("aab"), collections.defaultdict(list, a=[1]), collections.defaultdict(None),
    Pair(1, Pair(2, 3)), {Pair(1, 2): {(1, 2): [{}]}}, (), (1,), [[], ({},)], math, NO_VALUE,
    VARARGS, dataclasses.MISSING, inspect.Parameter.empty,
    print, len, int, Layer, Layer.make, Sub.make, Layer.static, Layer.Inner, two, dict.fromkeys,
    str.upper, math.sqrt, types.FunctionType, type(None), Width, list[int], dict[str, list[int]],
    int | None, getattr(typing, "Union")[int, str], getattr(typing, "List")[int],
    typing.Literal["a"],
    typing.Any, Box[int], T,
    typing.Callable[[int], str], tuple[()], typing.Annotated[int, 5], getattr(typing, "List"),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: type(leaf).__name__)
def test_leaves(again, leaf):
    found = again(Config(two, leaf)).x
    assert type(found) is type(leaf)
    assert found == leaf or (found != found and leaf != leaf)
    if isinstance(leaf, dict | float | complex):
        assert repr(found) == repr(leaf)  # the order of keys, and the sign of zero


@BOTH
def test_leaves_without_a_default_policy(again):
    for leaf in LEAVES:
        found = again(Config(dict, leaf=leaf)).leaf
        assert type(found) is type(leaf)
        assert found == leaf or found != found


def callables():
    yield from [Config(dict), Config(dict, a=1, **{"a b": 2, "class": 3, "__debug__": 4, "ﬁ": 5})]
    yield from [Config(Layer, 3), Config(Layer.make, 3), Config(Sub.make, 3), Config(Layer.Inner)]
    yield from [Config(Layer.static, 3), Config(Layer, größe=2), Config(Box[int], 1)]
    yield from [Config(two), Config(positional, 1), Config(positional, 1, 2, 3, 4, k=5)]
    yield from [Config(variadic, 1), Config(variadic, 1, 2, 3, z=4), Config(variadic, 1, b=3)]
    yield from [Partial(two), Partial(two, 1), Partial(positional, 1, 2, 3), Partial(needy)]
    yield from [Config(collections.OrderedDict, a=1), Config(datetime.date, 2020, 1, 1)]
    yield from [Config(ValueError, "x"), Config(Color, 1), Config(pathlib.Path, "x"), [1, (2, {})]]
    yield from [Partial(two, x=ArgFactory(list)), Partial(two, x=ArgFactory(two, x=1), y=2)]
    yield Partial(two, x=ArgFactory(two, x=ArgFactory(list), y=ArgFactory(Layer, 1)))
    yield Partial(positional, ArgFactory(list), 2, 3, k=ArgFactory(dict))
    yield Partial(positional, ArgFactory(list), ArgFactory(dict), 3)
    yield Partial(variadic, ArgFactory(list), 2, 3)
    yield Partial(tagged, width=ArgFactory(int))
    yield from [Config(Config, two), Config(tagged)]


@BOTH
@pytest.mark.parametrize("graph", [*callables()], ids=repr)
def test_calls(again, graph):
    assert equal_with_tags(again(graph), graph)


@BOTH
def test_positional_arguments_after_gaps(again):
    graph = Config(two, Config(variadic), Config(positional))
    if again is captured:
        graph.x.a = 1
        graph.y[0] = 1
    graph.x[VARARGS:] = [3, 4]
    graph.x.z = 1
    graph.y[VARARGS:] = [5]
    graph.y.k = 6
    del graph.y[1]
    found = again(graph)
    if again is rebuilt:
        assert found == graph
        graph.x.a = graph.y[0] = found.x.a = found.y[0] = 0
    assert build(found) == build(graph)


def test_a_gap_of_positional_only_arguments():
    graph = Config(positional)
    graph[1] = 2
    assert rebuilt(graph) == graph
    partial = Partial(positional, 1)
    partial[VARARGS:] = [3]
    assert captured(partial) == partial


@BOTH
def test_sharing(again):
    node, items, values, pair = Config(Layer), [1], {1, 2}, (Config(Layer, 2), 5)
    call = functools.partial(two, 1)
    graph = Config(two, [node, items, values, pair, node, items, values, call], [pair, pair, call])
    found = again(graph)
    assert found.x[0] is found.x[4]
    assert found.x[1] is found.x[5]
    assert found.x[2] is found.x[6]
    assert found.x[3][0] is found.y[0][0] is found.y[1][0]
    assert found.x[7] is found.y[2]
    assert (found.x[7].func, found.x[7].args) == (two, (1,))
    found.x[7] = found.y[2] = call
    assert found == graph


@BOTH
@pytest.mark.parametrize("nest", [lambda node: node, lambda node: [node], lambda node: (node,)])
def test_deep_nesting(again, nest):
    graph = Config(two)
    for _ in range(2000):
        graph = Config(two, nest(graph))
    assert again(graph) == graph


def test_a_deep_chain():
    graph = Config(two)
    for _ in range(20_000):
        graph = Config(two, graph)
    assert rebuilt(graph) == graph


@BOTH
def test_wide_sharing(again):
    graph = Config(two)
    for _ in range(1000):
        graph = Config(two, (graph, graph))
    assert again(graph) == graph


def test_tags():
    graph = Config(tagged, 5)
    assert equal_with_tags(rebuilt(graph), graph)
    assert "set_tags" not in to_source(graph)
    clear_tags(graph, "width")
    set_tags(graph, "other", [Width, Depth])
    assert equal_with_tags(rebuilt(graph), graph)
    rest = Config(positional, 1, 2, 3)
    add_tag(rest, 0, Width)
    add_tag(rest, 2, Depth)
    add_tag(rest, "k", Depth)
    graph.other = [rest, rest]
    assert equal_with_tags(rebuilt(graph), graph)


def test_tagged_values():
    graph = [TaggedValue([Width]), TaggedValue([Depth, Width], default=[1])]
    assert equal_with_tags(rebuilt(graph), graph)
    graph = Config(positional, 1, 2, TaggedValue([Width]))
    assert equal_with_tags(rebuilt(graph), graph)
    clear_tags(graph, 2)
    assert equal_with_tags(rebuilt(graph), graph)
    untagged = TaggedValue([Width], default=1)
    clear_tags(untagged, "value")
    assert equal_with_tags(rebuilt([untagged]), [untagged])


def test_tagged_value_as_an_argument_is_refused():
    graph = Config(two)
    graph.__arguments__["x"] = TaggedValue([Width], default=1)
    with pytest.raises(CodegenError, match=r"<root>\.x = .*would replace it"):
        to_source(graph)


def test_subclasses_of_config():
    graph = MyConfig(two, MyConfig(Layer))
    assert rebuilt(graph) == graph


def test_names_do_not_collide():
    graph = Config(
        two, Config(exempt), [Config(collections.OrderedDict), Config(typing.OrderedDict)]
    )
    graph.y.append(Config(dict, list=[1]))
    graph.y.append(graph.y[-1].list)
    graph.y.extend([graph.x] * 2)
    assert rebuilt(graph) == graph
    source = to_source(Config(two, shared := Config(two), shared), name="two")
    assert run(source, "two")() == Config(two, shared, shared)
    assert "two as " in source


def test_variables_are_named_after_arguments():
    shared, items = Config(Layer), [1]
    graph = Config(dict, encoder=shared, parts=[shared, items, items], last=[Config(Sub)] * 2)
    source = to_source(graph)
    for line in ("encoder = Config(Layer)", "parts = [1]", "sub = Config(Sub)"):
        assert f"    {line}\n" in source


def test_long_calls_are_broken_over_lines():
    graph = Config(dict, {"key": "v" * 60}, names=["n" * 40, "m" * 40], **{"a b": 1})
    assert to_source(graph).partition("def ")[2] == (
        "build_config():\n"
        "    return Config(\n"
        "        dict,\n"
        f'        {{"key": "{"v" * 60}"}},\n'
        "        names=[\n"
        f'            "{"n" * 40}",\n'
        f'            "{"m" * 40}",\n'
        "        ],\n"
        '        **{"a b": 1},\n'
        "    )\n"
    )


def many_lines():
    layers = [Config(Layer, index, act=two, name=f"layer '{index}'") for index in range(4)]
    inner = Config(
        Layer, [*layers, (layers[0],)], act={"k": [layers[1]] * 2, 2: set("abcdefgh" * 9)}
    )
    graph = Config(
        two, inner, y=Partial(variadic, "x" * 90, Pair(inner, 1), *range(50), k=math.inf)
    )
    return Config(
        dict, a=[graph], b=(graph, {"s" * 80: "t" * 80}), c=frozenset(map(str, range(50)))
    )


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("write", [to_source, to_auto_config_source])
@pytest.mark.parametrize("graph", [many_lines(), [*callables()], LEAVES], ids="abc")
def test_the_source_is_formatted(write, graph, tmp_path):
    pytest.importorskip("ruff", reason="the formatter is a development tool")
    file = tmp_path / "generated.py"
    file.write_text(write([Config(two), graph]).replace('"\\ud800"', '"x"'), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_sources_are_deterministic():
    def graph():
        return Config(two, set("abcdef"), frozenset({Color.RED, Perm.R, "x", 1}))

    assert to_source(graph()) == to_source(graph())
    assert 'frozenset({"x", 1, Color.RED, Perm.R})' in to_source(graph())


def test_a_plain_call_of_the_auto_config_source_builds_the_objects():
    graph = Config(two, Config(positional, 1, 2, 3), Pair(Config(needy, [1]), {1}))
    source = to_auto_config_source(graph)
    assert run(source)() == build(graph)
    assert "lambda" not in source


def test_a_container_root():
    assert rebuilt([1, {"a": Config(two)}]) == [1, {"a": Config(two)}]
    assert captured([1, 2]) == [1, 2]
    assert rebuilt(5) == captured(5) == 5


def test_every_problem_is_listed_with_its_line():
    def local():
        pass

    graph = Config(two, {"f": [lambda: 0, local]}, 0)
    graph.y = object()
    with pytest.raises(CodegenError) as caught:
        to_source(Config(dict, a=graph, b=graph, c=[Config(local)], d={object: {local: 1}}))
    problems = caught.value.problems
    assert [problem.path for problem in problems] == [
        "<root>.a.x['f'][0]",
        "<root>.a.x['f'][1]",
        "<root>.a.y",
        "<root>.c[0]",
        "<root>.d[<class 'object'>]",
    ]
    lines = [problem.provenance.line for problem in problems]
    assert lines[0] == lines[1] == lines[2] - 1
    assert lines[3] == lines[4] == lines[2] + 2
    assert problems[2].value is graph.y
    text = str(caught.value)
    assert "5 values of the graph have none" in text
    assert "define it at the top of a module" in text
    assert f"set at {__file__}:{lines[0]} in test_every_problem" in text


def test_many_problems_are_listed_fast_and_shown_in_part():
    graph = Config(two)
    for _ in range(3000):
        graph = Config(two, graph, object())
    with pytest.raises(CodegenError, match="and 2980 more") as caught:
        to_source(graph)
    assert len(caught.value.problems) == 3000


def test_many_problems_in_one_list():
    with pytest.raises(CodegenError) as caught:
        to_source([object() for _ in range(50_000)])
    assert caught.value.problems[-1].path == "<root>[49999]"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_names_that_are_no_identifiers():
    graph = Config(
        dict, **{name: [[1]] * 2 for name in ("1", "a-b", "class", "list", "HTTPServer")}
    )
    source = to_source(graph)
    for name in ("value_1", "a_b", "class_", "list_2", "http_server"):
        assert f"    {name} = [1]\n" in source
    assert run(source)() == graph


@BOTH
@pytest.mark.parametrize(
    "leaf, reason",
    [
        (object(), "of class object have no source"),
        ([].append, "that is this value|cannot be|have no source"),
        (types.ModuleType("nowhere"), "nowhere cannot be imported"),
        (functools.partial(lambda: 0), "cannot be imported"),
        (functools.partial(two, Config(two)), "inside of a value that is not looked into"),
        (type("Gone", (), {"__module__": "nowhere"}), "nowhere has no Gone"),
        (functools.reduce(lambda inner, _: frozenset({inner}), range(60), frozenset()), "40 deep"),
    ],
    ids=stable_name,
)
def test_leaves_without_source(again, leaf, reason):
    with pytest.raises(CodegenError, match=reason):
        again(Config(two, leaf))


def test_a_root_without_source():
    with pytest.raises(CodegenError, match="<root> = .*class object have no source"):
        to_source(object())


def shared_factory():
    factory = ArgFactory(list)
    return Config(two, Partial(two, factory), Partial(two, factory))


def gap(cls, *, default):
    node = cls(positional)
    if default:
        node[VARARGS:] = [1]
    else:
        node[1] = 2
    return node


def with_tag(cls=Config, *arguments):
    node = cls(two, *arguments)
    add_tag(node, "x", Width)
    return node


def without_declared_tag():
    node = Config(tagged, 5)
    clear_tags(node, "width")
    return node


@pytest.mark.parametrize(
    "graph, path, reason",
    [
        (with_tag(), "<root>", r"\.x has tags and is not set"),
        (without_declared_tag(), "<root>", r"\.width lacks tags of its annotation"),
        (with_tag(Partial, ArgFactory(list)), "<root>", r"\.x is an ArgFactory with tags"),
        ([TaggedValue([Width])], r"<root>\[0\]", "a tagged value without a value"),
        (MyConfig(two), "<root>", "no MyConfig nodes"),
        (Config(needy), "<root>", "arguments are not set: must"),
        (gap(Partial, default=False), "<root>", "'a' is not set, and a later one is"),
        (ArgFactory(list), "<root>", "argument of a Partial"),
        (Config(two, ArgFactory(list)), r"<root>\.x", "argument of a Partial"),
        (Partial(two, [ArgFactory(list)]), r"<root>\.x\[0\]", "argument of a Partial"),
        (shared_factory(), r"<root>\.x\.x", "cannot be shared"),
        (Partial(positional, 1, ArgFactory(list)), "<root>", "alternate"),
        (Config(inlined), "<root>", "never recorded"),
        (Config(vars, 1), "<root>", "never recorded"),
        (Config(functools.partial, two), "<root>", "never recorded"),
    ],
    ids=str,
)
def test_what_an_auto_config_function_cannot_say(graph, path, reason):
    with pytest.raises(CodegenError, match=f"(?s){path} = .*{reason}"):
        to_auto_config_source(graph)
    assert equal_with_tags(rebuilt(graph), graph)


def test_an_auto_config_function_gives_tags():
    shared = TaggedValue([Width, Depth], default=[1])
    graph = Config(two, Config(tagged, 5), [shared, shared, Partial(positional, 1, 2, 3)])
    add_tag(graph.x, "width", Depth)
    add_tag(graph.y[2], 2, Depth)
    source = to_auto_config_source(graph)
    assert equal_with_tags(run(source).as_buildable(), graph)
    assert "with_tags(5, Depth)" in source
    assert run(source)()[2][0] == [1]


def test_problems_of_capture_are_listed_together():
    graph = Config(two, Config(needy), [with_tag(), lambda: 0])
    with pytest.raises(CodegenError) as caught:
        to_auto_config_source(graph)
    assert [problem.path for problem in caught.value.problems] == [
        "<root>.x",
        "<root>.y[0]",
        "<root>.y[1]",
    ]


def test_gaps_among_variadic_arguments():
    graph = Config(positional, 1, 2, 3, 4)
    del graph.__arguments__[2]
    with pytest.raises(CodegenError, match="missing among its"):
        to_source(graph)


def test_cycles():
    graph = Config(two)
    graph.x = [graph]
    with pytest.raises(CycleError):
        to_source(graph)


@pytest.mark.parametrize("name", ["class", "a b", "1", ""])
@pytest.mark.parametrize("write", [to_source, to_auto_config_source])
def test_names_of_functions(write, name):
    with pytest.raises(ValueError, match="cannot be the name"):
        write(Config(two), name=name)


def test_register_source():
    with pytest.raises(CodegenError, match="see register_source"):
        to_source(Money(5))
    register_source(Money, lambda value: CallForm(Money, (value.amount,)))
    graph = Config(two, Money([5]))
    assert rebuilt(graph) == captured(graph) == graph
    with pytest.raises(ValueError, match="already"):
        register_source(Money, lambda value: CallForm(Money))
    with pytest.raises(ValueError, match="already"):
        register_source(datetime.date, lambda value: CallForm(Money))
    with pytest.raises(TypeError, match="not a class"):
        register_source(5, lambda value: CallForm(Money))


def test_registered_containers_have_no_source():
    register_container(
        Crate,
        flatten=lambda crate: (["content"], [crate.content]),
        rebuild=lambda crate, keys, values: Crate(*values),
        element=Attr,
    )
    with pytest.raises(CodegenError, match=r"<root>\.x = .*class Crate ha"):
        to_source(Config(two, Crate(Config(two))))


@BOTH
def test_numpy(again):
    numpy = pytest.importorskip("numpy")
    graph = Config(two, numpy.dtype("float32"), [numpy.float32(1.5), numpy.bool_(True), numpy.int8])
    found = again(graph)
    assert found == graph
    assert [type(value) for value in found.y] == [type(value) for value in graph.y]


@settings(max_examples=150)
@given(graphs())
def test_sources_rebuild_equal_graphs(graph):
    source = to_source(graph)
    found = run(source)()
    assert found == graph
    assert to_source(found) == source


@settings(max_examples=150)
@given(graphs())
def test_auto_config_sources_capture_to_equal_graphs(graph):
    source = to_auto_config_source(graph)
    found = run(source).as_buildable()
    assert equal_with_tags(found, graph)
    assert to_auto_config_source(found) == source


def test_functions_in_c_of_a_class_that_is_nowhere(monkeypatch):
    # As torch has them: `torch.tensor` is a static method of a class without a name.
    module = types.ModuleType("offers_functions")
    module.fromkeys = type("Hidden", (dict,), {"__module__": "offers_functions"}).fromkeys
    monkeypatch.setitem(sys.modules, "offers_functions", module)
    graph = Config(module.fromkeys, [1])
    assert "from offers_functions import fromkeys" in to_source(graph)
    names = {}
    exec(to_source(graph), names)
    assert names["build_config"]() == graph
