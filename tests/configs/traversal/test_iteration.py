import collections

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bytefig.configs import (
    Attr,
    Config,
    CycleError,
    Index,
    Key,
    build,
    follow_path,
    format_path,
    iterate,
    map_graph,
    map_with_path,
    parse_path,
    register_container,
    select,
)

KEYS = (
    st.text()
    | st.integers()
    | st.booleans()
    | st.none()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.tuples(st.text(), st.integers())
)
ELEMENTS = (
    st.builds(Attr, st.text() | st.from_regex(r"[a-z_]\w*", fullmatch=True))
    | st.builds(Index, st.integers())
    | st.builds(Key, KEYS.filter(lambda key: type(key) is not int))
)


class Box:
    def __init__(self, content):
        self.content = content


class Shared(collections.UserList):
    pass


register_container(
    Box,
    flatten=lambda box: (["content"], [box.content]),
    rebuild=lambda box, keys, values: Box(*values),
    element=Attr,
)
register_container(
    Shared,
    flatten=lambda items: (range(len(items)), list(items)),
    rebuild=lambda items, keys, values: Shared(values),
    element=Index,
    mutable=True,
)


@given(st.lists(ELEMENTS))
@example([Attr("A\N{MIDDLE DOT}"), Attr("परिमाण")])
def test_paths_round_trip(path):
    assert parse_path(format_path(path)) == tuple(path)


@given(st.text(alphabet=".[]'\"ab0\\<root>é\N{MIDDLE DOT} "))
def test_any_text_is_a_path_or_a_value_error(text):
    try:
        path = parse_path(text)
    except ValueError:
        return
    assert parse_path(format_path(path)) == path


@pytest.mark.parametrize(
    "text, path",
    [
        ("", ()),
        ("<root>", ()),
        ("a", (Attr("a"),)),
        (".a.b[0]['k']", (Attr("a"), Attr("b"), Index(0), Key("k"))),
        ('a["]"][-1]', (Attr("a"), Key("]"), Index(-1))),
        ("[(1, 'a')]", (Key((1, "a")),)),
        (".'a b'", (Attr("a b"),)),
        ("<root>" + ".a" * 20000, (Attr("a"),) * 20000),
    ],
)
def test_parse_path(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text, problem",
    [
        (".", "character 0: expected"),
        ("a..b", "character 2: expected"),
        ("[0", "bracket is never closed"),
        (".'a", "quote is never closed"),
        ("[f()]", "not a literal"),
        ("[]", "not a literal"),
        ("[...]", "not a literal"),
        ("[1e999]", "not a literal"),
        ("[[1]]", "not a literal"),
        ("[{[]: 1}]", "not a literal"),
        ("[1]x", "expected"),
        ("<roof>", "expected"),
    ],
)
def test_not_a_path(text, problem):
    with pytest.raises(ValueError, match=problem):
        parse_path(text)


def test_iterate():
    shared = Config(dict, a=1)
    graph = Config(dict, x=[shared, shared], y={"k": (shared, 2)})
    places = list(iterate(graph))
    assert [str(place) for place in places] == [
        "<root>",
        "<root>.x",
        "<root>.x[0]",
        "<root>.x[0].a",
        "<root>.y",
        "<root>.y['k']",
        "<root>.y['k'][1]",
    ]
    every = list(iterate(graph, memoized=False))
    assert len(every) == len(places) + 4
    assert sum(place.value is shared for place in every) == 3
    for place in every:
        assert follow_path(graph, place.path) is place.value
    assert every[3].parent.value is shared and every[0].parent is None
    assert [place.value for place in iterate(3)] == [3]


def test_iterate_in_a_cycle():
    items = [1]
    items.append({"k": items})
    assert len(list(iterate(items))) == 3
    with pytest.raises(CycleError) as caught:
        list(iterate(items, memoized=False))
    assert (caught.value.outer, caught.value.inner) == ("<root>", "<root>[1]['k']")


def test_iterate_sees_edits():
    graph = Config(dict)
    found = []
    for place in iterate(graph):
        if place.value is graph:
            graph.a = [5]
        found.append(str(place))
    assert found == ["<root>", "<root>.a", "<root>.a[0]"]


def test_map_graph():
    shared = Config(dict, a=1)
    graph = [shared, (shared, 2)]
    result = map_graph(lambda value: value * 10 if type(value) is int else value, graph)
    assert result == [Config(dict, a=10), (Config(dict, a=10), 20)]
    assert result[0] is result[1][0] and graph[0].a == 1
    apart = map_graph(lambda value: value, graph, memoized=False)
    assert apart[0] == apart[1][0] and apart[0] is not apart[1][0]
    assert map_graph(lambda value: value + 1, 1) == 2


def test_map_with_path():
    shared = ["s"]
    graph = Config(dict, a=[shared, shared], b=0)

    def show(path, value):
        return (format_path(path), value) if not isinstance(value, Config) else value

    result = map_with_path(show, graph)
    assert result.b == ("<root>.b", 0)
    assert result.a[0] == "<root>.a"
    assert result.a[1][0] is result.a[1][1]
    assert result.a[1][0] == ("<root>.a[0]", [("<root>.a[0][0]", "s")])
    apart = map_with_path(show, graph, memoized=False)
    assert apart.a[1][1] == ("<root>.a[1]", [("<root>.a[1][0]", "s")])
    assert map_with_path(lambda path, value: path, 3) == ()


def test_deep_graphs():
    graph = Config(dict)
    for _ in range(20000):
        graph = Config(dict, a=graph)
    assert len(list(iterate(graph))) == 20001
    *_, last = iterate(graph, memoized=False)
    assert len(last.path) == 20000
    assert map_graph(lambda value: value, graph) == graph


def test_registered_containers():
    graph = Config(dict, a=Box([Config(int, "7")]), b=(shared := Box(1), shared))
    built = build(graph)
    assert built["a"].content == [7] and built["b"][0] is built["b"][1]
    assert "<root>.a.content[0][0]" in [str(place) for place in iterate(graph)]
    select(graph, int).set()
    select(graph, int).replace(Config(float, "8"))
    assert build(graph)["a"].content == [8.0]
    assert Config(dict, a=Box(1)) == Config(dict, a=Box(1)) != Config(dict, a=Box(2))
    assert repr(Config(dict, a=Box(1))) == "<Config[dict(a=Box(content=1))]>"


def test_sharing_of_a_registered_container():
    one, other = Shared([1]), Shared([1])
    assert Config(dict, a=one, b=one) != Config(dict, a=one, b=other)
    assert Config(dict, a=Shared([1])) != Config(dict, a=Shared([1, 2]))


def test_registration_is_checked():
    for cls in (Box, list, Config, collections.namedtuple("Pair", "a b")):
        with pytest.raises(ValueError, match="traversed already"):
            register_container(cls, flatten=list, rebuild=list)
    with pytest.raises(TypeError, match="not a class"):
        register_container(3, flatten=list, rebuild=list)
