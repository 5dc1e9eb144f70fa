"""The meaning of the flags of a code object. Source: ``inspect``, of the same names."""

from __future__ import annotations

from types import CodeType
from typing import Final

CO_OPTIMIZED: Final = 0x1
CO_NEWLOCALS: Final = 0x2
CO_VARARGS: Final = 0x4
CO_VARKEYWORDS: Final = 0x8
CO_GENERATOR: Final = 0x20
CO_COROUTINE: Final = 0x80
CO_ITERABLE_COROUTINE: Final = 0x100
CO_ASYNC_GENERATOR: Final = 0x200

#: The flags of code whose call makes a generator or coroutine instead of running it.
SUSPENDABLE: Final = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR


def argument_count(code: CodeType) -> int:
    """Return how many of the first local slots are arguments, ``*args`` and ``**kwargs`` included.

    Example:
        >>> def f(a, /, b, *c, d, **e): ...
        >>> argument_count(f.__code__)
        5
    """
    return (
        code.co_argcount
        + code.co_kwonlyargcount
        + bool(code.co_flags & CO_VARARGS)
        + bool(code.co_flags & CO_VARKEYWORDS)
    )
