"""What the conformance table is made of: it must not look better than the tests are."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import libraries
import report
import run
from report import Exclusion, Outcome, Row
from workers import Suite, ThisPython, WebAssembly, webassembly

PASSED, FAILED, SKIPPED = Outcome("passed"), Outcome("failed", "why"), Outcome("skipped")


def exclusion(test):
    return Exclusion("row", test, ["3.11"], "auto", "reason")


def test_only_what_cpython_passes_counts():
    native = {"a": PASSED, "b": FAILED, "c": SKIPPED, "d": Outcome("crashed")}
    row, failed = report.judge("row", native, dict.fromkeys(native, PASSED), [])
    assert row == Row("row", 1, 1, 0, 0)
    assert not failed


@pytest.mark.parametrize("result", ["failed", "skipped", "crashed"])
def test_whatever_did_not_pass_failed(result):
    row, failed = report.judge("row", {"a": PASSED, "b": PASSED}, {"a": Outcome(result)}, [])
    assert row == Row("row", 2, 0, 2, 0)
    assert {test: outcome.result for test, outcome in failed.items()} == {
        "a": result,
        "b": "not run",
    }
    assert row.percentage == 0


def test_what_is_excluded_has_not_passed():
    row, failed = report.judge(
        "row",
        dict.fromkeys(["C.a", "C.b", "D.a"], PASSED),
        {"C.a": PASSED, "C.b": FAILED, "D.a": FAILED},
        [exclusion("D.*")],
    )
    assert row == Row("row", 3, 1, 1, 1)
    assert list(failed) == ["C.b"]
    assert row.percentage == pytest.approx(100 / 3)


def test_exclusions_that_do_not_hold():
    native = {"a": PASSED, "b": FAILED}
    found = report.complaints(
        "row", native, {"a": PASSED}, [exclusion("a"), exclusion("b"), exclusion("missing*")]
    )
    assert list(found) == [
        "row: excluded, but passes: a",
        "row: exclusion matches no test: b",
        "row: exclusion matches no test: missing*",
    ]
    assert not list(report.complaints("row", {"a": PASSED}, {"a": FAILED}, [exclusion("a")]))


def test_a_row_without_tests_is_no_success():
    assert list(report.complaints("row", {"a": FAILED}, {}, []))
    assert Row("row", 0, 0, 0, 0).percentage == 0


def test_why_nothing_passes():
    failed = {"a": SKIPPED, "b": Outcome("failed", "Traceback\n\nImportError: no module\n")}
    assert report.why_nothing_passes(failed) == "ImportError: no module"
    assert report.why_nothing_passes({"a": SKIPPED}) == "it has no tests"
    assert report.why_nothing_passes({**failed, "c": PASSED}) == ""


def test_the_log_of_a_worker_that_died(tmp_path):
    log = tmp_path / "log"
    entries = [
        {"started": "a"},
        {"id": "a", "outcome": "passed", "detail": ""},
        {"id": "setUpClass (C)", "outcome": "failed", "detail": "fixture"},
        {"started": "b"},
    ]
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    outcomes = {}
    assert report.read_log(log, outcomes) == "b"
    assert outcomes == {"a": PASSED, "setUpClass (C)": Outcome("failed", "fixture")}
    with open(log, "a") as file:
        file.write(json.dumps({"id": "b", "outcome": "skipped", "detail": ""}) + "\n")
    assert report.read_log(log, outcomes) == ""


@pytest.mark.parametrize(
    "total, problems, code",
    [
        (Row("total", 100, 99, 0, 1), [], 0),
        (Row("total", 1000, 989, 0, 11), [], 1),
        (Row("total", 100, 100, 0, 0), ["exclusion matches no test"], 1),
    ],
)
def test_the_exit_code(total, problems, code, capsys):
    assert report.exit_code(total, problems) == code
    assert bool(capsys.readouterr().out) == bool(code)


def test_the_table_adds_up(capsys):
    rows = [Row("one", 10, 9, 1, 0), Row("two", 30, 29, 0, 1)]
    assert report.print_table(rows, "CPython 3.11") == Row("total", 40, 38, 1, 1)
    assert re.search(r"^total +40 +38 +1 +1 +95\.00$", capsys.readouterr().out, re.MULTILINE)


def test_every_exclusion_has_a_row_and_a_reason():
    entries = tomllib.loads((run.HERE / "exclusions.toml").read_text())["exclusion"]
    read = [Exclusion(**entry) for entry in entries]
    assert all(entry.reason and entry.versions for entry in read)
    assert {entry.row for entry in read} <= run.ROWS.keys() | libraries.LIBRARIES.keys()
    assert {entry.tier for entry in read} <= {"auto", "compile"}
    for tier, rows in (("auto", ["test_raise"]), ("compile", [])):
        found = report.read_exclusions(run.HERE / "exclusions.toml", "3.11", tier, ["test_raise"])
        assert [entry.row for entry in found] == rows


SUITE = """
import doctest
import os
import unittest


def interpreted(function):
    return any(type(const).__name__ == "Runner" for const in function.__code__.co_consts)


class Tests(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(sorted([2, 1], key=lambda x: x), [1, 2])

    def test_nested_functions_are_interpreted(self):
        self.assertEqual(interpreted(lambda: 1), interpreted(Tests.test_passes))

    def test_strings_are_interpreted(self):
        made = {}
        exec("def function(): pass", made)
        self.assertEqual(interpreted(made["function"]), interpreted(Tests.test_passes))

    def test_fails_interpreted(self):
        self.assertFalse(interpreted(Tests.test_passes))

    def test_dies_interpreted(self):
        if interpreted(Tests.test_passes):
            os._exit(3)

    def test_after_it(self):
        pass

    def test_fails(self):
        self.fail()

    def test_skips(self):
        self.skipTest("always")

    @unittest.expectedFailure
    def test_is_expected_to_fail(self):
        self.fail()

    def test_part_fails(self):
        for part in range(2):
            with self.subTest(part=part):
                self.assertEqual(part, 1)


def example():
    '''
    >>> def function(): pass
    >>> interpreted(function)
    False
    '''


def load_tests(loader, tests, pattern):
    tests.addTest(doctest.DocTestSuite())
    return tests
"""


@pytest.fixture
def package(tmp_path):
    """A `test` package of our own."""
    if sys.platform == "emscripten":
        pytest.skip("no processes there")
    package = tmp_path / "test"
    (package / "support").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "support" / "__init__.py").touch()
    (package / "test_own.py").write_text(SUITE)
    return package


@pytest.fixture
def suite(package, monkeypatch):
    """Its test module, where the worker looks for CPython's."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package.parent), *sys.path]))
    return Suite("test_own", "test.test_own")


def results(suite, workers=ThisPython()):
    outcomes = run.run_suite(workers, suite)
    return {test.rpartition(".")[2]: outcome.result for test, outcome in outcomes.items()}


ALWAYS = {
    "test_after_it": "passed",
    "test_fails": "failed",
    "test_is_expected_to_fail": "passed",
    "test_nested_functions_are_interpreted": "passed",
    "test_part_fails": "failed",
    "test_passes": "passed",
    "test_skips": "skipped",
    "test_strings_are_interpreted": "passed",
}


NATIVELY = {
    **ALWAYS,
    "example": "passed",
    "test_dies_interpreted": "passed",
    "test_fails_interpreted": "passed",
}

INTERPRETED = {
    **ALWAYS,
    "example": "failed",
    "test_dies_interpreted": "crashed",
    "test_fails_interpreted": "failed",
}


def test_a_native_run(suite):
    assert results(suite._replace(interpreted="")) == NATIVELY


def test_an_interpreted_run(suite):
    assert results(suite) == INTERPRETED


def test_an_interpreted_library(suite):
    """The library is interpreted, its tests are not."""
    assert results(suite._replace(interpreted="textwrap")) == results(
        suite._replace(interpreted="")
    )


def test_a_module_that_cannot_be_interpreted_is_no_success(suite):
    outcomes = run.run_suite(ThisPython(), suite._replace(interpreted="math"))
    assert not report.passing(outcomes)


def test_a_process_without_end(suite, monkeypatch):
    monkeypatch.setattr(ThisPython, "timeout", 0.01)
    monkeypatch.setattr(run, "RESTARTS", 1)
    assert not report.passing(run.run_suite(ThisPython(), suite))


def test_modules_that_a_borrowed_package_has(package):
    workers = WebAssembly("3.14", package, "3.13")
    (package / "test_json").mkdir()
    names = ["", "test_own", "test_json", "test_missing"]
    assert [workers.has_tests(name) for name in names] == [True, True, True, False]
    assert not WebAssembly("3.14", package / "missing", "3.13").has_tests("")


@pytest.mark.skipif(bool(webassembly.missing()), reason="node and npm are needed")
@pytest.mark.parametrize("version", webassembly.PYODIDE)
def test_in_webassembly(package, version):
    if not webassembly.Installation(version).is_ready():
        pytest.skip(f"`make test-py{version.replace('.', '')}` installs it")
    workers = WebAssembly(version, package, "3.13")
    suite = Suite("test_own", "")
    assert results(suite, workers) == NATIVELY
    assert results(suite._replace(interpreted="test.test_own"), workers) == INTERPRETED


@pytest.mark.needs_subprocess
def test_what_is_not_valid_on_another_version_is_named(package, monkeypatch, capsys):
    (package / "test_old.py").write_text("import module_of_another_version")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package.parent), *sys.path]))
    monkeypatch.setattr(run, "WebAssembly", Borrowing)
    assert run.main(["--webassembly", "", str(package), "0.1", "test_old", "test_none"]) == 1
    assert "no row is left" in capsys.readouterr().out
    code = run.main(["--webassembly", "", str(package), "0.1", "test_old", "test_own", "test_none"])
    said = capsys.readouterr().out
    assert "test_none: absent from the `test` package of Python 0.1, not run" in said
    assert re.search(r"test_old: that of 0\.1 is not valid on \S+: ModuleNotFoundError: ", said)
    assert re.search(r"^test_own +8 +5 +3 +0 ", said, re.MULTILINE)
    assert not re.search(r"^test_old +\d", said, re.MULTILINE)
    assert code == 1  # 5 of 8 are too few


class Borrowing(ThisPython):
    """This Python, with tests that are said to be of another version."""

    def __init__(self, version, tests, borrowed):
        self.has_tests = WebAssembly(version, tests, borrowed).has_tests
        self.borrowed = borrowed
