"""``bytefig profile``: where the time of a capture goes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from .. import profiling
from ..auto_config import capturable
from .exit_codes import BadUsageError, user_code
from .graphs import about, scope_of
from .options import ALLOW_IMPORT, JSON, TAKES_WORDS, WORDS, file_option
from .output_files import refuse_source, save
from .plan import Plan, find_target, is_called
from .run import build_arguments
from .screen import say, step, write_report
from .show import show_graph
from .target_arguments import CallArguments
from .targets import Target
from .words import sort_words


@click.command(context_settings=TAKES_WORDS)
@WORDS
@click.option(
    "--native/--no-native",
    help="Call the function itself, too, which builds the objects, to compare.",
)
@JSON
@file_option("--speedscope", help="Write a file for https://www.speedscope.app.")
@file_option("--collapsed", help="Write stacks for flame graph scripts.")
@ALLOW_IMPORT
def profile(
    words: tuple[str, ...],
    native: bool,
    as_json: bool,
    speedscope: Path | None,
    collapsed: Path | None,
    allow_import: tuple[str, ...],
) -> None:
    """Say where the time of capturing a function goes.

    By opcode, by call site, and by how code was run; with what profiling itself takes.

    --name=value gives a parameter of FN a value, as in bytefig run; configs among them are built.
    An autoconvert function or a script is not captured, and not run: its graph is shown.
    MODULE is imported, and so run.
    """
    rest = [*words]
    found = find_target(rest)
    for file in (speedscope, collapsed):
        refuse_source(file, [found.module])
    if is_called(found.callable):
        if native or as_json or speedscope or collapsed:
            raise BadUsageError(
                f"{found} takes configs and is not captured, so that there is nothing to profile",
                "name the function that makes its configs",
            )
        say(f"{found} takes configs and is not captured: this is its graph")
        rest = [str(found), *rest]
        show_graph(Plan.of(rest, allow_import, captures=True).graph(rest))
        return
    with about(found):
        builder = capturable(found.callable, deferred=True)
    args, kwargs = _arguments(found, rest, allow_import)
    with step(f"profiling {found.name}"), user_code():
        made = profiling.profile(builder, *args, **kwargs)
    if native:
        with step(f"calling {found.name}"), user_code():
            made = made.with_native()
    if speedscope is not None:
        save(speedscope, json.dumps(made.to_speedscope()))
    if collapsed is not None:
        save(collapsed, made.to_collapsed())
    write_report(made, made.to_data() if as_json else None)


def _arguments(
    target: Target, words: list[str], allow: Sequence[str]
) -> tuple[Sequence[object], Mapping[str, object]]:
    found = sort_words(words, target.callable)
    if found.overrides:
        label = found.overrides[0].label
        raise BadUsageError(
            f"profile changes no graph, and so takes no {label}=...",
            f"write --{label}=... for a parameter",
        )
    given = CallArguments.of(target.callable, found.arguments, scope_of(target, allow))
    return build_arguments([*given.positional], {**given.named})
