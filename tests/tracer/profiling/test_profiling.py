"""``profile``: what is counted, to what it is charged, and that nothing of it is left behind."""

from __future__ import annotations

import functools
import sys
import threading
import time

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import (
    Decision,
    Profile,
    ProfileError,
    UnbuiltNodeError,
    auto_config,
    capture,
    exempt,
    interpret,
    profile,
    with_buildable_func,
)
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.recording.policy_tables import LATEST
from bytefig.tracer.recording.rules import Is, Rule

pytestmark = pytest.mark.usefixtures("only_interpreted")


class Dense:
    def __init__(self, units=1, *rest, name=None, **others):
        self.units, self.name = units, name

    def scaled(self, by=1):
        return self.units * by


@exempt
def wait(seconds):
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        pass


def counts(found: Profile) -> dict[str, int]:
    return {opcode.name: opcode.count for opcode in found.opcodes}


def calls(found: Profile) -> dict[str, int]:
    summed: dict[str, int] = {}
    for site in found.sites:
        name = site.callee.removeprefix(f"{__name__}.")
        summed[name] = summed.get(name, 0) + site.calls
    return summed


def site(found: Profile, name: str):
    (only,) = (each for each in found.sites if each.callee.removeprefix(f"{__name__}.") == name)
    return only


def loop(times):
    total = 0
    for number in range(times):
        total = total + number
    return Dense(total)


def test_the_graph_is_that_of_a_capture():
    found = profile(loop, 5)
    assert found.graph == capture(loop, 5) == Config(Dense, 10)
    assert found.nodes == 1
    assert (found.function, found.filename) == ("loop", __file__)
    assert build(found.graph).units == 10


def test_every_instruction_is_counted():
    found = profile(loop, 50)
    assert counts(found)["BINARY_OP"] == 50
    assert counts(found)["FOR_ITER"] == 51
    # What one turn of the loop adds, whatever this version compiles it to.
    more = {
        name: count - counts(found).get(name, 0)
        for name, count in counts(profile(loop, 60)).items()
    }
    assert set(more.values()) <= {0, 10, 20}
    assert found.instructions == sum(counts(found).values())
    assert calls(found) == {"range": 1, "Dense": 1}
    assert found.calls == 2


def test_a_call_site_has_its_place_and_the_decision():
    found = site(profile(loop, 2), "Dense")
    code = loop.__code__
    assert (found.filename, found.function) == (__file__, "loop")
    assert found.line == code.co_firstlineno + 4
    assert found.column == 11
    assert found.decision is Decision.RECORD
    assert found.reason == "nothing exempts it"
    assert found.calls == 1
    assert site(profile(loop, 2), "range").decision is Decision.EXEMPT


def test_calls_of_every_shape():
    dense = Dense(3)
    values, names = (1, 2), {"name": "x"}

    def shapes():
        made = [
            Dense(),
            Dense(1),
            Dense(1, name="a"),
            Dense(*values),
            Dense(**names),
            Dense(1, *values, name="a"),
        ]
        dense.scaled()
        dense.scaled(by=2)
        return [*made, *[Dense(each) for each in values], abs(-1), "a".upper(), "a".join("bc")]

    found = profile(shapes)
    assert {name: count for name, count in calls(found).items() if "comp>" not in name} == {
        "Dense": 8,
        "Dense.scaled": 2,
        "abs": 1,
        "str.upper": 1,
        "str.join": 1,
    }


def test_a_call_with_more_arguments_than_a_byte_counts():
    scope = {"Dense": Dense}
    positional = ", ".join(map(str, range(300)))
    named = ", ".join(f"n{number}=1" for number in range(300))
    exec(f"def wide(): return [Dense({positional}), Dense({named})]", scope)
    assert sum(calls(profile(scope["wide"])).values()) == 2
    assert set(calls(profile(scope["wide"]))) == {"Dense"}


def test_decorators_class_bodies_generators_and_handlers():
    def mixed():
        def twice(fn):
            return lambda *args: [fn(*args), fn(*args)]

        @twice
        def make(units):
            return Dense(units)

        class Own:
            size = abs(-3)

        def sizes():
            for each in (1, 2):
                yield each

        try:
            int("x")
        except ValueError:
            made = make(Own.size)
        return [*made, *(Dense(each) for each in sizes())]

    found = profile(mixed)
    assert len(found.graph) == 4
    assert calls(found)["Dense"] == 4
    assert calls(found)["abs"] == calls(found)["int"] == 1
    assert counts(found)["YIELD_VALUE"] == 4


@pytest.mark.parametrize("kind", [Decision.INLINE, Decision.STEP_INTO])
def test_other_captured_functions_are_counted(kind):
    def inner():
        return Dense(abs(-1))

    if kind is Decision.INLINE:
        inner = auto_config(inner)
        outer = auto_config(lambda: Dense(inner()))
    else:
        policy = LATEST.extend(Rule(Is((inner,)), Decision.STEP_INTO, "a part of the builder"))
        outer = auto_config(lambda: Dense(inner()), experimental_exemption_policy=policy)
    found = profile(outer)
    assert found.nodes == 2
    assert calls(found)["Dense"] == 2
    (into,) = (each for each in found.sites if "inner" in each.callee)
    assert into.decision is kind
    assert into.total >= into.seconds


def test_time_is_charged_where_it_is_spent():
    def slow():
        def part():
            wait(0.05)
            return Dense()

        return [part() for _ in range(2)]

    found = profile(slow)
    sleep = site(found, "wait")
    assert sleep.calls == 2
    assert 0.1 <= sleep.seconds <= found.measured
    (part,) = (each for each in found.sites if each.callee.endswith("part"))
    assert part.decision is Decision.STEP_INTO
    assert part.total >= 0.1
    assert part.seconds <= part.total - 0.1
    native = found.tiers[-1]
    assert native.name == "native"
    assert native.seconds >= 0.1
    assert found.opcodes[0].name == "CALL"


def test_recursion_is_charged_once():
    def recursive():
        def go(depth):
            wait(0.02)
            return Dense() if depth == 0 else go(depth - 1)

        return go(3)

    found = profile(recursive)
    inside = [each for each in found.sites if each.callee.endswith("go") and each.calls == 3]
    assert len(inside) == 1
    assert 0.06 <= inside[0].total < found.measured  # more than that if charged for each


def test_stacks_follow_calls_through_native_code():
    def ordered():
        def key(number):
            return -number

        return Dense(sorted([1, 2, 3], key=key)[0], len([1]))

    found = profile(ordered)
    names = {
        tuple(frame.name.rpartition(".")[2] for frame in stack.frames) for stack in found.stacks
    }
    assert {
        ("ordered",),
        ("ordered", "sorted"),
        ("ordered", "sorted", "key"),
        ("ordered", "len"),
    } <= names
    key = next(stack.frames[-1] for stack in found.stacks if stack.frames[-1].name.endswith("key"))
    assert (key.filename, key.line) == (__file__, ordered.__code__.co_firstlineno + 1)


def test_an_interpreted_function_that_is_exempt_is_counted_too():
    helper = exempt(interpret(lambda: sum(number for number in range(10))))
    found = profile(lambda: Dense(helper()))
    assert counts(found)["YIELD_VALUE"] == 10
    assert {each.decision for each in found.sites if each.callee == "sum"} == {Decision.EXEMPT}


def test_a_refused_call():
    def compares_a_node():
        try:
            Dense() == 1  # noqa: B015 - for what it raises
        except UnbuiltNodeError:
            pass
        return Dense()

    with pytest.raises(UnbuiltNodeError):
        profile(compares_a_node)


def test_nothing_is_left_behind():
    before = decode(loop.__code__)
    step = before.steps[1]
    profile(loop, 3)
    assert decode(loop.__code__) is before
    assert before.steps[1] is step

    def fails():
        raise KeyError("x")

    with pytest.raises(KeyError) as caught:
        profile(fails)
    assert caught.traceback[-1].name == "fails"
    assert decode(loop.__code__) is before
    assert profile(loop, 3).calls == 2


def test_functions_made_in_a_profile_are_ordinary_later():
    kept = []

    def leaks():
        kept.append(lambda: abs(-1))
        return Dense()

    found = profile(leaks)
    before = found.instructions
    assert kept[0]() == 1
    assert found.instructions == before


def test_one_profile_at_a_time():
    def inner():
        return profile(loop, 1)

    with pytest.raises(ProfileError, match="another profile is being made\n  at .*test_profiling"):
        profile(lambda: [Dense(), exempt(inner)()])
    assert profile(loop, 1).nodes == 1


@pytest.mark.needs_threads
def test_other_threads_are_not_counted():
    made = []

    def starts():
        thread = threading.Thread(target=lambda: made.append(capture(loop, 1000)))
        thread.start()
        thread.join()
        return Dense()

    found = profile(exempt_threads(starts))
    assert made == [capture(loop, 1000)]
    assert counts(found).get("FOR_ITER", 0) == 0


def exempt_threads(fn):
    policy = LATEST.extend(Rule(Is((threading.Thread,)), Decision.EXEMPT, "it runs a thread"))
    return auto_config(
        fn, experimental_allow_control_flow="all", experimental_exemption_policy=policy
    )


def test_a_coroutine_function_is_refused():
    async def build_later():
        return Dense()

    with pytest.raises(ProfileError, match="a coroutine function cannot be profiled"):
        profile(build_later)


@pytest.mark.observed
def test_while_a_debugger_watches():
    plain = counts(profile(loop, 20))
    previous = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        watched = counts(profile(loop, 20))
    finally:
        sys.settrace(previous)
    assert watched == plain


def test_without_a_capture():
    by_hand = with_buildable_func(lambda times: Config(Dense, times))(loop)
    found = profile(by_hand, 3)
    assert found.graph == Config(Dense, 3)
    assert (found.function, found.instructions, found.sites) == ("loop", 0, ())
    assert "capture" in str(found)


def test_the_native_run_is_made_when_asked_for():
    made = []

    class Counted:
        def __init__(self, size):
            made.append(size)

    found = profile(lambda size: Counted(size), 8)
    assert made == []
    assert found.native is None
    assert "native run" not in str(found)
    compared = found.with_native()
    assert made == [8]
    assert compared.native > 0
    assert "native run" in str(compared)
    assert found.native is None


def test_the_native_run_of_an_auto_config_function():
    straight = functools.partial(lambda units: Dense(units), 3)
    found = profile(auto_config(straight)).with_native()
    assert found.native > 0
    assert found.graph == Config(Dense, 3)


def test_the_cost_of_profiling_is_stated():
    found = profile(loop, 2000)
    assert 0 < found.overhead
    assert found.seconds == max(found.measured - found.overhead, 0)
    assert found.seconds >= 0
    assert found.decoding >= 0
    assert found.other >= 0
    # Not much more is claimed than there can be.
    assert found.overhead < 20e-6 * found.instructions
    assert "an instruction" in str(found)


def test_capture_gives_a_profile_when_asked():
    found = capture(loop, 3, profile=True)
    assert isinstance(found, Profile)
    assert found.graph == capture(loop, 3)
    assert capture(loop, 3, profile=False) == found.graph


def test_a_parameter_called_profile_is_the_function_s():
    def takes(profile):
        return Dense(profile)

    assert capture(takes, profile=True) == Config(Dense, True)
    assert profile(takes, profile=3).graph == Config(Dense, 3)
    with pytest.raises(TypeError):
        capture(len, profile=True)
    with pytest.raises(TypeError):  # it has no signature
        capture(dict, profile=True)
