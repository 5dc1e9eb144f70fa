"""Tests of `bytefig.configs.show.drawing`: rows, the page, the notebook's view and Graphviz."""

import base64
import copy
import hashlib
import html.parser
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree
from collections import deque

import pytest

from bytefig.configs import (
    ArgFactory,
    Config,
    DrawingError,
    Key,
    Look,
    Partial,
    Tag,
    add_effects,
    add_tag,
    diffing,
    graphviz,
    register_container,
    suspend_history,
    to_dot,
    to_graphviz,
    to_html,
    to_svg,
    update_callable,
    visualize,
)
from bytefig.configs.show.drawing.row_data import Kind
from bytefig.configs.show.drawing.rows import outline
from bytefig.configs.show.drawing.text import path_text, visible

DEPTH = 20_000
EVIL = """</code></script><script>alert('x')</script><img src=x onerror="alert(1)">&"""
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="dot is not installed")


class Width(Tag):
    """How "wide" <b>layers</b> are."""


def dense(units, activation="relu", init=None):
    return units, activation, init


def wrap(x=None):
    return [x]


def options(**kwargs):
    return kwargs


class Broken:
    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no equality")


class Control:
    def __repr__(self):
        return "a\x00\ud800\u202eb\nc"


class Elementwise:
    """Compares as an array does."""

    def __init__(self, *items):
        self.items = items

    def __eq__(self, other):
        return Comparison(map(int.__eq__, self.items, other.items))


class Comparison(list):
    def __bool__(self):
        raise ValueError("ambiguous")

    def all(self):
        return all(list(self))


class Box:
    def __init__(self, *content):
        self.content = content


register_container(
    Box,
    flatten=lambda box: ([[index] for index in range(len(box.content))], box.content),
    rebuild=lambda box, keys, values: Box(*values),
    element=Key,
)


def chain(depth=DEPTH, last=None):
    node = last
    for _ in range(depth):
        node = Config(wrap, node)
    return node


class Checker(html.parser.HTMLParser):
    """Fails unless elements are closed in order; keeps the text, and what a test asks for."""

    VOID = ("meta", "input", "br")

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.scripts, self.deepest = [], [], [], 0, 0
        self.elements, self.text = set(), []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.add(tag)
        self.scripts += tag == "script"
        assert not [name for name in attributes if name.startswith("on")]
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])
        if tag not in self.VOID:
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def checked(text):
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert not checker.open
    assert len(set(checker.ids)) == len(checker.ids)
    assert {link.removeprefix("#") for link in checker.links} <= set(checker.ids)
    return checker


def data(page):
    text = re.search(r'<script type="application/json" id="records">(.*?)</script>', page)[1]
    return json.loads(text)


def records(page):
    return data(page)["records"]


def marks(graph, earlier):
    found, pending = {}, [outline(graph, earlier).root]
    while pending:
        row = pending.pop()
        if row.mark:
            found[path_text(row)] = row.mark
        pending.extend(row.children)
    return found


# What changed


@pytest.mark.parametrize(
    ("earlier", "graph", "expected"),
    [
        ([1, 2], [1, 2], {}),
        ([1, 2], [1, 3], {"<root>[1]": "changed"}),
        ([1, 2], [1], {"<root>[1]": "removed"}),
        ([1], [1, [2]], {"<root>[1]": "added", "<root>[1][0]": "added"}),
        ({"a": 1}, {"b": 1}, {"<root>['a']": "removed", "<root>['b']": "added"}),
        ([1], (1,), {"<root>": "changed"}),
        (1, [1], {"<root>": "changed", "<root>[0]": "added"}),
        ([1], 1, {"<root>": "changed", "<root>[0]": "removed"}),
        ([1], [True], {"<root>[0]": "changed"}),
        (Config(wrap, 1), Config(wrap), {"<root>.x": "removed"}),
        (Config(wrap, 1), Partial(wrap, 1), {"<root>": "changed"}),
        (Config(dense, 1), Config(options, units=1), {"<root>": "changed"}),
        ([Broken()], [Broken()], {"<root>[0]": "changed"}),
        ([Elementwise(1, 2)], [Elementwise(1, 2)], {}),
        ([Elementwise(1, 2)], [Elementwise(1, 3)], {"<root>[0]": "changed"}),
        ([Box(1, 2)], [Box(1, 3)], {"<root>[0][[1]]": "changed"}),
    ],
)
def test_marks(earlier, graph, expected):
    assert marks(graph, earlier) == expected


def test_tags_are_compared():
    earlier, graph = Config(dense, 1), Config(dense, 1)
    add_tag(graph, "units", Width)
    add_tag(graph, "init", Width)
    assert marks(graph, earlier) == {"<root>.units": "changed", "<root>.init": "added"}
    units = records(to_html(earlier, diff=graph))[1]
    assert units == [1, "units", Kind.LEAF, "1", {"mark": "changed", "was": "1 #Width"}]


def test_graphs_that_share_nodes_are_compared():
    common = Config(dense, 1)
    assert marks([common, 2], [common, 1]) == {"<root>[1]": "changed"}
    assert marks([2, common], [common, 1]) == {
        "<root>[0]": "changed",
        "<root>[0].units": "removed",
        "<root>[1]": "changed",
        "<root>[1].units": "added",
    }


def test_sharing_is_compared():
    shared = Config(dense, [1])
    tied, untied = [shared, shared], [copy.deepcopy(shared), copy.deepcopy(shared)]
    assert marks(untied, tied) == {"<root>[1]": "changed"}
    assert marks(tied, untied) == {"<root>[1]": "changed"}
    assert marks(copy.deepcopy(tied), tied) == {}
    assert "was shared" in to_html(untied, diff=tied)
    assert "was not shared" in to_html(tied, diff=untied)
    assert marks([shared, shared], [shared]) == {"<root>[1]": "added"}
    assert marks([shared, shared], [shared, 1])["<root>[1]"] == "changed"


def test_a_removed_node_that_is_still_elsewhere_is_a_link():
    shared = Config(dense, 1)
    page = to_html({"a": shared}, diff={"a": shared, "b": shared})
    link = [
        1,
        "['b']",
        Kind.LINK,
        "Config dense, shared: <root>['a']",
        {"mark": "removed", "to": 1},
    ]
    assert records(page)[-1] == link


def test_places_that_are_gone_are_no_uses():
    shared, gone = Config(dense, 1), Config(dense, 2)
    rows = outline({"a": shared, "c": shared}, {"a": shared, "b": shared, "c": shared})
    assert (rows.root.children[0].uses, rows.shared) == (2, 1)
    rows = outline({"a": shared}, {"a": shared, "b": shared, "c": gone, "d": gone})
    assert [part.uses for part in rows.root.children] == [1, 1, 2, 1]
    assert rows.shared == 0


@pytest.mark.parametrize("make", [list, tuple, deque])
def test_an_item_put_into_a_list_is_one_insertion(make):
    layers = [Config(dense, units) for units in (1, 2, 3)]
    earlier, graph = make(layers), make([layers[0], Config(wrap), *copy.deepcopy(layers[1:]), 5])
    assert marks(graph, earlier) == {"<root>[1]": "added", "<root>[4]": "added"}
    assert marks(earlier, graph) == {"<root>[1]": "removed", "<root>[4]": "removed"}
    assert [part.element.index for part in outline(earlier, graph).root.children] == [0, 1, 1, 2, 4]


def test_lists_with_cycles_are_compared_by_position():
    earlier, graph = [1], [2, 1]
    earlier.append(earlier)
    graph.append(graph)
    assert marks(graph, earlier)["<root>[0]"] == "changed"


def test_changed_paths():
    shared = Config(dense, {1: 2})
    rows = outline([shared, shared], changed=["[1]", "[1].units[1]", ()])
    assert [part.mark for part in rows.root.children] == ["", "changed"]
    assert rows.root.children[0].children[0].children[0].mark == "changed"
    assert rows.root.mark == "changed"


@pytest.mark.parametrize("path", ["[2]", "[0].nothing", "[0].units.x", "not a path"])
def test_changed_paths_that_lead_nowhere(path):
    with pytest.raises(ValueError, match="the graph has no value there|not a path"):
        to_html([Config(dense, 1)], changed=[path])


# The page


def test_page_shows_everything():
    add = Config(dense, 64, init=ArgFactory(dict))
    add_tag(add, "units", Width)
    add_tag(add, "activation", Width)
    graph = Config(options, layer=add, again=add, table={"k": (1, 2)})
    update_callable(add, dense)
    add.units = 65
    del graph.table["k"]
    page = to_html(graph)
    checker = checked(page)
    assert "2 configs" not in page and "3 configs, 7 values, 1 shared" in "".join(checker.text)
    folder, _, name = __file__.rpartition("/")
    assert f"made in {folder}/" in "".join(checker.text)
    heads = data(page)["heads"]
    assert [head[:3] for head in heads] == [
        ["Config", "options", f"{__name__}.options"],
        ["Config", "dense", f"{__name__}.dense"],
        ["ArgFactory", "dict", "builtins.dict"],
    ]
    assert heads[1][3].startswith(f"made at {name}:")
    assert heads[1][3].endswith("in test_page_shows_everything")
    width = ["Width", f'{__name__}.Width: How "wide" <b>layers</b> are.']
    rows = records(page)
    edits = rows[1][-1].pop("edits")
    assert f"units edited at {name}:" in edits[0] and edits[0].endswith(", was 64")
    assert rows == [
        [0, "", Kind.NODE, 0],
        [1, "layer", Kind.NODE, 1, {"uses": 2}],
        [2, "units", Kind.LEAF, "65", {"tags": [width]}],
        [2, "init", Kind.NODE, 2],
        [2, "activation", Kind.UNSET, "not set", {"tags": [width]}],
        [1, "again", Kind.LINK, "Config dense, shared: <root>.layer", {"to": 1}],
        [1, "table", Kind.MAPPING, "dict of 0"],
    ]


def test_page_shows_effects():
    graph = Config(wrap)
    add_effects(graph, Config(dense, 1, init=graph))
    assert [row[:4] for row in records(to_html(graph))] == [
        [0, "", Kind.NODE, 0],
        [1, "<effects>[0]", Kind.NODE, 1],
        [2, "units", Kind.LEAF, "1"],
        [2, "init", Kind.LINK, "Config wrap, shared: <root>"],
    ]
    earlier = Config(wrap)
    assert marks(graph, earlier)["<root>.<effects>[0]"] == "added"


def test_page_loads_nothing_and_allows_its_own_script_only():
    page = to_html(Config(wrap))
    checker = checked(page)
    assert checker.scripts == 2  # one holds the rows, as data
    assert not checker.elements & {"link", "img", "iframe", "object", "base"}
    assert "http" not in re.sub(r"http-equiv", "", page)
    for element in ("script", "style"):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in page


def evil_graph():
    fn = type(EVIL, (), {"__module__": EVIL, "__qualname__": EVIL})
    node = Config(options, **{EVIL: EVIL, "long": EVIL * 100})
    with suspend_history():
        return {EVIL: [node, node, Config(fn), Control(), Broken()], "k": {EVIL: EVIL}}


@pytest.mark.parametrize("draw", [to_html, lambda graph: Config(wrap, graph)._repr_html_()])
def test_everything_is_escaped(draw):
    text = draw(evil_graph())
    checker = checked(text)
    assert checker.scripts == (2 if draw is to_html else 0)
    assert "img" not in checker.elements
    assert "onerror" in "".join(checker.text)
    assert "\x00" not in text and "\u202e" not in text
    assert text.encode("utf-8")


def test_titles_are_escaped():
    page = to_html([1], title=EVIL, diff=[EVIL])
    assert checked(page).scripts == 2
    assert records(page)[1][-1]["was"] == repr(EVIL)


@pytest.mark.parametrize(
    ("graph", "title"),
    [(Config(dense, 1), "dense"), ([1], "list of 1"), (5, "Graph"), ({}, "dict of 0")],
)
def test_default_title(graph, title):
    assert f"<title>{title}</title>" in to_html(graph)


def test_long_values_can_be_opened():
    _, row = records(to_html(["x" * 5000]))
    assert row[:3] == [1, "[0]", Kind.LEAF] and len(row[3]) == 160
    assert row[4] == {"long": repr("x" * 5000)}


def test_many_plain_values_are_left_out_but_not_their_changes():
    numbers = list(range(1000))
    changed = [*numbers[:900], -1, *numbers[901:]]
    rows = records(to_html([*changed, [5]], diff=[*numbers, [5]]))
    assert [1, "[900]", Kind.LEAF, "-1", {"mark": "changed", "was": "900"}] in rows
    assert rows[-1] == [1, "", Kind.REST, "… 799 more plain values"]
    assert [1, "[1000]", Kind.SEQUENCE, "list of 1"] in rows


def test_cycles_are_links():
    node = Config(wrap)
    with suspend_history():
        node.x = [node]
    assert records(to_html(node))[-1][-1] == {"to": 0}
    assert to_dot(node).count("->") == 1
    assert "shared: &lt;root&gt;" in node._repr_html_()
    assert marks(node, node) == {}


def test_records_do_not_nest():
    rows = records(to_html(chain(1000), diff=chain(1000, last=1)))
    assert [row[0] for row in rows] == [*range(1001)]
    link = records(to_html([last := chain(100), {"k": last.x.x.x}]))[-1]
    assert link[3] == "Config wrap, shared: <root>[0].x.x.x"


def test_a_page_is_small():
    def page(size):
        return len(to_html(Config(options, x=[Config(dense, n, n / 7) for n in range(size)])))

    assert (page(2000) - page(1000)) / 1000 < 300


@pytest.mark.parametrize("draw", [to_html, to_dot, lambda graph: graph._repr_html_()])
def test_any_depth(draw):
    assert sys.getrecursionlimit() < DEPTH
    assert draw(chain())


def test_any_depth_of_a_comparison_and_of_containers():
    graph = [1]
    for _ in range(DEPTH):
        graph = [graph]
    assert len(records(to_html(graph, diff=chain()))) > DEPTH
    assert to_dot(graph).count(" [label=") > DEPTH / 5


# Notebooks


def test_notebook_view():
    shared = Config(dense, 1)
    text = Config(wrap, [shared, shared])._repr_html_()
    checker = checked(text)
    assert checker.scripts == 0 and not checker.ids and not checker.links
    assert "Config dense, shared: &lt;root&gt;.x[0]" in text


def test_notebook_view_is_small():
    wide = Config(wrap, [Config(wrap, index) for index in range(10_000)])
    assert len(wide._repr_html_()) < 200_000
    assert "…" in wide._repr_html_()
    assert "…" in chain(20)._repr_html_()


# Graphviz


def graph_to_draw():
    shared = Config(dense, 1, init=[])
    add_tag(shared, "units", Width)
    items = [1, (2, {"a": {"b": [Config(wrap)]}})]
    return Config(
        options, a=shared, b=[shared, items, items], c=Partial(wrap, "y" * 99), d=list(range(30))
    )


def test_dot_has_a_record_for_each_node():
    text = to_dot(graph_to_draw(), title="<A> title")
    records = re.findall(r"^  (n\d+) \[label=", text, re.MULTILINE)
    assert len(records) == len(set(records)) == 6  # with the shared list, and a deep one
    shared = re.search(r"^  (n\d+) \[label=.*<B>dense</B>", text, re.MULTILINE)[1]
    assert text.count(f"-> {shared}:head:_\n") == 2
    assert "#Width" in text
    assert "&#39;" + "y" * 56 + "..." in text
    assert "… 10 more plain values" in text
    assert "label=<&lt;A&gt; title>" in text
    assert "list of 0" in text


def test_dot_of_a_leaf():
    assert "5" in to_dot(5)
    assert "&lt;Broken object" in to_dot(Broken())


def record_of(text, name):
    return re.search(rf"^  n\d+ \[label=<(.*<B>{name}</B>.*)>\]$", text, re.MULTILINE)[1]


def test_dot_colours_changes():
    graph = Config(options, a=Config(dense, 1), b=[Config(dense, 2), "old"], c=Config(wrap))
    earlier = copy.deepcopy(graph)
    graph.a.units = 5
    graph.b.append(Config(dict, new=0))
    graph.b[1] = "new"
    del graph.c
    text = to_dot(graph, diff=earlier)
    changed, added, removed = 'BGCOLOR="#fbe9a8"', 'BGCOLOR="#c9efcf"', 'BGCOLOR="#f6c9c6"'
    assert f'ALIGN="LEFT" {changed}>1 → 5</TD>' in text
    assert "&#39;old&#39; → &#39;new&#39;" in text
    assert f'PORT="head" ALIGN="LEFT" {added}>Config <B>dict</B></TD>' in text
    assert f'PORT="head" ALIGN="LEFT" {removed}>Config <B>wrap</B></TD>' in text
    assert all(color not in to_dot(graph) for color in (changed, added, removed))
    assert to_dot(graph, diff=graph) == to_dot(graph)


def test_dot_of_another_callable_and_of_sharing():
    shared = Config(wrap)
    earlier = Config(options, a=[shared, shared], b=Config(dense, 1))
    later = Config(options, a=[Config(wrap), Config(wrap)], b=Config(wrap, 1))
    text = to_dot(later, diff=earlier)
    assert "Config dense → Config <B>wrap</B>" in text
    assert "• was shared" in text
    assert "• was not shared" in to_dot(earlier, diff=later)


def test_dot_with_only_changes():
    graph = Config(options, a=Config(dense, 1), b=Config(wrap, 7), c=Partial(wrap))
    earlier = copy.deepcopy(graph)
    graph.b.x = 8
    text = to_dot(graph, diff=earlier, only_changes=True)
    assert "units" not in text and "7 → 8" in text
    assert text.count("…") == 1  # the last node has no arguments
    assert to_dot(graph, only_changes=True) == to_dot(graph)


def test_dot_with_only_changes_of_containers():
    graph = Config(options, a=[1, 2], b={"c": [3], "d": [4, 5]})
    earlier = copy.deepcopy(graph)
    graph.b["d"][1] = 6
    text = to_dot(graph, diff=earlier, only_changes=True)
    assert ">list of 2<" in text and ">2<" not in text and ">3<" not in text
    assert ">4<" in text and ">5 → 6<" in text


def test_dot_cuts_what_was_there_before():
    graph, earlier = Config(wrap, 1), Config(wrap, "y" * 99)
    assert "y" * 60 not in to_dot(graph, diff=earlier)
    assert "y" * 99 in to_dot(graph, diff=earlier, max_text=120)


def test_dot_with_a_depth():
    shared = Config(wrap, 3)
    graph = Config(options, a=[Config(dense, [Config(dict, b=shared)])], c={"d": Config(wrap, 2)})
    assert "…" not in to_dot(graph, max_depth=3)
    text = to_dot(graph, max_depth=1)
    assert "…" in record_of(text, "dict") and "…" not in record_of(text, "dense")
    graph.c["e"] = shared  # the shortest path counts
    assert "…" not in to_dot(graph, max_depth=2)
    assert to_dot(graph, max_depth=0).count("…") == 3
    deep = chain(DEPTH)
    assert to_dot(deep, max_depth=1, diff=deep).count("…") == 1


def test_dot_with_looks():
    model = Config(dense, 1)
    seen = []

    def look(node):
        seen.append(node)
        return Look("The <model>", "#ffffff", folded=True) if node is model else None

    text = to_dot([model, Config(wrap, 2)], look=look)
    assert "The &lt;model&gt;" in text and 'BGCOLOR="#ffffff"' in text and "units" not in text
    assert "<B>wrap</B>" in text
    assert [type(node) for node in seen] == [Config, Config]


def test_dot_with_longer_text():
    assert "y" * 90 not in to_dot(graph_to_draw())
    assert "y" * 90 in to_dot(graph_to_draw(), max_text=120)


def test_render_as_fiddle_has_it():
    pytest.importorskip("graphviz")
    graph = graph_to_draw()
    assert graphviz.render(graph, max_depth=0).source == to_dot(graph, max_depth=0)
    assert graphviz.render(graph, max_str_length=99).source == to_dot(graph, max_text=99)
    earlier = copy.deepcopy(graph)
    graph.a.units = 5
    expected = to_dot(graph, diff=earlier, only_changes=True)
    assert graphviz.render_diff(old=earlier, new=graph, trim=True).source == expected
    diff = diffing.build_diff(earlier, graph)
    expected = to_dot(graph, diff=earlier)
    assert graphviz.render_diff(diff, old=earlier).source == expected
    assert ">* → 5<" in graphviz.render_diff(diff).source  # only what the diff speaks of
    assert earlier.a.units == 1


@pytest.mark.parametrize("given", [{}, {"old": 1}, {"new": 1}, {"diff": 1, "new": 2}])
def test_render_diff_needs_two_sides(given):
    with pytest.raises(TypeError, match="render_diff takes"):
        graphviz.render_diff(**given)


def test_dot_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match=r"pip install 'bytefig\[viz\]'"):
        to_svg(Config(wrap))
    assert to_dot(Config(wrap))


def test_graphviz_source():
    pytest.importorskip("graphviz")
    assert to_graphviz(Config(wrap), title="t").source == to_dot(Config(wrap), title="t")


@pytest.mark.needs_subprocess
@needs_dot
@pytest.mark.parametrize("make", [graph_to_draw, evil_graph, lambda: Config(options, **{"": ""})])
def test_svg(make):
    pytest.importorskip("graphviz")
    text = to_svg(make())
    assert text.startswith("<?xml") and text.endswith("</svg>")
    assert "<script" not in text


def forms_to_draw():
    graph, earlier = graph_to_draw(), graph_to_draw()
    node = Config(wrap, [0.5, {"a": [Partial(dense, ArgFactory(wrap))]}])
    add_effects(node, Config(options, on=node))
    graph.a.units, graph.more = 5, node
    look = Look("The <start>", "#fff3d0", folded=True)
    yield to_dot(graph, title="A title")
    yield from (to_dot(graph, max_depth=depth, max_text=5) for depth in range(3))
    yield from (to_dot(graph, diff=earlier, only_changes=only) for only in (False, True))
    yield from (to_dot(earlier, diff=graph), to_dot(graph, look=lambda _: look))
    yield to_dot(visualize.trimmed(graph, [node]))
    yield to_dot(visualize.trim_fields_to(graph, ["a"]))
    yield to_dot(visualize.trim_long_fields(graph, 5))
    yield to_dot(visualize.structure(graph))
    yield from map(to_dot, (evil_graph(), [1, [[[[Config(wrap)]]]]], 5, Config(wrap)))


@pytest.mark.needs_subprocess
@needs_dot
def test_every_form_is_drawn():
    for form in forms_to_draw():
        done = subprocess.run(
            ["dot", "-Tsvg"], input=form.encode(), capture_output=True, check=True
        )
        assert not done.stderr
        drawn = xml.etree.ElementTree.fromstring(done.stdout)
        kinds = [each.get("class") for each in drawn.iter() if each.tag.endswith("}g")]
        assert kinds.count("node") == len(re.findall(r"^  n\d+ \[", form, re.MULTILINE))
        assert kinds.count("edge") == form.count(":head:_")


@pytest.mark.needs_subprocess
def test_svg_without_the_program(monkeypatch):
    pytest.importorskip("graphviz")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DrawingError, match="apt-get install graphviz"):
        to_svg(Config(wrap))


@pytest.mark.needs_subprocess
@needs_dot
def test_svg_when_the_program_fails(monkeypatch):
    pytest.importorskip("graphviz")
    monkeypatch.setattr("bytefig.configs.show.drawing.dot.to_dot", lambda graph: "no graph")
    with pytest.raises(DrawingError, match="has failed"):
        to_svg(Config(wrap))


# Text


def test_visible_keeps_what_it_is_told():
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


def test_a_graph_is_left_as_it_is():
    graph = graph_to_draw()
    before = copy.deepcopy(graph)
    to_html(graph, diff=before, changed=["a.units"])
    to_dot(graph)
    assert graph == before and graph.__history__ is None


def test_unknown_names_are_still_errors():
    import bytefig.configs

    with pytest.raises(AttributeError, match="has no attribute 'to_nothing'"):
        bytefig.configs.to_nothing
    assert bytefig.configs.to_dot is to_dot
