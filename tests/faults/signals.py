"""Signal handlers that raise, at any time, while a graph is built, copied, captured and edited."""

from __future__ import annotations

import copy
import gc
import random
import signal
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from mutations import graph, mutations, state

from bytefig.configs import Config, build
from bytefig.tracer import auto_config


class Interrupted(Exception):
    """What the handler raises; an Exception, so `build` takes it for one of a callable."""


def _interrupt(*_: object) -> None:
    raise Interrupted


class Layer:
    """Something to build."""

    def __init__(self, units: int, inner: object = None) -> None:
        """Keep them."""
        self.units, self.inner = units, inner


@auto_config(experimental_allow_control_flow=True)
def model(depth: int) -> Any:
    """Be captured."""
    made = None
    for units in range(depth):
        made = Layer(units, [Layer(0), made])
    return made


def units(made: Any) -> list[int]:
    """Return what was built."""
    found = []
    while made is not None:
        found.append(made.units)
        made = made.inner[1]
    return found


class Signals(NamedTuple):
    """What became of one kind: how many timers, how many of them hit, and what was broken."""

    name: str
    timers: int
    hits: int
    broken: int


def _hit(action: Callable[[], object], delay: float) -> bool:
    """Run something with a timer; return whether the timer ended it."""
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        try:
            action()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupted:
        return True
    except Exception as error:
        if not isinstance(error.__cause__, Interrupted) and "Interrupted" not in repr(error):
            raise
        return True
    return False


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _try(
    name: str,
    timers: int,
    make: Callable[[], Any],
    act: Callable[[Any], object],
    whole: Callable[[Any], bool],
    chance: random.Random,
) -> Signals:
    longest = min(_timed(lambda: act(make())) for _ in range(5))
    hits = broken = 0
    settings = gc.isenabled(), gc.get_threshold()
    for _ in range(timers):
        subject = make()
        try:
            hits += _hit(lambda subject=subject: act(subject), chance.uniform(1e-6, longest))
            intact = whole(subject) and settings == (gc.isenabled(), gc.get_threshold())
        except Exception as error:
            print(f"  {name}: {error!r}")
            intact = False
        broken += not intact
    return Signals(name, timers, hits, broken)


def try_signals(timers: int, seed: int) -> list[Signals]:
    """Set so many timers, a quarter each for builds, copies, captures and edits."""
    chance = random.Random(seed)
    quarter = timers // 4
    graph_of_model = model.as_buildable(4)
    expected = state(graph_of_model)

    def still_works(_: object) -> bool:
        # Built, copied and captured once more, without a timer.
        return (
            state(graph_of_model) == expected
            and units(build(graph_of_model)) == [3, 2, 1, 0]
            and copy.deepcopy(graph_of_model) == graph_of_model == model.as_buildable(4)
        )

    kept = signal.signal(signal.SIGALRM, _interrupt)
    try:
        verbs: tuple[tuple[str, Callable[[Any], object]], ...] = (
            ("build", build),
            ("deepcopy", copy.deepcopy),
            ("capture", lambda _: model.as_buildable(4)),
        )
        results = [
            _try(name, quarter, lambda: graph_of_model, act, still_works, chance)
            for name, act in verbs
        ]
        edits = mutations()
        for number, mutation in enumerate(edits):
            before, changed = graph(), graph()
            mutation.change(changed)
            allowed = state(before), state(changed)
            share = quarter // len(edits) + (number < quarter % len(edits))
            results.append(
                _try(
                    mutation.name,
                    share,
                    graph,
                    mutation.change,
                    lambda root, allowed=allowed: state(root) in allowed,
                    chance,
                )
            )
    finally:
        signal.signal(signal.SIGALRM, kept)
    assert units(build(Config(Layer, 1, [0, None]))) == [1]
    return results


def report(results: list[Signals]) -> int:
    """Print a line for each kind; return how many were broken."""
    for each in results:
        print(f"  {each.name:28} {each.timers:6} timers, {each.hits:6} hit, {each.broken} broken")
    broken = sum(each.broken for each in results)
    total = sum(each.timers for each in results)
    print(f"  {total} timers, {broken} broken", flush=True)
    return broken
