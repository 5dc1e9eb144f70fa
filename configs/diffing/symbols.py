"""Functions and classes by name, for diffs as plain data."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Collection
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final

from .changes import DiffError

SYMBOL_TYPES: Final = (FunctionType, BuiltinFunctionType, MethodType, type)
"""The types of values that are written by name."""

_OWN: Final = __name__.rpartition(".diffing")[0]


def name_of(value: Any) -> str:
    """Return ``module:Qualified.name``.

    Raises:
        DiffError: The value cannot be found again by that name.
    """
    module = getattr(value, "__module__", None) or ""
    name = f"{module}:{getattr(value, '__qualname__', '')}"
    try:
        found = _find(name) if module in sys.modules else None
    except DiffError:
        found = None
    if found is not value and found != value:
        raise DiffError(f"{value!r} cannot be found again as {name!r}")
    return name


def resolve(name: str, allow: Collection[str]) -> Any:
    """Return what a name stands for; imports its module if that is allowed.

    Args:
        name: As `name_of` returns it.
        allow: Names of the modules that may be imported, with their submodules.

    Raises:
        DiffError: The module is not allowed, or there is nothing of that name defined in it.
    """
    module = name.partition(":")[0]
    if not any(module == own or module.startswith(f"{own}.") for own in (*allow, _OWN)):
        raise DiffError(f"{name!r}: the module is not allowed\n  fix: add it to allow=[...]")
    return _find(name)


def _find(name: str) -> Any:
    module, _, qualname = name.partition(":")
    try:
        value: Any = importlib.import_module(module)
    except (ImportError, ValueError) as error:
        raise DiffError(f"{name!r}: cannot import {module!r}: {error}") from error
    for part in qualname.split("."):
        # Only through classes, and without running any code of theirs.
        if value is not sys.modules.get(module) and not isinstance(value, type):
            raise DiffError(f"{name!r}: {value!r} is no class to look into")
        try:
            found = inspect.getattr_static(value, part)
        except AttributeError:
            raise DiffError(f"{name!r}: there is no {part!r}") from None
        bind = isinstance(found, classmethod | staticmethod)
        value = found.__get__(None, value) if bind else found  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    # What a module merely imported from elsewhere is under that module's own name.
    own = (getattr(value, "__module__", None), getattr(value, "__qualname__", None))
    if own != (module, qualname):
        raise DiffError(f"{name!r}: it is defined elsewhere, as {own[0]}:{own[1]}")
    return value
