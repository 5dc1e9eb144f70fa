"""What building a graph costs, next to the plain call of the function it was captured from."""

from __future__ import annotations

import pytest
from builders import build_model, transformer
from pytest_benchmark.fixture import BenchmarkFixture

from bytefig.configs import build
from bytefig.tracer import auto_config


@pytest.mark.benchmark(group="build three layers")
def test_build_model(benchmark: BenchmarkFixture) -> None:
    config = auto_config(build_model).as_buildable()
    assert benchmark(build, config) == build_model()


@pytest.mark.parametrize("blocks", [10, 100, 1000])
def test_build_transformer(benchmark: BenchmarkFixture, blocks: int) -> None:
    benchmark.group = f"build a transformer of {blocks} blocks"
    capture = auto_config(transformer, experimental_allow_control_flow=True)
    config = capture.as_buildable(blocks)
    assert benchmark(build, config) == transformer(blocks)
