"""The rows of the comparison: what is measured, against what, and what the goal is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import NamedTuple

import by_hand
import interpreters
from alternating import Ratio, Side, compare
from builders import build_model, fresh_copy
from libraries import Library, with_loops
from workloads import WORKLOADS, Workload

#: The tiers a row is measured in. How a graph is built or compared does not depend on it.
DEFAULT = ("auto",)
EACH = ("auto", "interpret")
INTERPRETED = ("interpret",)

#: Workloads that Fiddle takes seconds for.
SLOW = ("transformer(10,000)", "loop")


class Row(NamedTuple):
    """One measurement."""

    what: str
    against: str
    #: At least so many times as fast, or, if `within`, at most so many times its time.
    goal: float | None
    measure: Callable[[float], Ratio]
    definition: str
    within: bool = False
    tiers: tuple[str, ...] = DEFAULT


def speedup(ours: Side, theirs: Side) -> Callable[[float], Ratio]:
    """Compare so that the ratio says how many times as fast ours is."""
    return lambda seconds: compare(ours, theirs, seconds)


def slowdown(ours: Side, base: Side) -> Callable[[float], Ratio]:
    """Compare so that the ratio says how many times the time of the base ours takes."""

    def measure(seconds: float) -> Ratio:
        return compare(base, ours, seconds)

    return measure


def captured(library: Library, workload: Workload) -> Side:
    """Return the capture of a workload, decorated once."""
    capture = workload.make(with_loops(library)).as_buildable
    return Side(capture, lambda: workload.arguments)


def fresh(library: Library) -> Side:
    """Return the decoration of a function nobody has seen, and its first capture."""
    decorate = library.auto_config
    return Side(lambda fn: decorate(fn).as_buildable(), lambda: (fresh_copy(build_model),))


def capture_rows(ours: Library, fiddle: Library) -> Iterator[Row]:
    """Yield what capturing costs."""
    yield Row(
        "decorate a function",
        "Fiddle",
        20,
        speedup(
            Side(ours.auto_config, lambda: (build_model,)),
            Side(fiddle.auto_config, lambda: (build_model,)),
        ),
        "`auto_config(build_model)`, again and again",
    )
    yield Row(
        "first `as_buildable` of a fresh function",
        "Fiddle",
        2,
        speedup(fresh(ours), fresh(fiddle)),
        "`auto_config(f).as_buildable()` where `f` is `seq` with a code object of its own that "
        "nothing has seen; the classes it calls are known",
        tiers=EACH,
    )
    goals = {"seq": 15, "transformer(1,000)": 15}
    for workload in WORKLOADS.values():
        if not workload.is_available() or workload.name == "loop":
            continue
        yield Row(
            f"`as_buildable`, `{workload.name}`",
            "Fiddle",
            goals.get(workload.name),
            speedup(captured(ours, workload), captured(fiddle, workload)),
            "decorated once and called before",
            tiers=EACH if workload.name in goals else DEFAULT,
        )


def nemo_rows(ours: Library, nemo: Library) -> Iterator[Row]:
    """Yield what capturing costs next to NeMo Run."""
    for name in nemo.only or ():
        yield Row(
            f"`as_buildable`, `{name}`",
            "NeMo Run",
            None,
            speedup(captured(ours, WORKLOADS[name]), captured(nemo, WORKLOADS[name])),
            "NeMo Run: the call of what `autoconvert` returns, which is decorated once",
        )


def limit_rows(ours: Library, fiddle: Library) -> Iterator[Row]:
    """Yield what a capture costs next to what it cannot do without."""
    # A capture also notes the order and the form of calls, and looks for effects.
    for name, make, goal in (
        ("seq", by_hand.seq, 2.0),
        ("transformer(1,000)", by_hand.transformer, 1.6),
    ):
        workload = WORKLOADS[name]
        arguments = ours.config, *workload.arguments
        yield Row(
            f"`as_buildable`, `{name}`",
            "the same graph made by hand",
            goal,
            slowdown(captured(ours, workload), Side(make, lambda a=arguments: a)),
            "by hand: plain Python that calls our `Config`",
            within=True,
            tiers=EACH,
        )
    loop = WORKLOADS["loop"]
    for against, side in (
        ("the native function", Side(loop.plain(), lambda: loop.arguments)),
        ("Fiddle", captured(fiddle, loop)),
    ):
        yield Row(
            "`as_buildable`, `loop`",
            against,
            1.3,
            slowdown(captured(ours, loop), side),
            "a million steps of arithmetic between two recorded calls, in one call",
            within=True,
            tiers=EACH,
        )


def graph_rows(ours: Library, fiddle: Library) -> Iterator[Row]:
    """Yield what is done with a graph of 6,001 nodes."""
    graphs = [captured(lib, WORKLOADS["transformer(1,000)"]) for lib in (ours, fiddle)]
    one, two = (side.run(*side.arguments()) for side in graphs)
    yield Row(
        "`build` of `transformer(1,000)`",
        "Fiddle",
        8,
        speedup(Side(ours.build, lambda: (one,)), Side(fiddle.build, lambda: (two,))),
        "the graph is the same each time",
    )
    yield Row(
        "`deepcopy` of `transformer(1,000)`",
        "Fiddle",
        10,
        speedup(Side(copy.deepcopy, lambda: (one,)), Side(copy.deepcopy, lambda: (two,))),
        "`copy.deepcopy(graph)`",
    )
    twins = copy.deepcopy(one), copy.deepcopy(two)
    yield Row(
        "equality of `transformer(1,000)`",
        "Fiddle",
        10,
        speedup(
            Side(lambda a, b: a == b, lambda: (one, twins[0])),
            Side(lambda a, b: a == b, lambda: (two, twins[1])),
        ),
        "`graph == copy.deepcopy(graph)`, which is true",
    )


def interpreter_rows() -> Iterator[Row]:
    """Yield the interpreter alone, next to x-python and to CPython."""
    for program, size in interpreters.SIZES.items():
        ours = Side(interpreters.ours(program), lambda size=size: (size,))
        plain = Side(interpreters.native(program), lambda size=size: (size,))
        yield Row(
            f"interpreter alone, `{program}`",
            "CPython",
            None,
            slowdown(ours, plain),
            "every function and method by `interpret`, which records nothing",
            within=True,
            tiers=EACH,
        )
        yield Row(
            f"interpreter alone, `{program}`",
            "x-python",
            15,
            against_x_python(program, size),
            "every function and method by `interpret`, which records nothing",
            tiers=INTERPRETED,
        )


class CannotBeMeasuredError(Exception):
    """The peer does not do what is to be measured."""


def against_x_python(program: str, size: int) -> Callable[[float], Ratio]:
    """Return what measures a program, if x-python runs it right."""

    def measure(seconds: float) -> Ratio:
        if trouble := interpreters.trouble(program, size):
            raise CannotBeMeasuredError(f"x-python cannot run it: {trouble}")
        ours = Side(interpreters.ours(program), lambda: (size,))
        theirs = Side(interpreters.x_python(program), lambda: (size,))
        return compare(ours, theirs, seconds)

    return measure


def all_rows(ours: Library, fiddle: Library) -> Iterator[Row]:
    """Yield every row that is measured in this process, in the order of the table."""
    yield from capture_rows(ours, fiddle)
    yield from limit_rows(ours, fiddle)
    yield from graph_rows(ours, fiddle)
    yield from interpreter_rows()
