"""Code that CPython does not survive is found, and none of what its compiler makes."""

import argparse
import asyncio.tasks
import contextlib
import dataclasses
import difflib
import inspect
from opcode import opmap

import pytest

from bytefig.tracer.code.crashes import may_crash
from bytefig.tracer.code.handwritten import assemble
from bytefig.tracer.supported import RUNNING

CONST, RETURN = ("LOAD_CONST", 0), ("RETURN_VALUE", 0)


def made(*units, **fields):
    fields = {"co_stacksize": 10, "co_consts": (None,), **fields}
    return (lambda x: x).__code__.replace(co_code=assemble(("RESUME", 0), *units), **fields)


MISLED = {
    "appends to None": [CONST, CONST, ("LIST_APPEND", 1)],
    "adds a pair to None": [CONST, CONST, CONST, ("MAP_ADD", 1)],
    "makes a function of None": [CONST, ("MAKE_FUNCTION", 0)],
    "yields": [CONST, ("YIELD_VALUE", 0)],
    "a local is no cell": [("LOAD_DEREF", 0)],
    "no such free variables": [("COPY_FREE_VARS", 1), CONST],
    "after something else": [CONST, CONST, CONST, ("SWAP", 3), ("POP_TOP", 0), ("LIST_APPEND", 1)],
}


@pytest.mark.parametrize("name", MISLED)
def test_what_is_given_something_else_than_it_is_made_for(name):
    expected = name != "after something else"  # what the SWAP has left is not known
    assert may_crash(made(*MISLED[name], RETURN)) == expected


def test_a_function_in_it_counts():
    inner = made(*MISLED["appends to None"], RETURN)
    outer = made(CONST, ("MAKE_FUNCTION", 0), RETURN, co_consts=(inner,))
    assert may_crash(outer)


LOADS = {
    "never bound": ([("LOAD_FAST", 1), RETURN], True),
    "bound": ([CONST, ("STORE_FAST", 1), ("LOAD_FAST", 1), RETURN], False),
    "an argument": ([("LOAD_FAST", 0), RETURN], False),
    "deleted": (
        [CONST, ("STORE_FAST", 1), ("DELETE_FAST", 1), ("LOAD_FAST", 1), RETURN],
        True,
    ),
    "looked at": ([("LOAD_FAST_CHECK", 1), ("LOAD_FAST", 1), ("BUILD_TUPLE", 2), RETURN], False),
}


@pytest.mark.skipif(RUNNING < (3, 12), reason="each load looks whether the variable is bound")
@pytest.mark.parametrize("name", LOADS)
def test_unbound_locals(name):
    units, expected = LOADS[name]
    assert may_crash(made(*units, co_varnames=("x", "y"), co_nlocals=2)) == expected


@pytest.mark.skipif(RUNNING < (3, 12), reason="each load looks whether the variable is bound")
def test_a_variable_bound_on_one_of_two_ways():
    def binds(x):
        if x:
            y = 1
        return y

    checked, trusting = (bytes([opmap[name]]) for name in ("LOAD_FAST_CHECK", "LOAD_FAST"))
    code = binds.__code__
    at = 2 * code.co_code[::2].index(checked)
    changed = code.co_code[:at] + trusting + code.co_code[at + 1 :]
    assert not may_crash(code)
    assert may_crash(code.replace(co_code=changed))


@pytest.mark.parametrize(
    "module", [argparse, asyncio.tasks, contextlib, dataclasses, difflib, inspect]
)
def test_what_the_compiler_makes_is_none(module):
    source = inspect.getsource(module)
    assert not may_crash(compile(source, module.__file__, "exec", dont_inherit=True))


def test_comprehensions_of_a_class_whose_variables_are_cells():
    source = "class A:\n x = [lambda: i for i in range(3)]\n y = [i for i in range(3) if i]\n"
    assert not may_crash(compile(source, "<example>", "exec", dont_inherit=True))
