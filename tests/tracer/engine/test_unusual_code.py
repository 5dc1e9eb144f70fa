"""Valid code objects that no compiler makes, or that are run in an unusual way."""

import sys
import types
from opcode import opmap

import pytest
from exempting import captured

from bytefig.tracer import interpret

#: Those of a RESUME.
CACHES = int(sys.version_info >= (3, 15))


def words(*pairs):
    return b"".join(
        bytes((opmap[name], argument)) + bytes(2 * CACHES if name == "RESUME" else 0)
        for name, argument in pairs
    )


RESUME = ("RESUME", 0)
RETURN = ("RETURN_VALUE", 0)


def function_of(code, **names):
    return types.FunctionType(code, {"__builtins__": __builtins__, **names})


def without_fast_locals(function):
    code = function.__code__
    return function_of(code.replace(co_flags=code.co_flags & ~3))


def takes_arguments(a, b, *rest, **others):
    d = a + b
    return d, rest, others


def yields_arguments(a):
    b = yield a
    yield b


def fails(a):
    return a[0]


def made(*pairs, template=lambda x: x, **fields):
    return function_of(template.__code__.replace(co_code=words(*pairs), **fields))


MODULE = compile("x = 1\ny = x + 1\nz = [x for _ in range(2)]", "m.py", "exec")
CLASS = compile("class A:\n x = 1\nf = lambda: A.x\nr = f()", "m.py", "exec")
EVAL = compile("[i * 2 for i in range(3)]", "m.py", "eval")
ANNOTATED = compile("x: int = 1", "m.py", "exec")

FUNCTIONS = {
    "module": (function_of(MODULE), ()),
    "module with a class": (function_of(CLASS, __name__="m"), ()),
    "module with annotations": (function_of(ANNOTATED), ()),
    "eval": (function_of(EVAL), ()),
    "arguments": (without_fast_locals(takes_arguments), (1, 2, 4)),
    "no fast locals, failing": (without_fast_locals(fails), (1,)),
    "no fast locals, generator": (without_fast_locals(yields_arguments), (1,)),
    "new locals only": (function_of(fails.__code__.replace(co_flags=2)), ([5],)),
    "no line table": (function_of(fails.__code__.replace(co_linetable=b"")), ([5],)),
    "no line table, failing": (function_of(fails.__code__.replace(co_linetable=b"")), (None,)),
    "no names": (
        function_of(fails.__code__.replace(co_name="", co_qualname="", co_filename="")),
        (None,),
    ),
    "NOPs": (made(RESUME, *[("NOP", 7)] * 30, ("LOAD_FAST", 0), ("NOP", 0), RETURN), (3,)),
    "values left over": (made(RESUME, *[("LOAD_FAST", 0)] * 3, RETURN, co_stacksize=3), (3,)),
    "jumps over bytes that are no code": (
        made(
            RESUME, ("JUMP_FORWARD", 2), ("LOAD_FAST", 99), ("POP_TOP", 0), ("LOAD_FAST", 0), RETURN
        ),
        (3,),
    ),
    "ends in bytes that are no code": (
        made(RESUME, ("LOAD_FAST", 0), RETURN, ("LOAD_CONST", 99), ("SWAP", 9)),
        (3,),
    ),
    "no RESUME": (made(("LOAD_FAST", 0), RETURN), (3,)),
    "two RESUMEs": (made(RESUME, RESUME, ("LOAD_FAST", 0), RETURN), (3,)),
    "prefixes of zero": (made(RESUME, *[("EXTENDED_ARG", 0)] * 3, ("LOAD_FAST", 0), RETURN), (3,)),
    "SWAP and COPY": (
        made(
            RESUME,
            *[("LOAD_FAST", 0), ("LOAD_CONST", 0), ("SWAP", 2), ("COPY", 2), ("BUILD_TUPLE", 3)],
            RETURN,
            co_stacksize=3,
        ),
        (3,),
    ),
}


def outcome(function, args):
    try:
        found = function(*args)
        return list(found) if isinstance(found, types.GeneratorType) else found
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("how", [interpret, captured])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_natively(name, how):
    function, args = FUNCTIONS[name]
    expected = outcome(function, args)
    names = dict(function.__globals__)
    for _ in range(2):
        assert outcome(how(function), args) == expected
    assert function.__globals__.keys() == names.keys()
