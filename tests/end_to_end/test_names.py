"""The tables of names in the guide are what their script writes, where the peers are installed."""

import importlib.metadata
import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "peers" / "names.py"


@pytest.fixture(scope="module")
def names():
    spec = importlib.util.spec_from_file_location("names_of_peers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("distribution", ["fiddle", "nemo-run"])
def test_the_table_is_what_the_script_writes(distribution, request):
    try:
        version = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{distribution} is not installed")
    names = request.getfixturevalue("names")
    if version != names.KNOWN["versions"][distribution]:
        pytest.skip(f"the table is not about {version}")
    page = (names.GUIDE / names.PEERS[distribution][1]).read_text(encoding="utf-8")
    assert names.with_table(page, distribution) == page


def test_what_is_said_of_names_is_checked(names, monkeypatch):
    pytest.importorskip("fiddle")
    monkeypatch.setitem(names.KNOWN, "fiddle.config", {})
    with pytest.raises(LookupError, match=r"what becomes of fiddle\.config\.NoValue"):
        names.table("fiddle")
    monkeypatch.setitem(names.KNOWN, "fiddle.config", {"NoValue": "x", "Gone": "y"})
    with pytest.raises(LookupError, match=r"fiddle\.config has no Gone"):
        names.table("fiddle")


def test_a_function_is_the_same_if_it_takes_the_parameters(names):
    pytest.importorskip("fiddle")
    assert names.is_same("fiddle.selectors", "select", "bytefig.configs.selectors")
    assert not names.is_same("fiddle.daglish", "iterate", "bytefig.configs")
    assert not names.is_same("fiddle.daglish", "path_str", "bytefig.configs")
