"""Unpacking in comprehensions (PEP 798), in text, which Pythons before 3.15 need not parse."""

import asyncio
import sys

import pytest

from bytefig.tracer.code.constructs import first_forbidden

pytestmark = pytest.mark.skipif(sys.version_info < (3, 15), reason="PEP 798 came with 3.15")

EXPRESSIONS = [
    "[*x for x in xs]",
    "[*x for x in xs if x]",
    "[*(*x, i) for i, x in enumerate(xs)]",
    "[*[*x for x in xs] for y in xs]",
    "{*x for x in xs}",
    "{**x for x in xs}",
    "{**{i: x} for i, x in enumerate(xs)}",
    "list(*x for x in xs)",
    "tuple(*x for x in xs)",
    "set(*x for x in xs)",
    "any(*x for x in xs)",
    "all(*x for x in xs)",
    "next((*x for x in xs), None)",
    "(lambda: [*(x, a) for x in xs])()",
]
VALUES = [
    [],
    [[1, 2], [], [3]],
    [{"a": 1}, {"a": 2, "b": 3}],
    ["ab", 5],
    [None],
    [[[]]],
    5,
]


def made(expression):
    names = {}
    exec(compile(f"def f(xs, a=0): return {expression}", "<unpacking>", "exec"), names)
    return names["f"]


@pytest.mark.parametrize("xs", VALUES, ids=repr)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_unpacking(same, expression, xs):
    same(made(expression), xs)


@pytest.mark.parametrize("expression", ["[*x async for x in xs]", "{**{x: 1} async for x in xs}"])
def test_asynchronous(twin, expression):
    names = {}
    exec(f"async def f(xs): return {expression}", names)

    async def numbers():
        for number in ("ab", "c"):
            yield number

    function = names["f"]
    assert asyncio.run(twin(function)(numbers())) == asyncio.run(function(numbers()))


@pytest.mark.parametrize(
    "expression, construct",
    [
        ("[*x for x in xs]", "ListComp"),
        ("{*x for x in xs}", "SetComp"),
        ("{**x for x in xs}", "DictComp"),
        ("(*x for x in xs)", "GeneratorExp"),
    ],
)
def test_constructs(expression, construct):
    assert first_forbidden(made(expression).__code__, False).name == construct
    assert first_forbidden(made(expression).__code__, True) is None
