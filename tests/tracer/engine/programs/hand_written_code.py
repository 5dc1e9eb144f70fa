"""Code objects that tools write or change: assemblers, obfuscators, picklers."""

import operator
import sys
import types

import cloudpickle
from bytecode import Bytecode, Instr, Label, TryBegin, TryEnd

RETURN = Instr("RETURN_VALUE")
#: 1 / 0
FAILS = [Instr("LOAD_CONST", 1), Instr("LOAD_CONST", 0), Instr("BINARY_OP", 11)]


def _assembled(*instructions):
    body = Bytecode([Instr("RESUME", 0), *instructions])
    body.name, body.filename = "program", "<assembled>"
    return types.FunctionType(body.to_code(), {"__builtins__": __builtins__})


def _renamed(function):
    """What an obfuscator leaves of a function: no line, no name that can be read."""
    code = function.__code__
    names = tuple("\u0406" * (number + 1) for number in range(len(code.co_varnames)))
    bare = {"co_name": "", "co_qualname": "", "co_filename": "", "co_linetable": b""}
    changed = code.replace(co_varnames=names, **bare)
    return types.FunctionType(changed, function.__globals__, None, function.__defaults__)


def _plain(a=4, b=5):
    total = 0
    for i in range(a):
        total += i * b
    try:
        total / 0
    except ZeroDivisionError:
        total = -total
    return total


def _closing(n):
    def program(a=4):
        def inner():
            return a + n

        return inner()

    return program


def _back_and_forth():
    first, second, third = Label(), Label(), Label()
    return _assembled(
        Instr("JUMP_FORWARD", third),
        first,
        Instr("LOAD_CONST", "reached"),
        RETURN,
        second,
        Instr("JUMP_BACKWARD", first),
        third,
        Instr("JUMP_BACKWARD", second),
    )


def _handled(*, push_lasti):
    """A handler without PUSH_EXC_INFO, which returns what it is given below the exception."""
    handler = Label()
    begin = TryBegin(handler, push_lasti=push_lasti)
    returned = [] if push_lasti else [Instr("LOAD_CONST", 8)]
    body = [begin, *FAILS, TryEnd(begin), RETURN]
    return _assembled(*body, handler, Instr("POP_TOP"), *returned, RETURN)


jumps_back_and_forth = _back_and_forth()
a_handler_that_drops_the_exception = _handled(push_lasti=False)
if sys.version_info < (3, 14):  # an object only until then
    a_handler_that_returns_where_it_happened = _handled(push_lasti=True)
a_constant_that_is_a_function = _assembled(Instr("LOAD_CONST", operator.add), RETURN)
a_deep_stack = _assembled(
    *[Instr("LOAD_CONST", number) for number in range(300)], Instr("BUILD_TUPLE", 300), RETURN
)
renamed_by_an_obfuscator = _renamed(_plain)
assembled_again = types.FunctionType(
    Bytecode.from_code(_plain.__code__).to_code(), globals(), None, (4, 5)
)
pickled = cloudpickle.loads(cloudpickle.dumps(_plain))
pickled_with_its_closure = cloudpickle.loads(cloudpickle.dumps(_closing(10)))
without_any_global = types.FunctionType((lambda a=3: a + 1).__code__, {}, None, (3,))
without_builtins = types.FunctionType(
    (lambda a: len(a)).__code__, {"__builtins__": {}}, None, ("abc",)
)
