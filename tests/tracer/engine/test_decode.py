import dis
import gc
import sys
import weakref

import pytest

from bytefig.tracer import UnsupportedCodeError
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.opcodes import ELIDED


def sample(xs):
    total = 0
    for x in xs:
        try:
            total += x if x > 0 else -x
        except TypeError as error:
            print(error, sep="")
            raise
        finally:
            total += 1
    return total


def long_jumps():
    namespace = {}
    body = "\n".join(f"  y += {i}; z = [y, {i + 300}]" for i in range(400))
    exec(f"def f(n):\n y = 0\n while n:\n  n -= 1\n{body}\n return y", namespace)
    return namespace["f"]


def instructions(code):
    return [i for i in dis.get_instructions(code) if i.opname not in ELIDED]


@pytest.mark.parametrize("function", [sample, long_jumps()])
def test_steps_stand_at_cpython_s_offsets(function):
    program = decode(function.__code__)
    expected = instructions(function.__code__)
    assert list(program.offsets[1:]) == [i.offset for i in expected]
    assert len(program.steps) == len(program.offsets) == len(program.handlers)


@pytest.mark.parametrize("function", [sample, long_jumps()])
def test_handlers_follow_the_exception_table(function):
    code = function.__code__
    program = decode(code)
    table = dis.Bytecode(code).exception_entries
    for offset, handler in zip(program.offsets[1:], program.handlers[1:], strict=True):
        # `dis` gives bytes, with an exclusive end.
        expected = [entry for entry in table if entry.start <= offset < entry.end]
        if handler is None:
            assert not expected
        else:
            (entry,) = expected
            assert program.offsets[handler.target] == entry.target
            assert (handler.depth, handler.push_lasti) == (entry.depth, entry.lasti)
    assert any(program.handlers) == bool(table)


def test_a_program_lives_as_long_as_its_code():
    namespace = {}
    exec("def f(x):\n return [y for y in x]", namespace)
    function = namespace.pop("f")
    program = weakref.ref(decode(function.__code__))
    assert decode(function.__code__) is program()
    del function
    gc.collect()
    assert program() is None


def test_specialised_code_decodes_like_fresh_code():
    def add(a, b):
        return a + b

    before = decode(add.__code__.replace()).offsets
    for i in range(5000):
        add(i, i)
    assert decode(add.__code__).offsets == before


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="sys.monitoring came with 3.12")
def test_instrumented_code_decodes(twin):
    def loop(n):
        total = 0
        for i in range(n):
            total += i
        return total

    tool = sys.monitoring.DEBUGGER_ID
    sys.monitoring.use_tool_id(tool, "test")
    try:
        sys.monitoring.set_local_events(tool, loop.__code__, sys.monitoring.events.LINE)
        assert loop(3) == 3
        assert twin(loop)(4) == 6
    finally:
        sys.monitoring.set_local_events(tool, loop.__code__, 0)
        sys.monitoring.free_tool_id(tool)


def test_an_unsupported_construct_is_named_with_its_place():
    code = compile("x = 1\nfrom math import *", "module.py", "exec")
    with pytest.raises(UnsupportedCodeError) as caught:
        decode(code)
    text = str(caught.value)
    assert "cannot trace <module>: 'import *' is allowed at module level only" in text
    assert "at module.py:2 in <module>" in text
    assert "fix:" in text
