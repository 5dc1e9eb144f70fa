"""Running frames go over to native code, functions called often are run by it: nobody can tell."""

import math
import sys
import weakref
from types import MethodType

import pytest

from bytefig.configs import Config, build, effects, get_callable, remove_effects
from bytefig.tracer import (
    Decision,
    Is,
    Rule,
    UnbuiltNodeError,
    auto_config,
    capture,
    explain,
    interpret,
    tier_of,
)
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.functions import own_code
from bytefig.tracer.engine.interceptor import Native
from bytefig.tracer.engine.native import loop_entry
from bytefig.tracer.engine.tiers import TIERS
from bytefig.tracer.errors import UnsupportedInstructionError
from bytefig.tracer.recording.policy_tables import LATEST

pytestmark = pytest.mark.needs_native_code


class A:
    def __init__(self, x=0, y=0):
        self.x, self.y = x, y


@pytest.fixture(params=["auto", "compile"])
def mode(request, using):
    """Both ways of taking over; programs keep the one they are decoded in, so code is made anew."""
    with using(request.param):
        yield request.param


@pytest.fixture
def auto(using):
    with using("auto"):
        yield


def made(source, **names):
    namespace = {"A": A, "math": math, **names}
    exec(source, namespace)
    return namespace["f"]


def is_native(function):
    return decode(own_code(function)).is_native


#: Each has a hot loop.
LOOPS = {
    "arithmetic": "t = 0\n for i in range(3000):\n  t = (t * 31 + i) % 1009\n return t",
    "while": "i = 0\n while i < 3000:\n  i += 1 if i % 3 else 2\n return i",
    "nested": "t = []\n for i in range(60):\n  for j in range(60):\n   t.append(i)\n return sum(t)",
    "calls": "t = 0\n for i in range(2500):\n  t += len('abc') + max(i, 3, key=abs)\n return t",
    "methods": "t = ''\n for i in range(2500):\n  t = t.replace('a', 'b') + 'a'.upper()\n return t",
    "keywords": "t = []\n for i in range(2500):\n  t.append(dict(a=i, **{'b': 2}))\n return t[-1]",
    "comprehension": "return sum([i * i for i in range(3000) if i % 2])",
    "generator": "return list(i for i in range(3000))[-1]",
    "closure": "t = 0\n def add(n):\n  nonlocal t\n  t += n\n"
    " for i in range(2500):\n  add(i)\n  t += 1\n return t",
    "handled": "t = 0\n for i in range(2500):\n  try:\n   t += 1 // (i % 7)\n"
    "  except ZeroDivisionError as e:\n   t += len(str(e))\n return t",
    "finally": "t = []\n for i in range(2500):\n  try:\n   if i % 100:\n    continue\n"
    "   t.append(i)\n  finally:\n   t.append(-1)\n return len(t)",
    "breaks": "for i in range(5000):\n  if i == 4000:\n   break\n else:\n  return 1\n return i",
    "subscripts": "t = list(range(10))\n for i in range(2500):\n  t[i % 10] = t[i % 10] + 1\n"
    "  t[2:3] = [4]\n  del t[-1]\n  t += [i]\n return t, 3 in t",
    "locals": "for i in range(2500):\n  if i == 2400:\n   return sorted(locals().items())",
    "unbound": "for i in range(2500):\n  if i == 2400:\n   del i\n   return i",
    "empty cell": "def g():\n  return i\n for i in range(2500):\n"
    "  if i == 2400:\n   del i\n   return i",
    "raises": "for i in range(2500):\n  x = 1 / (2400 - i)",
    "raises in a call": "for i in range(2500):\n  x = math.sqrt(2400 - i)",
    "raises missing": "for i in range(2500):\n  if i == 2400:\n   nothing",
    "unpacks": "t = (1, 2, 3)\n for i in range(2500):\n  a, *b = t\n  t = (*b, a)\n return t",
    "text": "t = 0\n for i in range(2500):\n  t += len(f'{i:>5}{i!r}')\n return t",
    "super": "class B(A):\n  def __init__(self):\n   for i in range(2500):\n    self.x = i\n"
    "   super().__init__(self.x)\n return B().x",
    "left in the middle": "t = 0\n for i in range(2500):\n  for j in range(i):\n   if j > 2:\n"
    "    break\n   t += j\n  else:\n   continue\n  t -= 1\n return t",
    "left by return": "def g(n):\n  for i in range(n):\n   for j in range(n):\n"
    "    if i * j > 2000:\n     return i, j\n return g(1500)",
    "bound anew before its use": "t = []\n for i in range(2500):\n  x = [i]\n"
    "  y = x + (x := [-i])\n  x, y = y, x\n  t = [x, (x := i, x), [x for x in y], x]\n return t",
    "deleted before its use": "for i in range(2500):\n  x = [i]\n  y = [x, *(x for x in x)]\n"
    "  del x\n  x, y = y, 1\n return x",
    "many locals": "a = b = c = d = e = f = g = h = j = k = l = m = n = o = p = q = r = s = 1\n"
    " for i in range(2500):\n  a, q, r, s = s, a + r, q - b, i\n return a, q, r, s",
    "any and all": "t = 0\n for i in range(2500):\n  t += any(x > 2 for x in (1, i))\n"
    "  t += all(x for x in (1, i)) + len(tuple(x for x in (i, t)))\n return t",
    "constants": "t = []\n for i in range(2500):\n  t += [0, 255, 256, -1, 0.0, -0.0]\n"
    "  t += [True, (1, i)]\n  assert t, t\n return t[1:99:3], t[-2:], t[0]",
}
if sys.version_info >= (3, 13):
    LOOPS["type parameters"] = (
        "t = 0\n for i in range(1200):\n  def g[T: int = int](x: T): return x\n  t += g(1)\n"
        " return t, g.__type_params__[0].__default__"
    )
if sys.version_info >= (3, 14):
    LOOPS["templates"] = (
        "t = 0\n for i in range(1200):\n  x = t'{i!r:>4}{t:{i}}{i!s}{t}'\n"
        "  t += len(x.interpolations[1].format_spec)\n"
        " return t, [(p.value, p.conversion, p.format_spec) for p in x.interpolations]"
    )


@pytest.mark.parametrize("name", LOOPS)
def test_a_hot_loop_is_the_same(mode, same, name):
    function = made(f"def f():\n {LOOPS[name]}\n")
    same(function)


def test_a_loop_in_a_handler_leaves_it_for_the_caller_s(mode, same):
    def f():
        def inner():
            try:
                raise ValueError
            except ValueError:
                for _ in range(2500):
                    pass
            return repr(sys.exc_info()[1])

        try:
            raise KeyError(1)
        except KeyError:
            handled = inner()
        return handled, inner()

    assert same(f).result == ("KeyError(1)", "None")


def test_a_long_loop_of_one_call_moves_over(mode):
    function = made("def f(n):\n t = 0\n for i in range(n):\n  t += i\n return t\n")
    assert interpret(function)(5000) == sum(range(5000))
    assert is_native(function)


def test_a_short_loop_stays(auto):
    function = made("def f(n):\n t = 0\n for i in range(n):\n  t += i\n return t\n")
    assert interpret(function)(50) == sum(range(50))
    assert not is_native(function)


def test_a_short_loop_of_a_builder_stays_however_often_it_is_captured(auto):
    function = made("def f(n):\n nodes = []\n for i in range(n):\n"
                    "  nodes.append(A(i))\n return nodes\n")  # fmt: skip
    captured = auto_config(function, experimental_allow_control_flow=True).as_buildable
    for _ in range(3 * TIERS.jumps // 8):
        captured(8)
    assert not is_native(function)
    assert captured(TIERS.jumps) == [Config(A, i) for i in range(TIERS.jumps)]
    assert is_native(function)


def test_calls_in_a_hot_loop_are_recorded(mode):
    function = made("def f(n):\n nodes = []\n for i in range(n):\n"
                    "  nodes.append(A(i, y=A(x=i)))\n return nodes\n")  # fmt: skip
    graph = capture(function, 1500)
    assert graph[1400] == Config(A, 1400, y=Config(A, x=1400))
    assert graph[1400].__provenance__.line == graph[0].__provenance__.line == 4
    assert build(graph)[1400].y.x == 1400
    assert is_native(function)


#: What a hot loop may not do with a node, and what the error says.
USES = {
    "n == 3": "compare",
    "n.x": "read attribute 'x' of",
    "f'{n}'": "format",
    "n + 1": "compute with + and",
    "[*n]": "index or iterate",
    "[1, 2][n]": "use",
    "'abc'[n:]": "use",
    "'%d' % (n,)": "use",
    "n in 'abc'": "use",
    "math.sqrt(n)": "use",
    "str(n)": "convert",
}


@pytest.mark.parametrize("use", USES)
def test_a_node_is_refused_in_a_hot_loop(mode, use):
    function = made(
        f"def f():\n n = A(1)\n other = A(2)\n for i in range(1500):\n"
        f"  if i == 1400:\n   {use}\n return other\n"
    )
    with pytest.raises(UnbuiltNodeError) as caught:
        capture(function, deferred=False)
    text = str(caught.value)
    assert text.startswith(f"cannot {USES[use]} <Config[A(x=1)]>")
    assert "\n  at <string>:6:" in text


@pytest.mark.parametrize("tier", ["interpret", "auto", "compile"])
def test_an_error_about_a_node_is_handled_as_any_other(tier, using):
    """C code raises a TypeError, which says nothing of nodes: another takes its place."""

    class Noting:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, entry):
            log.append((kind, entry.tb_lineno, entry.tb_next))

    def model():
        a = A()
        try:
            with Noting():
                [1][a]
        except UnbuiltNodeError as error:
            log.append((error.__context__, error is sys.exc_info()[1]))
        finally:
            log.append(sys.exc_info())

    log = []
    line = model.__code__.co_firstlineno + 4
    policy = LATEST.extend(Rule(Is((Noting,)), Decision.EXEMPT, "it is run"))
    with using(tier), pytest.raises(UnbuiltNodeError) as caught:
        auto_config(
            model,
            experimental_allow_control_flow="all",
            experimental_exemption_policy=policy,
        ).as_buildable()
    assert log == [(UnbuiltNodeError, line, None), (None, True), (None, None, None)]
    assert caught.traceback[-1].name == "model"


def test_an_error_about_something_else_is_left_alone(mode):
    function = made("def f():\n n = A(1)\n for i in range(1500):\n"
                    "  [][i if i < -1 else 'a'] if i == 1400 else 0\n return n\n")  # fmt: skip
    with pytest.raises(TypeError) as caught:
        capture(function)
    assert type(caught.value) is TypeError


def test_objects_do_not_live_longer(mode):
    function = made(
        "def f(make, is_dead):\n held = make()\n t = 0\n for i in range(2500):\n"
        "  if i == 2400:\n   held = None\n   t += is_dead()\n return t\n"
    )
    seen = []

    def make():
        thing = A()
        seen.append(weakref.ref(thing))
        return thing

    assert interpret(function)(make, lambda: seen[0]() is None) == 1


def test_recursion_that_is_too_deep_loses_nothing(mode):
    function = made(
        "def f():\n def deep(n):\n  here = n\n  for i in range(1):\n   here += 1\n"
        "  try:\n   return deep(n + 1)\n  except RecursionError:\n   assert here == n + 1\n"
        "   raise\n try:\n  deep(0)\n except RecursionError:\n  return 'too deep'\n"
    )
    assert interpret(function)() == "too deep"


def test_dataclass_access_in_a_hot_loop(mode):
    function = made("def f():\n t = A(1)\n for i in range(1500):\n  t.x = i\n return t\n")
    with pytest.raises(UnbuiltNodeError, match="set attribute 'x'"):
        auto_config(function, experimental_allow_control_flow=True).as_buildable()


def test_the_tier_of_a_function(mode):
    function = made("def f(n):\n for i in range(n):\n  pass\n")
    assert tier_of(function) == "interpreted"
    interpret(function)(3000)
    assert tier_of(function) == "native"


def test_explain_says_which_tier_runs_a_function(mode):
    function = made("def f(n):\n t = []\n for i in range(n):\n  t.append(A(i))\n return t\n")
    before = (
        f"interpreted, until a loop of it has gone round {TIERS.jumps} times"
        f" or it has been called {TIERS.calls} times"
    )
    assert explain(function).tier == ("native" if mode == "compile" else before)
    assert tier_of(function) == "interpreted"  # explain has run nothing
    capture(function, 3000)
    assert explain(function).tier == tier_of(function) == "native"


def test_explain_says_why_a_function_stays_interpreted(using):
    straight = made("def f(n):\n return A(n)\n")
    with using("auto"):
        assert explain(straight).tier == (
            f"interpreted, until it has been called {TIERS.calls} times"
        )
    with using("interpret"):
        assert explain(straight).tier == "interpreted: BYTEFIG_TIER says so"


#: Calls that native code makes itself, and what turns up in their place after a while.
PLAIN_CALLS = {
    "no argument": "t.append(list())",
    "one": "t.append(len('abc'))",
    "two": "t.append(max(i, 3))",
    "three": "t.append(pow(i, 3, 7))",
    "a type": "t.append(int('12'))",
    "a method": "t.append('a-b'.split('-', 1))",
    "methods in methods": "t.append(','.join([x.upper() for x in 'ab']).strip())",
    "a method in an argument": "t.append('ab'.replace('a', 'c' if i % 2 else 'd'.upper()))",
    "an error": "t.append('a'.index('b' if i == 2000 else 'a'))",
    "an error in a function": "t.append(len('b' if i < 2000 else i))",
    "another function": "t.append((len if i < 2000 else g)('abc'))",
    "another receiver": "x = 'a' if i < 2000 else C()\n  t.append(x.upper())",
    "a method shadowed": "x = t if i < 2000 else C()\n  x.append(i)",
    "left while a method is loaded": "t.append(sorted(locals())[i % 2])",
    "left while methods are loaded": "t.append('a'.join(('b'.join(sorted(locals())), 'c')))",
    "handled": "try:\n   t.append(int('x' if i > 2000 else '1'))\n"
    "  except ValueError:\n   t.append(0)",
    "a decorator": "@staticmethod\n  def h(): return i\n  t.append(h())",
}


@pytest.mark.parametrize("name", PLAIN_CALLS)
def test_plain_calls_are_the_same(mode, same, name):
    def g(text):
        return text * 2

    class C:
        found = 0

        def upper(self):
            return "mine"

        def append(self, value):
            C.found += value

    same(made(f"def f():\n t = []\n for i in range(2500):\n  {PLAIN_CALLS[name]}\n return t\n",
              g=g, C=C))  # fmt: skip


def test_a_policy_judges_bound_methods_only(mode):
    seen = []

    def exempts(fn):
        seen.append(fn)
        return True

    function = made("def f():\n for i in range(1500):\n"
                    "  'a'.join(('b'.join(sorted(locals())), 'c'))\n return A(1)\n")  # fmt: skip
    table = LATEST.extend(Rule(exempts, Decision.EXEMPT, "asked"))
    auto_config(
        function,
        experimental_allow_control_flow="all",
        experimental_exemption_policy=table,
        experimental_result_must_contain_buildable=False,
    ).as_buildable()
    assert {type(fn.__self__) for fn in seen if type(fn) is type("".join)} <= {str, type(math)}
    assert not [fn for fn in seen if type(fn) is type(str.join)]


def test_a_function_that_is_plain_is_called_at_once_only_without_a_node(mode):
    function = made("def f():\n n = A(1)\n for i in range(1500):\n"
                    "  len(n if i == 1400 else 'a')\n return n\n")  # fmt: skip
    with pytest.raises(UnbuiltNodeError, match="cannot ask the length of"):
        capture(function)


def test_a_quantifier_is_recorded_when_the_policy_says_so(mode):
    function = made(
        "def f():\n for i in range(1500):\n  x = any(y for y in (0, i)), all(y for y in (1, i))\n"
        " return x\n"
    )
    captured = auto_config(
        function,
        experimental_allow_control_flow="all",
        experimental_exemption_policy=lambda fn: fn in (all, range),
    )
    quantified, every = captured.as_buildable()
    assert (get_callable(quantified), every) == (any, True)


def test_another_policy_records_what_was_plain(mode):
    function = made("def f(n):\n for i in range(n):\n  x = complex(1, i)\n return x\n")
    captured = auto_config(
        function,
        experimental_allow_control_flow=True,
        experimental_result_must_contain_buildable=False,
    )
    assert captured.as_buildable(3000) == complex(1, 2999)
    table = LATEST.extend(Rule(Is((complex,)), Decision.RECORD, "wanted"))
    captured = auto_config(
        function, experimental_allow_control_flow=True, experimental_exemption_policy=table
    )
    graph = captured.as_buildable(3000)
    assert len(effects(graph)) == 2999
    remove_effects(graph)
    assert graph == Config(complex, 1, 2999)


def test_what_arrives_while_a_handler_is_told_of_an_error_is_for_the_handler(using, monkeypatch):
    class Arriving(BaseException):
        pass

    class Manager:
        def __enter__(self):
            return self

        def __exit__(self, *told):
            left.append(told[0])

    def arrive(*_):
        raise Arriving

    def f(manager):
        with manager:
            raise TypeError

    left = []
    monkeypatch.setattr(Native, "explain_native", arrive)
    with using("compile"), pytest.raises(Arriving):
        interpret(f)(Manager())
    assert left == [Arriving]


def one():
    return A(1)


def test_identity_in_a_hot_loop(mode):
    """Of what a function gives nobody knows whether it is None: a node is none of the others."""
    text = (
        "def f():\n n = one()\n t = a = b = c = d = e = g = h = j = k = 0\n for i in range(1500):\n"
        "  n is a, n is b, n is c, n is d, n is e, n is g, n is h, n is j, n is k\n"
        "  t += (n is i) + (n is n) + (i is None) + (None is not t)\n"
        "  if i == 1400 and {test}:\n   return n\n return n, t\n"
    )
    for test in ("t is None", "n is t"):
        function = made(text.format(test=test), one=one)
        assert capture(function, deferred=True) == (Config(one), 3000)
    for test in ("n is None", "n is not None", "[n is None]"):
        function = made(text.format(test=test), one=one)
        with pytest.raises(UnbuiltNodeError, match="cannot test for None <Config"):
            capture(function, deferred=True)


class Incomparable(type):
    """The classes may be compared by identity only, and so may their objects."""

    def __eq__(cls, other):
        raise AssertionError

    __ne__ = __eq__
    __hash__ = type.__hash__


class Refusal(TypeError, metaclass=Incomparable):
    pass


class Doubled(metaclass=Incomparable):
    __eq__ = __ne__ = Incomparable.__eq__
    __hash__ = object.__hash__

    def __call__(self, value):
        return value * 2


def test_objects_and_classes_of_the_user_s_are_never_compared(mode, afresh):
    def f(double):
        total = 0
        for number in range(1500):
            total += MethodType(double, number)() + double(number)
            try:
                if number % 3:
                    raise Refusal(number)
            except TypeError as error:
                total += error.args[0]
        return total

    captured = auto_config(
        afresh(f),
        experimental_allow_control_flow="all",
        experimental_exemption_policy=lambda fn: True,
        experimental_result_must_contain_buildable=False,
    )
    double = Doubled()
    assert interpret(afresh(f))(double) == captured.as_buildable(double) == f(double)


def test_code_that_cannot_be_rebuilt_is_interpreted_on(using, monkeypatch):
    asked = []

    def refuse(code, **_):
        asked.append(code.co_name)
        raise UnsupportedInstructionError("no")

    def f(n):
        total = 0
        for number in range(n):
            total += number
        return A(total)

    monkeypatch.setattr(loop_entry, "rebuild", refuse)
    with using("auto", jumps=3):
        assert [capture(f, 9), capture(f, 9)] == [Config(A, 36)] * 2
    assert asked == ["f"]
    assert not is_native(f)


def without_cells(watch):
    for i in range(9):
        if i == 1:
            watch()
    return A(i)


def with_cells():
    free = 3

    def inner(watch):
        cell = free
        for i in range(9):
            if i == 1:
                watch()
        return A([free + i for i in range(cell)])

    return inner


@pytest.mark.no_tracer
@pytest.mark.parametrize("function", [without_cells, with_cells()])
def test_a_debugger_is_told_where_the_function_begins_that_goes_on_natively(
    function, using, afresh
):
    seen = []

    def trace(frame, event, _):
        if frame.f_code.co_name == function.__name__:
            seen.append((event, frame.f_lineno))

    captured = auto_config(
        afresh(function),
        experimental_allow_control_flow="all",
        experimental_exemption_policy=lambda fn: fn is not A,
    )
    try:
        with using("auto", jumps=3):
            captured.as_buildable(lambda: sys.settrace(trace))
    finally:
        sys.settrace(None)
    assert seen == [("call", function.__code__.co_firstlineno)]
