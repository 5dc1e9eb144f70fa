"""``bytefig diff``: how the graphs of two functions or files differ."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click

from ...configs import to_html
from ...configs.diffing import build_diff, diff_to_data
from ...configs.for_tracer import names_of, plain_repr
from ..values.files import SUFFIXES
from .exit_codes import BadUsageError
from .options import ALLOW_IMPORT, file_option
from .output_files import refuse_source, save
from .plan import Plan, is_about_argument
from .screen import step, write_text
from .targets import resolve_module


@click.command
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@file_option("--html", help="Write a page that shows B, with the changes.")
@click.option("--json", "as_json", is_flag=True, help="Write the changes as JSON.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if A and B differ, as git does.")
@ALLOW_IMPORT
def diff(
    old: str,
    new: str,
    html: Path | None,
    as_json: bool,
    exit_code: bool,
    allow_import: tuple[str, ...],
) -> None:
    """Show the changes that turn the graph of A into the graph of B.

    Nothing is printed if there are none. A and B are MODULE:FN, in quotes with arguments if need
    be: 'train:build width=8'; or files that show -o wrote (.json, .yaml, or .py, which is run).
    Modules are imported, and so run.
    """
    homes = list(_homes(old, new))
    refuse_source(html, homes)
    # What values may name, files may.
    allow, named = [*allow_import], [value for home in homes for value in names_of(home)]
    before, after = (_graph(name, allow, named) for name in (old, new))
    with step("comparing"):
        changes = build_diff(before, after)
    if html is not None:
        with step("drawing"):
            page = to_html(after, diff=before, title=f"{old} → {new}")
        save(html, page)
    if as_json:
        write_text(json.dumps(diff_to_data(changes, encode=plain_repr), indent=2), "json")
    elif changes and html is None:
        write_text(changes.unified(old, new), "diff")
    if exit_code and changes:
        raise click.exceptions.Exit(1)


def _homes(*texts: str) -> Iterator[ModuleType]:
    """Yield the modules of targets."""
    for text in texts:
        word = (shlex.split(text) or [""])[0]
        place = word.rpartition(":")[0] or word
        if place and not is_about_argument(place) and not place.endswith(SUFFIXES):
            yield resolve_module(place)


def _graph(text: str, allow: list[str], named: list[object]) -> object:
    words = shlex.split(text)
    if not words or is_about_argument(words[0]):
        raise BadUsageError(f"{text!r} does not name a function or a file", "name one first")
    return Plan.of(words, allow, captures=True, also=named).graph(words)
