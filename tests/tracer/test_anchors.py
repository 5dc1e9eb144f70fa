"""Tests of `bytefig.tracer.anchors`: decorated functions are pickled, by name and by value."""

import copy
import math
import pickle
import subprocess
import sys

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import LATEST, V1, Is, Rule, auto_config, autobuild, exempt
from bytefig.tracer.engine.interception import Decision
from bytefig.tracer.recording.policy_tables import from_predicate


class Holder:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return type(other) is type(self) and other.value == self.value


@auto_config
def top(n):
    return Holder(n)


@autobuild
def giving(n):
    return Holder(n)


@exempt
def half(n):
    return n / 2


floor = exempt(math.floor)


@auto_config(experimental_always_inline=False)
def never(n):
    return Holder(half(n))


@auto_config
def outer(n):
    return Holder(never(n))


class Model:
    @auto_config
    @classmethod
    def make(cls, n):
        return Holder([cls.__name__, n])

    @auto_config
    @staticmethod
    def static(n):
        return Holder(n)

    @auto_config
    def method(self, n):
        return Holder(n)

    def __eq__(self, other):
        return type(other) is Model


class Derived(Model): ...


BY_NAME = [top, giving, half, never, outer, floor, Model.make, Model.static, Model.method]
BOUND = [Derived.make, Derived().static, Model().method]


def used():
    for fn in (top, never, outer, Model.make, Model.static, Model().method):
        fn.as_buildable(2)


@pytest.mark.parametrize("fn", [*BY_NAME, *BOUND], ids=lambda fn: fn.__qualname__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_by_name_before_and_after_a_capture(fn, protocol):
    for _ in range(2):
        made = pickle.loads(pickle.dumps(fn, protocol))
        assert type(made) is type(fn) and made.__qualname__ == fn.__qualname__
        if fn is not BOUND[-1]:  # another object has another method
            assert made == fn
        if fn not in (giving, half, floor, Model.method):
            assert build(made.as_buildable(2)) == fn(2)
        used()


@pytest.mark.parametrize("fn", [top, giving, half, never])
def test_a_function_of_a_module_is_itself(fn):
    for copied in (pickle.loads(pickle.dumps(fn)), copy.copy(fn), copy.deepcopy(fn)):
        assert copied is fn


def test_an_inherited_class_method_stays_that_of_the_subclass():
    made = pickle.loads(pickle.dumps(Derived.make))
    assert build(made.as_buildable(1)).value == ["Derived", 1]


def test_graphs_that_keep_a_function():
    graph = outer.as_buildable(3)
    assert graph == Config(Holder, Config(never, 3))
    made = pickle.loads(pickle.dumps(graph))
    assert made == graph and made.value.__fn_or_cls__ is never


def test_local_functions_are_copied_but_not_pickled():
    @auto_config
    def local(n):
        return Holder(n)

    for copied in (copy.copy(local), copy.deepcopy(local)):
        assert copied == local and build(copied.as_buildable(1)) == Holder(1)
    with pytest.raises((AttributeError, pickle.PicklingError), match="local"):
        pickle.dumps(local)


def is_floor(fn):
    return fn is math.floor


@pytest.mark.parametrize(
    "table",
    [
        LATEST,
        V1,
        from_predicate(is_floor),
        LATEST.extend(Rule(Is((math.floor,)), Decision.RECORD, "for a test")),
    ],
)
def test_policies(table):
    table.decide(len)
    made = pickle.loads(pickle.dumps(table))
    assert (made is table) == (table in (LATEST, V1))
    for fn in (len, Holder, math.floor, top, half):
        assert made.explain(fn) == table.explain(fn)


BUILDERS = """
import math
from bytefig.configs import Config, build
from bytefig.tracer import auto_config, autobuild, exempt

class Holder:
    def __init__(self, value): self.value = value

@auto_config
def top(n): return Holder(n)

@auto_config(experimental_allow_control_flow=True)
def recursive(n): return Holder(recursive(n - 1) if n else half(8))

@exempt
def half(n): return n / 2

@auto_config(experimental_always_inline=False, experimental_exemption_policy=lambda fn: fn is half)
def never(n): return Holder(half(n))

@autobuild
def giving(n): return Holder(n)

class Model:
    @auto_config
    @classmethod
    def make(cls, n): return Holder(n)
    @auto_config
    def method(self, n): return Holder(n)

def every(): return [top, recursive, half, never, giving, Model.make, Model().method, Model]

def use():
    for fn in (top, recursive, never, Model.make, Model().method): fn.as_buildable(2)
"""
WRITER = """
import pickle, sys, cloudpickle
if {main}:
    exec({builders!r}, globals())
else:
    from builders import *
    import builders
    if {by_value}:
        cloudpickle.register_pickle_by_value(builders)
values = [cloudpickle.dumps(every())]
use()
values += [cloudpickle.dumps(every()), cloudpickle.dumps(top.as_buildable(Config(never, 1)))]
with open({path!r}, "wb") as file:
    pickle.dump(values, file)
"""
READER = """
import pickle, sys
from bytefig.configs import build
with open({path!r}, "rb") as file:
    before, after, graph = pickle.load(file)
for values in (before, after):
    top, recursive, half, never, giving, make, method, model = pickle.loads(values)
    assert ("builders" in sys.modules) == {by_name}
    for fn in (top, never, make, method, model.make, model().method):
        assert type(build(fn.as_buildable(2))).__name__ == type(fn(2)).__name__ == "Holder"
    assert build(recursive.as_buildable(2)).value.value.value == recursive(0).value == 4
    assert half(4) == 2 and never(4).value == 2
    assert top.__name__ == "top" and top.__wrapped__(1).value == 1
    assert never.always_inline is False
assert build(pickle.loads(graph)).value.value == 0.5
print("same")
"""


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("where", ["main", "module by value", "module by name"])
def test_cloudpickle_in_a_fresh_process(tmp_path, where):
    pytest.importorskip("cloudpickle")
    (tmp_path / "builders.py").write_text(BUILDERS)
    (tmp_path / "elsewhere").mkdir()
    names = {
        "main": where == "main",
        "by_value": where == "module by value",
        "by_name": where == "module by name",
        "builders": BUILDERS,
        "path": str(tmp_path / "values"),
    }
    for text, folder in ((WRITER, tmp_path), (READER, tmp_path / "elsewhere")):
        place = tmp_path if names["by_name"] else folder
        done = subprocess.run(
            [sys.executable, "-c", text.format(**names)],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout == "same\n"
