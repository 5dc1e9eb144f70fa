"""Counting and timing the steps of a capture.

While a profile is made, `decode` is given programs whose steps are wrapped in ones that count and
time; nothing else of the interpreter knows of it. A step is charged with what it takes itself,
without the steps of other frames that run inside of it. Where the time goes by stack is a tree of
places: a place is a function, or a callable that a call site calls.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from time import perf_counter
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

import attrs

from ..code.flags import argument_count
from ..code.instruction import CodeNames, Instruction, read_instructions
from ..code.wordcode import CALLS, LEFT_OUT, Position, positions_of
from ..engine.decode import ProgramCache, decode, replace_programs
from ..engine.frame import Frame
from ..engine.functions import Runner, is_twin, own_code
from ..engine.interception import Decision, ImplicitCallable
from ..engine.program import Program
from ..engine.tiers import NEVER, TIERS
from ..engine.values import NULL, Step, Value, type_of
from ..explanation.explanation import decision_about, dotted_name
from ..recording.recorder import Recorder


@attrs.frozen
class Cost:
    """The costs of counting, in seconds for an instruction.

    Attributes:
        plain: In all, for one that makes no call.
        call: In all, for one that makes a call.
        bias: What of that is measured as if it were the instruction's; it may be less than nothing,
            since what is between two instructions is not measured.
        gap: What is measured of one neither as its own time nor as that of another, unless it is
            inside of another: then it is measured as if it were that one's.
    """

    plain: float
    call: float
    bias: float
    gap: float


FREE: Final = Cost(0.0, 0.0, 0.0, 0.0)


class StackPlace(dict[object, "StackPlace"]):
    """A node of the tree of places, with its children by their identity.

    Attributes:
        name: The qualified name of the function, or the name of what is called.
        code: The code of the function, or None for what is not interpreted.
        seconds: The time spent here and not in a child.
        steps: How many instructions were run here.
    """

    __slots__ = ("code", "name", "seconds", "steps")

    def __init__(self, name: str, code: CodeType | None) -> None:
        super().__init__()
        self.name = name
        self.code = code
        self.seconds = 0.0
        self.steps = 0

    def function(self, code: CodeType) -> StackPlace:
        """Return the place of a function that runs here."""
        # A call of it and its body are one place.
        found = self if code is self.code else StackPlace(code.co_qualname, code)
        self[id(code)] = found
        return found


@attrs.define(eq=False)
class SiteCall:
    """The counts of one callable at one call site.

    Attributes:
        callee: Its name.
        kept: Holds what its identity is taken from.
        code: Its code, if it is interpreted under the name it has here.
        decision: What is done with the call, and why.
        calls: How many calls were made.
        seconds: Without what is interpreted inside.
        total: With it; calls inside of other calls from here are not counted again.
        active: How many calls are going on.
    """

    callee: str
    kept: object
    code: CodeType | None
    decision: tuple[Decision | None, str]
    calls: int = 0
    seconds: float = 0.0
    total: float = 0.0
    active: int = 0


@attrs.define(eq=False)
class ProgramCounts:
    """The counts of one code object, by index in its program."""

    code: CodeType
    positions: list[Position]
    instructions: list[Instruction]
    counts: list[int]
    seconds: list[float]
    sites: dict[int, dict[object, SiteCall]] = attrs.field(
        factory=dict[int, dict[object, SiteCall]]
    )


class Collector(ProgramCache):
    """A cache of programs that count, in one thread; other threads get the usual ones.

    Attributes:
        root: The tree of places.
        programs: What was counted, by code object.
        inner: The time that nested steps took, within the step that is running.
        place: Where the step that is running is.
        cost: What counting costs.
        preparing: The time spent on making programs that count.
        decoding: The time spent on decoding.
        compiled: The time that the native tier took, without what was interpreted inside.
        entries: How often it took over.
    """

    def __init__(self, cost: Cost) -> None:
        self.root = StackPlace("", None)
        self.programs: list[ProgramCounts] = []
        self.cost = cost
        self.inner = 0.0
        self.place = self.root
        self.preparing = 0.0
        self.decoding = 0.0
        self.thread = get_ident()
        self._made: dict[int, tuple[CodeType, Program]] = {}
        self._usual: ProgramCache = self
        self._take_over = TIERS.take_over
        self.compiled = 0.0
        self.entries = 0
        self._is_decoding = False

    def __enter__(self) -> Collector:
        self._usual = replace_programs(self)
        self._take_over, TIERS.take_over = TIERS.take_over, self._taken_over
        return self

    def __exit__(self, *_: object) -> None:
        replace_programs(self._usual)
        TIERS.take_over = self._take_over

    def _taken_over(self, frame: Frame, index: int, call: Callable[[], object] | None) -> int:
        """Have the native tier take over, and charge it, not the jump, with the time."""
        if get_ident() != self.thread:
            return self._take_over(frame, index, call)
        if index == 1 and not TIERS.everywhere:  # a debugger watches: what is counted stays
            return index
        before = self.inner
        start = perf_counter()
        try:
            return self._take_over(frame, index, call)
        finally:
            own = perf_counter() - start - (self.inner - before)
            self.compiled += own
            self.entries += 1
            self.inner += own

    def get(self, key: CodeType, /) -> Program | None:
        """Return the program that counts, made at its first use."""
        if self._is_decoding or get_ident() != self.thread:
            return self._usual.get(key)
        found = self._made.get(id(key))
        if found is None:
            found = self._made[id(key)] = key, self._make(key)
        return found[1]

    def set(self, key: CodeType, value: Program, /) -> None:
        """Keep a program as usual."""
        self._usual.set(key, value)

    def _make(self, code: CodeType) -> Program:
        start = perf_counter()
        self._is_decoding = True
        try:
            program = decode(code)
            decoded = perf_counter()
            made = self._counting(program, code)
        finally:
            self._is_decoding = False
        end = perf_counter()
        self.decoding += decoded - start
        self.preparing += end - decoded
        self.inner += end - start
        return made

    def _counting(self, program: Program, code: CodeType) -> Program:
        names = CodeNames.of(code)
        by_offset = {ins.offset: ins for ins in read_instructions(code, names, LEFT_OUT)[0]}
        found = [by_offset[offset] for offset in program.offsets]
        positions = positions_of(code)
        units = (ins.offset // 2 for ins in found)
        counts = ProgramCounts(
            code, [positions[unit] for unit in units], found, [0] * len(found), [0.0] * len(found)
        )
        self.programs.append(counts)
        first, *others = program.steps
        wrapped = (self.wrap(step, index, counts) for index, step in enumerate(others, start=1))
        made = Program(
            steps=(first, *wrapped),
            offsets=program.offsets,
            handlers=program.handlers,
            names=names,
            arguments=argument_count(code),
            made_at=program.made_at,
            calls_left=NEVER,  # what runs natively cannot be counted
        )
        made.templates = program.templates  # what is rebuilt for one will do for the other
        return made

    def wrap(self, step: Step, index: int, counts: ProgramCounts) -> Step:
        """Return a step like another, counted and timed."""
        ins = counts.instructions[index]
        is_call = ins.op in CALLS
        known = counts.sites.setdefault(index, {}) if is_call else None
        cost, thread = self.cost, self.thread
        gap = cost.gap + cost.call - cost.plain if is_call else cost.gap
        lowest = -ins.popped if is_call else 0
        number, seconds = counts.counts, counts.seconds
        code, code_id = counts.code, id(counts.code)

        def counted(frame: Frame) -> int:
            if get_ident() != thread:
                return step(frame)
            outer, place = self.inner, self.place
            here, call = place.get(code_id), None
            if here is None:
                here = place.function(code)
            if known is not None:
                fn = frame.stack[lowest]
                if fn is NULL:
                    fn = frame.stack[lowest + 1]
                call, here = _call(known, fn, frame, here)
                call.active += 1
            self.inner, self.place = 0.0, here
            start = perf_counter()
            try:
                return step(frame)
            finally:
                spent = perf_counter() - start
                own = spent - self.inner
                number[index] += 1
                seconds[index] += own
                here.seconds += own
                here.steps += 1
                if call is not None:
                    call.calls += 1
                    call.active -= 1
                    call.seconds += own
                    if not call.active:
                        call.total += spent
                self.inner, self.place = outer + spent + gap, place

        return counted


def _call(
    known: dict[object, SiteCall], fn: object, frame: Frame, here: StackPlace
) -> tuple[SiteCall, StackPlace]:
    """Return the counts of a callable at a site, and the place of its calls."""
    key = _key(fn)
    call = known.get(key)
    if call is None:
        call = known[key] = _site_call(fn, frame)
    there = here.get(key)
    if there is None:
        there = here[key] = StackPlace(call.callee, call.code)
    return call, there


def _key(fn: Value) -> object:
    """Return the identity of a callable of a site, the same though it be made anew each time."""
    owner = getattr(fn, "__self__", None) if type_of(fn) is _BUILTIN else None
    return id(_kept(fn)) if owner is None else (type_of(owner), fn.__name__)


_BUILTIN: Final = type(len)
_OWN: Final = (Decision.STEP_INTO, "interpreted: the function makes it itself")


def _site_call(fn: Value, frame: Frame) -> SiteCall:
    if isinstance(fn, Runner):
        return SiteCall(fn.code.co_qualname, fn.code, fn.code, _OWN)
    interceptor: Any = frame.interceptor
    code = None
    if isinstance(fn, ImplicitCallable):
        decision = Decision.EXEMPT, "a statement calls it"
    elif type_of(fn) is FunctionType and is_twin(fn):
        decision, code = _OWN, own_code(fn)
    elif isinstance(interceptor, Recorder):
        decision = decision_about(fn, interceptor.policy)
    else:
        decision = Decision.EXEMPT, "everything runs"
    name = dotted_name(fn).removeprefix("builtins.")
    return SiteCall(name, _kept(fn), code, decision)


def _kept(fn: Value) -> object:
    """Return the owner of an identity, to keep it from being another's soon."""
    kind = type_of(fn)
    if kind is FunctionType:
        return own_code(fn)
    if kind is MethodType:
        return fn.__func__
    return fn.code if isinstance(fn, Runner) else fn
