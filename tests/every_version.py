"""Run the tests on every supported Python that is found on this machine.

    python tests/every_version.py [argument ...]
    python tests/every_version.py --script file.py [argument ...]

Pythons are looked for among those of pyenv and on the PATH; one that is not found there is run as
WebAssembly if there is such a one (see ``webassembly.py``). Each other has an environment of its
own, kept in ``.venvs`` and made anew when ``pyproject.toml`` or the interpreter changes. Arguments
are passed on to pytest, or to the script. ``PYTHON_VERSIONS``, such as "3.11 3.12", restricts what
is run. The exit code is not zero if a version fails, or if none is found.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import webassembly  # beside this script

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".venvs"
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
#: Whose ``test`` package is run on those as WebAssembly, which have none.
BORROWED = "3.13"
DESCRIBE = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name, sys.version)"


class Outcome(NamedTuple):
    """What became of one version."""

    version: str
    result: str
    detail: str

    @property
    def failed(self) -> bool:
        return self.result == "FAILED"


def candidates(version: str) -> Iterator[Path]:
    """Yield where an interpreter of this version may be, the newest of pyenv first."""
    if pyenv := shutil.which("pyenv"):
        listed = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)
        found = Path(listed.stdout.strip()).glob(f"versions/{version}.*/bin/python")
        yield from sorted(found, key=patch_number, reverse=True)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    yield Path(sys.executable)


def patch_number(python: Path) -> int:
    last = python.parents[1].name.rpartition(".")[2]
    return int(last) if last.isdigit() else -1


def describe(python: Path) -> str | None:
    """Return what an interpreter says of itself, or None if it does not run."""
    # A pyenv shim starts only if its version is among those named in PYENV_VERSION, so ask it.
    run = subprocess.run([python, "-c", DESCRIBE], capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else None


def find(version: str) -> tuple[Path, str] | None:
    """Return a CPython of this version and its description."""
    for python in candidates(version):
        description = describe(python)
        if description and description.startswith(f"{version} cpython "):
            return python, description
    return None


def test_package(python: Path) -> str:
    """Return the folder of an interpreter's ``test`` package, which need not be there."""
    ask = "import os, sysconfig; print(os.path.join(sysconfig.get_path('stdlib'), 'test'))"
    asked = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def environment(version: str, python: Path, description: str) -> Path:
    """Return the interpreter of this version's environment, which is made if need be."""
    folder = ENVIRONMENTS / version
    inside = folder / "bin" / "python"
    stamp = folder / ".up-to-date"
    decided_by = [
        (ROOT / "pyproject.toml").read_bytes(),
        os.fsencode(python),
        description.encode(),
    ]
    wanted = hashlib.sha256(b"\0".join(decided_by)).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making the environment in {folder.relative_to(ROOT)}", flush=True)
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [inside, "-m", "pip", "install", "--quiet", "--editable", f"{ROOT}[test]"], check=True
        )
        stamp.write_text(wanted)
    return inside


def command(version: str, arguments: list[str]) -> list[str]:
    """Return what an interpreter is to run: the script that is named, or pytest."""
    if arguments[:1] == ["--script"]:
        return arguments[1:]
    cache = ENVIRONMENTS / version / "pytest-cache"
    return ["-m", "pytest", "--quiet", "-o", f"cache_dir={cache}", *arguments]


def run(version: str, arguments: list[str]) -> Outcome:
    """Run the tests on one version."""
    print(f"\n=== Python {version} ===", flush=True)
    found = find(version)
    if found is None and version in webassembly.PYODIDE:
        return run_as_webassembly(version, arguments)
    if found is None:
        print("no interpreter found", flush=True)
        return Outcome(version, "skipped", "no interpreter found with pyenv or on the PATH")
    started = time.monotonic()
    try:
        inside = environment(version, *found)
    except subprocess.CalledProcessError as error:
        return Outcome(version, "FAILED", f"making the environment: {error}")
    code = subprocess.run([inside, *command(version, arguments)], cwd=ROOT, check=False).returncode
    spent = f"{time.monotonic() - started:.0f} s, {found[0]}"
    if code:
        return Outcome(version, "FAILED", f"ended with {code}; {spent}")
    return Outcome(version, "passed", spent)


def run_as_webassembly(version: str, arguments: list[str]) -> Outcome:
    """Run the tests on a CPython that is run under node, or a script for it.

    The script runs on this Python, with the option ``--webassembly``.
    """
    if tools := webassembly.missing():
        why = f"no interpreter found with pyenv or on the PATH, and {tools} not found"
        print(why, flush=True)
        return Outcome(version, "skipped", why)
    started = time.monotonic()
    installation = webassembly.Installation(version)
    if arguments[:1] != ["--script"]:
        code = installation.run_tests(["--quiet", *arguments])
    elif borrowed := find(BORROWED):
        script, *rest = arguments[1:]
        mode = ("--webassembly", version, test_package(borrowed[0]), BORROWED)
        run_script = [sys.executable, script, *mode, *rest]
        code = (
            installation.prepare() or subprocess.run(run_script, cwd=ROOT, check=False).returncode
        )
    else:
        why = f"no interpreter of {BORROWED} found, whose `test` package would be run"
        print(why, flush=True)
        return Outcome(version, "skipped", why)
    spent = f"{time.monotonic() - started:.0f} s, as WebAssembly"
    if code:
        return Outcome(version, "FAILED", f"the run ended with {code}; {spent}")
    return Outcome(version, "passed", spent)


def main(arguments: list[str]) -> int:
    """Run the tests on all versions and print a summary."""
    wanted = os.environ.get("PYTHON_VERSIONS", "").split() or VERSIONS
    outcomes = [run(version, arguments) for version in VERSIONS if version in wanted]
    print("\nPython  result   detail")
    for outcome in outcomes:
        print(f"{outcome.version:7} {outcome.result:8} {outcome.detail}")
    if all(outcome.result == "skipped" for outcome in outcomes):
        print(f"no CPython {', '.join(VERSIONS)} found: nothing was tested", file=sys.stderr)
        return 1
    return int(any(outcome.failed for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
