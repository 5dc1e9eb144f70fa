"""Globals and builtins, which may be of subclasses of dict: CPython asks some of their methods."""

from __future__ import annotations

import builtins
from types import ModuleType
from typing import Final

from .values import NULL, Value, type_of

#: What CPython does with globals, whatever methods their class overrides.
get_item: Final = dict[str, Value].get
set_item: Final = dict[str, Value].__setitem__
has_item: Final = dict[str, Value].__contains__
delete_item: Final = dict[str, Value].__delitem__


def builtin_names(global_names: dict[str, object]) -> dict[str, Value]:
    """Return the builtins a function with these globals sees.

    Source: CPython ``_PyEval_BuiltinsFromGlobals``: ``__builtins__`` is a module or a dict.
    """
    found: Value = get_item(global_names, "__builtins__", builtins)
    return vars(found) if isinstance(found, ModuleType) else found


def found_in(namespace: Value, name: str) -> Value:
    """Return the value of a name in a namespace, which may be any mapping, or `NULL`."""
    try:
        return namespace[name]
    except KeyError:
        return NULL


def undefined(name: str) -> NameError:
    """Return CPython's error for a name in neither globals nor builtins."""
    return NameError(f"name '{name}' is not defined", name=name)


class Asked:
    """Globals and builtins of which one is no plain dict: both are asked by ``[]``.

    Source: CPython ``Python/bytecodes.c``, LOAD_GLOBAL.
    """

    __slots__ = ("_builtins", "_globals")

    def __init__(self, global_names: dict[str, Value], builtins_seen: dict[str, Value]) -> None:
        self._globals = global_names
        self._builtins = builtins_seen

    def get(self, name: str, _: object, /) -> Value:
        """Return the value of the name.

        Raises:
            NameError: It is in neither.
        """
        value = found_in(self._globals, name)
        if value is NULL:
            value = found_in(self._builtins, name)
        if value is NULL:
            raise undefined(name)
        return value


def lookup(global_names: dict[str, Value], builtins_seen: Value) -> dict[str, Value] | Asked:
    """Return the mapping for LOAD_GLOBAL: the globals, or one that asks both."""
    if type_of(global_names) is dict and type_of(builtins_seen) is dict:
        return global_names
    return Asked(global_names, builtins_seen)
