"""A module to sweep, and a place for what users trust."""

from __future__ import annotations

import importlib
import sys

import pytest

SOURCE = """
import os, signal, subprocess, sys, time
from dataclasses import dataclass

@dataclass
class Adam:
    lr: float = 0.1

@dataclass
class Model:
    hidden: int = 4

def main(model: Model, optimizer: Adam | None = None, act: str = "", seed: int = 0):
    print("hidden", model.hidden, act)
    if act == "raise":
        raise ValueError("unlucky")
    if act == "exit":
        os._exit(7)
    if act == "quiet exit":
        os._exit(0)
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "nothing":
        return None
    if act == "set":
        return {1, 2}
    if act.startswith("sleep"):
        time.sleep(float(act.split()[1]))
    if act.startswith("family"):
        code = f"import time; open({act.split()[1]!r}, 'w').write('on'); time.sleep(60)"
        subprocess.Popen([sys.executable, "-c", code])
        time.sleep(float(act.split()[2]))
    return {"loss": model.hidden * (optimizer.lr if optimizer else 1.0), "seed": seed}
"""


@pytest.fixture(autouse=True)
def trusted(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """The module, in the working folder."""
    (tmp_path / "to_sweep.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "to_sweep", raising=False)
    yield importlib.import_module("to_sweep")
    sys.modules.pop("to_sweep", None)
