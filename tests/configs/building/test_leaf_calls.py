"""Building many nodes that have leaves only goes by functions made for their arguments."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import ArgFactory, BuildError, Config, Partial, arg_factory, build
from bytefig.configs.building import builder
from bytefig.configs.building.leaf_calls import OTHER, leaf_call

#: So many nodes that such a function builds the last ones.
MANY = 100


class Point:
    """Keeps what it is given."""

    def __init__(self, x, y=2, *, z=3):
        self.values = (x, y, z)


NAMES = st.text(alphabet="abfnvu_0leif", min_size=1, max_size=6).filter(
    lambda name: name.isidentifier() and not keyword.iskeyword(name)
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just(int))


@given(
    st.lists(st.lists(NAMES, unique=True, max_size=9).map(tuple), max_size=9),
    st.dictionaries(NAMES, LEAVES, max_size=9),
)
def test_calls_with_the_arguments_or_not_at_all(shapes, arguments):
    call = leaf_call(shapes)
    if call is None:
        assert all(len(keys) > 8 for keys in shapes)
        return
    made = call(lambda **named: named, arguments)
    assert made is OTHER or made == arguments
    for keys in shapes:
        if sum(len(keys) == len(other) for other in shapes) == 1 and len(keys) <= 8:
            assert leaf_call([keys])(dict, dict.fromkeys(keys, 1)) == dict.fromkeys(keys, 1)


@pytest.mark.parametrize("keys", [(0,), ("class",), ("not a name",), ("x" * 3, 1)])
def test_arguments_without_a_name_of_a_parameter_are_left_alone(keys):
    assert leaf_call([keys]) is None


def test_many_nodes_of_several_shapes():
    nodes = [Config(Point, x) for x in range(MANY)]
    nodes += [Config(Point, x, y=str(x)) for x in range(MANY)]
    nodes += [Config(Point, x, z=None) for x in range(MANY)]
    nodes += [Config(Point, Config(Point, x)) for x in range(3)]
    nodes += [Config(Point, x, 4, z=5) for x in range(MANY)]
    built = build(nodes)
    assert [made.values for made in built[:MANY]] == [(x, 2, 3) for x in range(MANY)]
    assert [made.values for made in built[MANY : 2 * MANY]] == [(x, str(x), 3) for x in range(MANY)]
    assert [made.values for made in built[2 * MANY : 3 * MANY]] == [
        (x, 2, None) for x in range(MANY)
    ]
    assert [made.values[0].values for made in built[3 * MANY : 3 * MANY + 3]] == [
        (x, 2, 3) for x in range(3)
    ]
    assert [made.values for made in built[3 * MANY + 3 :]] == [(x, 4, 5) for x in range(MANY)]


def test_many_nodes_keep_what_is_shared():
    nodes = [Config(Point, x) for x in range(MANY)]
    built = build([nodes, nodes[::-1]])
    assert all(one is other for one, other in zip(built[0], built[1][::-1], strict=True))
    assert len(set(map(id, built[0]))) == MANY


def fails(x):
    """Fail with the error that a function made for arguments has to do with."""
    return {}[x]


def test_an_error_after_many_nodes_names_the_path():
    nodes = [Config(dict, x=x) for x in range(MANY)]
    with pytest.raises(BuildError, match=r"dict at|fails at") as caught:
        build({"all": [*nodes, Config(fails, 1)]})
    assert caught.value.path == f"<root>['all'][{MANY}]"

    def odd(x):
        return fails(x) if x == MANY - 1 else x

    with pytest.raises(KeyError) as failed:
        build([Config(list, [Config(odd, x) for x in range(MANY)])])
    assert failed.value.path == f"<root>[0][0][{MANY - 1}]"
    assert f"KeyError: {MANY - 1}" in str(failed.value)


def test_a_required_argument_that_is_missing_after_many_nodes():
    with pytest.raises(BuildError, match="required arguments are not set: 'x'") as caught:
        build([*(Config(Point, x) for x in range(MANY)), Config(Point, y=1)])
    assert caught.value.path == f"<root>[{MANY}]"


def test_nodes_that_a_constructor_edits_meanwhile():
    nodes = [Config(Point, x) for x in range(MANY)]

    def edit(x):
        nodes[-1].x = "edited"
        nodes[-2].y = Config(Point, "new")
        return x

    built = build([*nodes[:50], Config(edit, 1), *nodes[50:-1], nodes[-1]])
    assert built[50] == 1
    assert built[-1].values == ("edited", 2, 3)
    assert built[-2].values[1].values == ("new", 2, 3)


def test_what_is_made_at_each_call_is_refused_after_many_nodes():
    made = [Config(arg_factory.default_factory, list) for _ in range(MANY)]
    with pytest.raises(BuildError, match="there is no call to make its value"):
        build([Config(dict, a=each) for each in made])
    partials = build([Partial(Point, ArgFactory(list)) for _ in range(MANY)])
    assert partials[-1]().values[0] is not partials[-1]().values[0]


@pytest.mark.parametrize("before", [0, 1, 30, 31, 32, 33, 34, 64, 65])
def test_a_mark_that_a_callable_makes_is_noticed_however_many_nodes_there_were(before):
    """From the 33rd node on, such nodes are built in another way."""

    def made(x):
        return arg_factory.default_factory(list) if x == "mark" else x

    nodes = [Config(made, x) for x in range(before)]
    with pytest.raises(BuildError, match="there is no call to make its value"):
        build([*nodes, Config(dict, a=Config(made, "mark"))])
    partial = build([*nodes, Partial(dict, a=Config(made, "mark"))])[-1]
    assert partial()["a"] == [] and partial()["a"] is not partial()["a"]


def test_nodes_of_one_callable_are_built_in_the_short_way_after_some(monkeypatch):
    made, called = [], []
    original, call = builder.leaf_call, builder._Builder._called
    monkeypatch.setattr(
        builder, "leaf_call", lambda shapes: made.append(shapes) or original(shapes)
    )
    monkeypatch.setattr(
        builder._Builder, "_called", lambda self, *rest: called.append(1) or call(self, *rest)
    )
    nodes = [Config(Point, number) for number in range(1000)]
    assert [each.values[0] for each in build(nodes)] == [*range(1000)]
    assert len(made) == 1
    assert len(called) == 1 + 32  # the first tells how such nodes are called
