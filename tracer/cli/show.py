"""``bytefig show``: the graph of a function, in any form."""

from __future__ import annotations

import enum
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from ... import configs
from ...configs import printing
from ..values.files import readable_yaml
from .options import ALLOW_IMPORT, TAKES_WORDS, WORDS, file_option
from .output_files import refuse_source, save
from .plan import Plan
from .screen import is_terminal, output, step, write_text


class Format(enum.StrEnum):
    """How a graph is written."""

    tree = "tree"
    json = "json"
    yaml = "yaml"
    python = "python"
    html = "html"
    svg = "svg"


#: By the suffix of the file that is written, if no format is named.
FORMATS: Final[Mapping[str, Format]] = {
    ".json": Format.json,
    ".yaml": Format.yaml,
    ".yml": Format.yaml,
    ".py": Format.python,
    ".html": Format.html,
    ".svg": Format.svg,
}
#: By the format, the name of its writer in `bytefig.configs`, which imports it when asked.
_WRITERS: Final[Mapping[Format, str]] = {
    Format.json: "dump_json",
    Format.python: "to_source",
    Format.html: "to_html",
    Format.svg: "to_svg",
}


@click.command(context_settings=TAKES_WORDS)
@WORDS
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice([each.value for each in Format]),
    help="How to write the graph; by default as the suffix of FILE says, else as a tree.",
)
@file_option("-o", "--output", "file", help="Write to a file.")
@click.option("--defaults", is_flag=True, help="Show unset arguments that have defaults, too.")
@ALLOW_IMPORT
def show(
    words: tuple[str, ...],
    form: str | None,
    file: Path | None,
    defaults: bool,
    allow_import: tuple[str, ...],
) -> None:
    """Show the graph that a function builds.

    The function is captured, not called: nothing is built. One that makes configs itself is
    called. A class is shown as one config, and so is the call of an autoconvert function or a
    script: as bytefig run --dry-run shows it. In place of MODULE:FN, a file with a graph may be
    given, or MODULE alone, for its script.

    --name=value gives a parameter of FN a value, and path=value changes the graph, as in bytefig
    run. MODULE is imported, and so run.
    """
    wanted = Format(form) if form else FORMATS.get(file.suffix if file else "", Format.tree)
    rest = [*words]
    plan = Plan.of(rest, allow_import, captures=True)
    refuse_source(file, [] if plan.target is None else [plan.target.module])
    show_graph(plan.graph(rest), wanted, file, defaults=defaults)


def show_graph(
    graph: object, form: Format = Format.tree, file: Path | None = None, *, defaults: bool = False
) -> None:
    """Write a graph to standard output or to a file."""
    if form is Format.tree and file is None and is_terminal(sys.stdout):
        output().print(printing.as_tree(graph, include_unset=True, include_defaults=defaults))
        return
    with step(f"writing {form}"):
        if form is Format.tree:
            text = _tree(graph, defaults, file)
        elif form is Format.yaml:
            text = readable_yaml(graph)
        else:
            text = getattr(configs, _WRITERS[form])(graph)
    if file is None:
        write_text(text, form)
    else:
        save(file, text)


def _tree(graph: object, defaults: bool, file: Path | None) -> str:
    encoding = "utf-8" if file is not None else getattr(sys.stdout, "encoding", None) or "utf-8"
    text = printing.as_tree_text(
        graph,
        include_unset=True,
        include_defaults=defaults,
        ascii_lines=not encoding.lower().startswith("utf"),
    )
    return f"{text}\n"
