"""Builders of scikit-learn without source; `make real-builders` runs those of other libraries."""

import runpy
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "docs" / "examples" / "real_builders" / "check.py"


def test_builders_of_scikit_learn(monkeypatch, capsys):
    pytest.importorskip("sklearn")
    pytest.importorskip("ruamel.yaml")
    monkeypatch.setattr(sys, "path", [*sys.path])
    main = runpy.run_path(str(CHECK))["main"]
    assert main(["sklearn"]) == 0
    sys.modules.pop("builders_sklearn")
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert len(rows) >= 10
    assert {tuple(row[1:]) for row in rows} == {("yes",) * 7}
