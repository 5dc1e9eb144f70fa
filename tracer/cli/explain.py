"""``bytefig explain``: what capture would do with each call of a function."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .. import explanation as explaining
from .completing import TARGET
from .graphs import about
from .plan import find_target
from .screen import output, write


def explain(
    target: TARGET,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Say what capture would do with each call of a function, and why.

    The function is read, not run.
    """
    found = find_target(target)
    with about(found):
        explanation = explaining.explain(found.callable)
    if as_json:
        data = {
            "function": explanation.function,
            "filename": explanation.filename,
            "tier": explanation.tier,
            "calls": explanation.to_data(),
        }
        write(json.dumps(data, indent=2), "json")
    elif output().is_terminal:
        output().print(explanation)
    else:
        write(str(explanation), "text")
