"""Diffs without their graphs: what they need of one, and their references resolved."""

import copy

import pytest
from diff_cases import references

from bytefig.configs import (
    Attr,
    Config,
    Index,
    Key,
    Partial,
    Tag,
    add_tag,
    build,
    get_tags,
)
from bytefig.configs.diffing import (
    AddTag,
    AnyCallable,
    AnyValue,
    ChangeBuildableClass,
    ChangeCallable,
    DeleteValue,
    Diff,
    DiffError,
    InsertValue,
    ListPrefix,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
    apply_diff,
    build_diff,
    resolve_diff_references,
    skeleton_from_diff,
)

DEPTH = 20_000


class Red(Tag):
    """A colour."""


def wrap(x=None, y=None): ...


def other(x=None, z=None): ...


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], "*"),
        ([ModifyValue((), 1)], "*"),
        ([ModifyValue((Attr("x"),), 1)], "<Config[*(x=*)]>"),
        ([DeleteValue((Index(1),))], "ListPrefix(*, *)"),
        ([InsertValue((Index(1),), 1)], "ListPrefix(*, *)"),
        ([SetValue((Index(2),), 1), SetValue((Index(1),), 1)], "ListPrefix(*)"),
        ([SetValue((Attr("x"),), 1)], "<Config[*()]>"),
        ([SetValue((Key("k"),), 1)], "{}"),
        ([ModifyValue((Key("k"), Index(0)), 1)], "{'k': ListPrefix(*)}"),
        ([ChangeCallable((), wrap)], "<Config[*()]>"),
        ([ChangeBuildableClass((Index(0),), Partial)], "ListPrefix(<Config[*()]>)"),
        ([AddTag((Index(0),), Red)], "<Config[*()]>"),
        ([AddTag((Attr("x"),), Red), DeleteValue((Index(1),))], "<Config[*(0=*, 1=*)]>"),
        (
            [SetValue((Key("a"),), [Reference("old", (Key("b"), Attr("x")))])],
            "{'b': <Config[*(x=*)]>}",
        ),
        (
            [ModifyValue((Attr("args"),), 1), ModifyValue((Attr("self"),), 1)],
            "<Config[*(args=*, self=*)]>",
        ),
    ],
)
def test_least_graph(changes, expected):
    assert repr(skeleton_from_diff(Diff(tuple(changes)))) == expected


def test_tags_that_go_are_there():
    skeleton = skeleton_from_diff(Diff((RemoveTag((Attr("x"),), Red), AddTag((Attr("y"),), Red))))
    assert (get_tags(skeleton, "x"), get_tags(skeleton, "y")) == ({Red}, set())
    skeleton = skeleton_from_diff(Diff((RemoveTag((Index(1),), Red),)))
    assert get_tags(skeleton, 1) == {Red}


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ((Key("a"), Key("b")), (Key("a"), Index(1)), "both a list and a dict"),
        ((Key("a"), Attr("b")), (Key("a"), Key("b")), "both a node and a dict"),
    ],
)
def test_no_graph_has_these_paths(one, other, what):
    with pytest.raises(DiffError, match=rf"^<root>\['a'\] would have to be {what}$"):
        skeleton_from_diff(Diff((DeleteValue(one), DeleteValue(other))))


def test_a_skeleton_cannot_be_built():
    skeleton = skeleton_from_diff(Diff((ChangeCallable((), wrap),)))
    with pytest.raises(TypeError, match="this is a skeleton"):
        build(skeleton)


def test_a_skeleton_is_copied_and_compared():
    diff = Diff((DeleteValue((Index(1), Attr("x"))),))
    skeleton = skeleton_from_diff(diff)
    twin = copy.deepcopy(skeleton)
    assert type(twin) is ListPrefix and twin == skeleton
    assert not build_diff(skeleton, twin)
    apply_diff(diff, twin)
    assert repr(twin) == "ListPrefix(*, <Config[*()]>)"


def test_deep_paths():
    path = (Key("k"),) * DEPTH
    value = skeleton_from_diff(Diff((DeleteValue((*path, Attr("x"))),)))
    for _ in range(DEPTH):
        value = value["k"]
    assert value == Config(AnyCallable(), x=AnyValue())


def test_resolved_references():
    shared = Config(wrap)
    old, new = Config(wrap, [shared]), Config(wrap, [], shared)
    twice = [shared]
    new.x.extend([twice, twice])
    diff = build_diff(old, new)
    resolved = resolve_diff_references(diff, old)
    assert len(references(diff)) > 2 and not references(resolved)
    by_target = {change.target: change for change in resolved.changes}
    assert by_target[Attr("y"),].new_value is shared
    (own,) = resolved.new_shared_values
    assert own is not diff.new_shared_values[0] and own == [shared] and own[0] is shared
    assert by_target[Attr("x"), Index(1)].new_value is own


def test_references_that_lead_nowhere_are_listed():
    changes = (
        SetValue((Attr("x"),), Reference("old", (Attr("y"),))),
        SetValue((Attr("z"),), [Reference("elsewhere", ())]),
        AddTag((Attr("x"),), Red),
    )
    diff = Diff(changes, (Reference("new_shared_values", (Index(1),)),))
    with pytest.raises(DiffError, match="^a reference cannot be resolved:\n") as caught:
        resolve_diff_references(diff, Config(wrap))
    text = str(caught.value)
    assert "SetValue of <root>.x: <root>.y does not exist" in text
    assert "SetValue of <root>.z" in text and "<new_shared_values[0]>" in text
    assert "AddTag" not in text


def test_tags_are_resolved_with_their_nodes():
    node = Config(other, z=Config(wrap))
    add_tag(node, "x", Red)
    diff = build_diff(Config(wrap, node), Config(other, node))
    assert not references(resolve_diff_references(diff, Config(wrap, node)))
