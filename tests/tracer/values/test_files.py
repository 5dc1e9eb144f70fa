"""Files that a person writes: nested YAML, JSON and TOML."""

from __future__ import annotations

import enum
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest

from bytefig.configs import Config, ConfigError, Partial, dump_json
from bytefig.tracer import auto_config
from bytefig.tracer.errors import ValueLanguageError
from bytefig.tracer.values import OverrideError, Scope, override, parse_assignment
from bytefig.tracer.values.files import NestedFile, read_document, readable_yaml

RAN = []


class Act(enum.Enum):
    RELU = 1
    TANH = 2


@dataclass
class Size:
    width: int = 1
    height: float = 2.0


class Model:
    def __init__(self, size: Size, act: Act = Act.RELU, layers: list[Size] | None = None):
        RAN.append("Model")


def relu(x):
    return x


@auto_config
def big(width: int = 64) -> Model:
    return Model(Size(width))


def train(
    model: Model | None = None,
    size: Size = Size(7, 8.0),
    other: Size | None = None,
    kind: Literal["bf16-mixed", "none"] = "none",
    fn: Callable | None = None,
    pair: tuple[int, str] = (1, "a"),
    table: dict[str, int] | None = None,
    path: Path | None = None,
    text: str = "",
    anything=None,
    factory: Callable[[], Size] | None = None,
): ...


@pytest.fixture
def scope():
    RAN.clear()
    module = ModuleType(__name__)
    vars(module).update({name: each for name, each in globals().items() if name != "RAN"})
    sys.modules[__name__] = sys.modules.get(__name__) or module
    return Scope(module, fn=train)


def read(name: str, text: str, scope: Scope):
    if name.endswith("yaml"):
        pytest.importorskip("ruamel.yaml")
    return read_document(name, text, scope.allowed)


def given(text: str, scope: Scope, graph=None, name="a.yaml"):
    graph = Config(train) if graph is None else graph
    made = override(graph, read(name, text, scope).assignments(), scope)
    assert RAN == []
    return made


@pytest.mark.parametrize(
    "text, name, expected",
    [
        ("size: {width: 77}", "size", Config(Size, 77, 8.0)),  # the default's height is kept
        ("other: {width: 77}", "other", Config(Size, 77)),
        ("other: {_target_: Size, height: 3}", "other", Config(Size, height=3.0)),
        ("other: {_target_: NAME.Size, _args_: [3]}", "other", Config(Size, 3)),
        ("other: !Size {width: 5}", "other", Config(Size, 5)),
        ("other: !Size [5, 6]", "other", Config(Size, 5, 6.0)),
        ("other: Size(width=5)", "other", Config(Size, 5)),
        ("other: Size", "other", Config(Size)),
        ("other: null", "other", None),
        ("other:", "other", None),
        ("kind: bf16-mixed", "kind", "bf16-mixed"),
        ("kind: none", "kind", "none"),
        ("fn: relu", "fn", relu),
        ("fn: !relu", "fn", relu),
        ("fn: {_target_: NAME.relu, _call_: false}", "fn", relu),
        ("factory: {_target_: Size, _partial_: true, width: 2}", "factory", Partial(Size, width=2)),
        ("pair: [3, b]", "pair", (3, "b")),
        ("table: {a: 1, 'b': 0x10, c: 1_000}", "table", {"a": 1, "b": 16, "c": 1000}),
        ("path: a/b", "path", Path("a/b")),
        ("text: '3'", "text", "3"),
        ("text: Size", "text", "Size"),
        ("text: 2026-01-31", "text", "2026-01-31"),
        ("anything: [1, 1.5, yes, true, ~, 'Size', {k: [.inf]}]", "anything", None),
        ("model: !big {width: 3}", "model", Config(Model, Config(Size, 3))),
        ("model: !big", "model", Config(Model, Config(Size, 64))),
        ("model: big", "model", Config(Model, Config(Size, 64))),
        ("model: {size: {width: 3}}", "model", Config(Model, Config(Size, 3))),
        ("model: {size: {height: 3}, act: TANH}", "model", None),
        ("model: {size: !Size {}, layers: [{width: 1}, !Size {width: 2}]}", "model", None),
    ],
)
def test_values_of_yaml(scope, text, name, expected):
    found = getattr(given(text.replace("NAME", __name__), scope), name)
    if name == "anything":
        assert found == [1, 1.5, "yes", True, None, "Size", {"k": [float("inf")]}]
    elif expected is None and name == "model":
        assert type(found) is Config
        assert type(found.size) is Config
        if "TANH" in text:
            assert (found.size.height, found.act) == (3.0, Act.TANH)
        else:
            assert found.layers == [Config(Size, 1), Config(Size, 2)]
    else:
        assert (type(found), found) == (type(expected), expected)


def test_json_and_toml(scope):
    data = {"size": {"width": 77}, "other": {"_target_": "Size", "height": 3}, "kind": "none"}
    made = given(json.dumps(data), scope, name="a.json")
    assert made == given(
        'kind = "none"\n[size]\nwidth = 77\n[other]\n_target_ = "Size"\nheight = 3\n',
        scope,
        name="a.toml",
    )
    assert (made.size.width, made.size.height, made.other.height) == (77, 8.0, 3.0)


def test_several_files_and_words(scope):
    graph = given("size: {width: 3}\ntable: {a: 1, b: 2}\nmodel: big", scope)
    graph = given("size: {height: 4}\ntable: {b: 3}\nmodel: {size: {width: 5}}", scope, graph)
    assert (graph.size.width, graph.size.height) == (3, 4.0)
    assert graph.table == {"a": 1, "b": 3}
    assert graph.model.size.width == 5
    graph = given("size: !Size {width: 9}", scope, graph)  # another one, not what was there
    assert graph.size == Config(Size, 9)


def test_anchors_are_shared_nodes_and_merge_keys_are_merged(scope):
    made = given("other: &s !Size {width: 3}\nmodel: {size: *s}", scope)
    assert made.model.size is made.other
    made = given("other: &s {width: 3}\nanything: {_target_: Model, size: *s}", scope)
    assert made.anything.size is made.other
    made = given("table: &t {a: 1}\nanything: {<<: *t, b: 2}", scope)
    assert made.anything == {"a": 1, "b": 2}


def test_laughs_cost_nothing(scope):
    levels = ["a0: &a0 [1, 2]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    text = "\n".join(levels)
    assert read("a.yaml", text, scope).data["a1"] == [[1, 2], [1, 2]]
    with pytest.raises(ValueLanguageError, match="line 1: this contains itself"):
        given("other: &a [*a]", scope)


@pytest.mark.parametrize(
    "text, message",
    [
        ("size: {wdth: 3}", "Size has no parameter 'wdth'; did you mean 'width'?"),
        ("size: {width: x}", "x: expected int, not a name"),
        ("sise: {width: 3}", "did you mean 'size'?"),
        ("text: 3", "expected str"),
        ("other: {_target_: Sice}", "there is nothing called Sice; did you mean 'Size'?"),
        ("other: {_target_: Size, _recursive_: true}", "'_recursive_' has no meaning here"),
        ("other: {_target_: Size, a b: 1}", "'a b' has no meaning here"),
        ("other: {_target_: 3}", "3 is no name"),
        ("other: !Size {depth: 1}", "Size has no parameter 'depth'"),
        ("other: {_target_: Act}", "expected"),
        ("pair: [1]", "expected 2 items, not 1"),
    ],
)
def test_what_does_not_fit(scope, text, message):
    with pytest.raises((OverrideError, ValueLanguageError)) as caught:
        given(text, scope)
    assert message in str(caught.value)


def test_lines_of_mistakes(scope):
    text = """# comment
model:
  size: {width: x}
  layers:
    - width: 3
    - {width: 4, hight: 5}
other: &it
  width: y
size: {width: 1, height: *it}
fn: !big
  heigth: 3
table: {a: 1.5}
unknown: 1
"""
    file = read_document("a.yaml", text, scope.allowed)
    with pytest.raises(OverrideError) as caught:
        override(Config(train), list(file.assignments()), scope)
    told = str(caught.value)
    for place in (
        "a.yaml, line 2: model=",
        "at a.yaml, line 3, column 1",  # text in the file: the column is one in it
        "a.yaml, line 7: other=",
        "at a.yaml, line 8, column 1",
        "at a.yaml, line 11, column 3:\n        heigth: 3\n        ^",
        "a.yaml, line 9: size=",
        "at a.yaml, line 12, column 8",
        "a.yaml, line 13: unknown=1",
    ):
        assert place in told, told
    text = "model:\n  size: {}\n  layers:\n    - {hight: 5}\n"
    values = read_document("a.yaml", text, scope.allowed).assignments()
    with pytest.raises(OverrideError, match="(?s)'hight'.*line 4, column 8"):
        override(Config(train), values, scope)
    values = read_document(
        "a.yaml", "size:\n  height: 3\n  width: x\n", scope.allowed
    ).assignments()
    with pytest.raises(
        OverrideError, match=r"a.yaml, line 3: size.width, column 1|line 3, column 1"
    ):
        override(Config(train, size=Config(Size)), values, scope)


def test_mappings_of_a_file_become_plain_dicts(scope):
    file = read_document("a.yaml", "anything: {a: [{b: 1}]}\ntable: {a: 1}\n", scope.allowed)
    made = override(Config(train), list(file.assignments()), scope)
    found = made.anything, made.anything["a"][0], made.table
    assert [type(each) for each in found] == [dict, dict, dict]


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("a.yaml", "a: [1", "this is not YAML"),
        ("a.yaml", "a: 1\na: 2", "the key 'a' occurs twice"),
        ("a.yaml", "? [1]\n: 2", "occurs twice, or is none"),
        ("a.toml", "a = ", "this is not TOML"),
        ("a.json", "{", "not JSON"),
        ("a.json", '{"format": "bytefig.graph", "version": 1}', "nodes"),
    ],
)
def test_what_is_no_file(scope, name, text, message):
    with pytest.raises((ValueLanguageError, ConfigError)) as caught:
        read(name, text, scope)
    assert message in str(caught.value)


ACTS = [
    *("os.system", "os:system", "subprocess.Popen", "builtins.eval", "builtins:exec", "eval"),
    *("open", "posix.system", "sys.exit", "importlib.import_module", "types.FunctionType"),
    *("json.decoder.JSONDecoder", "bytefig.configs.load_json", "Model.__init__", "dict", "list"),
    *(
        "tests.hidden.evil",
        "__import__",
        "Size.__class__",
        "relu.__globals__",
        "Model.__subclasses__",
    ),
]


@pytest.mark.parametrize("target", ACTS)
@pytest.mark.parametrize("form", ["_target_", "partial", "reference", "tag", "text"])
def test_a_file_names_only_what_is_allowed(scope, target, form, monkeypatch):
    def never(*_):
        raise AssertionError("it ran")

    for module, name in ((os, "system"), (subprocess, "Popen")):
        monkeypatch.setattr(module, name, never)
    text = {
        "_target_": f"other: {{_target_: '{target}', _args_: [1]}}",
        "partial": f"factory: {{_target_: '{target}', _partial_: true}}",
        "reference": f"fn: {{_target_: '{target}', _call_: false}}",
        "tag": f"other: !{target} {{a: 1}}",
        "text": f"fn: '{target}'",
    }[form]
    try:
        made = given(text, scope)
    except (OverrideError, ValueLanguageError):
        return
    # Types of plain values may be named, as in the value language, but are not called.
    assert form in ("reference", "text")
    assert made.fn in (dict, list)


def test_what_is_allowed_may_be_named():
    module = ModuleType("the_target_of_files")
    allowed = Scope(module, ["json.decoder"], fn=train)
    made = given("anything: {_target_: json.decoder.JSONDecoder, strict: true}", allowed)
    assert made.anything == Config(json.JSONDecoder, strict=True)


def test_a_file_for_one_argument(scope, tmp_path, monkeypatch):
    pytest.importorskip("ruamel.yaml")
    monkeypatch.chdir(tmp_path)
    Path("size.yaml").write_text("{width: 3}")
    Path("model.toml").write_text('_target_ = "Model"\n[size]\nwidth = 4\n')
    Path("exact.json").write_text(dump_json(Config(Size, 9)))
    texts = ["size=@size.yaml", "model=@model.toml", "other=@exact.json", "text=@size.yaml"]
    made = override(Config(train), map(parse_assignment, texts), scope)
    assert made.size == Config(Size, 3)
    assert made.model.size.width == 4
    assert made.other == Config(Size, 9)
    assert made.text == "@size.yaml"  # text is taken as it is
    for text, message in (
        ("size=@no.yaml", "cannot read no.yaml"),
        ("pair=@size.yaml", "expected"),
    ):
        with pytest.raises(OverrideError, match=message):
            override(Config(train), [parse_assignment(text)], scope)


def test_nested_where_nothing_is_lost_and_exact_elsewhere(scope):
    pytest.importorskip("ruamel.yaml")
    shared = Config(Size, 3)
    graph = Config(
        train,
        model=Config(Model, shared, layers=[shared, Config(Size)]),
        other=shared,
        fn=relu,
        factory=Partial(Size, width=2),
        anything=[1, 2.5, None, True, {"k": "text"}, "null", "3"],
    )
    text = readable_yaml(graph)
    assert "bytefig.graph" not in text
    assert f"_target_: {__name__}.train" in text
    again = NestedFile("a", read("a.yaml", text, scope).data).value(scope)
    assert dump_json(again) == dump_json(graph)
    assert again.model.size is again.other
    for lossy in (
        Config(train, pair=(1, "a"), anything={1, 2}),
        Config(train, anything=(1, 2)),
        Config(train, anything={1: 2}),
        Config(train, anything={"_target_": "x"}),
        Config(train, model=Config(Model, shared, act=Act.TANH), anything=float("inf")),
    ):
        text = readable_yaml(lossy)
        assert "format: bytefig.graph" in text
        assert read("a.yaml", text, Scope(allow=[__name__])) == lossy
    # A node of a preset is no call of it.
    graph = Config(train, model=Config(big, 3))
    text = readable_yaml(graph)
    assert RAN == []
    found = read("a.yaml", text, scope)
    assert (found.value(scope) if isinstance(found, NestedFile) else found) == graph
