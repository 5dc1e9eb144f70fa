"""``interpret``: run a function in the interpreter, recording nothing."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any, Final

from .engine.callers import caller
from .engine.functions import turn_into_twin
from .engine.interceptor import Native
from .engine.values import type_of
from .errors import NotAFunctionError

_METADATA: Final = ("__doc__", "__kwdefaults__", "__module__", "__qualname__", "__type_params__")
_native: Final = Native()


def interpret(fn: Any) -> Any:
    """Return a function like ``fn`` whose body is interpreted, with every call exempt.

    It has the signature, metadata and closure of ``fn``, and does what ``fn`` does. Functions made
    inside it are interpreted as well, also when native code calls them; functions it merely calls
    are not.

    Args:
        fn: A Python function, or a class method, static method or bound method of one.

    Raises:
        NotAFunctionError: If it has no Python bytecode.

    Example:
        >>> def area(width, height=2):
        ...     return width * height
        >>> interpret(area)(3)
        6
    """
    if isinstance(fn, FunctionType):
        return turn_into_twin(_copy(fn), _native)
    if type(fn) in (classmethod, staticmethod):
        return type_of(fn)(interpret(fn.__func__))
    if isinstance(fn, MethodType):
        return MethodType(interpret(fn.__func__), fn.__self__)
    raise NotAFunctionError.of(
        f"interpret needs a function with Python bytecode, not {fn!r}",
        caller(),
        "pass a function; a class is interpreted method by method",
    )


def _copy(fn: FunctionType) -> FunctionType:
    copied = FunctionType(fn.__code__, fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)
    # From 3.14 on annotations may not be evaluated yet, and perhaps cannot be.
    lazily = getattr(fn, "__annotate__", None) is not None
    for name in (*_METADATA, "__annotate__" if lazily else "__annotations__"):
        if hasattr(fn, name):  # type parameters came with 3.12
            setattr(copied, name, getattr(fn, name))
    vars(copied).update(vars(fn))
    return copied
