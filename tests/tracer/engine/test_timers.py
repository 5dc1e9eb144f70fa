"""What the handler of a timer raises, at whatever instruction, is handled by the user.

The timers count the time of the process, so that a busy machine makes no difference.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest
from exempting import captured

from bytefig.tracer import interpret

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers"),
    pytest.mark.skipif(
        threading.current_thread() is not threading.main_thread(),
        reason="signals come in the main one",
    ),
]


class Alarm(Exception):
    """What the handler raises."""


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Alarm

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def in_a_while(arm):
    count = 0
    try:
        arm()
        while True:
            count += 1
    except Alarm:
        return "caught"


def in_a_for(arm):
    total = 0
    try:
        arm()
        for i in range(10**9):
            total += i % 3
    except Alarm:
        return "caught"


def in_builtins(arm):
    number = 0
    try:
        arm()
        while True:
            number = (len(str(number)) + abs(-number)) % 1000
    except Alarm:
        return "caught"


def in_a_function(arm):
    def adds(x):
        return x + 1

    number = 0
    try:
        arm()
        while True:
            number = adds(number) % 100
    except Alarm:
        return "caught"


def in_a_generator(arm):
    ended = []

    def counts():
        try:
            yield 0
            while True:
                yield 1
        finally:
            ended.append("finally")

    counting = counts()
    next(counting)
    try:
        arm()
        for _ in counting:
            pass
    except Alarm:
        counting.close()
        return "caught" if ended == ["finally"] else ended


def beside_errors_of_its_own(arm):
    try:
        arm()
        while True:
            try:
                raise ValueError
            except ValueError:
                pass
    except Alarm:
        return "caught"


def beside_errors_of_builtins(arm):
    try:
        arm()
        while True:
            try:
                [].index(0)
            except ValueError:
                pass
    except Alarm:
        return "caught"


def beside_a_finally(arm):
    entered = left = 0
    try:
        arm()
        while True:
            entered += 1
            try:
                [i for i in range(50)]
            finally:
                left += 1
    except Alarm:
        return "caught" if entered - left in (0, 1) else (entered, left)


def beside_generators_that_end(arm):
    try:
        arm()
        while True:

            def yields(value):
                for _ in range(3):
                    yield value

            try:
                next(x for x in yields(1) if x > 1)
            except StopIteration:
                pass
    except Alarm:
        return "caught"


def in_short_loops_of_a_with(arm):
    lock, total = threading.Lock(), 0
    try:
        arm()
        while True:
            with lock:
                for i in range(4):
                    total += i
    except Alarm:
        return "locked" if lock.locked() else "caught"


PROGRAMS = [
    in_a_while,
    in_a_for,
    in_builtins,
    in_a_function,
    in_a_generator,
    beside_errors_of_its_own,
    beside_errors_of_builtins,
    beside_a_finally,
    beside_generators_that_end,
    in_short_loops_of_a_with,
]
NATIVE = pytest.mark.needs_native_code


# What comes while a generator is dropped is lost natively, too: so the timer comes again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("tier", ["interpret", "auto", pytest.param("compile", marks=NATIVE)])
@pytest.mark.parametrize("how", [interpret, captured], ids=["interpret", "captured"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_an_alarm_is_caught(program: FunctionType, how: Any, tier: str, using: Any, afresh: Any):
    with using(tier):
        run = how(afresh(program))
        for turn in range(12):
            delay = 0.001 + 0.0007 * turn
            found = run(lambda: signal.setitimer(signal.ITIMER_VIRTUAL, delay, 0.5))
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            assert found == "caught", delay
