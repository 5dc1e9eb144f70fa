"""The help of ``bytefig run MODULE:FN`` and of a script: parameters, options, and the graph."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ...configs import signature_of
from ...configs.for_tracer import short_repr
from ..values import Scope
from .completion import choices_of
from .plan import Plan
from .screen import output
from .show import show_graph
from .words import argument_key, described_parameters

_DOTTED: Final = re.compile(r"""(['"]).*?\1|\b(?:[^\W\d]\w*\.)+([^\W\d]\w*)""")


def show_help(ctx: click.Context, plan: Plan, graph: object, program: str) -> None:
    """Print all that can be said of a call on the command line.

    Args:
        ctx: The command, with its options.
        plan: What is to be run.
        graph: Its graph, with everything that was given.
        program: How the call begins: ``bytefig run train:main``, or ``python train.py``.
    """
    console = output()
    usage = f"Usage: {program} [OPTIONS] [NAME=VALUE | PATH=VALUE]..."
    _print(console, Text(usage, style="bold"))
    if plan.target is not None and plan.fn is not None:
        name = str(plan.target).removeprefix("__main__:")
        summary = (inspect.getdoc(plan.fn) or "").partition("\n\n")[0]
        _print(console, Text(f"\n{name}: {summary}".rstrip(": ")))
        _show_parameters(console, plan.fn, plan.scope)
    _print(console, Text("\nOptions:", style="bold"))
    records = [
        record
        for option in ctx.command.params
        if isinstance(option, click.Option) and (record := option.get_help_record(ctx))
    ]
    _show_options(console, records)
    _print(console, Text("\nGraph:", style="bold"))
    show_graph(graph)


def _show_options(console: Console, records: list[tuple[str, str]]) -> None:
    width = max(len(written) for written, _ in records) + 2
    for written, said in records:
        name = Text(f"  {written.ljust(width)}", style="cyan")
        if not console.is_terminal:
            console.print(name.append(said, style="default"), soft_wrap=True)
            continue
        row = Table.grid()
        row.add_row(name, Text(said))
        row.columns[0].no_wrap = True
        console.print(row)


def _show_parameters(console: Console, fn: object, scope: Scope) -> None:
    parameters = [*_parameters(fn, scope)]
    if parameters:
        _print(console, Text("\nParameters:", style="bold"))
    for written, lines in parameters:
        name, colon, rest = written.partition(":")
        _print(console, Text(f"  {name}", style="cyan").append(colon + rest, style="default"))
        for line in lines:
            _print(console, Text(f"      {line}", style="dim" if ": " in line else "none"))


def _print(console: Console, text: Text) -> None:
    # Lines that a program reads stay whole; a terminal breaks them where the words end.
    if not console.is_terminal:
        console.print(text, soft_wrap=True)
        return
    plain = text.plain.lstrip("\n")
    indent = len(plain) - len(plain.lstrip())
    for _ in range(len(text.plain) - len(plain)):
        console.print()
    text = text[len(text.plain) - len(plain) + indent :]
    console.print(Padding(text, (0, 0, 0, indent)), highlight=False)


def _parameters(fn: Any, scope: Scope) -> Iterator[tuple[str, list[str]]]:
    """Yield the parameters as they are written, each with its description, choices and presets."""
    signature, hints = signature_of(fn), scope.hints(fn)
    for parameter, said in described_parameters(fn):
        variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        hint = hints.of(argument_key(parameter.name, signature), len(signature.keys))
        if variadic:
            hint = hints.varargs if parameter.kind is parameter.VAR_POSITIONAL else hints.varkw
        text = f"--{parameter.name}" if not variadic else f"{parameter}".partition(":")[0]
        if hint is not None:
            text += f": {_without_modules(inspect.formatannotation(hint))}"
        if parameter.default is not parameter.empty:
            text += f" = {_default(parameter.default)}"
        elif not variadic:
            text += "  (required)"
        lines = [said] if said else []
        choices = [] if hint is bool else choices_of(hint)
        lines += [f"choices: {', '.join(choices)}"] if len(choices) > 1 else []
        presets = scope.presets(hint)
        lines += [f"presets: {', '.join(presets)}"] if presets else []
        yield text, lines


def _without_modules(text: str) -> str:
    """Return the text of an annotation with the last part of each name, text in it left alone.

    Example:
        >>> _without_modules("dict[str, sklearn.base.Model] | typing.Literal['a.b']")
        "dict[str, Model] | Literal['a.b']"
    """
    return _DOTTED.sub(lambda found: found[2] or found[0], text)


def _default(value: object) -> str:
    if type(value).__name__ == "_HAS_DEFAULT_FACTORY_CLASS":  # of a field of a dataclass
        return "(made by a factory)"
    return short_repr(value, 60)
