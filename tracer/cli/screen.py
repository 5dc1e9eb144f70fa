"""Where the command prints: results to standard output, everything else to standard error."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

#: How many seconds something takes before a bar is shown.
PATIENCE: Final = 1.0


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a stream is for a person's eyes, as rich does; an OSError if it is closed."""
    if stream is None:  # pyright: ignore[reportUnnecessaryComparison] - typeshed knows better
        raise OSError(errno.EBADF, "it is closed")
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def output() -> Console:
    """Return a console on standard output; made anew, for a test or a pipe may replace that."""
    is_terminal(sys.stdout)
    from rich.console import Console  # noqa: PLC0415 - a program that reads needs no colours

    class Output(Console):
        """A console that says so when nobody reads any more."""

        def on_broken_pipe(self) -> None:
            """Raise the error instead of ending the program."""
            raise  # noqa: PLE0704 - it is being handled

    return Output()


def errors() -> Console:
    """Return a console on standard error."""
    from rich.console import Console  # noqa: PLC0415 - as above

    return Console(stderr=True)


def errors_seen() -> bool:
    """Tell whether standard error is there, and for a person's eyes."""
    return sys.stderr is not None and is_terminal(sys.stderr)  # pyright: ignore[reportUnnecessaryComparison]


def tell(text: str) -> None:
    """Write a line to standard output, as it is; an OSError if that is closed."""
    is_terminal(sys.stdout)
    sys.stdout.write(f"{text}\n")


def say(text: str) -> None:
    """Write a line to standard error, as it is."""
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - likewise
        sys.stderr.write(f"{text}\n")


@contextmanager
def step(what: str) -> Generator[None]:
    """Show a bar on standard error while something takes longer than a second.

    Only on a terminal. How far it is nobody knows, so the bar moves to and fro.
    """
    if not errors_seen():
        yield
        return
    bar = _Bar(errors(), what)
    # Where there are no threads, as in WebAssembly, there is no bar.
    with suppress(RuntimeError):
        bar.start()
    try:
        yield
    finally:
        bar.stop()


class _Bar(threading.Timer):
    """A bar that a timer shows, unless it is stopped before."""

    def __init__(self, console: Console, what: str) -> None:
        super().__init__(PATIENCE, self._show)
        self.daemon = True
        self._console = console
        self._what = what
        self._lock = threading.Lock()
        self._shown: Progress | None = None

    def _show(self) -> None:
        from rich.progress import (  # noqa: PLC0415 - rarely needed
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        with self._lock:
            if self.finished.is_set():
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
        with self._lock:
            self.cancel()
            if self._shown is not None:
                self._shown.stop()


def write_report(report: object, data: object) -> None:
    """Write the data of a report as JSON; without any, its text, to a terminal with colours."""
    if data is not None:
        write_text(json.dumps(data, indent=2), "json")
    elif is_terminal(sys.stdout):
        output().print(report)
    else:
        write_text(str(report), "text")


def write_text(text: str, lexer: str) -> None:
    """Write a text to standard output as it is, but to a terminal with the colours of a lexer."""
    if not text.endswith("\n"):
        text += "\n"
    if not is_terminal(sys.stdout):
        sys.stdout.write(text)
        return
    from rich.syntax import Syntax  # noqa: PLC0415 - it imports pygments

    syntax = Syntax("", lexer, theme="ansi_dark", background_color="default")
    output().print(syntax.highlight(text), end="", soft_wrap=True)
