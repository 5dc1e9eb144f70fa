"""The records of a profile."""

from __future__ import annotations

from typing import Any

import attrs

from ..engine.interception import Decision


@attrs.frozen
class OpcodeTime:
    """An opcode.

    Attributes:
        name: Its name, such as ``LOAD_FAST``.
        count: How many instructions of it were run.
        seconds: What they took, without interpreted functions that ran inside.
    """

    name: str
    count: int
    seconds: float


@attrs.frozen
class CallSiteTime:
    """A callable at one call site.

    Attributes:
        filename: The file.
        line: The line the call starts at, or None when the code does not tell.
        column: The column there, as a count of UTF-8 bytes from 0, or None.
        function: The qualified name of the function that makes the call.
        callee: The full name of what is called.
        decision: What was done with the call, or None if it was refused.
        reason: Why.
        calls: How many calls were made.
        seconds: What they took, without interpreted functions that ran inside.
        total: What they took, with those.
    """

    filename: str
    line: int | None
    column: int | None
    function: str
    callee: str
    decision: Decision | None
    reason: str
    calls: int
    seconds: float
    total: float


@attrs.frozen
class TierTime:
    """One way in which code was run.

    Attributes:
        name: ``interpret``: the instructions of captured functions, and what they record.
            ``compile``: what the compiled tier took over, and how often it did; its calls are in
            that time and in no call site, but for what is interpreted inside of them. ``native``:
            calls that ran as usual.
        count: How many instructions, or calls.
        seconds: What they took.
    """

    name: str
    count: int
    seconds: float


@attrs.frozen
class StackFrame:
    """A function on a stack.

    Attributes:
        name: Its qualified name.
        filename: Its file, or None for what is not interpreted.
        line: Its first line, or None.
    """

    name: str
    filename: str | None = None
    line: int | None = None


@attrs.frozen
class StackTime:
    """The time spent in one function, called in one way.

    Attributes:
        frames: The stack, outermost first.
        seconds: The time, without that of stacks that go on from it.
    """

    frames: tuple[StackFrame, ...]
    seconds: float


@attrs.frozen
class Figures:
    """The result of profiling a capture.

    All times are in seconds, without what profiling itself takes as far as that is known.

    Attributes:
        function: The qualified name of the function.
        filename: Its file.
        graph: What the capture gave.
        nodes: How many nodes are in it.
        seconds: How long the capture takes without a profile: an estimate, ``measured`` less
            ``overhead``.
        measured: How long it took with this profile.
        overhead: What of that profiling itself took: the number of instructions times what the
            counting of one takes, which is measured for each profile.
        decoding: What of ``seconds`` decoding took: nothing if all had been decoded before.
        native: How long the function itself took, or None; see `with_native`.
        opcodes: The opcodes, the longest time first. Those without an effect are not counted.
        sites: The call sites, the longest time first.
        tiers: The ways in which code was run.
        stacks: The time by stack.
    """

    function: str
    filename: str
    graph: Any = attrs.field(eq=False, repr=False)
    nodes: int
    seconds: float
    measured: float
    overhead: float
    decoding: float
    native: float | None
    opcodes: tuple[OpcodeTime, ...] = attrs.field(repr=False)
    sites: tuple[CallSiteTime, ...] = attrs.field(repr=False)
    tiers: tuple[TierTime, ...]
    stacks: tuple[StackTime, ...] = attrs.field(repr=False)

    @property
    def instructions(self) -> int:
        """How many instructions were run."""
        return sum(opcode.count for opcode in self.opcodes)

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(site.calls for site in self.sites)

    @property
    def other(self) -> float:
        """The part of ``seconds`` that is neither in a tier nor in ``decoding``."""
        known = self.decoding + sum(tier.seconds for tier in self.tiers)
        return max(self.seconds - known, 0.0)
