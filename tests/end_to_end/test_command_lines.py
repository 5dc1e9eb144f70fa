"""The example that configures one training with four libraries: bytefig's part of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_scikit_learn]

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "command_lines"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "with_bytefig.py", *words]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, encoding="utf-8")


def test_a_preset_and_a_value_in_it():
    made = run("model=deep", "model.depth=4", "split.seed=1")
    assert (made.returncode, made.stderr) == (0, "")
    assert 0.8 < float(made.stdout) < 1.0


def test_a_default_keeps_its_rest_and_a_choice_that_is_none_is_refused():
    made = run("model.steps=300", "--dry-run")
    assert "strength = 0.5" in made.stdout
    assert "steps = 300" in made.stdout
    made = run("model.solver=newton")
    assert made.returncode == 2
    assert "did you mean 'newton-cg'?" in made.stderr
