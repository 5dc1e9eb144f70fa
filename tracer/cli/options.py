"""Arguments and options that several commands have."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def _show_completion(ctx: click.Context, _: object, shell: str | None) -> None:
    """Print the code that a shell has to run, if one is named, and end."""
    if shell is not None and not ctx.resilient_parsing:
        from .shells import script_for  # noqa: PLC0415 - rarely needed

        name = "bytefig" if ctx.parent is None else Path(sys.argv[0]).name
        click.echo(script_for(shell, name), nl=False)
        ctx.exit()


#: What a shell runs to complete words after bytefig, or a script of its own.
SHOW_COMPLETION: Final = click.option(
    "--show-completion",
    type=click.Choice(["bash", "zsh", "fish"]),
    is_eager=True,
    expose_value=False,
    callback=_show_completion,
    help="Print what the shell has to run, so that it completes words.",
)

#: For commands that leave what click does not know to the sorter of words.
TAKES_WORDS: Final = {"ignore_unknown_options": True}

#: The words of a command: a target, ``--name=value`` and ``path=value``.
WORDS: Final = click.argument(
    "words",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="MODULE:FN [NAME=VALUE | PATH=VALUE]...",
)

#: The target alone. MODULE, a module or a .py or .pyc file, is imported, and so run.
TARGET: Final = click.argument("target", metavar="MODULE:FN")

#: Lets values and files name what is in other modules.
ALLOW_IMPORT: Final = click.option(
    "--allow-import",
    metavar="MODULE",
    multiple=True,
    help="Let values and files name what is in a module; 'package.*' for all of a package,"
    " MODULE:NAME for one function, class or method.",
)


def file_option(*names: str, help: str) -> Callable[[F], F]:
    """Return an option that takes the name of a file to write or read."""
    return click.option(*names, metavar="FILE", type=click.Path(path_type=Path), help=help)


JSON: Final = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
