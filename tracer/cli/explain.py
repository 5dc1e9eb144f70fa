"""``bytefig explain``: the fate of each call of a function in a capture."""

from __future__ import annotations

import click

from .. import explanation as explaining
from .graphs import about
from .options import JSON, TARGET
from .plan import find_target
from .screen import write_report


@click.command
@TARGET
@JSON
def explain(target: str, as_json: bool) -> None:
    """Say how capture would treat each call of a function, and why.

    The function is read, not run; its module is imported, and so run.
    """
    found = find_target([target])
    with about(found):
        explanation = explaining.explain(found.callable)
    data = {
        "function": explanation.function,
        "filename": explanation.filename,
        "tier": explanation.tier,
        "calls": explanation.to_data(),
        "uses": [use.to_data() for use in explanation.uses],
    }
    write_report(explanation, data if as_json else None)
