"""The programs for those who come from Fiddle print the same with both libraries."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "coming_from_fiddle"
PROGRAMS = sorted(path.stem for path in FOLDER.glob("*.py"))
ROW = re.compile(r"^\| `((?:import|from) fiddle.*?)` \| `(.*?)` \|$", re.MULTILINE)


def fiddle_source(text):
    """Return a program with the imports that the page says Fiddle has."""
    rows = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert len(rows) == 3
    for theirs, ours in rows:
        text = text.replace(ours, theirs)
    assert "bytefig" not in text
    return text


def printed(path, name, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    module.main()
    return capsys.readouterr().out


def test_there_are_programs():
    assert len(PROGRAMS) == 5


@pytest.mark.parametrize("program", PROGRAMS)
def test_with_bytefig(program, monkeypatch, capsys):
    path = FOLDER / f"{program}.py"
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert printed(path, f"{program}_of_bytefig", monkeypatch, capsys) == expected


@pytest.mark.parametrize("program", PROGRAMS)
def test_with_fiddle(program, monkeypatch, capsys, tmp_path):
    pytest.importorskip("fiddle")
    path = tmp_path / f"{program}.py"
    ours = FOLDER / path.name
    path.write_text(fiddle_source(ours.read_text(encoding="utf-8")), encoding="utf-8")
    expected = ours.with_suffix(".txt").read_text(encoding="utf-8")
    assert printed(path, f"{program}_of_fiddle", monkeypatch, capsys) == expected


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_has_the_imports(program):
    fiddle_source((FOLDER / f"{program}.py").read_text(encoding="utf-8"))
