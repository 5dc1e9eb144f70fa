"""What a capture costs, next to the plain call and to Fiddle, and the first use of a function."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import pytest
from builders import Sequential, build_model, fresh_copy
from pytest_benchmark.fixture import BenchmarkFixture
from workloads import WORKLOADS, Workload

from bytefig.configs import Config, build
from bytefig.tracer import auto_config, interpret

#: What takes a second or so, and is run once for a round.
SLOW = ("loop", "transformer(10,000)")
WAYS = ("plain call", "bytefig", "Fiddle")
PROGRAMS = {"nbody": 20, "fannkuch": 5, "richards": 50, "deltablue": 10, "json_text": 5}


def decorator(way: str) -> Any:
    if way == "plain call":
        return lambda function: function
    if way == "bytefig":
        decorate = auto_config
    else:
        pytest.importorskip("fiddle")
        decorate = importlib.import_module("fiddle.experimental.auto_config").auto_config
    return functools.partial(decorate, experimental_allow_control_flow=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
def test_capture(benchmark: BenchmarkFixture, workload: Workload, way: str) -> None:
    if not workload.is_available():
        pytest.skip(f"{workload.needs} is not installed")
    benchmark.group = f"capture {workload.name}"
    benchmark.extra_info.update(workload=workload.name, way=way)
    function = workload.make(decorator(way))
    run = function if way == "plain call" else function.as_buildable
    if workload.name in SLOW:
        result = benchmark.pedantic(run, workload.arguments, rounds=3)
    else:
        result = benchmark(run, *workload.arguments)
    assert result is not None


@pytest.mark.benchmark(group="a function's first use")
def test_decorate(benchmark: BenchmarkFixture) -> None:
    assert benchmark(auto_config, build_model)() == build_model()


@pytest.mark.benchmark(group="a function's first use")
def test_decode_and_capture(benchmark: BenchmarkFixture) -> None:
    def undecoded() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (auto_config(fresh_copy(build_model)),), {}

    def capture(function: Any) -> Any:
        return function.as_buildable()

    config = benchmark.pedantic(capture, setup=undecoded, rounds=500)
    assert isinstance(config, Config)
    assert isinstance(build(config), Sequential)


@pytest.mark.parametrize("interpreted", [False, True], ids=["native", "interpreted"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_program(benchmark: BenchmarkFixture, program: str, interpreted: bool) -> None:
    benchmark.group = f"program {program}"
    main = importlib.import_module("pure_python.loading").load(
        program, interpret if interpreted else None
    )
    assert benchmark(main, PROGRAMS[program])
