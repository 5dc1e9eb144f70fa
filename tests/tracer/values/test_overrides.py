"""``path=value``: what it sets, and that it sets all or nothing."""

from __future__ import annotations

import copy
import sys
from typing import Any, NamedTuple, TypedDict, Unpack

import pytest

from bytefig.configs import Attr, Config, Index, Key, history
from bytefig.tracer.errors import ValueLanguageError
from bytefig.tracer.values import OverrideError, Scope, override, parse_assignment, parse_value


class Encoder:
    def __init__(self, depth: int = 1, rates: list[float] | None = None):
        self.depth = depth


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Options(TypedDict):
    rate: float


class Model:
    def __init__(
        self,
        hidden_size: int,
        encoder: Encoder | None = None,
        table: dict[str, int] | None = None,
        sizes: tuple[int, str] = (1, "a"),
        more: tuple[int, ...] = (1, 2),
        pair: Pair = Pair(1),
        options: Options | None = None,
        anything: Any = None,
        preset: Encoder = Config(Encoder, depth=7),  # type: ignore[assignment]
        run_time: float = 0.0,
        factory: str = "",
    ): ...


def layers(first: int, /, *rest: Encoder, **named: int): ...


SCOPE = Scope(sys.modules[__name__])


def given() -> Any:
    return Config(
        Model,
        8,
        Config(Encoder, depth=2, rates=[0.5, 0.25]),
        table={"a": 1},
        options={"rate": 0.1},
        anything={"k": [Config(Encoder), {1: "x"}], (1, 2): [3]},
    )


def changed(graph: Any, *texts: str) -> Any:
    before = copy.deepcopy(graph)
    made = override(graph, map(parse_assignment, texts), SCOPE)
    assert graph == before
    return made


@pytest.mark.parametrize(
    "text, expected",
    [
        ("hidden_size=1024", lambda cfg: cfg.hidden_size == 1024),
        ("<root>.hidden_size=1", lambda cfg: cfg.hidden_size == 1),
        ("encoder.depth=3", lambda cfg: cfg.encoder.depth == 3),
        ("encoder.rates=[1]", lambda cfg: cfg.encoder.rates == [1.0]),
        ("encoder.rates[1]=2", lambda cfg: cfg.encoder.rates == [0.5, 2.0]),
        ("encoder.rates[-1]=2", lambda cfg: cfg.encoder.rates == [0.5, 2.0]),
        ("encoder=None", lambda cfg: cfg.encoder is None),
        ("encoder=Encoder", lambda cfg: cfg.encoder == Config(Encoder)),
        ("encoder=Encoder(depth=9)", lambda cfg: cfg.encoder == Config(Encoder, depth=9)),
        ("table['a']=2", lambda cfg: cfg.table == {"a": 2}),
        ('table["b"]=2', lambda cfg: cfg.table == {"a": 1, "b": 2}),
        ("table['k=1']=2", lambda cfg: cfg.table == {"a": 1, "k=1": 2}),
        ("options['rate']=1", lambda cfg: cfg.options == {"rate": 1.0}),
        ("sizes[1]=b", lambda cfg: cfg.sizes == (1, "b")),
        ("more[0]=5", lambda cfg: cfg.more == (5, 2)),
        ("pair.right=s", lambda cfg: cfg.pair == Pair(1, "s") and type(cfg.pair) is Pair),
        ("pair[0]=5", lambda cfg: cfg.pair == Pair(5) and type(cfg.pair) is Pair),
        ("anything['k'][0].depth=5", lambda cfg: cfg.anything["k"][0].depth == 5),
        ("anything['k'][1][1]='y'", lambda cfg: cfg.anything["k"][1] == {1: "y"}),
        ("anything[(1, 2)][0]=4", lambda cfg: cfg.anything[1, 2] == [4]),
        ("anything['new']=[1, {}]", lambda cfg: cfg.anything["new"] == [1, {}]),
        ("preset.depth=8", lambda cfg: cfg.preset == Config(Encoder, depth=8)),
        ("run_time=3", lambda cfg: cfg.run_time == 3.0),
        ("factory=a=b==c", lambda cfg: cfg.factory == "a=b==c"),
        ("factory=", lambda cfg: cfg.factory == ""),
    ],
)
def test_a_value_is_set(text, expected):
    assert expected(changed(given(), text))


def test_the_default_itself_does_not_change():
    assert changed(given(), "preset.depth=8").preset.depth == 8
    assert Config(Model).preset.depth == 7


def test_a_later_one_leads_into_an_earlier_one():
    made = changed(
        Config(Model), "encoder=Encoder(depth=1)", "encoder.rates=[1]", "encoder.rates[0]=2"
    )
    assert made.encoder == Config(Encoder, depth=1, rates=[2.0])


def test_sharing_is_kept_and_the_history_does_not_name_us():
    shared = Config(Encoder, depth=1)
    made = changed(Config(Model, anything=[shared, shared]), "anything[0].depth=2")
    assert made.anything[1].depth == 2
    assert made.anything[0] is made.anything[1]
    assert len(history(made.anything[0])) == len(history(shared))


def test_positional_and_variadic_arguments():
    made = changed(Config(layers, 1), "[0]=2", "[1]=Encoder(depth=1)", "[1].depth=5", "extra=3")
    assert made == Config(layers, 2, Config(Encoder, depth=5), extra=3)
    with pytest.raises(OverrideError, match=r"layers has no argument \[3\]"):
        changed(Config(layers, 1), "[3]=2")
    with pytest.raises(OverrideError, match="is positional only; use"):
        changed(Config(layers, 1), "first=2")


class Knobs(TypedDict, total=False):
    rate: float
    steps: int


def knobs(first: int = 1, **named: Unpack[Knobs]): ...


def test_the_fields_of_unpacked_arguments_are_the_names_there_are():
    assert changed(Config(knobs), "rate=2", "first=3") == Config(knobs, 3, rate=2.0)
    message = "knobs has no parameter 'rat'; did you mean 'rate'.*parameters: first, rate, steps"
    with pytest.raises(OverrideError, match=message):
        changed(Config(knobs), "rat=2")
    with pytest.raises(ValueLanguageError, match=f"(?s){message}.*column 7:"):
        parse_value("knobs(rat=2)", None, Scope(sys.modules[__name__]))


def test_a_graph_may_be_a_container():
    assert changed([Config(Encoder), 1], "[0].depth=4") == [Config(Encoder, depth=4), 1]
    assert changed({"a": 1}, "['a']=2") == {"a": 2}
    assert changed({"a": [1, {"b": (1,)}]}, "['a'][1]['b'][0]=2") == {"a": [1, {"b": (2,)}]}
    assert override({"a": 1}, [parse_assignment("['a']=2")], hint=dict[str, float]) == {"a": 2.0}


@pytest.mark.parametrize(
    "text, message",
    [
        ("hiden_size=1", "Model has no parameter 'hiden_size'; did you mean 'hidden_size'?"),
        ("hidden_size=abc", "abc: expected int, not a name"),
        ("encoder.dept=1", "Encoder has no parameter 'dept'; did you mean 'depth'?"),
        (
            "encoder.depth.x=1",
            "the int 2 has no parts that can be set\n    at <root>.encoder.depth",
        ),
        ("encoder['depth']=1", "Encoder has no argument ['depth']"),
        ("encoder[0]=1", "Encoder has no argument [0]"),
        ("encoder.rates[2]=1", "the list [0.5, 0.25] has 2 items, so no [2]"),
        ("encoder.rates[-3]=1", "has 2 items, so no [-3]"),
        ("encoder.rates['a']=1", "has items by number only, such as [0]"),
        ("encoder.rates.x=1", "has items by number only, such as [0]"),
        ("encoder.rates[0]=x", "x: expected float, not a name"),
        ("table.a=1", "a dict has keys, no attributes; write ['a'] for .a"),
        ("table['a']=x", "x: expected int, not a name"),
        ("table[1]=2", "the keys are str, unlike 1"),
        ("anything['kk'][0]=1", "there is no key 'kk'; did you mean 'k'?"),
        ("options['rate']=x", "x: expected float"),
        ("pair.lft=1", "has no field 'lft'; did you mean 'left'?"),
        ("pair.left=x", "x: expected int"),
        ("sizes[0]=x", "x: expected int"),
        ("encoder.rates[0][0]=1", "the float 0.5 has no parts that can be set"),
        ("factory.x=1", "factory is not set, so nothing in it can be"),
    ],
)
def test_what_leads_nowhere_or_does_not_fit_is_refused(text, message):
    with pytest.raises(OverrideError) as caught:
        changed(given(), text)
    assert message in str(caught.value)
    assert "1 override cannot be made" in str(caught.value)


def test_what_is_not_set_has_to_be_set_first():
    with pytest.raises(OverrideError) as caught:
        changed(Config(Model), "anything.depth=1")
    assert str(caught.value) == (
        "1 override cannot be made\n"
        "  anything.depth=1: anything is not set, so nothing in it can be\n"
        "    at <root>\n"
        "    fix: set it first: anything=..."
    )


def test_all_problems_come_at_once_and_nothing_is_set():
    graph = given()
    with pytest.raises(OverrideError) as caught:
        changed(
            graph, "hidden_size=a", "encoder.depth=5", "hiden=1", "hidden_size.x=1", "table[1]=1"
        )
    labels = [problem.assignment.label for problem in caught.value.problems]
    # What leads through a place that failed says nothing new.
    assert labels == ["hidden_size", "hiden", "table[1]"]
    assert "3 overrides cannot be made" in str(caught.value)
    assert graph == given()


def test_a_long_value_is_cut_in_messages():
    with pytest.raises(OverrideError) as caught:
        changed(given(), "hidden_size=" + "x" * 1000)
    assert len(str(caught.value)) < 1500


@pytest.mark.parametrize(
    "text, path, value",
    [
        ("a=1", (Attr("a"),), "1"),
        ("a.b=c=d", (Attr("a"), Attr("b")), "c=d"),
        ("layers[0].units=3", (Attr("layers"), Index(0), Attr("units")), "3"),
        ("d['x=y'].z=1", (Attr("d"), Key("x=y"), Attr("z")), "1"),
        ("d['a\\'=b']=1", (Attr("d"), Key("a'=b")), "1"),
        ("[0]=1", (Index(0),), "1"),
        ("a=", (Attr("a"),), ""),
        ("a==b", (Attr("a"),), "=b"),
    ],
)
def test_the_first_equals_sign_outside_of_brackets_ends_the_path(text, path, value):
    found = parse_assignment(text)
    assert (found.path, found.text) == (path, value)
    assert text.startswith(found.label + "=")


def test_the_place_of_an_assignment():
    assert parse_assignment("a.b[0]=1").where == "a.b[0]"


@pytest.mark.parametrize(
    "text, column, message",
    [
        ("abc", 0, "there is no '=' in it"),
        ("", 0, "there is no '=' in it"),
        ("a[b=1", 0, "there is no '=' in it"),
        ("=1", 0, "there is no path before the '='"),
        ("a..b=1", 1, "this is not a path: expected .name or [key]"),
        ("a[x]=1", 2, "this is not a path: the key is not a literal"),
        ("1a=1", 0, "this is not a path"),
        ("a b=1", 1, "this is not a path"),
    ],
)
def test_what_is_no_assignment(text, column, message):
    with pytest.raises(ValueLanguageError) as caught:
        parse_assignment(text)
    assert message in str(caught.value)
    assert caught.value.column == column
