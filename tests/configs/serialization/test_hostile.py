"""Documents that were not made by dumping: each is refused, at the right place, without a trace."""

import contextlib
import copy
import json
import sys

import pytest
import serialization_cases as cases
from hypothesis import given, settings
from hypothesis import strategies as st

from bytefig.configs import Config, SerializationError, add_tag, dump_json, load_json, load_yaml

ALLOW = ["serialization_cases"]


def config(name="a", args=None, call="serialization_cases:two", **more):
    return {"id": name, "type": "Config", "call": call, "args": args or {}, **more}


def of(nodes=(), root=None):
    return {"format": "bytefig.graph", "version": 1, "nodes": list(nodes), "root": root}


def node(kind, **fields):
    return of([{"id": "a", "type": kind, **fields}])


def leaf(kind, payload):
    return of(root={kind: payload})


LONG = "x" * 10**6

CASES = {
    "no mapping": ([], "$", "expected a dict, found a list of 0"),
    "nothing in it": ({}, "$", "the field 'format' is missing"),
    "another format": ({**of(), "format": [1]}, "$.format", "expected 'bytefig.graph'"),
    "unknown version": (
        {**of(), "version": 3},
        "$.version",
        "version 3 is none of 1 to 2, the known ones",
    ),
    "version of a type": ({**of(), "version": True}, "$.version", "version True is none of 1 to 2"),
    "unknown field": ({**of(), "more": 1}, "$", "'more' is not a field here"),
    "nodes of a type": ({**of(), "nodes": {}}, "$.nodes", "expected a list"),
    "a node of a type": (of([[]]), "$.nodes[0]", "expected a node, found a list of 0"),
    "no id": (of([{"type": "list", "items": []}]), "$.nodes[0].id", "expected a str, found None"),
    "id of a type": (of([config({})]), "$.nodes[0].id", "expected a str, found a mapping of 0"),
    "an id twice": (of([config(), config()]), "$.nodes[1].id", "'a' is taken"),
    "unknown type": (node("bag"), "$.nodes[0].type", "'bag' is not a type of nodes"),
    "type of a type": (node([]), "$.nodes[0].type", "expected a str"),
    "long type": (node(LONG), "$.nodes[0].type", "xxx... is not a type of nodes"),
    "a class that is no node": (
        of([{**config(), "type": "serialization_cases:Layer"}]),
        "$.nodes[0].type",
        "'serialization_cases:Layer' is not a class of nodes",
    ),
    "dangling": (of(root={"ref": "b"}), "$.root.ref", "there is no node 'b'"),
    "ref of a type": (of(root={"ref": [1]}), "$.root.ref", "expected the id of a node"),
    "itself": (of([config(args={"x": {"ref": "a"}})]), "$.nodes[0].args.x.ref", "cycles"),
    "a cycle": (
        of([config(args={"x": {"ref": "b"}}), config("b", {"x": {"ref": "a"}})]),
        "$.nodes[0].args.x.ref",
        "the node 'b' comes later",
    ),
    "unknown kind": (leaf("pickle", "x"), "$.root.pickle", "'pickle' is not a kind of values"),
    "two kinds": (of(root={"ref": "a", "int": "0x1"}), "$.root", "expected a value"),
    "no kind": (of(root={}), "$.root", "expected a value, found a mapping of 0"),
    "a bare list": (of(root=[1]), "$.root", "expected a value, found a list of 1"),
    "a huge integer": (of(root=2**60), "$.root", "a large integer is written as"),
    "hex": (leaf("int", "0x1_0"), "$.root.int", "expected an integer such as"),
    "hex digits": (leaf("int", "0xzz"), "$.root.int", "not a int"),
    "hex of a type": (leaf("int", 3), "$.root.int", "expected a str, found 3"),
    "float": (leaf("float", "1.0"), "$.root.float", "expected 'nan'"),
    "base64": (leaf("bytes", "a"), "$.root.bytes", "not base64"),
    "complex": (leaf("complex", [1.0]), "$.root.complex", "expected 2 items, found 1"),
    "complex parts": (leaf("complex", [1.0, {"float": 1}]), "$.root.complex", "expected a str"),
    "complex mapping": (leaf("complex", [1.0, {"x": 1}]), "$.root.complex", "a number or 'float'"),
    "path": (leaf("path", ["WindowsPath", "a"]), "$.root.path", "expected one of Path"),
    "range": (leaf("range", [1, 2, 0]), "$.root.range", "arg 3 must not be zero"),
    "range of bools": (leaf("range", [True, 2, 1]), "$.root.range", "expected an int, found True"),
    "date": (leaf("date", LONG), "$.root.date", "not a date"),
    "datetime": (leaf("datetime", ["2020-01-01", 5, None]), "$.root.datetime", "fold"),
    "zone": (
        leaf("time", ["10:00", 0, {"zone": "UTC"}]),
        "$.root.time",
        "the module 'zoneinfo' is not allowed",
    ),
    "tzinfo": (leaf("tzinfo", None), "$.root.tzinfo", "expected a time zone, found null"),
    "odd zone": (leaf("tzinfo", {"x": 1}), "$.root.tzinfo", "expected null, 'UTC'"),
    "timezone": (leaf("tzinfo", {"timezone": [10**6, 0]}), "$.root.tzinfo", "not a tzinfo"),
    "timedelta": (leaf("timedelta", [10**15, 0, 0]), "$.root.timedelta", "not a timedelta"),
    "constant": (leaf("constant", "secret"), "$.root.constant", "expected one of Ellipsis"),
    "enum member": (
        leaf("enum", ["serialization_cases:Colour", "__class__"]),
        "$.root.enum",
        "has no member '__class__'",
    ),
    "enum class": (leaf("enum", ["serialization_cases:two", "RED"]), "$.root.enum", "not a enum"),
    "no flag": (leaf("flag", ["serialization_cases:Colour", 1]), "$.root.flag", "not a flag"),
    "flag": (leaf("flag", ["serialization_cases:Permission", 512]), "$.root.flag", "not a flag"),
    "huge flag": (
        leaf("flag", ["serialization_cases:Permission", {"int": "0x" + "f" * 999}]),
        "$.root.flag",
        "too large",
    ),
    "not allowed": (leaf("symbol", "os:system"), "$.root.symbol", "'os' is not allowed; if you"),
    "not imported": (
        leaf("symbol", "forbidden_cases:Innocent"),
        "$.root.symbol",
        "'forbidden_cases' is not allowed",
    ),
    "a package of it": (leaf("symbol", "serialization_cases.x:y"), "$.root.symbol", "not allowed"),
    "a bad builtin": (leaf("symbol", "builtins:eval"), "$.root.symbol", "'builtins' is not all"),
    "dunder": (leaf("symbol", "builtins:dict.__class__"), "$.root.symbol", "is private"),
    "private": (leaf("symbol", "serialization_cases:_hidden"), "$.root.symbol", "is private"),
    "local": (
        leaf("symbol", "serialization_cases:outer.<locals>.inner"),
        "$.root.symbol",
        "is private, or is not",
    ),
    "nothing there": (
        leaf("symbol", "serialization_cases:nothing"),
        "$.root.symbol",
        "there is no",
    ),
    "no callable": (leaf("symbol", "serialization_cases:number"), "$.root.symbol", "there is no"),
    "a module in it": (
        leaf("symbol", "serialization_cases:collections.Counter"),
        "$.root.symbol",
        "there is no function or class",
    ),
    "attribute of a function": (
        leaf("symbol", "serialization_cases:two.x"),
        "$.root.symbol",
        "there is no function or class",
    ),
    "no attribute": (leaf("symbol", "serialization_cases:Layer.x"), "$.root.symbol", "there is no"),
    "without a module": (leaf("symbol", "two"), "$.root.symbol", "expected 'module:qualified"),
    "relative": (leaf("symbol", ".os:system"), "$.root.symbol", "'.os' is not the name of a"),
    "long symbol": (leaf("symbol", LONG), "$.root.symbol", "expected 'module:"),
    "symbol of a type": (leaf("symbol", None), "$.root.symbol", "expected 'module:"),
    "call of a value": (of([config(call={"int": "0x1"})]), "$.nodes[0].call", "not a callable"),
    "call of a list": (of([config(call=[])]), "$.nodes[0].call", "expected a value"),
    "call of a node": (
        of([config(), config("b", call={"ref": "a"})]),
        "$.nodes[1].call",
        "is not a callable",
    ),
    "no argument": (of([config(args={"z": 1})]), "$.nodes[0].args.z", "two has no parameter 'z'"),
    "a long name": (
        of([config(args={LONG: 1})]),
        f"$.nodes[0].args['{'x' * 56}...]",
        "two has no parameter 'xxx",
    ),
    "args of a type": (of([{**config(), "args": [1]}]), "$.nodes[0].args", "expected a dict"),
    "a key": (of([config(args={"a b": 1})]), "$.nodes[0].args", "neither the name nor"),
    "a quoted key": (of([config(args={'"a': 1})]), "$.nodes[0].args", "neither the name nor"),
    "a position by name": (of([config(args={"0": 1})]), "$.nodes[0].args['0']", "by name"),
    "a position": (of([config(args={"7": 1})]), "$.nodes[0].args['7']", "no positional"),
    "a huge position": (of([config(args={"9" * 30: 1})]), "$.nodes[0].args", "neither the name"),
    "a gap": (
        of([config(call="serialization_cases:positional", args={"0": 1, "5": 1})]),
        "$.nodes[0].args",
        "have a gap",
    ),
    "a tag": (
        of([config(tags={"x": ["serialization_cases:Layer"]})]),
        "$.nodes[0].tags.x[0]",
        "is not a tag",
    ),
    "tag of nothing": (of([config(tags={"z": []})]), "$.nodes[0].tags.z", "no parameter 'z'"),
    "tags of a type": (of([config(tags={"x": "T"})]), "$.nodes[0].tags.x", "expected a list"),
    "made": (of([config(made={})]), "$.nodes[0].made", "the field 'file' is missing"),
    "line": (
        of([config(made={"file": "f", "line": "1", "column": None, "function": "g"})]),
        "$.nodes[0].made.line",
        "expected an int, found '1'",
    ),
    "history": (of([config(history=[1])]), "$.nodes[0].history[0]", "expected a dict"),
    "kind of edit": (
        of([config(history=[dict(key="x", kind="k", before=None, after=None, place=None)])]),
        "$.nodes[0].history[0].kind",
        "'k' is not a kind of edits",
    ),
    "tags before": (
        of([config(history=[dict(key="x", kind="tags", before="", after=[], place=None)])]),
        "$.nodes[0].history[0].before",
        "expected a list",
    ),
    "items": (node("list", items=[1, [2]]), "$.nodes[0].items[1]", "expected a value"),
    "items of a type": (node("list", items=1), "$.nodes[0].items", "expected a list, found 1"),
    "neither": (node("dict"), "$.nodes[0]", "expected either entries or items"),
    "pairs": (node("dict", items=[[1]]), "$.nodes[0].items[0]", "expected a key and a value"),
    "pair": (node("dict", items=[[1, []]]), "$.nodes[0].items[0]", "expected a value"),
    "a key twice": (node("dict", items=[[1, 2], [1.0, 3]]), "$.nodes[0].items[1]", "twice"),
    "factory": (node("defaultdict", factory=1, entries={}), "$.nodes[0].factory", "callable"),
    "length of a type": (
        node("deque", maxlen=True, items=[]),
        "$.nodes[0].maxlen",
        "expected an int",
    ),
    "too short": (node("deque", maxlen=1, items=[1, 2]), "$.nodes[0].maxlen", "1 is too little"),
    "too long": (
        node("deque", maxlen={"int": hex(2**70)}, items=[]),
        "$.nodes[0].maxlen",
        "too much",
    ),
    "no length": (node("deque", items=[]), "$.nodes[0]", "the field 'maxlen' is missing"),
    "a slice of two": (node("slice", items=[1, 2]), "$.nodes[0].items", "expected 3 items"),
    "no hash": (
        of(
            [
                {"id": "a", "type": "list", "items": []},
                dict(id="b", type="set", items=[{"ref": "a"}]),
            ]
        ),
        "$.nodes[1].items",
        "unhashable type",
    ),
    "no hash of a key": (
        of([config(), {"id": "b", "type": "dict", "items": [[{"ref": "a"}, 1]]}]),
        "$.nodes[1].items[0]",
        "cannot be a key",
    ),
    "an item twice": (node("frozenset", items=[1, True]), "$.nodes[0].items", "occurs twice"),
    "no named tuple": (
        node("namedtuple", **{"class": "builtins:tuple"}, items=[]),
        "$.nodes[0].class",
        "is not a named tuple",
    ),
    "fields": (
        node("namedtuple", **{"class": "serialization_cases:Pair"}, items=[1]),
        "$.nodes[0].items",
        "expected 2 items, found 1",
    ),
    "alias": (node("alias", call={"symbol": "builtins:len"}, items=[]), "$.nodes[0].call", "class"),
    "partial": (
        of(
            [
                dict(id="a", type="functools.partial", call="builtins:int", items=[], entries={}),
                dict(id="b", type="functools.partial", call={"ref": "a"}, items=[], entries={}),
            ]
        ),
        "$.nodes[1].call",
        "a partial of a partial",
    ),
    "codec": (node("codec", codec="none", value=1), "$.nodes[0].codec", "no codec called 'none'"),
    "codec of a library": (
        node("codec", codec="uuid.UUID", value="x"),
        "$.nodes[0].codec",
        "'uuid' is not allowed",
    ),
}


def refused(document, allow=ALLOW):
    before = set(sys.modules)
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(SerializationError) as caught:
        load_json(text, allow=allow)
    assert "forbidden_cases" not in sys.modules
    # What Python and the standard library import as they go, if anything.
    assert {name for name in set(sys.modules) - before if "cases" in name} == set()
    assert caught.value.problems == ()
    assert len(str(caught.value)) < 1000
    return caught.value


#: The stack that the tests are given on WebAssembly is large enough to read on to the end.
TOO_DEEP = "not JSON" if sys.platform == "emscripten" else "nests too deep"


@pytest.mark.parametrize("name", CASES)
def test_documents(name):
    document, path, message = CASES[name]
    error = refused(document)
    assert message in str(error)
    assert error.path == path
    assert str(error).endswith(f"\n  at {path}")


@pytest.mark.parametrize("name", CASES)
def test_documents_as_yaml(name):
    pytest.importorskip("ruamel.yaml")
    document, path, message = CASES[name]
    # JSON is YAML, but for what is long: a key of a flow mapping has a limit there.
    with pytest.raises(SerializationError) as caught:
        load_yaml(json.dumps(document), allow=ALLOW)
    if "long" not in name and "huge" not in name and name != "date":
        assert message in str(caught.value)
        assert caught.value.path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("nul", "not JSON"),
        ("\ud800", "not JSON"),
        ("NaN", "NaN is no JSON"),
        ("[" * 100_000, TOO_DEEP),
        ('{"a":' * 100_000, TOO_DEEP),
        ('{"a": 1, "a": 2}', "same key twice"),
        ("9" * 100_000, "an integer is too long"),
        ('{"format": "bytefig.graph", "version": 1, "nodes": [], "root": 1e999}', "no number"),
    ],
)
def test_texts(text, message):
    assert message in str(refused(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a document, found 0"),
        ("--- 1\n--- 2\n", "expected a document, found 2"),
        ("&a 1", "anchors and aliases are not used"),
        ("a: *a", "anchors and aliases are not used"),
        ("!!python/name:os.system x", "tags are not used"),
        ("a: 1\na: 2", "the key 'a' occurs twice"),
        ("1: 2", "expected text as a key"),
        ("{[a]: 1}", "expected text as a key"),
        ("[" * 1000, "nests too deep"),
        ("- " * 1000, "nests too deep"),
        ("a: [", "not YAML"),
        ("\x00", "not YAML"),
        ("9" * 10_000, "an integer is too long"),
        ("1e999", "too large for a float"),
        ("~", "'~' is written otherwise here"),
        ("a: .inf", "'.inf' is written otherwise here"),
        ("a:", "'' is written otherwise here"),
    ],
)
def test_texts_as_yaml(text, message):
    pytest.importorskip("ruamel.yaml")
    with pytest.raises(SerializationError, match=".") as caught:
        load_yaml(text)
    assert message in str(caught.value)


def test_nesting_of_what_is_hashed():
    def tuples(depth, last):
        nodes = [{"id": "0", "type": "tuple", "items": []}]
        for index in range(1, depth):
            items = [{"ref": str(index - 1)}] * 2
            nodes.append({"id": str(index), "type": "tuple", "items": items})
        nodes.append({"id": "last", **last(depth - 1)})
        return of(nodes)

    def in_set(index):
        return {"type": "set", "items": [{"ref": str(index)}]}

    def in_dict(index):
        return {"type": "dict", "items": [[{"ref": str(index)}, 1]]}

    for last in (in_set, in_dict):
        assert load_json(json.dumps(tuples(10, last))) is None
        for depth in (40, 20_000):
            assert "nest too much" in str(refused(tuples(depth, last)))


def test_re_exports_are_not_a_way_out(monkeypatch):
    import os

    monkeypatch.setitem(vars(cases), "system", os.system)
    error = refused(leaf("symbol", "serialization_cases:system"))
    assert f"is defined in '{os.system.__module__}', which is not allowed" in str(error)
    document = json.dumps(leaf("symbol", "serialization_cases:system"))
    assert load_json(document, allow=[*ALLOW, os.system.__module__]) is os.system


def test_modules_that_cannot_be_imported(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "failing_cases.py").write_text("raise RuntimeError('on purpose')")
    document = leaf("symbol", "failing_cases:x")
    assert "cannot import 'failing_cases': RuntimeError" in str(
        refused(document, ["failing_cases"])
    )
    assert "cannot import 'missing_cases'" in str(
        refused(leaf("symbol", "missing_cases:x"), ["missing_cases"])
    )
    monkeypatch.setitem(sys.modules, "odd_cases", Config(dict))
    assert "not an ordinary module" in str(refused(leaf("symbol", "odd_cases:x"), ["odd_cases"]))


def test_packages_can_be_allowed():
    text = dump_json(Config(json.JSONDecoder))
    assert "json.decoder" in text
    assert load_json(text, allow=["json.*"]) == Config(json.JSONDecoder)
    assert "'json.decoder' is not allowed" in str(refused(text, ["json"]))


@pytest.mark.parametrize(
    ("allow", "error", "message"),
    [
        ("os", TypeError, r"allow=\['os'\]"),
        ([1], TypeError, "names of modules, not 1"),
        (["*"], ValueError, "neither a name of a module"),
        (["os.*.path"], ValueError, "neither"),
        ([""], ValueError, "neither"),
    ],
)
def test_allow_is_checked(allow, error, message):
    with pytest.raises(error, match=message):
        load_json("1", allow=allow)


def test_text_has_to_be_text():
    for load in (load_json, load_yaml):
        with pytest.raises(TypeError, match="text, not a bytes"):
            load(b"1")


# Documents near to right ones, at random. `make fuzz` goes on from here, led by coverage.


def sample():
    graph = Config(cases.positional, 1, 2, {"k": (1, 2.5)}, kind=cases.Colour.RED)
    graph.more = [frozenset([1, b"x"]), cases.Pair(len, None), {1: list[int]}]
    add_tag(graph, 0, cases.Width)
    graph.other = Config(cases.Layer, inner=Config(cases.Layer.Derived.make))
    return json.loads(dump_json(graph, provenance=True, history=True))


ATOMS = st.sampled_from(
    [None, True, 0, -1, 2**70, 0.5, "", "a", "0", "os:system", "forbidden_cases:Innocent"]
    + ["serialization_cases:two", "serialization_cases:__getattr__", [], {}, {"ref": "x"}]
    + [{"symbol": "forbidden_cases:Innocent"}, {"int": "0x1"}, {"float": "nan"}, [[]], "tuple"]
)


def places(document):
    """Return every place in a document: what holds it, and its key there."""
    found, pending = [], [document]
    while pending:
        inside = pending.pop()
        items = inside.items() if isinstance(inside, dict) else enumerate(inside)
        for key, value in items:
            found.append((inside, key))
            if isinstance(value, dict | list):
                pending.append(value)
    return found


@st.composite
def mutated(draw):
    document = sample()
    for _ in range(draw(st.integers(1, 3))):
        known = places(document)
        inside, key = draw(st.sampled_from(known))
        action = draw(st.sampled_from(["replace", "delete", "copy", "rename"]))
        if action == "delete":
            del inside[key]
        elif action == "replace":
            inside[key] = copy.deepcopy(draw(ATOMS))  # a later edit may change it
        elif action == "copy":
            other, place = draw(st.sampled_from(known))
            if place in other if isinstance(other, dict) else place < len(other):
                inside[key] = json.loads(json.dumps(other[place]))
        elif isinstance(inside, dict):
            inside[draw(st.sampled_from(["ref", "symbol", "id", "0", "x", "items"]))] = inside.pop(
                key
            )
    return document


def attempt(document):
    with contextlib.suppress(SerializationError):
        load_json(json.dumps(document), allow=ALLOW)


@settings(max_examples=300)
@given(mutated())
def test_mutated_documents(document):
    attempt(document)
    assert "forbidden_cases" not in sys.modules


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_random_documents(document):
    for nodes in ([document], [config(args={"x": document})], document):
        attempt({**of(), "nodes": nodes})


@settings(max_examples=200)
@given(st.text() | st.text("[]{}:,&*!|>-?#'\"%@` \n\tab01.~", max_size=30))
def test_random_texts(text):
    pytest.importorskip("ruamel.yaml")
    for load in (load_json, load_yaml):
        with pytest.raises(SerializationError):
            load(text)
