"""Which methods and attributes of objects a document may use."""

import operator
import pathlib

import pytest

from bytefig.configs import (
    Config,
    Partial,
    SerializationError,
    build,
    call_method,
    dump_json,
    enter_context,
    leave_context,
    load_json,
)
from bytefig.configs.permission import Allowed
from bytefig.configs.serialization.verbs import needed_to_load


class Model:
    def __init__(self, width=1):
        self.width = width

    def fit(self, by=1):
        return self.width * by

    def __call__(self):
        return self.width

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Folder(pathlib.PurePath):
    pass


def make():
    return Model()


MODEL = Config(Model, 2)
NODES = {
    "fit": Config(call_method, MODEL, "fit", by=3),
    "width": Config(getattr, MODEL, "width"),
    "set": Config(setattr, MODEL, "width", 3),
    "deleted": Config(delattr, MODEL, "width"),
    "call": Config(operator.call, MODEL),
    "enter": Config(enter_context, MODEL),
    "leave": Config(leave_context, MODEL),
    "partial": Partial(call_method, MODEL, "fit"),
}


def loads(node, *allow):
    """Return whether a node loads, which it does as it was."""
    try:
        return load_json(dump_json(node), allow=allow) == node
    except SerializationError:
        return False


@pytest.mark.parametrize("name", NODES)
def test_the_module_opens_the_members_that_it_defines(name):
    assert loads(NODES[name], __name__)
    assert not loads(NODES[name], Model)
    assert not loads(NODES[name])


@pytest.mark.parametrize("name", NODES)
def test_a_member_is_allowed_by_its_name(name):
    node = NODES[name]
    needed = needed_to_load(node, Allowed([Model]))
    named = {"fit": "Model.fit", "partial": "Model.fit"}.get(name, "Model.width")
    if name in ("call", "enter", "leave"):
        assert not needed[0].startswith(__name__)  # there is no name for those
    else:
        assert needed == [f"{__name__}:{named}"]
    assert loads(node, Model, *needed)
    assert not loads(node, Model, f"{__name__}:Model.other")


@pytest.mark.parametrize(
    "node",
    [
        Config(call_method, Config(pathlib.Path, "x"), "unlink"),
        Config(call_method, pathlib.Path("x"), "unlink"),
        Config(getattr, pathlib.Path("x"), "parent"),
        Config(call_method, Config(Folder, "x"), "joinpath"),
        Config(getattr, MODEL, "__class__"),
        Config(getattr, MODEL, "_private"),
        Config(getattr, MODEL, Config(make)),
        Config(getattr, MODEL),
        Config(call_method, Config(make), "fit"),
        Config(call_method, NODES["fit"], "fit"),
        Config(call_method, Partial(Model), "func"),
        Config(call_method, [], "append", 1),
        Config(call_method, Model, "mro"),
        Config(getattr, make, "__globals__"),
    ],
)
def test_what_is_not_the_module_s_own_is_refused(node):
    with pytest.raises(SerializationError, match="is not allowed"):
        load_json(dump_json(node), allow=[__name__])
    needed = needed_to_load(node, Allowed([__name__]))
    assert loads(node, __name__, *needed)


def test_a_member_of_a_base_class_is_allowed_by_the_name_of_either():
    node = Config(call_method, Config(Folder, "x"), "joinpath")
    assert loads(node, __name__, f"{__name__}:Folder.joinpath")
    assert loads(node, __name__, needed_to_load(node, Allowed([__name__]))[0])


def test_the_function_itself_opens_all_members():
    node = Config(call_method, Config(make), "fit")
    assert loads(node, __name__, call_method)
    assert loads(node, __name__, "bytefig.configs:call_method")
    assert not loads(node, __name__, "builtins:getattr")


def test_they_may_only_be_named_as_what_a_node_calls():
    for value in (getattr, call_method):
        assert not loads(Config(dict, made=value), __name__)


def test_what_is_loaded_is_built():
    assert build(load_json(dump_json(NODES["fit"]), allow=[__name__])) == 6
