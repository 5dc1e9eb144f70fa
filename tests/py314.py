"""Run the tests on CPython 3.14 as WebAssembly: the npm package `pyodide`, run under node.

It needs node and npm, and is skipped without them. The package and the pure Python packages that
the tests import are kept in ``.pyodide``, and made anew when this file changes. Arguments are
passed on to pytest.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final
from zipfile import ZipFile

ROOT: Final = Path(__file__).resolve().parents[1]
INSTALLATION: Final = ROOT / ".pyodide"
TOOLS: Final = ("node", "npm")
PYODIDE: Final = "314.0.7"
#: In kB, for recursion to end with CPython's RecursionError, not with the end of node's stack,
#: which is 1 MB by default. The stack of a process is 8 MB on Linux and macOS.
STACK_SIZE: Final = 6000
#: Pure Python, without those that only native code or subprocesses could use.
PACKAGES: Final = (
    "attrs==26.1.0",
    "bytecode==0.19.1",
    "cloudpickle==3.1.2",
    "hypothesis==6.155.2",
    "iniconfig==2.3.1",
    "markdown-it-py==4.3.0",
    "mdurl==0.1.2",
    "packaging==26.3",
    "pluggy==1.7.0",
    "pygments==2.21.0",
    "pytest==9.2.0",
    "rich==15.0.0",
    "sortedcontainers==2.4.0",
)


def missing() -> str:
    """Return which tools are not found, or an empty string."""
    return " and ".join(tool for tool in TOOLS if shutil.which(tool) is None)


def install() -> None:
    """Make or update the installation.

    Raises:
        subprocess.CalledProcessError: If npm or pip fails.
    """
    stamp = INSTALLATION / ".up-to-date"
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing pyodide {PYODIDE} in {INSTALLATION.relative_to(ROOT)}", flush=True)
    shutil.rmtree(INSTALLATION, ignore_errors=True)
    wheels, packages = INSTALLATION / "wheels", INSTALLATION / "packages"
    wheels.mkdir(parents=True)
    packages.mkdir()
    quiet = ("--loglevel", "error", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts")
    npm = ("npm", "install", *quiet, "--prefix", INSTALLATION, f"pyodide@{PYODIDE}")
    subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
    pure = ("--only-binary", ":all:", "--no-deps", "--python-version", "3.14")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", *pure, "--dest", wheels, *PACKAGES)
    subprocess.run(pip, check=True)
    for wheel in wheels.iterdir():
        with ZipFile(wheel) as archive:
            archive.extractall(packages)
    stamp.write_text(wanted)


def run_tests(arguments: list[str]) -> int:
    """Run pytest inside and return its exit code."""
    runner = Path(__file__).with_suffix(".mjs")
    command = ("node", f"--stack-size={STACK_SIZE}", runner, ROOT, INSTALLATION, *arguments)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main(arguments: list[str]) -> int:
    """Install if need be, and run the tests."""
    if tools := missing():
        print(f"test-py314: skipped, {tools} not found: CPython 3.14 is run as WebAssembly")
        return 0
    try:
        install()
    except subprocess.CalledProcessError as error:
        print(f"test-py314: the installation failed: {error}", file=sys.stderr)
        return 1
    return run_tests(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
