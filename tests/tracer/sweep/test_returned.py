"""What a function returned, in a file."""

import json
import math
from collections import namedtuple

import pytest

from bytefig.tracer.sweep import ResultError
from bytefig.tracer.sweep.returned import Returned, metric

Pair = namedtuple("Pair", "left right")


class Scalar:
    """As one of NumPy's."""

    shape = ()

    def item(self):
        return 0.5

    def __eq__(self, other):
        return other == 0.5


class Odd:
    def __eq__(self, other):
        raise RuntimeError


def kept(result):
    return Returned.read(Returned.of(result).to_json())


@pytest.mark.parametrize("result", [None, 3, "é", {"loss": 0.5, "ok": [True, None]}])
def test_what_json_can_say(result):
    assert json.loads(Returned.of(result).to_json()) == {"value": result}
    assert kept(result).result() == result


@pytest.mark.parametrize(
    "result, value, kind",
    [
        ({"loss": math.inf, "n": 1}, {"loss": None, "n": 1}, "builtins:dict"),
        (Pair(1, 2), [1, 2], f"{__name__}:Pair"),
        ({1: 2}, {"1": 2}, "builtins:dict"),
        ({1, 2}, None, "builtins:set"),
        (b"a", None, "builtins:bytes"),
        (len, None, "builtins:builtin_function_or_method"),
    ],
)
def test_what_json_cannot_say_is_a_pickle_too(result, value, kind):
    found = kept(result)
    assert (found.value, found.type) == (value, kind)
    assert found.result() == result


def test_numbers_of_other_libraries():
    assert kept({"loss": Scalar()}) == Returned({"loss": 0.5})


def test_a_comparison_that_fails_is_one_that_is_not_equal():
    assert kept(Odd()).type == f"{__name__}:Odd"


def test_what_cannot_be_kept():
    found = kept(each for each in "a")
    assert found.type == "builtins:generator" and "generator" in found.text
    with pytest.raises(ResultError, match="could not be pickled"):
        found.result()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"what": 1}', '"a"', "[" * 100_000])
def test_a_file_that_is_none(text):
    with pytest.raises(ResultError, match="no result"):
        Returned.read(text)


def test_a_pickle_that_cannot_be_opened():
    with pytest.raises(ResultError, match="cannot be opened"):
        Returned(type="a:B", pickle="AAAA").result()


def test_a_number_in_a_result():
    result = {"test": {"loss": 0.5, "name": "x", "ok": True}, "lr": math.nan}
    assert metric(result, "test.loss") == 0.5
    assert [metric(result, name) for name in ("test", "test.name", "test.ok", "lr", "a.b")] == [
        None
    ] * 5
    assert metric(2, "") == 2.0 and metric(2, "a") is None
    assert metric(10**400, "") is None  # no float is so large
