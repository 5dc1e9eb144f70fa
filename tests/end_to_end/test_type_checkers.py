"""The typed project among the examples, as three type checkers see it and as Python runs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs_subprocess

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "docs" / "examples" / "typed"
WRONG = """

def wrong() -> None:
    graph = build_model.as_buildable("8")  # wrong
    typed(graph).rate = "fast"  # wrong
    typed(graph).layers[0].unit = 1  # wrong
    typed(graph).layers.append(Dense)  # wrong
    typed(graph).head = typed(Config(Model))  # wrong
    graph.rate = "fast"
    Dense(*build(graph).layers)  # wrong
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project, beside bytefig as an installed package."""
    packages = tmp_path / "packages" / "bytefig"
    packages.mkdir(parents=True)
    for half in ("configs", "tracer"):
        (packages / half).symlink_to(ROOT / half)
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = {
        "include": ["*.py"],
        "extraPaths": [str(packages.parent)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder


def lines_with_errors(checker: str, folder: Path) -> list[int]:
    """Return the lines of edit.py in which a checker finds errors."""
    command = [sys.executable, "-m", checker]
    if checker == "mypy":
        command += ["--strict", "--follow-imports=silent", "--namespace-packages"]
        command += ["--explicit-package-bases", "--cache-dir", str(folder / "cache"), "edit.py"]
    else:
        command += ["--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MYPYPATH": str(folder.parent / "packages")},
    )
    if checker == "mypy":
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return [int(line) for line in re.findall(r"^edit\.py:(\d+): error", done.stdout, re.M)]
    if not done.stdout.lstrip().startswith("{"):  # pyright gets its program when it is first run
        pytest.skip(f"{checker} does not run here: {(done.stdout + done.stderr)[-300:]}")
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 2
    found = [one for one in report["generalDiagnostics"] if one["severity"] == "error"]
    assert all(Path(one["file"]).name == "edit.py" for one in found), found
    return [one["range"]["start"]["line"] + 1 for one in found]


@pytest.mark.parametrize("checker", ["basedpyright", "mypy", "pyright"])
def test_checkers_find_what_is_wrong_and_nothing_else(checker: str, project: Path) -> None:
    pytest.importorskip(checker)
    assert lines_with_errors(checker, project) == []
    edit = project / "edit.py"
    text = edit.read_text() + WRONG
    edit.write_text(text)
    wrong = [number for number, line in enumerate(text.splitlines(), 1) if "# wrong" in line]
    assert sorted({*lines_with_errors(checker, project)}) == wrong


def test_it_runs() -> None:
    run = [sys.executable, PROJECT / "edit.py"]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout == "[16, 8, 4] 0.25\n"
