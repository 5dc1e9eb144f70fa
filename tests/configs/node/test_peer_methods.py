"""Calling partial nodes, and what nodes offer where no argument has that name."""

import functools

import pytest

from bytefig.configs import ArgFactory, BuildError, Config, Partial, build, history, select


def train(model, optimizer=None, *, epochs=1):
    return model, optimizer, epochs


def only_positional(a, b=2, /, *rest, c=3):
    return a, b, rest, c


class Model:
    def __init__(self, units=2, rate=0.5):
        self.units, self.rate = units, rate


def fail():
    raise AssertionError("it must not be built")


def test_call_builds_and_calls():
    node = Partial(train, model=Config(list, [1]))
    assert node(epochs=3) == ([1], None, 3)
    assert node() == build(node)()


def test_arguments_of_the_call_replace_those_of_the_node():
    node = Partial(train, model=Config(fail), optimizer=Config(fail), epochs=2)
    assert node("m", optimizer="o") == ("m", "o", 2)
    assert node(model="m", optimizer="o", epochs=5) == ("m", "o", 5)
    assert set(node.__arguments__) == {"model", "optimizer", "epochs"}
    assert [edit.kind for edit in history(node)] == ["create"] * 4


def test_positional_arguments_follow_as_in_a_partial():
    assert Partial(only_positional, 1)(7, 8, c=9) == (1, 7, (8,), 9)
    assert functools.partial(only_positional, 1)(7, 8, c=9) == (1, 7, (8,), 9)
    assert Partial(only_positional, 1, 2, 3)(4) == (1, 2, (3, 4), 3)


def test_fresh_arguments_are_made_at_every_call():
    node = Partial(train, model=ArgFactory(list))
    assert node()[0] == [] and node()[0] is not node()[0]


def test_an_argument_that_cannot_be_built():
    with pytest.raises(BuildError, match=r"cannot build fail at <root>\.model"):
        Partial(train, model=Config(fail))()


def test_a_node_is_called_inside_a_build():
    node = Partial(train, model=Config(list))
    assert build(Config(lambda: node())) == ([], None, 1)


def test_a_config_cannot_be_called():
    assert not callable(Config(train, 1)) and not callable(ArgFactory(list))
    with pytest.raises(TypeError, match="not callable"):
        Config(train, 1)()


def test_select_refuses_a_partial_as_what_to_select_by():
    with pytest.raises(TypeError, match="get_callable"):
        select(Config(train, 1), Partial(train))


def test_clone():
    node = Config(train, Config(Model, 3))
    copied = node.clone()
    assert copied == node and copied.model is not node.model
    assert type(Partial(train).clone()) is Partial


def test_walk_and_broadcast_set_wherever_there_is_a_value_or_default():
    shared = Config(Model, units=3)
    node = Config(train, model=[shared, {"k": shared}], optimizer=Partial(Model))
    assert node.walk(units=lambda each: 2 * each.units) is node
    assert shared.units == 6  # once, though it is used twice
    assert node.optimizer.units == 4
    assert node.broadcast(rate=0.1, epochs=9, unknown=1) is node
    assert (shared.rate, node.optimizer.rate, node.epochs) == (0.1, 0.1, 9)
    assert "unknown" not in node.__arguments__


def test_an_unset_argument_without_a_default_is_left_alone():
    node = Config(train)
    node.broadcast(model=1)
    assert node.__arguments__ == {}


def test_walk_does_not_enter_what_it_put_in():
    node = Config(train, model=Config(Model))
    node.broadcast(model=Config(train, model=1))
    assert node.model.model == 1


@pytest.mark.parametrize("value", [3, Partial(Model)])
def test_walk_needs_functions(value):
    node = Config(train, model=1)
    with pytest.raises(TypeError, match="walk needs a function for 'model'.*broadcast"):
        node.walk(epochs=lambda each: 7, model=value)
    assert node.__arguments__ == {"model": 1}


def test_arguments_come_first():
    def fn(clone, walk=1, **broadcast): ...

    node = Config(fn)
    with pytest.raises(AttributeError, match="'clone' of .*fn is not set"):
        node.clone
    assert node.walk == 1
    node.clone = 3
    assert node.clone == 3
    keywords = Config(dict, walk=2)
    assert keywords.walk == 2
    assert keywords.broadcast(walk=5) is keywords and keywords.walk == 5


def test_name_of_the_callable():
    assert Config(Model).__name__ == "Model"
    assert Partial(train).__name__ == "train"
    assert not hasattr(Config(functools.partial(train)), "__name__")
    with pytest.raises(AttributeError):
        Config(Model).__qualname__
