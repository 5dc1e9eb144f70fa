"""Generated programs give the same outcome interpreted as under CPython.

``make programs`` runs 10,000 of them, which takes minutes; ``BYTEFIG_PROGRAMS`` is the number.
"""

import contextlib
import io
import os
import sys
import textwrap
from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from alarms import Bell
from hypothesis import given, reject, settings

from bytefig.tracer.engine import tiers

NAMES = "abcde"
CONSTANTS = ["0", "1", "-2", "3.5", "'x'", "''", "None", "True", "[]", "[1, 2]", "{}"]
BINARY = ["+", "-", "*", "//", "%", "|", "&", "==", "<", "in", "is", "and", "or"]
ERRORS = [
    "ZeroDivisionError",
    "(TypeError, NameError)",
    "LookupError",
    "Exception",
    "ValueError",
]
EXPRESSIONS = [
    "({x} {binary} {x})",
    "({x} if {x} else {x})",
    "({x} < {x} <= {x})",
    "(not {x})",
    "(-{x})",
    "[{x}, {x}]",
    "({x}, *{x})",
    "{{'k': {x}, **{x}}}",
    "f'{{{name}}}{{{name}!r:>4}}'",
    "({x})[{x}]",
    "({x})[{x}:]",
    "[{x} for {name} in {x} if {x}]",
    "{{{name}: {x} for {name} in range(3)}}",
    "sum({x} for {name} in {x})",
    "any({x} for {name} in {x})",
    "tuple({x} for {name} in {x})",
    "(lambda {name}, z={x}: {x})({x})",
    "show({x}, k={x})",
    "show(*{x}, **{x})",
    "({name} := {x})",
]
if sys.version_info >= (3, 14):
    EXPRESSIONS += ["t'{{{name}}}{{{name}!r:>4}}'"]
if sys.version_info >= (3, 15):
    EXPRESSIONS += ["[*{x} for {name} in {x}]", "{{**{x} for {name} in {x}}}"]
    EXPRESSIONS += ["set({{*{x} for {name} in {x}}})", "list(*{x} for {name} in {x})"]
SIMPLE = [
    "{name} = {x}",
    "{name} += {x}",
    "{name}, *{name} = {x}",
    "show({x})",
    "del {name}",
    "return {x}",
    "assert {x}, {x}",
    "raise ValueError({x})",
    "raise KeyError({x}) from None",
    "raise",
]
IN_LOOPS = ["break", "continue"]
COMPOUND = [
    "if {x}:\n{block}\nelse:\n{block}",
    "for {name} in {x}:\n if not tick(): break\n{loop}\nelse:\n{block}",
    "while tick() and {x}:\n{loop}",
    "try:\n{block}\nexcept {error} as {name}:\n{block}",
    "try:\n{block}\nexcept {error}:\n{block}\nelse:\n{block}",
    "try:\n{block}\nfinally:\n{block}",
    "with manage({x}) as {name}:\n{block}",
    "def g(z=1):\n nonlocal {name}\n{function}\nshow(g())",
    "def h():\n yield {x}\n{function}\n yield 1\nshow(list(h()))",
    "match {x}:\n case [{name}, *_]:\n{case}\n case int() | str():\n{case}",
    "match {x}:\n case {{'k': {name}}}:\n{case}\n case _:\n{case}",
]


class Writer:
    """Fills templates, choosing with the numbers that hypothesis draws."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self.choose = choose

    def pick(self, options):
        return options[self.choose(len(options))]

    def expression(self, depth):
        if not depth or not self.choose(3):
            return self.pick(NAMES) if self.choose(2) else self.pick(CONSTANTS)
        return self.fill(self.pick(EXPRESSIONS), depth - 1)

    def statement(self, depth, in_loop):
        if depth and self.choose(2):
            return self.fill(self.pick(COMPOUND), depth - 1, in_loop)
        return self.fill(self.pick(SIMPLE + IN_LOOPS * in_loop), 2)

    def block(self, depth, in_loop, indent=" "):
        lines = [self.statement(depth, in_loop) for _ in range(1 + self.choose(3))]
        return textwrap.indent("\n".join(lines), indent)

    def fill(self, template, depth, in_loop=False):
        pieces = {
            "{x}": lambda: self.expression(min(depth, 2)),
            "{name}": lambda: self.pick(NAMES),
            "{binary}": lambda: self.pick(BINARY),
            "{error}": lambda: self.pick(ERRORS),
            "{block}": lambda: self.block(depth, in_loop),
            "{case}": lambda: self.block(depth, in_loop, "  "),
            "{loop}": lambda: self.block(depth, True),
            "{function}": lambda: self.block(depth, False),
        }
        text = template.replace("{{", "\0").replace("}}", "\1")
        for place, piece in pieces.items():
            while place in text:
                text = text.replace(place, piece().replace("{", "\0").replace("}", "\1"), 1)
        return text.replace("\0", "{").replace("\1", "}")


#: No program runs for long: a list that grows in a loop over itself ends, and one that doubles.
PRELUDE = """
import reprlib

ticks = 0

def tick():
    global ticks
    ticks += 1
    return ticks % 5 and ticks < 25

def show(*args, **kwargs):
    print(reprlib.repr((args, kwargs)))
    return args[0] if args else None

class manage:
    def __init__(self, value):
        self.value = value

    def __enter__(self):
        return self.value

    def __exit__(self, kind, error, traceback):
        print("exit", kind)
        return bool(self.value)
"""


@st.composite
def programs(draw):
    writer = Writer(lambda count: draw(st.integers(0, count - 1)))
    body = writer.block(3, False)
    inner = f"def inner(a=1, b=[3, 4], c='s'):\n d = e = 0\n{body}\n return a, b, c, d, e"
    # A repr, because two equal exceptions do not compare equal.
    return (
        f"{PRELUDE}\ndef f():\n global ticks\n ticks = 0\n{textwrap.indent(inner, ' ')}\n"
        " return reprlib.repr(inner())\n"
    )


def compiled(source):
    namespace = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), namespace)
    return namespace["f"]


COUNT = int(os.environ.get("BYTEFIG_PROGRAMS", "300"))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=COUNT)
@given(programs())
def test_generated_programs(same, source):
    try:
        function = compiled(source)
    except SyntaxError:  # a walrus that rebinds an iteration variable, say
        reject()
    same(function)


@pytest.mark.needs_native_code
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=COUNT // 3)
@given(programs())
def test_generated_programs_taken_over(same, using, source):
    """With each function taken over at the head of its first loop, or where its calls begin."""
    try:
        function = compiled(source)
    except SyntaxError:
        reject()
    with using("auto", jumps=1, calls=1):
        same(function)


@pytest.mark.observed
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=COUNT // 3)
@given(programs())
def test_generated_programs_line_by_line(same, source):
    """With a trace function that wants the lines."""

    def trace(frame, event, arg):
        return trace if frame.f_code.co_filename == "<generated>" else None

    try:
        function = compiled(source)
    except SyntaxError:
        reject()
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        same(function)
    finally:
        sys.settrace(before)


class Alarm(Exception):
    """What a signal handler raises; some programs catch it."""


class Clock:
    """A trace function that raises before the n-th instruction of the program.

    Attributes:
        printed: By instruction, how much had been printed before it.
    """

    def __init__(self, printed, at=None):
        self.printed = []
        self._out = printed
        self._at = at

    def __call__(self, frame, event, arg):
        if frame.f_code.co_filename != "<generated>":
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            if len(self.printed) == self._at:
                raise Alarm
            self.printed.append(self._out.tell())
        return self


def outcome(call, printed):
    with contextlib.redirect_stdout(printed):
        try:
            result = call()
        except Exception as error:
            result = repr(error)
    return printed.getvalue(), result


def at_instruction(function, at=None):
    """Run a program as CPython does, with an alarm at an instruction."""
    printed = io.StringIO()
    clock, before = Clock(printed, at), sys.gettrace()
    sys.settrace(clock)
    try:
        return outcome(function, printed), clock.printed
    finally:
        sys.settrace(before)


def at_event(function, left):
    """Run a program that is interpreted, with an alarm at an event of the engine."""
    bell = Bell(left, Alarm)

    def ringing():
        bell.start()
        try:
            return function()
        finally:
            bell.stop()

    sys.setprofile(bell)
    try:
        return outcome(ringing, io.StringIO()), bell
    finally:
        sys.setprofile(None)


def is_possible(function, found):
    """Tell whether the outcome is that of an alarm at some instruction, or at none."""
    undisturbed, lengths = at_instruction(function)
    if found == undisturbed:
        return True
    said, _ = undisturbed
    printed, _ = found
    # The later it came, the more had been printed.
    return any(
        at_instruction(function, at)[0] == found
        for at in range(len(lengths) - 1, -1, -1)
        if printed.startswith(said[: lengths[at]])
    )


EVENTS = 1 << 40


@pytest.mark.no_tracer
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tier", ["interpret", "auto", "compile"])
@settings(max_examples=COUNT // 3)
@given(programs(), st.integers(0, EVENTS))
def test_generated_programs_with_an_alarm(twin, using, tier, source, number):
    """An alarm while the engine is at work is one at an instruction of the program."""
    try:
        function = compiled(source)
    except SyntaxError:
        reject()
    often = {} if tier != "auto" else {"jumps": 1, "calls": 1}
    with using(tier, **often), pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "is_observed", lambda: False)  # the bell is a profile function
        _, bell = at_event(twin(function), EVENTS)
        events = EVENTS - bell.left
        found, _ = at_event(twin(function), number % events)
    assert is_possible(function, found)
