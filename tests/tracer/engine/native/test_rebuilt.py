"""Rebuilt code objects, and whose decisions their call sites remember."""

import argparse
import ast
import dataclasses
import dis
import functools
import json.decoder
import sys
import textwrap
import threading
import types
import typing

import pytest

from bytefig.configs import Config, remove_effects
from bytefig.tracer import LATEST, Decision, Is, Rule, auto_config, capture, interpret, tier_of
from bytefig.tracer.engine.functions import is_twin, own_code
from bytefig.tracer.engine.native.assembly import read_words, write
from bytefig.tracer.engine.native.operands import operands_of
from bytefig.tracer.engine.native.rebuild import EntryPoint, rebuild
from bytefig.tracer.engine.native.sites import Origin, origin_of
from bytefig.tracer.engine.tiers import TIERS

pytestmark = pytest.mark.needs_native_code

MODULES = [argparse, ast, dataclasses, functools, json.decoder, textwrap, typing]


class A:
    def __init__(self, x=0, y=0):
        self.x, self.y = x, y


def codes_of(module):
    pending = [
        value.__code__
        for owner in [module, *(v for v in vars(module).values() if isinstance(v, type))]
        for value in vars(owner).values()
        if isinstance(value, types.FunctionType)
    ]
    while pending:
        code = pending.pop()
        yield code
        pending += [const for const in code.co_consts if isinstance(const, types.CodeType)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_without_changes_the_same_code_is_written(module):
    for code in codes_of(module):
        words = read_words(code)
        written = write(words, {}, code.co_consts, 0).code
        assert written.co_code == code.co_code, code
        assert list(written.co_positions()) == list(code.co_positions()), code
        assert dis.Bytecode(written).exception_entries == dis.Bytecode(code).exception_entries


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_call_of_the_user_s_is_diverted(module):
    for code in codes_of(module):
        calls = [
            ins for ins in dis.get_instructions(code) if ins.opname.startswith(("CALL_F", "CALL_K"))
        ]
        template = rebuild(code, asks=True)
        assert len(template.calls) >= len(calls)
        for unit in template.calls:
            assert dis.opname[code.co_code[template.offsets[unit]]].startswith("CALL")


def test_a_function_called_often_is_run_by_cpython():
    calls = []

    @interpret
    def called(n):
        calls.append(sys._getframe(0).f_code.co_name)
        return n

    for n in range(TIERS.calls + 5):
        assert called(n) == n
    assert tier_of(called) == "native"
    assert origin_of(called.__code__) is not None
    assert own_code(called).co_name == "called"
    assert set(calls[-3:]) == {"called"}


def test_what_outlives_a_capture_is_plain():
    kept = []

    def build_it():
        def helper(n):
            return A(n)

        def generates():
            for n in range(3):
                yield A(n)

        for n in range(40):
            helper(n)
        generator = generates()
        next(generator)
        kept.extend((helper, generates, generator))
        return A(helper(1))

    graph = capture(build_it)
    remove_effects(graph)
    assert graph == Config(A, Config(A, 1))
    helper, generates, generator = kept
    assert not is_twin(helper) and not is_twin(generates)
    assert helper.__code__.co_consts == own_code(helper).co_consts
    assert type(helper(2)) is A
    assert not any(isinstance(const, Origin) for const in helper.__code__.co_consts)
    assert generator is not None


def test_native_code_that_outlives_a_capture_records_nothing_any_more():
    kept = []

    def build_it():
        def generates():
            n = 0
            while True:
                n += 1
                yield A(n)

        for _ in range(40):
            generator = generates()
            next(generator)
        kept.append(generator)
        return A(next(generator))

    graph = capture(build_it)
    remove_effects(graph)
    assert graph == Config(A, Config(A, 2))
    assert type(next(kept[0])) is A


@pytest.mark.needs_threads
def test_threads_with_two_policies_share_no_decision():
    def helper(n):
        return A(n)

    def build_it(exempt):
        found = []
        for n in range(300):
            found.append(A(n))
        return A(found, [helper(n) for n in range(30)])

    recording = auto_config(build_it, experimental_allow_control_flow="all")
    exempting = auto_config(
        build_it,
        experimental_allow_control_flow="all",
        experimental_exemption_policy=LATEST.extend(Rule(Is((A, helper)), Decision.EXEMPT, "run")),
        experimental_result_must_contain_buildable=False,
    )
    wrong = []

    def run(function, kind):
        for _ in range(3):
            result = function.as_buildable(True)
            parts = result.x if kind is A else result[0]
            if type(result) is not kind or any(type(part) is not kind for part in parts):
                wrong.append(result)

    threads = [
        threading.Thread(target=run, args=(exempting, A) if place % 2 else (recording, Config))
        for place in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("offset", [0, 2])
@pytest.mark.parametrize(("calls", "observed"), [(False, False), (True, False), (False, True)])
def test_nothing_may_arrive_in_a_new_frame_before_its_handlers_are_there(offset, calls, observed):
    words = read_words(A.__init__.__code__)
    entry = EntryPoint(offset, (0, 1), (1, 0), calls, observed)
    ops = [each.op for _, each in entry.instructions(words, 7)]
    assert (dis.opmap["RESUME"] in ops) == (offset > 0 and (calls or observed))
    assert ops.count(dis.opmap["STORE_FAST"]) == 2 and entry.constants() == 4 + calls


FIRST, SECOND, THIRD = [1], [2], "no index"


def test_what_an_operation_worked_on_is_found(using):
    def fails(local):
        len(FIRST), len(SECOND)
        return local[THIRD]

    with using("compile"), pytest.raises(TypeError) as caught:
        interpret(fails)(SECOND)
    entry = caught.value.__traceback__
    while entry.tb_next is not None:
        entry = entry.tb_next
    origin = origin_of(entry.tb_frame.f_code)
    found = operands_of(origin, entry.tb_frame, origin.offsets[entry.tb_lasti // 2])
    assert [*found] == [SECOND, THIRD]
