"""Texts to values by annotation."""

# The older ways to write an annotation are what is tested.
# ruff: noqa: UP006, UP007, UP013, UP035, UP045

from __future__ import annotations

import dataclasses
import enum
import math
import sys
import typing
from collections import Counter, OrderedDict, abc, defaultdict, deque, namedtuple
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypedDict, TypeVar, Union
from uuid import UUID

import attrs
import pytest
from case_names import stable_name
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import Config, Partial, build, validate
from bytefig.tracer.errors import ValueLanguageError
from bytefig.tracer.values import Scope, parse_value


class Color(enum.Enum):
    RED = "red"
    BLUE = 2
    red_two = "RED"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Encoder:
    def __init__(self, depth: int, width: float = 1.0):
        self.depth, self.width = depth, width

    @classmethod
    def small(cls, width: int) -> Encoder:
        return cls(1, width)


class BigEncoder(Encoder):
    pass


class Model:
    def __init__(
        self, hidden_size: int, encoder: Encoder | None = None, *, mode: str = "fast", **kw: int
    ):
        self.hidden_size, self.encoder, self.mode = hidden_size, encoder, mode


def relu(x: float) -> float:
    return max(x, 0.0)


def make_model(size: int) -> Model:
    return Model(size)


@dataclasses.dataclass
class Data:
    path: Path
    sizes: list[int] = dataclasses.field(default_factory=list)


@attrs.define
class Point:
    x: int
    y: int = 0


class Pair(NamedTuple):
    left: int
    right: str = "r"


Options = TypedDict("Options", {"name": typing.Required[str], "rate": float}, total=False)


UserId = NewType("UserId", int)
T = TypeVar("T")
Bound = TypeVar("Bound", bound=int)
OneOf = TypeVar("OneOf", int, str)
DEFAULTS = [1, 2]
PRESET = Config(Encoder, depth=9)
RATE = 0.5

MODULE = sys.modules[__name__]
SCOPE = Scope(MODULE)

FITS = [
    # Numbers, which are strict.
    ("1", int, 1),
    ("-1", int, -1),
    ("1_000", int, 1000),
    ("0xff", int, 255),
    ("1", float, 1.0),
    ("1e-4", float, 1e-4),
    ("inf", float, math.inf),
    ("-inf", float, -math.inf),
    ("INF", float, math.inf),
    ("1", complex, 1 + 0j),
    ("1-2j", complex, 1 - 2j),
    ("2j", complex, 2j),
    # Words for True and False.
    *((word, bool, True) for word in ("True", "true", "TRUE", "yes", "on")),
    *((word, bool, False) for word in ("False", "false", "no", "off")),
    # Text.
    ("adam", str, "adam"),
    ("a=b", str, "a=b"),
    ("a b, c(", str, "a b, c("),
    ("'quoted'", str, "quoted"),
    ('"it\'s"', str, "it's"),
    ("'half", str, "'half"),
    ("''", str, ""),
    ("", str, ""),
    ("5", str, "5"),
    ("None", str, "None"),
    ("b'x'", bytes, b"x"),
    # What is written as text.
    ("/a/b.c", Path, Path("/a/b.c")),
    ("'a b'", Path, Path("a b")),
    ("a/b", PurePosixPath, PurePosixPath("a/b")),
    ("2026-01-31", date, date(2026, 1, 31)),
    ("2026-01-31T10:00", datetime, datetime(2026, 1, 31, 10)),
    ("10:30", time, time(10, 30)),
    ("1:30:00", timedelta, timedelta(hours=1, minutes=30)),
    ("2 days, 0:00:01.5", timedelta, timedelta(days=2, seconds=1.5)),
    ("-1 day", timedelta, timedelta(days=-1)),
    ("1.10", Decimal, Decimal("1.10")),
    ("1/3", Fraction, Fraction(1, 3)),
    ("12345678123456781234567812345678", UUID, UUID("12345678123456781234567812345678")),
    # Enums, by name, qualified name or value.
    ("BLUE", Color, Color.BLUE),
    ("Color.BLUE", Color, Color.BLUE),
    ("2", Color, Color.BLUE),
    ("red", Color, Color.RED),
    ("LOW", Level, Level.LOW),
    ("2", Level, Level.HIGH),
    # Literal.
    ("adam", Literal["adam", "sgd"], "adam"),
    ("'sgd'", Literal["adam", "sgd"], "sgd"),
    ("1", Literal[1, "1"], 1),
    ("'1'", Literal[1, "1"], "1"),
    ("True", Literal[1, True], True),
    ("None", Literal["a", None], None),
    ("RED", Literal[Color.RED], Color.RED),
    # Optional and unions: what fits as it is comes first, text last.
    ("None", Optional[int], None),
    ("3", Optional[int], 3),
    ("None", str | None, None),
    ("'None'", str | None, "None"),
    ("x", str | None, "x"),
    ("5", int | str, 5),
    ("5", str | int, 5),
    ("'5'", int | str, "5"),
    ("abc", int | str, "abc"),
    ("a/b.c", int | str, "a/b.c"),
    ("2026-01-01", int | str, "2026-01-01"),
    ("1", float | int, 1),
    ("1", float | None, 1.0),
    ("true", bool | str, True),
    ("[1]", int | list[int], [1]),
    ("[1, a]", list[int | str], [1, "a"]),
    ("x", Union[int, Path], Path("x")),
    ("red", Color | int, Color.RED),
    ("BLUE", Path | Color, Color.BLUE),
    ("yes", Path | bool, True),
    ("2026-01-31", date | str, date(2026, 1, 31)),
    ("2026-01-31", str | date, date(2026, 1, 31)),
    ("'2026-01-31'", str | date, "2026-01-31"),
    ("someday", str | date | None, "someday"),
    ("2026-01-31", str | date | int, date(2026, 1, 31)),
    ("12:30", date | time, time(12, 30)),
    ("12:30", date | time | str, time(12, 30)),
    ("[2026, x]", list[int | str | date], [2026, "x"]),
    ("{'a': [1]}", dict[str, list[int]] | None, {"a": [1]}),
    # Containers.
    ("[1, 2]", list, [1, 2]),
    ("[1, 2]", list, [1, 2]),
    ("[1, 2]", list[float], [1.0, 2.0]),
    ("(1, 2)", list[int], [1, 2]),
    ("1, 2", list[int], [1, 2]),
    ("[1, 2]", tuple[int, ...], (1, 2)),
    ("[1, 'a']", tuple[int, str], (1, "a")),
    ("[1, a]", tuple[int, str], (1, "a")),
    ("()", tuple[()], ()),
    ("(1, 'a')", tuple, (1, "a")),
    ("{1, 2}", set[int], {1, 2}),
    ("[1, 1]", set[int], {1}),
    ("[1]", frozenset[int], frozenset({1})),
    ("[1]", deque[int], deque([1])),
    ("(1, 2)", abc.Sequence[int], (1, 2)),
    ("[1, 2]", abc.Iterable[float], [1.0, 2.0]),
    ("{1}", abc.Collection[int], {1}),
    ("{'a': 1}", dict, {"a": 1}),
    ("{a: 1}", dict[str, float], {"a": 1.0}),
    ("{1: {2: x}}", dict[int, dict[int, str]], {1: {2: "x"}}),
    ("{'a': 1}", abc.Mapping[str, int], {"a": 1}),
    ("{'a': 1}", OrderedDict[str, int], OrderedDict(a=1)),
    ("{'a': 1}", defaultdict[str, int], defaultdict(None, a=1)),
    ("{a: 2}", Counter[str], Counter(a=2)),
    ("{'name': n, 'rate': 1}", Options, {"name": "n", "rate": 1.0}),
    ("{name: n}", Options, {"name": "n"}),
    ("{'a': 1}", abc.Iterable[str], {"a": 1}),
    ("Path('x')", Path | None, Config(Path, "x")),
    ("'a' 'b'", Path, Path("ab")),
    ("'a' + 'b'", Path, Path("'a' + 'b'")),
    ("date(2026, 1, 31)", date, Config(date, 2026, 1, 31)),
    ("  [1,\n 2]", None, [1, 2]),
    # Wrappers.
    ("1", Annotated[float, "doc"], 1.0),
    ("7", UserId, 7),
    ("7", Bound, 7),
    ("a", OneOf, "a"),
    ("[1]", T, [1]),
    ("1", typing.Final[float], 1.0),
    ("[1]", Any, [1]),
    ("[1]", object, [1]),
    ("1", None, 1),
    ("None", type(None), None),
    # Classes and functions.
    ("Model", type, Model),
    ("Model", type[Model], Model),
    ("BigEncoder", type[Encoder], BigEncoder),
    ("int", type, int),
    ("relu", typing.Callable, relu),
    ("relu", abc.Callable[[float], float], relu),
    ("relu", None, relu),
    ("DEFAULTS", list[int], [1, 2]),
    ("DEFAULTS", None, [1, 2]),
    ("RATE", None, 0.5),
    ("PRESET", Encoder, Config(Encoder, depth=9)),
    # Calls, and what stands for them.
    ("Model(hidden_size=512)", Model, Config(Model, hidden_size=512)),
    ("Model(512)", Model, Config(Model, 512)),
    ("Model(1, extra=2)", Model, Config(Model, 1, extra=2)),
    ("Model(1, mode=slow)", None, Config(Model, 1, mode="slow")),
    ("BigEncoder(depth=1)", Encoder, Config(BigEncoder, depth=1)),
    ("make_model(size=1)", Model, Config(make_model, size=1)),
    ("Encoder.small(width=3)", Encoder, Config(Encoder.small, width=3)),
    ("Encoder", Encoder, Config(Encoder)),
    ("Model(1, Encoder)", Model, Config(Model, 1, Config(Encoder))),
    ("Encoder(2, 3)", Encoder, Config(Encoder, 2, 3.0)),
    ("[Encoder(1), Encoder]", list[Encoder], [Config(Encoder, 1), Config(Encoder)]),
    ("Partial(Model, hidden_size=1)", abc.Callable[..., Model], Partial(Model, hidden_size=1)),
    ("partial(relu, x=1)", None, Partial(relu, x=1.0)),
    ("Config(Model, 1)", None, Config(Model, 1)),
    ("Data(path='x', sizes=(1,))", Data, Config(Data, path=Path("x"), sizes=[1])),
    ("{'path': x, 'sizes': [1]}", Data, Config(Data, path=Path("x"), sizes=[1])),
    ("{'x': 1}", Point, Config(Point, x=1)),
    ("{left: 1}", Pair, Config(Pair, left=1)),
    ("[1, a]", Pair, Config(Pair, 1, "a")),
    ("Path('x')", Path, Config(Path, "x")),
]


@pytest.mark.parametrize("text, hint, expected", FITS, ids=stable_name)
def test_text_becomes_a_value_of_the_annotation(text, hint, expected):
    value = parse_value(text, hint, SCOPE)
    assert value == expected
    assert type(value) is type(expected)


def test_nan():
    assert math.isnan(parse_value("nan", float))


MISFITS = [
    ("1.0", int, 0, "1.0: expected int: write 1"),
    ("True", int, 0, "True: expected int"),
    ("abc", int, 0, "abc: expected int, not a name"),
    ("'1'", int, 0, "'1': expected int"),
    ("None", int, 0, "None: expected int"),
    ("1", bool, 0, "1: expected bool: write True or False"),
    ("maybe", bool, 0, "maybe: expected bool: write True or False"),
    ("9007199254740993", float, 0, "no float is exactly that"),
    ("True", float, 0, "True: expected float"),
    ("abc", float, 0, "abc: expected float, not a name"),
    ("1", bytes, 0, "1: expected bytes: write b'...'"),
    ("abcd", None, 0, "there is nothing called abcd"),
    ("a b", int | str, 2, "a comma is missing"),
    ("2026-13-01", date, 0, "'2026-13-01': expected date: month must be in 1..12"),
    ("soon", timedelta, 0, "'soon': expected timedelta: write it as in '1 day, 2:30:00'"),
    ("x", UUID, 0, "'x': expected UUID: "),
    ("one", Decimal, 0, "'one': expected Decimal: it is not one"),
    ("1e999999999", Fraction, 0, "its exponent is too large"),
    ("1e99999999999999999999", Decimal, 0, "expected Decimal: it is not one"),
    ("999999999999 days", timedelta, 0, "expected timedelta: "),
    ("9" * 400 + " days", timedelta, 0, "expected timedelta: "),
    ("soon", date | time, 0, "'soon': expected "),
    ("1/0", Fraction, 0, "'1/0': expected Fraction: it is not one"),
    ("[1]", date, 0, "expected date"),
    ("GREEN", Color, 0, "GREEN: Color has no such member (members: RED, BLUE, red_two)"),
    ("BLU", Color, 0, "did you mean 'BLUE'?"),
    ("RED", Color, 0, "RED: it is the name of one Color and the value of another"),
    ("3", Color, 0, "3: Color has no such member"),
    ("adm", Literal["adam", "sgd"], 0, "expected one of 'adam', 'sgd', not adm"),
    ("2", Literal[1], 0, "expected one of 1, not 2"),
    ("None", int | float, 0, "expected int | float, not None"),
    ("x", int | float, 0, "expected int | float, not x"),
    ("1", list, 0, "expected list, not 1"),
    ("[1, a]", list[int], 4, "a: expected int, not a name"),
    ("{1}", list[int], 0, "expected list[int], not {1}"),
    ("[[1]]", set[list[int]], 0, "unhashable type: 'list'"),
    ("9" * 400, float, 0, "no float is exactly that"),
    ("[1]", list[str], 0, "1: expected str: write quotes around it"),
    ("[1]", list[date], 0, "1: expected date, as text in quotes"),
    ("1", abc.Sequence[int], 0, "expected"),
    ("{'a': 1}", abc.Sequence[str], 0, "expected"),
    ("{[1]: 1}", dict[Any, int], 0, "unhashable"),
    ("'x'", complex, 0, "'x': expected float"),
    ("[1, 2, 3]", tuple[int, int], 0, "expected 2 items, not 3"),
    ("1", tuple[int, int], 0, "expected tuple[int, int], not 1"),
    ("[1]", dict, 0, "expected dict, not [1]"),
    ("{a: 1, 'a': 2}", dict[str, int], 0, "the key 'a' is there twice"),
    ("{'rate': 1}", Options, 0, "Options needs name"),
    ("{'nam': 1}", Options, 0, "Options has no key 'nam'; did you mean 'name'?"),
    ("1", Options, 0, "expected"),
    ("Model", int, 0, "Model: expected int, not a name"),
    ("Modle()", Model, 0, "there is nothing called Modle; did you mean 'Model'?"),
    ("Model", type[Encoder], 0, "expected type["),
    ("Encoder(depth=1)", Model, 0, "not <Config[Encoder(depth=1)]>"),
    ("Encoder", Model, 0, "expected"),
    ("relu", Model, 0, "expected"),
    ("Encoder(dept=1)", None, 8, "did you mean 'depth'?"),
    ("Encoder(1, depth=2)", None, 11, "got multiple values for argument 'depth'"),
    ("Encoder(1, 2, 3)", None, 0, "takes at most 2 positional arguments"),
    ("Model(hidden_size='x')", None, 6, "'x': expected int"),
    ("Model(1, encoder=Encoder(depth=a))", None, 31, "a: expected int, not a name"),
    ("Model(1, encoder=Model(2))", None, 17, "expected"),
    ("Modle(x=1)", Model | str, 0, "there is nothing called Modle"),
    ("Partial()", None, 0, "Partial needs the name of a class or function first"),
    ("Config(1)", None, 0, "Config needs the name of a class or function first"),
    ("Config(RATE)", None, 7, "RATE cannot be called"),
    ("RATE()", None, 0, "RATE cannot be called"),
    ("PRESET(depth=1)", None, 0, "PRESET cannot be called"),
    ("{1: 2}", Data, 0, "expected"),
    ("[1]", Data, 0, "expected"),
    ("-x", float, 1, "-x: expected float, not a name"),
    ("-Model", None, 1, "a sign stands before a number only"),
    ("true", None, 0, "fix: write True, False or None"),
    ("Path(eval(1))", Path, 5, "there is nothing called eval"),
]


@pytest.mark.parametrize("text, hint, column, message", MISFITS, ids=stable_name)
def test_what_does_not_fit_is_refused(text, hint, column, message):
    with pytest.raises(ValueLanguageError) as caught:
        parse_value(text, hint, SCOPE)
    assert message in str(caught.value)
    assert caught.value.column == column


def test_a_value_of_the_module_is_copied():
    found = parse_value("DEFAULTS", None, SCOPE)
    found.append(3)
    preset = parse_value("PRESET", None, SCOPE)
    preset.depth = 1
    assert DEFAULTS == [1, 2]
    assert PRESET.depth == 9


def test_a_node_says_where_it_was_written():
    node = parse_value("Model(1, Encoder(depth=2))", None, SCOPE, "--model")
    assert str(node.__provenance__).startswith("<--model>:1")
    assert node.encoder.__provenance__.column == 9
    assert validate(node) == []
    assert build(node).encoder.depth == 2


def test_what_annotations_name_may_be_called_even_if_the_module_does_not_have_it():
    module = ModuleType("elsewhere")

    def train(model: Model, data: list[Data | None], popen: OrderedDict | None = None): ...

    scope = Scope(module, fn=train)
    assert parse_value("Model(1)", Model, scope) == Config(Model, 1)
    assert parse_value("[Data(path=x)]", None, scope) == [Config(Data, path=Path("x"))]
    # Encoder is named by the annotation of the parameter of Model.
    assert parse_value("Model(1, Encoder(2))", None, scope) == Config(Model, 1, Config(Encoder, 2))
    with pytest.raises(ValueLanguageError, match="nothing called Encoder"):
        parse_value("Encoder(2)", None, scope)
    with pytest.raises(ValueLanguageError, match="nothing called OrderedDict.fromkeys"):
        parse_value("OrderedDict.fromkeys([])", None, scope)


def test_modules_have_to_be_allowed():
    module = ModuleType("app")
    exec(
        "import collections.abc as abc\nimport json, collections\nfrom json import loads",
        vars(module),
    )
    with pytest.raises(ValueLanguageError, match="add --allow-import json"):
        parse_value("json.JSONDecoder()", None, Scope(module))
    with pytest.raises(ValueLanguageError, match="loads comes from json, which is not allowed"):
        parse_value("loads('1')", None, Scope(module))
    allowed = Scope(module, allow=["json.*"])
    import json

    assert parse_value("json.JSONDecoder()", None, allowed) == Config(json.JSONDecoder)
    assert parse_value("json.decoder.JSONDecoder", None, allowed) is json.JSONDecoder
    assert parse_value("loads", None, allowed) is json.loads
    with pytest.raises(ValueLanguageError, match="json is a module"):
        parse_value("json", None, allowed)
    with pytest.raises(ValueLanguageError, match="nothing called json.nothing"):
        parse_value("json.nothing", None, allowed)
    # Without the module having it, too; a bare name is looked up in what is named in full.
    alone = Scope(allow=["json", "json.decoder", "fractions"])
    assert parse_value("json.JSONDecoder", None, alone) is json.JSONDecoder
    assert parse_value("Fraction(1, 2)", None, alone) == Config(Fraction, 1, 2)
    # What a module only imports is not allowed with it, but may be by its name.
    with pytest.raises(ValueLanguageError, match="add --allow-import json.decoder"):
        parse_value("json.JSONDecoder", None, Scope(allow=["json"]))
    named = Scope(module, allow=["json:JSONDecoder"])
    for text in ("json.JSONDecoder", "JSONDecoder"):
        assert parse_value(text, None, named) is json.JSONDecoder
    with pytest.raises(ValueLanguageError, match="add --allow-import json"):
        parse_value("json.JSONEncoder", None, named)


def test_a_bare_name_of_two_allowed_modules_is_ambiguous(monkeypatch):
    for name in ("first_of_two", "second_of_two"):
        module = ModuleType(name)
        exec("class Thing: pass", vars(module))
        monkeypatch.setitem(sys.modules, name, module)
    scope = Scope(allow=["first_of_two", "second_of_two"])
    with pytest.raises(ValueLanguageError, match="several of the allowed modules have Thing"):
        parse_value("Thing()", None, scope)
    assert parse_value("first_of_two.Thing", None, scope) is sys.modules["first_of_two"].Thing


def test_an_allowed_module_that_is_not_there():
    with pytest.raises(ValueLanguageError, match="cannot import 'no_such_module'"):
        parse_value("no_such_module.x", None, Scope(allow=["no_such_module"]))
    with pytest.raises(ValueError, match="neither a name of a module"):
        Scope(allow=["no such module"])


def test_the_names_of_a_scope():
    assert {"Model", "relu", "Data"} <= SCOPE.names()
    assert "build" in SCOPE.names()
    assert Scope().names() == set()


@pytest.mark.parametrize(
    "text",
    [
        "{Model(1): 1}",
        "{Model(1)}",
        "{DEFAULTS: 1}",
        "{PRESET}",
        "[{PRESET: 1}]",
        "{1: {DEFAULTS}}",
    ],
)
@pytest.mark.parametrize("hint", [None, object, dict, set, Model, typing.Any])
def test_what_has_no_hash_is_no_key(text, hint):
    with pytest.raises(ValueLanguageError) as caught:
        parse_value(text, hint, SCOPE)
    assert caught.value.column >= 0


def test_odd_constants_of_the_module():
    module = ModuleType("constants_of_ours")
    exec(
        "import weakref\nloop = []\nloop.append(loop)\ndead = weakref.proxy(set())\n"
        "class Silent:\n    def __eq__(self, other): raise RuntimeError('no')\n"
        "    __hash__ = None\nsilent = Silent()\n"
        "shared = [1]\nfor _ in range(60): shared = [shared, shared]",
        vars(module),
    )
    scope = Scope(module)
    for hint in (None, int, list[int], dict[int, int], tuple[int, ...], Model, Model | None):
        for text in ("loop", "[loop]", "Model(loop)", "{dead}", "{silent: 1}", "{shared}"):
            with pytest.raises(ValueLanguageError):
                parse_value(text, hint, scope)
    for text in ("dead", "silent", "shared"):
        assert parse_value(text, None, scope) is not None
        with pytest.raises(ValueLanguageError):
            parse_value(text, int, scope)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text().filter(lambda text: text.isprintable())
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab", max_size=2) | st.integers(), inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


@given(plain)
def test_every_literal_reads_back(value):
    assert parse_value(repr(value)) == value


@given(st.text())
def test_text_without_quotes_is_itself_where_text_is_expected(text):
    if text[:1] in "'\"" or not text.isprintable() or text.lower()[:2] in ("r'", 'r"', "u'", 'u"'):
        return
    assert parse_value(text, str) == text


def test_named_tuples_of_collections_take_displays():
    Old = namedtuple("Old", "a b")
    assert parse_value("[1, 2]", Old) == Config(Old, 1, 2)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type statements came with 3.12")
def test_type_aliases():
    names: dict[str, Any] = {}
    exec("type Size = int | None\ntype Sizes = list[Size]", names)
    assert parse_value("[1, None]", names["Sizes"]) == [1, None]
