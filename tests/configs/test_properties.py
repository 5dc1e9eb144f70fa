"""Properties of random graphs."""

import collections
import copy
import functools
import pickle

import cloudpickle
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import Buildable, Config, Partial, build, contains_buildable, iter_nodes

Pair = collections.namedtuple("Pair", "left right")


def two(x=0, y="default"):
    return ("two", x, y)


def positional(a, b=1, /, *args):
    return ("positional", a, b, args)


def keywords(*, k=None, **rest):
    return ("keywords", k, sorted(rest.items()))


LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)


@st.composite
def graphs(draw):
    """Return a graph without cycles, in which every value may be used several times."""
    values = [draw(LEAVES)]
    child = st.deferred(lambda: LEAVES | st.sampled_from(values))
    for _ in range(draw(st.integers(0, 12))):
        shape = draw(st.sampled_from(sorted(SHAPES)))
        values.append(SHAPES[shape](lambda: draw(child), draw))
    return Config(two, values[-1], draw(child))


def _many(child, draw):
    return [child() for _ in range(draw(st.integers(0, 3)))]


def _node(child, draw):
    return draw(st.sampled_from([Config, Partial]))


SHAPES = {
    "list": _many,
    "tuple": lambda child, draw: tuple(_many(child, draw)),
    "pair": lambda child, draw: Pair(child(), child()),
    "dict": lambda child, draw: dict(enumerate(_many(child, draw))),
    "defaultdict": lambda child, draw: collections.defaultdict(list, k=child()),
    "ordered": lambda child, draw: collections.OrderedDict(b=child(), a=child()),
    "deque": lambda child, draw: collections.deque(_many(child, draw), 3),
    "slice": lambda child, draw: slice(child(), child()),
    "two": lambda child, draw: _node(child, draw)(two, child()),
    "both": lambda child, draw: _node(child, draw)(two, child(), y=child()),
    "positional": lambda child, draw: _node(child, draw)(positional, child(), *_many(child, draw)),
    "keywords": lambda child, draw: _node(child, draw)(keywords, k=child(), z=child()),
}


@st.composite
def pairs_of_graphs(draw):
    """Return two graphs that differ little, or only in how the same is written."""
    left = draw(graphs())
    right = copy.deepcopy(left)
    for _ in range(draw(st.integers(0, 2))):
        node = draw(st.sampled_from(list(iter_nodes(right))))
        if node.__fn_or_cls__ is two:
            node.y = draw(st.sampled_from([node.y, "default", list(iter_nodes(left))[-1]]))
    return left, right


def evaluate(value):
    """Return what ``value`` builds to, by plain recursion; partials as what they return."""
    if isinstance(value, Buildable):
        args = [evaluate(item) for item in value[:]] if value.__fn_or_cls__ is positional else []
        named = {k: evaluate(v) for k, v in value.__arguments__.items() if isinstance(k, str)}
        result = value.__fn_or_cls__(*args, **named)
        return ("partial", result) if type(value) is Partial else result
    return rebuilt(value, evaluate)


def described(value):
    """Return a built value with every partial as what it returns."""
    if type(value) is functools.partial:
        return ("partial", described(value()))
    return rebuilt(value, described)


def rebuilt(value, change):
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if isinstance(value, list):
        return [change(item) for item in value]
    if isinstance(value, tuple):
        items = [change(item) for item in value]
        return Pair(*items) if isinstance(value, Pair) else tuple(items)
    if isinstance(value, collections.deque):
        return collections.deque([change(item) for item in value], value.maxlen)
    if isinstance(value, slice):
        return slice(change(value.start), change(value.stop))
    return value


def sharing(graph):
    """Return which node each argument, of every node is."""
    numbers = {id(node): number for number, node in enumerate(iter_nodes(graph))}
    held = [value for node in iter_nodes(graph) for value in node.__arguments__.values()]
    return [numbers.get(id(value)) for value in held]


DUPLICATES = [
    copy.copy,
    copy.deepcopy,
    lambda value: pickle.loads(pickle.dumps(value)),
    lambda value: pickle.loads(cloudpickle.dumps(value)),
]


@given(graphs())
def test_copies_are_equal_both_ways(graph):
    for duplicate in DUPLICATES:
        result = duplicate(graph)
        assert result == graph
        assert graph == result
        assert repr(result) == repr(graph)
        assert sharing(result) == sharing(graph)


@given(graphs())
def test_deep_copies_share_no_node(graph):
    copied = copy.deepcopy(graph)
    originals = {id(node) for node in iter_nodes(graph)}
    copies = [id(node) for node in iter_nodes(copied)]
    assert originals.isdisjoint(copies)
    assert len(originals) == len(copies)


@given(pairs_of_graphs())
def test_equality_is_symmetric(pair):
    left, right = pair
    assert (left == right) is (right == left)
    assert (left != right) is not (left == right)


@given(pairs_of_graphs())
def test_equal_graphs_build_equal_values(pair):
    left, right = pair
    if left == right:
        assert described(build(left)) == described(build(right))


@given(graphs())
def test_build_agrees_with_evaluation(graph):
    before = copy.deepcopy(graph)
    assert described(build(graph)) == evaluate(graph)
    assert graph == before


@given(graphs(), st.data())
def test_edit_of_a_deep_copy_leaves_the_original(graph, data):
    copied, reference = copy.deepcopy(graph), copy.deepcopy(graph)
    node = data.draw(st.sampled_from(list(iter_nodes(copied))))
    node.__arguments__.clear()
    if node.__fn_or_cls__ is positional:
        node[0] = "edited"
    elif node.__fn_or_cls__ is two:
        node.x = "edited"
    else:
        node.k = "edited"
    assert graph == reference
    assert copied != graph


@given(graphs())
def test_nodes_are_found_once(graph):
    nodes = list(iter_nodes(graph))
    assert nodes[0] is graph
    assert len({id(node) for node in nodes}) == len(nodes)
    assert all(contains_buildable([node]) for node in nodes)


@given(graphs())
def test_shown_marks_are_defined_before_they_are_used(graph):
    text = repr(graph)
    for number in range(1, text.count("&") + 1):
        assert text.index(f"&{number} ") < text.index(f"*{number}")
