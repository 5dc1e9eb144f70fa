"""Tests of what nodes call that stand for operations: context managers, and unpacking."""

from traceback import extract_tb

import pytest

import bytefig.configs
from bytefig.configs import (
    ArgFactory,
    BuildError,
    Config,
    Partial,
    add_effects,
    build,
    call_method,
    enter_context,
    leave_context,
    unpack,
)
from bytefig.configs.core.member_names import member

LOG = []


@pytest.fixture
def log():
    LOG.clear()
    return LOG


class Manager:
    log = LOG  # not an argument: a build copies lists

    def __init__(self, name="manager"):
        self.name = name

    def __enter__(self):
        self.log.append(f"enter {self.name}")
        return self.name

    def __exit__(self, *_):
        self.log.append(f"exit {self.name}")


class OnlyEnters:
    def __enter__(self):
        raise AssertionError("it cannot be left")


class OnlyLeaves:
    def __exit__(self, *_):
        raise AssertionError("it was not entered")


@pytest.mark.parametrize("kind, missing", [(OnlyEnters, "__exit__"), (OnlyLeaves, "__enter__")])
def test_what_is_no_manager_is_not_entered(kind, missing):
    with pytest.raises(TypeError, match=rf"'{kind.__name__}' object .*\(it has no {missing}\)"):
        enter_context(kind())


def test_outside_of_a_build_it_is_left_when_one_says_so(log):
    manager = Manager()
    assert enter_context(manager) == "manager"
    assert log == ["enter manager"]
    leave_context(manager)
    assert log == ["enter manager", "exit manager"]


def test_a_build_leaves_what_it_has_entered_the_last_first(log):
    first, second = Config(Manager, "a"), Config(Manager, "b")
    built = build([Config(enter_context, first), Config(enter_context, second)])
    assert built == ["a", "b"]
    assert [each for each in log if each.startswith("exit")] == ["exit b", "exit a"]


def test_a_build_that_fails_leaves_what_it_has_entered(log):
    with pytest.raises(BuildError):
        build([Config(enter_context, Config(Manager)), Config(int, "no number")])
    assert log == ["enter manager", "exit manager"]


class Asking:
    def __enter__(self):
        return self

    def __exit__(self, *told):
        self.told = told


def test_a_manager_is_told_how_the_build_ends():
    class Refused(Exception):
        pass

    def refuse():
        raise Refused

    manager = build([Config(enter_context, Config(Asking))])[0]
    assert manager.told == (None, None, None)
    with pytest.raises(Refused):
        build([Config(enter_context, manager), Config(refuse)])
    kind, error, traceback = manager.told
    assert type(error) is kind is Refused
    assert [entry.name for entry in extract_tb(traceback)][-1] == "refuse"


@pytest.mark.parametrize("swallows", [False, True])
def test_what_a_manager_would_swallow_is_said(swallows):
    class Suppress(Manager):
        def __exit__(self, *_):
            return swallows

    with pytest.raises(BuildError) as caught:
        build([Config(enter_context, Suppress()), Config(int, "no number")])
    notes = "".join(getattr(caught.value, "__notes__", []))
    assert (
        f"a {Suppress.__qualname__} that the build has entered would swallow" in notes
    ) == swallows
    assert build(Config(enter_context, Suppress("left"))) == "left"


@pytest.mark.parametrize("operation", [call_method, unpack, enter_context, leave_context])
def test_operations_are_named_by_where_they_are_public(operation):
    assert operation.__module__ == "bytefig.configs"
    assert getattr(bytefig.configs, operation.__name__) is operation


def test_what_a_build_has_left_is_not_left_again(log):
    manager = Config(Manager)
    entered = Config(enter_context, manager)
    add_effects(entered, Config(leave_context, manager, entered))
    assert build([entered]) == ["manager"]
    assert log == ["enter manager", "exit manager"]


def test_a_method_is_called_with_what_it_is_given():
    assert build(Config(call_method, Config(list, (3, 1, 3)), "index", 3, 1)) == 2


def test_unpacking_takes_as_many_as_there_are():
    assert build(Config(unpack, Config(iter, (1, 2)), 2)) == (1, 2)
    with pytest.raises(ValueError, match=r"too many values to unpack \(expected 2\)"):
        unpack(iter((1, 2, 3)), 2)
    with pytest.raises(ValueError, match=r"not enough values .* \(expected 2, got 1\)"):
        unpack(iter((1,)), 2)


def note(_, what):
    LOG.append(what)


def test_effects_made_by_hand_are_built_last_wherever_they_are():
    inner = add_effects(Config(dict, a=1), Config(note, None, "inner"))
    graph = add_effects(Config(dict, b=inner), Config(note, None, "outer"))
    LOG.clear()
    assert build(graph) == {"b": {"a": 1}}
    assert LOG == ["inner", "outer"]
    LOG.clear()
    assert build([Config(dict), {"deep": inner}]) == [{}, {"deep": {"a": 1}}]
    assert LOG == ["inner"]


def test_what_a_partial_gets_in_containers_is_made_at_each_call():
    shared = (1, [2])
    made = build(Partial(dict, a=[ArgFactory(list), {"k": ArgFactory(dict)}, shared], b=shared))
    first, second = made(), made()
    assert first == second == {"a": [[], {"k": {}}, (1, [2])], "b": (1, [2])}
    assert first["a"] is not second["a"]
    assert first["a"][0] is not second["a"][0]
    assert first["a"][1]["k"] is not second["a"][1]["k"]
    assert first["b"] is second["b"]


def test_a_factory_that_occurs_twice_is_called_once_for_each_call():
    one = ArgFactory(list)
    made = build(Partial(dict, a=[one, (one,)]))
    first = made()
    assert first["a"][0] is first["a"][1][0]
    assert made()["a"][0] is not first["a"][0]


def test_a_method_call_is_shown_as_one():
    node = Config(call_method, Config(complex, 3, 4), "conjugate")
    assert member(node) == ".conjugate()"


def test_a_factory_that_is_made_already_is_misplaced_all_the_same():
    factory = ArgFactory(list)
    with pytest.raises(BuildError, match="of a Config, there is no call"):
        build([Partial(dict, a=factory), Config(dict, b=factory)])


def test_containers_with_factories_that_several_partials_share():
    items = [ArgFactory(list)]
    first, second = build([Partial(dict, a=items), Partial(dict, b=items)])
    made = [first()["a"], first()["a"], second()["b"], second()["b"]]
    assert made == [[[]]] * 4
    assert len({id(each) for each in made}) == len({id(each[0]) for each in made}) == 4
