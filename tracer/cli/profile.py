"""``bytefig profile``: where the time of a capture goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .. import profiling
from ..auto_config import capturable
from .failing import user_code
from .graphs import about, check_arguments
from .screen import output, save, step, write
from .targets import TARGET_HELP, resolve_target


def profile(
    target: Annotated[str, typer.Argument(metavar="MODULE:FN", help=TARGET_HELP)],
    native: Annotated[
        bool,
        typer.Option(
            "--native/--no-native",
            help="Call the function itself, too, which builds the objects, to compare.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    speedscope: Annotated[
        Path | None,
        typer.Option(
            "--speedscope", metavar="FILE", help="Write a file for https://www.speedscope.app."
        ),
    ] = None,
    collapsed: Annotated[
        Path | None,
        typer.Option("--collapsed", metavar="FILE", help="Write stacks for flame graph scripts."),
    ] = None,
) -> None:
    """Say where the time of capturing a function goes.

    By opcode, by call site, and by how code was run; with what profiling itself takes.
    """
    found = resolve_target(target)
    check_arguments(found, {})
    with about(found):
        capturable(found.callable)
    with step(f"profiling {found.name}"), user_code():
        made = profiling.profile(found.callable)
    if native:
        with step(f"calling {found.name}"), user_code():
            made = made.with_native()
    if speedscope is not None:
        save(speedscope, json.dumps(made.to_speedscope()))
    if collapsed is not None:
        save(collapsed, made.to_collapsed())
    if as_json:
        write(json.dumps(made.to_data(), indent=2), "json")
    elif output().is_terminal:
        output().print(made)
    else:
        write(str(made), "text")
