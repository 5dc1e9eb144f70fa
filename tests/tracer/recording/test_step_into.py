import functools

import pytest

from bytefig.configs import Config
from bytefig.tracer import LATEST, Decision, Named, Rule, auto_config


class Dense:
    def __init__(self, units):
        self.units = units

    @classmethod
    def small(cls):
        return cls(1)

    def wider(self):
        return Dense(9)


def helper(n, *rest, scale=1):
    return [dense(i, scale) for i in range(n)]


def dense(i, scale):
    return Dense(i * scale)


def stream(n):
    for i in range(n):
        yield Dense(i)


class Factory:
    def __call__(self, units):
        return Dense(units)

    def make(self, units):
        return Dense(units + 1)


def fails():
    raise KeyError("inside")


STEP = LATEST.extend(Rule(Named(f"{__name__}.*"), Decision.STEP_INTO, "it is ours"))


def captured(function, *args):
    return auto_config(
        function, experimental_exemption_policy=STEP, experimental_allow_control_flow="all"
    ).as_buildable(*args)


def test_helpers_contribute_their_nodes():
    assert captured(lambda: helper(2, scale=3)) == [Config(Dense, 0), Config(Dense, 3)]
    assert auto_config(lambda: helper(2)).as_buildable() == Config(helper, 2)


def test_every_kind_of_python_callable():
    factory = Factory()
    bound = functools.partial(dense, 2)
    table = STEP.extend(Rule(lambda fn: fn is bound, Decision.STEP_INTO, "named"))
    model = auto_config(
        lambda: [bound(3), factory(4), factory.make(4)], experimental_exemption_policy=table
    )
    assert model.as_buildable() == [
        Config(Dense, 6),
        Config(Dense, 4),
        Config(Dense, 5),
    ]


def test_a_class_is_recorded_and_its_class_methods_are_stepped_into():
    assert captured(lambda: Dense.small()) == Config(Dense, 1)


def test_a_generator_is_one():
    assert captured(lambda: list(stream(2))) == [Config(Dense, 0), Config(Dense, 1)]


def test_wrong_arguments_are_cpython_s_error():
    with pytest.raises(TypeError, match=r"dense\(\) missing 1 required positional argument"):
        captured(lambda: dense(1))


def test_tracebacks_go_through_the_helper():
    with pytest.raises(KeyError) as caught:
        captured(lambda: [fails()])
    names = [entry.name for entry in caught.traceback]
    assert names[-2:] == ["<lambda>", "fails"]


def test_what_has_no_bytecode_runs():
    table = LATEST.extend(Rule(lambda fn: fn is len, Decision.STEP_INTO, "odd"))
    function = auto_config(lambda: Dense(len([1, 2])), experimental_exemption_policy=table)
    assert function.as_buildable() == Config(Dense, 2)
