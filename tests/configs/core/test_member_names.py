"""Nodes that stand for a method, an attribute or an item, wherever they are shown."""

import operator

import pytest

from bytefig.configs import Config, Partial, Tag, add_tag, build, call_method, unpack
from bytefig.configs.core.member_names import acted_on, member
from bytefig.configs.diffing import build_diff
from bytefig.configs.printing import as_str_flattened, as_tree_text
from bytefig.configs.show.drawing.page import to_html


class Kept(Tag):
    """Kept."""


class Model:
    def __init__(self, width=8):
        self.width = width

    def scaled(self, by, *, offset=0):
        return by * self.width + offset


def model():
    return Config(Model, width=4)


SHOWN = {
    "<Config[<Config[Model(width=4)]>.width]>": lambda: Config(getattr, model(), "width"),
    "<Config[<Config[Model(width=4)]>.scaled()]>": lambda: Config(call_method, model(), "scaled"),
    "<Config[<Config[Model(width=4)]>.scaled(2, offset=1)]>": lambda: Config(
        call_method, model(), "scaled", 2, offset=1
    ),
    "<Config[<Config[Model(width=4)]>[0]]>": lambda: Config(operator.getitem, model(), 0),
    "<Config[<Config[Model(width=4)]>['a']]>": lambda: Config(operator.getitem, model(), "a"),
    "<Partial[<Config[Model(width=4)]>.scaled(2)]>": lambda: Partial(
        call_method, model(), "scaled", 2
    ),
    # None of these is a member of a node that has a name.
    "<Config[getattr(0=3, 1='real')]>": lambda: Config(getattr, 3, "real"),
    "<Config[getattr(0=<Config[Model(width=4)]>, 1='a', 2=1)]>": lambda: Config(
        getattr, model(), "a", 1
    ),
    "<Config[getattr(0=<Config[Model(width=4)]>, 1='a b')]>": lambda: Config(
        getattr, model(), "a b"
    ),
    "<Config[getattr(0=<Config[Model(width=4)]>)]>": lambda: Config(getattr, model()),
    "<Config[getitem(0=[1], 1=<Config[Model(width=4)]>)]>": lambda: Config(
        operator.getitem, [1], model()
    ),
    "<Config[getitem(0=<Config[Model(width=4)]>, 1=(1, 2))]>": lambda: Config(
        operator.getitem, model(), (1, 2)
    ),
}


@pytest.mark.parametrize("text", SHOWN)
def test_a_node_is_shown_as_a_person_reads_it(text):
    assert repr(SHOWN[text]()) == text


def test_what_is_shared_keeps_its_mark():
    shared = model()
    width = Config(getattr, shared, "width")
    assert repr(Config(dict, a=width, b=width, c=shared)) == (
        "<Config[dict(a=&1 <Config[&2 <Config[Model(width=4)]>.width]>, b=*1, c=*2)]>"
    )


@pytest.mark.parametrize("key", [0, 1, 2])
def test_tags_are_not_lost(key):
    node = Config(call_method, model(), "scaled", 2)
    add_tag(node, key, Kept)
    assert str(Kept) in repr(node)
    assert f"{key}[" in repr(node)


def test_trees_pages_and_diffs_name_the_member():
    graph = Config(dict, a=Config(call_method, model(), "scaled", 2))
    assert as_tree_text(graph) == (
        "<Config[dict]>\n"
        "└── a: <Config[.scaled()]>\n"
        "    ├── [0]: <Config[Model]>\n"
        "    │   └── width = 4\n"
        "    ├── [1] = 'scaled'\n"
        "    └── [2] = 2"
    )
    assert "a[2]" in as_str_flattened(graph)
    page = to_html(graph)
    assert ".scaled()" in page
    assert "bytefig.configs.call_method" in page
    assert "<Config[.scaled()]>" in str(build_diff(graph, Config(dict, a=1)))


def test_errors_of_a_build_name_the_member():
    graph = Config(dict, a=Config(call_method, model(), "scaled"), b=Config(getattr, model(), "no"))
    with pytest.raises(TypeError, match=r"cannot build \.scaled\(\) at <root>\.a: TypeError: "):
        build(graph)
    with pytest.raises(AttributeError, match=r"or what \.no does with them"):
        build(graph.b)


def test_what_is_acted_on_is_below_all_operations():
    node = model()
    item = Config(operator.getitem, Config(unpack, Config(operator.neg, node), 2), 0)
    assert acted_on(Config(operator.add, 1, Config(getattr, item, "a"))) is node
    assert acted_on(node) is node
    lonely = Config(operator.add, 1, 2)
    assert acted_on(lonely) is lonely
    assert member(lonely) == ""
