"""Graphs in files: written by ``show -o`` or ``run --save``, read by ``diff`` and ``--config``."""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Final

from ...configs import SerializationError
from ...configs.for_tracer import Allowed, imported_name, needed_to_load
from ..auto_config import AutoConfig
from ..sweep.by_value import PICKLE
from ..values.files import SUFFIXES, read_document
from .exit_codes import BadUsageError
from .graphs import graph_of
from .screen import say
from .targets import Target, module_in_file, search_working_folder

#: What an error about a document says of a module; the command has an option for it.
_ALLOW: Final = re.compile(r"allow=\[\.\.\., '([\w.:]+)'\]")
#: The name that stands for standard input and output.
STANDARD: Final = "-"
#: What `to_source` calls the function.
_USUAL: Final = "build_config"


def load_saved(name: str, allow: Allowed) -> object:
    """Return the graph in a file: a document in JSON or YAML, or Python source that makes it.

    Of a file with plain values, in JSON, YAML or TOML, it is a `NestedFile`.

    Python source is run; the graph is the result of its ``build_config``, or of its only function.
    The name ``-`` is JSON from the input.
    """
    search_working_folder()
    if name.endswith(".py"):
        return _from_source(name)
    if name.endswith(".pickle"):
        return _from_pickle(name, allow)
    if name != STANDARD and not name.endswith(SUFFIXES):
        raise BadUsageError(
            f"{name} is no file of a graph", "give a .json, .yaml, .yml, .toml or .py file, or -"
        )
    try:
        text = sys.stdin.read() if name == STANDARD else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise BadUsageError(f"cannot read {name}: {reason}") from None
    try:
        return read_document(name, text, allow)
    except SerializationError as error:
        said = _ALLOW.sub(r"--allow-import \1", str(error))
        raise BadUsageError(f"cannot load {name}: {said}") from None


def say_what_to_allow(graph: object, allow: Allowed, target: str) -> None:
    """Print with which options a document of a graph can be loaded, if it needs some."""
    needed = needed_to_load(graph, allow)
    if needed:
        words = ["to load it:", "bytefig run", *([target] if target else []), "--config FILE"]
        words += [f"--allow-import {name}" for name in needed]
        say(" ".join(words))


def _from_pickle(name: str, allow: Allowed) -> object:
    if not allow(PICKLE):
        raise BadUsageError(
            f"{name} is a pickle, which can run any code when it is opened",
            f"if you trust it, add --allow-import {PICKLE}",
        )
    try:
        return pickle.loads(Path(name).read_bytes())
    except OSError as error:
        raise BadUsageError(f"cannot read {name}: {error.strerror}") from None
    except Exception as error:  # of whatever its classes do
        raise BadUsageError(f"cannot load {name}: {error!r}") from error


def _from_source(name: str) -> object:
    with main_as_module():
        module = module_in_file(name)
    own = builders_in(module)
    if len(own) != 1:
        raise BadUsageError(
            f"{name} has no function {_USUAL}, and {len(own)} others",
            f"name the function: {name}:FN",
        )
    return graph_of(Target(name, module, own[0], vars(module)[own[0]]))


@contextmanager
def main_as_module() -> Generator[None]:
    """Let modules import a running script by its name meanwhile, and not run it again."""
    name = imported_name("__main__")
    if name in sys.modules:
        yield
        return
    sys.modules[name] = sys.modules["__main__"]
    try:
        yield
    finally:
        sys.modules.pop(name, None)


def builders_in(module: ModuleType) -> list[str]:
    """Return the names of the functions of a module that may give the graph saved in it."""
    own = [
        key
        for key, value in vars(module).items()
        if isinstance(value, FunctionType | AutoConfig) and value.__module__ == module.__name__
    ]
    return [_USUAL] if _USUAL in own else own
