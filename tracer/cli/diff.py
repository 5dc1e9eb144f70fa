"""``bytefig diff``: how the graphs of two functions or files differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ...configs import to_html
from ...configs.diffing import build_diff, diff_to_data
from .graphs import graph_of
from .saved import is_saved, load_saved
from .screen import save, step, write
from .targets import resolve_target

_HELP = "MODULE:FN, or a file that `show -o` wrote (.json, .yaml, .py)."


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help=_HELP)],
    new: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a page that shows B, with the changes."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the changes as JSON.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if A and B differ, as git does.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-import",
            metavar="MODULE",
            help="A module that the files may import; `models.*` for a package and all in it.",
        ),
    ] = None,
) -> None:
    """Show what changes turn the graph of A into that of B.

    Nothing is printed if there are none.
    """
    before, after = (_graph(name, allow or []) for name in (old, new))
    with step("comparing"):
        changes = build_diff(before, after)
    if html is not None:
        with step("drawing"):
            page = to_html(after, diff=before, title=f"{old} → {new}")
        save(html, page)
    if as_json:
        write(json.dumps(diff_to_data(changes, encode=repr), indent=2), "json")
    elif changes and html is None:
        write(changes.unified(old, new), "diff")
    if exit_code and changes:
        raise typer.Exit(1)


def _graph(name: str, allow: list[str]) -> Any:
    return load_saved(name, allow) if is_saved(name) else graph_of(resolve_target(name))
