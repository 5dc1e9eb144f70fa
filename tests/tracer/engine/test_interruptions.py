"""Exceptions that arrive while the engine itself is at work are raised in the user's code."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alarms import Bell
from exempting import captured

from bytefig.tracer import interpret


class Alarm(BaseException):
    """What the handler raises."""


Log = list[str]
#: Each program, and what it notes if it is interrupted.
PROGRAMS: dict[str, tuple[Callable[[Bell, Log], Any], Log]] = {}


def notes(*expected: str) -> Callable[[Callable[[Bell, Log], Any]], Callable[[Bell, Log], Any]]:
    def keep(fn: Callable[[Bell, Log], Any]) -> Callable[[Bell, Log], Any]:
        PROGRAMS[fn.__name__] = fn, [*expected]
        return fn

    return keep


class Noting:
    def __init__(self, log: Log) -> None:
        self.log = log

    def __enter__(self) -> Noting:
        return self

    def __exit__(self, *error: object) -> None:
        self.log.append("left")


@notes("caught", "finally")
def in_a_loop(bell, log):
    total = 0
    try:
        bell.start()
        for _ in range(3):
            for i in range(3):
                total += i
        bell.stop()
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")


@notes("left", "caught", "finally")
def in_a_with(bell, log):
    total = 0
    try:
        with Noting(log):
            bell.start()
            total = [value + len(str(value)) for value in (1, 2)]
            bell.stop()
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")
    return total


@notes("left", "left", "caught")
def on_the_way_out_of_a_with(bell, log):
    try:
        for _ in range(2):
            with Noting(log):
                bell.start()
        bell.stop()
    except Alarm:
        log.append("caught")
        # It may come before the second turn.
        if log.count("left") == 1:
            log.append("left")


@notes("left", "caught", "finally")
def in_the_error_of_a_with(bell, log):
    try:
        try:
            with Noting(log):
                bell.start()
                raise KeyError
        except KeyError:
            bell.stop()
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")


@notes("caught", "finally")
def in_calls(bell, log):
    def add(x):
        try:
            return x + 1
        except KeyError:
            return 0
        finally:
            x = None

    try:
        bell.start()
        [add(value) for value in (add(1), 2)]
        sorted((2, 1), key=lambda value: -value)
        bell.stop()
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")


@notes("generator's finally", "caught", "finally")
def in_a_generator(bell, log):
    def count():
        try:
            bell.start()
            for i in range(3):
                yield i
            bell.stop()
        finally:
            log.append("generator's finally")

    try:
        for _ in count():
            pass
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")


@notes("inner", "outer", "caught")
def in_a_delegating_generator(bell, log):
    def inner():
        try:
            yield 1
            try:
                raise KeyError
            except KeyError:
                bell.start()
                yield 2
                bell.stop()
        finally:
            log.append("inner")

    def outer():
        try:
            yield from inner()
        finally:
            log.append("outer")

    try:
        list(outer())
    except Alarm:
        log.append("caught")


@notes("caught", "finally")
def in_a_handler(bell, log):
    kept = None
    try:
        bell.start()
        try:
            raise KeyError(1)
        except ValueError:
            raise AssertionError from None
        except KeyError as error:
            kept = error.args
        finally:
            kept = 2
        bell.stop()
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")
    return kept


@notes("caught", "finally")
def in_a_class_body(bell, log):
    try:
        bell.start()

        class Made:
            value = [i for i in (1, 2)]

            def itself(self):
                return __class__

        assert Made().itself() is Made
        bell.stop()
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")


@notes("coroutine's finally", "caught", "finally")
def in_a_coroutine(bell, log):
    @types.coroutine
    def switch():
        yield

    async def outer():
        try:
            bell.start()
            await switch()
            async with contextlib.nullcontext():
                await switch()
            bell.stop()
        finally:
            log.append("coroutine's finally")

    try:
        running = outer()
        for _ in range(3):
            running.send(None)
    except StopIteration:
        pass
    except Alarm:
        log.append("caught")
    finally:
        log.append("finally")


@notes("left", "caught")
def in_a_context_of_a_generator(bell, log):
    @contextlib.contextmanager
    def made():
        try:
            yield 1
        finally:
            log.append("left")

    try:
        with made():
            bell.start()
            for i in range(3):
                i + 1
            bell.stop()
    except Alarm:
        log.append("caught")


NATIVE = pytest.mark.needs_native_code
RUNNERS = {"interpreted": interpret, "captured": captured}


def arrivals(run: Callable[..., Any], step: int) -> Iterator[tuple[Log, bool]]:
    """Run a program again and again, the bell ringing some events later each time."""
    for left in range(0, 10_000, step):
        bell, log = Bell(left, Alarm), Log()
        sys.setprofile(bell)
        try:
            run(bell, log)
        finally:
            sys.setprofile(None)
        yield log, bell.rung
        if not bell.rung:
            return


#: How a program is run, by what, and how often it is interrupted. Under `interpret` nothing of the
#: engine's runs once the program is native, as it is while a profiler looks.
RUNS = [
    ("interpreted", "interpret", 1),
    ("captured", "interpret", 1),
    pytest.param("interpreted", "compile", 2, marks=NATIVE),
    pytest.param("captured", "auto", 7, marks=NATIVE),
    pytest.param("captured", "compile", 7, marks=NATIVE),
]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("how, tier, step", RUNS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_arrives_anywhere_in_the_engine_is_handled_by_the_user(
    program: str, how: str, tier: str, step: int, using: Any, afresh: Any
) -> None:
    fn, expected = PROGRAMS[program]
    undisturbed = [note for note in expected if note != "caught"]
    with using(tier):
        *interrupted, (log, _) = arrivals(RUNNERS[how](afresh(fn)), step)
    assert [note for note in log if note != "caught"] == undisturbed
    assert len(interrupted) > (20 if tier == "interpret" else 0)
    wrong = [log for log, _ in interrupted if sorted(log) != sorted(expected)]
    assert wrong == []


def test_what_arrives_is_chained_to_what_was_handled() -> None:
    @interpret
    def run(bell):
        try:
            try:
                raise KeyError
            except KeyError:
                bell.start()
                for _ in range(2):
                    pass
                bell.stop()
        except Alarm as error:
            return type(error.__context__)
        return KeyError

    contexts = {log for log in _results(run)}
    assert contexts == {KeyError}


def _results(run: Callable[..., Any]) -> Iterator[Any]:
    for left in range(1000):
        bell = Bell(left, Alarm)
        sys.setprofile(bell)
        try:
            found = run(bell)
        finally:
            sys.setprofile(None)
        yield found
        if not bell.rung:
            return


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("tier", ["auto", "interpret", "compile"])
def test_nothing_is_imported_while_a_program_runs(tier: str) -> None:
    """What a signal handler raises in a callback of the import system is lost."""
    program = """
    import functools, sys
    from bytefig.tracer import auto_config, capture, interpret

    class A:
        def __init__(self, *parts): pass

    started = []

    def program():
        started.append(sys.modules.copy())

        def inner(n):
            try:
                return [len(str(i)) for i in range(n)][n]
            except IndexError as error:
                return functools.partial(A, str(error))

        class Made:
            value = eval("1") + len(locals())

        generator = (i for i in range(300))
        return A(inner(300), inner(3), functools.partial(A, Made.value)(), sum(generator))

    for run in (
        interpret(program),
        auto_config(program, experimental_allow_control_flow="all").as_buildable,
        lambda: capture(program),
    ):
        run()
        print(sorted({*sys.modules} - {*started.pop()}))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True, text=True, check=False, env={**os.environ, "BYTEFIG_TIER": tier},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[]\n" * 3, "")
