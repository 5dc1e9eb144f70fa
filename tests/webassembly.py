"""Run the tests on a CPython as WebAssembly: the npm package `pyodide`, run under node.

    python tests/webassembly.py VERSION [argument ...]

It needs node and npm, and is skipped without them. The package and the pure Python packages that
the tests import are kept in ``.pyodide``, a folder for each version, and made anew when this file
changes. Arguments are passed on to pytest.
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
from typing import Final, NamedTuple
from zipfile import ZipFile

ROOT: Final = Path(__file__).resolve().parents[1]
TOOLS: Final = ("node", "npm")
#: The release of the npm package that has each version.
PYODIDE: Final = MappingProxyType({"3.14": "314.0.7", "3.15": "315.0.0-alpha.2"})
_NO_MOUNTS: Final[Mapping[str, Path]] = MappingProxyType({})
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
    "sortedcontainers==2.4.0",
    "typing_extensions==4.16.0",
)


def missing() -> str:
    """Return which tools are not found, or an empty string."""
    return " and ".join(tool for tool in TOOLS if shutil.which(tool) is None)


class Installation(NamedTuple):
    """A version, in a folder of its own.

    Attributes:
        version: One of `PYODIDE`.
    """

    version: str

    @property
    def folder(self) -> Path:
        """Where it is."""
        return ROOT / ".pyodide" / self.version

    @property
    def _stamp(self) -> Path:
        return self.folder / ".up-to-date"

    def is_ready(self) -> bool:
        """Tell whether it is there and up to date."""
        return self._stamp.exists() and self._stamp.read_text() == _wanted()

    def prepare(self) -> int:
        """Make or update it if need be; return an exit code."""
        if self.is_ready():
            return 0
        try:
            self.install()
        except subprocess.CalledProcessError as error:
            print(f"CPython {self.version}: the installation failed: {error}", file=sys.stderr)
            return 1
        self._stamp.write_text(_wanted())
        return 0

    def install(self) -> None:
        """Make it, whatever is there.

        Raises:
            subprocess.CalledProcessError: If npm or pip fails.
        """
        release = f"pyodide@{PYODIDE[self.version]}"
        print(f"installing {release} in {self.folder.relative_to(ROOT)}", flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        wheels, packages = self.folder / "wheels", self.folder / "packages"
        wheels.mkdir(parents=True)
        packages.mkdir()
        quiet = ("--loglevel", "error", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts")
        npm = ("npm", "install", *quiet, "--prefix", self.folder, release)
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
        pure = ("--only-binary", ":all:", "--no-deps", "--python-version", self.version)
        download = (sys.executable, "-m", "pip", "download", "--quiet", *pure)
        subprocess.run((*download, "--dest", wheels, *PACKAGES), check=True)
        for wheel in wheels.iterdir():
            with ZipFile(wheel) as archive:
                archive.extractall(packages)

    def command(
        self, module: str, arguments: Iterable[str], mounts: Mapping[str, Path] = _NO_MOUNTS
    ) -> list[str]:
        """Return the command that calls a module's ``main`` inside, with a list of the arguments.

        Args:
            module: The name of a module in this folder.
            arguments: What ``main`` is given.
            mounts: More folders to show inside, by their place there.
        """
        places = {
            "/checkout": ROOT,
            "/packages": self.folder / "packages",
            # `bytefig` is a namespace of folders of the checkout.
            "/namespace/bytefig/configs": ROOT / "configs",
            "/namespace/bytefig/testing": ROOT / "testing",
            "/namespace/bytefig/tracer": ROOT / "tracer",
            **mounts,
        }
        runner = Path(__file__).with_suffix(".mjs")
        shown = json.dumps({inside: str(folder) for inside, folder in places.items()})
        return ["node", str(runner), str(self.folder), shown, module, *arguments]

    def run_tests(self, arguments: Iterable[str]) -> int:
        """Install if need be, run pytest inside and return its exit code."""
        run = self.command("webassembly_inside", arguments)
        return self.prepare() or subprocess.run(run, cwd=ROOT, check=False).returncode


def _wanted() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def main(arguments: list[str]) -> int:
    """Run the tests on the version that is the first argument."""
    version, *others = arguments or [""]
    if version not in PYODIDE:
        print(f"webassembly: name one of {', '.join(PYODIDE)} first", file=sys.stderr)
        return 2
    if tools := missing():
        print(f"CPython {version}: skipped, {tools} not found: it is run as WebAssembly")
        return 0
    return Installation(version).run_tests(others)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
