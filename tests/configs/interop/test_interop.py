"""Exchange of graphs with Fiddle and NeMo Run."""

import builtins
import collections
import importlib.util
import sys
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tag_cases import equal_with_tags

from bytefig.configs import (
    ArgFactory,
    Config,
    CycleError,
    Partial,
    SavedProvenance,
    Tag,
    add_tag,
    build,
    get_tags,
    iter_nodes,
    set_tags,
)
from bytefig.configs.interop import (
    InteropError,
    from_fiddle,
    from_nemo_run,
    pair_tags,
    to_fiddle,
    to_nemo_run,
)
from bytefig.configs.interop.peers import is_peer_class

fdl = pytest.importorskip("fiddle")
fiddle_tagging = importlib.import_module("fiddle.tagging")

needs_nemo = pytest.mark.skipif(
    importlib.util.find_spec("nemo_run") is None, reason="NeMo Run is not installed"
)
DEPTH = 10_000
Pair = collections.namedtuple("Pair", "left right")


class Width(Tag):
    "How wide."


class InnerWidth(Width):
    "How wide inside."


class Depth(Tag):
    "How deep."


class PeerDepth(fdl.Tag):
    "How deep."


class PeerRate(fdl.Tag):
    "How fast."


class PeerSlowRate(PeerRate):
    "How fast, but slower."


pair_tags(Depth, PeerDepth)


def two(x=0, y="default"):
    return ("two", x, y)


def positional(a, b=1, /, *args, k=0):
    return ("positional", a, b, args, k)


def tagged(width: Annotated[int, Width] = 1, rate=2):
    return width, rate


def peer_tagged(rate: Annotated[int, PeerRate] = 1):
    return rate


LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
TAGS = [Width, InnerWidth, Depth]
SHAPES = ["list", "tuple", "pair", "dict", "two", "positional", "tagged", "value", "factory"]


@st.composite
def graphs(draw):
    """Return a graph without cycles, in which every value may be used several times."""
    values = [draw(LEAVES)]
    for _ in range(draw(st.integers(0, 12))):
        children = draw(st.lists(LEAVES | st.sampled_from(values), min_size=3, max_size=3))
        values.append(made(draw, draw(st.sampled_from(SHAPES)), children))
    root = Config(two, values[-1])
    root.y = draw(st.sampled_from(values))
    return root


def made(draw, shape, children):
    kind = draw(st.sampled_from([Config, Partial]))
    if shape in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[shape](children)
    if shape == "pair":
        return Pair(*children[:2])
    if shape == "dict":
        return dict(enumerate(children))
    if shape == "positional":
        return kind(positional, *children, k=children[0])
    if shape == "value":
        return [draw(st.sampled_from(TAGS)).new(default=children[0])]
    if shape == "factory":
        return Partial(two, ArgFactory(two, children[0]), children[1])
    node = kind(two, x=children[0]) if shape == "two" else kind(tagged, rate=children[0])
    name = "x" if shape == "two" else "width"
    set_tags(node, name, draw(st.sets(st.sampled_from(TAGS))))
    return node


def shape_of(value, kinds, seen):
    """Return a graph of either library as plain values, shared nodes by their number."""
    name = kinds.get(type(value))
    if name is None and not isinstance(value, list | dict | tuple):
        return value
    if not isinstance(value, tuple):
        if id(value) in seen:
            return "shared", seen[id(value)]
        seen[id(value)] = len(seen)
    if name is not None:
        fn = "identity" if name == "TaggedValueCls" else value.__fn_or_cls__
        keys = sorted(value.__arguments__, key=str)
        tags = {k: names(v) for k, v in (value.__argument_tags__ or {}).items() if v}
        return name, fn, tags, [(k, shape_of(value.__arguments__[k], kinds, seen)) for k in keys]
    if isinstance(value, dict):
        return [(key, shape_of(item, kinds, seen)) for key, item in value.items()]
    return type(value), [shape_of(item, kinds, seen) for item in value]


def names(tags):
    return sorted(tag.name.replace("PeerDepth", "Depth") for tag in tags)


NAMES = ("Config", "Partial", "ArgFactory")
PEER_KINDS = {getattr(fdl, n): n for n in NAMES} | {fiddle_tagging.TaggedValueCls: "TaggedValueCls"}
OUR_KINDS = {cls: cls.__name__ for cls in (Config, Partial, ArgFactory, type(Width.new()))}


def neutral(graph, kinds):
    return shape_of(graph, kinds, {})


@given(graphs())
def test_round_trips_are_equal_and_keep_sharing_and_tags(graph):
    theirs = to_fiddle(graph)
    assert neutral(theirs, PEER_KINDS) == neutral(graph, OUR_KINDS)
    back = from_fiddle(theirs)
    assert back == graph
    assert neutral(back, OUR_KINDS) == neutral(graph, OUR_KINDS)
    assert to_fiddle(back) == theirs


def test_both_build_the_same():
    shared = Config(two, [1])
    graph = Config(
        positional, shared, {"k": shared}, shared, (Config(two, y=2),), k=InnerWidth.new(5)
    )
    assert fdl.build(to_fiddle(graph)) == build(graph)
    assert type(to_fiddle(graph)) is fdl.Config
    assert fdl.build(to_fiddle(Partial(two, ArgFactory(list))))()[1] == []


def test_gaps_and_unset_arguments_stay():
    graph = Config(positional)
    graph[1] = 3
    theirs = to_fiddle(graph)
    assert theirs.__arguments__ == {1: 3}
    assert from_fiddle(theirs) == graph


def test_containers_are_converted_and_the_argument_stays():
    node = Config(two, Config(two))
    theirs = to_fiddle([node, (node,), {"k": node}])
    assert theirs[0] is theirs[1][0] is theirs[2]["k"]
    assert type(theirs[0].x) is fdl.Config
    assert type(node.x) is Config


def test_the_place_is_kept():
    node = Config(two)
    theirs = to_fiddle(node)
    place = theirs.__argument_history__["__fn_or_cls__"][0].location
    assert (place.filename, place.line_number) == (__file__, node.__provenance__.line)
    again = from_fiddle(theirs).__provenance__
    assert isinstance(again, SavedProvenance)
    assert (again.filename, again.line, again.column) == (__file__, place.line_number, None)
    theirs.__argument_history__.clear()
    assert from_fiddle(theirs).__provenance__ is None
    assert to_fiddle(from_fiddle(theirs)) == theirs


def test_a_tag_without_a_partner_gets_one():
    node = Config(two)
    add_tag(node, "x", InnerWidth)
    (tag,) = fdl.get_tags(to_fiddle(node), "x")
    assert (tag.name, tag.description) == (InnerWidth.name, "How wide inside.")
    assert issubclass(tag, fdl.Tag)
    assert tag.__bases__[0].name == Width.name
    theirs = fdl.Config(two)
    fdl.add_tag(theirs, "x", PeerSlowRate)
    (tag,) = get_tags(from_fiddle(theirs), "x")
    assert (tag.name, tag.description) == (PeerSlowRate.name, "How fast, but slower.")
    assert issubclass(tag, Tag)
    assert to_fiddle(from_fiddle(theirs)) == theirs


def test_a_paired_tag_becomes_its_partner():
    node = Config(two)
    add_tag(node, "x", Depth)
    assert fdl.get_tags(to_fiddle(node), "x") == {PeerDepth}


def test_pairs_are_checked():
    pair_tags(Depth, PeerDepth)
    with pytest.raises(ValueError, match="has the partner .*PeerDepth already"):
        pair_tags(Depth, PeerRate)
    with pytest.raises(TypeError, match="not a subclass of bytefig"):
        pair_tags(PeerDepth, PeerDepth)
    with pytest.raises(TypeError, match="not a subclass of fiddle"):
        pair_tags(Depth, Depth)


def test_tags_of_annotations_are_those_of_the_node():
    node = Config(tagged)
    assert [tag.name for tag in fdl.get_tags(to_fiddle(node), "width")] == [Width.name]
    set_tags(node, "width", ())
    assert from_fiddle(to_fiddle(node)) == node
    theirs = fdl.Config(peer_tagged)
    fdl.clear_tags(theirs, "rate")
    assert to_fiddle(from_fiddle(theirs)) == theirs


def test_bare_tag_classes_are_partners():
    node = Config(two)
    add_tag(node, "x", Tag)
    theirs = to_fiddle(node)
    assert fdl.get_tags(theirs, "x") == {fdl.Tag}
    assert equal_with_tags(from_fiddle(theirs), node)


def test_a_tagged_value_without_a_value():
    graph = [Width.new()]
    theirs = to_fiddle(graph)
    (tag,) = fdl.get_tags(theirs[0], "value")
    assert theirs == [fdl.TaggedValue([tag])]
    assert equal_with_tags(from_fiddle(theirs), graph)


class Sub(Config):
    __slots__ = ()


class PeerSub(fdl.Config):
    pass


def test_unknown_classes_are_an_error_with_the_path():
    with pytest.raises(InteropError, match=r"Sub of two at <root>\.x\[0\]: fiddle has no class"):
        to_fiddle(Config(two, [Sub(two)]))
    with pytest.raises(InteropError, match=r"PeerSub of two at <root>\.x: bytefig has no class"):
        from_fiddle(fdl.Config(two, PeerSub(two)))


def test_classes_that_cannot_be_compared_are_told_apart():
    class Incomparable(type):
        def __eq__(cls, other):
            raise AssertionError

    class Made(metaclass=Incomparable): ...

    class Own(fdl.Config): ...

    assert not any(map(is_peer_class, (Made, Config, Made(), int)))
    assert is_peer_class(Own) and is_peer_class(fdl.Buildable)


def test_cycles_are_an_error():
    node = Config(two)
    node.x = [node]
    with pytest.raises(CycleError):
        to_fiddle(node)
    theirs = fdl.Config(two)
    theirs.x = [theirs]
    with pytest.raises(CycleError) as caught:
        from_fiddle(theirs)
    assert caught.value.inner == "<root>.x[0]"


def test_deep_chains():
    graph = Config(two)
    for _ in range(DEPTH - 1):
        graph = Config(two, graph)
    theirs = to_fiddle(graph)
    back = from_fiddle(theirs)
    assert back == graph
    assert len(list(iter_nodes(back))) == DEPTH


@pytest.mark.parametrize("module, extra", [("fiddle", "fiddle"), ("nemo_run", "nemo")])
def test_a_missing_peer_names_the_extra(monkeypatch, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    convert = {"fiddle": (to_fiddle, from_fiddle), "nemo_run": (to_nemo_run, from_nemo_run)}
    for fn in convert[module]:
        with pytest.raises(ModuleNotFoundError, match=rf"pip install 'bytefig\[{extra}\]'"):
            fn(Config(two))


def test_what_a_peer_itself_lacks_is_not_hidden(monkeypatch):
    original = builtins.__import__

    def fail(name, *args, **kwargs):
        if name == "absl":
            raise ModuleNotFoundError("No module named 'absl'", name="absl")
        return original(name, *args, **kwargs)

    from bytefig.configs.interop import peers

    monkeypatch.setattr(builtins, "__import__", fail)
    monkeypatch.delitem(sys.modules, "fiddle.absl_flags", raising=False)
    for name in [name for name in sys.modules if name.startswith("fiddle._src.absl_flags")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError, match="No module named 'absl'"):
        peers.load("fiddle.absl_flags")


@needs_nemo
@pytest.mark.filterwarnings("ignore")  # those of the many libraries that NeMo Run imports
def test_nemo_run_round_trip():
    run = importlib.import_module("nemo_run")
    shared = Config(two, [1])
    graph = Config(
        two, shared, [Partial(positional, shared, k=ArgFactory(list)), Config(dict, a=1)]
    )
    add_tag(graph, "x", Width)
    theirs = to_nemo_run(graph)
    assert type(theirs) is run.Config
    assert type(theirs.y[0]) is run.Partial
    assert type(theirs.y[0].k) is fdl.ArgFactory
    assert theirs.x is theirs.y[0][0]
    back = from_nemo_run(theirs)
    assert back == graph
    with pytest.raises(InteropError, match="bytefig has no class"):
        from_fiddle(theirs)
    assert from_nemo_run(to_fiddle(graph)) == graph
