"""The libraries that are compared, by the verbs that the benchmarks use of each."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple


class Library(NamedTuple):
    """What captures and builds."""

    name: str
    distribution: str
    #: Decorates a function with loops.
    auto_config: Callable[..., Any]
    config: Any
    build: Callable[[Any], Any]
    #: The workloads it can capture, if not all.
    only: tuple[str, ...] | None = None

    def captures(self, workload: str) -> bool:
        return self.only is None or workload in self.only

    def version(self) -> str:
        return importlib.metadata.version(self.distribution)


def bytefig() -> Library:
    configs = importlib.import_module("bytefig.configs")
    tracer = importlib.import_module("bytefig.tracer")
    return Library("bytefig", "bytefig", tracer.auto_config, configs.Config, configs.build)


def fiddle() -> Library:
    fdl = importlib.import_module("fiddle")
    auto_config = importlib.import_module("fiddle.experimental.auto_config").auto_config
    return Library("Fiddle", "fiddle", auto_config, fdl.Config, fdl.build)


class _Converted(NamedTuple):
    """A function of NeMo Run, which returns the graph when it is called.

    It reads and rewrites the source at each call, and takes no loops.
    """

    as_buildable: Callable[..., Any]


def nemo_run() -> Library | None:
    """Return NeMo Run, or None if it is not installed, or not for this Python."""
    if importlib.util.find_spec("nemo_run") is None:
        return None
    run = importlib.import_module("nemo_run")

    def autoconvert(function: Callable[..., Any], **_: Any) -> _Converted:
        return _Converted(run.autoconvert(function))

    build = importlib.import_module("fiddle").build
    return Library(
        "NeMo Run", "nemo-run", autoconvert, run.Config, build, only=("seq", "wide", "shared")
    )


def with_loops(library: Library) -> Callable[[Callable[..., Any]], Any]:
    """Return the decorator of a library for functions with loops."""
    return functools.partial(library.auto_config, experimental_allow_control_flow=True)
