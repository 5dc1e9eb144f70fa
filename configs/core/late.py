"""Names of a module that are imported when they are first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from .own_code import PUBLIC


def late_names(
    module: str, places: Mapping[str, str], package: str = PUBLIC
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a module that imports rarely used names late.

    Args:
        module: The name of the module.
        places: The names, with spaces between, by where they are: the dotted name of another
            module, relative to the package. Without any name, the other module itself is meant, by
            the last part of its own name.
        package: The package that they are in.

    Example:
        >>> find, names = late_names("bytefig.configs", {"core.names": "callable_name"})
        >>> "callable_name" in names(), find("callable_name")(dict.fromkeys)
        (True, 'dict.fromkeys')
    """
    place_of = {name: place for place, names in places.items() for name in names.split()}
    modules = {place.rpartition(".")[2]: place for place, names in places.items() if not names}

    def find(name: str) -> object:
        from importlib import import_module  # noqa: PLC0415 - few programs need it

        if name in modules:
            found = import_module(f"{package}.{modules[name]}")
        elif name in place_of:
            found = getattr(import_module(f"{package}.{place_of[name]}"), name)
        else:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        vars(sys.modules[module])[name] = found
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *place_of, *modules})

    return find, names
