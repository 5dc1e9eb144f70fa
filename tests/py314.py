"""Run the tests on CPython 3.14 as WebAssembly: the npm package `pyodide`, run under node.

It needs node and npm, and is skipped without them. The package and the pure Python packages that
the tests import are kept in ``.pyodide``, and made anew when this file changes. Arguments are
passed on to pytest.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zipfile import ZipFile

ROOT: Final = Path(__file__).resolve().parents[1]
INSTALLATION: Final = ROOT / ".pyodide"
STAMP: Final = INSTALLATION / ".up-to-date"
TOOLS: Final = ("node", "npm")
PYODIDE: Final = "314.0.7"
#: Pure Python, without those that only native code or subprocesses could use.
PACKAGES: Final = (
    "attrs==26.1.0",
    "bytecode==0.19.1",
    "click==8.3.1",
    "cloudpickle==3.1.2",
    "hypothesis==6.155.2",
    "iniconfig==2.3.1",
    "markdown-it-py==4.3.0",
    "mdurl==0.1.2",
    "packaging==26.3",
    "pluggy==1.7.0",
    "pygments==2.21.0",
    "pytest==9.2.0",
    "ruamel.yaml==0.19.1",
    "rich==15.0.0",
    "shellingham==1.5.4",
    "sortedcontainers==2.4.0",
    # Later ones need pydantic, which is not pure Python.
    "typer==0.20.1",
    "typing_extensions==4.16.0",
)


def missing() -> str:
    """Return which tools are not found, or an empty string."""
    return " and ".join(tool for tool in TOOLS if shutil.which(tool) is None)


def _wanted() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def is_installed() -> bool:
    """Tell whether the installation is there and up to date."""
    return STAMP.exists() and STAMP.read_text() == _wanted()


def install() -> None:
    """Make or update the installation.

    Raises:
        subprocess.CalledProcessError: If npm or pip fails.
    """
    if is_installed():
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
    STAMP.write_text(_wanted())


def command(
    module: str, arguments: Iterable[str], mounts: Mapping[str, Path] = MappingProxyType({})
) -> list[str]:
    """Return the command that calls a module's ``main`` inside, with a list of the arguments.

    Args:
        module: The name of a module in this folder.
        arguments: What ``main`` is given.
        mounts: More folders to show inside, by their place there.
    """
    places = {
        "/checkout": ROOT,
        "/packages": INSTALLATION / "packages",
        # `bytefig` is a namespace of two folders of the checkout.
        "/namespace/bytefig/configs": ROOT / "configs",
        "/namespace/bytefig/tracer": ROOT / "tracer",
        **mounts,
    }
    runner = Path(__file__).with_suffix(".mjs")
    shown = json.dumps({inside: str(folder) for inside, folder in places.items()})
    return ["node", str(runner), str(INSTALLATION), shown, module, *arguments]


def run_tests(arguments: list[str]) -> int:
    """Run pytest inside and return its exit code."""
    return subprocess.run(command("py314_inside", arguments), cwd=ROOT, check=False).returncode


def prepare() -> int:
    """Install if need be; return an exit code."""
    try:
        install()
    except subprocess.CalledProcessError as error:
        print(f"py314: the installation failed: {error}", file=sys.stderr)
        return 1
    return 0


def main(arguments: list[str]) -> int:
    """Install if need be, and run the tests."""
    if tools := missing():
        print(f"test-py314: skipped, {tools} not found: CPython 3.14 is run as WebAssembly")
        return 0
    return prepare() or run_tests(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
