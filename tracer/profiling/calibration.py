"""The costs of counting on this machine, measured on two small loops."""

from __future__ import annotations

from time import perf_counter
from types import FunctionType
from typing import Final

import attrs

from ..engine.decode import decode
from ..engine.frame import Frame
from ..engine.interceptor import Native
from ..engine.interpreter import execute
from ..engine.tiers import TIERS, stay
from .counters import FREE, Collector, Cost

_ROUNDS: Final = 7


def _without_calls() -> None:
    total = 0
    for i in range(150):
        total = (total + i * 3) % 1000


def _with_calls() -> None:
    absolute = abs
    for i in range(150):
        absolute(i)


def cost_of_counting() -> Cost:
    """Measure the costs of counting: some milliseconds of work, for the machine as it is now."""
    taking_over, TIERS.take_over = TIERS.take_over, stay
    try:
        plain = _shortest([_measured(_without_calls) for _ in range(_ROUNDS)])
        calls = _shortest([_measured(_with_calls) for _ in range(_ROUNDS)])
    finally:
        TIERS.take_over = taking_over
    each = max((plain.counted - plain.bare) / plain.steps, 0.0)
    more = calls.counted - calls.bare
    return Cost(
        plain=each,
        call=max((more - each * (calls.steps - calls.calls)) / calls.calls, each),
        bias=(plain.own - plain.bare) / plain.steps,
        gap=max((plain.counted - plain.own) / plain.steps, 0.0),
    )


def _shortest(rounds: list[_Round]) -> _Round:
    """Return the shortest of each time: the machine may have done something else in between."""
    bare, counted, own = (
        min(getattr(each, name) for each in rounds) for name in ("bare", "counted", "own")
    )
    return attrs.evolve(rounds[0], bare=bare, counted=counted, own=own)


@attrs.frozen
class _Round:
    """One loop, run as usual and counted.

    Attributes:
        steps: How many instructions it has run.
        calls: How many of them are calls.
        bare: What it takes as usual.
        counted: What it takes when it is counted.
        own: The sum of what was measured of each instruction.
    """

    steps: int
    calls: int
    bare: float
    counted: float
    own: float


def _measured(function: FunctionType) -> _Round:
    bare = _time_of(function)
    with Collector(FREE) as collector:
        _time_of(function)  # what is known of a call site is made at the first call
        steps, calls, own = _counts(collector)
        counted = _time_of(function)
    all_steps, all_calls, all_own = _counts(collector)
    return _Round(all_steps - steps, all_calls - calls, bare, counted, all_own - own)


def _time_of(function: FunctionType) -> float:
    code = function.__code__
    frame = Frame(decode(code), code, (), (), function.__globals__, Native())
    start = perf_counter()
    execute(frame)
    return perf_counter() - start


def _counts(collector: Collector) -> tuple[int, int, float]:
    """Return the number of steps, the number of calls, and the time of all steps."""
    programs = collector.programs
    sites = (site for program in programs for site in program.sites.values())
    return (
        sum(sum(program.counts) for program in programs),
        sum(call.calls for calls in sites for call in calls.values()),
        sum(sum(program.seconds) for program in programs),
    )
