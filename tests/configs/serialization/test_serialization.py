"""Graphs written as JSON and YAML, and read again."""

import collections
import copy
import datetime as dt
import decimal
import enum
import functools
import math
import operator
import pathlib
import pickle
import random
import subprocess
import sys
import types
import uuid
import zoneinfo

import attrs
import pytest
import serialization_cases as cases
from tag_cases import equal_with_tags

from bytefig.configs import (
    NO_VALUE,
    VARARGS,
    ArgFactory,
    Config,
    Partial,
    SerializationError,
    TaggedValue,
    add_tag,
    build,
    dump_json,
    dump_yaml,
    get_tags,
    history,
    iter_nodes,
    json_schema,
    load_json,
    load_yaml,
    register_codec,
    register_container,
    suspend_history,
)

ALLOW = ["serialization_cases", "zoneinfo", "numpy", "decimal", "uuid"]


def of_json(value, **options):
    text = dump_json(value, **options)
    loaded = load_json(text, allow=[*ALLOW, "builtins"])
    assert dump_json(loaded, **options) == text
    check_schema(text)
    return loaded


def check_schema(text):
    jsonschema = pytest.importorskip("jsonschema")
    import json

    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(text))


def of_yaml(value, **options):
    pytest.importorskip("ruamel.yaml")
    text = dump_yaml(value, **options)
    loaded = load_yaml(text, allow=[*ALLOW, "builtins"])
    assert dump_yaml(loaded, **options) == text
    assert dump_json(loaded, **options) == dump_json(value, **options)
    return loaded


BOTH = pytest.mark.parametrize("again", [of_json, of_yaml])

LEAVES = [
    None,
    True,
    0,
    -1,
    2**53,
    2**53 + 1,
    -(10**5000),
    0.1,
    -0.0,
    1e300,
    5e-324,
    1.0,
    1e16,
    math.inf,
    -math.inf,
    "",
    "text",
    "é\u2028\x85\ufeff\x00\ud800\U0001f600",
    "null",
    "~",
    "1",
    "1.5",
    "2020-01-01",
    "- a",
    "a: b #c",
    "!tag",
    "&a *b",
    "one\ntwo\n",
    " spaces ",
    "word " * 100,
    "yes",
    ".inf",
    "0x1f",
    "1_000",
    "=",
    "<<",
    b"",
    bytes(range(256)),
    1 + 2j,
    complex(-0.0, math.inf),
    range(1, 10**30, 3),
    pathlib.Path("a/b"),
    pathlib.PurePosixPath("/a"),
    pathlib.PureWindowsPath(r"c:\a"),
    dt.date(2020, 2, 29),
    dt.datetime(2020, 1, 1, 12, 30, 1, 5),
    dt.datetime(2020, 1, 1, tzinfo=dt.UTC, fold=1),
    dt.datetime(2020, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=-3, microseconds=1))),
    dt.time(1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=1), "here")),
    dt.timedelta(-1, 2, 3),
    dt.timedelta.max,
    dt.UTC,
    dt.timezone(dt.timedelta(hours=2)),
    cases.Colour.RED,
    cases.Colour.SCARLET,
    cases.Level.LOW,
    cases.Permission.READ,
    cases.Permission.READ | cases.Permission.RUN,
    cases.Permission(0),
    len,
    eval,
    dict.fromkeys,
    str.maketrans,
    str.join,
    cases.two,
    cases.Layer,
    cases.Layer.Nested,
    cases.Layer.Nested.make,
    cases.Layer.Derived.make,
    cases.Layer.Nested.relu,
    cases.Layer.method,
    ...,
    NotImplemented,
    NO_VALUE,
    VARARGS,
    attrs.NOTHING,
    list[int],
    (),
    (1, (2, "x")),
    frozenset([1, "a", (2, 3)]),
    {1, "a", frozenset([2]), 10**5000, -1, None, 0.5},
    [1, [2]],
    {"a": {"b": 1}},
    {1: 2, (3, 4): [5], None: {}},
    collections.defaultdict(list, k=[1]),
    collections.defaultdict(None, {1: 2}),
    collections.OrderedDict([("b", 1), ("a", [2])]),
    collections.OrderedDict([(2, 1), (1, 2)]),
    collections.deque(),
    collections.deque([1, [2]], 3),
    collections.deque([1], sys.maxsize),
    slice(None),
    slice(1, [2], -1),
    cases.Pair(1, [2]),
    cases.Typed("n"),
    decimal.Decimal("1.10"),
    uuid.UUID(int=5),
]


@BOTH
@pytest.mark.parametrize("value", LEAVES, ids=lambda value: type(value).__name__)
def test_values(again, value):
    loaded = again(Config(cases.two, value, y=[value])).x
    assert type(loaded) is type(value)
    assert loaded == value
    if not isinstance(value, set | frozenset | int):
        assert repr(loaded) == repr(value)


@pytest.mark.parametrize("text", ["?a", "?'", "?>", "? a", "?", "-'", ":a", "=", "%a", "@", "a?"])
def test_signs_of_yaml_at_the_start_of_text(text):
    pytest.importorskip("ruamel.yaml")
    graph = Config(cases.two, {text: text}, frozenset([text]))
    assert load_yaml(dump_yaml(graph), allow=ALLOW) == graph


def test_long_text_in_yaml_is_not_folded():
    # Where ruamel.yaml folds a line of escaped text, a space is lost.
    pytest.importorskip("ruamel.yaml")
    for length in range(40):
        text = "a" * length + "\U00010000" * 8 + "0 0"
        assert load_yaml(dump_yaml(Config(cases.two, None, text)), allow=ALLOW).y == text


@BOTH
def test_not_a_number(again):
    assert math.isnan(again(Config(cases.two, math.nan)).x)


@BOTH
def test_time_zone(again):
    try:
        zone = zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("there are no time zones here")
    when = dt.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=zone)
    loaded = again(Config(cases.two, when)).x
    assert loaded.tzinfo is zone
    assert loaded.utcoffset() == when.utcoffset()


@BOTH
def test_partials(again):
    loaded = again(Config(functools.partial(cases.two, 1, y=Config(int)), y=2))
    fn = loaded.__fn_or_cls__
    assert (fn.func, fn.args, fn.keywords) == (cases.two, (1,), {"y": Config(int)})
    assert again(functools.partial(int, base=2))("101") == 5


@BOTH
def test_nodes(again):
    graph = Config(
        cases.positional,
        1,
        2,
        Partial(cases.two, ArgFactory(list)),
        cases.Node(cases.Layer, 3),
        named=[TaggedValue([cases.Width], 4), TaggedValue([cases.Width])],
        **{"0": "zero", '"': "quote", "a b": "space", "class": "keyword"},
    )
    loaded = again(graph)
    assert equal_with_tags(loaded, graph)
    assert [type(node) for node in iter_nodes(loaded)] == [type(n) for n in iter_nodes(graph)]
    assert again(Config(list[int], [1])) == Config(list[int], [1])
    assert again(Config(cases.Layer.Derived.make, 1)) == Config(cases.Layer.Derived.make, 1)


@BOTH
def test_tags_are_always_written(again):
    graph = Config(cases.positional, 1)
    add_tag(graph, 0, cases.Width)
    add_tag(graph, 0, cases.Narrow)
    add_tag(graph, 1, cases.Narrow)
    add_tag(graph, "later", cases.Width)
    loaded = again(graph)
    assert equal_with_tags(loaded, graph)
    assert get_tags(loaded, 0) == {cases.Width, cases.Narrow}


@BOTH
def test_sharing_is_kept(again):
    node, items = Config(cases.Layer), [1]
    graph = Config(cases.two, [node, items, items], y={"k": node})
    loaded = again(graph)
    assert loaded == graph
    assert loaded.x[0] is loaded.y["k"]
    assert loaded.x[1] is loaded.x[2]
    apart = again(Config(cases.two, Config(int), Config(int)))
    assert apart.x is not apart.y
    assert dump_json(graph).count("serialization_cases:Layer") == 1


@BOTH
def test_provenance_and_history_on_request(again):
    with suspend_history():
        nowhere = Config(cases.two)
    graph = Config(cases.two, 1, nowhere)
    graph.x = [2]
    del graph.y
    add_tag(graph, "x", cases.Width)
    plain = again(graph)
    assert plain.__provenance__ is None and plain.__history__ is None
    assert "made" not in dump_json(graph) and __file__ not in dump_json(graph)
    loaded = again(graph, provenance=True, history=True)
    assert equal_with_tags(loaded, graph)
    assert str(loaded.__provenance__) == str(graph.__provenance__)
    assert [
        (edit.key, edit.kind, edit.before, edit.after, str(edit.provenance))
        for edit in loaded.__history__
    ] == [
        ("x", "set", "1", "[2]", str(history(graph)[-3].provenance)),
        ("y", "delete", "<Config[two]>", NO_VALUE, str(history(graph)[-2].provenance)),
        ("x", "tags", set(), {"serialization_cases.Width"}, str(history(graph)[-1].provenance)),
    ]
    assert equal_with_tags(again(copy.copy(loaded), provenance=True, history=True), graph)


def test_a_value_may_be_the_root():
    assert of_json([1, (2,)]) == [1, (2,)]
    assert of_json(3) == 3


def test_equal_graphs_give_the_same_text():
    def graph(pair):
        return Config(cases.two, [tuple(pair), tuple(pair)], y={"a", "b", ("c", "d"), ("e",)})

    assert dump_json(graph("ab")) == dump_json(graph(["a", "b"]))
    constant = ("a", "b")
    assert dump_json(Config(cases.two, constant, constant)) == dump_json(
        Config(cases.two, tuple("ab"), tuple("ab"))
    )


HASHED = """
import sys
sys.path.insert(0, sys.argv[1])
import serialization_cases as cases
from bytefig.configs import Config, dump_json, register_codec
register_codec(cases.Point, "point", lambda p: [p.x, {"y": p.y}], lambda v: cases.Point(*v))
points = {cases.Point(x, y) for x in "abcdef" for y in "uvw"}
letters = {("x", letter) for letter in "abcdef"}
print(dump_json(Config(dict, a=points, b=letters, c={frozenset("abc"), frozenset("cde")})))
"""


@pytest.mark.needs_subprocess
def test_order_of_sets_does_not_depend_on_hashes():
    folder = str(pathlib.Path(cases.__file__).parent)
    texts = {
        subprocess.run(
            [sys.executable, "-c", HASHED, folder],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "1234"
    }
    assert len(texts) == 1
    assert texts.pop().count('"codec": "point"') == 18


def test_an_edit_changes_few_lines():
    def graph():
        layers = [Config(cases.Layer, size, inner=Config(cases.two, [size])) for size in range(50)]
        return Config(cases.two, layers)

    edited = graph()
    edited.x[7].units = 9
    edited.x[7].activation = Config(int)
    edited.x.append(Config(cases.Layer))
    before, after = dump_json(graph()).splitlines(), dump_json(edited).splitlines()
    assert len(set(before) - set(after)) == 2
    assert len(set(after) - set(before)) == 4


def test_every_problem_is_reported_with_path_and_line():
    graph = Config(cases.two, [cases.anonymous, {"k": cases.outer()}], y=Config(int))
    graph.y = Config(cases.two, cases.Odd())
    line = sys._getframe().f_lineno - 1
    add_tag(graph, "x", cases.Width)
    loop = []
    loop.append(loop)
    graph.y.y = (cases._hidden, cases.instance.method, loop, cases.Layer._private)
    with pytest.raises(SerializationError) as caught:
        dump_json(graph)
    found = [(problem.path, problem.reason) for problem in caught.value.problems]
    assert [path for path, _ in found] == [
        "<root>.x[0]",
        "<root>.x[1]['k']",
        "<root>.y.x",
        "<root>.y.y[0]",
        "<root>.y.y[1]",
        "<root>.y.y[2][0]",
    ]
    reasons = "\n".join(reason for _, reason in found)
    for part in (
        "a lambda cannot be imported",
        "outer.<locals>.inner is defined inside a function",
        "a serialization_cases.Odd cannot be written: see register_codec",
        "_hidden is private",
        "method is a method of an instance of Layer",
        "contains itself",
    ):
        assert part in reasons
    text = str(caught.value)
    assert text.startswith("6 values cannot be serialised:")
    assert "<root>.y.x: a serialization_cases.Odd cannot be written: see register_codec\n" in text
    assert f"set at {__file__}:{line} in " in text
    assert caught.value.problems[3].provenance.line == line + 5
    assert caught.value.path == ""


def test_problems_of_other_places():
    class Local(Config):
        __slots__ = ()

    with pytest.raises(SerializationError, match=r"(?s)1 value .*<root>: .*Local is defined"):
        dump_json(Local(int))
    with pytest.raises(SerializationError, match=r"<root>.__fn_or_cls__: .*lambda"):
        dump_json(Config(lambda: None))
    with pytest.raises(SerializationError, match="and 5 more"):
        dump_json([cases.Odd() for _ in range(25)])
    named = functools.partial(int)
    named.attribute = 1
    with pytest.raises(SerializationError, match="attributes of its own"):
        dump_json(named)
    rebound = cases.two
    cases.two, before = cases.positional, cases.two
    try:
        # `replaced` is another name of it.
        with pytest.raises(SerializationError, match="serialization_cases:two does not give this"):
            dump_json(rebound)
    finally:
        cases.two = before


def test_a_private_module_is_called_by_its_public_name():
    assert '"symbol": "operator:add"' in dump_json([operator.add])
    assert load_json(dump_json([operator.add]), allow=["operator"]) == [operator.add]


def test_problem_of_an_enum():
    Local = enum.Enum("Local", "A")
    with pytest.raises(SerializationError, match="<root>.x: importing .*:Local does not"):
        dump_json(Config(cases.two, Local.A))


def test_tags_that_cannot_be_imported_are_reported():
    tag = type(cases.Width)("Lost", (cases.Width,), {"__doc__": "x", "__module__": "nowhere"})
    graph = Config(cases.two, Config(cases.two))
    add_tag(graph.x, "x", tag)
    with pytest.raises(SerializationError, match="<root>.x: importing nowhere:Lost"):
        dump_json(graph)


def test_codecs():
    register_codec(cases.Point, "point", lambda p: {"x": p.x, "y": p.y}, lambda v: cases.Point(**v))
    shared = Config(int)
    point = cases.Point(shared, (1, 2.5))
    loaded = of_json(Config(cases.two, point, [point, shared]))
    assert loaded.x == point
    assert loaded.x is loaded.y[0]
    assert loaded.x.x is loaded.y[1]
    # The class may be defined again, as in a notebook.
    again = attrs.make_class("Point", ["x", "y"])
    again.__module__, again.__qualname__ = cases.Point.__module__, cases.Point.__qualname__
    register_codec(again, "point", lambda p: [p.x, p.y], lambda v: cases.Point(*v))
    assert load_json(dump_json(again(1, 2))) == cases.Point(1, 2)
    with pytest.raises(SerializationError, match=r"Point cannot be written"):
        dump_json(point)
    register_codec(cases.Point, "point", lambda p: [p.x, p.y], lambda v: cases.Point(*v))
    register_codec(cases.Point, "spot", lambda p: [p.x, p.y], lambda v: cases.Point(*v))
    with pytest.raises(SerializationError, match=r"no codec called 'point'") as caught:
        load_json(dump_json(point).replace('"spot"', '"point"'))
    assert caught.value.path.endswith(".codec")


class Base:
    pass


class Child(Base):
    pass


def test_codecs_of_subclasses_and_failing_ones():
    register_codec(Base, "base", lambda _: 1, lambda _: Base())
    with pytest.raises(SerializationError, match="Child cannot be written"):
        dump_json(Child())
    register_codec(Base, "base", lambda v: 1 / 0, lambda _: Base(), subclasses=True)
    with pytest.raises(SerializationError, match="the codec 'base' fails: .*division"):
        dump_json(Child())
    register_codec(Base, "base", lambda v: type(v).__name__, lambda v: 1 / 0, subclasses=True)
    with pytest.raises(SerializationError, match="the codec 'base' fails: division") as caught:
        load_json(dump_json([Child()]))
    assert caught.value.path == "$.nodes[0].value"


def test_register_codec_refuses():
    with pytest.raises(TypeError, match="not a class"):
        register_codec(3, "three", str, int)
    with pytest.raises(TypeError, match="text"):
        register_codec(Base, "", str, int)
    with pytest.raises(ValueError, match="list is written without a codec"):
        register_codec(list, "list", list, list)
    with pytest.raises(ValueError, match="without"):
        register_codec(Config, "config", list, list)
    register_codec(Base, "base", str, str)
    with pytest.raises(ValueError, match="'base' is registered already"):
        register_codec(Child, "base", str, str)
    with pytest.raises(ValueError, match="registered already"):
        register_codec(Child, "numpy.dtype", str, str)


def test_numpy():
    numpy = pytest.importorskip("numpy")
    values = [
        numpy.dtype("float32"),
        numpy.dtype(">i8"),
        numpy.dtype("U7"),
        numpy.dtype("M8[ns]"),
        numpy.dtype(object),
        numpy.float32(0.1),
        numpy.int64(-5),
        numpy.bool_(True),
        numpy.float32,
        numpy.add,
        numpy.sum,
    ]
    loaded = of_json(values)
    assert loaded == values
    assert list(map(type, loaded)) == list(map(type, values))
    for value in (numpy.dtype([("a", "i4")]), numpy.array([1]), numpy.void(b"")):
        with pytest.raises(SerializationError):
            dump_json(value)
    text = dump_json(values[:1])
    with pytest.raises(SerializationError, match="'numpy' is not allowed"):
        load_json(text)
    for bad in ('"i4,i4"', "3", '"<x4"'):
        with pytest.raises(SerializationError, match="not a plain dtype"):
            load_json(text.replace('"<f4"', bad), allow=["numpy"])
    scalar = dump_json(numpy.float32(1))
    for bad in ('"AA=="', '"' + "AAAA" * 9 + '"'):
        with pytest.raises(SerializationError, match="not the bytes of one number"):
            load_json(scalar.replace('"AACAPw=="', bad), allow=["numpy"])


def test_torch():
    torch = pytest.importorskip("torch")
    values = [torch.float32, torch.bfloat16, torch.device("cpu"), torch.nn.Linear, torch.relu]
    assert load_json(dump_json(values), allow=["torch.*"]) == values
    with pytest.raises(SerializationError, match="not a dtype"):
        load_json(dump_json(torch.float32).replace('"float32"', '"nn"'), allow=["torch"])


class Box:
    def __init__(self, content):
        self.content = content


def test_a_container_of_the_users_needs_a_codec():
    register_container(
        Box,
        flatten=lambda box: (["content"], [box.content]),
        rebuild=lambda _, __, values: Box(*values),
    )
    with pytest.raises(SerializationError, match="Box cannot be written: see register_codec"):
        dump_json(Box(Config(int)))
    register_codec(Box, "box", lambda box: box.content, Box)
    assert load_json(dump_json(Box(Config(int)))).content == Config(int)


DEPTH = 10_000


def test_a_deep_chain():
    graph = Config(cases.Layer)
    for size in range(DEPTH - 1):
        graph = Config(cases.Layer, size, inner=graph)
    text = dump_json(graph)
    assert load_json(text, allow=ALLOW) == graph
    assert dump_json(load_json(text, allow=ALLOW)) == text


def test_a_deep_chain_of_containers_and_a_problem_in_it():
    graph = last = []
    for _ in range(10_000):
        graph = [(graph,), {"k": 1}]
    loaded = load_json(dump_json(graph))
    for _ in range(10_000):
        loaded = loaded[0][0]
    assert loaded == []
    last.append(cases.Odd())
    with pytest.raises(SerializationError) as caught:
        dump_json(graph)
    assert caught.value.problems[0].path == "<root>" + "[0][0]" * 10_000 + "[0]"


def test_a_deep_chain_in_yaml():
    pytest.importorskip("ruamel.yaml")
    graph = Config(int)
    for _ in range(1500):
        graph = Config(cases.two, [graph])
    assert load_yaml(dump_yaml(graph), allow=ALLOW) == graph


def test_time_is_linear_in_sharing():
    node = (1,)
    for _ in range(200):
        node = (node, node)
    assert dump_json([node]).count('"tuple"') == 201


def transformer(count):
    """Return a graph of about that many nodes, like that of a transformer."""

    def linear(width):
        return Config(cases.positional, width, 4 * width, bias=True, name="linear")

    layers = []
    while 16 * len(layers) < count:
        attention = Config(cases.two, [linear(64) for _ in range(4)], y=(64, 8))
        mlp = Config(cases.two, [linear(64) for _ in range(8)], y=0.1)
        layers.append(Config(cases.Layer, 64, activation=attention, inner=Config(cases.two, mlp)))
    return Config(cases.two, layers)


def test_size_of_a_large_graph():
    graph = transformer(4000)
    assert len(list(iter_nodes(graph))) >= 3750
    text = dump_json(graph)
    assert len(text) < 1_000_000
    assert load_json(text, allow=ALLOW) == graph


def test_a_loaded_graph_builds():
    graph = Config(cases.two, Config(cases.Layer, 3), y=Partial(int, base=2))
    assert build(load_json(dump_json(graph), allow=ALLOW)).__getitem__(1)("11") == 3


def test_yaml_without_ruamel(monkeypatch):
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    for use in (lambda: dump_yaml(1), lambda: load_yaml("1")):
        with pytest.raises(ModuleNotFoundError) as caught:
            use()
        assert "pip install 'bytefig[yaml]'" in caught.value.__notes__[0]


@pytest.mark.needs_subprocess
def test_what_is_imported_with_the_package():
    code = "import sys, bytefig.configs; print(sorted({'json', 'ruamel.yaml', 'jsonschema',\
 'zoneinfo', 'bytefig.configs.serialization.document_writer'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_what_an_interactive_session_defines_is_written_as_of_main(monkeypatch):
    session = types.ModuleType("__main__")
    exec("def made(units=1): ...", vars(session))
    monkeypatch.setitem(sys.modules, "__main__", session)
    text = dump_json(Config(session.made))
    assert '"call": "__main__:made"' in text
    assert load_json(text, allow=[session.made]) == Config(session.made)


def test_functions_of_a_module_that_are_methods_of_one_generator():
    numpy = pytest.importorskip("numpy")
    graph = Config(dict, a=Config(random.random), b=Config(numpy.random.rand, 2))
    same = load_json(dump_json(graph), allow=["random", "numpy.*"])
    assert same.a.__fn_or_cls__ is random.random
    assert same.b.__fn_or_cls__ is numpy.random.rand
    with pytest.raises(SerializationError, match="the module 'random' is not allowed"):
        load_json(dump_json(graph))
    same = pickle.loads(pickle.dumps(graph))
    assert same == graph
    assert same.a.__fn_or_cls__ is random.random
