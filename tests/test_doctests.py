"""Run every example in the documentation and in the docstrings of both packages."""

from __future__ import annotations

import ast
import doctest
import importlib
import io
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bytefig.configs
import bytefig.tracer

ROOT = Path(__file__).parents[1]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
FENCE = re.compile(r"^ *```.*$", re.MULTILINE)
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def module_names() -> Iterator[str]:
    for package in (bytefig.configs, bytefig.tracer):
        yield package.__name__
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name


def run(test: doctest.DocTest) -> None:
    output = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    if runner.run(test, out=output.write).failed:
        pytest.fail(output.getvalue(), pytrace=False)


@pytest.mark.parametrize("name", [*module_names()])
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        run(test)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page: Path) -> None:
    # Blank lines for the fences keep line numbers right; a fence would pass for expected output.
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    run(doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_without_prompts_are_python(page: Path) -> None:
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if ">>>" not in block[2]:
            ast.parse(block[2])
