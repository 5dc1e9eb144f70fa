"""Tell the library's own code from its user's: by the packages that modules are in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final

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

    def hold(self, global_names: Mapping[str, object]) -> bool:
        """Tell whether code with these globals is in one of the packages."""
        return self.hold_module(global_names.get("__name__"))

    def hold_module(self, name: object) -> bool:
        """Tell whether a module of this name is in one of the packages."""
        return isinstance(name, str) and (name.startswith(self._prefixes) or name in self._names)


#: This half of the library; it adds itself when it is imported.
CONFIGS: Final = OwnPackages()
#: All of the library: each half adds itself.
OWN: Final = OwnPackages()


def shown_in_full() -> bool:
    """Tell whether ``BYTEFIG_TRACEBACK=full`` asks to keep the library's own frames."""
    return os.environ.get("BYTEFIG_TRACEBACK") == "full"


def hide_own_frames(error: BaseException) -> None:
    """Take the library's own entries out of the traceback of an error, and out of its cause's.

    Raised again without being named, the error gets no new entry: the first is the caller's then.
    """
    if shown_in_full():
        return
    # A class may forbid to set attributes, or mean something else by it.
    BaseException.with_traceback(error, _without_own(error.__traceback__))
    cause = error.__cause__
    if cause is not None:
        BaseException.with_traceback(cause, _without_own(cause.__traceback__))


def _without_own(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while traceback is not None:
        if not OWN.hold(traceback.tb_frame.f_globals):
            kept.append(traceback)
        traceback = traceback.tb_next
    return chained(kept, None)


def chained(entries: Sequence[TracebackType], rest: TracebackType | None) -> TracebackType | None:
    """Return a traceback in which some entries are changed, with all entries that follow them."""
    for entry in reversed(entries):
        if entry.tb_next is not rest:  # to set it, CPython goes through all that follow
            entry.tb_next = rest
        rest = entry
    return rest
