"""The main job, as `make demo` runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_scikit_learn]

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "sourceless.py"


@pytest.fixture(scope="module")
def output() -> str:
    run = subprocess.run(
        [sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def accuracy(output: str, which: str) -> float:
    found = re.search(rf"accuracy {which}: +([01]\.\d{{3}})$", output, re.MULTILINE)
    assert found, output
    return float(found[1])


def test_the_source_is_gone(output: str) -> None:
    assert "its source is deleted" in output


def test_the_graph_is_printed(output: str) -> None:
    for line in (
        "config: Pipeline",
        "[1]: ColumnTransformer",
        "[1]: StandardScaler",
        "[1]: LogisticRegression",
        "C = 1.0",
        "max_iter = 500",
    ):
        assert line in output


def test_the_unedited_build_is_the_functions_own_model(output: str) -> None:
    assert "Both give the same predictions." in output


def test_both_accuracies_are_printed_and_the_edit_shows(output: str) -> None:
    unedited, edited = accuracy(output, "unedited"), accuracy(output, "edited")
    assert 0.5 < unedited <= 1
    assert 0.5 < edited <= 1
    assert unedited != edited
