"""Where the command prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import errno
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final

from rich.console import Console

#: How many seconds something takes before a bar is shown.
PATIENCE: Final = 1.0


def output() -> Console:
    """Return a console on standard output; made anew, for a test or a pipe may replace that.

    Raises:
        OSError: Standard output is closed.
    """
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - typeshed knows better
        raise OSError(errno.EBADF, "it is closed")
    return _Output()


class _Output(Console):
    """A console that says so when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Raise the error instead of ending the program."""
        raise  # noqa: PLE0704 - it is being handled


def errors() -> Console:
    """Return a console on standard error."""
    return Console(stderr=True)


@contextmanager
def step(what: str) -> Generator[None]:
    """Show a bar on standard error while something takes longer than a second.

    Only on a terminal. How far it is nobody knows, so the bar moves to and fro.

    Args:
        what: What is being done, such as ``capturing build_model``.
    """
    console = errors()
    if not console.is_terminal:
        yield
        return
    bar = _Bar(console, what)
    bar.start_later()
    try:
        yield
    finally:
        bar.stop()


class _Bar:
    """A bar that a timer shows, unless it is stopped before."""

    def __init__(self, console: Console, what: str) -> None:
        self._console = console
        self._what = what
        self._lock = threading.Lock()
        self._shown: Any = None
        self._stopped = False
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def start_later(self) -> None:
        # Where there are no threads, as in WebAssembly, there is no bar.
        with suppress(RuntimeError):
            self._timer.start()

    def _show(self) -> None:
        from rich.progress import (  # noqa: PLC0415 - rarely needed
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        with self._lock:
            if self._stopped:
                return
            self._shown = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
                # What the user's code prints is to go where it always goes.
                redirect_stdout=sys.stdout.isatty(),
            )
            self._shown.add_task(self._what, total=None)
            self._shown.start()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._stopped = True
            if self._shown is not None:
                self._shown.stop()


def write(text: str, lexer: str) -> None:
    """Write a text to standard output as it is, but to a terminal with colours.

    Args:
        text: The text.
        lexer: What it is, as pygments calls it.
    """
    console = output()
    if not text.endswith("\n"):
        text += "\n"
    if not console.is_terminal:
        sys.stdout.write(text)
        return
    from rich.syntax import Syntax  # noqa: PLC0415 - it imports pygments

    syntax = Syntax("", lexer, theme="ansi_dark", background_color="default")
    console.print(syntax.highlight(text), end="", soft_wrap=True)
