import collections
import functools
import math

import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import Decision, PolicyTable, Rule
from bytefig.tracer.policies import LATEST, from_predicate


class Plain:
    def __init__(self, x=1):
        self.x = x

    def method(self):
        return self.x

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def static():
        return 1


class Error(LookupError):
    pass


def plain():
    return 1


class Unhashable:
    __hash__ = None

    def __call__(self):
        return 1


@pytest.mark.parametrize(
    "fn",
    [
        len, print, math.sqrt, dict, list, range, str, object, int.from_bytes, [].append, "".join,
        str.upper, (1).__add__, Plain().method, Error, ValueError, Config, Partial, build,
        dict.fromkeys,
    ],
)  # fmt: skip
def test_what_runs(fn):
    assert LATEST.decide(fn).decision is Decision.EXEMPT
    assert LATEST.explain(fn).startswith("run it as usual: it")


@pytest.mark.parametrize(
    "fn",
    [Plain, plain, Plain.make, Plain.static, lambda: 1, Unhashable(),
     collections.namedtuple("Pair", "a b")],
)  # fmt: skip
def test_what_is_recorded(fn):
    assert LATEST.explain(fn) == "make a config node of it: nothing exempts it"


def test_a_class_made_in_a_bare_namespace_is_no_builtin():
    namespace = {}
    exec("class Made:\n def __init__(self, x): self.x = x", namespace)
    assert namespace["Made"].__module__ == "builtins"
    assert LATEST.decide(namespace["Made"]).decision is Decision.RECORD


def test_functools_partial_is_recorded():
    assert LATEST.explain(functools.partial).endswith(": it becomes a Partial")
    assert LATEST.decide(functools.partial).decision is Decision.RECORD


def test_a_callable_without_a_signature_runs():
    class Odd:
        __signature__ = "not a signature"

        def __call__(self):
            return 1

    assert LATEST.explain(Odd()) == "run it as usual: its signature cannot be inferred"


def test_the_first_rule_that_matches_decides():
    first = Rule(lambda fn: fn is plain, Decision.EXEMPT, "named first")
    second = Rule(lambda fn: True, Decision.RECORD, "named second")
    table = LATEST.extend(first, second)
    assert table.decide(plain) is first
    assert table.decide(len) is second
    assert LATEST.decide(plain).decision is Decision.RECORD


def test_decisions_are_cached_by_identity_but_not_those_of_bound_methods():
    asked = []
    table = PolicyTable((Rule(lambda fn: asked.append(fn) or False, Decision.EXEMPT, "no"),))
    unhashable = Unhashable()
    method = Plain().method
    for fn in (plain, plain, unhashable, unhashable, method, method):
        assert table.decide(fn).decision is Decision.RECORD
    assert asked == [plain, unhashable, method, method]


def test_a_predicate_replaces_the_default():
    table = from_predicate(lambda fn: fn is plain)
    assert table.decide(plain).decision is Decision.EXEMPT
    assert table.decide(len).decision is Decision.RECORD


def test_a_table_cannot_be_changed():
    with pytest.raises(AttributeError):
        LATEST.rules = ()
