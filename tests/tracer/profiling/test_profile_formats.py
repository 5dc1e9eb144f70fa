"""A profile as text, as a table, as JSON, for speedscope and for flame graphs."""

from __future__ import annotations

import json
import re

import pytest

from bytefig.tracer import profile
from bytefig.tracer.profiling.report import time_text

pytestmark = pytest.mark.usefixtures("only_interpreted")

#: What speedscope asks of a file with sampled profiles, as its documentation describes the format.
SPEEDSCOPE = {
    "type": "object",
    "required": ["$schema", "shared", "profiles"],
    "properties": {
        "$schema": {"const": "https://www.speedscope.app/file-format-schema.json"},
        "name": {"type": "string"},
        "exporter": {"type": "string"},
        "activeProfileIndex": {"type": "integer"},
        "shared": {
            "type": "object",
            "required": ["frames"],
            "properties": {
                "frames": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {
                            "name": {"type": "string"},
                            "file": {"type": "string"},
                            "line": {"type": "integer"},
                            "col": {"type": "integer"},
                        },
                        "additionalProperties": False,
                    },
                }
            },
        },
        "profiles": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": [
                    *("type", "name", "unit", "startValue", "endValue", "samples", "weights")
                ],
                "properties": {
                    "type": {"const": "sampled"},
                    "name": {"type": "string"},
                    "unit": {"enum": ["nanoseconds", "microseconds", "milliseconds", "seconds"]},
                    "startValue": {"type": "number"},
                    "endValue": {"type": "number"},
                    "samples": {
                        "type": "array",
                        "items": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                    },
                    "weights": {"type": "array", "items": {"type": "number", "minimum": 0}},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


class Dense:
    def __init__(self, units):
        self.units = units


def build_model(width=4):
    return [Dense(abs(units)) for units in sorted(range(width), key=lambda units: -units)]


@pytest.fixture(scope="module")
def found(only_interpreted):
    return profile(build_model)


def test_the_file_for_speedscope(found):
    written = json.loads(json.dumps(found.to_speedscope()))
    pytest.importorskip("jsonschema").validate(written, SPEEDSCOPE)
    (shown,) = written["profiles"]
    frames = written["shared"]["frames"]
    assert len(shown["samples"]) == len(shown["weights"]) == len(found.stacks)
    assert {number for sample in shown["samples"] for number in sample} == set(range(len(frames)))
    assert shown["endValue"] == pytest.approx(sum(shown["weights"]))
    names = [tuple(frames[number]["name"] for number in sample) for sample in shown["samples"]]
    assert ("build_model", "sorted", "build_model.<locals>.<lambda>") in names
    by_name = {frame["name"]: frame for frame in frames}
    assert by_name["build_model"]["file"] == __file__
    assert by_name["build_model"]["line"] == build_model.__code__.co_firstlineno
    assert "file" not in by_name["sorted"]


def test_collapsed_stacks(found):
    lines = found.to_collapsed().splitlines()
    assert all(re.fullmatch(r"[^; ]+(;[^; ]+)* [1-9][0-9]*", line) for line in lines)
    line = build_model.__code__.co_firstlineno
    stacks = {line.rpartition(" ")[0] for line in lines}
    assert f"build_model:{line}" in stacks
    assert f"build_model:{line};sorted;build_model.<locals>.<lambda>:{line + 1}" in stacks


def test_json(found):
    written = json.loads(json.dumps(found.to_data()))
    assert "graph" not in written
    assert written["nodes"] == 4
    assert written["instructions"] == sum(opcode["count"] for opcode in written["opcodes"])
    assert written["calls"] == sum(site["calls"] for site in written["sites"])
    assert {site["decision"] for site in written["sites"]} <= {"EXEMPT", "RECORD", "STEP_INTO"}
    assert [tier["name"] for tier in written["tiers"]] == ["interpret", "compile", "native"]


def test_text(found):
    text = str(found)
    assert text.startswith(f"profile of build_model, {__file__}\n  capture ")
    line = build_model.__code__.co_firstlineno + 1
    assert re.search(
        rf"4  [\w.]*Dense +record +test_profile_formats.py:{line}:\d+ +build_model", text
    )
    assert re.search(r"\n  +[\d.]+ \ws +\d+% +\d+ +[\d.]+ \ws  CALL\n", text)
    assert not re.search(r" \n", text)


def test_what_there_is_too_much_of_is_cut():
    body = "\n".join(f"    f{number}()" for number in range(20))
    scope = {f"f{number}": lambda: None for number in range(20)}
    exec(f"def many():\n{body}\n    return Dense(1)", {**scope, "Dense": Dense}, scope)
    assert "call sites: the first 12 of 21" in str(profile(scope["many"]))


def test_the_terminal_shows_the_same(found):
    console = pytest.importorskip("rich.console").Console(width=200, record=True, file=None)
    with console.capture() as captured:
        console.print(found)
    shown = captured.get()
    assert f"profile of build_model, {__file__}" in shown
    assert "call sites" in shown
    assert "capture did" in shown
    for opcode in found.opcodes[:12]:
        assert opcode.name in shown


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0.0, "0 ns"),
        (4.2e-7, "420 ns"),
        (1e-6, "1 us"),
        (123.4e-6, "123 us"),
        (0.0123, "12.3 ms"),
        (59.0, "59 s"),
        (4000.0, "4000 s"),
    ],
)
def test_times(seconds, text):
    assert time_text(seconds) == text
