import gc
import subprocess
import sys
import textwrap
import traceback

import pytest
from exempting import captured

from bytefig.tracer import capture
from bytefig.tracer.engine import tracebacks


def fails(x):
    return [1 // y for y in (x, 0)]


def wraps(x):
    def inner(y):
        return fails(y)

    return inner(x)


def test_only_the_user_s_frames_show(twin):
    def lines(fn):
        try:
            fn(0)
        except ZeroDivisionError as error:
            return [line for line in traceback.format_exception(error) if __file__ in line][1:]

    assert lines(twin(wraps)) == lines(wraps)
    assert len(lines(wraps)) >= 3


def test_everything_shows_on_demand(twin, monkeypatch):
    monkeypatch.setenv("BYTEFIG_TRACEBACK", "full")
    with pytest.raises(ZeroDivisionError) as caught:
        twin(fails)(0)
    names = [entry.name for entry in traceback.extract_tb(caught.value.__traceback__)]
    assert "run" in names
    assert "fails" in names


def test_an_error_caught_by_native_code_is_clean(twin):
    def use():
        def callback(x):
            return 1 // x

        return call_and_format(callback)

    assert twin(use)() == use()


def call_and_format(callback):
    try:
        callback(0)
    except ZeroDivisionError as error:
        return [(e.name, e.lineno, e.colno) for e in traceback.extract_tb(error.__traceback__)]


def test_raising_the_same_error_twice_adds_an_entry(same):
    def use():
        error = ValueError("twice")
        for _ in range(2):
            try:
                raise error
            except ValueError:
                pass
        raise error

    same(use)


@pytest.mark.needs_subprocess
def test_dropping_a_stub_frame_runs_no_code():
    """Code with an empty stack and a handler at its start; a debug allocator sees overruns."""
    program = """
    import gc
    from bytefig.tracer.engine.functions import turn_into_twin
    from bytefig.tracer.engine.interceptor import Native

    def bare(): raise

    def guarded():
        try:
            raise
        except BaseException:
            print("handled")
            raise

    twins = [turn_into_twin(function, Native()) for function in (bare, guarded)]
    for twin in twins * 200:
        try:
            twin()
        except RuntimeError as error:
            kept = error
    del kept
    """
    program = textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "handled\n" * 200


def test_frames_keep_the_user_s_code_and_globals(twin):
    with pytest.raises(ZeroDivisionError) as caught:
        twin(fails)(0)
    entry = caught.value.__traceback__.tb_next
    while entry.tb_next is not None:
        entry = entry.tb_next
    gc.collect()
    assert entry.tb_frame.f_globals is globals()
    assert entry.tb_frame.f_code.co_filename == __file__


def test_capture_is_in_no_traceback():
    def function():
        def inner():
            return {}["missing"]

        inner()

    with pytest.raises(KeyError) as caught:
        capture(function)
    names = [entry.name for entry in traceback.extract_tb(caught.value.__traceback__)]
    assert names == ["test_capture_is_in_no_traceback", "function", "inner"]


@pytest.mark.needs_native_code
def test_each_handler_looks_at_what_came_since_the_last(using, monkeypatch):
    def deep():
        def deepens(n):
            try:
                return deepens(n - 1) if n else {}["missing"]
            finally:
                n = None

        return deepens(200)

    looked_at = []
    is_own = tracebacks.is_own
    monkeypatch.setattr(
        tracebacks, "is_own", lambda frame: looked_at.append(frame) or is_own(frame)
    )
    with using("compile"), pytest.raises(KeyError) as error:
        captured(deep)()
    names = [entry.name for entry in traceback.extract_tb(error.value.__traceback__)]
    assert names.count("deepens") == 201
    assert len(looked_at) < 10 * 200
