"""Tests of `bytefig.configs.traversal.paths`."""

import pytest

from bytefig.configs import Attr, Config, Index, Key, follow_path, format_path, parse_path


def fn(a, b=2, /, *args, c=0):
    return a, b, args, c


def test_format():
    path = (Attr("layers"), Index(0), Key("k"), Key(3))
    assert format_path(path) == "<root>.layers[0]['k'][3]"
    assert format_path(()) == "<root>"


def test_follow():
    inner = Config(fn, 1, 2, 3)
    graph = {"k": [Config(fn, c=inner)]}
    assert follow_path(graph, ()) is graph
    assert follow_path(graph, (Key("k"), Index(0), Attr("c"))) is inner
    assert follow_path(inner, [Index(2)]) == 3


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ((Key("k"), Key("x")), TypeError),
        ((Key("no"), Index(0)), KeyError),
        ((Key("k"), Index(9)), IndexError),
        ((Key("k"), Attr("no")), AttributeError),
    ],
)
def test_dead_end_is_named(path, kind):
    with pytest.raises(kind) as caught:
        follow_path({"k": [1]}, path)
    taken = path if path[0] == Key("k") else path[:1]
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert text.startswith(f"{format_path(taken)} leads nowhere: {taken[-1]!r} ")
    assert f"from {format_path(taken[:-1])}, which is {{'k'" in text or "which is [1]" in text


def test_paths_are_sorted():
    effect = parse_path("<effects>[0]")[0]
    elements = [Attr("a"), Attr("b"), Index(2), Index(10), Key(1), Key((1, "x")), Key("a"), effect]
    expected = [*elements[:4], elements[4], elements[6], elements[5], effect]
    assert sorted(reversed(elements)) == expected
    assert (Attr("a"), Index(1)) < (Attr("a"), Key("a"))
    with pytest.raises(TypeError):
        _ = Attr("a") < 1
