"""Run the test suites of libraries interpreted, and compare with what CPython itself passes.

    python tests/conformance/libraries.py [--show] [library ...]

The suites come from the libraries' sdists, which pip downloads into ``.venvs/libraries``; they and
what they need are installed there. Each is run twice, in processes of its own: natively, and with
every function that the library and its tests define interpreted. A library whose sdist has no tests
has the examples of its docstrings tested. (``tomli`` has neither: it is ``tomllib`` of the standard
library, a row of ``run.py``.)

The exit code is not zero if a test fails that CPython passes, or if an exclusion of
``exclusions.toml`` does not hold.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
FOLDER: Final = ROOT / ".venvs" / "libraries"
PYTHON: Final = FOLDER / "bin" / "python"
TIMEOUT: Final = 900
sys.path.insert(0, str(HERE))

from report import (  # noqa: E402 - a script has no package to import from
    Outcome,
    Row,
    complaints,
    judge,
    read_exclusions,
    read_log,
)


class Library(NamedTuple):
    """A library.

    Attributes:
        sdist: What to ask pip for.
        tests: The arguments of pytest, in the sdist's folder.
        needs: What else its tests import.
    """

    sdist: str
    tests: tuple[str, ...] = ("tests",)
    needs: tuple[str, ...] = ()


#: Those of mistune's tests that compare how long two documents take, where a tier may change.
_TIMED: Final = (
    "near_linear or linear_time or quickly or rescan or quadratically"
    " or bracket_link_input or deep_link_input or ruby_tokens"
)

LIBRARIES: Final = {
    "boltons": Library("boltons==26.2.0"),
    "click": Library("click==8.5.1"),
    "jinja2": Library("jinja2==3.1.6", needs=("trio",)),
    "marshmallow": Library("marshmallow==4.4.0", needs=("simplejson",)),
    "mistune": Library("mistune==3.4.0", ("tests", "-k", f"not ({_TIMED})")),
    "more_itertools": Library("more-itertools==11.2.1"),
    "pyparsing": Library("pyparsing==3.3.3", ("tests/test_unit.py", "tests/test_util.py")),
    "sortedcontainers": Library(
        "sortedcontainers==2.4.0", ("--doctest-modules", "-k", "not init", "sortedcontainers")
    ),
    "toolz": Library("toolz==1.2.0", ("toolz",)),
}


class Run(NamedTuple):
    """What became of each test of a suite, how many seconds they took, and what stopped them."""

    outcomes: dict[str, Outcome]
    seconds: float
    trouble: str


def pip(*arguments: str) -> None:
    """Run pip in the environment.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    subprocess.run([PYTHON, "-m", "pip", "--quiet", *arguments], check=True)


def prepare(libraries: Iterable[Library]) -> None:
    """Make the environment, and install the libraries, with their sdists beside it."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        pip("install", "--editable", str(ROOT), "pytest", "hypothesis")
    for library in libraries:
        folder = source(library)
        if folder.exists():
            continue
        sdists = FOLDER / "sdists"
        name, _, _ = library.sdist.partition("==")
        pip("download", "--no-deps", "--no-binary", name, "--dest", str(sdists), library.sdist)
        archive = sdists / f"{folder.name}.tar.gz"
        pip("install", str(archive), *library.needs)
        with tarfile.open(archive) as packed:
            packed.extractall(folder.parent, filter="data")
        # Without settings of its own a suite is not to be run with ours.
        (folder.parent / "pytest.ini").write_text("[pytest]\n")


def source(library: Library) -> Path:
    """Return the folder of a library's sdist."""
    name, _, version = library.sdist.partition("==")
    return FOLDER / "sources" / f"{name.replace('-', '_')}-{version}"


def run(name: str, library: Library, *, interpreted: bool) -> Run:
    """Run a suite."""
    folder = source(library)
    log = FOLDER / f"{name}-{'interpreted' if interpreted else 'native'}.log"
    log.write_text("")
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "PYTHONHASHSEED": "0",
        "LIBRARY_LOG": str(log),
        "LIBRARY_INTERPRETED": name if interpreted else "",
    }
    command = [PYTHON, "-m", "pytest", "-q", "-p", "interpreting", "-p", "no:cacheprovider"]
    outcomes: dict[str, Outcome] = {}
    trouble = ""
    try:
        done = subprocess.run(
            [*command, *library.tests],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode not in (0, 1):
            trouble = f"exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    except subprocess.TimeoutExpired:
        trouble = f"no end after {TIMEOUT} s"
    started = read_log(log, outcomes)
    if trouble and started:
        outcomes[started] = Outcome("crashed", trouble)
    seconds = float(log.with_suffix(".seconds").read_text()) if not trouble else float("nan")
    return Run(outcomes, seconds, trouble)


def line(row: Row, native: Run, interpreted: Run) -> str:
    """Return a line of the table."""
    times = f"{native.seconds:10.2f}{interpreted.seconds:14.2f}"
    return f"{row.name:20}{row.native:8}{row.passed:8}{row.failed:8}{row.excluded:10}{times}"


def main(arguments: list[str]) -> int:
    """Run the suites both ways, print the table and what failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("libraries", nargs="*", metavar="library", default=list(LIBRARIES))
    parser.add_argument("--show", action="store_true", help="print the traceback of each failure")
    options = parser.parse_args(arguments)
    wanted = {name: LIBRARIES[name] for name in options.libraries}
    prepare(wanted.values())

    version, tier = f"3.{sys.version_info[1]}", os.environ.get("BYTEFIG_TIER") or "auto"
    every = read_exclusions(HERE / "exclusions.toml", version, tier, wanted)
    counts = f"{'native':>8}{'passed':>8}{'failed':>8}{'excluded':>10}"
    print(f"{'tests of':20}{counts}{'s native':>10}{'s interpreted':>14}", flush=True)
    failed: list[tuple[str, Outcome]] = []
    problems: list[str] = []
    for name, library in wanted.items():
        native, interpreted = (run(name, library, interpreted=each) for each in (False, True))
        exclusions = [entry for entry in every if entry.row == name]
        row, wrong = judge(name, native.outcomes, interpreted.outcomes, exclusions)
        problems += [f"{name}: {each.trouble}" for each in (native, interpreted) if each.trouble]
        problems += complaints(name, native.outcomes, interpreted.outcomes, exclusions)
        print(line(row, native, interpreted), flush=True)
        failed += [(f"{name}: {test}", outcome) for test, outcome in wrong.items()]
    for test, outcome in failed:
        last = outcome.detail.strip().splitlines()[-1:] or [""]
        print(f"\n{outcome.result}: {test}")
        print(outcome.detail if options.show else last[0])
    for problem in problems:
        print(problem)
    return int(bool(failed or problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
