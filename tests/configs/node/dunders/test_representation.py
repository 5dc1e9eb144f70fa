"""Tests of `bytefig.configs.node.dunders.representation`."""

import collections
import functools

import pytest

from bytefig.configs import ArgFactory, Buildable, Config, Partial
from bytefig.configs.node.dunders.representation import short_repr

Pair = collections.namedtuple("Pair", "left right")


def fn(x=1, y=2):
    return x, y


def everything(a, b=2, /, c=3, *args, d=4, **kw):
    return a, b, c, args, d, kw


class Sub(Config):
    __slots__ = ()


class Broken:
    def __repr__(self):
        raise RuntimeError("no repr")


class Call:
    def __call__(self, x):
        return x

    def __repr__(self):
        return "<a call>"


class Method:
    def method(self, x):
        return x


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Config(fn), "<Config[fn()]>"),
        (Partial(fn), "<Partial[fn()]>"),
        (ArgFactory(fn), "<ArgFactory[fn()]>"),
        (Buildable(fn), "<Buildable[fn()]>"),
        (Sub(fn), "<Sub[fn()]>"),
        (Config(fn, 1, "a"), "<Config[fn(x=1, y='a')]>"),
        (Config(fn, y=1, x=2), "<Config[fn(x=2, y=1)]>"),
        (
            Config(everything, 1, 2, 3, 4, z=6, d=5),
            "<Config[everything(0=1, 1=2, c=3, 3=4, d=5, z=6)]>",
        ),
        (Config(fn, Config(fn, 1)), "<Config[fn(x=<Config[fn(x=1)]>)]>"),
        (Config(fn, [], {}), "<Config[fn(x=[], y={})]>"),
        (Config(fn, (), (1,)), "<Config[fn(x=(), y=(1,))]>"),
        (Config(fn, [1, 2], (1, 2)), "<Config[fn(x=[1, 2], y=(1, 2))]>"),
        (Config(fn, {"k": 1, 2: fn}), "<Config[fn(x={'k': 1, 2: fn})]>"),
        (Config(fn, {fn: 1}), "<Config[fn(x={fn: 1})]>"),
        (Config(fn, Pair(1, [2])), "<Config[fn(x=Pair(left=1, right=[2]))]>"),
        (
            Config(fn, collections.defaultdict(list, k=1)),
            "<Config[fn(x=defaultdict(list, {'k': 1}))]>",
        ),
        (Config(fn, collections.defaultdict(None)), "<Config[fn(x=defaultdict(None, {}))]>"),
        (Config(fn, {1}), "<Config[fn(x={1})]>"),
        (Config(fn, int, len), "<Config[fn(x=int, y=len)]>"),
        (Config(fn, Broken()), "<Config[fn(x=<Broken object whose repr fails>)]>"),
        (Config(fn, {Broken: 1}), "<Config[fn(x={Broken: 1})]>"),
    ],
)
def test_text(node, text):
    assert repr(node) == str(node) == text


@pytest.mark.parametrize(
    ("callable_", "name"),
    [
        (Method.method, "Method.method"),
        (Method().method, "Method.method"),
        (dict.fromkeys, "dict.fromkeys"),
        (Call(), "<a call>"),
        (functools.partial(int, 1), "functools.partial(<class 'int'>, 1)"),
        (list[int], "list"),
        (len, "len"),
        (Config, "Config"),
    ],
)
def test_odd_callables(callable_, name):
    assert repr(Config(callable_)) == f"<Config[{name}()]>"


def test_lambda_and_local_function():
    def local():
        pass

    place = "test_lambda_and_local_function.<locals>"
    assert repr(Config(lambda: 0)) == f"<Config[{place}.<lambda>()]>"
    assert repr(Config(fn, local)) == f"<Config[fn(x={place}.local)]>"


def test_name_that_is_not_text():
    call = Call()
    call.__qualname__ = 3
    assert repr(Config(call)) == "<Config[<a call>()]>"


def test_shared_values_are_shown_once():
    node, items, table = Config(fn), [1], {}
    graph = Config(dict, a=node, b=node, c=items, d=items, e=table, f=[table, items])
    assert repr(graph) == (
        "<Config[dict(a=&1 <Config[fn()]>, b=*1, c=&2 [1], d=*2, e=&3 {}, f=[*3, *2])]>"
    )


def test_marks_count_in_the_order_of_appearance():
    inner = Config(fn)
    outer = Config(fn, inner)
    text = "<Config[dict(a=&1 <Config[fn(x=&2 <Config[fn()]>)]>, b=*1, c=*2)]>"
    assert repr(Config(dict, a=outer, b=outer, c=inner)) == text


def test_shared_tuples_are_marked_if_they_hold_nodes():
    plain, holding = (1, 2), ([],)
    assert repr(Config(fn, plain, plain)) == "<Config[fn(x=(1, 2), y=(1, 2))]>"
    assert repr(Config(fn, holding, holding)) == "<Config[fn(x=&1 ([],), y=*1)]>"


def test_tuples_nested_in_pairs_stay_short():
    value = ()
    for _ in range(25):
        value = (value, value)
    assert len(repr(Config(fn, value))) < 5_000


def test_graph_that_contains_itself():
    node = Config(fn)
    node.x = node
    assert repr(node) == "&1 <Config[fn(x=*1)]>"
    items = [node]
    items.append(items)
    node.x = items
    assert repr(node) == "&1 <Config[fn(x=&2 [*1, *2])]>"


def test_leaf_that_contains_the_graph():
    class Special(list):
        pass

    special = Special()
    node = Config(fn, special)
    special.append(node)
    assert repr(node) == "<Config[fn(x=[<Config[fn(x=[...])]>])]>"


@pytest.mark.parametrize("length", [80, 81])
def test_lines_are_at_most_80_wide(length):
    value = "v" * (length - len("<Config[fn(x='')]>"))
    one_line = f"<Config[fn(x='{value}')]>"
    broken = f"<Config[fn(\n  x='{value}',\n)]>"
    assert repr(Config(fn, value)) == (one_line if length == 80 else broken)


@pytest.mark.parametrize("length", [78, 79])
def test_indentation_counts_for_the_width(length):
    value = "v" * (length - len("<Config[fn(x='')]>"))
    inner = (
        f"<Config[fn(x='{value}')]>" if length == 78 else f"<Config[fn(\n    x='{value}',\n  )]>"
    )
    assert repr(Config(fn, Config(fn, value))) == f"<Config[fn(\n  x={inner},\n)]>"


def test_long_graph_is_broken_over_lines():
    long = "v" * 56
    graph = Config(fn, [Config(fn, long), {"k": (long,)}], Pair(long, long))
    assert repr(graph).splitlines() == [
        "<Config[fn(",
        "  x=[",
        f"    <Config[fn(x='{long}')]>,",
        f"    {{'k': ('{long}',)}},",
        "  ],",
        "  y=Pair(",
        f"    left='{long}',",
        f"    right='{long}',",
        "  ),",
        ")]>",
    ]


def test_long_tuple_of_one_has_one_comma():
    long = "v" * 90
    assert repr(Config(fn, (long,))) == f"<Config[fn(\n  x=(\n    '{long}',),\n)]>"


def test_mark_of_a_broken_graph():
    long = "v" * 90
    node = Config(fn, long)
    text = f"<Config[fn(\n  x=&1 <Config[fn(\n    x='{long}',\n  )]>,\n  y=*1,\n)]>"
    assert repr(Config(fn, node, node)) == text


def test_deep_values_are_elided():
    node = Config(fn)
    for _ in range(40):
        node = Config(fn, node)
    text = repr(node)
    assert text.count("Config[fn(") == 33
    assert "x=..." in text


def test_unset_and_default_arguments_are_not_shown():
    node = Config(fn, 1)
    del node.x
    assert repr(node) == "<Config[fn()]>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (fn, "fn"),
        (int, "int"),
        (Broken(), "<Broken object whose repr fails>"),
        ("x" * 198, repr("x" * 198)),
        ("x" * 199, "'" + "x" * 196 + "..."),
    ],
)
def test_short_repr(value, text):
    assert short_repr(value) == text
    assert len(text) <= 200


def test_short_repr_of_another_length():
    assert short_repr(list(range(100)), 10) == "[0, 1, ..."
