"""Build the site, and check its names, its links, and that it needs nothing from elsewhere."""

from __future__ import annotations

import functools
import html.parser
import importlib
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import bytefig.configs
import bytefig.tracer

pytest.importorskip("material", reason="the site is built by mkdocs-material")
pytestmark = pytest.mark.needs_subprocess

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide"
#: Pages that are read on the forge or in an editor, not on the site.
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/examples/**/*.md")})
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Strictly: a page that the navigation leaves out and a link to nothing are errors."""
    folder = tmp_path_factory.mktemp("site")
    words = ["build", "--quiet", "--strict", f"--config-file={ROOT / 'docs' / 'mkdocs.yml'}"]
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs", *words, f"--site-dir={folder}"],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


class Page(html.parser.HTMLParser):
    """The anchors of a page, and the addresses of what it loads."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors.add(found.get("id", ""))
        if tag not in ("a", "form"):
            self.loaded += [found[name] for name in ("src", "href", "srcset") if name in found]


read = functools.cache(Page)


def public_modules() -> Iterator[ModuleType]:
    """Yield the modules that have public names and that their dotted name leads to."""
    for package in (bytefig.configs, bytefig.tracer):
        yield package
        for found in pkgutil.iter_modules(package.__path__):
            if found.name in ("__main__", "for_tracer"):
                continue
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            reached = getattr(package, found.name) is module
            if reached and hasattr(module, "__all__"):
                yield module


@pytest.mark.parametrize("module", [*public_modules()], ids=lambda module: module.__name__)
def test_the_reference_has_every_public_name(site: Path, module: ModuleType) -> None:
    folder, name = site / "reference" / "api", module.__name__
    anchors = read(folder / f"{name.removeprefix('bytefig.')}.html").anchors
    own = {anchor.removeprefix(f"{name}.") for anchor in anchors if anchor.startswith(f"{name}.")}
    shown = {anchor for anchor in own if anchor.isidentifier()}
    modules = {public for public in module.__all__ if inspect.ismodule(getattr(module, public))}
    assert shown | modules == {*module.__all__}
    for inside in modules:
        found = getattr(module, inside).__name__.removeprefix("bytefig.")
        assert (folder / f"{found}.html").exists()


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for file in site.rglob("*.html"):
        assert [url for url in read(file).loaded if re.match(r"(\w+:)?//", url)] == [], file
    for file in site.rglob("*.css"):
        text = file.read_text(encoding="utf-8")
        assert re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)\"']*", text) == [], file


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_pages_outside_the_site(site: Path, page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {path}"
        if anchor and target.is_relative_to(GUIDE):
            built = site / target.relative_to(GUIDE).with_suffix(".html")
            assert anchor in read(built).anchors, f"{page.name} links to {path}#{anchor}"


def test_the_plot_shows_the_figures_of_the_last_run() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import speed_plot
    finally:
        sys.path.remove(str(ROOT / "docs"))
    figures = json.loads((ROOT / "benchmarks/results/peers-3.11.json").read_text(encoding="utf-8"))
    drawn = (GUIDE / "assets" / "speed.svg").read_text(encoding="utf-8")
    assert speed_plot.svg(figures) == drawn


def test_pictures_are_small() -> None:
    pictures = [*(GUIDE / "assets" / "pictures").glob("*.webp")]
    assert pictures
    assert [file.name for file in pictures if file.stat().st_size > 150_000] == []
