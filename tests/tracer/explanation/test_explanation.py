import contextlib
import enum
import functools
import io
import json
import math
import os.path
import sys
from opcode import opmap
from types import FunctionType, ModuleType, SimpleNamespace

import pytest

from bytefig.configs import Provenance
from bytefig.tracer import (
    Decision,
    NotAFunctionError,
    PolicyTable,
    auto_config,
    exempt,
    explain,
    interpret,
)
from bytefig.tracer.code.instruction import CodeNames, read_instructions
from bytefig.tracer.code.wordcode import pops_and_pushes
from bytefig.tracer.engine.functions import turn_into_twin
from bytefig.tracer.engine.interception import ImplicitCallable
from bytefig.tracer.engine.interceptor import Native, with_names
from bytefig.tracer.engine.opcodes.table import HANDLERS
from bytefig.tracer.explanation import callee_stack, tier
from bytefig.tracer.explanation.callee_stack import UNKNOWN, apply_effect
from bytefig.tracer.explanation.static_lookup import MISSING, attribute_if_static


class Meta(type):
    def from_meta(cls):
        return cls

    @property
    def forbidden(cls):
        raise RuntimeError


class Dense(metaclass=Meta):
    limit = max

    def __init__(self, *units, **named):
        self.units = units

    @classmethod
    def make(cls, *units):
        return cls(*units)

    @staticmethod
    def static(x=0):
        return x

    def method(self, *x):
        return self

    @property
    def forbidden(self):
        raise RuntimeError

    @auto_config
    @classmethod
    def captured(cls):
        return Dense(1)

    class Inner:
        pass


class Dynamic:
    def __getattr__(self, name):
        raise RuntimeError

    def known(self):
        pass


class Intercepting:
    def __getattribute__(self, name):
        raise RuntimeError


class LazyModule(ModuleType):
    def __getattribute__(self, name):
        raise RuntimeError


nn = ModuleType("nn")
nn.Dense = Dense
nn.layers = SimpleNamespace(Dense=Dense)
lazy = LazyModule("lazy")
layer, dynamic, intercepting = Dense(), Dynamic(), Intercepting()
TABLE = {"dense": Dense}
changed = Dense


@auto_config
def inlined():
    return Dense(1)


@auto_config(experimental_always_inline=False)
def kept():
    return Dense(1)


@exempt
def exempted():
    return 1


def plain(*x, **y):
    return x


def identity(f):
    return f


def only(fn):
    (site,) = explain(fn).sites
    return site


RUN, RECORD = Decision.EXEMPT, Decision.RECORD


def reads_no_local():
    unset()


@pytest.mark.parametrize(
    "fn, callee, resolved, decision",
    [
        (lambda: Dense(1), "Dense", Dense, RECORD),
        (lambda: Dense(units=1), "Dense", Dense, RECORD),
        (lambda: Dense(*TABLE, **TABLE), "Dense", Dense, RECORD),
        (lambda: Dense(*TABLE), "Dense", Dense, RECORD),
        (lambda: nn.Dense(1), "nn.Dense", Dense, RECORD),
        (lambda: nn.layers.Dense(1), "nn.layers.Dense", Dense, RECORD),
        (lambda: os.path.join("a"), "os.path.join", os.path.join, RECORD),
        (lambda: math.sqrt(2), "math.sqrt", math.sqrt, RUN),
        (lambda: len([]), "len", len, RUN),
        (lambda: Dense.make(1), "Dense.make", Dense.make, RECORD),
        (lambda: Dense.static(1), "Dense.static", Dense.static, RECORD),
        (lambda: Dense.method(1), "Dense.method", Dense.method, RECORD),
        (lambda: Dense.limit(1, 2), "Dense.limit", max, RUN),
        (lambda: Dense.Inner(), "Dense.Inner", Dense.Inner, RECORD),
        (lambda: Dense.from_meta(), "Dense.from_meta", Dense.from_meta, RECORD),
        (lambda: Dense.captured(), "Dense.captured", Dense.captured, Decision.INLINE),
        (lambda: dict.fromkeys([]), "dict.fromkeys", dict.fromkeys, RUN),
        (lambda: layer.method(), "layer.method", layer.method, RUN),
        (lambda: layer.static(), "layer.static", Dense.static, RECORD),
        (lambda: layer.make(), "layer.make", Dense.make, RECORD),
        (lambda: dynamic.known(), "dynamic.known", dynamic.known, RUN),
        (lambda: "".join([]), "''.join", "".join, RUN),
        (lambda: TABLE.get("dense"), "TABLE.get", TABLE.get, RUN),
        (lambda: functools.partial(Dense), "functools.partial", functools.partial, RECORD),
        (lambda: inlined(), "inlined", inlined, Decision.INLINE),
        (lambda: kept(), "kept", kept, RECORD),
        (lambda: exempted(), "exempted", exempted, RUN),
        (lambda: globals(), "globals", globals, RUN),
    ],
)  # fmt: skip
def test_what_is_known(fn, callee, resolved, decision):
    site = only(fn)
    assert (site.callee, site.decision) == (callee, decision)
    assert site.resolved == resolved
    assert site.reason


@pytest.mark.parametrize(
    "fn, callee, why",
    [
        (lambda x: x(), "x", "'x' is a parameter"),
        (lambda self: self.make(1), "self.make", "'self' is a parameter"),
        (lambda: layer.forbidden(), "layer.forbidden", "without running code"),
        (lambda: Dense.forbidden(), "Dense.forbidden", "without running code"),
        (lambda: dynamic.forbidden(), "dynamic.forbidden", "without running code"),
        (lambda: intercepting.any(), "intercepting.any", "without running code"),
        (lambda: lazy.any(), "lazy.any", "without running code"),
        (lambda: nn.nothing(), "nn.nothing", "without running code"),
        (lambda: TABLE["dense"](), "TABLE[...]", "an item"),
        (lambda x: (Dense if x else layer)(), "<unknown>", "the branches before it differ"),
        (lambda x: (x + 1)(), "<unknown>", "computed"),
        (reads_no_local, "unset", "'unset' is not defined now"),
    ],
)  # fmt: skip
def test_what_is_decided_later(fn, callee, why):
    site = only(fn)
    assert (site.callee, site.decision, site.resolved) == (callee, None, None)
    assert site.reason.startswith("decided when it runs: ")
    assert why in site.reason
    assert site.action == "?"


def table(fn, **options):
    return [(site.callee, site.decision) for site in explain(fn, **options).sites]


def test_results_of_calls():
    assert table(lambda: plain()(1).x()) == [
        ("plain", RECORD), ("plain()", None), ("plain()(...).x", None),
    ]  # fmt: skip


def test_functions_made_inside():
    def build():
        def inner(x=Dense(0)):
            return inner(Dense(1))

        @identity
        def decorated():
            return 1

        inner()
        decorated()
        (lambda: Dense(2))()
        named = lambda: 1
        return named()

    step = Decision.STEP_INTO
    assert table(build) == [
        ("Dense", RECORD), ("inner", step), ("Dense", RECORD), ("identity", RECORD),
        ("inner", step), ("decorated", None), ("<lambda>", step), ("Dense", RECORD),
        ("named", step),
    ]  # fmt: skip
    assert "interpreted" in explain(build).sites[1].reason


def test_locals_assigned_once():
    def build(n):
        import collections.abc as abc
        from json import dumps

        make = nn.Dense
        again = make
        again = again
        make(1)
        again(2)
        dumps(n)
        abc.Sized()
        n()

    assert table(build) == [
        ("make", RECORD), ("again", None), ("dumps", RECORD), ("abc.Sized", RECORD), ("n", None),
    ]  # fmt: skip


def test_variables_that_are_assigned_elsewhere():
    cell = Dense
    other = Dense

    def build():
        global changed
        nonlocal other
        cell()
        other()
        changed()
        other = changed = len

    assert table(build) == [("cell", RECORD), ("other", None), ("changed", None)]

    def late():
        return unfilled()

    assert table(late) == [("unfilled", None)]
    unfilled = 1


def test_classes_made_inside():
    def build():
        class Local(Dense):
            field = Dense(1)

            def __init__(self):
                super().__init__(Dense(2))

    found = dict(table(build))
    assert found["class Local"] is RUN
    assert found["super().__init__"] is None
    assert [site.function for site in explain(build).sites if site.callee == "Dense"] == [
        f"{build.__qualname__}.<locals>.Local", f"{build.__qualname__}.<locals>.Local.__init__",
    ]  # fmt: skip


def test_comprehensions_and_generators():
    def build(xs):
        return [Dense(x) for x in xs], sum(plain(x) for x in xs), {len(x): x for x in xs}

    assert table(build) == [("Dense", RECORD), ("sum", RUN), ("plain", RECORD), ("len", RUN)]


def test_copies_that_the_compiler_makes_are_listed_once():
    def build(x):
        while plain(x):
            Dense(1)
        try:
            Dense(2)
        finally:
            Dense(3)
        with contextlib.suppress(ValueError):
            Dense(4)

    sites = explain(build).sites
    assert [site.callee for site in sites] == [
        "plain", "Dense", "Dense", "Dense", "contextlib.suppress", "Dense",
    ]  # fmt: skip
    assert all(site.decision is RECORD for site in sites)


def test_what_fills_the_stack_of_a_call():
    def build(x):
        return plain(
            plain(1 if x else 2, [y for y in x], *x), x and plain(x or 3), f"{x!r:>{x}}", {**x},
            k=plain(x[1:2], k=-x), l=x < 1 < 2, m=[*x, 1], n=lambda y=1, *, z=2: y,
        )  # fmt: skip

    assert table(build) == [("plain", RECORD)] * 4


async def asynchronous(x):
    async with Dense(1) as y:
        await y.go(Dense(2))
    async for z in plain(x):
        yield Dense(3)
    [await Dense(w) async for w in x]


def generator(x):
    got = yield Dense(1)
    yield from plain(got)
    match x:
        case {"a": [Dense(units=1), *rest], **others}:
            plain(rest)
        case Dense():
            plain(others)
    try:
        Dense(2)
    except* ValueError as e:
        plain(e)
    del got, TABLE[1], x.y


def test_statements_of_all_kinds():
    assert [name for name, _ in table(asynchronous)] == [
        "Dense", "y.go", "Dense", "plain", "Dense", "Dense",
    ]  # fmt: skip
    assert table(generator) == [
        ("Dense", RECORD), ("plain", RECORD), ("plain", RECORD), ("plain", RECORD),
        ("Dense", RECORD), ("plain", RECORD),
    ]  # fmt: skip


def compiled(source):
    """Compile a function that pytest does not rewrite."""
    namespace = {"Dense": Dense, "plain": plain, "identity": identity, "exempt": exempt}
    exec(source, namespace)
    return namespace["f"]


def test_assertions():
    assert table(compiled("def f(x):\n assert plain(x), Dense(4)")) == [
        ("AssertionError", RUN), ("plain", RECORD), ("Dense", RECORD),
    ]  # fmt: skip


def test_decorators_that_are_calls():
    source = "def f(d):\n @identity(d)\n @d(1)\n @identity\n def g(): pass\n return g()"
    assert [name for name, _ in table(compiled(source))] == [
        "identity", "identity(...)", "d", "d(...)", "identity", "g",
    ]  # fmt: skip


class Counting(Native):
    __slots__ = ("places",)

    def __init__(self):
        super().__init__()
        self.places = []

    def call(self, frame, index, fn, args, kwargs, /):
        if not isinstance(fn, ImplicitCallable):
            place = Provenance(frame.code, frame.program.offsets[index])
            self.places.append((place.line, place.column))
        return super().call(frame, index, fn, args, kwargs)

    def call_at(self, frame, cache, fn, values, names, /):
        # Without the note that a CALL may make the next one itself.
        return self.call(frame, cache.index, fn, *with_names(values, names))


def counted(fn):
    counting = Counting()
    twin = FunctionType(fn.__code__, fn.__globals__, fn.__name__, None, fn.__closure__)
    turn_into_twin(twin, counting)()
    return counting.places


def straight_calls():
    layer = Dense(1, *[2], k=3)
    layer.method(Dense(2)).method(plain(**{"a": Dense.make(4)})).method()
    plain(*(1, 2))
    return nn.layers.Dense("".join(["a", str(1)]), plain()), plain(a=1)


def straight_statements():
    import json as local

    with contextlib.nullcontext(Dense(1)) as one, contextlib.nullcontext(2):
        plain(one)

    @identity
    @identity
    def inner(x=Dense(2)):
        return plain(x)

    class Local(Dense):
        @identity
        def __init__(self):
            super().__init__(1)

    inner()
    Local()
    local.dumps([plain(x) for x in range(1)])
    sum(len(str(x)) for x in range(1))
    (lambda: plain(1))()
    try:
        plain(2)
    finally:
        plain(3)
    functools.partial(plain, 1)()


def test_every_call_the_interpreter_makes_is_listed_once():
    for fn in (straight_calls, straight_statements):
        sites = [(site.line, site.column) for site in explain(fn).sites]
        assert sorted(sites) == sorted(counted(fn))


def test_kinds_of_functions():
    policy = PolicyTable(())
    exempting = auto_config(plain_builder, experimental_exemption_policy=lambda fn: fn is Dense)
    assert table(exempting) == [("Dense", RUN)]
    assert table(exempting, policy=policy) == [("Dense", RECORD)]
    for fn in (
        plain_builder, Builder().method, Builder.of_class, Builder.of_instances, Builder(),
        functools.partial(plain_builder), functools.cache(plain_builder), interpret(plain_builder),
        vars(Builder)["of_class"], exempt(plain_builder), auto_config(Builder().method),
    ):  # fmt: skip
        assert table(fn) == [("Dense", RECORD)]
    for thing in (len, Dense, 3, exempt(len)):
        with pytest.raises(NotAFunctionError, match="with Python bytecode") as caught:
            explain(thing)
        assert __file__ in str(caught.value)


def plain_builder():
    return Dense(1)


class Builder:
    def method(self):
        return Dense(1)

    __call__ = method

    @classmethod
    def of_class(cls):
        return Dense(1)

    @auto_config
    @staticmethod
    def of_instances():
        return Dense(1)


def test_as_text_and_data():
    def build(width):
        return [Dense(width), width()]

    explanation = explain(build)
    title, head, first, second, tier = str(explanation).splitlines()
    assert title == f"calls in {build.__qualname__}, {__file__}"
    assert head.split() == "line column in call capture would because".split()
    assert first.index("Dense") == second.index("width") == head.index("call")
    assert first.endswith("make a config node of it  nothing exempts it")
    assert tier == f"tier: {explanation.tier}"
    line = build.__code__.co_firstlineno + 1
    data = explanation.to_data()
    assert json.loads(json.dumps(data)) == data
    assert data[0] == {
        "line": line, "column": 16, "function": build.__qualname__, "callee": "Dense",
        "resolved": f"{__name__}.Dense", "decision": "RECORD", "reason": "nothing exempts it",
    }  # fmt: skip
    assert data[1]["resolved"] is data[1]["decision"] is None
    assert [explain(f).to_data()[0]["resolved"] for f in (
        lambda: inlined(), lambda: layer.method(), lambda: layer(), lambda: len(),
    )] == [f"{__name__}.inlined", f"{__name__}.Dense.method", f"{__name__}.Dense object",
           "builtins.len"]  # fmt: skip
    assert str(explain(lambda: 1)).startswith("no calls in ")
    assert "\ntier: " in str(explain(lambda: 1))


def test_what_is_refused():
    config = auto_config(plain_builder).as_buildable()
    assert "refused" in only(lambda: config()).reason
    assert "TypeError" in only(lambda: layer()).reason


def test_rich(monkeypatch):
    explanation = explain(plain_builder)
    monkeypatch.setitem(sys.modules, "rich.table", None)
    with pytest.raises(ImportError, match=r"bytefig\[cli\]"):
        explanation.__rich__()


def test_rich_table():
    console = pytest.importorskip("rich.console")
    made = console.Console(width=200, record=True, file=io.StringIO())
    made.print(explain(plain_builder))
    assert "Dense" in made.export_text()


class Color(enum.Enum):
    RED = 1


class WithSlot:
    __slots__ = ("empty", "full")

    def __init__(self):
        self.full = len


def test_static_attribute():
    assert attribute_if_static(WithSlot(), "full") is len
    for obj, name in [
        (WithSlot(), "empty"), (Intercepting(), "x"), (lazy, "x"), (nn, "x"), (Dense, "forbidden"),
        (super(Dense, layer), "method"), (functools.cached_property(len), "nothing"),
    ]:  # fmt: skip
        assert attribute_if_static(obj, name) is MISSING
    assert attribute_if_static(Dense(1, 2), "units") == (1, 2)


def test_every_opcode_is_in_a_table():
    from bytefig.tracer.explanation.callees import _RULES as rules

    others = set(HANDLERS) - {*rules, *callee_stack.STACK_RULES}
    assert [name for name in others if pops_and_pushes(opmap[name], 1) is None] == []


def test_an_unknown_opcode_makes_everything_unknown():
    code = (lambda: (x := 1) + x).__code__
    (copy,) = [ins for ins in read_instructions(code, CodeNames.of(code))[0] if ins.name == "COPY"]
    stack = [callee_stack.Symbol(callee_stack.Knowledge.KNOWN, "a", 1)]
    apply_effect(copy, stack)
    assert stack == [UNKNOWN, UNKNOWN]


def test_without_columns():
    code = plain_builder.__code__.replace(co_linetable=b"")
    site = only(FunctionType(code, globals()))
    assert (site.line, site.column, site.callee) == (None, None, "Dense")
    assert "Dense" in str(explain(FunctionType(code, globals())))


def test_why_no_code_is_native(monkeypatch, using):
    monkeypatch.setattr(tier, "CAN_REBUILD", False)
    with using("auto"):
        assert explain(lambda: [Dense(units) for units in range(3)]).tier == (
            "interpreted: no code is rebuilt for this version of CPython yet"
        )


def test_a_variable_of_an_enclosing_function_that_is_not_set_yet():
    def calls_later():
        return later(1)

    (site,) = explain(calls_later).sites
    later = len
    assert site.decision is None
    assert site.reason.startswith("decided when it runs: 'later' is a variable of an enclosing")
    (site,) = explain(calls_later).sites
    assert (site.resolved, site.decision) == (later, Decision.EXEMPT)
