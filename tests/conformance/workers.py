"""Where the workers of the conformance suite run: on this Python, or in WebAssembly."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Final, NamedTuple, Protocol

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import webassembly  # noqa: E402 - beside this folder


class Suite(NamedTuple):
    """A test module, and the full name of the module to interpret."""

    tests: str
    interpreted: str


class Workers(Protocol):
    """Starts ``worker.py`` somewhere.

    Attributes:
        version: That of the Python that it runs on.
        described: That Python, for the table.
        borrowed: The version that its test files are from, if that is another one.
        timeout: Of one process, in seconds.
    """

    version: str
    described: str
    borrowed: str
    timeout: float

    def has_tests(self, module: str) -> bool:
        """Tell whether the ``test`` package has a module; of an empty name, whether it is there."""
        ...

    def command(self, suite: Suite, folder: Path) -> list[str]:
        """Return the command of a process that reads and writes the files of a folder."""
        ...


class ThisPython:
    """Processes of the Python that this runs on, with its own ``test`` package."""

    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    described = f"CPython {sys.version.split()[0]}"
    borrowed = ""
    timeout = 240.0

    def has_tests(self, module: str) -> bool:
        name = f"test.{module}" if module else "test"
        return importlib.util.find_spec(name) is not None

    def command(self, suite: Suite, folder: Path) -> list[str]:
        worker = str(HERE / "worker.py")
        return [sys.executable, worker, *suite, str(folder / "log"), str(folder / "left_out")]


class WebAssembly:
    """A CPython as WebAssembly, a node process for each, with the tests of another version.

    It has no ``test`` package of its own. Threads, processes and sockets are missing there, too, so
    CPython passes fewer tests.
    """

    timeout = 600.0

    def __init__(self, version: str, tests: Path, borrowed: str) -> None:
        self.version = version
        self.tests = tests
        self.borrowed = borrowed
        self.described = f"CPython {version} as WebAssembly with the tests of {borrowed}"

    def has_tests(self, module: str) -> bool:
        place = self.tests / module
        return place.is_dir() or place.with_suffix(".py").is_file()

    def command(self, suite: Suite, folder: Path) -> list[str]:
        return webassembly.Installation(self.version).command(
            "conformance.inside",
            [*suite, "/log/log", "/log/left_out"],
            {"/tests/test": self.tests, "/log": folder},
        )
