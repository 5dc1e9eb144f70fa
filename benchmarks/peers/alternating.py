"""Measure two ways to do the same in one process: alternating, and the median of their ratios."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

#: Seconds of the processor that one sample takes at least.
SAMPLE = 0.02
FEWEST_PAIRS = 5
MOST_PAIRS = 101
#: A side this slow is measured less often.
SLOW = 4.0
FEWEST_SLOW_PAIRS = 3


class Side(NamedTuple):
    """What is measured: a call, and what makes its arguments, which is not measured."""

    run: Callable[..., Any]
    arguments: Callable[[], tuple[Any, ...]] = tuple


class Ratio(NamedTuple):
    """Seconds of both sides, and those of the second divided by those of the first."""

    first: float
    second: float
    ratio: float
    #: The quartiles of the ratio.
    low: float
    high: float
    pairs: int


def sample(side: Side, runs: int) -> float:
    """Return the seconds that one run takes, with the collector as a user has it: on.

    They include those of freeing the results.
    """
    arguments = [side.arguments() for _ in range(runs)]
    gc.collect()
    gc.enable()
    run = side.run
    start = time.process_time()
    for each in arguments:
        run(*each)
    return (time.process_time() - start) / runs


def runs_of(side: Side) -> int:
    """Warm a side up, and return how many runs make a sample."""
    runs = 1
    seconds = sample(side, 1)
    if seconds < SAMPLE:
        seconds = sample(side, 1)
    while seconds * runs < SAMPLE:
        runs = max(runs * 2, min(round(SAMPLE / max(seconds, 1e-7)), runs * 20))
        seconds = sample(side, runs)
    return runs


def compare(first: Side, second: Side, seconds: float = 2.0) -> Ratio:
    """Measure both in turns until so many seconds are spent; which one begins changes, too."""
    runs = runs_of(first), runs_of(second)
    sides = first, second
    pairs: list[tuple[float, float]] = []
    spent = 0.0
    for turn in itertools.count():
        pair = [0.0, 0.0]
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            pair[which] = sample(sides[which], runs[which])
            spent += pair[which] * runs[which]
        pairs.append((pair[0], pair[1]))
        fewest = FEWEST_SLOW_PAIRS if max(pair) > SLOW else FEWEST_PAIRS
        if len(pairs) >= fewest and (spent >= seconds or len(pairs) >= MOST_PAIRS):
            break
    ratios = [two / one for one, two in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    ones, twos = zip(*pairs, strict=True)
    return Ratio(statistics.median(ones), statistics.median(twos), middle, low, high, len(pairs))
