"""Properties of the diffs of random graphs with sharing and tags."""

import collections
import copy
import json

from diff_cases import references
from hypothesis import assume, given
from hypothesis import strategies as st
from tag_cases import equal_with_tags

from bytefig.configs import (
    ArgFactory,
    Config,
    Partial,
    Tag,
    add_tag,
    clear_tags,
    follow_path,
    iter_nodes,
)
from bytefig.configs.diffing import (
    ChangeCallable,
    DeleteValue,
    DiffAlignment,
    ModifyValue,
    apply_diff,
    build_diff,
    build_diff_from_alignment,
    diff_from_data,
    diff_to_data,
    resolve_diff_references,
    skeleton_from_diff,
)
from bytefig.configs.printing import as_dict_flattened, as_str_flattened
from bytefig.configs.traversal.traverse import walk

Pair = collections.namedtuple("Pair", "left right")


class Red(Tag):
    """A colour."""


class Blue(Tag):
    """Another."""


def two(x=0, y="default"): ...


def also_two(x=0, z=None, **rest): ...


def positional(a, b=1, /, *args, k=0): ...


LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", two, 0.5])
NODES = st.sampled_from([Config, Partial, ArgFactory])
FUNCTIONS = st.sampled_from([two, also_two])


@st.composite
def graphs(draw, earlier=()):
    """Return a graph without cycles, which may use nodes of an earlier graph."""
    values = [draw(LEAVES), *earlier]
    child = LEAVES | st.deferred(lambda: st.sampled_from(values))
    for _ in range(draw(st.integers(0, 10))):
        values.append(draw(shapes(child)))
        if isinstance(values[-1], Config) and draw(st.booleans()):
            add_tag(values[-1], _tagged_key(values[-1]), draw(st.sampled_from([Red, Blue])))
    return Config(also_two, values[-1], draw(child))


def _tagged_key(node):
    return "k" if node.__fn_or_cls__ is positional else "x"


def shapes(child):
    many = st.lists(child, max_size=3)
    named = st.builds(lambda cls, fn, x: cls(fn, x), NODES, FUNCTIONS, child)
    return st.one_of(
        many,
        many.map(tuple),
        st.builds(Pair, child, child),
        st.dictionaries(st.sampled_from(["a", 1, (2, "b")]), child, max_size=3),
        st.builds(lambda value: collections.defaultdict(list, k=value), child),
        st.dictionaries(st.sampled_from("abc"), child).map(collections.OrderedDict),
        st.builds(collections.deque, many, st.none() | st.just(3)),
        st.builds(slice, child, child),
        named,
        st.builds(lambda cls, x, y: cls(two, x=x, y=y), NODES, child, child),
        st.builds(lambda cls, a, rest: cls(positional, a, *rest), NODES, child, many),
    )


@st.composite
def edited(draw, graph):
    """Return a copy of a graph with some edits."""
    graph = copy.deepcopy(graph)
    for _ in range(draw(st.integers(0, 4))):
        nodes = list(iter_nodes(graph))
        node, value = draw(st.sampled_from(nodes)), draw(LEAVES | st.sampled_from(nodes))
        if any(inner is node for inner in iter_nodes(value)):
            value = copy.deepcopy(value)
        if node.__fn_or_cls__ is positional:
            node[0] = value
            clear_tags(node, "k")
        else:
            node.x = value
            add_tag(node, "x", Red)
    return graph


@st.composite
def pairs(draw):
    """Return two graphs: unrelated, alike, or with nodes in common."""
    old = draw(graphs())
    relation = draw(st.sampled_from(["unrelated", "edited", "common"]))
    if relation == "edited":
        return old, draw(edited(old))
    return old, draw(graphs([] if relation == "unrelated" else list(iter_nodes(old))))


def assert_turns_into(diff, old, new):
    applied = copy.deepcopy(old)
    assert equal_with_tags(apply_diff(diff, applied), new)
    assert not build_diff(applied, new)


@given(pairs())
def test_apply_gives_the_new_graph(pair):
    old, new = pair
    reference_old, reference_new = copy.deepcopy(old), copy.deepcopy(new)
    diff = build_diff(old, new)
    assert_turns_into(diff, old, new)
    assert equal_with_tags(old, reference_old) and equal_with_tags(new, reference_new)
    assert bool(str(diff)) == bool(diff)


@given(graphs())
def test_no_diff_to_a_copy(graph):
    assert not build_diff(graph, graph)
    assert not build_diff(graph, copy.deepcopy(graph))


@given(pairs(), st.data())
def test_every_alignment_is_right(pair, data):
    old, new = pair
    alignment = DiffAlignment(old, new)
    alignment.align(old, new)
    for other, _ in walk(new):
        choices = [one for one, _ in walk(old) if alignment.can_align(one, other)]
        if choices and data.draw(st.booleans()):
            alignment.align(data.draw(st.sampled_from(choices)), other)
    applied = copy.deepcopy(old)
    assert equal_with_tags(apply_diff(build_diff_from_alignment(alignment), applied), new)


@given(pairs())
def test_plain_data_is_the_same_diff(pair):
    old, new = pair
    diff = build_diff(old, new)
    data = json.loads(json.dumps(diff_to_data(diff)))
    read = diff_from_data(data, allow=[__name__, "builtins"])
    assert str(read) == str(diff)
    assert_turns_into(read, old, new)


@given(pairs())
def test_a_diff_fits_its_skeleton(pair):
    old, new = pair
    diff = build_diff(old, new)
    skeleton = skeleton_from_diff(diff)
    for change in diff.changes:
        if isinstance(change, ModifyValue | DeleteValue | ChangeCallable):
            follow_path(skeleton, change.target)
    for reference in references(diff):
        if reference.root == "old":
            follow_path(skeleton, reference.target)
    # That an index is one of a node cannot be told by the path.
    assume(all(node.__fn_or_cls__ is not positional for node in iter_nodes([old, new])))
    apply_diff(diff, skeleton)


@given(pairs())
def test_no_reference_is_left(pair):
    old, new = pair
    before = copy.deepcopy(old)
    diff = build_diff(old, new)
    resolved = resolve_diff_references(diff, old)
    assert not references(resolved)
    assert [change.target for change in resolved.changes] == [it.target for it in diff.changes]
    assert equal_with_tags(old, before)


@given(graphs())
def test_flattened_forms_agree(graph):
    flat = as_dict_flattened(graph, memoized=True)
    text = as_str_flattened(graph, include_types=False, include_unset=False, include_defaults=False)
    assert set(flat) <= {line.split(" = ")[0] for line in text.split("\n")}
