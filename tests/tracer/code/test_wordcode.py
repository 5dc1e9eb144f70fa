import argparse
import contextlib
import dis
import inspect
import textwrap
import typing
from opcode import opmap, opname
from types import CodeType, FunctionType

import pytest
from bytecode import ConcreteBytecode, ConcreteInstr

from bytefig.tracer.code.instruction import CodeNames, read_instructions
from bytefig.tracer.code.wordcode import (
    AIMED,
    LEFT_OUT,
    Wordcode,
    exception_table,
    numbers,
    pops_and_pushes,
    positions_of,
    stack_effect,
)
from bytefig.tracer.engine.opcodes import ELIDED, HANDLERS


def nested(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from nested(const)


def codes_in(module):
    """Yield the code of its functions and methods; there may be no source."""
    classes = [found for found in vars(module).values() if isinstance(found, type)]
    for owner in (module, *classes):
        for function in list(vars(owner).values()):
            if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                yield from nested(function.__code__)


def long_jumps():
    body = "\n".join(f"  y += {i}; z = [y, {i + 300}]" for i in range(400))
    text = f"def f(n):\n y = 0\n while n:\n  n -= 1\n{body}\n return g(y, x=z)"
    return compile(text, "long.py", "exec").co_consts[0]


MODULES = [argparse, contextlib, dis, inspect, textwrap, typing]


@pytest.mark.parametrize("left_out", [numbers(*ELIDED), LEFT_OUT])
@pytest.mark.parametrize("module", [*MODULES, None])
def test_bytecode_reads_the_same(module, left_out):
    """The library of that name, which takes longer."""
    codes = [long_jumps()] if module is None else list(codes_in(module))
    assert codes
    for code in codes:
        words = Wordcode(code, left_out)
        found = [
            (opname[op], oparg, unit, target if target < 0 else words.units[target])
            for op, oparg, unit, target in zip(
                words.ops, words.args, words.units, words.targets, strict=True
            )
        ]
        expected = []
        unit = 0
        concrete = ConcreteBytecode.from_code(code)
        for instr in concrete:
            if not isinstance(instr, ConcreteInstr):
                continue
            target = instr.get_jump_target(unit) if opmap[instr.name] in AIMED else None
            unit += instr.size // 2
            if opmap[instr.name] not in left_out:
                # A jump may be to a prefix, or to what is left out.
                at = -1 if target is None else next(u for u in words.units if u >= target)
                oparg = instr.arg if instr.require_arg() else 0
                expected.append((instr.name, oparg, unit - 1, at))
        assert found == expected
        assert list(exception_table(code)) == [
            (
                entry.start_offset,
                entry.stop_offset - entry.start_offset + 1,
                entry.target,
                entry.stack_depth << 1 | entry.push_lasti,
            )
            for entry in concrete.exception_table
        ]


@pytest.mark.parametrize("module", MODULES)
def test_dis_sees_the_same_names_and_places(module):
    for code in codes_in(module):
        by_offset = {ins.offset: ins for ins in dis.get_instructions(code)}
        positions = positions_of(code)
        for ins in read_instructions(code, CodeNames.of(code))[0]:
            expected = by_offset[ins.offset]
            assert tuple(expected.positions) == positions[ins.offset // 2]
            assert (ins.name, ins.oparg) == (expected.opname, expected.arg or 0)
            if ins.op in dis.hasname:
                assert ins.text == expected.argval
            elif ins.op in dis.hasconst and ins.name != "KW_NAMES":
                assert ins.const is expected.argval or ins.const == expected.argval
            elif ins.op in dis.haslocal or ins.op in dis.hasfree:
                assert ins.locals in ((expected.argval,), expected.argval)
            if ins.name.startswith("LOAD_") and ins.op in dis.hasname:
                assert ins.pushes_null == ("NULL" in expected.argrepr or ins.name == "LOAD_METHOD")


def test_the_effect_of_every_handled_opcode_is_known():
    deeper = {"COPY", "SWAP"}
    assert {name for name in HANDLERS if pops_and_pushes(opmap[name], 1) is None} == deeper
    for name in set(HANDLERS) - deeper:
        for oparg in (1, 2, 3):
            popped, pushed = pops_and_pushes(opmap[name], oparg)
            assert popped >= 0
            assert pushed - popped == stack_effect(opmap[name], oparg)


def test_names_given_to_a_call_belong_to_it():
    def call(f, xs):
        return f(1, b=f(2, a=3), c=f(*xs, d=4) and f(5))

    instructions, _ = read_instructions(call.__code__, CodeNames.of(call.__code__))
    found = [ins.keyword_names for ins in instructions if ins.name == "CALL"]
    if "KW_NAMES" in opmap:
        assert found == [("a",), (), ("b", "c")]
    else:  # they are on the stack
        assert set(found) == {()}


def test_places_that_are_not_known():
    code = long_jumps().replace(co_linetable=b"")
    words = Wordcode(code)
    assert set(words.places) == set(words.lines) == {None}
