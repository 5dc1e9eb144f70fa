"""Completing ``MODULE:FN`` in the shell; nothing is imported or run for it."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Annotated, Final, TypeAlias

import typer

from .targets import TARGET_HELP, is_file_name

#: Flags, time and size of the source, or its hash. Source: PEP 552.
_PYC_HEADER: Final = 16


def complete_target(incomplete: str) -> list[str]:
    """Return what the beginning of ``MODULE:FN`` may become.

    Modules are looked for in the working folder; names are those of the functions and classes that
    a module defines at its top.

    Args:
        incomplete: What has been written.
    """
    place, colon, begun = incomplete.rpartition(":")
    if not colon:
        return sorted(f"{found}:" for found in _places(incomplete))
    return [f"{place}:{name}" for name in _defined(place) if name.startswith(begun)]


def _places(begun: str) -> Iterator[str]:
    if not is_file_name(begun):
        for found in Path().glob("*.py"):
            if found.stem.startswith(begun) and found.stem.isidentifier():
                yield found.stem
        return
    folder = Path(begun).parent if not begun.endswith("/") else Path(begun)
    for found in folder.glob("*.py*"):
        written = str(found)
        if found.suffix in (".py", ".pyc") and written.startswith(str(Path(begun))):
            yield written if "/" in written else f"./{written}"


def _defined(place: str) -> list[str]:
    path = Path(place) if is_file_name(place) else _file_of(place)
    try:
        code = _code(path)
    except (OSError, SyntaxError, ValueError, EOFError, TypeError):
        return []  # there is nothing to offer
    names = (const.co_name for const in code.co_consts if isinstance(const, CodeType))
    return [name for name in dict.fromkeys(names) if name.isidentifier()]


def _file_of(name: str) -> Path:
    path = Path(*name.split("."))
    package = path / "__init__.py"
    return package if package.is_file() else path.with_suffix(".py")


def _code(path: Path) -> CodeType:
    data = path.read_bytes()
    if path.suffix != ".pyc":
        return compile(data, str(path), "exec", dont_inherit=True)
    code = marshal.loads(data[_PYC_HEADER:])
    if not isinstance(code, CodeType):
        raise ValueError(f"{path} holds no code")
    return code


#: The argument of the commands that need a target.
TARGET: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="MODULE:FN", help=TARGET_HELP, autocompletion=complete_target),
]
