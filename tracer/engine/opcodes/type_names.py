"""The names by which CPython's errors call types."""

from __future__ import annotations

from typing import Final

from ..values import type_of

_ABSENT: Final = "no such attribute"


def type_name(value: object) -> str:
    """Return the name of a value's type, with the module when the type is written in C.

    That is ``tp_name``. No attribute tells it, but the error for one that does not exist does.

    Example:
        >>> import functools
        >>> type_name(functools.partial(print)), type_name(3)
        ('functools.partial', 'int')
    """
    try:
        object.__getattribute__(value, _ABSENT)
    except AttributeError as error:
        return str(error).removeprefix("'").removesuffix(f"' object has no attribute '{_ABSENT}'")
    return type_of(value).__name__
