"""Tell the library's own code from its user's: by the packages that modules are in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: The name of the package whose names are public, wherever in it they are defined.
PUBLIC: Final = __name__.rsplit(".", maxsplit=2)[0]


class OwnPackages:
    """Packages of the library, by the names that they were imported under.

    Args:
        *names: Names of packages.

    Example:
        >>> own = OwnPackages("bytefig.configs")
        >>> own.hold({"__name__": "bytefig.configs.core"}), own.hold({"__name__": "bytefig.more"})
        (True, False)
    """

    __slots__ = ("_names", "_prefixes")

    def __init__(self, *names: str) -> None:
        self._names: frozenset[str] = frozenset(names)
        self._prefixes = tuple(f"{name}." for name in names)

    def add(self, name: str) -> None:
        """Add a package."""
        self._names |= {name}
        self._prefixes = tuple(f"{each}." for each in self._names)

    def hold(self, global_names: Mapping[str, Any]) -> bool:
        """Tell whether code with these globals is in one of the packages."""
        return self.hold_module(global_names.get("__name__"))

    def hold_module(self, name: object) -> bool:
        """Tell whether a module of this name is in one of the packages."""
        return isinstance(name, str) and (name.startswith(self._prefixes) or name in self._names)


#: This half of the library; it adds itself when it is imported.
CONFIGS: Final = OwnPackages()
#: All of the library: each half adds itself.
OWN: Final = OwnPackages()
