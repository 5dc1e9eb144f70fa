"""What the conformance table says, and whether it may say so."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

REQUIRED: Final = 99.0


class Outcome(NamedTuple):
    """What became of one test: passed, failed, skipped, crashed or not run."""

    result: str
    detail: str = ""


#: By the test's name.
Outcomes = Mapping[str, Outcome]


class Exclusion(NamedTuple):
    """Tests that the platform makes impossible in a tier; ``test`` may be a glob."""

    row: str
    test: str
    versions: list[str]
    tier: str
    reason: str


class Row(NamedTuple):
    """One line of the table."""

    name: str
    native: int
    passed: int
    failed: int
    excluded: int

    @property
    def percentage(self) -> float:
        """Of the tests that CPython passes; what is excluded has not passed."""
        return 100 * self.passed / self.native if self.native else 0.0


def read_exclusions(file: Path, version: str, tier: str, rows: Iterable[str]) -> list[Exclusion]:
    """Return the exclusions of a version and a tier in some rows."""
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("exclusion", [])
    read = [Exclusion(**entry) for entry in entries]
    return [
        entry
        for entry in read
        if version in entry.versions and entry.tier == tier and entry.row in rows
    ]


def read_log(log: Path, outcomes: dict[str, Outcome]) -> str:
    """Take over what a worker's log says; return the test that it does not see the end of."""
    started = ""
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "started" in entry:
            started = entry["started"]
        elif "id" in entry:
            outcomes[entry["id"]] = Outcome(entry["outcome"], entry["detail"])
            started = "" if entry["id"] == started else started
    return "" if started in outcomes else started


def passing(outcomes: Outcomes) -> list[str]:
    return [test for test, outcome in outcomes.items() if outcome.result == "passed"]


def why_nothing_passes(outcomes: Outcomes) -> str:
    """Return the first reason there is, or an empty string if a test passes."""
    if passing(outcomes):
        return ""
    for outcome in outcomes.values():
        if outcome.detail.strip():
            return outcome.detail.strip().splitlines()[-1]
    return "it has no tests"


def judge(
    name: str, native: Outcomes, interpreted: Outcomes, exclusions: Iterable[Exclusion]
) -> tuple[Row, dict[str, Outcome]]:
    """Return a row, and the tests that fail though CPython passes them."""
    counting = passing(native)
    not_run = Outcome("not run", "its process, class or module failed before it")
    found = {test: interpreted.get(test, not_run) for test in counting}
    wrong = {test: outcome for test, outcome in found.items() if outcome.result != "passed"}
    globs = [entry.test for entry in exclusions]
    failed = {
        test: outcome
        for test, outcome in wrong.items()
        if not any(fnmatchcase(test, glob) for glob in globs)
    }
    row = Row(
        name=name,
        native=len(counting),
        passed=len(counting) - len(wrong),
        failed=len(failed),
        excluded=len(wrong) - len(failed),
    )
    return row, failed


def complaints(
    name: str, native: Outcomes, interpreted: Outcomes, exclusions: Iterable[Exclusion]
) -> Iterator[str]:
    """Yield what makes a row untrustworthy."""
    counting = passing(native)
    if not counting:
        yield f"{name}: CPython itself passes no test"
    for entry in exclusions:
        tests = [test for test in counting if fnmatchcase(test, entry.test)]
        if not tests:
            yield f"{name}: exclusion matches no test: {entry.test}"
        for test in tests:
            if test in interpreted and interpreted[test].result == "passed":
                yield f"{name}: excluded, but passes: {test}"


def print_table(rows: list[Row], python: str) -> Row:
    """Print a line for each row, and the totals; return these."""
    total = Row("total", *(sum(column) for column in list(zip(*rows, strict=True))[1:]))
    print(f"\n{python}, tests that CPython itself passes:\n")
    print(f"{'module':26}{'native':>8}{'passed':>8}{'failed':>8}{'excluded':>10}{'%':>9}")
    for row in [*rows, total]:
        print(
            f"{row.name:26}{row.native:8}{row.passed:8}{row.failed:8}{row.excluded:10}"
            f"{row.percentage:9.2f}"
        )
    return total


def exit_code(total: Row, problems: list[str]) -> int:
    """Say what is wrong; return 0 if nothing is."""
    for problem in problems:
        print(problem)
    if total.percentage < REQUIRED:
        print(f"\n{total.percentage:.2f} % is under {REQUIRED} % of what CPython passes")
    return int(bool(problems) or total.percentage < REQUIRED)
