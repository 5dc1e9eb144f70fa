import copy
import pickle
import sys

import pytest

from bytefig.configs import (
    CALLABLE_KEY,
    NO_VALUE,
    Config,
    Provenance,
    SavedEdit,
    SavedProvenance,
    Tag,
    add_exclude_location,
    add_tag,
    assign,
    custom_location,
    history,
    map_graph,
    node_history,
    set_tracking,
    suspend_history,
    tracking_enabled,
    update_callable,
)
from bytefig.configs.node.history import EXCLUDED, user_provenance
from bytefig.tracer import auto_config


class Mark(Tag):
    """A tag."""


def fn(a=1, *rest, b=2, **more):
    return a, rest, b, more


def line_above():
    return sys._getframe(1).f_lineno - 1


def brief(edits):
    return [(edit.kind, edit.key, edit.before, edit.after) for edit in edits]


def test_each_edit_is_kept_with_its_place():
    node = Config(fn, 0)
    made = line_above()
    node.a = 1
    first = line_above()
    node.b = 5
    del node.b
    node[0] = 2
    node[1:] = [7, 8]
    del node[1]
    last = line_above()
    assert brief(node.__history__) == [
        ("set", "a", 0, 1),
        ("set", "b", NO_VALUE, 5),
        ("delete", "b", 5, NO_VALUE),
        ("set", "a", 1, 2),
        ("set", 1, NO_VALUE, 7),
        ("set", 2, NO_VALUE, 8),
        ("set", 1, 7, 8),
        ("delete", 2, 8, NO_VALUE),
    ]
    places = [edit.provenance for edit in node.__history__]
    assert {place.filename for place in places} == {__file__}
    assert (places[0].line, places[-1].line) == (first, last)
    assert places[0].column == 4
    assert node.__provenance__.line == made
    assert brief(node_history(node, "a")) == [
        ("create", "a", NO_VALUE, 0),
        ("set", "a", 0, 1),
        ("set", "a", 1, 2),
    ]
    assert brief(history(node))[0] == ("create", CALLABLE_KEY, NO_VALUE, fn)


def test_a_failed_edit_leaves_no_trace():
    node = Config(fn)
    for edit in (lambda: node.__setattr__("a b", 1) or node.__delattr__("zz"),):
        with pytest.raises(AttributeError):
            edit()
    assert brief(node.__history__) == [("set", "a b", NO_VALUE, 1)]


def test_verbs_are_placed_where_they_are_called():
    node = Config(fn)
    assign(node, a=3)
    line = line_above()
    update_callable(node, dict)
    other = line_above()
    assert [edit.provenance.line for edit in node.__history__] == [line, other]
    assert brief(node_history(node, CALLABLE_KEY)) == [
        ("create", CALLABLE_KEY, NO_VALUE, fn),
        ("callable", CALLABLE_KEY, fn, dict),
    ]


def test_edits_of_captured_code_are_placed_there():
    def build():
        node = Config(fn)
        assign(node, a=4)
        add_tag(node, "b", Mark)
        return node

    first = build.__code__.co_firstlineno
    node = auto_config(build).as_buildable()
    lines = [node.__provenance__.line, *(edit.provenance.line for edit in node.__history__)]
    assert lines == [first + 1, first + 2, first + 3]
    assert node.__provenance__.function == build.__qualname__


def test_history_can_be_suspended():
    with suspend_history():
        node = Config(fn)
        node.a = 1
        with suspend_history():
            pass
        node.a = 2
    assert node.__provenance__ is None and node.__history__ is None
    with pytest.raises(ZeroDivisionError), suspend_history():
        1 / 0
    node.a = 3
    assert brief(node.__history__) == [("set", "a", 2, 3)]


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda node: map_graph(lambda value: value, node)]
)
def test_copies_have_a_history_of_their_own(duplicate):
    node = Config(fn, [1])
    node.a = [2]
    copied = duplicate(node)
    copied.b = 3
    assert len(node.__history__) == 1 and len(copied.__history__) == 2
    assert copied.__history__[0] is node.__history__[0]


def test_equality_ignores_it():
    node, other = Config(fn, 1), Config(fn)
    other.a = 1
    assert node == other


def test_pickle_saves_text():
    node = Config(fn, a=Config(fn, lambda: 0))
    node.a = [node.a, "x"]
    node.a = 5
    restored = pickle.loads(pickle.dumps(node))
    assert restored == node
    first, second = restored.__history__
    assert isinstance(first, SavedEdit) and isinstance(first.provenance, SavedProvenance)
    assert isinstance(node.__history__[0].provenance, Provenance)
    assert (first.before, first.after) == ("<Config[fn]>", "[<Config[fn]>, 'x']")
    assert brief(node_history(restored, "a"))[0] == ("create", "a", NO_VALUE, "<Config[fn]>")
    again = pickle.loads(pickle.dumps(restored))
    assert again.__history__ == restored.__history__


def test_tracking_is_switched():
    assert tracking_enabled()
    set_tracking(enabled=False)
    try:
        assert not tracking_enabled()
        node = Config(fn)
        node.a = 1
        with suspend_history():
            assert not tracking_enabled()
        assert not tracking_enabled()
    finally:
        set_tracking(enabled=True)
    node.a = 2
    assert tracking_enabled()
    assert brief(node.__history__) == [("set", "a", 1, 2)]


def test_edits_are_not_copied():
    node = Config(fn)
    node.a = [object()]
    (edit,) = node.__history__
    assert copy.copy(edit) is edit and copy.deepcopy(edit) is edit


def test_saved_text_of_long_values_is_cut():
    class Wordy:
        def __repr__(self):
            return "w" * 500

    node = Config(fn)
    node.a = Wordy()
    node.a = 1
    restored = pickle.loads(pickle.dumps(node))
    text = restored.__history__[0].after
    assert text.startswith("www") and "..." in text and len(text) < 50


def test_frames_of_this_project_are_no_place_of_the_user():
    namespace = {"__name__": "bytefig.configs.pretended"}
    exec("def edit(place):\n    return place()", namespace)
    assert namespace["edit"](user_provenance).filename == __file__


def test_edits_of_several_nodes_have_one_order():
    first, second = Config(fn), auto_config(lambda: fn(a=1)).as_buildable()
    first.a = 1
    second.a = 2
    first.b = 3
    assign(second, a=4)
    edits = sorted([*history(first), *history(second)], key=lambda edit: edit.order)
    assert [edit.after for edit in edits if edit.kind == "set"] == [1, 2, 3, 4]
    assert [edit.order for edit in history(first) if edit.kind == "create"] == [0]
    assert 0 < history(second)[0].order < history(first)[-1].order
    loaded = pickle.loads(pickle.dumps(first))
    assert [edit.order for edit in history(loaded)][1:] == [
        edit.order for edit in first.__history__
    ]


def test_a_library_says_where_its_edits_come_from():
    place = SavedProvenance("model.toml", 3, None, "layers")
    with custom_location(lambda: place):
        node = Config(fn, 0)
        node.a = 1
        with suspend_history():
            node.a = 2
    node.a = 3
    last = line_above()
    assert node.__provenance__ is place
    assert [edit.provenance for edit in node.__history__][:1] == [place]
    assert [edit.provenance.line for edit in node.__history__] == [3, last]
    with custom_location(lambda: None):
        assert Config(fn).__provenance__ is None


@pytest.fixture
def _nothing_stays_excluded():
    yield
    EXCLUDED.clear()


@pytest.mark.usefixtures("_nothing_stays_excluded")
def test_files_of_a_library_are_left_out():
    library = {"Config": Config, "fn": fn}
    source = "def make():\n  node = Config(fn)\n  node.a = 1\n  return node"
    exec(compile(source, "lib/a.py", "exec"), library)
    assert library["make"]().__provenance__.filename == "lib/a.py"
    add_exclude_location("lib/a.py")
    node = library["make"]()
    assert node.__provenance__.filename == node.__history__[0].provenance.filename == __file__
    captured = auto_config(
        lambda: library["make"](), experimental_exemption_policy=lambda _: True
    ).as_buildable()
    assert captured.__history__[0].provenance.filename == __file__
    with pytest.raises(ValueError, match="part of a file's name"):
        add_exclude_location("")
