"""Run the examples of a page: files, commands with their output, and sessions, in their order.

A fence with a title is a file, one of ``console`` is commands, and one with prompts is a session.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w*)(?:.*? title=\"(.*?)\")?.*\n((?:.*\n)*?)\1```$", re.MULTILINE)
PROMPT = re.compile(r"^ *>>> ", re.MULTILINE)
OPTIONS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL


class ExampleError(AssertionError):
    """An example prints something else than its page says."""


def run_page(page: Path, folder: Path, *, commands: bool = True) -> None:
    """Run the examples of a page in a folder, which is the working folder then.

    Args:
        page: The page.
        folder: An empty folder.
        commands: Whether commands are run; else they are left out.

    Raises:
        ExampleError: The output is another, or an example stands outside of the fences.
    """
    text = page.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    prompts = 0
    with working_in(folder):
        for block in FENCE.finditer(text):
            _, language, title, body = block.groups()
            if title:
                (folder / title).parent.mkdir(parents=True, exist_ok=True)
                (folder / title).write_text(body, encoding="utf-8")
                sys.modules.pop(Path(title).stem, None)  # another one of that name
            elif language == "console" and commands:
                run_commands(body, folder)
            else:
                line = text.count("\n", 0, block.start(4))
                test = doctest.DocTestParser().get_doctest(body, {}, page.name, str(page), line)
                test.globs = names  # blocks share them
                run_session(test)
                prompts += len(PROMPT.findall(body))
    if prompts != len(PROMPT.findall(text)):
        raise ExampleError(f"an example of {page} stands outside of the fences")


def run_session(test: doctest.DocTest) -> None:
    """Run the examples of a docstring or of a fence."""
    output = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    if runner.run(test, out=output.write, clear_globs=False).failed:
        raise ExampleError(output.getvalue())


def run_commands(text: str, folder: Path) -> None:
    """Run the commands of a transcript, and compare what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        end = next(i for i, line in enumerate(lines) if not line.endswith("\\\n")) + 1
        command, expected = "".join(lines[:end]), "".join(lines[end:])
        done = subprocess.run(
            ["bash", "-c", command],
            check=False,
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if not doctest.OutputChecker().check_output(expected, done.stdout, OPTIONS):
            raise ExampleError(f"$ {command}expected:\n{expected}got:\n{done.stdout}")


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Work in a folder whose modules can be imported, and are forgotten afterwards."""
    before = sys.modules.copy()
    sys.path.insert(0, str(folder))
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        sys.path.remove(str(folder))
        for name, module in [*sys.modules.items()]:
            if str(getattr(module, "__file__", None)).startswith(str(folder)):
                del sys.modules[name]
        sys.modules.update({name: before[name] for name in before.keys() - sys.modules.keys()})
