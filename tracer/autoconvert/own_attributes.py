"""Reading the attributes that an object has itself, without running code of its class."""

from __future__ import annotations

import inspect
from typing import Any, Final

from ..engine.values import type_of

ABSENT: Final[Any] = object()


def attribute(obj: object, name: str) -> Any:
    """Return the value in the ``__dict__`` or slot of an object, or `ABSENT`.

    Example:
        >>> class Thing:
        ...     def __init__(self): self.a = 1
        >>> attribute(Thing(), "a"), attribute(Thing(), "b") is ABSENT
        (1, True)
    """
    state = instance_dict(obj)
    if name in state:
        return state[name]
    slot = inspect.getattr_static(type_of(obj), name, None)
    if not inspect.ismemberdescriptor(slot):
        return ABSENT
    try:
        return slot.__get__(obj)
    except AttributeError:
        return ABSENT


def instance_dict(obj: object) -> dict[str, Any]:
    """Return the ``__dict__`` of an object, or an empty one."""
    try:
        found: Any = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return {}
    return found if type_of(found) is dict else {}


#: The attribute that marks a constructor which only records its arguments for another one.
RECORDS: Final = "__bytefig_records__"


def unrecorded(fn: Any) -> Any:
    """Return the constructor that the decorator `recorded` has wrapped, if it has."""
    while getattr(fn, RECORDS, False):
        fn = fn.__wrapped__
    return fn
