"""Pickling functions that a decorator has replaced, by name or by value as the pickler decides.

A decorated function cannot be pickled by name: its name leads to what the decorator made. That is
no function, so cloudpickle, which pickles those of a notebook by value, takes no care of it. So it
pickles as an *anchor*: a function that is found under its name, and that holds its parts.
"""

from __future__ import annotations

import sys
from types import FunctionType, MethodType
from typing import Any, Final

_SUFFIX: Final = ".__anchor__"


def symbol_leads_to(fn: object, value: object) -> bool:
    """Tell whether the name that a function has leads to a value."""
    return find(getattr(fn, "__module__", None), getattr(fn, "__qualname__", None)) is value


def find(module: object, qualname: object) -> Any:
    """Return the object that a name leads to, or None."""
    found: Any = sys.modules.get(module) if isinstance(module, str) else None
    if found is None or not isinstance(qualname, str):
        return None
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found


def bound_to(wrapper: Any) -> object:
    """Return the object, or class, that gives a wrapper when asked for its attribute; or None.

    Args:
        wrapper: What a decorator made; its ``func`` is what it was made of.
    """
    fn = wrapper.func
    name = getattr(fn, "__name__", "")
    owner: Any = fn.__self__ if isinstance(fn, MethodType) else None
    if owner is None:
        qualname = getattr(fn, "__qualname__", "")
        owner = find(getattr(fn, "__module__", None), qualname.rpartition(".")[0] or None)
    if owner is None or not name:
        return None
    found = getattr(owner, name, None)
    return (
        owner
        if found is not wrapper and type(found) is type(wrapper) and found == wrapper
        else None
    )


def make_anchor(fn: object, parts: tuple[object, ...]) -> FunctionType:
    """Return a new anchor for a wrapper of a function, which holds the wrapper's parts."""

    def anchor() -> None: ...

    named = FunctionType(anchor.__code__, {}, "__anchor__")
    named.__module__ = getattr(fn, "__module__", None) or "builtins"
    named.__qualname__ = f"{getattr(fn, '__qualname__', type(fn).__qualname__)}{_SUFFIX}"
    named.parts = parts  # pyright: ignore[reportFunctionMemberAccess]
    return named


def restored(anchor: FunctionType, cls: Any) -> object:
    """Return the wrapper that has an anchor; one that was pickled by value is made anew."""
    found = find(anchor.__module__, anchor.__qualname__.removesuffix(_SUFFIX))
    if type(found) is cls and found.__anchor__ is anchor:
        return found
    made = cls.__new__(cls)
    made.__dict__["_anchor"] = anchor
    return made
