"""Values by annotation first: choices, None, text of the user's own types."""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from bytefig.configs import Config, build
from bytefig.tracer.errors import ValueLanguageError
from bytefig.tracer.values import override, parse_assignment, parse_value, register_parser
from bytefig.tracer.values.scalars import TEXTUAL


class Precision(enum.StrEnum):
    HALF = "16-true"
    MIXED = "bf16-mixed"
    none = "no"


class Device(enum.Enum):
    CPU = "cpu"
    FIRST = "cuda:0"
    NUMBER = 7


class Mode(enum.Flag):
    READ = 1
    WRITE = 2
    EXECUTE = 4


class Bits(enum.IntFlag):
    A = 1
    B = 2


Words = Literal[
    *("none", "null", "true", "7b", "16-true", "cuda:0", "org/model", "v1.5", "top k", "lambda"),
    *("*", "a=b", "{}", "[1]", "'q'", "None", "-1", "f(x)", "介绍。", "#1", "1e5", "class"),
]


def refused(text: str, hint: Any) -> str:
    with pytest.raises(ValueLanguageError) as caught:
        parse_value(text, hint)
    return str(caught.value)


@pytest.mark.parametrize("word", Words.__args__)
@pytest.mark.parametrize("hint", [Words, Words | None, Words | int, Words | dict[str, int]])
def test_a_choice_is_taken_as_it_stands(word, hint):
    assert parse_value(word, hint) == word
    assert type(parse_value(f" {word} ", hint)) is str


@pytest.mark.parametrize(
    "text, hint, expected",
    [
        ("16-true", Precision, Precision.HALF),
        ("HALF", Precision, Precision.HALF),
        ("Precision.MIXED", Precision, Precision.MIXED),
        ("none", Precision, Precision.none),
        ("none", Precision | None, Precision.none),
        ("cuda:0", Device, Device.FIRST),
        ("cuda:0", Device | str, Device.FIRST),
        ("cuda:1", Device | str, "cuda:1"),
        ("7", Device, Device.NUMBER),
        ("FIRST", Device | None, Device.FIRST),
        ("READ", Mode, Mode.READ),
        ("READ|WRITE", Mode, Mode.READ | Mode.WRITE),
        ("Mode.READ | Mode.EXECUTE", Mode, Mode.READ | Mode.EXECUTE),
        ("READ|WRITE|EXECUTE", Mode | None, Mode(7)),
        ("A|B", Bits, Bits.A | Bits.B),
        ("['READ|WRITE', EXECUTE]", list[Mode], [Mode.READ | Mode.WRITE, Mode.EXECUTE]),
        ("[a, 'b c']", list[Literal["a", "b c"]], ["a", "b c"]),
        # The value of another type that is written like that, and quotes for the text.
        ("1", Literal[1, "1"], 1),
        ("'1'", Literal[1, "1"], "1"),
        ("None", Literal["a", None], None),
        ("'none'", str | None, "none"),
        ("null", str, "null"),
        ("none", Literal["none"] | None, "none"),
        ("null", int | None, None),
        ("none", dict[str, int] | None, None),
        ("None", str | None, None),
        ("NULL", date | None, None),
        ("[null, 1, none]", list[int | None], [None, 1, None]),
    ],
)
def test_values(text, hint, expected):
    found = parse_value(text, hint)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "text, hint, message",
    [
        ("bf16-mixd", Literal["bf16-mixed", "7b"], "did you mean 'bf16-mixed'?"),
        ("7 b", Literal["7b"], "expected one of '7b', not '7 b'"),
        ("16-tru", Precision, "did you mean"),
        ("READ|WRIT", Mode, "did you mean 'WRITE'?"),
        ("READ|", Mode, "Mode has no such member"),
        ("CPU|FIRST", Device, "Device has no such member"),
        ("none", str | None, "write None, or 'none' in quotes for the text"),
        ("null", Path | None, "write None, or 'null' in quotes for the text"),
        ("[null]", list[str | None], "write None, or 'null' in quotes for the text"),
        ("none", int, "expected int, not a name"),
        ("[a-b, c]", list[str], "write quotes around text"),
        ("{'k': a b}", dict[str, str], "write quotes around text"),
        ("[介绍一下你。]", list[str] | None, "write quotes around text"),
        ("[1 2]", list[int], "a comma is missing"),
        ("set()", set[int], "[] for none"),
        ("frozenset()", frozenset[int] | None, "[] for none"),
        ("dict()", dict[str, int], "write the literal"),
    ],
)
def test_what_does_not_fit_says_what_to_write(text, hint, message):
    assert message in refused(text, hint)


def test_numbers_and_truth_are_what_parsing_makes_of_them():
    for text in ("0", "-0", "12", "-3", "007", "1_000", "0x10", "9" * 30, "1.0", "", "١"):
        try:
            expected: Any = parse_value(text, Any)
        except ValueLanguageError:
            expected = None
        if type(expected) is int:
            assert parse_value(text, int) == expected
            assert parse_value(f" {text}", int) == expected
        else:
            assert refused(text, int)
    for text in (
        "1.5",
        "-2.",
        "1e3",
        "1E-3",
        "3",
        "1e400",
        "0.1",
        "-0.0",
        "1.7976931348623157e308",
    ):
        assert repr(parse_value(text, float)) == repr(float(parse_value(text, Any)))
    assert [parse_value(text, bool) for text in ("Yes", "ON", "False", "no")] == [
        *(True, True),
        *(False, False),
    ]


class Money:
    def __init__(self, amount: Decimal, currency: str = "EUR"):
        self.amount, self.currency = amount, currency

    @classmethod
    def parse(cls, text: str) -> Money:
        amount, currency = text.split()
        return cls(Decimal(amount), currency)


@pytest.fixture
def money():
    register_parser(Money, Money.parse)
    yield
    del TEXTUAL[Money]


def pay(price: Money, tips: list[Money] = [], note: Money | str = ""):
    return price, tips, note


def test_a_parser_of_a_user_s_own_type(money):
    found = parse_value("2.50 CHF", Money)
    assert (found.amount, found.currency) == (Decimal("2.50"), "CHF")
    assert [each.currency for each in parse_value("['1 A', '2 B']", list[Money])] == ["A", "B"]
    assert parse_value("none", Money | None) is None
    assert parse_value("3 EUR", Money | None).amount == 3
    assert parse_value("3 EUR", Money | str).amount == 3
    assert parse_value("hello", Money | str) == "hello"
    assert type(parse_value("Money('3')", Money)) is Config  # a call is a config, as ever
    graph = override(Config(pay), map(parse_assignment, ["price=1 USD", "tips=['2 USD']"]))
    price, tips, _ = build(graph)
    assert (price.amount, tips[0].amount) == (1, 2)
    assert "expected Money: not enough values to unpack" in refused("3", Money)
    assert "expected Money" in refused("a b", Money)


@pytest.mark.parametrize("cls, parse", [("Money", Money.parse), (Money, "parse")])
def test_what_is_no_parser(cls, parse):
    with pytest.raises(TypeError, match="takes a class and a function"):
        register_parser(cls, parse)
    assert Money not in TEXTUAL
