"""Where the callable of each call is on the stack, and whether one instruction has put it there."""

import pytest

from bytefig.tracer.engine.native.assembly import read_words
from bytefig.tracer.engine.native.call_layout import NULL_AFTER, Form, call_layouts

#: For each call the form, how many arguments are above the callable, and whether one loads it.
CALLS = {
    "a(1)": [(Form.FUNCTION, 1, True)],
    "a(1, 2, 3)": [(Form.FUNCTION, 3, True)],
    "a(b(2), 3)": [(Form.FUNCTION, 1, True), (Form.FUNCTION, 2, True)],
    "(a or b)(1)": [(Form.FUNCTION, 1, False)],
    "[c, a(1)]": [(Form.FUNCTION, 1, True)],
    "c.m(1)": [(Form.METHOD, 1, True)],
}


@pytest.mark.parametrize("source", CALLS)
def test_the_callable_of_a_call_is_found(source):
    code = compile(f"def f(a, b, c): {source}", "f", "exec").co_consts[0]
    beside = 2 if NULL_AFTER else 1
    layouts = call_layouts(read_words(code)).values()
    found = [(each.form, each.depth - beside, each.loaded >= 0) for each in layouts]
    assert sorted(found, key=repr) == sorted(CALLS[source], key=repr)
