"""Run one test module of CPython's ``test`` package, natively or interpreted.

    python tests/conformance/worker.py test_module interpreted_module log left_out

Started by ``run.py`` in a process of its own, in WebAssembly by ``inside.py``. Every start and end
of a test is a line of JSON in the log, so that a crash loses one test only; ``run.py`` then starts
another process without it.
"""

from __future__ import annotations

import contextlib
import doctest
import gc
import importlib
import json
import os
import sys
import tempfile
import traceback
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, TextIO

from bytefig.tracer.code.flags import CO_OPTIMIZED, SUSPENDABLE
from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.functions import turn_into_twin
from bytefig.tracer.engine.interceptor import Native
from bytefig.tracer.engine.marks import Hidden
from bytefig.tracer.errors import UnsupportedCodeError


def tests_of(suite: Any) -> Iterator[Any]:
    """Yield the tests of a suite in the order they are run."""
    if isinstance(suite, unittest.TestSuite):
        for part in suite:
            yield from tests_of(part)
    else:
        yield suite


def named(suite: Any) -> dict[int, str]:
    """Map each test's ``id()`` to a unique name; a second one of a name gets ``#2``."""
    names: dict[int, str] = {}
    seen: dict[str, int] = {}
    for test in tests_of(suite):
        name = test.id()
        seen[name] = seen.get(name, 0) + 1
        names[id(test)] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return names


def without(suite: Any, names: dict[int, str], left_out: set[str]) -> Any:
    """Return the suite without some tests."""
    if not isinstance(suite, unittest.TestSuite):
        return suite
    kept = [
        without(part, names, left_out)
        for part in suite
        if isinstance(part, unittest.TestSuite) or names[id(part)] not in left_out
    ]
    return type(suite)(kept)


class Log(unittest.TestResult):
    """Writes what becomes of each test."""

    def __init__(self, names: dict[int, str], out: TextIO) -> None:
        super().__init__()
        self.names = names
        self.out = out
        self.outcome = ""
        self.detail = ""

    def write(self, **entry: str) -> None:
        print(json.dumps(entry), file=self.out, flush=True)

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self.outcome, self.detail = "passed", ""
        self.write(started=self.names[id(test)])

    def stopTest(self, test: Any) -> None:
        super().stopTest(test)
        self.write(id=self.names[id(test)], outcome=self.outcome, detail=self.detail)

    def became(self, test: Any, outcome: str, detail: str) -> None:
        if id(getattr(test, "test_case", test)) in self.names:
            # A part that failed is not made good by one that is skipped.
            if self.outcome != "failed":
                self.outcome, self.detail = outcome, detail
        else:  # a fixture of a class or module
            self.write(id=test.id(), outcome=outcome, detail=detail)

    def failed(self, test: Any, error: Any) -> None:
        self.became(test, "failed", "".join(traceback.format_exception(*error)))

    def addSuccess(self, test: Any) -> None:
        pass

    def addFailure(self, test: Any, err: Any) -> None:
        self.failed(test, err)

    def addError(self, test: Any, err: Any) -> None:
        self.failed(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            self.failed(test, err)

    def addSkip(self, test: Any, reason: str) -> None:
        self.became(test, "skipped", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        pass

    def addUnexpectedSuccess(self, test: Any) -> None:
        self.became(test, "failed", "unexpected success")


def hidden(function: FunctionType) -> FunctionType:
    """Keep the frames of a function out of tracebacks, as the engine does its own."""
    code = function.__code__
    function.__code__ = code.replace(co_consts=(*code.co_consts, Hidden()))
    return function


class Deep(Native):
    """Interprets what ``exec`` and ``eval`` run, too: many tests keep their code in strings."""

    __slots__ = ()

    @hidden
    def call(self, frame: Any, index: int, fn: Any, args: Any, kwargs: Any, /) -> Any:
        if args and (fn is exec or fn is eval):
            args = (self.code(frame, fn, args, kwargs), *args[1:])
        return Native.call(self, frame, index, fn, args, kwargs)

    @hidden
    def code(self, frame: Any, fn: Any, args: Any, kwargs: Any) -> Any:
        """Return code that does what the first argument does, or that if it is no code."""
        source, *rest = args
        names = rest[0] if rest else kwargs.get("globals")
        if isinstance(source, str):
            if fn is eval:
                source = source.lstrip(" \t")
            wanted = (source, "<string>", fn.__name__)
            source = Native.call(self, frame, 0, compile, wanted, {})
        return self.module(source, frame.globals if names is None else names)

    def module(self, code: Any, names: Any) -> Any:
        """Return the interpreted twin of a module's code, if it has one."""
        if type(names) is not dict or not isinstance(code, CodeType):
            return code
        if code.co_freevars or code.co_flags & (CO_OPTIMIZED | SUSPENDABLE):
            return code
        try:
            decode(code)
        except UnsupportedCodeError:  # ``from module import *``
            return code
        return turn_into_twin(FunctionType(code, names), self).__code__


DEEP: Final = Deep()


def interpret_all(module: Any) -> int:
    """Interpret every function that the module's text made; return how many there were."""
    # Not by looking for files: the module may be in a zip file.
    of = os.path.dirname if hasattr(module, "__path__") else str
    return interpret_functions(lambda file: of(file) == of(module.__file__))


def interpret_functions(is_of: Callable[[str], bool]) -> int:
    """Interpret every function that there is of some files; return how many there were.

    In place, so that a function is found wherever it is kept: in a class, a property, the closure
    of a decorator.
    """
    functions = [
        found
        for found in gc.get_objects()
        if type(found) is FunctionType
        and is_of(found.__code__.co_filename)
        # CPython runs a module's code in a function, which a frame that is kept keeps.
        and found.__code__.co_flags & CO_OPTIMIZED
    ]
    for function in functions:
        turn_into_twin(function, DEEP)
    return len(functions)


def interpret_doctests() -> None:
    """Interpret the examples of doctests."""

    @hidden
    def run(code: Any, names: dict[str, Any]) -> None:
        exec(DEEP.module(code, names), names)

    vars(doctest)["exec"] = run


def main(test_module: str, interpreted: str, log: str, left_out: str) -> None:
    """Run the tests of a module but those named in a file.

    Args:
        test_module: Its name in the ``test`` package.
        interpreted: The full name of the module to interpret, or an empty string.
        log: The file to write what happens to.
        left_out: The file of the tests' names.
    """
    from test import support  # noqa: PLC0415 - absent from some installations

    support.use_resources = []
    support.verbose = 0
    name = f"test.{test_module}"
    with (
        open(log, "a", encoding="utf-8") as out,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        contextlib.chdir(folder),
    ):
        suite = unittest.defaultTestLoader.loadTestsFromName(name)
        names = named(suite)
        kept = list(tests_of(suite))  # so that no two tests have the same id()
        suite = without(suite, names, set(Path(left_out).read_text().splitlines()))
        if interpreted and not interpret_all(importlib.import_module(interpreted)):
            raise SystemExit(f"{interpreted} has no functions")
        if interpreted == name:
            interpret_doctests()
        result = Log(names, out)
        suite.run(result)
        result.write(done=str(len(kept)))


if __name__ == "__main__":
    main(*sys.argv[1:])
    # What a test left behind, such as a thread, must not keep the process.
    os._exit(0)
