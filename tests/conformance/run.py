"""Run CPython's own tests in the interpreter, and compare with what CPython itself passes.

    python tests/conformance/run.py [--show] [row ...]
    python tests/conformance/run.py --webassembly VERSION FOLDER ITS_VERSION [--show] [row ...]

The modules come from the ``test`` package of the running Python. The second form runs a CPython as
WebAssembly, which has none: it takes that of another version, from its folder. What of it is not
valid there, CPython itself does not pass. Each row of the table is a module that is run twice, in
processes of its own: natively, and with every function and method that it defines interpreted, in
the tier that ``BYTEFIG_TIER`` names. A
row such as "lib: textwrap" is a module of the standard library: its tests are run natively, and it
is the library that is interpreted in the second run.

A test counts if CPython passes it on this machine. The exit code is not zero if fewer than 99 % of
those pass, or if ``exclusions.toml`` does not hold: an exclusion that matches no test, or a test
that passes though excluded.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from report import (  # noqa: E402 - a script has no package to import from
    Outcome,
    complaints,
    exit_code,
    judge,
    print_table,
    read_exclusions,
    read_log,
    why_nothing_passes,
)
from workers import Suite, ThisPython, WebAssembly, Workers  # noqa: E402

RESTARTS: Final = 8  # processes for one row, at most

MODULES: Final = """
    test_grammar test_generators test_coroutines test_asyncgen test_contextlib test_with
    test_exceptions test_except_star test_patma test_named_expressions test_listcomps test_genexps
    test_scope test_super test_decorators test_fstring test_unpack_ex test_keywordonlyarg
    test_positional_only_arg test_extcall test_raise test_compare test_augassign test_dictcomps
    test_setcomps test_opcodes test_type_params test_functools test_collections test_dataclasses
    test_enum test_itertools test_copy test_string test_json test_binop test_class
    test_contextlib_async test_dynamicclassattribute test_exception_group
    test_exception_variations test_generator_stop test_global test_isinstance test_metaclass
    test_operator test_property test_string_literals test_subclassinit test_types test_unpack
    test_yield_from
""".split()

#: Modules of the standard library, and which of the test modules exercises each.
LIBRARIES: Final = {
    "_pydecimal": "test_decimal",
    "argparse": "test_argparse",
    "ast": "test_unparse",
    "bisect": "test_bisect",
    "collections": "test_collections",
    "contextlib": "test_contextlib",
    "dataclasses": "test_dataclasses",
    "difflib": "test_difflib",
    "fractions": "test_fractions",
    "functools": "test_functools",
    "heapq": "test_heapq",
    "ipaddress": "test_ipaddress",
    "json": "test_json",
    "shlex": "test_shlex",
    "statistics": "test_statistics",
    "string": "test_string",
    "textwrap": "test_textwrap",
    "tomllib": "test_tomllib",
}

ROWS: Final = {
    **{name: Suite(name, f"test.{name}") for name in MODULES},
    **{f"lib: {name}": Suite(tests, name) for name, tests in LIBRARIES.items()},
}


def run_process(workers: Workers, suite: Suite, folder: Path) -> str:
    """Run one worker; return how it died, or nothing if it ended well."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            workers.command(suite, folder),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        try:
            code = process.wait(workers.timeout)
        except subprocess.TimeoutExpired:
            # The whole group: the tests start processes, too.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"no end after {workers.timeout} s"
        if not code:
            return ""
        said.seek(0)
        return f"exit code {code}\n{said.read().decode(errors='replace')[-3000:]}"


def run_suite(workers: Workers, suite: Suite) -> dict[str, Outcome]:
    """Return what became of each test of a suite."""
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log"
        log.touch()
        for _ in range(RESTARTS):
            (folder / "left_out").write_text("\n".join(outcomes))
            trouble = run_process(workers, suite, folder)
            started = read_log(log, outcomes)
            if not trouble:
                break
            outcomes[started or suite.tests] = Outcome("crashed", trouble)
            if not started:
                break
    return outcomes


def run_suites(workers: Workers, suites: dict[str, Suite]) -> dict[str, list[dict[str, Outcome]]]:
    """Return what became of each row's tests, natively and interpreted."""
    pairs = {
        name: (suite._replace(interpreted=""), suite)
        for name, suite in reversed(suites.items())  # the slowest first
    }
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        # Rows share native runs.
        distinct = dict.fromkeys(suite for pair in pairs.values() for suite in pair)
        runs = {suite: pool.submit(run_suite, workers, suite) for suite in distinct}
    return {name: [runs[suite].result() for suite in pairs[name]] for name in suites}


def main(arguments: list[str]) -> int:
    """Run the rows both ways, print the table and what failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="row", default=list(ROWS))
    parser.add_argument("--show", action="store_true", help="print the traceback of each failure")
    parser.add_argument(
        "--webassembly",
        nargs=3,
        metavar=("VERSION", "FOLDER", "ITS_VERSION"),
        help="run a CPython as WebAssembly, with this `test` package of another version",
    )
    options = parser.parse_args(arguments)
    workers: Workers = ThisPython()
    if options.webassembly:
        version, folder, borrowed = options.webassembly
        workers = WebAssembly(version, Path(folder), borrowed)
    tests_of = workers.borrowed or workers.version

    if not workers.has_tests(""):
        print(f"Python {tests_of} has no `test` package here: no conformance tests are run")
        return 0
    wanted = {name: ROWS.get(name) or Suite(name, f"test.{name}") for name in options.rows}
    suites = {name: suite for name, suite in wanted.items() if workers.has_tests(suite.tests)}
    for name in wanted.keys() - suites.keys():
        print(f"{name}: absent from the `test` package of Python {tests_of}, not run")

    outcomes = run_suites(workers, suites)
    if workers.borrowed:
        for name, (native, _) in list(outcomes.items()):
            if why := why_nothing_passes(native):
                print(f"{name}: that of {tests_of} is not valid on {workers.version}: {why}")
                del outcomes[name], suites[name]

    if not outcomes:
        print("no row is left: nothing was tested")
        return 1

    tier = os.environ.get("BYTEFIG_TIER") or "auto"
    exclusions = read_exclusions(HERE / "exclusions.toml", workers.version, tier, suites)
    rows, failed, problems = [], [], []
    for name, (native, interpreted) in outcomes.items():
        own = [entry for entry in exclusions if entry.row == name]
        row, wrong = judge(name, native, interpreted, own)
        rows.append(row)
        failed += [(name, test, outcome) for test, outcome in wrong.items()]
        problems += complaints(name, native, interpreted, own)
    total = print_table(rows, workers.described)
    for name, test, outcome in failed:
        last = outcome.detail.strip().splitlines()[-1:] or [""]
        print(f"\n{outcome.result}: {name}: {test}")
        print(outcome.detail if options.show else last[0])
    return exit_code(total, problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
