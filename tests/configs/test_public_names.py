"""Tests of what users import from `bytefig.configs`."""

import importlib

import pytest
from public_name_cases import names_by_submodule

from bytefig import configs
from bytefig.configs import for_tracer


@pytest.mark.needs_subprocess
def test_names_are_the_same_whichever_submodule_is_imported_first():
    found = names_by_submodule("bytefig.configs")
    assert found["names"].keys() == set(configs.__all__)
    assert "bytefig.configs.node.kinds" in found["submodules"]
    assert found["wrong"] == {}
    modules = {name for name, kind in found["names"].items() if kind.startswith("module ")}
    assert modules == {"arg_factory", "diffing", "printing"}


@pytest.mark.parametrize(
    "name",
    [
        *("arg_factory", "diffing", "graphviz", "interop", "printing", "selectors"),
        *("serialization", "tags", "visualize"),
    ],
)
def test_public_modules_have_the_names_they_list(name):
    module = importlib.import_module(f"bytefig.configs.{name}")
    public = getattr(module, "__all__", [])
    assert public or name == "arg_factory"
    assert all(hasattr(module, each) for each in public)


def test_names_that_are_imported_late_are_those_of_their_modules():
    assert configs.validate is importlib.import_module("bytefig.configs.hints.validation").validate
    assert configs.printing is importlib.import_module("bytefig.configs.printing")
    with pytest.raises(AttributeError, match=r"module 'bytefig.configs' has no attribute 'nodes'"):
        _ = configs.nodes


def test_dir_lists_what_is_imported_late():
    assert {*configs.__all__, "Path", "cast"} <= set(dir(configs))
    assert set(for_tracer.__all__) <= set(dir(for_tracer))


def test_a_star_import_hides_nothing_of_the_standard_library():
    assert {"Path", "cast"}.isdisjoint(configs.__all__)


def test_the_module_for_the_engine_has_the_names_it_lists():
    assert all(hasattr(for_tracer, name) for name in for_tracer.__all__)
    with pytest.raises(AttributeError, match="for_tracer"):
        _ = for_tracer.nothing_of_this_name
