"""What a CALL remembers of earlier calls changes nothing but the time that it takes."""

import collections
import functools
import gc
import weakref

import pytest

from bytefig.configs import Config, Partial, Tag, effects, get_tags, iter_nodes, node_history
from bytefig.tracer import (
    ArgumentBindingError,
    ConfigTypes,
    Decision,
    PolicyTable,
    Rule,
    UnbuiltNodeError,
    auto_config,
)
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.tiers import TIERS
from bytefig.tracer.recording.policy_tables import LATEST
from bytefig.tracer.recording.recorder import CaptureOptions, Recorder
from bytefig.tracer.recording.rules import Is


class Dense:
    def __init__(self, units=1, *rest, bias=True, **others):
        self.units = units


class Conv:
    def __init__(self, width):
        self.width = width


def lookup(fn):
    """Return a function that captures a call of the global ``target``."""
    names = {"target": fn, "__name__": __name__}
    exec("def build(): return target(1)", names)
    return names, auto_config(names["build"]).as_buildable


def test_a_rebound_global():
    names, captured = lookup(Dense)
    for fn in (Dense, Dense, Conv, Conv, Dense, functools.partial, Conv):
        names["target"] = fn
        if fn is functools.partial:
            with pytest.raises(TypeError):
                captured()
        else:
            assert captured() == Config(fn, 1)


def test_what_takes_the_arguments_after_what_does_not():
    names, captured = lookup(Dense)
    assert captured() == captured() == Config(Dense, 1)
    names["target"] = lambda: None
    for _ in range(2):
        with pytest.raises(ArgumentBindingError):
            captured()
    names["target"] = Dense
    assert captured() == Config(Dense, 1)


def test_the_id_of_one_that_died():
    names, captured = lookup(Dense)
    for number in range(20):
        names["target"] = type(f"Local{number}", (), {"__init__": lambda self, x: None})
        assert captured().__fn_or_cls__ is names["target"]
        gc.collect()


def test_shapes_of_arguments():
    def build(arguments, named):
        return [Dense(*arguments, **named) for _ in range(2)]

    def variadic(n):
        return [Dense(1, 2, 3, k=i, bias=False) for i in range(n)]

    captured = auto_config(build, experimental_allow_control_flow=True).as_buildable
    for arguments, named in [((), {}), ((1,), {}), ((1, 2), {"k": 3}), ((), {"bias": 0})]:
        assert captured(arguments, named) == [Config(Dense, *arguments, **named)] * 2
    captured = auto_config(variadic, experimental_allow_control_flow=True).as_buildable
    assert captured(3) == [Config(Dense, 1, 2, 3, k=i, bias=False) for i in range(3)]


def test_each_node_has_its_own_arguments_and_place():
    def build():
        return [Dense(1), Dense(1)]

    captured = auto_config(build).as_buildable
    captured()
    first, second = captured()
    first.units = 5
    assert second.units == 1
    line = build.__code__.co_firstlineno + 1
    assert (first.__provenance__.line, first.__provenance__.column) == (line, 16)
    assert (second.__provenance__.line, second.__provenance__.column) == (line, 26)
    assert captured()[0].units == 1


def build_dense():
    return Dense(1)


def test_captures_with_other_policies_and_types():
    class Mine(Config):
        pass

    exempting = LATEST.extend(Rule(Is((Dense,)), Decision.EXEMPT, "wanted"))
    plain = auto_config(build_dense).as_buildable
    running = auto_config(
        build_dense,
        experimental_exemption_policy=exempting,
        experimental_result_must_contain_buildable=False,
    ).as_buildable
    mine = auto_config(build_dense, experimental_config_types=ConfigTypes(Mine)).as_buildable
    for _ in range(2):
        assert type(plain()) is Config
        assert type(running()) is Dense
        assert type(mine()) is Mine
        assert type(mine()) is Mine


def test_partials_stay_partials():
    captured = auto_config(lambda: [functools.partial(Dense, 1), Dense(1)]).as_buildable
    for _ in range(3):
        assert captured() == [Partial(Dense, 1), Config(Dense, 1)]


def test_a_tag_that_is_defined_later():
    captured = auto_config(build_dense).as_buildable
    captured()

    names = {"__name__": "made", "Tag": Tag}
    exec("class Size(Tag):\n 'A size.'", names)
    size = names["Size"]

    def build():
        return Dense(size.new(1))

    tagged = auto_config(build).as_buildable
    for _ in range(2):
        assert get_tags(tagged(), "units") == {size}


@pytest.mark.parametrize("kept", ["class", "policy", "config"])
def test_it_keeps_nothing_alive(kept):
    names = {"__name__": "made", "Config": Config}
    exec(
        "class Dense:\n"
        " def __init__(self, units): pass\n"
        "class Mine(Config): pass\n"
        "def build(): return Dense(1)\n"
        "def wrapper(): return build()",
        names,
    )
    wrapper, build = names["wrapper"], names["build"]
    options = {
        "class": {},
        "policy": {
            "experimental_exemption_policy": LATEST.extend(
                Rule(Is((build,)), Decision.STEP_INTO, "a part of the builder")
            )
        },
        "config": {"experimental_config_types": ConfigTypes(names["Mine"])},
    }[kept]
    captured = auto_config(wrapper if kept == "policy" else build, **options).as_buildable
    for _ in range(3):
        captured()
    codes = [weakref.ref(build.__code__), weakref.ref(wrapper.__code__)]
    dense = weakref.ref(names["Dense"])  # a class of nodes is registered for good
    del names, wrapper, build, options, captured
    gc.collect()
    assert [found() for found in (*codes, dense)] == [None] * 3


def test_builtins_are_called_and_refused_as_before():
    def build(values, dense):
        found = []
        for value in values:
            found.append(len(value))
            found.extend(sorted(value))
        found.append(Dense(len(found)))
        return [found, len(dense) if dense else 0]

    captured = auto_config(build, experimental_allow_control_flow=True).as_buildable
    for _ in range(3):
        assert captured(["ab", "c"], ()) == [[2, "a", "b", 1, "c", Config(Dense, 5)], 0]

    def refused(count):
        sizes = [len([1]) for _ in range(count)]
        return [sizes, len(Dense(1))]

    captured = auto_config(refused, experimental_allow_control_flow=True).as_buildable
    for count in (0, 3):
        with pytest.raises(UnbuiltNodeError, match="ask the length of"):
            captured(count)


def test_a_global_that_hides_a_builtin():
    names = {"__name__": "made", "Dense": Dense}
    exec("def build(): return Dense(len('abc'))", names)
    captured = auto_config(names["build"]).as_buildable
    assert captured() == captured() == Config(Dense, 3)
    names["len"] = Conv
    assert captured() == captured() == Config(Dense, Config(Conv, "abc"))
    del names["len"]
    assert captured() == Config(Dense, 3)


def test_a_policy_that_records_a_builtin():
    table = PolicyTable((Rule(Is((sorted,)), Decision.RECORD, "wanted"), *LATEST.rules))
    plain = auto_config(lambda: Dense(sorted([1]))).as_buildable
    recording = auto_config(
        lambda: Dense(sorted([1])), experimental_exemption_policy=table
    ).as_buildable
    for _ in range(3):
        assert plain() == Config(Dense, [1])
        assert recording().units == Config(sorted, [1])


class Asked:
    """A rule that matches nothing, and counts how often it is asked about each callable."""

    def __init__(self):
        self.of = collections.Counter()

    def __call__(self, fn):
        self.of[getattr(fn, "__name__", fn)] += 1
        return False


def gone_all_the_way(monkeypatch):
    """Return the callables of the calls that nothing was remembered of, from now on."""
    seen = []
    call = Recorder.call

    def counting(self, frame, index, fn, args, kwargs, /):
        seen.append(fn)
        return call(self, frame, index, fn, args, kwargs)

    monkeypatch.setattr(Recorder, "call", counting)
    return seen


#: Code that is rebuilt at its first instruction is so for one capture, and so are its calls.
interpreted_first = pytest.mark.skipif(TIERS.everywhere, reason="all code is rebuilt")


@interpreted_first
@pytest.mark.no_tracer
def test_a_call_that_is_made_again_is_remembered(monkeypatch):
    def build():
        return [Dense(units, bias=False) for units in (1, 2, 3)]

    captured = auto_config(build, experimental_allow_control_flow="all").as_buildable
    expected = [Config(Dense, units, bias=False) for units in (1, 2, 3)]
    assert captured() == expected
    seen = gone_all_the_way(monkeypatch)
    for _ in range(50):
        assert captured() == expected
    assert seen.count(Dense) == 0


@interpreted_first
@pytest.mark.no_tracer
def test_a_builtin_of_which_the_policy_has_decided_is_called_at_once(monkeypatch):
    def build():
        return Dense([len(text) for text in ("a", "bc")])

    captured = auto_config(build, experimental_allow_control_flow="all").as_buildable
    assert captured() == Config(Dense, [1, 2])
    seen = gone_all_the_way(monkeypatch)
    for _ in range(50):
        assert captured() == Config(Dense, [1, 2])
    assert seen.count(len) == 0


def test_the_policy_is_asked_once_about_a_callable():
    asked = Asked()

    def build():
        return [Dense(sorted((2, 1))), Dense([]), Conv(Dense(len("x")))]

    captured = auto_config(
        build, experimental_exemption_policy=LATEST.extend(Rule(asked, Decision.RECORD, "no"))
    ).as_buildable
    first = captured()
    for _ in range(20):
        assert captured() == first
    assert asked.of == {"sorted": 1, "Dense": 1, "Conv": 1, "len": 1}


def test_a_function_is_decoded_and_its_binder_made_once():
    def build(x):
        return Dense(x)

    captured = auto_config(build)
    assert captured.as_buildable(1) == Config(Dense, 1)
    capture = captured.buildable_func
    binder = capture.binder
    assert captured.as_buildable(2) == Config(Dense, 2)
    assert capture.binder is binder is not None
    assert decode(build.__code__) is decode(build.__code__) is binder.program
    build.__defaults__ = (3,)
    assert captured.as_buildable() == Config(Dense, 3)  # but what was changed is seen
    assert capture.binder is not binder


def test_native_code_asks_again_about_a_method_if_a_rule_is_about_its_receiver():
    class Layer:
        def double(self):
            return self

    special, others = Layer(), [Layer() for _ in range(5)]
    rule = Rule(lambda fn: getattr(fn, "__self__", None) is special, Decision.RECORD, "special")

    def build():
        return [(special if n % 7 == 6 else others[n % 5]).double() for n in range(3000)]

    captured = auto_config(
        build,
        experimental_exemption_policy=LATEST.extend(rule),
        experimental_allow_control_flow="all",
    )
    found = captured.as_buildable()
    assert [type(each) is Config for each in found] == [n % 7 == 6 for n in range(3000)]
    assert [each for each in found if type(each) is Layer][:7] == [*others, others[0], others[2]]


def test_effects_of_captured_functions_inside_are_those_of_the_whole():
    @auto_config
    def inner(number):
        made = Dense(number)
        Conv(number)
        return made

    @auto_config
    def outer():
        first = inner(1)
        Conv(0)
        return Dense(first, inner(2))

    config = outer.as_buildable()
    assert list(effects(config)) == [Config(Conv, 1), Config(Conv, 0), Config(Conv, 2)]
    assert not any(effects(node) for node in iter_nodes(config) if node is not config)
    assert list(effects(inner.as_buildable(3))) == [Config(Conv, 3)]


def test_an_edit_in_captured_code_has_its_place():
    def build():
        layer = Dense(1)
        edit(layer)
        return layer

    def edit(layer):
        layer.units = 2

    config = auto_config(
        build,
        experimental_exemption_policy=LATEST.extend(Rule(Is((edit,)), Decision.EXEMPT, "edits")),
    ).as_buildable()
    place = node_history(config, "units")[-1].provenance
    assert place.line == edit.__code__.co_firstlineno + 1


def test_one_call_with_more_and_fewer_arguments_in_turn():
    def build():
        return [Dense(*args) for args in [(1, 2), (1, 2), (1,), (), (1, 2, 3), (1, 2)]]

    made = auto_config(build, experimental_allow_control_flow=True).as_buildable()
    assert made == [Config(Dense, *args) for args in [(1, 2), (1, 2), (1,), (), (1, 2, 3), (1, 2)]]


@pytest.mark.parametrize("tier", ["auto", "compile"])
def test_one_call_with_other_names_in_turn(tier, using):
    names = ["units", "units", "bias", "units", "other", "another", "bias"]

    def build():
        return [Dense(**{name: 3}) for name in names]

    with using(tier):
        made = auto_config(build, experimental_allow_control_flow=True).as_buildable()
    assert made == [Config(Dense, **{name: 3}) for name in names]


def test_a_node_may_not_stay_in_a_default():
    def build(made=[]):  # noqa: B006 - that is the fault
        made.append(Dense(1))
        return Dense(2)

    with pytest.raises(UnbuiltNodeError, match="a mutable default of .*build holds a config"):
        auto_config(build).as_buildable()


def test_what_the_policy_exempts_may_be_run():
    recorder = Recorder(CaptureOptions(policy=LATEST))
    assert recorder.runs(len)
    assert not recorder.runs(Dense)
