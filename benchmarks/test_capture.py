"""What a capture costs, next to the plain call, and what decoding a function for it costs."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Sequential, build_model, fresh_copy, transformer
from pytest_benchmark.fixture import BenchmarkFixture

from bytefig.configs import Config, build
from bytefig.tracer import auto_config

BLOCKS = [10, 100, 1000]


@pytest.mark.benchmark(group="three layers")
def test_call_build_model(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(build_model).layers) == 3


@pytest.mark.benchmark(group="three layers")
def test_capture_build_model(benchmark: BenchmarkFixture) -> None:
    config = benchmark(auto_config(build_model).as_buildable)
    assert build(config) == build_model()


@pytest.mark.parametrize("blocks", BLOCKS)
def test_call_transformer(benchmark: BenchmarkFixture, blocks: int) -> None:
    benchmark.group = f"transformer of {blocks} blocks"
    assert len(benchmark(transformer, blocks).layers) == blocks


@pytest.mark.parametrize("blocks", BLOCKS)
def test_capture_transformer(benchmark: BenchmarkFixture, blocks: int) -> None:
    benchmark.group = f"transformer of {blocks} blocks"
    # The builder has a loop.
    capture = auto_config(transformer, experimental_allow_control_flow=True).as_buildable
    config = benchmark(capture, blocks)
    assert build(config) == transformer(blocks)


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
