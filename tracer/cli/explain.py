"""``bytefig explain``: what capture would do with each call of a function."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .. import explaining
from .screen import output, write
from .targets import TARGET_HELP, resolve_target


def explain(
    target: Annotated[str, typer.Argument(metavar="MODULE:FN", help=TARGET_HELP)],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Say what capture would do with each call of a function, and why.

    The function is read, not run.
    """
    explanation = explaining.explain(resolve_target(target).callable)
    if as_json:
        found = {
            "function": explanation.function,
            "filename": explanation.filename,
            "calls": explanation.to_data(),
        }
        write(json.dumps(found, indent=2), "json")
    elif output().is_terminal:
        output().print(explanation)
    else:
        write(str(explanation), "text")
