"""Tracebacks of building, of making a node and of decorating show the user's frames only."""

import traceback

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import UnsupportedLanguageConstructError, auto_config


def fail(units):
    raise ValueError("negative")


def loop(units):
    return [Config(fail, k) for k in range(units)]


def nothing(x): ...


WAYS = {
    "build": (lambda: build(Config(dict, x=[Config(fail, 1)])), ["<lambda>"], ["fail"]),
    "build without arguments": (lambda: build(Config(nothing)), ["<lambda>"], None),
    "a name that is none": (lambda: Config(nothing, y=1), ["<lambda>"], None),
    "too many arguments": (lambda: Config(nothing, 1, 2), ["<lambda>"], None),
    "a construct": (lambda: auto_config(loop), ["<lambda>"], None),
    "a construct, with options": (lambda: auto_config(guard="off")(loop), ["<lambda>"], None),
}


def names(error):
    return [entry.name for entry in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("way", WAYS)
def test_frames(way, monkeypatch):
    run, expected, expected_of_cause = WAYS[way]
    kinds = (ValueError, TypeError, UnsupportedLanguageConstructError)
    with pytest.raises(kinds) as caught:
        run()
    assert names(caught.value)[1:] == expected
    cause = caught.value.__cause__
    assert (None if cause is None else names(cause)) == expected_of_cause
    monkeypatch.setenv("BYTEFIG_TRACEBACK", "full")
    with pytest.raises(kinds) as caught:
        run()
    assert len(names(caught.value)) > len(expected) + 1
