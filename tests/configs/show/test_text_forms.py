"""Text of graphs, asserted to the letter."""

import collections
import copy
import pickle
import sys
from typing import Annotated

import pytest

import bytefig.configs as fdl
from bytefig.configs import (
    Config,
    CycleError,
    Partial,
    Tag,
    add_tag,
    clear_tags,
    history,
    update_callable,
)
from bytefig.configs.printing import (
    as_dict_flattened,
    as_str_flattened,
    as_tree,
    as_tree_text,
    history_per_leaf_parameter,
)

DEPTH = 10_000


class Width(Tag):
    """How wide."""


class Rate(Tag):
    """How fast."""


WIDTH = f" #{Width.name}"
RATE = f" #{Rate.name}"


def dense(units: int, rate: "float" = 0.5, *, activation: list[int] = None): ...


def renamed(units, rate=0.5, activation=None): ...


def tagged(units: Annotated[int, Width], rate=1.5): ...


def positional(a: int, b=2, /, *rest: str, **options: bool): ...


def wrap(x=None): ...


class LongRepr:
    def __repr__(self):
        return "two\n  lines"


def lines(text):
    return text.split("\n")


def test_lines():
    graph = Config(dict, a=Config(dense, 8, activation=print), b=[1, {"k": "text"}], c=len)
    assert lines(as_str_flattened(graph)) == [
        "a.units: int = 8",
        "a.rate: float = <[unset; default: 0.5]>",
        "a.activation: list[int] = print",
        "b = [1, {'k': 'text'}]",
        "c = len",
    ]


def test_lines_without_types_and_defaults():
    graph = Config(dict, a=Config(dense), b=[Config(dense, rate=1)])
    assert lines(as_str_flattened(graph, include_types=False, include_defaults=False)) == [
        "a.units = <[unset]>",
        "b[0].units = <[unset]>",
        "b[0].rate = 1",
    ]
    assert lines(as_str_flattened(graph, include_unset=False, include_defaults=False)) == [
        "a = <Config[dense]>",
        "b[0].rate: float = 1",
    ]


def test_lines_of_raw_values():
    graph = Config(dict, a=dense, b=LongRepr())
    assert as_str_flattened(graph) == "a = dense\nb = two lines"
    assert as_str_flattened(graph, raw_value_repr=True) == f"a = {dense!r}\nb = two\n  lines"


def test_lines_of_positional_arguments():
    graph = Config(positional, 1, 2, "x", "y", debug=True)
    assert lines(as_str_flattened(graph)) == [
        "[0]: int = 1",
        "[1] = 2",
        "[2]: str = 'x'",
        "[3]: str = 'y'",
        "debug: bool = True",
    ]


def test_lines_of_a_factory_default():
    class Old:
        def __init__(self, items=fdl.arg_factory.default_factory(list)): ...

    assert as_str_flattened(Config(Old)) == "items = <[unset; default made at every call]>"
    assert as_dict_flattened(Config(Old), include_defaults=True) == {}


def test_lines_of_a_callable_without_signature():
    assert as_str_flattened(Config(dict, a=Config(type, "x"))) == "a[0] = 'x'"


def test_shared_values_are_shown_once():
    shared, items = Config(dense, 8), [1]
    graph = Config(dict, a=shared, b=(shared, 3), c=items, d=items, e=(), f=())
    assert lines(as_str_flattened(graph, include_defaults=False)) == [
        "a.units: int = 8",
        "b[0] = <shared with <root>.a>",
        "b[1] = 3",
        "c = [1]",
        "d = <shared with <root>.c>",
        "e = ()",
        "f = ()",
    ]


def test_tags_follow_the_value():
    graph = Config(dict, a=Config(tagged), b=Config(list))
    add_tag(graph, "b", Width)
    add_tag(graph, "b", Rate)
    add_tag(graph, "c", Rate)
    graph.a.units = 3
    assert lines(as_str_flattened(graph, include_unset=False, include_defaults=False)) == [
        f"a.units: int = 3{WIDTH}",
        f"b = <Config[list]>{RATE}{WIDTH}",
        f"c = <[unset]>{RATE}",
    ]


def test_cycles_are_shown_as_shared():
    graph = Config(dict, a=1)
    graph.b = [graph]
    assert as_str_flattened(graph) == "a = 1\nb[0] = <shared with <root>>"
    assert history_per_leaf_parameter(graph).endswith("\nb[0] = <shared with <root>>")


def test_lines_of_what_is_no_node():
    assert as_str_flattened(3) == "<root> = 3"
    assert as_str_flattened([Config(wrap, 1)], include_types=False) == "[0].x = 1"
    assert as_str_flattened({"k": [Config(wrap, 1)]}) == "['k'][0].x = 1"
    assert as_str_flattened(Config(dict)) == "<root> = <Config[dict]>"


def test_dict_has_every_path():
    shared = Config(dense, 8)
    graph = Config(dict, a=shared, b=[shared, 2])
    assert as_dict_flattened(graph) == {"a.units": 8, "b[0].units": 8, "b[1]": 2}
    assert as_dict_flattened(graph, memoized=True) == {"a.units": 8, "b[1]": 2}
    assert as_dict_flattened(Config(tagged)) == {}
    assert as_dict_flattened(Config(tagged), include_defaults=True) == {"rate": 1.5}


def test_dict_with_names():
    graph = Config(dict, a=Partial(dense, 8))
    assert as_dict_flattened(graph, output_fn_or_cls_name=True) == {
        "__fn_or_cls__.__name__": "dict",
        "a.__fn_or_cls__.__name__": "dense",
        "a.units": 8,
    }


def test_dict_of_a_cycle():
    graph = Config(dict, a=1)
    graph.b = [graph]
    with pytest.raises(CycleError, match=r"<root>\.b\[0\] is the same object as <root>"):
        as_dict_flattened(graph)
    assert as_dict_flattened(graph, memoized=True) == {"a": 1}


def line_of(node, key, number=0):
    edits = [edit for edit in history(node) if edit.key == key]
    return f" @ {edits[number].provenance}"


def test_history():
    graph = Config(dict, a=Config(dense, 8), b=[Config(wrap, 1), 2])
    graph.a.units = 9
    graph.a.units = len
    del graph.a.units
    node = graph.a
    add_tag(node, "rate", Rate)
    clear_tags(node, "rate")
    update_callable(node, renamed)
    made = f" @ {node.__provenance__}"
    assert lines(history_per_leaf_parameter(graph)) == [
        f"__fn_or_cls__ = dict @ {graph.__provenance__}",
        f"a.__fn_or_cls__ = renamed{line_of(node, '__fn_or_cls__', 1)}",
        f"  - previously: dense{made}",
        f"a.units = <[unset]>{line_of(node, 'units', 3)}",
        f"  - previously: len{line_of(node, 'units', 2)}",
        f"  - previously: 9{line_of(node, 'units', 1)}",
        f"  - previously: 8{made}",
        "a.rate = <[unset; default: 0.5]>",
        f"  - tags: none{line_of(node, 'rate', 1)}",
        f"  - tags:{RATE}{line_of(node, 'rate', 0)}",
        "a.activation = <[unset; default: None]>",
        f"b[0].__fn_or_cls__ = wrap @ {graph.b[0].__provenance__}",
        f"b[0].x = 1{line_of(graph.b[0], 'x')}",
        "b[1] = 2",
    ]


def test_history_of_values_before_a_node_was_there():
    graph = Config(wrap, Config(dense, 1))
    made = line_of(graph, "x")
    graph.x = [3]
    assert lines(history_per_leaf_parameter(graph)) == [
        f"__fn_or_cls__ = wrap{made}",
        f"x = [3]{line_of(graph, 'x', 1)}",
        f"  - previously: <Config[dense(units=1)]>{made}",
    ]
    unset = Config(wrap, 1)
    del unset.x
    unset.x = dense
    assert "  - previously: <[unset]> @ " in history_per_leaf_parameter(unset)
    assert f"x = {dense!r} @ " in history_per_leaf_parameter(unset, raw_value_repr=True)


def test_history_out_of_a_pickle():
    graph = Config(wrap, 1)
    graph.x = "b"
    graph.x = 3
    add_tag(graph, "x", Rate)
    loaded = pickle.loads(pickle.dumps(graph))
    text = history_per_leaf_parameter(loaded)
    assert text.startswith("__fn_or_cls__ = wrap @ ")
    assert f"\nx = 3{RATE} @ " in text
    assert "  - previously: 'b' @ " in text and f"  - tags:{RATE} @ " in text


def rendered(graph, **options):
    console = pytest.importorskip("rich.console")
    output = console.Console(width=100, color_system=None)
    with output.capture() as capture:
        output.print(as_tree(graph, **options))
    return [line.rstrip() for line in capture.get().rstrip("\n").split("\n")]


def test_tree():
    shared = Config(dense, 8)
    graph = Config(dict, a=shared, b=[shared, "[bold]"], c=Partial(tagged))
    assert rendered(graph) == [
        "<Config[dict]>",
        "├── a: <Config[dense]>",
        "│   └── units = 8",
        "├── b: list",
        "│   ├── [0] = <shared with <root>.a>",
        "│   └── [1] = '[bold]'",
        "└── c: <Partial[tagged]>",
        f"    └── units = <[unset]>{WIDTH}",
    ]
    assert rendered(Config(tagged), include_defaults=True)[2] == (
        "└── rate = <[unset; default: 1.5]>"
    )
    assert rendered(Config(dense), include_unset=True) == [
        "<Config[dense]>",
        "└── units = <[unset]>",
    ]
    assert rendered(3) == ["3"]


def test_tree_without_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.tree", None)
    with pytest.raises(ImportError, match=r"needs the package rich\n  fix: pip install 'bytefig\["):
        as_tree(Config(dict))


def test_a_deep_chain():
    node = Config(wrap, 1)
    for _ in range(DEPTH):
        node = Config(wrap, node)
    path = "x." * DEPTH + "x"
    assert as_str_flattened(node) == f"{path} = 1"
    assert as_dict_flattened(node) == {path: 1}
    # Of each node there is a line with its path: of all of them, that is too much text to wait for.
    for _ in range(DEPTH - 1_500):
        node = node.x
    assert f"\n{'x.' * 1_500}x = 1 @ " in history_per_leaf_parameter(node)
    pytest.importorskip("rich")
    assert str(as_tree(node).children[0].label) == "x: <Config[wrap]>"


def test_sharing_is_not_walked_twice():
    node = Config(wrap, 1)
    for _ in range(1_000):
        node = Config(wrap, (node, node))
    assert len(lines(as_str_flattened(node))) == 1_001
    assert len(as_dict_flattened(node, memoized=True)) == 1


def test_printing_changes_nothing():
    graph = Config(dict, a=Config(dense), b=collections.defaultdict(list, k=Config(wrap)))
    before = copy.deepcopy(graph)
    for text in (as_str_flattened(graph), history_per_leaf_parameter(graph)):
        assert text
    as_dict_flattened(graph, include_defaults=True)
    assert graph == before
    assert "units" not in graph.a.__arguments__


def test_module_is_an_attribute_of_the_package():
    assert fdl.printing.as_str_flattened is as_str_flattened
    with pytest.raises(AttributeError, match="has no attribute 'drawings'"):
        fdl.drawings


def test_effects_are_in_the_tree_where_their_node_is():
    from bytefig.tracer import capture

    def builder():
        inner: list[int] = []
        layer = Layer()
        layer.add(inner)
        return [layer, Layer()]

    class Layer:
        def add(self, part: object) -> None: ...

    text = as_tree_text(capture(builder))
    lines = text.splitlines()
    assert [line.strip("│├└─ ") for line in lines] == [
        "list",
        f"[0]: <Config[{Layer.__qualname__}]>",
        "<effects>[0]: <Config[.add()]>",
        "[0] = <shared with <root>[0]>",
        "[1] = 'add'",
        "[2] = []",
        f"[1]: <Config[{Layer.__qualname__}]>",
    ]
