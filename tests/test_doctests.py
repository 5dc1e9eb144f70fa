"""Run every example in the documentation and in the docstrings of both packages.

In a page, a fence with a title is a file, one of ``console`` is commands with their output, and one
with prompts is a session; they share a folder and are run in their order.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import io
import os
import pkgutil
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import bytefig.configs
import bytefig.tracer

ROOT = Path(__file__).parents[1]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
EXAMPLES = ROOT / "docs" / "examples"
FENCE = re.compile(r"^( *)```(\w*)(?: +title=\"(.*?)\")?.*\n((?:.*\n)*?)\1```$", re.MULTILINE)
#: Of the front matter of a page: libraries that its examples need and that CI may not have.
REQUIRES = re.compile(r"\A---\n(?:.*\n)*?requires: (.*)\n")
PROMPT = re.compile(r"^ *>>> ", re.MULTILINE)
OPTIONS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL


def module_names() -> Iterator[str]:
    for package in (bytefig.configs, bytefig.tracer):
        yield package.__name__
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name


def run(test: doctest.DocTest) -> None:
    output = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    if runner.run(test, out=output.write, clear_globs=False).failed:
        pytest.fail(output.getvalue(), pytrace=False)


@pytest.mark.parametrize("name", [*module_names()])
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        run(test)


def run_commands(text: str, folder: Path) -> None:
    """Run the commands of a transcript, and compare what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        end = next(i for i, line in enumerate(lines) if not line.endswith("\\\n")) + 1
        command, expected = "".join(lines[:end]), "".join(lines[end:])
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if not doctest.OutputChecker().check_output(expected, done.stdout, OPTIONS):
            pytest.fail(f"$ {command}expected:\n{expected}got:\n{done.stdout}", pytrace=False)


def parameters() -> Iterator[object]:
    for page in PAGES:
        marks = [pytest.mark.needs_subprocess] if has_commands(page) else []
        yield pytest.param(page, marks=marks, id=page.name)


def has_commands(page: Path) -> bool:
    """Tell whether a page has commands to run; those of an example of its own are run by that."""
    return "```console" in page.read_text(encoding="utf-8") and EXAMPLES not in page.parents


@pytest.fixture
def of_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder whose modules are forgotten after the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name, module in [*sys.modules.items()]:
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.parametrize("page", [*parameters()])
def test_page(page: Path, of_page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if found := REQUIRES.search(text):
        for library in found[1].split():
            pytest.importorskip(library)
    names: dict[str, object] = {}
    prompts = 0
    for block in FENCE.finditer(text):
        _, language, title, body = block.groups()
        if title:
            (of_page / title).parent.mkdir(parents=True, exist_ok=True)
            (of_page / title).write_text(body, encoding="utf-8")
        elif language == "console" and has_commands(page):
            run_commands(body, of_page)
        else:
            line = text.count("\n", 0, block.start(4))
            test = doctest.DocTestParser().get_doctest(body, {}, page.name, str(page), line)
            test.globs = names  # blocks share them
            run(test)
            prompts += len(PROMPT.findall(body))
    assert prompts == len(PROMPT.findall(text)), "an example stands outside of the fences"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_without_prompts_are_python(page: Path) -> None:
    for _, language, _, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python" and ">>>" not in body:
            ast.parse(textwrap.dedent(body))
