"""``bytefig profile``: where the time of a capture goes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import profiling
from ..auto_config import capturable
from .arguments import Arguments
from .completing import TARGET
from .failing import BadUsageError, user_code
from .graphs import about, scope_of
from .plan import Plan, find_target, is_called
from .run import build_arguments
from .screen import errors, output, step, write
from .show import show_graph
from .targets import ALLOW_IMPORT, Target
from .words import sort_words
from .writing import refuse_source, save


def profile(
    ctx: typer.Context,
    target: TARGET,
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
    allow_import: ALLOW_IMPORT = None,
) -> None:
    """Say where the time of capturing a function goes.

    By opcode, by call site, and by how code was run; with what profiling itself takes.

    --name=value gives a parameter of FN a value, as in bytefig run; configs among them are built.
    An autoconvert function or a script is not captured, and not run: its graph is shown.
    """
    found = find_target(target)
    for file in (speedscope, collapsed):
        refuse_source(file, [found.module])
    if is_called(found.callable):
        if native or as_json or speedscope or collapsed:
            raise BadUsageError(
                f"{found} takes configs and is not captured, so that there is nothing to profile",
                "name the function that makes its configs",
            )
        _show_instead(found, ctx.args, allow_import or [])
        return
    with about(found):
        builder = capturable(found.callable)
    args, kwargs = _arguments(found, ctx.args, allow_import or [])
    with step(f"profiling {found.name}"), user_code():
        made = profiling.profile(builder, *args, **kwargs)
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


def _show_instead(target: Target, words: list[str], allow: list[str]) -> None:
    """Show the graph of a function that a capture would only run."""
    errors().print(
        f"{target} takes configs and is not captured: this is its graph",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    words = [str(target), *words]
    show_graph(Plan.of(words, allow, captures=True).graph(words))


def _arguments(
    target: Target, words: list[str], allow: list[str]
) -> tuple[Sequence[Any], Mapping[str, Any]]:
    found = sort_words(words, target.callable)
    if found.overrides:
        label = found.overrides[0].label
        raise BadUsageError(
            f"profile changes no graph, and so takes no {label}=...",
            f"write --{label}=... for a parameter",
        )
    given = Arguments.of(target.callable, found.arguments, scope_of(target, allow))
    return build_arguments([*given.positional], {**given.named})
