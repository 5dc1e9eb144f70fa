"""``bytefig run``: call a function, with the graph of its arguments made and changed before."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click

from ...configs import Config, Partial, cast, contains_buildable, dump_yaml
from ..auto_config import is_auto_config
from ..autoconvert import takes_configs
from ..engine.values import type_of
from ..sweep import processes
from .exit_codes import BadUsageError, user_code
from .graphs import scope_of
from .options import ALLOW_IMPORT, SHOW_COMPLETION, TAKES_WORDS, WORDS, file_option
from .output_files import refuse_source
from .output_files import save as write_file
from .plan import Plan
from .saved import STANDARD, say_what_to_allow
from .screen import step, tell
from .show import FORMATS, Format, show_graph
from .target_arguments import call_arguments, check_values
from .users import build_for_user


@click.command(context_settings=TAKES_WORDS, add_help_option=False)
@WORDS
@click.option(
    "--config",
    metavar="FILE",
    multiple=True,
    help="Start from a graph or values in a .json, .yaml or .toml file, or from a .py file, which"
    " is run; - reads JSON from the input. May be given several times.",
)
@click.option(
    "--save", metavar="FILE", help="Write the graph to a .json, .yaml or .py file; - prints JSON."
)
@file_option(
    "--result",
    "result_file",
    help="Write what the function returns: as JSON, and as a pickle where JSON cannot say it.",
)
@ALLOW_IMPORT
@SHOW_COMPLETION
@click.option("--dry-run", is_flag=True, help="Print the graph, and run nothing.")
@click.option(
    *("--help", "-h", "want_help"),
    is_flag=True,
    help="Show this, the parameters of FN, and the graph.",
)
@click.pass_context
def run(
    ctx: click.Context,
    words: tuple[str, ...],
    config: tuple[str, ...],
    save: str | None,
    result_file: Path | None,
    allow_import: tuple[str, ...],
    dry_run: bool,
    want_help: bool,
) -> None:
    """Call a function by the command line.

    --name=value gives a parameter of FN a value, and path=value sets something in the graph of the
    arguments: model.hidden_size=1024, layers[0].units=3. Values are written as in Python; what
    looks like a call, MyModel(hidden_size=512), becomes a config, which is built when FN is called.
    MODULE, a module or a .py or .pyc file, is imported, and so run.
    """
    if result_file is not None:
        processes.end_with_parent()
    if want_help and not words and not config:
        click.echo(ctx.get_help())
        return
    rest = [*words]
    plan = Plan.of(rest, allow_import, captures=False)
    if save is not None and plan.target is not None:
        refuse_source(Path(save), [plan.target.module])
    graph = plan.graph(rest, config)
    if plan.target is None and not contains_buildable(graph):
        raise BadUsageError("there is no config in the file", "name the function to call")
    if want_help:
        from .help_text import show_help  # noqa: PLC0415 - rarely needed

        program = ctx.obj or f"{ctx.command_path} {plan.target or ''}".rstrip()
        show_help(ctx, plan, graph, program)
        return
    check_values(cast(Config, graph) if type_of(graph) is Partial else graph)
    if save is not None:
        _save(graph, save, plan)
    if dry_run:
        if save != STANDARD:  # what reads that would stumble over a tree
            show_graph(graph)
        return
    if result_file is not None:
        processes.trial_begins()
    result = _call(graph)
    if result_file is not None:
        from ..sweep.returned import Returned  # noqa: PLC0415 - rarely needed

        write_file(result_file, Returned.of(result).to_json())
    if result is not None:
        tell(repr(result))


def _collected(*args: object, **kwargs: object) -> tuple[tuple[object, ...], dict[str, object]]:
    return args, kwargs


def build_arguments(
    args: list[object], kwargs: dict[str, object]
) -> tuple[list[object], dict[str, object]]:
    """Return arguments with the nodes in them built."""
    node = Config(_collected, *args, **kwargs)
    with step("building the arguments"), user_code():
        return build_for_user(node)


def _save(graph: object, name: str, plan: Plan) -> None:
    form = Format.json if name == STANDARD else FORMATS.get(Path(name).suffix)
    if form is None:
        raise BadUsageError(
            f"cannot tell from {name} how to write it", "end the name in .json, .yaml or .py"
        )
    if form is Format.yaml:  # not the nested form: this one is for machines
        write_file(Path(name), dump_yaml(graph))
    else:
        show_graph(graph, form, None if name == STANDARD else Path(name))
    if form in (Format.json, Format.yaml):
        say_what_to_allow(graph, scope_of(plan.target, ()).allowed, str(plan.target or ""))


def _call(graph: Any) -> object:
    """Build the nodes in a graph, and call the function at its root, also if it is a Partial."""
    fn: Any = graph.__fn_or_cls__ if type_of(graph) in (Config, Partial) else None
    if fn is None or is_auto_config(fn):
        with step("building"), user_code():
            return build_for_user(graph) if contains_buildable(graph) else graph
    args, kwargs = call_arguments(graph)
    if type_of(graph) is Partial and not takes_configs(fn):
        with step("building the arguments"), user_code():
            fn, args, kwargs = build_for_user(graph), [], {}
    elif graph.__effects__ and not takes_configs(fn):  # some come before the call, others after
        fn, args, kwargs = build_for_user, [graph], {}
    elif not takes_configs(fn):
        args, kwargs = build_arguments(args, kwargs)
    with user_code():
        result = fn(*args, **kwargs)
        if not inspect.iscoroutine(result):
            return result
        import asyncio  # noqa: PLC0415 - rarely needed

        return asyncio.run(result)
