"""Completion of the words of a command line. Targets are read, not imported, for it.

Parameters, paths and values need the module of the target, which is imported; nothing of it is
called.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, Final, Literal, get_args, get_origin

import click

from ...configs import signature_of
from ...configs.for_tracer import fits_type, options_of
from ..values.files import SUFFIXES
from ..values.insides import classes_to_make
from ..values.presets import preset_of
from ..values.scalars import is_choice
from ..values.source_text import SourceText
from ..values.trees import Name
from .app import COMMANDS, app
from .plan import Plan
from .targets import is_file_name
from .words import argument_key

#: Flags, time and size of the source, or its hash. Source: PEP 552.
_PYC_HEADER: Final = 16
#: Options after which a file is named.
_FILES: Final = frozenset(
    ("--config", "-o", "--output", "--save", "--result", "--out", "--points", "--html")
)
_NAMED: Final = re.compile(r"[^\W\d][\w.]*")


def complete(words: Sequence[str], begun: str) -> list[str]:
    """Return the words that a word may become; one with a blank at its end is finished.

    Args:
        words: The words before it, without the name of the program.
        begun: The beginning of the word.
    """
    if not words:
        return [f"{name} " for name in COMMANDS if name.startswith(begun)]
    command = app.get_command(click.Context(app), words[0])
    if command is None:
        return []
    options = {
        name: option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
    }
    flags = [
        f"{name} "
        for name, option in options.items()
        if begun.startswith("-") and name.startswith(begun) and not option.hidden
    ]
    given, allow = _without_options(options, words[1:])
    if words[-1] in _FILES or words[0] == "diff" or not given:
        return [*flags, *_places_and_files(begun)]
    try:
        completer = Completer(given, allow)
    except BaseException:  # whatever importing the user's module raises
        return flags
    return [*completer.words(begun), *flags]


def _without_options(
    options: Mapping[str, click.Option], words: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the words that are about the target, and the modules that are allowed."""
    rest: list[str] = []
    allow: list[str] = []
    pending = [*reversed(words)]
    while pending:
        word = pending.pop()
        name, equals, value = word.partition("=")
        option = options.get(name)
        if option is None:
            rest.append(word)
            continue
        if not option.is_flag and not equals and pending:
            value = pending.pop()
        if name == "--allow-import" and value:
            allow.append(value)
    return rest, allow


class Completer:
    """Completes the words after a target, given those before, and the modules that are allowed."""

    def __init__(self, words: Sequence[str], allow: Sequence[str]) -> None:
        rest = [*words]
        self._plan = Plan.of(rest, allow, captures=True)
        self._fn = self._plan.fn
        self._last = rest[-1] if rest else ""
        self._values = dict(word.removeprefix("--").split("=", 1) for word in rest if "=" in word)

    def words(self, begun: str) -> list[str]:
        """Return the words that a beginning may become."""
        if self._fn is None:
            return []
        dashes = "--" if begun.startswith("--") else ""
        path, equals, value = begun[len(dashes) :].partition("=")
        if self._last.startswith("--") and "=" not in self._last and not dashes:
            waiting = self._hint(self._last[2:].replace("-", "_").split("."))
            return [f"{each} " for each in self._choices(waiting) if each.startswith(begun)]
        if equals:
            shown = f"{dashes}{path}="
            found = self._choices(self._hint(path.replace("-", "_").split(".")))
            return [f"{shown}{each} " for each in found if each.startswith(value)]
        if begun.startswith("-") and not dashes:
            return []
        *before, last = path.replace("-", "_").split(".")
        fn = self._callable(before)
        prefix = dashes + "".join(f"{name}." for name in before)
        names = () if fn is None else _parameters(fn)
        return [f"{prefix}{name}=" for name in names if name.startswith(last)]

    def _callable(self, path: Sequence[str]) -> Any:
        """Return the callable at a path: the one written, else the one of its annotation."""
        if not path:
            return self._fn
        written = _NAMED.match(self._values.get(".".join(path), ""))
        if written is not None:
            found = self._find(written[0])
            if preset_of(found) is None:
                return found if callable(found) else None
        return next(classes_to_make(self._hint(path)), None)

    def _find(self, name: str) -> object:
        return self._plan.scope.find(Name(SourceText(name, "a word"), tuple(name.split(".")), 0))

    def _hint(self, path: Sequence[str]) -> Any:
        fn = self._callable(path[:-1])
        if fn is None:
            return None
        signature = signature_of(fn)
        key = argument_key(path[-1], signature)
        return self._plan.scope.hints(fn).of(key, len(signature.keys))

    def _choices(self, hint: object) -> list[str]:
        scope = self._plan.scope
        classes = {
            name
            for name in scope.names()
            if isinstance(found := self._find(name), type)
            and hint not in (None, Any)
            and not is_choice(found)
            and fits_type(found, hint)
        }
        return [*dict.fromkeys((*choices_of(hint), *scope.presets(hint), *sorted(classes)))]


def choices_of(hint: Any) -> list[str]:
    """Return all values of an annotation that says them, as they are written.

    Example:
        >>> choices_of(Literal["a", 1] | None), choices_of(bool), choices_of(int)
        (['a', '1', 'None'], ['True', 'False'], [])
    """
    return [choice for option in options_of(hint) for choice in _choices_of_option(option)]


def _choices_of_option(option: Any) -> list[str]:
    if option is bool:
        return ["True", "False"]
    if option is type(None):
        return ["None"]
    if not is_choice(option):
        return []
    if get_origin(option) is Literal:
        return [each if isinstance(each, str) else repr(each) for each in get_args(option)]
    return [*option.__members__]


def _parameters(fn: Callable[..., object]) -> tuple[str, ...]:
    try:
        signature = signature_of(fn)
    except TypeError:
        return ()
    return (*signature.positional, *signature.keyword_only)


def _places_and_files(begun: str) -> list[str]:
    """Return the targets, and the files with graphs, that begin so."""
    files = (str(each) for each in _folder(begun).glob("*") if each.suffix in SUFFIXES)
    found = [f"{each} " for each in files if each.startswith(begun)]
    return [*complete_target(begun), *sorted(found)]


def complete_target(incomplete: str) -> list[str]:
    """Return the targets that the beginning of ``MODULE:FN`` may become.

    Modules are looked for in the working folder; names are those of the functions and classes that
    a module defines at its top.
    """
    place, colon, begun = incomplete.rpartition(":")
    if not colon:
        return sorted(f"{found}:" for found in _places(incomplete))
    return [f"{place}:{name} " for name in _defined(place) if name.startswith(begun)]


def _places(begun: str) -> Iterator[str]:
    if not is_file_name(begun):
        for found in Path().glob("*.py"):
            if found.stem.startswith(begun) and found.stem.isidentifier():
                yield found.stem
        return
    for found in _folder(begun).glob("*.py*"):
        written = str(found)
        if found.suffix in (".py", ".pyc") and written.startswith(str(Path(begun))):
            yield written if "/" in written else f"./{written}"


def _folder(begun: str) -> Path:
    return Path(begun).parent if not begun.endswith("/") else Path(begun)


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
