"""Diffs of graphs: what they say, and that applying them gives the other graph."""

import collections
import copy
import json
import sys

import pytest
from tag_cases import equal_with_tags

from bytefig.configs import (
    Attr,
    Buildable,
    Config,
    CycleError,
    Index,
    Key,
    Partial,
    Tag,
    add_tag,
    cast,
    iter_nodes,
    node_history,
    parse_path,
    register_container,
    remove_tag,
    update_callable,
)
from bytefig.configs.diffing import (
    AddTag,
    AlignmentError,
    ChangeBuildableClass,
    ChangeCallable,
    DeleteValue,
    Diff,
    DiffAlignment,
    DiffError,
    InsertValue,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
    align_by_id,
    align_heuristically,
    apply_diff,
    build_diff,
    build_diff_from_alignment,
    diff_from_data,
    diff_to_data,
)

DEPTH = 10_000


class Red(Tag):
    """A colour."""


class Blue(Tag):
    """Another."""


RED, BLUE = f"#{Red.name}", f"#{Blue.name}"
ALLOW = [__name__, "builtins", "collections"]
Pair = collections.namedtuple("Pair", "left right")


def dense(units=1, rate=0.5): ...


def conv(units=1, kernel=3): ...


def other(a=None, b=None): ...


def wrap(x=None, y=None): ...


def positional(a=0, b=1, /, *rest, k=None): ...


class Box:
    """A container that the tools are told of."""

    def __init__(self, content):
        self.content = content

    def __eq__(self, other):
        return type(other) is Box and self.content == other.content


class SharedBox(Box):
    """One whose sharing counts."""


for cls in (Box, SharedBox):
    register_container(
        cls,
        flatten=lambda box: (["content"], [box.content]),
        rebuild=lambda box, keys, values: type(box)(*values),
        element=Attr,
        mutable=cls is SharedBox,
    )


def lines(diff):
    header, rest = str(diff).split("\n")[:2], str(diff).split("\n")[2:]
    assert header == ["--- old", "+++ new"]
    return rest


def checked(old, new):
    """Return the diff of two graphs after having applied and stored it."""
    before, after = copy.deepcopy(old), copy.deepcopy(new)
    diff = build_diff(old, new)
    applied = copy.deepcopy(old)
    result = apply_diff(diff, applied)
    assert same(result, new) and same(old, before) and same(new, after)
    if type(old) is type(new) and isinstance(old, list | dict | Buildable):
        assert result is applied
    assert not build_diff(result, new)
    return diff


def same(one, two):
    # Of containers at the root the sharing counts too.
    return equal_with_tags(Config(wrap, one), Config(wrap, two))


# What a diff says.


def test_values():
    old = Config(dict, same=0, a=1, b="x", c=[1])
    new = Config(dict, same=0, a=2, c=[1, 2], d=None)
    assert lines(checked(old, new)) == [
        "- <root>.a = 1",
        "+ <root>.a = 2",
        "- <root>.b = 'x'",
        "+ <root>.d = None",
        "+ <root>.c[1] = 2",
    ]


def test_equal_graphs():
    graph = Config(dict, a=[Config(dense, 1)], b=(Config(list), {"k": 1}))
    graph.c = graph.a
    for new in (graph, copy.deepcopy(graph)):
        diff = build_diff(graph, new)
        assert not diff and diff == Diff() and str(diff) == ""
    assert apply_diff(Diff(), graph) is graph


def test_operations():
    old = Config(dict, n=Config(dense, 1), d={"k": 1, "j": 2}, t=Config(dense, 2))
    add_tag(old.t, "units", Red)
    new = copy.deepcopy(old)
    new.n = cast(Partial, new.n)
    update_callable(new.n, conv)
    new.d = {"k": 3, 4: 5}
    remove_tag(new.t, "units", Red)
    add_tag(new.t, "rate", Blue)
    n, t = (Attr("n"),), (Attr("t"),)
    assert checked(old, new).changes == (
        ChangeBuildableClass(n, Partial),
        ChangeCallable(n, conv),
        ModifyValue((Attr("d"), Key("k")), 3),
        DeleteValue((Attr("d"), Key("j"))),
        SetValue((Attr("d"), Key(4)), 5),
        RemoveTag((*t, Attr("units")), Red),
        AddTag((*t, Attr("rate")), Blue),
    )
    assert lines(build_diff(old, new)) == [
        "- <root>.n is of class Config",
        "+ <root>.n is of class Partial",
        "- <root>.n calls dense",
        "+ <root>.n calls conv",
        "- <root>.d['k'] = 1",
        "+ <root>.d['k'] = 3",
        "- <root>.d['j'] = 2",
        "+ <root>.d[4] = 5",
        f"- <root>.t.units {RED}",
        f"+ <root>.t.rate {BLUE}",
    ]


def test_what_equality_ignores_is_told():
    assert lines(checked(Config(dense), Config(dense, 1))) == ["+ <root>.units = 1"]
    assert lines(checked(Config(dense, 1), Config(dense, True))) == [
        "- <root>.units = 1",
        "+ <root>.units = True",
    ]


def test_sharing():
    part = Config(dense, 1)
    joined, split = [part, part], [Config(dense, 1), Config(dense, 1)]
    assert lines(checked(Config(wrap, split), Config(wrap, joined))) == [
        "- <root>.x[1] = <Config[dense]>",
        "+ <root>.x[1] = <old.x[0]>",
    ]
    assert lines(checked(Config(wrap, joined), Config(wrap, split))) == [
        "- <root>.x[1] = <Config[dense]>",
        "+ <root>.x[1] = <Config[dense(units=1)]>",
    ]


def test_new_shared_values():
    inner = Config(dense, 3)
    outer = Config(wrap, inner, inner)
    assert lines(checked(Config(dict), Config(dict, a=outer, b=[outer, (inner,)]))) == [
        "+ <new_shared_values[0]> = <Config[dense(units=3)]>",
        "+ <new_shared_values[1]> = "
        "<Config[wrap(x=<new_shared_values[0]>, y=<new_shared_values[0]>)]>",
        "+ <root>.a = <new_shared_values[1]>",
        "+ <root>.b = [<new_shared_values[1]>, (<new_shared_values[0]>,)]",
    ]


def test_shared_tuples():
    plain, holding = (1, 2), ([],)
    diff = checked(Config(dict), Config(dict, a=plain, b=plain, c=holding, d=holding))
    assert diff.new_shared_values == (([],),)


def test_moved_and_changed_nodes():
    old = Config(dict, a=Config(conv, 1, 2), b=Config(dense, 3))
    new = Config(dict, b=[Config(conv, 1, 2)], c={"k": Config(dense, 4)})
    assert lines(checked(old, new)) == [
        "- <root>.a = <Config[conv]>",
        "- <root>.b = <Config[dense]>",
        "+ <root>.b = [<old.a>]",
        "+ <root>.c = {'k': <Config[dense(units=4)]>}",
    ]
    old = Config(dict, a=Config(other, 1, 2))
    assert lines(checked(old, Config(dict, c=Config(other, 1, 3)))) == [
        "- <root>.a = <Config[other]>",
        "+ <root>.c = <old.a>",
        "- <root>.a.b = 2",
        "+ <root>.a.b = 3",
    ]


def test_parent_and_child_change_places():
    old = Config(wrap, Config(other, Config(dense, 1)))
    inner, outer = copy.deepcopy(old.x.a), copy.deepcopy(old.x)
    outer.a = None
    inner.rate = outer
    checked(old, Config(wrap, inner))
    alignment = DiffAlignment(old, new := Config(wrap, inner))
    for pair in ((old, new), (old.x, inner.rate), (old.x.a, inner)):
        alignment.align(*pair)
    assert apply_diff(build_diff_from_alignment(alignment), old) == new


def test_an_item_put_into_a_list_is_one_insertion():
    layers = [Config(dense, number) for number in range(4)]
    old, new = Config(wrap, layers), Config(wrap, copy.deepcopy(layers))
    new.x.insert(1, Config(dense, 9))
    assert lines(checked(old, new)) == ["+ <root>.x[1] inserted: <Config[dense(units=9)]>"]
    assert lines(checked(new, old)) == ["- <root>.x[1] = <Config[dense]>"]
    del new.x[2:]
    new.x.append(1)
    assert lines(checked(old, new)) == [
        "- <root>.x[2] = <Config[dense]>",
        "+ <root>.x[2] = 1",
        "- <root>.x[3] = <Config[dense]>",
        "- <root>.x[1].units = 1",
        "+ <root>.x[1].units = 9",
    ]


@pytest.mark.parametrize("make", [list, collections.deque])
def test_several_insertions_keep_their_order(make):
    old = Config(wrap, make([Config(dense, 1), 2, ("name", Config(dense, 3)), 4]))
    new = copy.deepcopy(old)
    new.x.insert(3, 31)
    new.x.insert(4, 32)
    new.x.insert(0, 0)
    new.x[1].rate = 0.5
    new.x.append(5)
    assert lines(checked(old, new)) == [
        "+ <root>.x[0] inserted: 0",
        "+ <root>.x[3] inserted: 31",
        "+ <root>.x[3] inserted: 32",
        "+ <root>.x[4] = 5",
        "+ <root>.x[0].rate = 0.5",
    ]


def test_a_changed_item_is_still_matched_beside_new_ones():
    old = Config(wrap, [Config(dense, 1, 3)])
    new = Config(wrap, [Config(dense, 5), Config(dense, 2, 3)])
    assert lines(checked(old, new)) == [
        "+ <root>.x[0] inserted: <Config[dense(units=5)]>",
        "- <root>.x[0].units = 1",
        "+ <root>.x[0].units = 2",
    ]


def test_tuples_are_replaced_and_what_is_in_them_is_changed():
    old = Config(wrap, (Config(dense, 1), 2), Pair([1], 2))
    new = Config(wrap, (Config(dense, 2), 2), Pair([1], 3))
    assert lines(checked(old, new)) == [
        "- <root>.y = Pair(left=[1], right=2)",
        "+ <root>.y = Pair(left=<old.y.left>, right=3)",
        "- <root>.x[0].units = 1",
        "+ <root>.x[0].units = 2",
    ]


def test_registered_containers():
    old = Config(wrap, Box([Config(dense, 1)]), Box(1))
    new = Config(wrap, Box([Config(dense, 2)]), Box(2))
    diff = checked(old, new)
    assert [change.target for change in diff.changes] == [
        (Attr("y"),),
        parse_path("x.content[0].units"),
    ]
    box = SharedBox([1])
    graph = Config(wrap, box, [box, SharedBox(2)])
    assert not checked(graph, copy.deepcopy(graph))
    new = Config(wrap, box, [SharedBox([1]), SharedBox(3)])
    checked(graph, new)
    checked(new, graph)


def test_positional_arguments():
    old, new = Config(positional, 1, 2, 3, 4), Config(positional, 1, 5, 3, k=1)
    assert lines(checked(old, new)) == [
        "- <root>[1] = 2",
        "+ <root>[1] = 5",
        "- <root>[3] = 4",
        "+ <root>.k = 1",
    ]
    checked(new, old)
    checked(Config(positional, 1), Config(dense, 2))


def test_dicts_with_factories():
    old = Config(wrap, collections.defaultdict(list, k=1), collections.defaultdict(list, k=1))
    new = Config(wrap, collections.defaultdict(list, k=2), collections.defaultdict(dict, k=1))
    applied = copy.deepcopy(old)
    apply_diff(checked(old, new), applied)
    assert applied.y.default_factory is dict


@pytest.mark.parametrize(
    "old, new",
    [
        (Config(dense, 1), [1]),
        ([Config(dense, 1)], Config(dense, 1)),
        ((1, Config(dense, 1)), (2, Config(dense, 1))),
        ([1, 2], [2]),
        ({"a": 1}, {"a": 2, "b": 1}),
        (1, 2),
        (1, Config(dense)),
    ],
)
def test_any_root(old, new):
    checked(old, new)


def test_root_is_replaced():
    old = Config(dense, 1)
    assert lines(build_diff(old, 3)) == ["- <root> = <Config[dense]>", "+ <root> = 3"]
    assert apply_diff(build_diff(old, [old]), old)[0] is old


def test_values_that_cannot_be_compared():
    class Odd:
        def __eq__(self, other):
            raise ValueError("no")

        def __repr__(self):
            return "two\nlines"

        __hash__ = None

    odd = Odd()
    assert not build_diff(Config(wrap, odd), Config(wrap, odd))
    diff = build_diff(Config(wrap, odd, {1}), Config(wrap, Odd(), {1}))
    assert lines(diff) == ["- <root>.x = two lines", "+ <root>.x = two", "+ lines"]


def test_old_text_is_short():
    old = Config(wrap, list(range(100)), [Config(dense)] * 3)
    text = lines(build_diff(old, Config(wrap)))
    assert text == [
        "- <root>.x = [0, 1, 2, 3, 4, 5, ...]",
        "- <root>.y = [<Config[dense]>, <Config[dense]>, <Config[dense]>]",
    ]


def test_cycle():
    graph = Config(wrap)
    graph.x = graph
    with pytest.raises(CycleError, match=r"<root>\.x is the same object as <root>"):
        build_diff(graph, Config(wrap))
    with pytest.raises(CycleError):
        build_diff_from_alignment(DiffAlignment(Config(wrap), graph))


@pytest.mark.parametrize("through", [list, tuple, lambda items: {"k": tuple(items)}])
def test_cycle_below_the_root_in_either_graph(through):
    inner = Config(wrap)
    inner.x = through([inner])
    graph = Config(wrap, 1, inner)
    for old, new in [(graph, Config(wrap)), (Config(wrap), graph)]:
        for function in (build_diff, align_heuristically, align_by_id):
            with pytest.raises(CycleError, match=r"<root>\.y"):
                function(old, new)


def test_nothing_is_aligned_with_what_is_not():
    alignment = align_by_id(Config(wrap), Config(wrap))
    assert not alignment.are_aligned(None, alignment.new)


class Window:
    """A container that makes what it holds anew whenever it is looked into."""

    def __init__(self, content):
        self.content = content


register_container(
    Window,
    flatten=lambda window: (["bounds", "content"], [frozenset(["a", "b"]), window.content]),
    rebuild=lambda window, keys, values: Window(values[1]),
    element=Attr,
)


def test_leaves_that_exist_only_while_they_are_looked_at():
    old = Config(wrap, [Window(Config(dense, number)) for number in range(50)], [])
    new = copy.deepcopy(old)
    new.x[30].content.units = 99
    new.y = [Window(Config(dense, number)) for number in range(50)]
    diff = build_diff(old, new)
    assert lines(diff)[:2] == [
        "- <root>.x[30].content.units = 30",
        "+ <root>.x[30].content.units = 99",
    ]
    assert apply_diff(diff, old).x[30].content == new.x[30].content


def test_names_and_colours():
    diff = build_diff(Config(dense, 1), Config(dense, 2))
    assert diff.unified("a.json", "b.json").startswith("--- a.json\n+++ b.json\n- <root>.units")
    console = pytest.importorskip("rich.console")
    output = console.Console(width=80, color_system="standard", force_terminal=True)
    with output.capture() as capture:
        output.print(diff)
    assert "\x1b[31m- <root>.units = 1\x1b[0m\n\x1b[32m+ <root>.units = 2\x1b[0m\n" in capture.get()


def test_colours_without_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.text", None)
    with pytest.raises(ImportError, match="colours needs the package rich"):
        Diff().__rich__()


def test_changes_made_by_hand_have_no_old_text():
    diff = Diff(
        (
            ModifyValue((Attr("a"),), 1),
            DeleteValue((Attr("b"),)),
            ChangeCallable((), dense),
            ChangeBuildableClass((), Partial),
        )
    )
    assert lines(diff) == [
        "+ <root>.a = 1",
        "- <root>.b",
        "+ <root> calls dense",
        "+ <root> is of class Partial",
    ]


def test_ignoring():
    old, new = Config(dict, a=Config(dense, 1), b=1), Config(dict, a=Config(dense, 2), b=2)
    diff = build_diff(old, new)
    assert lines(diff.ignoring_paths([parse_path("a")])) == ["- <root>.b = 1", "+ <root>.b = 2"]
    assert not diff.ignoring_changes(lambda change: True)


# Alignments.


def test_alignment():
    part, moved = Config(dense, 1), Config(conv, 2)
    old, new = Config(dict, a=part, b=moved), Config(dict, a=Config(dense, 2), c=moved)
    alignment = align_by_id(old, new)
    assert [(pair.old_value, pair.new_value) for pair in alignment.aligned_values()] == [
        (moved, moved)
    ]
    assert not alignment.is_old_value_aligned(part)
    assert alignment.is_new_value_aligned(moved) and alignment.old_from_new(moved) is moved
    assert repr(alignment) == "<DiffAlignment of 'old' and 'new': 1 values>"
    result = apply_diff(build_diff_from_alignment(alignment), old)
    assert result == new and result is not old and result.c is moved


@pytest.mark.parametrize(
    "one, two, problem",
    [
        (Config(dense), [1], "they are of different kinds"),
        ([1], {}, "they are of different kinds"),
        (1, 1, "they are of different kinds"),
        ((1,), (1,), "such a value is replaced, not changed"),
    ],
)
def test_values_that_cannot_be_aligned(one, two, problem):
    alignment = DiffAlignment([one], [two])
    assert not alignment.can_align(one, two)
    with pytest.raises(AlignmentError, match=f"cannot align .* with .*: {problem}"):
        alignment.align(one, two)


def test_a_value_is_aligned_once():
    old, new = [[1], [2]], [[1], [2]]
    alignment = align_heuristically(old, new)
    with pytest.raises(AlignmentError, match="one of them is aligned already"):
        alignment.align(old[0], new[1])
    with pytest.raises(KeyError):
        alignment.new_from_old([1])


def test_nodes_of_other_callables_at_the_same_path():
    old, new = Config(dict, a=Config(dense, 1)), Config(dict, a=Config(conv, 1))
    assert lines(checked(old, new)) == ["- <root>.a calls dense", "+ <root>.a calls conv"]
    new = Config(dict, a=Config(other, 1))
    assert lines(checked(old, new)) == [
        "- <root>.a = <Config[dense]>",
        "+ <root>.a = <Config[other(a=1)]>",
    ]


# Applying.


def test_apply_keeps_identity_and_remembers():
    graph = Config(dict, a=Config(dense, 1), b=[])
    a, b = graph.a, graph.b
    new = Config(dict, a=Config(conv, 2), b=[1])
    apply_diff(build_diff(graph, new), graph)
    assert graph == new and graph.a is a and graph.b is b
    assert [edit.after for edit in node_history(a, "units")] == [1, 2]
    assert [edit.kind for edit in node_history(a, "__fn_or_cls__")] == ["create", "callable"]


def test_apply_twice_shares_nothing():
    diff = build_diff(Config(wrap), Config(wrap, [Config(dense, 1)]))
    one, two = Config(wrap), Config(wrap)
    apply_diff(diff, one)
    apply_diff(diff, two)
    one.x[0].units = 5
    one.x.append(1)
    assert two == Config(wrap, [Config(dense, 1)])
    assert diff == build_diff(Config(wrap), Config(wrap, [Config(dense, 1)]))


def test_apply_to_another_graph():
    diff = build_diff(Config(dense, 1), Config(dense, 2))
    graph = Config(conv, 7)
    assert apply_diff(diff, graph) is graph
    assert graph == Config(conv, 2)


def test_index_for_a_key():
    graph = {3: 1}
    apply_diff(Diff((ModifyValue(parse_path("[3]"), 2),)), graph)
    assert graph == {3: 2}


def test_delete_in_the_middle_of_a_list():
    graph = [1, 2, 3]
    apply_diff(Diff((DeleteValue((Index(1),)), SetValue((Index(3),), 4))), graph)
    assert graph == [1, 3, 4]


def path(text):
    return parse_path(text)


class Slotted(Config):
    __slots__ = ("extra",)


MISFITS = [
    (InsertValue(path("l[3]"), 1), "there is no such place in a list"),
    (InsertValue(path("l.x"), 1), "there is no such place in a list"),
    (InsertValue(path("n[0]"), 1), "there is no such place in a list"),
    (SetValue(path("a"), 1), "SetValue of <root>.a: there is a value already"),
    (ModifyValue(path("q"), 1), "ModifyValue of <root>.q: there is no value"),
    (DeleteValue(path("q")), "DeleteValue of <root>.q: there is no value"),
    (SetValue(path("z.y"), 1), "SetValue of <root>.z.y: <root>.z does not exist"),
    (SetValue(path("l[9].y"), 1), r"<root>.l\[9\] does not exist"),
    (SetValue(path("a.y"), 1), "what a int holds cannot be changed; replace it"),
    (SetValue(path("a.y.z"), 1), "<root>.y does not exist|<root>.a.y does not exist"),
    (ModifyValue(path("t[0]"), 1), "what a tuple holds cannot be changed"),
    (ModifyValue(path("box.content"), 1), "what a Box holds cannot be changed"),
    (SetValue(path("box.other.x"), 1), "<root>.box.other does not exist"),
    (SetValue(path("l[5]"), 1), "<root>.l: new items have to follow the 2 that are there"),
    (SetValue(path("n.nothing"), 1), "<root>.n: dense has no argument 'nothing'"),
    (SetValue(path("n[0]"), 1), r"<root>.n: dense has no argument 0"),
    (SetValue(path("p[5]"), 1), r"<root>.p: the \*args of positional would have a gap"),
    (AddTag(path("n.nothing"), Red), "dense has no argument 'nothing'"),
    (AddTag(path("n.units"), Red), f"the argument has the tag {RED} already"),
    (RemoveTag(path("n.units"), Blue), f"the argument has the tag {BLUE} not"),
    (AddTag(path("n.units"), 3), "3 is not a tag"),
    (AddTag(path("l[0]"), Red), "only arguments have tags"),
    (AddTag((), Red), "the root can only be modified"),
    (ChangeCallable(path("l"), dense), "this is no node"),
    (ChangeCallable(path("n"), other), "<root>.n: other has no argument 'units'"),
    (ChangeCallable(path("n"), 3), "<root>.n: 3 is not a callable"),
    (ChangeBuildableClass(path("n"), dict), "<class 'dict'> is not a class of nodes"),
    (SetValue(path("q"), Reference("old", path("zz"))), "<root>.zz does not exist"),
    (SetValue(path("q"), Reference("elsewhere", ())), "<elsewhere> refers to neither"),
    (
        SetValue(path("q"), [Reference("new_shared_values", (Index(0),))]),
        r"<root>\[0\] does not exist",
    ),
]


def misfit_graph():
    graph = Config(
        dict, a=1, n=Config(dense, 1), p=Config(positional, 1, 2, 3), l=[1, 2], t=(1,), box=Box(1)
    )
    add_tag(graph.n, "units", Red)
    return graph


@pytest.mark.parametrize("change, problem", MISFITS)
def test_misfit_changes_nothing(change, problem):
    graph = misfit_graph()
    nodes = [id(node) for node in iter_nodes(graph)]
    fine = (
        ModifyValue(path("a"), 2),
        ModifyValue(path("l[0]"), 3),
        ChangeBuildableClass(path("p"), Partial),
        AddTag(path("n.rate"), Blue),
    )
    with pytest.raises(DiffError, match=problem) as caught:
        apply_diff(Diff((*fine, change)), graph)
    assert str(caught.value).startswith("the diff does not fit the graph, which was not changed:\n")
    assert equal_with_tags(graph, misfit_graph())
    assert nodes == [id(node) for node in iter_nodes(graph)]
    assert graph.n.__history__ == misfit_graph().n.__history__ or len(graph.n.__history__) == 1


def test_all_misfits_are_told():
    changes = tuple(DeleteValue((Attr(f"a{number}"),)) for number in range(12))
    with pytest.raises(DiffError) as caught:
        apply_diff(Diff(changes), Config(dict))
    assert str(caught.value).count("there is no value") == 10
    assert str(caught.value).endswith("\n  ... and 2 more")


def test_shared_value_that_refers_to_itself():
    diff = Diff((), ([Reference("new_shared_values", (Index(0),))],))
    with pytest.raises(DiffError, match=r"<new_shared_values\[0\]>: <root>\[0\] does not exist"):
        apply_diff(diff, [])


def test_class_of_another_layout_changes_nothing():
    graph = Config(wrap, Config(dense, 1), Config(dense, 2))
    changes = (
        ChangeBuildableClass(path("x"), Partial),
        ChangeBuildableClass(path("y"), Slotted),
        ModifyValue(path("x.units"), 3),
    )
    with pytest.raises(TypeError) as caught:
        apply_diff(Diff(changes), graph)
    assert caught.value.__notes__ == ["<root>.y: the graph was not changed"]
    assert graph == Config(wrap, Config(dense, 1), Config(dense, 2))


def test_defaults_are_not_followed():
    class Model:
        def __init__(self, part=(1,)): ...

    with pytest.raises(DiffError, match="<root>.part does not exist"):
        apply_diff(Diff((ModifyValue(path("part[0]"), 2),)), Config(Model))


# Depth and size.


def chain(depth, last=None, cls=Config):
    node = last or cls(wrap)
    for _ in range(depth):
        node = cls(wrap, node)
    return node


@pytest.mark.parametrize(
    "old, new, count",
    [
        (lambda: chain(DEPTH), lambda: chain(DEPTH, Config(wrap, 1)), 1),
        (lambda: chain(DEPTH), lambda: cast(Partial, chain(DEPTH // 2)), 2),
        (lambda: Config(wrap), lambda: Config(wrap, chain(DEPTH)), 1),
    ],
)
def test_deep_chains(old, new, count):
    old, new = old(), new()
    diff = build_diff(old, new)
    assert len(diff.changes) == count
    assert str(diff).startswith("--- old")
    stored = json.loads(json.dumps(diff_to_data(diff)))
    apply_diff(diff_from_data(stored, allow=ALLOW), old)
    assert old == new


def test_wide_sharing():
    def lattice(value):
        node = Config(dense, value)
        for _ in range(2_000):
            node = Config(wrap, (node, node))
        return node

    old, new = lattice(1), lattice(2)
    assert len(build_diff(old, new).changes) == 1
    assert apply_diff(build_diff(old, new), old) == new
    empty = Config(wrap)
    diff = build_diff(empty, new)
    assert len(diff.new_shared_values) == 2_000
    assert apply_diff(diff_from_data(diff_to_data(diff), allow=ALLOW), empty) == new


# Plain data.


def test_plain_data():
    old = Config(dict, a=1)
    part = Config(positional, 1, dense)
    add_tag(part, "k", Red)
    add_tag(part, "k", Blue)
    new = Config(dict, b=(part, Pair(part, None)), c=collections.defaultdict(list, {(1,): 2.5}))
    diff = checked(old, new)
    name = __name__
    assert diff_to_data(diff) == {
        "format": "bytefig diff",
        "version": 1,
        "nodes": [
            {
                "class": "bytefig.configs:Config",
                "callable": {"symbol": f"{name}:positional"},
                "arguments": [[0, 1], [1, {"symbol": f"{name}:dense"}]],
                "tags": [["k", [f"{name}:Blue", f"{name}:Red"]]],
            },
            {
                "namedtuple": [
                    {"reference": "new_shared_values", "path": [["index", 0]]},
                    None,
                ],
                "class": f"{name}:Pair",
            },
            {
                "tuple": [
                    {"reference": "new_shared_values", "path": [["index", 0]]},
                    {"node": 1},
                ]
            },
            {"tuple": [1]},
            {
                "defaultdict": [[{"node": 3}, 2.5]],
                "factory": {"symbol": "builtins:list"},
            },
        ],
        "new_shared_values": [{"node": 0}],
        "changes": [
            {"change": "DeleteValue", "path": [["attr", "a"]], "old_text": "1"},
            {"change": "SetValue", "path": [["attr", "b"]], "new_value": {"node": 2}},
            {"change": "SetValue", "path": [["attr", "c"]], "new_value": {"node": 4}},
        ],
    }
    assert diff_from_data(diff_to_data(diff), allow=ALLOW) == diff


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (collections.OrderedDict([(1, 2), ("a", 3)]), {"OrderedDict": [[1, 2], ["a", 3]]}),
        (collections.deque([1], 2), {"deque": [1], "maxlen": 2}),
        (slice(1, None), {"slice": [1, None, None]}),
    ],
)
def test_plain_data_of_containers(value, written):
    diff = build_diff(Config(dict, a=1), Config(dict, a=1, b=value))
    data = diff_to_data(diff)
    assert data["nodes"] == [written]
    read = diff_from_data(json.loads(json.dumps(data)), allow=[])
    assert read == diff
    assert type(read.changes[0].new_value) is type(value)
    assert getattr(read.changes[0].new_value, "maxlen", None) == getattr(value, "maxlen", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (collections.deque([1]), collections.deque()),
        (collections.deque(), collections.deque([1, [2]])),
        (collections.deque([1, [2], 3]), collections.deque([1, [4]])),
        (collections.deque([1], 1), collections.deque([1], 2)),
        (collections.OrderedDict(a=[1], b=2), collections.OrderedDict(b=2, a=[1])),
        (collections.OrderedDict(a=[1], b=2), collections.OrderedDict(a=[3], b=2)),
        (slice(1, [2]), slice(1, [3])),
    ],
)
def test_changes_of_containers(old, new):
    checked(Config(dict, x=old), Config(dict, x=new))


class Maker:
    @classmethod
    def make(cls, size=1): ...

    @staticmethod
    def plain(size=1): ...


def test_callables_that_belong_to_classes():
    old, new = Config(Maker.make, 1), Config(Maker.plain, {3: Maker.make})
    add_tag(new, "size", Red)
    data = json.loads(json.dumps(diff_to_data(build_diff(old, new))))
    assert equal_with_tags(apply_diff(diff_from_data(data, allow=ALLOW), old), new)


def test_leaves_of_other_types():
    diff = build_diff({}, {"a": 1j, "b": {2}})
    with pytest.raises(DiffError, match=r"cannot write the change of <root>\['a'\]: 1j is not"):
        diff_to_data(diff)
    data = diff_to_data(diff, encode=repr)
    assert diff_from_data(data, allow=[], decode=eval) == diff
    with pytest.raises(DiffError, match=r"changes\[0\]: it has leaf values\n  fix: pass decode"):
        diff_from_data(data, allow=[])


def test_what_has_no_name_is_not_written():
    def local(): ...

    for value, problem in [
        (local, "cannot be found again as"),
        (Box(1), "a Box is a registered container"),
        (Config(lambda: 0), "cannot be found again as"),
    ]:
        with pytest.raises(DiffError, match=problem):
            diff_to_data(build_diff({}, {"a": value}))


def document(**parts):
    whole = {
        "format": "bytefig diff",
        "version": 1,
        "nodes": [],
        "new_shared_values": [],
        "changes": [],
    }
    return {**whole, **parts}


def set_to(value, nodes=()):
    change = {"change": "SetValue", "path": [["attr", "a"]], "new_value": value}
    return document(changes=[change], nodes=list(nodes))


def node_of(fn="builtins:dict", cls="bytefig.configs:Config", arguments=(), **rest):
    return {"class": cls, "callable": {"symbol": fn}, "arguments": list(arguments), **rest}


def tag_change(tag):
    return {"change": "AddTag", "path": [["attr", "a"]], "tag": tag}


@pytest.mark.parametrize(
    "data, problem",
    [
        (None, "at the document: it is malformed"),
        ({}, "KeyError: 'format'"),
        (document(version=2), "expected format 'bytefig diff', version 1"),
        (set_to([1]), r"changes\[0\]: \[1\] is no value"),
        (set_to({"node": 0}), "{'node': 0} is no value"),
        (set_to({"node": -1}, [{"list": []}]), "is no value"),
        (document(nodes=[{"list": [{"node": 0}]}]), r"nodes\[0\]: {'node': 0} is no value"),
        (document(nodes=[{"set": []}]), "is no node"),
        (document(nodes=[{"dict": [[{"symbol": "builtins:list"}]]}]), "malformed"),
        (document(nodes=[{"list": []}, {"dict": [[{"node": 0}, 1]]}]), "unhashable"),
        (document(nodes=[{"namedtuple": [], "class": "builtins:tuple"}]), "is no named tuple"),
        (document(nodes=[{"namedtuple": [1], "class": f"{__name__}:Pair"}]), "1 values for"),
        (document(nodes=[node_of(cls="builtins:dict")]), "is no node"),
        (document(nodes=[node_of(cls="bytefig.configs.node.kinds:T")]), "is not allowed"),
        (document(nodes=[node_of(f"{__name__}:dense", arguments=[["q", 1]])]), "argument 'q'"),
        (document(nodes=[node_of(f"{__name__}:dense", arguments=[[True, 1]])]), "argument True"),
        (document(nodes=[node_of(tags=[["a", ["builtins:int"]]])]), "tags that are not tags"),
        (document(changes=[tag_change({"symbol": "builtins:int"})]), "<class 'int'> is not a tag"),
        (document(changes=[{"change": "Explode", "path": []}]), "KeyError: 'Explode'"),
        (document(changes=[{"change": "DeleteValue", "path": [["attr", 1]]}]), "1 is no attr"),
        (document(changes=[{"change": "DeleteValue", "path": [["index", "a"]]}]), "'a' is no in"),
        (document(changes=[{"change": "DeleteValue", "path": [], "old_text": 1}]), "is no text"),
        (
            set_to({"symbol": "os:system"}),
            "the module 'os' is not allowed; if you trust it, add it",
        ),
        (set_to({"symbol": "builtinsx:int"}), "the module 'builtinsx' is not allowed"),
        (set_to({"symbol": "builtins.nothing:int"}), "'builtins.nothing' is not allowed"),
        (set_to({"symbol": "builtins:nothing"}), "no function or class 'builtins:nothing'"),
        (set_to({"symbol": "builtins:int.real.x"}), "no function or class 'builtins:int.real.x'"),
        (set_to({"symbol": f"{__name__}:json.dumps"}), "no function or class"),
        (set_to({"symbol": f"{__name__}:iter_nodes"}), "is defined in 'bytefig.configs"),
        (set_to({"symbol": ":int"}), "'' is not the name of a module"),
    ],
)
def test_documents_that_are_refused(data, problem):
    with pytest.raises(DiffError, match="cannot read the diff, at ") as caught:
        diff_from_data(data, allow=ALLOW)
    assert problem.replace("\\", "") in str(caught.value)
