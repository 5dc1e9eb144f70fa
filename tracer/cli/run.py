"""``bytefig run``: call a function, with the graph of its arguments made and changed before."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from ...configs import (
    BUILDABLE_TYPES,
    Config,
    contains_buildable,
    signature_of,
)
from ..auto_config import is_auto_config
from ..autoconvert import takes_configs
from ..engine.values import type_of
from ..scripts import script_of
from ..values import Scope, override
from .arguments import call_arguments, check_values, node_of_arguments
from .completing import complete_target
from .failing import BadUsageError, user_code
from .graphs import says_configs, scope_of
from .saved import STANDARD, is_saved, load_saved, say_what_to_allow
from .screen import output, step
from .show import FORMATS, Format, show_graph
from .targets import (
    ALLOW_IMPORT,
    TARGET_HELP,
    Target,
    resolve_module,
    resolve_target,
    search_working_folder,
)
from .users import build_for_user
from .words import Words, describe_parameters, sort_words, summary_of
from .writing import refuse_source


def run(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="MODULE:FN",
            help=TARGET_HELP,
            show_default=False,
            autocompletion=complete_target,
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Start from a graph in a .json or .yaml file, or in a .py file, which is run;"
            " - reads JSON from the input.",
        ),
    ] = None,
    save: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write the graph to a .json, .yaml or .py file; - prints JSON."
        ),
    ] = None,
    allow_import: ALLOW_IMPORT = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the graph, and run nothing.")
    ] = False,
    want_help: Annotated[
        bool, typer.Option("--help", help="Show this, the parameters of FN, and the graph.")
    ] = False,
) -> None:
    """Call a function by the command line.

    --name=value gives a parameter of FN a value, and path=value sets something in the graph of the
    arguments: model.hidden_size=1024, layers[0].units=3. Values are written as in Python; what
    looks like a call, MyModel(hidden_size=512), becomes a config, which is built when FN is called.
    """
    words = [word for word in (target, *ctx.args) if word is not None]
    place = words.pop(0) if words and not _is_word(words[0]) else None
    if place is None and config is None:
        if want_help:
            typer.echo(ctx.get_help())
            return
        raise BadUsageError(
            "there is nothing to run", "name a function, MODULE:FN, before everything else"
        )
    plan = _Plan.of(place, allow_import or [])
    if save is not None and plan.target is not None:
        refuse_source(Path(save), [plan.target.module])
    graph = plan.graph(words, config)
    if want_help:
        _show_help(ctx, plan, graph)
        return
    check_values(graph)
    if save is not None:
        _save(graph, save, plan)
    if dry_run:
        if save != STANDARD:  # what reads that would stumble over a tree
            show_graph(graph)
        return
    result = _call(graph)
    if result is not None:
        output().print(repr(result), markup=False, highlight=False, soft_wrap=True)


def _is_word(text: str) -> bool:
    """Tell whether a word is about an argument, and names no function."""
    return text.startswith("-") or "=" in text


@attrs.frozen
class _Plan:
    """What is to be run.

    Attributes:
        target: The function; None if a file has the graph of everything.
        scope: What the names in values stand for.
    """

    target: Target | None
    scope: Scope

    @classmethod
    def of(cls, place: str | None, allow: list[str]) -> _Plan:
        if place is None:
            search_working_folder()  # for what a file names
            return cls(None, scope_of(None, allow))
        with step(f"importing {place}"):
            if ":" not in place:
                place = f"{place}:{script_of(resolve_module(place))}"
            target = resolve_target(place)
        return cls(target, scope_of(target, allow))

    @property
    def fn(self) -> Any:
        """The function; None if there is none, or a graph in its place."""
        found = None if self.target is None else self.target.callable
        return None if type_of(found) in BUILDABLE_TYPES else found

    def graph(self, words: list[str], config: str | None) -> Any:
        """Return the graph with everything that was given."""
        found = sort_words(words, self.fn)
        loaded = None if config is None else self._loaded(config)
        if self.fn is None:
            graph = self._of_no_function(loaded)
        elif self._builds():
            graph = self._captured(loaded, found)
        else:
            graph = self._configured(loaded)
            return override(graph, (*found.arguments, *found.overrides), self.scope)
        return override(graph, found.overrides, self.scope)

    def _builds(self) -> bool:
        """Tell whether the function is one to capture, or says that it returns the graph."""
        return is_auto_config(self.fn) or (says_configs(self.fn) and not takes_configs(self.fn))

    def _of_no_function(self, loaded: Any) -> Any:
        if loaded is None:
            assert self.target is not None  # or there would be nothing to run
            return self.target.callable
        if self.target is not None:
            raise BadUsageError(f"{self.target} is a config already, and --config is another")
        if not contains_buildable(loaded):
            raise BadUsageError("there is no config in the file", "name the function to call")
        return loaded

    def _captured(self, loaded: Any, found: Words) -> Any:
        if loaded is None:
            arguments = override(node_of_arguments(self.fn), found.arguments, self.scope)
            check_values(arguments)
            args, kwargs = call_arguments(arguments)
            built = build_arguments(args, kwargs)
            with step(f"capturing {self.target}"), user_code():
                make = self.fn.as_buildable if is_auto_config(self.fn) else self.fn
                return make(*built[0], **built[1])
        if found.arguments:
            raise BadUsageError(
                f"--config has the graph of {self.target}, so that it is not called with"
                f" {found.arguments[0].label}",
                "set what is in the graph: path=value",
            )
        return loaded

    def _configured(self, loaded: Any) -> Any:
        if loaded is None:
            return node_of_arguments(self.fn)
        if type_of(loaded) is dict and all(type_of(key) is str for key in loaded):
            return node_of_arguments(self.fn, loaded)
        if type_of(loaded) is Config and loaded.__fn_or_cls__ is self.fn:
            return loaded
        raise BadUsageError(
            f"--config has {_what(loaded)}, not the arguments of {self.target}",
            "give a file that run --save wrote for the same function, or a dict of arguments",
        )

    def _loaded(self, name: str) -> Any:
        """Return the graph in a file.

        Raises:
            BadUsageError: It cannot be read.
        """
        if name != STANDARD and not is_saved(name):
            raise BadUsageError(
                f"{name} is no file of a graph", "give a .json, .yaml, .yml or .py file, or -"
            )
        return load_saved(name, self.scope.allowed)


def _what(value: Any) -> str:
    if type_of(value) in BUILDABLE_TYPES:
        return f"a config of {signature_of(value.__fn_or_cls__).name}"
    return f"a {type_of(value).__name__}"


def _collected(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


def build_arguments(args: list[Any], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Return arguments with the nodes in them built.

    Raises:
        typer.Exit: The user's code failed; the traceback has been printed.
    """
    node = Config(_collected, *args, **kwargs)
    with step("building the arguments"), user_code():
        return build_for_user(node)


def _save(graph: Any, name: str, plan: _Plan) -> None:
    form = Format.json if name == STANDARD else FORMATS.get(Path(name).suffix)
    if form is None:
        raise BadUsageError(
            f"cannot tell from {name} how to write it", "end the name in .json, .yaml or .py"
        )
    show_graph(graph, form, None if name == STANDARD else Path(name))
    if form in (Format.json, Format.yaml):
        say_what_to_allow(graph, scope_of(plan.target, ()).allowed, str(plan.target or ""))


def _call(graph: Any) -> Any:
    """Build what is in a graph, and call the function at its root."""
    fn: Any = graph.__fn_or_cls__ if type_of(graph) is Config else None
    if fn is None or is_auto_config(fn):
        with step("building"), user_code():
            return build_for_user(graph) if contains_buildable(graph) else graph
    args, kwargs = call_arguments(graph)
    if not takes_configs(fn):
        args, kwargs = build_arguments(args, kwargs)
    with user_code():
        result = fn(*args, **kwargs)
        return asyncio.run(result) if inspect.iscoroutine(result) else result


def _show_help(ctx: typer.Context, plan: _Plan, graph: Any) -> None:
    typer.echo(ctx.get_help())
    if plan.target is not None and plan.fn is not None:
        typer.echo(f"\n{plan.target}: {summary_of(plan.fn)}".rstrip(": "))
        parameters = describe_parameters(plan.fn)
        if parameters:
            typer.echo("\nParameters:")
        for written, said in parameters:
            typer.echo(f"  {written}" + (f"\n      {said}" if said else ""))
    typer.echo("\nGraph:")
    show_graph(graph)
