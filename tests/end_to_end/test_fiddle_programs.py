"""Programs written for Fiddle run with `bytefig.configs` in its place.

``make parity`` runs the same ones with both.
"""

import importlib
import sys

import pytest

import bytefig.configs


@pytest.fixture(scope="module")
def programs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "fiddle", bytefig.configs)
        module = importlib.import_module("peers.fiddle_programs")
        assert module.fdl is bytefig.configs
        yield module
        del sys.modules[module.__name__]


NAMES = """
    argument factories, containers, default factories of functions, defaults made explicit,
    edits before building, equality, flattening, mistakes, ordering of arguments, partials,
    pickling, positional arguments, selecting nodes, selecting tags, shallow and deep copies,
    sharing is kept, switching callables, tagged values in containers, tags by annotation and value
""".replace("\n   ", "")
NAMES = [name.strip() for name in NAMES.split(",")]


def test_none_is_left_out(programs):
    assert sorted(programs.PROGRAMS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_program(programs, name):
    program, expected = programs.PROGRAMS[name]
    assert program() == expected
