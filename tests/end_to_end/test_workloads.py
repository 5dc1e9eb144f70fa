"""What the benchmarks run does what it is said to do: else their figures would mean nothing."""

import functools
import importlib

import by_hand
import pytest
from neutral import neutral
from pure_python.loading import PROGRAMS, load
from workloads import WORKLOADS

from bytefig.configs import Config, build
from bytefig.tracer import auto_config, interpret

SIZES = {"nbody": 2, "fannkuch": 4, "richards": 20, "deltablue": 3, "json_text": 1}
with_loops = functools.partial(auto_config, experimental_allow_control_flow=True)


def available(name):
    workload = WORKLOADS[name]
    if not workload.is_available():
        pytest.skip(f"{workload.needs} is not installed")
    return workload, workload.small_arguments()


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_captured_workload_builds_what_the_plain_call_returns(name):
    workload, arguments = available(name)
    built = build(workload.make(with_loops).as_buildable(*arguments))
    plain = workload.plain()(*arguments)
    if workload.needs is None:
        assert built == plain
    else:
        assert repr(built) == repr(plain)


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fiddle_captures_the_same_graph(name):
    pytest.importorskip("fiddle")
    fiddle = importlib.import_module("fiddle.experimental.auto_config").auto_config
    theirs = functools.partial(fiddle, experimental_allow_control_flow=True)
    workload, arguments = available(name)
    ours = neutral(workload.make(with_loops).as_buildable(*arguments))
    assert neutral(workload.make(theirs).as_buildable(*arguments)) == ours


def test_the_graphs_made_by_hand_are_those_that_are_captured():
    seq = WORKLOADS["seq"].make(with_loops).as_buildable()
    assert by_hand.seq(Config) == seq
    transformer = WORKLOADS["transformer(10)"].make(with_loops).as_buildable(3)
    assert by_hand.transformer(Config, 3) == transformer


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_interpreted_program_returns_what_it_returns_natively(program):
    size = SIZES[program]
    assert load(program, interpret)(size) == load(program)(size)
