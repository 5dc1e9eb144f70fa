"""``bytefig show``: the graph of a function, in any form."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from ... import configs
from ...configs import printing
from .options import ALLOW_IMPORT, TAKES_WORDS, WORDS
from .plan import Plan
from .screen import output, step, write
from .writing import refuse_source, save


class Format(enum.StrEnum):
    """How a graph is written."""

    tree = "tree"
    json = "json"
    yaml = "yaml"
    python = "python"
    html = "html"
    svg = "svg"


#: By the suffix of the file that is written, if no format is named.
FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        ".json": Format.json,
        ".yaml": Format.yaml,
        ".yml": Format.yaml,
        ".py": Format.python,
        ".html": Format.html,
        ".svg": Format.svg,
    }
)


@click.command(context_settings=TAKES_WORDS)
@WORDS
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice([each.value for each in Format]),
    help="How to write the graph; by default as the suffix of FILE says, else as a tree.",
)
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write to a file.",
)
@click.option("--defaults", is_flag=True, help="Show unset arguments that have defaults, too.")
@ALLOW_IMPORT
def show(
    words: tuple[str, ...],
    form: str | None,
    file: Path | None,
    defaults: bool,
    allow_import: tuple[str, ...],
) -> None:
    """Show the graph of what a function builds.

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
    graph: Any, form: Format = Format.tree, file: Path | None = None, *, defaults: bool = False
) -> None:
    """Write a graph to standard output or to a file.

    Raises:
        BadUsageError: The file cannot be written.
        ConfigError: The graph cannot be written in that form.
    """
    if form is Format.tree and file is None and output().is_terminal:
        output().print(_as_tree(graph, defaults))
        return
    with step(f"writing {form}"):
        text = _tree(graph, defaults) if form is Format.tree else _WRITERS[form](graph)
    if file is None:
        write(text, form)
        return
    save(file, text)


def _as_tree(graph: Any, defaults: bool) -> Any:
    return printing.as_tree(graph, include_unset=True, include_defaults=defaults)


def _yaml(graph: Any) -> str:
    from ..values.files import readable_yaml  # noqa: PLC0415 - rarely needed

    return readable_yaml(graph)


def _tree(graph: Any, defaults: bool) -> str:
    from rich.console import Console  # noqa: PLC0415 - rarely needed

    # As long as the lines are: they are for a file or another program.
    console = Console(width=1 << 20, color_system=None)
    with console.capture() as captured:
        console.print(_as_tree(graph, defaults), soft_wrap=True)
    return captured.get()


_WRITERS: Final[Mapping[Format, Callable[[Any], str]]] = MappingProxyType(
    {
        Format.json: configs.dump_json,
        Format.yaml: _yaml,
        Format.python: configs.to_source,
        Format.html: configs.to_html,
        Format.svg: configs.to_svg,
    }
)
