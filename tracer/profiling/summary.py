"""Turning counts into a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import attrs

from ...configs import iter_nodes
from ..engine.interception import Decision
from .counters import Collector, Cost, ProgramCounts, SiteCall, StackPlace
from .profile import Profile
from .records import CallSiteTime, OpcodeTime, StackFrame, StackTime, TierTime


def summary(
    collector: Collector,
    cost: Cost,
    fn: object,
    graph: object,
    measured: float,
    call: Callable[[], object],
) -> Profile:
    """Return the profile of a function's capture, from the counts; ``call`` calls it itself."""
    sites = sorted(_sites(collector.programs, cost), key=lambda site: -site.total)
    opcodes = sorted(_opcodes(collector.programs, cost), key=lambda opcode: -opcode.seconds)
    calls = sum(site.calls for site in sites)
    steps = sum(opcode.count for opcode in opcodes)
    overhead = (steps - calls) * cost.plain + calls * cost.call
    code = collector.programs[0].code if collector.programs else None
    return Profile(
        function=getattr(fn, "__qualname__", repr(fn)) if code is None else code.co_qualname,
        filename="" if code is None else code.co_filename,
        graph=graph,
        nodes=sum(1 for _ in iter_nodes(graph)),
        seconds=max(measured - overhead, 0.0),
        measured=measured,
        overhead=overhead,
        decoding=collector.decoding,
        native=None,
        opcodes=tuple(opcodes),
        sites=tuple(sites),
        tiers=_tiers(opcodes, sites, collector),
        stacks=tuple(_stacks(collector.root, cost)),
        call=call,
    )


def _opcodes(programs: Iterable[ProgramCounts], cost: Cost) -> Iterator[OpcodeTime]:
    counts: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for program in programs:
        for index, (count, spent) in enumerate(zip(program.counts, program.seconds, strict=True)):
            if count:
                name = program.instructions[index].name
                counts[name] += count
                seconds[name] = seconds.get(name, 0.0) + _less(spent, cost.bias * count)
    for name, count in counts.items():
        yield OpcodeTime(name, count, seconds[name])


def _less(seconds: float, bias: float) -> float:
    return max(seconds - bias, 0.0)


def _sites(programs: Iterable[ProgramCounts], cost: Cost) -> Iterator[CallSiteTime]:
    # A code object may have been run as two programs, and a callable have several identities.
    found: dict[object, CallSiteTime] = {}
    for program in programs:
        for index, calls in program.sites.items():
            for call in calls.values():
                site = _site(program, index, call, cost)
                key = (id(program.code), site.line, site.column, index, site.callee, site.decision)
                other = found.get(key)
                found[key] = site if other is None else _joined(site, other)
    return iter(found.values())


def _site(program: ProgramCounts, index: int, call: SiteCall, cost: Cost) -> CallSiteTime:
    line, _, column, _ = program.positions[index]
    decision, reason = call.decision
    bias = cost.bias * call.calls
    return CallSiteTime(
        filename=program.code.co_filename,
        line=line,
        column=column,
        function=program.code.co_qualname,
        callee=call.callee,
        decision=decision,
        reason=reason,
        calls=call.calls,
        seconds=_less(call.seconds, bias),
        total=_less(call.total, bias),
    )


def _joined(one: CallSiteTime, other: CallSiteTime) -> CallSiteTime:
    return attrs.evolve(
        one,
        calls=one.calls + other.calls,
        seconds=one.seconds + other.seconds,
        total=one.total + other.total,
    )


def _tiers(
    opcodes: Iterable[OpcodeTime], sites: Iterable[CallSiteTime], collector: Collector
) -> tuple[TierTime, ...]:
    run = [site for site in sites if site.decision is Decision.EXEMPT]
    native = sum(site.seconds for site in run)
    spent = sum(opcode.seconds for opcode in opcodes)
    steps = sum(opcode.count for opcode in opcodes)
    return (
        TierTime("interpret", steps, _less(spent, native)),
        TierTime("compile", collector.entries, collector.compiled),
        TierTime("native", sum(site.calls for site in run), native),
    )


def _stacks(root: StackPlace, cost: Cost) -> Iterator[StackTime]:
    pending: list[tuple[tuple[StackFrame, ...], StackPlace]] = [((), root)]
    while pending:
        above, place = pending.pop()
        frames = above
        if place is not root:
            code = place.code
            frame = StackFrame(place.name)
            if code is not None:
                frame = StackFrame(place.name, code.co_filename, code.co_firstlineno)
            frames = (*above, frame)
            if place.steps:
                yield StackTime(frames, _less(place.seconds, cost.bias * place.steps))
        pending.extend((frames, child) for child in place.values() if child is not place)
