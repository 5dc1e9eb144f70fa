import functools

import pytest

from bytefig.configs import (
    Config,
    Tag,
    build,
    effects,
    get_tags,
    independent_build,
    select,
    set_tagged,
)
from bytefig.tracer import (
    NotAFunctionError,
    auto_config,
    auto_unconfig,
    with_buildable_func,
    with_tags,
)


class Dropout:
    def __init__(self, rate=0.1):
        self.rate = rate


class Model:
    def __init__(self, *layers):
        self.layers = layers


class Trainer:
    def __init__(self, model, train_dataset, skip_eval=False):
        self.model, self.train_dataset, self.skip_eval = model, train_dataset, skip_eval


class Driver:
    def __init__(self, trainer, checkpointer):
        self.trainer, self.checkpointer = trainer, checkpointer


class Checkpointer:
    pass


@auto_config
def make_model(name):
    return Model(Dropout(), name, Dropout(0.2))


@auto_config
def make_dataset():
    return Dropout(1)


@auto_unconfig
def make_trainer(name: str) -> Config[Trainer]:
    """Make one."""
    model = make_model.as_buildable(name)
    select(model, Dropout).set(rate=0.42)
    trainer = Config(Trainer)
    trainer.model = model
    trainer.train_dataset = make_dataset.as_buildable()
    trainer.skip_eval = True
    return trainer


@auto_config
def make_driver():
    return Driver(trainer=make_trainer("my_experiment"), checkpointer=Checkpointer())


def test_a_plain_call_builds():
    trainer = make_trainer("x")
    assert isinstance(trainer, Trainer)
    assert [layer.rate for layer in trainer.model.layers[::2]] == [0.42, 0.42]
    assert make_trainer.__name__ == "make_trainer"
    assert make_trainer.__doc__ == "Make one."


def test_as_buildable_is_the_function_itself():
    config = make_trainer.as_buildable("x")
    config.skip_eval = False
    config.model[0].rate = 0
    built = build(config)
    assert (built.skip_eval, built.model.layers[0].rate) == (False, 0)


def test_inside_a_capture_it_gives_its_graph():
    config = make_driver.as_buildable()
    assert config.trainer == make_trainer.as_buildable("my_experiment")
    assert isinstance(make_driver().trainer, Trainer)


def test_it_can_be_left_for_inline():
    lazy = auto_unconfig(experimental_always_inline=False)(make_trainer.as_buildable)
    config = auto_config(lambda: [lazy("x")]).as_buildable()
    assert config == [Config(lazy, "x")]
    assert isinstance(build(config)[0], Trainer)


def test_it_builds_inside_a_build():
    assert isinstance(build(Config(make_trainer, "y")), Trainer)


def test_an_independent_build_ends_where_it_ends():
    def inner():
        with independent_build():
            assert build(Config(int)) == 0
        with pytest.raises(ValueError, match="another build runs"):
            build(Config(int))
        return 1

    assert build(Config(inner)) == 1
    with independent_build():
        assert build(Config(int)) == 0


def test_methods():
    class Factory:
        size = 3

        @auto_unconfig
        @classmethod
        def of_class(cls):
            return Config(dict, size=cls.size)

        @auto_unconfig
        @staticmethod
        def static():
            return Config(dict, size=0)

        @auto_unconfig
        def method(self):
            return Config(dict, size=self.size)

    factory = Factory()
    assert (factory.of_class(), Factory.of_class()) == ({"size": 3}, {"size": 3})
    assert (factory.static(), factory.method()) == ({"size": 0}, {"size": 3})
    assert Factory.of_class.as_buildable() == factory.method.as_buildable()


def test_with_buildable_func():
    @with_buildable_func(lambda rate: Config(Dropout, rate / 2))
    def make(rate):
        return Dropout(rate)

    assert make(1).rate == 1
    assert auto_config(lambda: [make(1)]).as_buildable() == [Config(Dropout, 0.5)]


@pytest.mark.parametrize("wrap", [auto_unconfig, with_buildable_func])
def test_what_cannot_be_called(wrap):
    with pytest.raises(NotAFunctionError, match="needs a function that returns a graph, not 3"):
        wrap(3)


class Rate(Tag):
    """How often."""


class Slow(Tag):
    """What may be slow."""


def test_with_tags_tags_arguments_of_a_capture_only():
    @auto_config
    def builder():
        return Model(
            Dropout(with_tags(0.5, Rate)),
            functools.partial(Dropout, rate=with_tags(0.25, [Rate, Slow])),
            [with_tags(Dropout(), Slow)],
        )

    plain = builder()
    assert (plain.layers[0].rate, plain.layers[1].keywords) == (0.5, {"rate": 0.25})
    graph = builder.as_buildable()
    assert get_tags(graph[0], "rate") == {Rate}
    assert get_tags(graph[1], "rate") == {Rate, Slow}
    assert effects(graph) == []
    set_tagged(graph, tag=Rate, value=1)
    built = build(graph)
    assert (built.layers[0].rate, built.layers[1].keywords) == (1, {"rate": 1})
    assert type(built.layers[2][0]) is Dropout


def test_with_tags_takes_tags_only():
    with pytest.raises(TypeError, match="is not a tag"):
        auto_config(lambda: Dropout(with_tags(1, [Dropout]))).as_buildable()
