"""Nodes that stand for operations, in the source of an auto_config function."""

import operator

import pytest

from bytefig.configs import (
    Config,
    Partial,
    add_effects,
    as_called,
    call_method,
    enter_context,
    leave_context,
    to_auto_config_source,
    to_source,
    unpack,
)
from bytefig.tracer import capture


class Model:
    def __init__(self, width=1, *more):
        self.width = width

    def parts(self):
        return [1, 2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Adam:
    def __init__(self, params, lr=0.1):
        self.params = params
        self.lr = lr


def log(value=None):
    return value


def run(source):
    namespace = {}
    exec(compile(source, "generated.py", "exec"), namespace)
    return namespace["build_config"]


def body(graph):
    """Return the lines of the function, after checking that it gives the same graph."""
    source = to_auto_config_source(graph)
    assert run(source).as_buildable() == graph
    assert run(to_source(graph))() == graph
    compile(source, "generated.py", "exec")
    return source.partition("def build_config():\n")[2]


def text(graph):
    return body(graph).removeprefix("    return ").rstrip("\n")


def test_a_builder_is_written_as_a_person_writes_it():
    def builder():
        model = Model(width=8)
        model.width += 1
        first, _ = model.parts()
        model.parts()[0] = first * -2
        with Model(2):
            inner = Model(model.width // 2)
        with model as entered:
            pass
        del model.width
        model += first
        return Adam([model.parameters(), inner, entered], lr=first / 10)

    source = to_auto_config_source(capture(builder))
    assert (
        source[source.index("@") :]
        == """\
@auto_config(experimental_allow_control_flow="all", deferred=True)
def build_config():
    model = Model(width=8)
    width = model.width
    width_2 = width
    width_2 += 1
    model.width = width_2
    parts = model.parts()
    item, _ = parts
    value = item * (-2)
    parts_2 = model.parts()
    parts_2[0] = value
    with Model(2):
        width_3 = model.width
        value_2 = width_3 // 2
        model_2 = Model(value_2)
    with model as entered:
        pass
    del model.width
    model_3 = model
    model_3 += item
    parameters = model_3.parameters()
    value_3 = item / 10
    adam = Adam([parameters, model_2, entered], lr=value_3)
    return adam
"""
    )
    body(capture(builder))


X = Config(Model)


@pytest.mark.parametrize(
    ("node", "written"),
    [
        (Config(getattr, X, "width"), "Model().width"),
        (Config(getattr, X, "width", 3), 'getattr(Model(), "width", 3)'),
        (Config(getattr, X, "a b"), 'getattr(Model(), "a b")'),
        (Config(getattr, X, "class"), 'getattr(Model(), "class")'),
        (Config(call_method, X, "parts"), "Model().parts()"),
        (Config(call_method, X, "at", 1, b=2), "Model().at(1, b=2)"),
        (Config(call_method, X, "at", **{"a b": 2}), 'Model().at(**{"a b": 2})'),
        (Config(operator.call, X, 1, b=2), "Model()(1, b=2)"),
        (Config(operator.call, X, 1), "Model()(1)"),
        (Config(operator.getitem, X, 0), "Model()[0]"),
        (Config(operator.getitem, X, "a"), 'Model()["a"]'),
        (Config(operator.getitem, X, slice(None)), "Model()[:]"),
        (Config(operator.getitem, X, slice(1, None)), "Model()[1:]"),
        (Config(operator.getitem, X, slice(None, -1, 2)), "Model()[:-1:2]"),
        (Config(operator.getitem, X, (1, 2)), "Model()[(1, 2)]"),
        (Config(operator.neg, Config(operator.neg, X)), "-(-Model())"),
        (Config(operator.add, X, 1), "Model() + 1"),
        (Config(operator.add, -1, X), "(-1) + Model()"),
        (Config(operator.mod, 2, X), "2 % Model()"),
        (Config(operator.pow, Config(operator.neg, X), 2), "(-Model()) ** 2"),
        (Config(operator.sub, X, Config(operator.sub, X, 1)), None),
        (Config(operator.lt, 1, X), "1 < Model()"),
        (Config(getattr, Config(operator.add, X, 1), "real"), "(Model() + 1).real"),
        (
            Config(call_method, Config(getattr, X, "a"), "b", Config(log, 1)),
            "Model().a.b(log(value=1))",
        ),
    ],
)
def test_expressions(node, written):
    found = text(node)
    assert written is None or found == written


@pytest.mark.parametrize(
    "node",
    [
        Config(operator.add, 1, 2),
        Config(operator.mod, "a %s", X),
        Config(operator.add, X),
        Config(operator.iadd, [1], X),
        Config(call_method, X, "a b"),
        Config(call_method, X, Config(log, "a")),
        Config(call_method, "abc", "upper"),
        Config(operator.call, log, 1),
        Config(setattr, X, "width", 2),
        Config(operator.setitem, X, 0, 2),
        Config(unpack, X, 2),
        Config(operator.getitem, Config(unpack, X, 2), 5),
        Config(enter_context, X),
        Config(leave_context, X, Config(enter_context, X)),
    ],
    ids=str,
)
def test_what_cannot_be_written_so_is_a_call(node):
    if node == Config(operator.add, X):
        return  # it lacks an argument
    body(node)


def test_partials_and_their_attributes():
    assert text(Config(getattr, Partial(Model, 2), "keywords")) == (
        "functools.partial(Model, width=2).keywords"
    )


def test_items_of_one_unpacking_that_are_used_twice():
    whole = Config(unpack, Config(call_method, X, "parts"), 2)
    first, again = Config(operator.getitem, whole, 0), Config(operator.getitem, whole, 0)
    assert "unpack(" not in body(Config(Model, first))
    assert "unpack(" in body(Config(Model, first, again))
    assert "unpack(" in body(Config(Model, first, whole))
    one = Config(unpack, Config(call_method, X, "parts"), 1)
    assert "[item] = Model().parts()" in body(Config(Model, Config(operator.getitem, one, 0)))


@pytest.mark.parametrize("order", [1, -1])
def test_contexts_that_do_not_lie_in_each_other_are_left_by_calls(order):
    managers = [as_called(Config(Model, width)) for width in (1, 2)]
    entered = [as_called(Config(enter_context, manager)) for manager in managers]
    for manager, each in [*zip(managers, entered, strict=True)][::order]:
        add_effects(manager, as_called(Config(leave_context, manager, each)))
    found = body(Config(Model, *managers))
    assert ("with model" in found) == (order < 0)
    assert ("leave_context(" in found) == (order > 0)


def test_a_long_method_call_is_broken_over_lines():
    found = body(Config(call_method, X, "method", *(f"argument {n}" for n in range(8))))
    assert found.startswith("    return Model().method(\n        ")
    assert found.endswith(",\n    )\n")


def test_a_deep_chain_of_operations():
    node = X
    for _ in range(3000):
        node = Config(operator.add, Config(getattr, node, "width"), 1)
    body(node)
