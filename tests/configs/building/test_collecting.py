"""The garbage collector is kept away from some of our work only, and is back afterwards."""

import copy
import gc

import pytest

from bytefig.configs import Config, SerializationError, build, dump_json, load_json
from bytefig.configs.collecting import (
    SELDOM,
    collect_as_before,
    collect_seldom,
    without_collection,
)
from bytefig.tracer import auto_config


class Leaf:
    """Notes whether the collector runs while it is copied."""

    def __init__(self, seen):
        self.seen = seen

    def __deepcopy__(self, memo):
        self.seen.append(gc.isenabled())
        return self


@pytest.fixture
def collector():
    """Have a collector with the thresholds of a new process, and leave it as it was."""
    was_enabled, thresholds = gc.isenabled(), gc.get_threshold()
    gc.enable()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*thresholds)
    if not was_enabled:  # pragma: no cover - it is on when tests run
        gc.disable()


@pytest.mark.usefixtures("collector")
def test_paused_inside_only():
    assert without_collection(gc.isenabled)() is False
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_stays_off_if_the_program_has_turned_it_off():
    gc.disable()
    try:
        assert without_collection(gc.isenabled)() is False
        copy.deepcopy(Config(dict, a=[Config(int)]))
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.usefixtures("collector")
def test_back_after_an_error():
    with pytest.raises(ZeroDivisionError):
        without_collection(divmod)(1, 0)
    assert gc.isenabled()
    with pytest.raises(SerializationError):
        load_json(dump_json(Config(int))[:-10])
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_a_users_code_runs_with_the_collector():
    seen = []
    copy.deepcopy(Config(dict, a=[Leaf(seen)], b=(Leaf(seen),), c=Leaf(seen)))
    assert seen == [True, True, True]


class Garbage:
    """An object that only the collector can find, when nobody else refers to it."""

    def __init__(self):
        self.own = self


def threshold():
    return gc.get_threshold()[0]


@pytest.mark.usefixtures("collector")
def test_seldom_while_a_graph_is_built_and_as_before_afterwards():
    assert build([Config(threshold), Config(dict, a=Config(threshold))]) == [SELDOM, {"a": SELDOM}]
    assert gc.get_threshold()[:2] == (700, 10)


@pytest.mark.usefixtures("collector")
def test_seldom_while_a_graph_is_captured_and_as_before_afterwards():
    seen = []

    @auto_config(experimental_allow_control_flow=True)
    def builder(fails):
        for _ in range(1):
            seen.append(gc.get_threshold()[0])
        if fails:
            raise LookupError
        return Leaf(seen)

    builder.as_buildable(False)
    assert gc.get_threshold()[:2] == (700, 10)
    with pytest.raises(LookupError):
        builder.as_buildable(True)
    assert gc.get_threshold()[:2] == (700, 10)
    assert seen == [SELDOM, SELDOM]


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(
    ("builder", "expected"),
    [
        (lambda: [Leaf(gc.get_threshold()[0])], 700),
        (lambda: [Leaf(gc.get_threshold()[0]) for _ in range(1)], SELDOM),
        (lambda: list(Leaf(gc.get_threshold()[0]) for _ in range(1)), SELDOM),  # noqa: C400
    ],
    ids=["no loop", "a comprehension", "a generator"],
)
def test_seldom_only_if_the_captured_function_has_a_loop(builder, expected):
    captured = auto_config(builder, experimental_allow_control_flow=True).as_buildable()
    assert captured[0].seen == expected


@pytest.mark.usefixtures("collector")
def test_as_before_after_a_build_that_failed():
    with pytest.raises(ZeroDivisionError):
        build([Config(divmod, 1, 0)])
    assert gc.get_threshold()[:2] == (700, 10)


@pytest.mark.usefixtures("collector")
def test_garbage_of_a_constructor_is_collected_while_the_graph_is_built():
    starts = []

    def note(phase, info):
        if phase == "start":
            starts.append(info["generation"])

    def litter():
        for _ in range(4 * SELDOM):
            Garbage()

    gc.callbacks.append(note)
    try:
        build([Config(litter)])
    finally:
        gc.callbacks.remove(note)
    assert 3 <= len(starts) <= 12


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("chosen", [0, SELDOM, 10 * SELDOM])
def test_a_program_that_collects_less_is_left_alone(chosen):
    gc.set_threshold(chosen, 5, 5)
    assert collect_seldom() is None
    assert build([Config(threshold)]) == [chosen]
    assert gc.get_threshold()[:2] == (chosen, 5)


@pytest.mark.usefixtures("collector")
def test_a_setting_made_meanwhile_stays():
    build([Config(gc.set_threshold, 1234)])
    assert gc.get_threshold()[:2] == (1234, 10)


@pytest.mark.usefixtures("collector")
def test_an_inner_use_leaves_the_collector_to_the_outer_one():
    outer, inner = collect_seldom(), collect_seldom()
    collect_as_before(inner)
    assert threshold() == SELDOM
    collect_as_before(outer)
    assert threshold() == 700
