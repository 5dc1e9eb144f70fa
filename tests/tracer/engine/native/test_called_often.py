"""Long functions that are called often are run natively from their beginning on."""

import math
import sys
import types

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import UnbuiltNodeError, auto_config, capture, explain, interpret
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.functions import own_code
from bytefig.tracer.engine.native import tier
from bytefig.tracer.engine.site import LONG, NEVER
from bytefig.tracer.engine.tiers import TIERS
from bytefig.tracer.profiling import profile

pytestmark = [pytest.mark.needs_native_code, pytest.mark.unobserved]

CALLS = 6


class A:
    def __init__(self, x=0, y=0):
        self.x, self.y = x, y


@pytest.fixture(autouse=True)
def entered(entering):
    with entering(calls=CALLS, long=LONG):
        yield


def made(body, arguments="n=3", **names):
    namespace = {"A": A, "math": math, "__name__": __name__, **names}
    exec(compile(f"def f({arguments}):\n {body}\n", __file__, "exec"), namespace)
    return namespace["f"]


def is_native(function):
    regions = decode(own_code(function)).native.values()
    return any(region.sites for region in regions if not isinstance(region, str))


#: Some eighty instructions without a call.
WORK = "t = n\n " + "\n ".join(f"t = (t * {i} + n) % 1009" for i in range(3, 16))

BODIES = {
    "arithmetic": f"{WORK}\n return t",
    "calls": f"{WORK}\n return len(str(t)) + max(t, n) + int(math.sqrt(t))",
    "methods": f"{WORK}\n return ','.join(['a'.upper(), 'b'.replace('b', str(t))])",
    "returns early": f"if n > 1:\n  return n\n {WORK}\n return t",
    "a cell": f"{WORK}\n def g():\n  return t + n\n return g()",
    "a cell at first": f"g = lambda: n + 1\n {WORK}\n return t + g()",
    "raises": f"{WORK}\n return 1 // (t - t)",
    "raises at once": f"1 // (n - n)\n {WORK}",
    "raises in a call": f"{WORK}\n return math.sqrt(-1 - t)",
    "handled": f"{WORK}\n try:\n  1 // (t - t)\n except ZeroDivisionError as e:\n"
    "  t = str(e)\n return t",
    "handled at once": "try:\n  1 // (n - n)\n except ZeroDivisionError:\n  pass\n"
    f" {WORK}\n return t",
    "finally": f"try:\n  {WORK.replace(chr(10), chr(10) + ' ')}\n  return t\n finally:\n  print(t)",
    "with": "from contextlib import suppress\n with suppress(ValueError):\n"
    f"  {WORK.replace(chr(10), chr(10) + ' ')}\n  raise ValueError\n return t",
    "locals": f"{WORK}\n return sorted(locals().items())",
    "unbound": f"{WORK}\n del t\n return t",
    "loop": f"while n < 9:\n  n += 1\n {WORK}\n for i in range(5):\n  t += i\n return t",
    "while": "while True:\n  n += 1\n  if n > 9:\n   break\n " + WORK + "\n return t",
    "generator": f"{WORK}\n yield t\n {WORK}\n yield t",
    "comprehension": f"{WORK}\n return [t + i for i in range(4)], {{n: t}}",
    "star": f"{WORK}\n return max(*[t, n], key=lambda x: -x)",
    "keywords": f"{WORK}\n return dict(a=t, **{{'b': n}})",
    "text": f"{WORK}\n return f'{{t:>5}}{{n!r}}'",
}


@pytest.mark.parametrize("name", BODIES)
def test_the_same_natively(same, name):
    function = made(BODIES[name])
    for _ in range(CALLS + 2):
        same(function)
    assert is_native(function) == (name != "generator")


def test_arguments_of_every_kind(same):
    function = made(
        f"{WORK}\n return a, b, rest, c, others, t", "a, /, b=2, n=1, *rest, c=3, **others"
    )
    for _ in range(CALLS + 2):
        same(function, 1, 5, 6, 7, 8, c=9, d=10)
        same(function, 1)
        same(function)
    assert is_native(function)


def test_it_is_entered_after_so_many_calls_and_stays_native():
    function = made(f"{WORK}\n return t")
    ours = interpret(function)
    for _ in range(CALLS):
        assert ours(3) == function(3)
        assert not is_native(function)
    for _ in range(100):
        assert ours(3) == function(3)
        assert is_native(function)
    assert decode(function.__code__).entry.missed == 0


@pytest.mark.parametrize(
    "body",
    [
        f"if n:\n  return n\n {WORK}\n return t",
        f"try:\n  1 // 0\n except ZeroDivisionError:\n  pass\n {WORK}\n return t",
        f"g = lambda: 1\n {WORK}\n return t",
        f"if n:\n  raise LookupError\n {WORK}\n return t",
    ],
    ids=["returns", "handles", "is left", "raises"],
)
def test_what_leaves_it_too_soon_each_time_is_interpreted_again(body):
    function = made(body)
    ours = interpret(function)

    def call():
        try:
            ours(3)
        except LookupError:
            pass

    for _ in range(CALLS + 10):
        call()
    assert is_native(function)
    for _ in range(50):
        call()
    assert not is_native(function)
    assert decode(function.__code__).entry.left > NEVER // 2
    assert tier.tier_of(function) == explain(function).tier
    assert tier.tier_of(function).startswith("interpreted: rebuilt, ")


def test_native_code_is_what_runs(same, monkeypatch):
    """Wrong code is noticed, by every test that compares with CPython."""
    right = tier.run_native

    def stopping(frame, region, index):
        right(frame, region, index)
        frame.result = "wrong"
        return 0

    function = made(f"{WORK}\n return t")
    for _ in range(CALLS):
        same(function)
    monkeypatch.setattr(tier, "run_native", stopping)
    with pytest.raises(AssertionError):
        same(function)


def test_a_call_now_and_then_that_is_short_does_not_count():
    function = made(f"if n:\n  return n\n {WORK}\n return t")
    ours = interpret(function)
    for i in range(300):
        ours(i % 40)
    assert is_native(function)


def test_code_of_few_instructions_or_none_of_its_own_has_no_entry():
    short, generator, long = (
        made("return n * 2"),
        made(f"{WORK}\n yield t"),
        made(f"{WORK}\n return t"),
    )
    assert decode(short.__code__).entry is None
    assert decode(generator.__code__).entry is None
    assert decode(long.__code__).entry is not None
    assert (
        tier.expected_tier(short.__code__)
        == "interpreted: it has no loop and fewer than 60 instructions"
    )
    assert tier.expected_tier(generator.__code__) == "interpreted: it has no loop"


def test_explain_says_when():
    long = made(f"{WORK}\n return t")
    looped = made(f"for i in range(n):\n  pass\n {WORK}\n return t")
    assert explain(long).tier == f"interpreted, until it has been called {CALLS} times"
    assert explain(looped).tier == (
        f"interpreted, until a loop of it has gone round {TIERS.jumps:,} times"
        f" or it has been called {CALLS} times"
    )
    for _ in range(CALLS + 1):
        interpret(long)()
    assert explain(long).tier == "compiled"


def test_a_captured_function_gives_the_same_graph():
    function = made("return [" + ", ".join(f"A({i}, y=A(x=n))" for i in range(12)) + "]")
    captured = auto_config(function)
    expected = captured.as_buildable(7)
    for _ in range(CALLS + 3):
        graph = captured.as_buildable(7)
        assert graph == expected
        assert [str(node.__provenance__) for node in graph] == [
            str(node.__provenance__) for node in expected
        ]
    assert is_native(function)
    assert graph[11] == Config(A, 11, y=Config(A, x=7))
    assert build(graph)[11].y.x == 7


def test_a_helper_that_is_inlined_is_entered():
    helper = made(f"{WORK}\n return A(t)")
    function = made("return [helper(i) for i in range(n)]", "n", helper=auto_config(helper))
    captured = auto_config(function, experimental_allow_control_flow=True)
    graph = captured.as_buildable(30)
    assert [node.x for node in graph] == [helper(i).x for i in range(30)]
    assert is_native(helper)


#: What a function may not do with a node, and what the error says.
USES = {
    "m == 3": "compare",
    "f'{m}'": "format",
    "m + 1": "compute with + and",
    "[*m]": "index or iterate",
    "[1, 2][m]": "use",
    "math.sqrt(m)": "use",
    "len(m)": "ask the length of",
    "str(m)": "convert",
}


@pytest.mark.parametrize("use", USES)
def test_a_node_is_refused(use):
    function = made(f"m = A(1)\n {WORK}\n if n == 4:\n  {use}\n return m")
    for _ in range(CALLS + 1):
        capture(function, 3)
    assert is_native(function)
    with pytest.raises(UnbuiltNodeError) as caught:
        capture(function, 4)
    assert str(caught.value).startswith(f"cannot {USES[use]} <Config[A(x=1)]>")
    assert f"test_called_often.py:{len(WORK.splitlines()) + 4}:" in str(caught.value)


def test_recursion_is_no_less_deep_than_interpreted():
    body = f"{WORK}\n return n and f(n - 1)"
    hot, cold = made(body), made(body)
    for _ in range(CALLS + 1):
        interpret(hot)(0)

    def depth(function):
        deepest = 0
        while True:
            try:
                function(deepest)
            except RecursionError:
                return deepest
            deepest += 1

    calls = {"cold": cold, "hot": hot}
    for name, function in calls.items():
        ours = calls[name] = interpret(function)
        function.__globals__["f"] = ours
    TIERS.calls = NEVER
    cold_depth = depth(calls["cold"])
    assert depth(calls["hot"]) > 0.85 * cold_depth
    assert is_native(hot)
    assert decode(hot.__code__).entry.active == 0


def test_lines_are_seen_of_what_was_native():
    function = made(f"{WORK}\n return t")
    ours = interpret(function)
    for _ in range(CALLS + 2):
        ours(3)
    assert is_native(function)
    seen = []

    def trace(frame, event, arg):
        if frame.f_code.co_name == "f" and event == "line":
            seen.append(frame.f_lineno)
        return trace

    def lines(called):
        seen.clear()
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            called(3)
        finally:
            sys.settrace(before)
        return list(dict.fromkeys(seen))

    assert [line for line in lines(ours) if line > 1] == [
        line for line in lines(function) if line > 1
    ]


def test_a_profile_tells_that_it_was_entered():
    function = made(f"{WORK}\n return A(t)")
    captured = auto_config(function, experimental_allow_control_flow=True)
    for _ in range(CALLS + 1):
        captured.as_buildable()
    regions = dict(decode(function.__code__).native)
    found = profile(captured)
    assert {tier.name: tier.count for tier in found.tiers}["compile"] == 1
    assert decode(function.__code__).native == regions  # it has not been rebuilt for it


def test_a_copy_of_code_counts_for_itself():
    function = made(f"{WORK}\n return t")
    other = types.FunctionType(function.__code__.replace(), function.__globals__)
    other.__defaults__ = function.__defaults__
    for _ in range(CALLS + 1):
        interpret(function)()
    interpret(other)()
    assert is_native(function)
    assert not is_native(other)
