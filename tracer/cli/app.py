"""The typer application. A command's module is imported when the command is used."""

from __future__ import annotations

import importlib
from typing import Annotated, Any, Final

import attrs
import typer
from typer.core import TyperGroup

from ...configs import ConfigError, __version__
from ..errors import TracerError
from .failing import BadUsageError, ExitCode, show_error, show_lost_output
from .targets import did_you_mean, near_matches


@attrs.frozen
class CommandEntry:
    """A command, before it is imported.

    Attributes:
        module: The name of its module in this package, which has a function of the command's name.
        takes_arguments: Whether what typer does not know is left in ``ctx.args`` for the command:
            ``--name=value`` and ``path=value``.
        shows_help: Whether the command has a ``--help`` of its own.
    """

    module: str
    takes_arguments: bool = False
    shows_help: bool = False


#: By name, in the order in which the help lists them.
COMMANDS: Final[dict[str, CommandEntry]] = {
    "run": CommandEntry("run", takes_arguments=True, shows_help=True),
    "show": CommandEntry("show", takes_arguments=True),
    "explain": CommandEntry("explain"),
    "diff": CommandEntry("diff"),
    "profile": CommandEntry("profile", takes_arguments=True),
}


class LazyGroup(TyperGroup):
    """Finds commands in `COMMANDS`, and ends with the right exit code when one fails."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the command, or return None if there is none of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f".{entry.module}", __package__)
        settings = (
            {"allow_extra_args": True, "ignore_unknown_options": True}
            if entry.takes_arguments
            else {}
        )
        made = typer.Typer(add_completion=False, rich_markup_mode=None)
        made.command(cmd_name, context_settings=settings, add_help_option=not entry.shows_help)(
            getattr(module, cmd_name)
        )
        return typer.main.get_command(made)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first argument names.

        Raises:
            BadUsageError: There is none, with the names that are much like it.
        """
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = did_you_mean(near_matches(name, COMMANDS))
            raise BadUsageError(
                f"there is no command {name!r}", near or f"use one of {', '.join(COMMANDS)}"
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (BadUsageError, TracerError, ConfigError) as error:
            show_error(str(error))
            raise typer.Exit(ExitCode.BAD_USAGE) from None
        except (OSError, UnicodeEncodeError) as error:
            raise typer.Exit(show_lost_output(error)) from None


app: Final = typer.Typer(
    name="bytefig",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bytefig {__version__}")
        raise typer.Exit


@app.callback()
def bytefig(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Functions that build objects, as editable graphs of configs.

    MODULE:FN names a function: MODULE is the name of a module, or a .py or .pyc file.
    """
