"""Values that stand for themselves."""

from __future__ import annotations

from typing import Final, Self


class Immutable:
    """A value that cannot change: copying returns itself."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


class _Sentinel(Immutable):
    """A unique value with a name, which pickling returns unchanged, too."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __reduce__(self) -> str:
        return self._name


NO_VALUE: Final = _Sentinel("NO_VALUE")
"""Stands for an argument that has neither a value nor a default."""

VARARGS: Final = _Sentinel("VARARGS")
"""The index at which ``*args`` start: ``cfg[VARARGS:]``."""
