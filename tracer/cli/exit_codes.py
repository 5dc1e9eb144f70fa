"""The failures of the command: their texts and exit codes.

Whatever is asked for and cannot be done is a `BadUsageError`. Where the user's code has failed, its
traceback has been printed, and click's Exit is raised.
"""

from __future__ import annotations

import enum
import importlib
import os
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Final

import click

from ...configs.for_tracer import shown_in_full
from ..engine.marks import is_library_s
from ..errors import BadUsageError
from .screen import errors, errors_seen, say


class ExitCode(enum.IntEnum):
    """An exit code of the command."""

    DONE = 0
    USER_CODE_FAILED = 1
    BAD_USAGE = 2


#: By how a line begins: where, and what to do.
_STYLES: Final = {"at": "dim", "fix:": "green"}


def show_error(text: str) -> None:
    """Print an error of bytefig's own: the problem, and below it the place and the fix."""
    if not errors_seen():
        with suppress(OSError):  # there is nowhere else to say it; the exit code tells
            say(f"bytefig: {text}")
        return
    console = errors()
    first, *others = text.split("\n")
    # Not as markup: the text may quote the user's.
    with suppress(OSError):
        console.print("bytefig: ", style="bold red", end="", soft_wrap=True, highlight=False)
        console.print(first, markup=False, highlight=False, soft_wrap=True)
        for line in others:
            style = _STYLES.get(line.split(maxsplit=1)[0] if line.strip() else "", "none")
            console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def show_lost_output(error: OSError | UnicodeEncodeError) -> ExitCode:
    """Print that standard output is full or closed; an error about a file is raised again."""
    if isinstance(error, UnicodeEncodeError):
        unknown = ascii(error.object[error.start])
        show_error(
            f"cannot print: {error.encoding}, the encoding of standard output, has no {unknown}\n"
            "  fix: set PYTHONIOENCODING=utf-8, or write to a file"
        )
        return ExitCode.BAD_USAGE
    if error.filename is not None:
        raise error
    show_error(f"cannot print: {error.strerror or error}")
    with suppress(OSError, ValueError, AttributeError):
        # What is left in the buffer would fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.BAD_USAGE


@contextmanager
def user_code() -> Generator[None]:
    """Run the user's code: if it fails, print its own traceback, and exit with code 1.

    SystemExit and KeyboardInterrupt pass, and so does `BadUsageError`.
    """
    try:
        yield
    except (BadUsageError, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        show_traceback(error)
        raise click.exceptions.Exit(ExitCode.USER_CODE_FAILED) from None


def show_traceback(error: BaseException) -> None:
    """Print an error's traceback with the user's frames only, as if bytefig were not there."""
    if not shown_in_full():
        seen: set[int] = set()
        pending: list[BaseException | None] = [error]
        while pending:
            each = pending.pop()
            if each is None or id(each) in seen:
                continue
            seen.add(id(each))
            each.__traceback__ = _of_user(each.__traceback__)
            pending += (each.__cause__, each.__context__)
    sys.stderr.write("".join(traceback.format_exception(error)))


def _is_user_s(frame: FrameType) -> bool:
    """Tell whether a frame is neither the library's nor one of importing the user's module."""
    module = frame.f_globals.get("__name__")
    imports = isinstance(module, str) and module.partition(".")[0] == importlib.__name__
    return not imports and not is_library_s(frame)


def _of_user(entry: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while entry is not None:
        if _is_user_s(entry.tb_frame):
            kept.append(entry)
        entry = entry.tb_next
    following = None
    for each in reversed(kept):
        each.tb_next = following
        following = each
    return following
