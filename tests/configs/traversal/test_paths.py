"""Tests of `bytefig.configs.traversal.paths`."""

import pytest

from bytefig.configs import Attr, Config, Index, Key, follow_path, format_path


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
    assert format_path(taken) in caught.value.__notes__[0]
