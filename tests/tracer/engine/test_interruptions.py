"""Exceptions that arrive while the engine itself is at work are raised in the user's code."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alarms import Bell

from bytefig.tracer import auto_config, interpret


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


def capturing(fn: Callable[..., Any]) -> Callable[..., Any]:
    captured: Any = auto_config(
        fn,
        experimental_allow_control_flow="all",
        experimental_result_must_contain_buildable=False,
        experimental_exemption_policy=lambda _: True,
    )
    return captured.as_buildable


RUNNERS = {"interpreted": interpret, "captured": capturing}


@pytest.fixture
def interpreted(using: Any) -> Iterator[None]:
    """Let the interpreter run what a profiler looks at, which rings the bell."""
    with using("interpret"):
        yield


def arrivals(run: Callable[..., Any]) -> Iterator[tuple[Log, bool]]:
    """Run a program again and again, the bell ringing one event later each time."""
    for left in range(5000):
        bell, log = Bell(left, Alarm), Log()
        sys.setprofile(bell)
        try:
            run(bell, log)
        finally:
            sys.setprofile(None)
        yield log, bell.rung
        if not bell.rung:
            return


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("how", RUNNERS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_arrives_anywhere_in_the_engine_is_handled_by_the_user(program: str, how: str) -> None:
    fn, expected = PROGRAMS[program]
    run = RUNNERS[how](fn)
    undisturbed = [note for note in expected if note != "caught"]
    logs = list(arrivals(run))
    *interrupted, (log, _) = logs
    assert [note for note in log if note != "caught"] == undisturbed
    assert len(interrupted) > 20
    wrong = [log for log, _ in interrupted if sorted(log) != sorted(expected)]
    assert wrong == []


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals come in the main one"
)
class TestTimer:
    """A real timer, at whatever instruction it ends."""

    @pytest.fixture(autouse=True)
    def _alarm(self) -> Iterator[None]:
        def ring(*_: object) -> None:
            raise Alarm

        before = signal.signal(signal.SIGALRM, ring)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @staticmethod
    def alarms(run: Callable[..., Any]) -> Iterator[Any]:
        for turn in range(40):
            yield run(0.001 + 0.00013 * (turn % 23))

    def test_a_loop_with_errors_of_its_own(self) -> None:
        @interpret
        def run(delay):
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                while True:
                    try:
                        raise ValueError
                    except ValueError:
                        pass
            except Alarm:
                return "caught"

        assert set(self.alarms(run)) == {"caught"}

    def test_a_generator_that_runs(self) -> None:
        @interpret
        def run(delay):
            ended = []

            def count():
                try:
                    yield 0
                    while True:
                        yield 1
                finally:
                    ended.append("finally")

            counting = count()
            next(counting)
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                for _ in counting:
                    pass
            except Alarm:
                del counting
                return ended

        assert [ended for ended in self.alarms(run) if ended != ["finally"]] == []

    def test_a_lock_is_left(self) -> None:
        lock = threading.Lock()

        @interpret
        def run(delay):
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                while True:
                    with lock:
                        pass
            except Alarm:
                return lock.locked()

        assert set(self.alarms(run)) == {False}


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

    def program():
        def inner(n):
            try:
                return [len(str(i)) for i in range(n)][n]
            except IndexError as error:
                return functools.partial(A, str(error))

        class Made:
            value = eval("1") + len(locals())

        generator = (i for i in range(300))
        return A(inner(300), inner(3), functools.partial(A, Made.value)(), sum(generator))

    before = {*sys.modules}
    interpret(program)()
    auto_config(program, experimental_allow_control_flow="all").as_buildable()
    capture(program)
    print(sorted({*sys.modules} - before))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True, text=True, check=False, env={**os.environ, "BYTEFIG_TIER": tier},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[]\n", "")
