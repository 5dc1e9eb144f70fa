"""Fused steps do what the steps of their instructions do, and errors name the very instruction."""

import pytest

from bytefig.configs import Config
from bytefig.tracer import UnbuiltNodeError, auto_config
from bytefig.tracer.code.instruction import CodeNames
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.functions import own_code
from bytefig.tracer.engine.opcodes import fused
from bytefig.tracer.engine.program import Program, raised_at

pytestmark = [pytest.mark.unobserved, pytest.mark.usefixtures("only_interpreted")]


class Odd:
    """Compares to what is no bool, and fails where asked to."""

    def __init__(self, fails=()):
        self.fails = fails
        self.truths = 0

    def __deepcopy__(self, memo):
        return Odd(self.fails)

    def __eq__(self, other):
        return isinstance(other, Odd) and self.fails == other.fails

    __hash__ = None

    def __lt__(self, other):
        return self

    def __bool__(self):
        if "bool" in self.fails:
            raise ValueError("no truth")
        self.truths += 1
        return self.truths % 2 == 1

    def __add__(self, other):
        if "add" in self.fails:
            raise ArithmeticError("no sum")
        return [other]

    __radd__ = __add__

    def __getattr__(self, name):
        raise AttributeError(name)


def two_locals(a, b):
    return (a + b, a - b, a * 2, 3 * b, a[b] if isinstance(a, list) else None)


def stored(a, b):
    c = a + b
    d = c + 1
    e = a + 1
    e = e + (c + d)
    return c, d, e


def compared(a, b):
    found = []
    if a < b:
        found.append(1)
    if not a < 5:
        found.append(2)
    if [a][0] < b:
        found.append(3)
    if [a][0] < 5:
        found.append(4)
    return found


def in_conditions(a, b):
    if a:
        return b
    if [a][0]:
        return a
    while not b:
        b = 1
    return "none", b


def looped(a, b):
    total = 0
    for item in a:
        total = total + item
        for other in b:
            total = (total + item * other) % 1000003
    return total, item


def first_unbound(a, b):
    if b:
        c = 1
    return c + a


def second_unbound(a, b):
    if b:
        c = 1
    d = a + c
    return d


def unbound_compared(a, b):
    if b:
        c = 1
    if a < c:
        return 1
    return c < a


def unbound_pushed(a, b):
    if b:
        c = 1
    return [a, c], (c, 1), c.real


def unbound_tested(a, b):
    if b:
        c = 1
    if c:
        return 1


def unbound_returned(a, b):
    if b:
        c = 1
    return c


def attribute(a, b):
    return a.real, b.imag, a.conjugate()


def protected(a, b):
    try:
        c = a + b
    except TypeError:
        c = "handled"
    try:
        if a < b:
            c = [c, a + 1]
        return c
    except (TypeError, ValueError) as error:
        return c, str(error), a + b
    finally:
        b = a


def called(a, b):
    return max(1, 2), "a b c".split(" ", 1), dict(k=1, j=2), sorted([a], key=None), int("1", 36)


def fails_in_call(a, b):
    return int("x", 10)


FUNCTIONS = [
    two_locals, stored, compared, in_conditions, looped, first_unbound, second_unbound,
    unbound_compared, unbound_pushed, unbound_tested, unbound_returned, attribute, protected,
    called, fails_in_call,
]  # fmt: skip
ARGUMENTS = [
    (1, 2),
    (7, 0),
    ([1, 2], [3]),
    (1, "x"),
    (Odd(), 1),
    (Odd({"bool"}), 0),
    (1, Odd({"add"})),
    (Odd({"add"}), [1]),
    (iter([1, "x"]), [2]),
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("args", ARGUMENTS, ids=range(len(ARGUMENTS)))
def test_the_same_as_cpython(same, function, args):
    if hasattr(args[0], "__next__"):
        args = ([1, "x"], [2])
    same(function, *args)


def test_fused_from_the_second_run_on_or_with_a_loop(twin):
    straight, loop = twin(stored), twin(looped)
    # Other tests have run these functions: what counts is a code object of its own.
    for function, source in ((straight, stored), (loop, looped)):
        function.__code__ = twin(fresh(source)).__code__
    straight_program, loop_program = (decode(own_code(function)) for function in (straight, loop))
    straight(1, 2)
    assert straight_program.fused is None
    straight(1, 2)
    assert straight_program.fused is not None
    loop([1], [2])
    assert loop_program.fused is not None
    plain = loop_program.steps
    fused = loop_program.fused.steps
    assert fused[: len(plain)] != plain
    assert [fused[-index] for index in range(1, len(plain))] == list(plain[1:])


def test_the_fused_steps_are_what_runs(same, monkeypatch):
    """Wrong ones are noticed, by every test that compares with CPython."""
    right = fused.apply_loads

    def swapped(loads, apply, following):
        return right(loads, lambda left, other: apply(other, left), following)

    same(fresh(two_locals), 7, 3)
    monkeypatch.setattr(fused, "apply_loads", swapped)
    with pytest.raises(AssertionError):
        same(fresh(two_locals), 7, 3)


def test_what_is_never_fused_is_made_ready_once():
    code = stored.__code__
    program = decode(code)
    made = Program(program.steps, program.offsets, program.handlers, CodeNames.of(code), 2)
    assert made.fused is not None
    assert made.fused.steps == program.steps
    assert [raised_at(index, made.fused.raising) for index in (1, 2)] == [1, 2]


def fresh(function):
    return type(function)(function.__code__.replace(), function.__globals__)


def test_the_index_that_raised():
    assert raised_at(3, None) == 3
    assert raised_at(3, range(9)) == 3
    assert raised_at(-3, range(9)) == 3
    assert raised_at(1, [0, 4]) == 4


class Dense:
    def __init__(self, units=1):
        self.units = units


def compares_a_node():
    dense, other = Dense(1), 2
    if dense < other:
        return dense
    return None


def adds_a_node():
    dense = Dense(1)
    return 1 + (dense + 2)


@pytest.mark.parametrize(
    ("function", "line", "column"), [(compares_a_node, 2, 8), (adds_a_node, 2, 17)]
)
def test_a_node_used_in_a_fused_step_is_refused_at_its_place(function, line, column):
    captured = auto_config(function, experimental_allow_control_flow=True).as_buildable
    for _ in range(2):
        with pytest.raises(UnbuiltNodeError) as raised:
            captured()
        where = f":{function.__code__.co_firstlineno + line}:{column} in {function.__name__}"
        assert where in str(raised.value)


def test_a_field_of_a_node_is_read_in_a_fused_step():
    def build():
        dense = Dense(1)
        return [dense, Dense(dense.units)]

    captured = auto_config(build).as_buildable
    for _ in range(2):
        with pytest.raises(UnbuiltNodeError, match="units"):
            captured()


def test_constant_arguments_of_recorded_calls():
    captured = auto_config(lambda: [Dense(1), Dense(units=2), dict(a=Dense(units=3))]).as_buildable
    for _ in range(3):
        assert captured() == [
            Config(Dense, 1), Config(Dense, units=2), {"a": Config(Dense, units=3)},
        ]  # fmt: skip
