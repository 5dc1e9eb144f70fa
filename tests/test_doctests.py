"""Run every example in the documentation and in the docstrings of both packages."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest

import bytefig.configs
import bytefig.tracer

ROOT = Path(__file__).parents[1]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
EXAMPLES = ROOT / "docs" / "examples"
#: Of the front matter of a page: libraries that its examples need and that CI may not have.
REQUIRES = re.compile(r"\A---\n(?:.*\n)*?requires: (.*)\n")


def module_names() -> Iterator[str]:
    for package in (bytefig.configs, bytefig.tracer):
        yield package.__name__
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name


@pytest.mark.parametrize("name", [*module_names()])
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        pages.run_session(test)


def has_commands(page: Path) -> bool:
    """Tell whether a page has commands to run; those of an example of its own are run by that."""
    return "```console" in page.read_text(encoding="utf-8") and EXAMPLES not in page.parents


def parameters() -> Iterator[object]:
    for page in PAGES:
        marks = [pytest.mark.needs_subprocess] if has_commands(page) else []
        yield pytest.param(page, marks=marks, id=page.name)


@pytest.mark.parametrize("page", [*parameters()])
def test_page(page: Path, tmp_path: Path) -> None:
    if found := REQUIRES.search(page.read_text(encoding="utf-8")):
        for library in found[1].split():
            pytest.importorskip(library)
    pages.run_page(page, tmp_path, commands=has_commands(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_without_prompts_are_python(page: Path) -> None:
    for _, language, _, body in pages.FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python" and ">>>" not in body:
            ast.parse(textwrap.dedent(body))
