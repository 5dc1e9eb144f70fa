"""Values that stand for themselves."""

from __future__ import annotations

from typing import Final


class _Sentinel:
    """A unique value with a name, which copying and pickling return unchanged."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __copy__(self) -> _Sentinel:
        return self

    def __deepcopy__(self, memo: object) -> _Sentinel:
        return self

    def __reduce__(self) -> str:
        return self._name


NO_VALUE: Final = _Sentinel("NO_VALUE")
"""Stands for an argument that has neither a value nor a default."""

VARARGS: Final = _Sentinel("VARARGS")
"""The index at which ``*args`` start: ``cfg[VARARGS:]``."""
