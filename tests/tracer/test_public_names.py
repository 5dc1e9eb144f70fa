"""Tests of what users import from `bytefig.tracer`."""

import importlib

import pytest
from public_name_cases import names_by_submodule

from bytefig import tracer


@pytest.mark.needs_subprocess
def test_names_are_the_same_whichever_submodule_is_imported_first():
    found = names_by_submodule("bytefig.tracer")
    assert found["names"].keys() == set(tracer.__all__)
    assert "bytefig.tracer.recording.policy" in found["submodules"]
    assert found["wrong"] == {}
    modules = {name for name, kind in found["names"].items() if kind.startswith("module ")}
    assert modules == {"arg_factory"}


def test_dir_lists_what_is_imported_late():
    assert {*tracer.__all__, "FIDDLE_TYPES", "NEMO_RUN_TYPES"} <= set(dir(tracer))


def test_public_modules_have_the_names_they_list():
    values = importlib.import_module("bytefig.tracer.values")
    assert values.__all__
    assert all(hasattr(values, name) for name in values.__all__)
