import builtins
import collections
import copy
import enum
import functools
import inspect
import itertools
import json
import logging
import math
import operator
import os
import pathlib
import pickle
import platform
import random
import sys
import types
import typing
import uuid

import pytest

from bytefig import configs
from bytefig.configs import Config, Partial, arg_factory, build
from bytefig.tracer import (
    LATEST,
    V1,
    Decision,
    InModule,
    InstanceOf,
    Is,
    Named,
    PolicyTable,
    Rule,
    auto_config,
    capture,
    exempt,
    inlined_partial,
)
from bytefig.tracer.recording.policy_tables import from_predicate


class Color(enum.Enum):
    RED = 1


class Plain:
    def method(self):
        return self


def fails():
    raise AssertionError


always = auto_config(lambda: Plain())
sometimes = auto_config(lambda: Plain(), experimental_always_inline=False)
numpy_like = types.ModuleType("numpy")
exec("class generic: ...\nclass float32(generic): ...\nclass dtype: ...", vars(numpy_like))
NUMPY = vars(numpy_like)
for _name in ("generic", "float32", "dtype"):
    NUMPY[_name].__module__ = "numpy"


@pytest.mark.parametrize(
    "fn, reason",
    [
        (len, "builtin"),
        (math.sqrt, "builtin"),
        (itertools.chain, "itertools"),
        (itertools.chain.from_iterable, "builtin"),
        (pathlib.Path, "pathlib"),
        (pathlib.PurePosixPath, "pathlib"),
        (logging.info, "logging"),
        (logging.getLogger, "logging"),
        (random.Random, "random"),
        (random.Random(0).random, "builtin"),
        (random.Random(0).choice, "method"),
        (copy.deepcopy, "copy"),
        (os.getenv, "reads"),
        (json.loads, "reads"),
        (uuid.uuid4, "reads"),
        (platform.system, "reads"),
        (typing.cast, "typing"),
        (operator.attrgetter, "operator"),
        (inspect.signature, "inspect"),
        (Color, "enum"),
        (NUMPY["float32"], "numpy scalar"),
        (NUMPY["dtype"], "numpy scalar or dtype"),
        (KeyError, "builtin"),
        (json.JSONDecodeError, "exception"),
        (build, "configs itself"),
        (exempt, "marks what is not recorded"),
    ],
)
def test_latest_runs(fn, reason):
    rule = LATEST.decide(fn)
    assert rule.decision is Decision.EXEMPT
    assert reason in rule.reason


def by_hand(units) -> Config[Plain]:
    return Config(dict, units=units)


def by_alias() -> "configs.Partial[Plain]":
    return Partial(dict)


def as_it_is() -> "Config":
    return Config(dict)


class Recipes:
    @classmethod
    def made(cls) -> Config[Plain]:
        return Config(dict)


@pytest.mark.parametrize("fn", [by_hand, by_alias, as_it_is, Recipes.made])
def test_latest_runs_what_returns_configs(fn):
    assert LATEST.decide(fn).decision is Decision.EXEMPT
    assert "returns configs, as its annotation says" in LATEST.explain(fn)
    assert V1.decide(fn).decision is Decision.RECORD


def test_latest_decides_about_classes_without_a_hash():
    class Meta(type):
        __hash__ = None

    class Made(metaclass=Meta): ...

    def make() -> Made: ...

    assert LATEST.decide(make).decision is Decision.RECORD


def test_a_function_that_returns_configs_in_a_capture():
    graph = capture(lambda: [Plain(), by_hand(functools.partial(Plain)), by_hand(2)])
    assert graph == [Config(Plain), Config(dict, units=Partial(Plain)), Config(dict, units=2)]
    assert build(graph[2]) == {"units": 2}
    assert graph[2].__provenance__.function == "by_hand"


def missing() -> "Nowhere[Plain]":  # noqa: F821 - as with an import for type checkers only
    return Plain()


def partly() -> "configs.Nothing":
    return Plain()


def failing():
    return Plain()


def plainly() -> Plain:
    return Plain()


if sys.version_info >= (3, 14):
    exec("def failing() -> Nowhere[Plain]: return Plain()")


@pytest.mark.parametrize("fn", [missing, partly, failing, plainly, Plain])
def test_latest_records_what_returns_something_else(fn):
    assert LATEST.decide(fn).decision is Decision.RECORD


@pytest.mark.parametrize("fn", [random.seed, random.random, random.choice])
def test_latest_records_what_uses_the_global_generator(fn):
    own = getattr(random.Random(0), fn.__name__)
    for each, decision in ((fn, Decision.RECORD), (own, Decision.EXEMPT)) * 2:
        assert LATEST.decide(each).decision is decision


def test_latest_records_what_uses_the_global_generator_of_numpy():
    numpy = pytest.importorskip("numpy")
    rule = LATEST.decide(numpy.random.rand)
    assert (rule.decision, rule.reason) == (Decision.RECORD, LATEST.decide(random.seed).reason)
    assert LATEST.decide(numpy.random.RandomState(0).rand).decision is Decision.EXEMPT


@pytest.mark.parametrize("table", [LATEST, V1, from_predicate(lambda fn: True)])
def test_special_calls_are_decided_before_anything_else(table):
    assert table.decide(always).decision is Decision.INLINE
    for fn in (functools.partial, arg_factory.partial, inlined_partial):
        assert table.explain(fn) == "make a config node of it: it becomes a Partial"


def test_an_auto_config_function_that_does_not_always_inline():
    assert LATEST.decide(sometimes).decision is Decision.RECORD
    assert "can be inlined" in LATEST.explain(sometimes)
    assert V1.decide(sometimes).decision is Decision.RECORD
    assert from_predicate(lambda fn: True).decide(sometimes).decision is Decision.EXEMPT


@pytest.mark.parametrize(
    "fn",
    [
        *(print, int, zip, KeyError, ZeroDivisionError, UserWarning, open, [].append),
        *(itertools.count, itertools.tee, copy.copy, typing.cast, build, Config, Partial),
        *(logging.warning, logging.log, logging.getLogger().info, "".__len__),
    ],
)
def test_version_1_runs(fn):
    assert V1.decide(fn).decision is Decision.EXEMPT


@pytest.mark.parametrize(
    "fn",
    [
        *(Plain, Plain().method, fails, collections.OrderedDict, pathlib.Path, Color),
        *(logging.getLogger, logging.getLogger().log, operator.attrgetter, random.choice),
        *(json.JSONDecodeError, BaseExceptionGroup),
    ],
)
def test_version_1_records(fn):
    assert V1.decide(fn).decision is Decision.RECORD


def test_version_1_knows_every_builtin_class_of_python_3_10():
    newer = {"ExceptionGroup", "BaseExceptionGroup", "EncodingWarning", "PythonFinalizationError"}
    newer |= {"ImportCycleError", "frozendict", "sentinel"}
    for name, value in vars(builtins).items():
        if isinstance(value, type) and value.__module__ == "builtins" and not name.startswith("_"):
            expected = Decision.RECORD if name in newer else Decision.EXEMPT
            assert V1.decide(value).decision is expected, name


@pytest.mark.parametrize(
    "matcher, yes, no",
    [
        (Is((len, Plain.method)), [len, Plain.method, Plain().method], [Plain, print]),
        (InModule("json"), [json.dumps, json.decoder.JSONDecoder], [len, Plain]),
        (InModule("collections"), [collections.Counter, collections.deque([]).append], [len]),
        (InstanceOf(enum.EnumMeta), [Color], [int, len]),
        (Named("json.dump?"), [json.dumps], [json.dump, len]),
        (Named("*.Plain.*"), [Plain().method], [Plain, functools.partial(len)]),
    ],
)
def test_matchers(matcher, yes, no):
    assert all(map(matcher, yes))
    assert not any(map(matcher, no))


def test_tables_are_values():
    rule = Rule(Named("json.*"), Decision.EXEMPT, "why not")
    assert LATEST.extend(rule) == LATEST.extend(Rule(Named("json.*"), Decision.EXEMPT, "why not"))
    assert hash(LATEST.extend(rule)) == hash(LATEST.extend(rule))
    assert LATEST.extend(rule) != LATEST
    assert len({LATEST, V1, LATEST}) == 2
    assert PolicyTable([rule]).rules == (rule,)


@pytest.mark.parametrize("wrong", [("json.*", Decision.EXEMPT), (len, "exempt")])
def test_a_wrong_rule(wrong):
    with pytest.raises(TypeError):
        Rule(*wrong, "reason")


@pytest.mark.parametrize("make", [LATEST.extend, lambda rule: PolicyTable((rule,))])
def test_what_is_no_rule(make):
    with pytest.raises(TypeError, match=r"a PolicyTable is made of Rules, not of 'numpy\.\*'"):
        make("numpy.*")


def test_deciding_imports_nothing():
    assert "numpy" not in sys.modules or sys.modules["numpy"] is not numpy_like


def test_a_user_s_rule_outranks_the_special_ones():
    table = LATEST.extend(
        Rule(Is((functools.partial,)), Decision.EXEMPT, "wanted as it is"),
        Rule(Is((always,)), Decision.EXEMPT, "plain"),
    )
    captured = auto_config(
        lambda: {"p": functools.partial(fails), "a": always(), "c": Color(1), "n": Plain()},
        experimental_exemption_policy=table,
    ).as_buildable()
    assert isinstance(captured["p"], functools.partial)
    assert isinstance(captured["a"], Plain)
    assert captured["c"] is Color.RED
    assert captured["n"] == Config(Plain)


@pytest.mark.parametrize("table", [LATEST, V1])
@pytest.mark.parametrize("effects", [False, True])
def test_a_pickled_table_keeps_effects_or_does_not(table, effects):
    rule = Rule(Is((complex,)), Decision.RECORD, "wanted")
    for changed in (PolicyTable(table.rules, effects=effects), table.extend(rule)):
        copied = pickle.loads(pickle.dumps(changed))
        assert copied == changed
        assert copied.effects is changed.effects
    assert pickle.loads(pickle.dumps(table)) is table
