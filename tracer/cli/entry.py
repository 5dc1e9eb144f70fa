"""Where the `bytefig` command starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from .shells import ASKING, answer_shell

#: The libraries of the extra ``cli``.
_NEEDED = ("click", "rich")


def main(arguments: list[str] | None = None, script: Sequence[str] = ()) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: What follows the name of the program; None means ``sys.argv[1:]``.
        script: For a script that runs itself, the words that stand for its name: ``run``, and the
            target.
    """
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        print(
            f"bytefig: the command needs {' and '.join(absent)}, which {verb} not installed"
            "\n  fix: pip install 'bytefig[cli]'",
            file=sys.stderr,
        )
        return 2
    if ASKING in os.environ:
        from .completion import complete  # noqa: PLC0415 - it imports the rest

        return answer_shell(complete, script)
    from .app import app  # noqa: PLC0415 - it imports them
    from .exit_codes import show_lost_output  # noqa: PLC0415 - likewise

    code = 0
    try:
        given = sys.argv[1:] if arguments is None else arguments
        program = _program() if script else None
        app([*script, *given], prog_name="bytefig", obj=program)
    except SystemExit as stop:
        code = _code(stop)
    except (OSError, UnicodeEncodeError) as error:  # of the help
        return show_lost_output(error)
    try:
        if sys.stdout is not None:  # pyright: ignore[reportUnnecessaryComparison] - if it is closed
            sys.stdout.flush()
    except OSError as error:
        lost = show_lost_output(error)
        return code or lost
    return code


def _program() -> str:
    """Return how a script is called."""
    file = sys.argv[0]
    called = f"python {file}" if file.endswith(".py") and not os.access(file, os.X_OK) else file
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return called if spec is None else f"python -m {spec.name.removesuffix('.__main__')}"


def _code(stop: SystemExit) -> int:
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or 0
    print(stop.code, file=sys.stderr)  # as CPython does
    return 1
