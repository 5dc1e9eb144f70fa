"""Run CPython's own tests in the interpreter, and compare with what CPython itself passes.

    python tests/conformance/run.py [--show] [row ...]

The modules come from the ``test`` package of the running Python. Each row of the table is a module
that is run twice, in processes of its own: natively, and with every function and method that it
defines interpreted. A row such as "lib: textwrap" is a module of the standard library: its tests
are run natively, and it is the library that is interpreted in the second run.

A test counts if CPython passes it on this machine. The exit code is not zero if fewer than 99 % of
those pass, or if ``exclusions.toml`` does not hold: an exclusion that matches no test, or a test
that passes though excluded.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

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
)

VERSION: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"
TIMEOUT: Final = 240  # seconds for one process
RESTARTS: Final = 8  # processes for one row, at most


class Suite(NamedTuple):
    """A test module, and the full name of the module to interpret."""

    tests: str
    interpreted: str


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
}

ROWS: Final = {
    **{name: Suite(name, f"test.{name}") for name in MODULES},
    **{f"lib: {name}": Suite(tests, name) for name, tests in LIBRARIES.items()},
}


def run_process(suite: Suite, log: Path, left_out: Path) -> str:
    """Run one worker; return how it died, or nothing if it ended well."""
    command = [sys.executable, HERE / "worker.py", *suite, log, left_out]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        try:
            code = process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            # The whole group: the tests start processes, too.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"no end after {TIMEOUT} s"
        if not code:
            return ""
        said.seek(0)
        return f"exit code {code}\n{said.read().decode(errors='replace')[-3000:]}"


def run_suite(suite: Suite) -> dict[str, Outcome]:
    """Return what became of each test of a suite."""
    outcomes: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory() as folder:
        log, left_out = Path(folder, "log"), Path(folder, "left_out")
        log.touch()
        for _ in range(RESTARTS):
            left_out.write_text("\n".join(outcomes))
            trouble = run_process(suite, log, left_out)
            started = read_log(log, outcomes)
            if not trouble:
                break
            outcomes[started or suite.tests] = Outcome("crashed", trouble)
            if not started:
                break
    return outcomes


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def main(arguments: list[str]) -> int:
    """Run the rows both ways, print the table and what failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="row", default=list(ROWS))
    parser.add_argument("--show", action="store_true", help="print the traceback of each failure")
    options = parser.parse_args(arguments)

    if not has("test"):
        print(f"Python {VERSION} has no `test` package here: no conformance tests are run")
        return 0
    wanted = {name: ROWS.get(name) or Suite(name, f"test.{name}") for name in options.rows}
    suites = {name: suite for name, suite in wanted.items() if has(f"test.{suite.tests}")}
    for name in wanted.keys() - suites.keys():
        print(f"{name}: absent from the `test` package of Python {VERSION}, not run")

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        # The slowest are the last rows, so they are started first.
        runs = {
            name: [
                pool.submit(run_suite, suite._replace(interpreted="")),
                pool.submit(run_suite, suite),
            ]
            for name, suite in reversed(suites.items())
        }
    outcomes = {name: [run.result() for run in runs[name]] for name in suites}

    exclusions = read_exclusions(HERE / "exclusions.toml", VERSION, suites)
    rows, failed, problems = [], [], []
    for name, (native, interpreted) in outcomes.items():
        own = [entry for entry in exclusions if entry.row == name]
        row, wrong = judge(name, native, interpreted, own)
        rows.append(row)
        failed += [(name, test, outcome) for test, outcome in wrong.items()]
        problems += complaints(name, native, interpreted, own)
    total = print_table(rows)
    for name, test, outcome in failed:
        last = outcome.detail.strip().splitlines()[-1:] or [""]
        print(f"\n{outcome.result}: {name}: {test}")
        print(outcome.detail if options.show else last[0])
    return exit_code(total, problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
