"""Constructs found in code objects: each kind, what is none of them, and code without places."""

from __future__ import annotations

import gc
import weakref
from types import CodeType

import pytest

from bytefig.tracer.code.constructs import CONTROL_FLOW, Found, first_forbidden


def code_of(body: str, head: str = "def f(a, b, c, d):") -> CodeType:
    lines = "\n".join("    " + line for line in body.splitlines())
    code = compile(f"{head}\n{lines}\n", "<test>", "exec")
    return next(each for each in code.co_consts if isinstance(each, CodeType))


def names(code: CodeType) -> tuple[str | None, str | None]:
    """Return the first construct that is not allowed without and with control flow."""
    first, beyond = first_forbidden(code, False), first_forbidden(code, True)
    return first and first.name, beyond and beyond.name


#: The constructs in the order of the source.
FOUND = {
    "for x in a: b()": "For",
    "while a: b()": "While",
    "while a and b or not c: b()": "While",
    "while True: b()": "While",
    "while True:\n    b()": "While",
    "while True:\n    if a: b()": "While If",
    "while a:\n    if b: continue\n    c()": "While If",
    "while a:\n    while b:\n        continue": "While While",
    "if a: b()": "If",
    "if a and b or not c: b()": "If",
    "if a:\n    if b: c()": "If If",
    "if a: pass": "If",
    "if a < b < c: d()": "If",
    "if a is None: d()": "If",
    "if a is not None: d()": "If",
    "if (x := a()): d()": "If",
    "if a: b()\nelif c: d()": "If If",
    "if a: assert 0": "If",
    "if a:\n    assert b": "If",
    "return a if b else c": "IfExp",
    "return a if b and c else d": "IfExp",
    "x = a if b else c if c else d": "IfExp IfExp",
    "if (a if b else c): d()": "If IfExp",
    "return [x for x in a]": "ListComp",
    "return [x for x in a if b and x]": "ListComp",
    "return [x if b else c for x in a if x]": "ListComp IfExp",
    "return {x for x in a}": "SetComp",
    "return {x: x for x in a}": "DictComp",
    "return list(x for x in a if x)": "GeneratorExp",
    "return [(lambda: x) for x in a if b]": "ListComp Lambda",
    "return list(x if a else b for x in (yield))": "GeneratorExp Yield",
    "return all(x for x in a)": "GeneratorExp",
    "return [[y for y in x] for x in a]": "ListComp ListComp",
    "try: a()\nfinally: b()": "Try",
    "try:\n    a()\nexcept b: c()": "Try",
    "try:\n    a()\nexcept b as e: c()\nelse: c()\nfinally: d()": "Try",
    "try:\n    a()\nexcept* b: c()": "Try",
    "try:\n    pass\nexcept b: c()": "Try",
    "try:\n    try:\n        a()\n    finally:\n        b()\nfinally:\n    c()": "Try Try",
    "raise a": "Raise",
    "raise": "Raise",
    "raise a from b": "Raise",
    "if a: raise b": "If Raise",
    "with a: b()": "With",
    "with a as b: b()": "With",
    "yield a": "Yield",
    "x = yield": "Yield",
    "yield from a": "YieldFrom",
    "def g(): return [x for x in a if x]": "FunctionDef",
    "def g(x=a if b else c): pass": "FunctionDef IfExp",
    "@a(lambda: 1)\ndef g(): pass": "FunctionDef Lambda",
    "async def g(): await a": "AsyncFunctionDef",
    "return lambda: a if b else c": "Lambda",
    "class C: pass": "ClassDef",
    "class C(a if b else c): x = 1 if a else 2": "ClassDef IfExp",
    "match a:\n    case 1:\n        if b: c()": "If",
    "match a:\n    case 1 if (b if c else d):\n        raise": "IfExp Raise",
    "assert a and b or (a if c else d) or b is None": "IfExp",
}

NOT_FOUND = [
    "return a and b or not c",
    "return a < b < c",
    "return a < b < c and d or (a and not b)",
    "a and b()",
    "assert a",
    "assert a, b",
    "assert a and b or not c, d",
    "assert a == b and c == d",
    "assert a < b < c, (a, b)",
    "assert (\n    a == b\n    and c == d\n)",
    "return a(b, c=d)[0].e",
    "x: int = a\nx += 1\ndel x\nimport os\nfrom os import path\nglobal y\ny = 1",
    "return f'{a}{b!r:>{c}}'",
    "return [*a, *b], {**c}, {*d}",
    "match a:\n    case 1: b()",
    "match a:\n    case None: b()",
    "match a:\n    case None:\n        b()\n    case _:\n        c()",
    "match a:\n    case True | -1 | 'x' | b.c: b()\n    case [1, *_]: c()\n    case _: d()",
    "match a:\n    case {'k': 1, **r}: b()\n"
    "    case C(1, y=[2, z]) as q: c()\n    case (1, 2): d()",
    "match a:\n    case x if b and not c: d()\n    case 1 | 2 if c: d()\n    case _ if d: c()",
    "match a:\n    case _ if b: c()",
    "match a:\n    case [x] if x is not None: c()",
    "match a:\n    case 1 if b < c < d:\n        c()\n    case 2 if (b or c) and d:\n        b()",
    "match a:\n    case C(x=1) if (\n        b\n        and c\n    ):\n"
    "        d()\n    case _:\n        c()",
]


@pytest.mark.parametrize("body", FOUND)
def test_the_first_construct_is_found(body):
    found = FOUND[body].split()
    beyond = [name for name in found if name not in CONTROL_FLOW]
    assert names(code_of(body)) == (found[0], beyond[0] if beyond else None)


@pytest.mark.parametrize("body", NOT_FOUND)
def test_what_is_no_construct_is_allowed(body):
    assert first_forbidden(code_of(body), False) is None


@pytest.mark.parametrize(
    "body",
    [
        "if True: a()",
        "if 0: a()\nelse: b()",
        "while 0: a()",
        "return 1 if 0 else a",
        "assert True",
        "while True: return a",
        "return a\nif b: c()",
    ],
)
def test_what_the_compiler_removes_is_not_found(body):
    assert first_forbidden(code_of(body), False) is None


@pytest.mark.parametrize(
    ("body", "folded"),
    [("while a: return b", "If"), ("while a:\n    b()\n    break", "If")],
)
def test_a_loop_that_never_repeats_is_an_if(body, folded):
    assert names(code_of(body)) == (folded, None)


@pytest.mark.parametrize(
    "body", ["async for x in a: pass", "if a: await b", "return [await x async for x in a]"]
)
def test_a_coroutine_function_is_one_before_all_in_it(body):
    code = code_of(body, "async def f(a, b, c):")
    found = first_forbidden(code, False)
    assert found == first_forbidden(code, True) == Found("AsyncFunctionDef", 1)


def test_an_asynchronous_generator_expression_is_found_as_one():
    assert names(code_of("return (x async for x in a if x)")) == ("GeneratorExp", None)


def test_a_generator_whose_yield_is_removed_still_yields():
    assert names(code_of("if False: yield a")) == ("Yield", "Yield")


def test_the_first_in_the_source_is_found():
    code = code_of("x = [y for y in a]\nfor z in b:\n    raise c")
    assert first_forbidden(code, False) == Found("ListComp", 2, 8)
    # What is first in the code object is the condition.
    assert first_forbidden(code_of("return (lambda: a) if b else c"), False).name == "Lambda"


def test_check_knows_three_levels():
    flow = code_of("for x in a:\n    while b: c()\n    raise d")
    other = code_of("x = [y for y in a]\nwith b: c()")
    assert names(flow) == ("For", None)
    assert names(other) == ("ListComp", "With")
    assert first_forbidden(other, True).lineno == 3
    assert first_forbidden(other, "all") is None
    assert "Try" not in CONTROL_FLOW


def without_places(code: CodeType) -> CodeType:
    constants = tuple(
        without_places(each) if isinstance(each, CodeType) else each for each in code.co_consts
    )
    # One entry for up to eight units: "no location".
    units = len(code.co_code) // 2
    table = b"".join(bytes([0xF8 | min(8, units - at) - 1]) for at in range(0, units, 8))
    return code.replace(co_linetable=table, co_consts=constants)


def without_columns(code: CodeType) -> CodeType:
    constants = tuple(
        without_columns(each) if isinstance(each, CodeType) else each for each in code.co_consts
    )
    table = bytearray()
    line = code.co_firstlineno
    for at, _, *_ in [position for position in code.co_positions()]:
        at = line if at is None else at
        delta = at - line
        line = at
        value = (-delta << 1 | 1) if delta < 0 else delta << 1
        table.append(0x80 | 13 << 3)
        while value >= 64:
            table.append(64 | value & 63)
            value >>= 6
        table.append(value)
    return code.replace(co_linetable=bytes(table), co_consts=constants)


#: Without places the same as ``assert not a`` and ``assert not a or b``.
LIKE_AN_ASSERT = {"if a: assert 0", "if a:\n    assert b"}


@pytest.mark.parametrize("strip", [without_places, without_columns])
@pytest.mark.parametrize("body", sorted(FOUND.keys() - LIKE_AN_ASSERT))
def test_code_without_places_is_checked_too(body, strip):
    stripped = strip(code_of(body))
    found = [first_forbidden(stripped, False), first_forbidden(stripped, True)]
    assert found[0], body
    assert all(each is None or each.column is None for each in found)
    # Conditions are hard to tell apart, but all of them are allowed or forbidden together.
    assert (found[1] is None) == (first_forbidden(code_of(body), True) is None)


@pytest.mark.parametrize("body", [each for each in NOT_FOUND if "match" not in each])
def test_nothing_more_is_found_without_columns(body):
    assert first_forbidden(without_columns(code_of(body)), False) is None


@pytest.mark.parametrize("statement", ["x{0} = a and b{0} or c", "assert a and b{0}"])
def test_a_huge_function_is_checked(statement):
    body = "\n".join(map(statement.format, range(2000)))
    assert first_forbidden(code_of(body), False) is None
    assert first_forbidden(code_of(f"{body}\nx = a if b else c"), False) == Found("IfExp", 2002, 13)


def test_a_huge_condition_is_checked():
    operands = " and ".join(f"b{index}" for index in range(2000))
    assert first_forbidden(code_of(f"assert {operands}"), False) is None
    assert names(code_of(f"if {operands}: c()")) == ("If", None)
    assert names(code_of(f"match a:\n    case 1 if {operands}: c()")) == (None, None)


def test_results_live_as_long_as_the_code():
    code = code_of("if a: b()")
    assert first_forbidden(code, False) is first_forbidden(code, False)
    reference = weakref.ref(code)
    del code
    gc.collect()
    assert reference() is None


def test_found_is_readable():
    assert str(Found("If", 3)) == "If at line 3"
    assert str(Found("Try")) == "Try"
