"""What fails half way changes nothing."""

import dataclasses

import pytest

from bytefig.configs import (
    Config,
    assign,
    expand_default_factories,
    history,
    materialize_defaults,
    replace_all_in_place,
    select,
    set_tracking,
)


class Breaks:
    """A factory, as an auto_config function is one, that raises."""

    def __init__(self, error):
        self.error = error

    def __call__(self):
        raise AssertionError

    def as_buildable(self):
        raise self.error


def graph(error):
    @dataclasses.dataclass
    class Broken:
        first: list = dataclasses.field(default_factory=list)
        other: int = dataclasses.field(default_factory=Breaks(error))
        rate: float = 0.5

    def layer(units=1, rate=0.5): ...

    return Config(dict, a=Config(layer), b=[Config(Broken)], c=Config(layer))


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()], ids=repr)
def test_a_factory_that_raises_leaves_all_defaults_unset(error):
    cfg = graph(error)
    for change in (materialize_defaults, lambda cfg: expand_default_factories(cfg.b[0])):
        with pytest.raises(type(error)):
            change(cfg)
        assert [len(node.__arguments__) for node in (cfg.a, cfg.b[0], cfg.c)] == [0, 0, 0]


def test_defaults_that_are_nodes_get_theirs():
    def inner(units=1): ...

    shared = Config(inner)

    def outer(one=shared, other=shared): ...

    cfg = [Config(outer), Config(outer)]
    materialize_defaults(cfg)
    assert cfg[0].one is cfg[0].other is cfg[1].one is shared
    assert shared.__arguments__ == {"units": 1}


def test_a_walk_whose_function_raises_leaves_all():
    cfg = Config(dict, a=1, b=Config(dict, a=2))
    cfg.a = 3
    with pytest.raises(ZeroDivisionError):
        cfg.walk(a=lambda node: 1 / (3 - node.a) if node.a == 3 else 7)
    with pytest.raises(ZeroDivisionError):
        cfg.walk(a=lambda node: 1 // (2 - node.a))
    assert (cfg.a, cfg.b.a, len(cfg.__history__), cfg.b.__history__) == (3, 2, 1, None)


def test_an_edit_by_drafts_is_recorded_where_it_was_made():
    def layer(units=1, rate=0.5): ...

    cfg = [Config(layer), Config(layer, 3)]
    select(cfg, layer).set(units=2)
    assign(cfg[0], rate=1)
    kinds = [(edit.key, edit.after, edit.provenance.function) for edit in history(cfg[0])[1:]]
    here = "test_an_edit_by_drafts_is_recorded_where_it_was_made"
    assert kinds == [("units", 2, here), ("rate", 1, here)]
    set_tracking(False)
    try:
        select(cfg, layer).set(units=4)
    finally:
        set_tracking(True)
    assert len(history(cfg[0])) == 3


def test_a_class_of_another_layout_replaces_none():
    class WithState(Config):
        pass

    one, two = Config(int), Config(str)
    with pytest.raises(TypeError) as caught:
        replace_all_in_place([(one, Config(list)), (two, WithState(list))])
    assert (one, two) == (Config(int), Config(str))
    assert caught.value.__notes__ == [
        "a Config cannot become a WithState: declare `__slots__ = ()` in subclasses of Config,"
        " Partial and ArgFactory"
    ]
