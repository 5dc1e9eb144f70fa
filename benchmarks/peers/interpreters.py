"""The programs in the interpreter of bytefig and in x-python, and whether that one runs them.

    python interpreters.py program size

interprets a program by x-python, and ends with 0 if the result is CPython's.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from pure_python.loading import code_of, load

#: The size of each program that is measured, which takes CPython some milliseconds.
SIZES = {"nbody": 50, "fannkuch": 5, "richards": 100, "deltablue": 10, "json_text": 5}
#: Seconds after which x-python is taken not to end.
LIMIT = 20

Main = Callable[[int], Any]


def native(program: str) -> Main:
    return load(program)


def ours(program: str) -> Main:
    """Return the program with every function and method of it interpreted by bytefig."""
    return load(program, importlib.import_module("bytefig.tracer").interpret)


def x_python(program: str) -> Main:
    """Return the program with every function and method of it interpreted by x-python.

    Raises:
        RuntimeError: It cannot run even the module.
    """
    vm = importlib.import_module("xpython.vm").PyVM(sys.version_info[:2])
    namespace: dict[str, Any] = {"__name__": program, "__builtins__": __builtins__}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        failed = vm.run_code(code_of(program), f_globals=namespace)
    if failed:
        raise RuntimeError(printed.getvalue().strip().rpartition("\n")[2])
    return namespace["main"]


def trouble(program: str, size: int) -> str | None:
    """Return what x-python does wrong with a program, or None. A process of its own finds out."""
    command = [sys.executable, __file__, program, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"it does not end in {LIMIT} s"
    if done.returncode == 0:
        return None
    return done.stdout.strip().rpartition("\n")[2] or "it fails"


def main(program: str, size: int) -> int:
    if importlib.util.find_spec("xpython") is None:
        print("it is not installed")
        return 1
    expected = native(program)(size)
    try:
        result = x_python(program)(size)
    except Exception as error:  # any of its own faults
        print(f"it raises {type(error).__name__}: {error}".replace("\n", " "))
        return 1
    if result != expected:
        print(f"it returns {result!r} instead of {expected!r}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
