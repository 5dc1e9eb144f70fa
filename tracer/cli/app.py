"""The `bytefig` command. The module of one of its commands is imported when that is used."""

from __future__ import annotations

import importlib
from typing import Final

import click

from ...configs import ConfigError, __version__
from ..errors import TracerError
from .exit_codes import BadUsageError, ExitCode, show_error, show_lost_output
from .options import SHOW_COMPLETION
from .targets import did_you_mean, near_matches

#: The names of the commands, in the order in which the help lists them. Each is a module of this
#: package, which has the command under the same name.
COMMANDS: Final = ("run", "sweep", "show", "explain", "diff", "profile")


class LazyGroup(click.Group):
    """Finds commands in `COMMANDS`, and ends with the right exit code when one fails."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or return None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f".{cmd_name}", __package__), cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names, or name those that are much like it."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = did_you_mean(near_matches(name, COMMANDS))
            raise BadUsageError(
                f"there is no command {name!r}", near or f"use one of {', '.join(COMMANDS)}"
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (BadUsageError, TracerError, ConfigError) as error:
            show_error(str(error))
            raise click.exceptions.Exit(ExitCode.BAD_USAGE) from None
        except (OSError, UnicodeEncodeError) as error:
            raise click.exceptions.Exit(show_lost_output(error)) from None


@click.command(
    "bytefig",
    cls=LazyGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(
    __version__, message="bytefig %(version)s", help="Print the version and exit."
)
@SHOW_COMPLETION
def app() -> None:
    """Functions that build objects, as editable graphs of configs.

    MODULE:FN names a function: MODULE is the name of a module, or a .py or .pyc file.
    """
