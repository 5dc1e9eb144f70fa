"""A node used as if it were the object is refused, and native code that works on nodes is not."""

import copy
import re

import pytest

from bytefig.configs import Buildable, Config, build, select
from bytefig.tracer import UnbuiltNodeError, auto_config, exempt, interpret


class A:
    def __init__(self, x):
        self.x = x


class Holder:
    def __init__(self, **parts):
        self.parts = parts


#: The operation, as source over a node `n`, and the action that the error names.
USES = {
    "n == A(7)": "compare",
    "n != 3": "compare",
    "[n] == [A(7)]": "compare",
    "A(1) in [A(1)]": "compare",
    "[3].index(n)": "compare",
    "bool(n)": "test the truth of",
    "not n": "test the truth of",
    "1 if n else 2": "test the truth of",
    "n and 3": "test the truth of",
    "any([n])": "test the truth of",
    "[y for y in (1, 2) if n]": "test the truth of",
    "f'{n}'": "format",
    "f'{n:>3}'": "format",
    "'{}'.format(n)": "format",
    "format(n, '')": "format",
    "f'{n!r}'": "make text of",
    "'%s' % n": "make text of",
    "{n: 1}": "hash",
    "{n}": "hash",
    "{}.get(n)": "hash",
    "hash(n)": "hash",
    "set([n])": "hash",
    "n[0]": "index or iterate",
    "n[0:1]": "index or iterate",
    "[*n]": "index or iterate",
    "[y for y in n]": "index or iterate",
    "list(n)": "index or iterate",
    "3 in n": "index or iterate",
    "sorted(n)": "index or iterate",
    "sum(n)": "index or iterate",
    "n + 1": "compute with + and",
    "1 + n": "compute with + and",
    "n - 1": "compute with - and",
    "n * 2": "compute with * and",
    "2 * n": "compute with * and",
    "n @ 2": "compute with @ and",
    "n / 2": "compute with / and",
    "n // 2": "compute with // and",
    "n % 2": "compute with % and",
    "n ** 2": "compute with ** and",
    "n << 2": "compute with << and",
    "n >> 2": "compute with >> and",
    "n & 2": "compute with & and",
    "n | 2": "compute with | and",
    "n ^ 2": "compute with ^ and",
    "n < 2": "compute with < and",
    "n <= 2": "compute with <= and",
    "2 > n >= 1": "compute with < and",
    "sum([n])": "compute with + and",
    "sorted([n, n])": "compute with < and",
    "max(n, n)": "compute with > and",
    "-n": "compute - of",
    "+n": "compute + of",
    "~n": "compute ~ of",
    "abs(n)": "compute with",
    "isinstance(n, A)": "ask the type of",
    "type(n)": "ask the type of",
    "callable(n)": "ask the type of",
    "hasattr(n, 'x')": "ask the attributes of",
    "dir(n)": "ask the attributes of",
    "len(n)": "ask the length of",
    "str(n)": "convert",
    "repr(n)": "convert",
    "int(n)": "convert",
    "iter(n)": "iterate",
    "next(n)": "iterate",
    "n.x": "read attribute 'x' of",
    "n.x()": "read attribute 'x' of",
    "getattr(n, 'x')": "read attribute 'x' of",
    "getattr(n, 'x', None)": "read attribute 'x' of",
    "setattr(n, 'x', 1)": "set attribute 'x' of",
    "delattr(n, 'x')": "delete attribute 'x' of",
    "n()": "call",
    "A(1)(2)": "call",
    "Holder(**n)": "unpack",
    "{**n}": "unpack",
}


def builder(source, name="build_it"):
    namespace = {"A": A, "Holder": Holder}
    exec(f"def {name}(n):\n  used = {source}\n  return Holder(n=n, used=used)", namespace)
    return namespace[name]


@pytest.mark.parametrize("source", USES)
def test_a_use_of_a_node_is_refused(source):
    given = Config(A, 7)
    before = copy.deepcopy(given)
    captured = auto_config(builder(source), experimental_allow_control_flow="all")
    with pytest.raises(UnbuiltNodeError) as caught:
        captured.as_buildable(given)
    text = str(caught.value)
    assert text.startswith(f"cannot {USES[source]} <Config[A(x=")
    assert re.search(r"\n  at <string>:2:\d+ in (build_it|.*comp>)\n  fix: ", text)
    assert given == before


@pytest.mark.parametrize(
    "pattern", ["A()", "A(x=1)", "[_, *_]", "{'x': 1}", "7", "str() | int()", "None | A()"]
)
def test_a_pattern_on_a_node_is_refused(pattern):
    namespace = {"A": A}
    exec(
        f"def f(n):\n  match n:\n    case {pattern}: return A(1)\n  return A(2)",
        namespace,
    )
    with pytest.raises(UnbuiltNodeError, match="cannot (match a pattern against|compare)"):
        auto_config(namespace["f"]).as_buildable(Config(A, 7))


@pytest.mark.parametrize(
    "source",
    [
        "n is None",
        "n is not n",
        "id(n) == id(n)",
        "[n, *[n]]",
        "(lambda *a: a)(n)",
        "{'k': n}['k'] is n",
        "print(n, end='')",
        "isinstance(n, Config)",
        "isinstance(n, (Config, Buildable))",
        "isinstance(3, int)",
        "[n].copy()",
        "list(zip([n], [n]))",
        "dict(a=n)",
        "exempt(repr)(3)",
    ],
)
def test_what_says_nothing_of_the_object_runs(source, capsys):
    names = {"A": A, "Holder": Holder, "Config": Config, "Buildable": Buildable, "exempt": exempt}
    function = builder(source)
    function.__globals__.update(names)
    captured = auto_config(function, experimental_allow_control_flow="all")
    assert captured.as_buildable(Config(A, 7)).n == Config(A, 7)


def works_on_nodes(node):
    """What a library does with nodes: everything."""
    assert node == copy.deepcopy(node) and node and node.x == 7
    select(node, A).set(x=8)
    return f"{node}", repr(node), build(node).x


def test_native_code_may_work_on_nodes():
    captured = auto_config(lambda n: Holder(found=exempt(works_on_nodes)(n)))
    assert captured.as_buildable(Config(A, 7)).found[2] == 8


def test_native_code_may_call_back_traced_code_which_may_not():
    captured = auto_config(
        lambda n: Holder(s=sorted([n, n], key=lambda m: m == 3)),
        experimental_allow_control_flow="all",
    )
    with pytest.raises(UnbuiltNodeError, match="cannot compare"):
        captured.as_buildable(Config(A, 7))


def test_the_guard_can_be_off():
    def lenient(n):
        if n == A(7) and n and isinstance(n, Config):
            return Holder(text=f"{n}", same=[n] == [A(7)], n=n)
        return None

    captured = auto_config(lenient, experimental_allow_control_flow=True, guard="off")
    config = captured.as_buildable(Config(A, 7))
    assert (config.text, config.same) == ("<Config[A(x=7)]>", True)
    with pytest.raises(UnbuiltNodeError, match="read attribute"):
        auto_config(lambda n: n.x, guard="off").as_buildable(Config(A, 7))
    with pytest.raises(ValueError, match="guard must be 'on' or 'off', not 'maybe'"):
        auto_config(lenient, guard="maybe")


def test_interpreting_guards_nothing():
    assert interpret(lambda n: (n == Config(A, 7), bool(n), f"{n}"))(Config(A, 7)) == (
        True,
        True,
        "<Config[A(x=7)]>",
    )


def test_outside_a_capture_nodes_answer_as_if_nothing_watched():
    node = Config(A, 7)
    assert node and f"{node}" == "<Config[A(x=7)]>" and node == Config(A, 7)
    for wrong in (lambda: node + 1, lambda: 1 - node, lambda: node < 3, lambda: -node):
        with pytest.raises(TypeError, match=r"(unsupported|bad) operand|not supported between"):
            wrong()
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{node:>3}"


def test_comparing_two_calls_does_not_take_another_path():
    """The peers give B here: their node of the helper is not equal to the node of A."""

    @exempt
    def never():
        raise AssertionError

    def helper():
        return A(7)

    def model():
        return Holder(b=1) if helper() == A(7) else never()

    with pytest.raises(UnbuiltNodeError, match="cannot compare <Config"):
        auto_config(model, experimental_allow_control_flow=True).as_buildable()
