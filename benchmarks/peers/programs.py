"""Run the same Fiddle programs with Fiddle and with bytefig, and compare what they return.

Run by ``make parity`` after `parity.py`. The exit code is not zero if a result differs.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import sys
from types import ModuleType
from typing import Any

import fiddle

from bytefig import configs


def load(library: ModuleType) -> dict[str, Any]:
    """Return the programs with a library as ``fiddle``."""
    sys.modules["fiddle"] = library
    sys.modules.pop("fiddle_programs", None)
    return importlib.import_module("fiddle_programs").PROGRAMS


def outcome(program: Any) -> Any:
    try:
        return program()
    except Exception as error:  # whatever a library says of the program
        return error


def main() -> int:
    """Compare all programs."""
    logging.disable()
    wrong = 0
    results: dict[str, list[Any]] = {}
    for library in (fiddle, configs):
        # Loaded one after the other: pickle looks the classes up in the module.
        for name, (program, expected) in load(library).items():
            results.setdefault(name, []).extend((outcome(program), expected))
    version = importlib.metadata.version("fiddle")
    print(f"\nCPython {sys.version.split()[0]}, Fiddle {version}, {len(results)} programs\n")
    for name, (peer, _, ours, expected) in results.items():
        same = repr(peer) == repr(ours) == repr(expected)
        wrong += not same
        print(f"{name:40}{'same' if same else 'DIFFERENT'}")
        if not same:
            print(f"    Fiddle:   {peer!r}\n    bytefig:  {ours!r}\n    expected: {expected!r}")
    print(f"\n{len(results) - wrong} the same, {wrong} wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
