"""A plugin of pytest for ``libraries.py``: interprets a library, and logs what becomes of tests."""

from __future__ import annotations

import json
import os
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from worker import interpret_functions

_LOG: Final = Path(os.environ["LIBRARY_LOG"])
_INTERPRETED: Final = os.environ["LIBRARY_INTERPRETED"]
_names: Final[dict[str, str]] = {}
_outcomes: Final[dict[str, tuple[str, str]]] = {}
_seconds: Final[list[float]] = []


def pytest_collection_finish(session: pytest.Session) -> None:
    # By number: some parameters are different each time.
    counts = Counter[str]()
    for item in session.items:
        name, _, _ = item.nodeid.partition("[")
        counts[name] += 1
        _names[item.nodeid] = name if counts[name] == 1 else f"{name}#{counts[name]}"
    # All modules are there by now, and pytest has looked at the signatures.
    if not _INTERPRETED:
        return
    found = find_spec(_INTERPRETED)
    assert found is not None
    assert found.origin is not None
    sources = session.config.invocation_params.dir
    folders = (f"{Path(found.origin).parent}{os.sep}", f"{sources}{os.sep}")
    if not interpret_functions(lambda file: file.startswith(folders)):
        raise pytest.UsageError(f"{_INTERPRETED} has no functions")


def _write(**entry: str) -> None:
    with _LOG.open("a", encoding="utf-8") as log:
        print(json.dumps(entry), file=log)


def pytest_runtest_logstart(nodeid: str) -> None:
    _write(started=_names[nodeid])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _seconds.append(report.duration)
    before, _ = _outcomes.get(report.nodeid, ("passed", ""))
    if before == "passed":
        _outcomes[report.nodeid] = report.outcome, report.longreprtext


def pytest_runtest_logfinish(nodeid: str) -> None:
    outcome, detail = _outcomes.get(nodeid, ("skipped", ""))
    _write(id=_names[nodeid], outcome=outcome, detail=detail)


def pytest_sessionfinish() -> None:
    _LOG.with_suffix(".seconds").write_text(str(sum(_seconds)))
