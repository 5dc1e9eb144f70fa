import collections
import copy
import functools
import math
from types import FunctionType, MethodType

import attrs
import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import Decision, PolicyTable, Rule, auto_config
from bytefig.tracer.recording.policy_tables import LATEST, V1, from_predicate
from bytefig.tracer.recording.rules import InModule, Is, Named


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


def kinds_only():
    return PolicyTable(
        (
            Rule(Is((len,)), Decision.STEP_INTO, "about one function"),
            Rule(Named("*.method"), Decision.EXEMPT, "by its name"),
            Rule(InModule("builtins"), Decision.EXEMPT, "a builtin"),
        )
    )


def test_decisions_about_methods_are_kept_if_no_rule_asks_what_they_are_bound_to():
    table = kinds_only()
    kept = table._of_methods
    assert table.decide(Plain().method) is table.decide(Plain().method) is table.rules[1]
    assert len(kept[0]) == 1
    assert len(kept[1]) == 0
    assert table.decide([].append).decision is Decision.EXEMPT
    assert table.plain.methods == {(list, "append")}
    asking = kinds_only().extend(
        Rule(lambda fn: getattr(fn, "__self__", None) == [1], Decision.RECORD, "bound to this")
    )
    for _ in range(2):
        assert asking.decide([1].append).decision is Decision.RECORD
        assert asking.decide([2].append).decision is Decision.EXEMPT
        assert asking.decide(Plain().method).decision is Decision.EXEMPT
    assert not asking.plain.methods
    assert not len(asking._of_methods[0])


@pytest.mark.parametrize("first", [0, 1])
def test_a_function_bound_to_a_class_and_to_an_instance_is_decided_twice(first):
    """`LATEST` runs methods of instances and records class methods, whichever it meets first."""
    of_instance = MethodType(Plain.method, Plain()), Decision.EXEMPT
    of_class = MethodType(Plain.method, Plain), Decision.RECORD
    table = LATEST.extend()
    for method, decision in [of_instance, of_class, of_instance, of_class][first:]:
        assert table.decide(method).decision is decision


def test_a_rule_about_one_bound_method_is_about_that_only():
    method, append = Plain().method, [].append
    table = PolicyTable((Rule(Is((method, append)), Decision.RECORD, "these"),)).extend()
    table = PolicyTable((*table.rules, *kinds_only().rules))
    for _ in range(2):
        assert table.decide(append).decision is Decision.RECORD
        assert table.decide([].append).decision is Decision.EXEMPT
        assert table.decide(method).decision is Decision.RECORD
        assert table.decide(Plain().method).decision is Decision.EXEMPT
    assert not table.plain.methods


def test_a_method_of_no_module_goes_by_the_class_of_its_instance():
    function = Plain.method
    orphan = type(function)(function.__code__, {"__name__": None}, "orphan")
    assert orphan.__module__ is None
    table = PolicyTable((Rule(InModule(__name__), Decision.EXEMPT, "ours"),))
    elsewhere = type("Elsewhere", (), {"__module__": "elsewhere"})
    for _ in range(2):
        assert table.decide(MethodType(orphan, Plain())).decision is Decision.EXEMPT
        assert table.decide(MethodType(orphan, elsewhere())).decision is Decision.RECORD


def test_a_callable_whose_class_says_to_be_any_class():
    class Agreeable(type):
        def __eq__(cls, other):
            return True

        __hash__ = type.__hash__

    class Odd(metaclass=Agreeable):
        def __call__(self):
            return 1

    odd = Odd()
    assert LATEST.decide(odd).decision is Decision.RECORD
    assert from_predicate(lambda fn: fn is odd).decide(odd).decision is Decision.EXEMPT


def test_a_class_statement_runs_whatever_a_predicate_says():
    def build_in_class():
        class Local(Plain):
            limit = 3

        return Plain(Local.limit)

    for predicate in (lambda fn: False, lambda fn: fn is Plain.make, PolicyTable(())):
        captured = auto_config(
            build_in_class,
            experimental_exemption_policy=predicate,
            experimental_allow_control_flow="all",
        )
        assert captured.as_buildable() == Config(Plain, 3)


@pytest.mark.parametrize(
    "rule", dict.fromkeys((*LATEST.rules, *V1.rules)), ids=lambda rule: rule.reason
)
def test_matchers_made_alike_are_equal(rule):
    """So are tables, as one is that comes out of a pickle."""
    matcher = rule.matches
    if isinstance(matcher, FunctionType):
        assert copy.copy(matcher) is matcher
        return
    alike = attrs.evolve(matcher)
    assert alike == matcher and alike is not matcher and hash(alike) == hash(matcher)
    assert attrs.evolve(rule, matches=alike) == rule


def test_a_table_is_a_predicate_that_tells_what_runs():
    assert LATEST(len) and not LATEST(plain)
    table = from_predicate(LATEST)
    assert [table.decide(fn).decision for fn in (len, plain)] == [Decision.EXEMPT, Decision.RECORD]


def test_rules_after_the_one_that_decides_do_not_matter_to_what_is_kept():
    asking = Rule(lambda fn: getattr(fn, "__self__", None) is None, Decision.RECORD, "asks")
    table = PolicyTable((*kinds_only().rules, asking))
    for method in (Plain().method, [].append):
        assert table.decide(method).decision is Decision.EXEMPT
    assert table.is_about_function(Plain().method)
    assert table.plain.methods == {(list, "append")}


def test_a_table_is_shown_by_its_rules():
    table = kinds_only()
    for fn in (plain, len, Plain().method, [].append):
        table.decide(fn)
    assert repr(table) == f"PolicyTable(rules={table.rules!r}, effects=True)"


def test_tables_of_the_same_rules_are_equal_whatever_they_were_asked():
    one, other = PolicyTable(kinds_only().rules), PolicyTable(kinds_only().rules)
    for fn in (plain, len, Plain().method, [].append):
        one.decide(fn)
    assert one == other and hash(one) == hash(other)
    assert one != PolicyTable(one.rules, effects=False)


def test_a_bound_object_is_asked_for_methods_of_its_name_only():
    a, b = Is(([].append,)), Is(([].pop,))
    asks = [[rule.asks_what_is_bound(method) for method in ([].append, [].pop)] for rule in (a, b)]
    assert asks == [[True, False], [False, True]]
