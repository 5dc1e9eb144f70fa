"""Tests of what is logged about a capture."""

import logging
import os
import subprocess
import sys

import pytest

from bytefig.configs import build
from bytefig.tracer import LATEST, Decision, InModule, Rule, auto_config, capture
from bytefig.tracer.recording import log, run


class Dense:
    def __init__(self, units, size=0):
        self.units, self.size = units, size

    def double(self):
        self.units *= 2


def helper(units):
    return Dense(units)


def builder():
    def made(units):
        return helper(units)

    layers = [made(units) for units in range(3)]
    layers[0].double()
    return layers, len("four")


@pytest.fixture
def logged(monkeypatch, caplog):
    monkeypatch.setattr(run, "RECORDER", log.LoggingRecorder)
    caplog.set_level(logging.DEBUG, "bytefig.tracer")
    return lambda: [record.getMessage() for record in caplog.records]


def said(messages, name):
    assert all(each.startswith(f"{__file__}:") for each in messages)
    return [each.split(f": {name}: ")[1] for each in messages if f": {name}: " in each]


def test_every_call_is_logged_with_its_decision_and_reason(logged):
    layers, four = capture(builder)
    messages = logged()
    assert said(messages, "helper") == ["make a config node of it: nothing exempts it"] * 3
    assert said(messages, "range") == said(messages, "len")
    assert said(messages, "len") == ["run it as usual: it is a builtin or a C function"]
    unbuilt = "defer or refuse it: it is of an object that is not built yet"
    assert said(messages, ".double") == [unbuilt]
    assert not said(messages, "builder.<locals>.made")  # nothing is decided about it
    assert [each.units for each in build(layers)] == [0, 1, 2] and four == 4


def test_calls_that_native_code_makes_are_logged_too(logged):
    def many():
        found = []
        for i in range(300):
            found.append(helper(i))
        return found

    assert len(capture(many)) == 300
    assert len(said(logged(), "helper")) == 300


def test_what_is_stepped_into_is_logged_inside_as_well(logged):
    table = LATEST.extend(Rule(InModule(__name__), Decision.STEP_INTO, "ours"))
    auto_config(lambda: helper(3), experimental_exemption_policy=table).as_buildable()
    assert said(logged(), "helper") == ["interpret it too: ours"]
    assert said(logged(), "Dense") == ["interpret it too: ours"]


@pytest.mark.needs_subprocess
def test_the_environment_asks_for_it(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import fractions\n"
        "from bytefig.tracer import capture\n"
        "def builder(): return fractions.Fraction(1, 2)\n"
        "capture(builder)\n"
    )

    def run_with(value):
        return subprocess.run(
            [sys.executable, str(program)],
            env={**os.environ, "BYTEFIG_LOG": value},
            capture_output=True,
            text=True,
        )

    assert f"{program}:3:23 in builder: Fraction: make a config node" in run_with("debug").stderr
    assert run_with("").stderr == ""
    assert "BYTEFIG_LOG must be debug or not set, not 'loud'" in run_with("loud").stderr
