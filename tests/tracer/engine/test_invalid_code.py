"""Code objects that no Python runs to an end are refused, before anything of them is run."""

import os
import signal
import subprocess
import sys
import types
from opcode import opmap

import pytest

from bytefig.tracer import UnsupportedCodeError, auto_config, explain, interpret
from bytefig.tracer.code import raw
from bytefig.tracer.engine.decode import decode

RESUME = ("RESUME", 0)
CONST = ("LOAD_CONST", 0)
RETURN = ("RETURN_VALUE", 0)

#: Those of a RESUME.
CACHES = int(sys.version_info >= (3, 15))


def words(*pairs):
    return b"".join(
        bytes((opmap[name], argument)) + bytes(2 * CACHES if name == "RESUME" else 0)
        for name, argument in pairs
    )


def made(*pairs, **fields):
    template = lambda x: x  # noqa: E731 - its code is what counts
    fields = {"co_stacksize": 10, "co_consts": (None,), "co_names": ("a",), **fields}
    code = template.__code__.replace(co_code=words(*pairs), **fields)
    return types.FunctionType(code, {"ran": []})


def table(start, length, target, depth):
    return bytes((0x80 | start, length, target + CACHES, depth))


RUNS = [("LOAD_CONST", 0), ("POP_TOP", 0)]

INVALID = {
    "constant": ([CONST, ("LOAD_CONST", 9), RETURN], {}, "LOAD_CONST"),
    "name": ([("LOAD_GLOBAL", 200), RETURN], {}, "LOAD_GLOBAL"),
    "attribute": ([CONST, ("STORE_ATTR", 7), RETURN], {}, "STORE_ATTR"),
    "local": ([("LOAD_FAST", 9), RETURN], {}, "LOAD_FAST"),
    "stored local": ([CONST, ("STORE_FAST", 9), CONST, RETURN], {}, "STORE_FAST"),
    "cell": ([("LOAD_DEREF", 9), RETURN], {}, "LOAD_DEREF"),
    "operator": ([CONST, CONST, ("BINARY_OP", 200), RETURN], {}, "BINARY_OP"),
    "pops nothing": ([("POP_TOP", 0), CONST, RETURN], {}, "POP_TOP"),
    "returns nothing": ([RETURN], {}, "RETURN_VALUE"),
    "SWAP": ([CONST, ("SWAP", 9), RETURN], {}, "SWAP"),
    "COPY": ([CONST, ("COPY", 9), RETURN], {}, "COPY"),
    "COPY of none": ([CONST, ("COPY", 0), RETURN], {}, "COPY"),
    "call": ([CONST, ("CALL", 5), RETURN], {}, "CALL"),
    "tuple": ([CONST, ("BUILD_TUPLE", 50), RETURN], {}, "BUILD_TUPLE"),
    "append": ([CONST, ("LIST_APPEND", 5), CONST, RETURN], {}, "LIST_APPEND"),
    "grows": ([CONST, ("JUMP_BACKWARD", 2 + ("CALL_KW" in opmap))], {}, "JUMP_BACKWARD"),
    "too high": ([*[CONST] * 20, RETURN], {}, "LOAD_CONST"),
    "no end": ([CONST, ("POP_TOP", 0)], {}, "POP_TOP"),
    "jumps out": ([("JUMP_FORWARD", 250), CONST, RETURN], {}, "JUMP_FORWARD"),
    "jumps before": ([("JUMP_BACKWARD", 200), CONST, RETURN], {}, "JUMP_BACKWARD"),
    "handler": ([CONST, RETURN], {"co_exceptiontable": table(0, 3, 60, 0)}, "exception table"),
    "range": ([CONST, RETURN], {"co_exceptiontable": table(0, 60, 1, 0)}, "exception table"),
    "cut off": ([CONST, RETURN], {"co_exceptiontable": b"\xff\xff"}, "exception table"),
    "depth": (
        [CONST, ("POP_TOP", 0), CONST, RETURN, ("POP_TOP", 0), CONST, RETURN],
        {"co_exceptiontable": table(0, 3, 5, 20)},
        "POP_TOP",
    ),
}


def captured(function):
    return auto_config(
        function,
        experimental_allow_control_flow="all",
        experimental_result_must_contain_buildable=False,
    ).as_buildable


@pytest.mark.parametrize("how", [interpret, captured])
@pytest.mark.parametrize("name", INVALID)
def test_refused_with_the_instruction(name, how):
    pairs, fields, named = INVALID[name]
    function = made(RESUME, *pairs, **fields)
    with pytest.raises(UnsupportedCodeError) as caught:
        how(function)(1)
    assert named in str(caught.value)
    assert "fix:" in str(caught.value)


#: Run apart, since CPython crashes when it is asked for the code of some of them.
APART = """
import opcode, signal, sys, types
from opcode import opmap
from bytefig.tracer import interpret
template = lambda: None
before = [("RESUME", 0), *[("LOAD_CONST", 0)] * {count}]

def stop(*_):
    raise TimeoutError  # what jumps to itself is valid, and endless

signal.signal(signal.SIGALRM, stop)
for op in range(1, 256):
    if opcode.opname[op] in ("INSTRUMENTED_LINE", "INSTRUMENTED_INSTRUCTION"):
        continue  # CPython crashes when such code is made
    for argument in (0, 1, 255):
        words = [*before, (op, argument), *[("LOAD_CONST", 0)] * {after}, ("RETURN_VALUE", 0)]
        units = b"".join(bytes((opmap.get(name, name), value)) for name, value in words)
        code = template.__code__.replace(
            co_code=units, co_consts=({constant},), co_stacksize=20, co_names=("a", "b"),
            co_varnames=("v", "w"), co_nlocals=2,
        )
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            interpret(types.FunctionType(code, {{}}))()
        except Exception:
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert sys.exc_info() == (None, None, None), opcode.opname[op]
"""


@pytest.mark.skipif(sys.platform == "emscripten", reason="it has no processes")
@pytest.mark.parametrize("tier", ["auto", "compile"])
@pytest.mark.parametrize(
    ("count", "after", "constant"), [(0, 0, None), (0, 1, None), (3, 1, None), (3, 12, 1)]
)
def test_no_opcode_crashes(count, after, constant, tier):
    program = APART.format(count=count, after=after, constant=constant)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "BYTEFIG_TIER": tier},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize(
    "jump, named",
    [
        ("JUMP_BACKWARD_NO_INTERRUPT", "nothing could interrupt"),
        ("JUMP_BACKWARD", "never to what is behind it"),
    ],
)
def test_what_never_ends_is_refused(jump, named):
    caches = [("CACHE", 0)] * raw.caches()[opmap[jump]]
    itself = (jump, 1 + len(caches))
    with pytest.raises(UnsupportedCodeError, match=named):
        interpret(made(RESUME, itself, *caches, CONST, RETURN))(1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="it has no alarms")
def test_a_loop_that_waits_for_a_signal_is_not():
    def waits():
        while True:
            pass

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError):
            interpret(waits)()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_explain_refuses_it_too():
    with pytest.raises(UnsupportedCodeError):
        explain(made(RESUME, ("POP_TOP", 0), CONST, RETURN))


def test_what_is_never_run_may_be_anything():
    function = made(RESUME, CONST, RETURN, ("LOAD_CONST", 99), ("POP_TOP", 0))
    assert interpret(function)(1) is None


def test_heights_are_known():
    program = decode((lambda x: [x, x + 1]).__code__)
    assert len(program.steps) == len(program.offsets)
