"""Run the test files in Fiddle's wheel against bytefig, and say why each test fails that does.

Run by ``make peer-suites`` on every Python from 3.11 to 3.13 that is there, in environments that
have Fiddle; ``PYTHON_VERSIONS`` restricts them. The files are read where they are
installed; only what they import is another: `suite_shims` in place of Fiddle's modules, or, for its
tools, Fiddle's own with bytefig's nodes registered. The texts of errors are not compared. Each file
runs in a process of its own. With ``--here``, and perhaps the names of files, only this Python runs
them. (There are none about graphviz and visualize in the wheel.) The exit code is not zero if a
test fails that ``suite_differences.toml`` does not have, or if too few of the tests of the same API
pass.
"""

from __future__ import annotations

import ast
import builtins
import fnmatch
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import unittest
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: What the test files import besides.
REQUIREMENTS = ("fiddle[flags]==0.3.1", "cloudpickle", "graphviz", "libcst", "numpy", "pyyaml")
#: Test files of what both libraries have; the names are those of modules below ``fiddle._src``.
SAME_API = (
    *("arg_factory", "building", "config", "copying", "diffing", "materialize"),
    *("mutate_buildable", "partial", "selectors", "tagging", "history", "printing"),
    *("experimental.auto_config", "experimental.with_tags"),
)
#: Those of Fiddle's tools, which run on bytefig's nodes once they are registered.
TOOLS = (
    *("daglish", "printing", "absl_flags.utils", "absl_flags.sweep_flag", "debug.grep"),
    *("experimental.transform", "experimental.dict_config"),
    *("experimental.autobuilders.autobuilders", "codegen.legacy_codegen", "codegen.new_codegen"),
    *("codegen.auto_config.experimental_top_level_api",),
)
#: How much of the tests of the same API has to pass.
ENOUGH = 0.97


def wheel() -> Path:
    """Return the folder of the installed Fiddle, without importing it."""
    spec = importlib.util.find_spec("fiddle")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("Fiddle is not installed", name="fiddle")
    return Path(spec.origin).parent


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of Fiddle with other imports."""

    ported: Any = staticmethod(lambda name: True)

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:
        tree = ast.parse(data)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self._rename_from(node)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname and _is_fiddle(alias.name) and self.ported(alias.name):
                        alias.name = _ported_name(alias.name)
        return compile(tree, path, "exec", dont_inherit=True, optimize=_optimize)

    def _rename_from(self, node: ast.ImportFrom) -> None:
        assert node.module is not None
        inner = {f"{node.module}.{alias.name}" for alias in node.names}
        if _is_fiddle(node.module) and any(map(self.ported, (node.module, *inner))):
            node.module = _ported_name(node.module)

    def get_code(self, fullname: str) -> Any:
        # Never from a ``.pyc``, which may have the other imports.
        return self.source_to_code(self.get_data(self.path), self.path)


def _is_fiddle(name: str) -> bool:
    return name.partition(".")[0] == "fiddle"


def _ported_name(name: str) -> str:
    return name.replace("fiddle", "ported", 1)


class _Finder:
    """Finds modules of Fiddle under another name, where there is no shim for them."""

    found: Any = staticmethod(lambda name: None)

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> Any:
        package, _, inner = name.partition(".")
        if package != "ported":
            return None
        place = wheel().joinpath(*inner.split("."))
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if not file.exists():
            return None
        folders = [str(place)] if place.is_dir() else None
        _Finder.found(name)
        return importlib.util.spec_from_file_location(
            name, file, loader=_Loader(name, str(file)), submodule_search_locations=folders
        )


def _install(tools: bool) -> None:
    import suite_shims  # noqa: PLC0415 - the other processes have no Fiddle

    sys.meta_path.insert(0, _Finder)
    if tools:
        from bytefig.configs import interop  # noqa: PLC0415 - as above

        interop.register_with_fiddle()
        _port_generated_source()
        found = suite_shims.tool_shims()
        helpers = ("testing.example", "test_fixtures", "test_util", "testing.nested_values")
        _Loader.ported = staticmethod(
            lambda name: name.partition(".")[2] in found or any(part in name for part in helpers)
        )
    else:
        found = suite_shims.shims()
    for name, shim in found.items():
        full = f"ported.{name}".rstrip(".")
        sys.modules[full] = shim
    root: Any = sys.modules["ported"]
    root.__path__ = [str(wheel())]
    for name in ("ported.testing", "ported._src.testing"):
        if name in sys.modules:
            sys.modules[name].__path__ = [str(wheel().joinpath(*name.split(".")[1:]))]
            sys.modules[name].__name__ = name  # what submodules of it are looked for below
    for name in ("_src", "experimental", "_src.experimental", "_src.testing.example"):
        package: Any = ModuleType(f"ported.{name}")
        package.__path__ = [str(wheel().joinpath(*name.split(".")))]
        sys.modules[f"ported.{name}"] = package
    for name, module in [*sys.modules.items()]:
        parent, _, last = name.rpartition(".")
        if parent.partition(".")[0] == "ported" and parent in sys.modules:
            setattr(sys.modules[parent], last, module)


def _port_generated_source() -> None:
    """Have source that codegen writes look as for Fiddle, and run with the imports of the tests."""
    manager = importlib.import_module("fiddle._src.codegen.import_manager")
    for name in ("node.kinds", "editing.tags"):
        manager.register_import_alias(f"bytefig.configs.{name}", "import fiddle as fdl")
    _Finder.found = staticmethod(
        lambda name: manager.register_import_alias(
            name, "from {} import {}".format(*name.replace("ported", "fiddle", 1).rsplit(".", 1))
        )
    )
    plain_import = builtins.__import__

    def ported_import(name: str, globals: Any = None, *rest: Any) -> Any:
        # Such source is in modules that the tests write, or in no module.
        written = globals is not None and globals.get("__name__", "").startswith("config_")
        if _is_fiddle(name) and (written or (globals and "__spec__" not in globals)):
            name = _ported_name(name)
        return plain_import(name, globals, *rest)

    builtins.__import__ = ported_import


def _ignore_texts() -> None:
    """Have unittest and absl ask for the type of an error only."""

    def raises(self: unittest.TestCase, kind: Any, _: object, *args: Any, **kwargs: Any) -> Any:
        return self.assertRaises(kind, *args, **kwargs)  # noqa: PT027 - unittest's own tests

    def warns(self: unittest.TestCase, kind: Any, _: object, *args: Any, **kwargs: Any) -> Any:
        return self.assertWarns(kind, *args, **kwargs)

    from absl.testing import absltest  # noqa: PLC0415 - as above

    for case in (unittest.TestCase, absltest.TestCase):
        case.assertRaisesRegex = raises
        case.assertRaisesWithLiteralMatch = raises
        case.assertWarnsRegex = warns


class _Result(unittest.TestResult):
    """Keeps how each test went: None, or why it failed."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: dict[str, str | None] = {}

    def _fail(self, test: unittest.TestCase, error: Any) -> None:
        kind, value, _ = error
        text = " ".join(str(value).split())
        self.reasons[_name(test)] = f"{kind.__name__}: {text[:160]}"

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._fail(test, err)

    addFailure = addError  # noqa: N815 - unittest's name

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self._fail(test, err)

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        self.reasons.setdefault(_name(test), None)


def _name(test: Any) -> str:
    return f"{type(test).__name__}.{test._testMethodName}"


def run_file(name: str, tools: bool) -> dict[str, str | None]:
    """Return how the tests of one file went; none of them if it cannot be imported."""
    _install(tools)
    _ignore_texts()
    full = f"ported._src.{name}_test"
    try:
        module = importlib.import_module(full)
    except Exception as error:
        return {"(import)": f"{type(error).__name__}: {error}"}
    from absl import flags  # noqa: PLC0415 - as above

    if not flags.FLAGS.is_parsed():
        flags.FLAGS([sys.argv[0]])
    result = _Result()
    unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
    return result.reasons


def _in_process(name: str, tools: bool) -> dict[str, str | None]:
    command = [sys.executable, __file__, "--run", name, *(["--tools"] if tools else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"(process)": done.stderr.strip().rpartition("\n")[2] or "it has ended"}
    return json.loads(done.stdout.rpartition("\n--\n")[2])


class Tally:
    """How many tests of some files ran and passed; failed, by the kind of reason; surprised."""

    def __init__(self) -> None:
        self.ran = self.passed = self.surprises = 0
        self.failed: Counter[str] = Counter()


def compare(names: Sequence[str], tools: bool, known: dict[str, dict[str, str]]) -> Tally:
    """Run files, and print how they went."""
    tally = Tally()
    for name in names:
        reasons = _in_process(name, tools)
        failed = {test: reason for test, reason in reasons.items() if reason is not None}
        print(f"{name}: {len(reasons) - len(failed)} of {len(reasons)}")
        for test, reason in failed.items():
            kind, why = _known(f"{name}:{test}", known)
            tally.surprises += not kind
            tally.failed[kind] += 1
            print(f"  {test}: {why}\n      {reason}")
        tally.ran += len(reasons)
        tally.passed += len(reasons) - len(failed)
    return tally


def _known(test: str, known: dict[str, dict[str, str]]) -> tuple[str, str]:
    for kind, tests in known.items():
        for pattern, why in tests.items():
            if fnmatch.fnmatchcase(test, pattern):
                return kind, f"{kind}: {why}"
    return "", "NOT EXPECTED"


def environment(version: str, python: Path) -> Path:
    """Return the interpreter of the environment of a version, which is made if need be."""
    folder = ROOT / ".venvs" / f"suites-{version}"
    inside = folder / "bin" / "python"
    if not inside.exists():
        print(f"making the environment in {folder.relative_to(ROOT)}", flush=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
    install = [inside, "-m", "pip", "install", "--quiet", "--editable", ROOT, *REQUIREMENTS]
    subprocess.run(install, check=True)
    return inside


def every_python() -> int:
    """Run this script on every version that is there; return 1 if it fails on one, or none is."""
    sys.path.insert(0, str(ROOT / "tests"))
    import every_version  # noqa: PLC0415 - it is there only now

    failed: list[str] = []
    wanted = os.environ.get("PYTHON_VERSIONS", "3.11 3.12 3.13").split()
    found = [(version, python) for version in wanted if (python := every_version.find(version))]
    for version, (python, _) in found:
        print(f"\n=== Python {version} ===", flush=True)
        if subprocess.run(
            [environment(version, python), __file__, "--here"], check=False
        ).returncode:
            failed.append(version)
    print(f"\nnot as expected on: {', '.join(failed) or 'none'}")
    return 1 if failed or not found else 0


def main() -> int:
    """Run all files, or with ``--run`` one of them; without arguments, on every Python."""
    if len(sys.argv) == 1:
        return every_python()
    if "--run" in sys.argv:
        name, tools = sys.argv[sys.argv.index("--run") + 1], "--tools" in sys.argv
        del sys.argv[1:]
        print("\n--\n" + json.dumps(run_file(name, tools)))
        return 0
    known = tomllib.loads((HERE / "suite_differences.toml").read_text("utf-8"))
    of_tools = {"tools": known.pop("tools")}
    chosen = [name for name in sys.argv[1:] if name != "--here"]
    same = compare([name for name in SAME_API if not chosen or name in chosen], False, known)
    tools = compare([name for name in TOOLS if not chosen or name in chosen], True, of_tools)
    asked = same.ran - same.failed["other_api"] - same.failed["text"]
    compared = asked - same.failed["refusal"]
    share = same.passed / compared if compared else 1.0
    print(
        f"\n{same.ran} tests of what both libraries have; {same.failed['other_api']} of them ask"
        f" for names that only Fiddle has, and {same.failed['text']} for its texts"
    )
    print(f"same API: {same.passed} of {compared} tests pass ({share:.1%})")
    print(
        f"  and with {same.failed['refusal']} that ask for a refusal of what bytefig does:"
        f" {same.passed} of {asked} ({same.passed / asked if asked else 1.0:.1%})"
    )
    print(f"Fiddle's tools on bytefig's nodes: {tools.passed} of {tools.ran} tests pass")
    return 0 if share >= ENOUGH and not same.surprises and not tools.surprises else 1


if __name__ == "__main__":
    sys.exit(main())
