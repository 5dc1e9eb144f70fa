import operator

import pytest

from bytefig.tracer.engine.opcodes.operators import BINARY_OPERATORS, COMPARE_OPERATORS

BINARY = ["+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^"]
VALUES = [(7, 2), (7.5, -2), ("ab", 3), ([1], [2]), ({1}, {2}), (True, False), ("%d", 4)]


def compiled(source):
    namespace = {}
    exec(source, namespace)
    return namespace["f"]


@pytest.mark.parametrize("left, right", VALUES)
@pytest.mark.parametrize("sign", BINARY)
def test_binary_operators(same, sign, left, right):
    same(compiled(f"def f(a, b):\n return a {sign} b"), left, right)


@pytest.mark.parametrize("left, right", VALUES)
@pytest.mark.parametrize("sign", BINARY)
def test_inplace_operators(same, sign, left, right):
    same(compiled(f"def f(a, b):\n c = a\n c {sign}= b\n return a, c, a is c"), left, right)


@pytest.mark.parametrize("sign", ["<", "<=", "==", "!=", ">", ">=", "is", "is not", "in", "not in"])
@pytest.mark.parametrize("left, right", [*VALUES, (1, [1, 2]), ("a", "abc"), (None, None)])
def test_comparisons(same, sign, left, right):
    same(compiled(f"def f(a, b):\n return a {sign} b"), left, right)
    same(compiled(f"def f(a, b):\n return 1 if a {sign} b else 2"), left, right)


@pytest.mark.parametrize("expression", ["-a", "+a", "~a", "not a", "not not a"])
@pytest.mark.parametrize("value", [3, -2.5, 10**30, "x", [], None])
def test_unary_operators(same, expression, value):
    same(compiled(f"def f(a):\n return {expression}"), value)


@pytest.mark.parametrize(
    "expression",
    ["a[0]", "a[-1]", "a[1:]", "a[:2]", "a[::2]", "a[1:2:1]", "a['k']", "a[0, 1]", "a[9]", "a[b:]"],
)
@pytest.mark.parametrize("value", ["abc", [1, 2, 3], (4, 5), {"k": 1}, 5, int])
def test_subscripts(same, expression, value):
    same(compiled(f"def f(a, b=1):\n return {expression}"), value)


@pytest.mark.parametrize(
    "statement",
    [
        "a[0] = 9",
        "a[1:] = [8]",
        "a[::2] = [7, 7]",
        "del a[0]",
        "del a[:1]",
        "a[0] += 1",
        "a[5] = 1",
    ],
)
@pytest.mark.parametrize("value", [[1, 2, 3], "abc", {0: 1}])
def test_subscript_stores(same, statement, value):
    same(compiled(f"def f(a):\n {statement}\n return a"), value)


def test_a_comparison_may_return_anything(same):
    class Vector:
        def __eq__(self, other):
            return [1, other]

        __hash__ = None

    same(compiled("def f(make):\n return make() == 3"), Vector)
    same(compiled("def f(make):\n return 1 if make() == 3 else 2"), Vector)


def test_a_chained_comparison_stops_early(same):
    def chain(a, b, c):
        return a < b < c, a < b > c, a == b != c

    for values in [(1, 2, 3), (3, 2, 1), (1, 1, 1), (1, "x", 2)]:
        same(chain, *values)


def test_tables_follow_cpython():
    assert BINARY_OPERATORS[0] is operator.add
    assert BINARY_OPERATORS[25] is operator.ixor
    assert len(BINARY_OPERATORS) == 26
    assert [apply.__name__ for apply in COMPARE_OPERATORS] == ["lt", "le", "eq", "ne", "gt", "ge"]
