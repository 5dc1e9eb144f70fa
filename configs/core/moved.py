"""Modules of 0.1 that have moved: programs and pickles may still name them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from types import ModuleType


class MovedModule(ModuleType):
    """A module that is gone; it has the public names of its package, and warns once of itself.

    Args:
        name: The full name that the module had.
        package: The full name of the package whose names it had.
        now: The module below the package that has its private names, which pickles may hold; or "".
    """

    def __init__(self, name: str, package: str, now: str) -> None:
        super().__init__(name, f"Import its names from `{package}`.")
        self._package = package
        self._now = f"{package}.{now}"
        self._warned = False

    def __getattr__(self, name: str) -> object:
        """Return a public name of the package, or a private one of the module of now."""
        # Nothing is imported for whoever asks every module for a name, as `pickle` does.
        package = sys.modules[self._package]
        if name in package.__all__:
            found = getattr(package, name)
        elif name.startswith("__") or not hasattr(now := sys.modules.get(self._now), name):
            raise AttributeError(f"module {self.__name__!r} has moved, and has no {name!r}")
        else:
            found = getattr(now, name)
        if not self._warned:
            self._warned = True
            place = f"import its names from {self._package}, and write pickles that name it anew"
            warnings.warn(f"{self.__name__} has moved: {place}", DeprecationWarning, stacklevel=2)
        return found


def register_moved(package: str, modules: Mapping[str, str]) -> None:
    """Let modules of a package be imported that are gone.

    Args:
        package: The full name of the package, which is being imported.
        modules: The modules that are gone, each with the one that has its private names, or "".

    Example:
        >>> import bytefig.configs.nodes as nodes
        >>> nodes.__doc__
        'Import its names from `bytefig.configs`.'
    """
    for name, now in modules.items():
        full = f"{package}.{name}"
        sys.modules[full] = MovedModule(full, package, now)
