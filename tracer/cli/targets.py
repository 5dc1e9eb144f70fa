"""``MODULE:FN``, as the command line names functions."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import attrs

from ...configs import BUILDABLE_TYPES
from ...configs.for_tracer import module_name
from ..engine.values import type_of
from .exit_codes import BadUsageError, user_code

_SUFFIXES: Final = (".py", ".pyc")
#: What reading bytecode raises that is not whole.
_DAMAGE: Final = (ImportError, EOFError, ValueError, TypeError)
_FORM: Final = (
    "name a function as MODULE:FN, for instance train:build_model or train.py:Trainer.fit"
)


@attrs.frozen
class Target:
    """The function that ``MODULE:FN`` names.

    Attributes:
        text: The text itself.
        module: The module, imported.
        name: FN, with dots for what is in a class.
        callable: The object of that name. It may be a buildable, too.
    """

    text: str
    module: ModuleType
    name: str
    callable: Any = attrs.field(eq=False)

    def __str__(self) -> str:
        return self.text


def resolve_target(text: str) -> Target:
    """Import the module of ``MODULE:FN`` and find FN in it.

    The module is found as ``python -m`` would, from the working folder on; a file as ``python
    FILE`` would, but under the name that other modules import it by. FN may have dots.

    Example:
        >>> resolve_target("json.encoder:JSONEncoder.encode").callable.__name__
        'encode'
    """
    place, colon, name = text.rpartition(":")
    if not (place and colon and name):
        raise BadUsageError(f"{text!r} does not name a function", _FORM)
    module = resolve_module(place)
    found = _attribute(module, name, place)
    if not callable(found) and type_of(found) not in BUILDABLE_TYPES:
        kind = type_of(found).__name__
        article = "an" if kind[0].lower() in "aeiou" else "a"
        raise BadUsageError(f"{name} in {place} is {article} {kind}, not a function", _FORM)
    return Target(text, module, name, found)


def resolve_module(place: str) -> ModuleType:
    """Import a module by its name, or the path of its file."""
    if is_file_name(place):
        return module_in_file(place)
    if not all(part.isidentifier() for part in place.split(".")):
        raise BadUsageError(
            f"{place!r} is neither the name of a module nor a .py or .pyc file", _FORM
        )
    search_working_folder()
    return _imported(place)


def has_callable(module: ModuleType, name: str) -> bool:
    """Tell whether a name in a module, or several with dots, stand for a callable."""
    found: object = module
    for part in name.split("."):
        found = getattr(found, part, None) if part.isidentifier() else None
    return callable(found) or type_of(found) in BUILDABLE_TYPES


def search_working_folder() -> None:
    """Have modules found in the working folder first, as ``python -m`` does."""
    search_first(Path.cwd())


def is_file_name(place: str) -> bool:
    """Tell whether MODULE is the path of a file rather than the name of a module."""
    return place.endswith(_SUFFIXES) or "/" in place or os.sep in place


def _imported(name: str) -> ModuleType:
    with user_code(), _loading(name):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            absent = error.name or ""
            if name != absent and not name.startswith(f"{absent}."):
                raise  # another module, that it imports
            raise BadUsageError(f"there is no module {absent!r}", _near_module(name)) from None


def _near_module(name: str) -> str:
    package, _, last = name.rpartition(".")
    folder = Path(*package.split("."))
    there = [path.stem for path in folder.glob("*.py")]
    there += [path.parent.name for path in folder.glob("*/__init__.py")]
    near = near_matches(last, there)
    shown = [f"{package}.{found}" if package else found for found in near]
    return did_you_mean(shown) or "run bytefig where the module can be imported from"


def module_in_file(place: str) -> ModuleType:
    """Import a file, under the name that other modules import it by."""
    path = Path(place).resolve()
    if not path.is_file():
        near = near_matches(path.name, (each.name for each in path.parent.glob("*.py*")))
        raise BadUsageError(f"there is no file {place}", did_you_mean(near))
    if path.suffix not in _SUFFIXES:
        raise BadUsageError(f"{place} is not a .py or .pyc file", _FORM)
    names = module_name(path).split(".")
    in_package = path.name.partition(".")[0] == "__init__"
    folder = path.parent.parent if path.parent.name == "__pycache__" else path.parent
    search_first(Path(*folder.parts[: len(folder.parts) - len(names) + (not in_package)]))
    for end in range(1, len(names)):
        _imported(".".join(names[:end]))
    return _loaded(".".join(names), path)


def _loaded(name: str, path: Path) -> ModuleType:
    while (there := sys.modules.get(name)) is not None:
        file = getattr(there, "__file__", None)
        if file is not None and Path(file).resolve() == path:
            return there
        name = f"{name}_file"  # another module has the name, of the standard library say
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # the suffix is known
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with user_code(), _loading(str(path)):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


@contextmanager
def _loading(place: str) -> Generator[None]:
    """Say of a compiled file that cannot be loaded why."""
    try:
        yield
    except _DAMAGE as error:
        if damaged := _damaged(place, error):
            raise damaged from None
        raise


def _damaged(place: str, error: Exception) -> BadUsageError | None:
    """Return the error for a file that the loader cannot read; None for the module's own errors."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    if entry is None or not entry.tb_frame.f_code.co_filename.startswith("<frozen importlib"):
        return None
    said = str(error)
    if "magic number" in said:
        version = ".".join(map(str, sys.version_info[:2]))
        return BadUsageError(
            f"{place} was compiled by another version of Python than this one, {version}",
            "run bytefig with that version, or compile the module with this one",
        )
    if any(part in said for part in ("marshal", "EOF", "Non-code object", "invalid flags")):
        return BadUsageError(
            f"the compiled file of {place} is damaged: {said}",
            "delete the .pyc file, and compile the module again",
        )
    return None


def search_first(*folders: Path | str) -> None:
    """Have modules found in some folders first."""
    for folder in reversed(folders):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def _attribute(module: ModuleType, name: str, place: str) -> object:
    found: object = module
    done: list[str] = []
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            where = f"{place}:{'.'.join(done)}" if done else place
            near = near_matches(part, dir(found))
            shown = [f"{place}:{'.'.join((*done, each))}" for each in near]
            raise BadUsageError(
                f"there is no {part!r} in {where}", did_you_mean(shown) or _listed(found, place)
            ) from None
        done.append(part)
    return found


def _listed(module: object, place: str) -> str:
    """Return advice with the names of the module itself, as nothing there has a similar one."""
    own = getattr(module, "__name__", None)
    names = [
        name
        for name, value in getattr(module, "__dict__", {}).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == own
    ]
    return f"{place} has {', '.join(names[:8])}" if names else _FORM


def near_matches(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three of the names that are much like one, the most similar first.

    Example:
        >>> near_matches("biuld", ["build", "train"])
        ['build']
    """
    public = [each for each in names if name.startswith("_") or not each.startswith("_")]
    return difflib.get_close_matches(name, public, n=3, cutoff=0.6)


def did_you_mean(names: list[str]) -> str:
    """Return a question for the user, or an empty string if there is no name."""
    return f"did you mean {' or '.join(names)}?" if names else ""
