"""The sources of a signature, by which a change in place is noticed.

IPython's autoreload gives the functions of a module new code, and classes new methods: the callable
stays the same object, and takes other arguments.
"""

from __future__ import annotations

import functools
from types import FunctionType, MethodType
from typing import Any, Final, NamedTuple, cast

from ..core.registry import class_namespace, class_of


class Source(NamedTuple):
    """The objects that a signature depends on; none of them refers to the callable.

    Attributes:
        code: The code of the function that is called, or of the one that makes instances; if that
            is none of Python, itself.
        defaults: The default values of that function.
        rest: Of decorated functions, and of what has a ``__signature__``, what else there is.
    """

    code: object
    defaults: object
    rest: tuple[object, ...] = ()


def source_of(fn: object) -> Source | None:
    """Return the objects that the signature of a callable depends on; None if nobody can tell.

    Example:
        >>> def fn(a): ...
        >>> before = source_of(fn)
        >>> fn.__code__ = (lambda b: None).__code__
        >>> is_source(before, fn)
        False
    """
    called = _called(fn)
    if called is None:
        return None
    rest = _rest(fn)
    if type(called) is FunctionType:
        return Source(called.__code__, called.__defaults__, rest)
    return Source(called, None, rest)


def is_source(source: Source | None, fn: object) -> bool:
    """Tell whether the signature of a callable still depends on the same objects."""
    if source is None:
        return True
    # What follows is what `_called` does, in less time: every node that is made asks.
    kind = class_of(fn)
    if kind is FunctionType:
        called, more = fn, fn.__dict__
    elif kind is type:
        called, more = fn.__init__, "__signature__" in fn.__dict__
    else:
        return _is_same(source, source_of(fn))
    if type(called) is not FunctionType:
        return _is_same(source, source_of(fn))
    if called.__code__ is not source.code or called.__defaults__ is not source.defaults:
        return False
    return (not more and not source.rest) or _rest(fn) == source.rest


def runs(fn: object, code: object) -> bool:
    """Tell whether a function, or the constructor of a class, has this code still.

    It is less than what `is_source` tells, for call sites, which ask at each call.
    """
    called = fn.__init__ if isinstance(fn, type) else fn
    return type(called) is not FunctionType or called.__code__ is code


def _is_same(one: Source, other: Source | None) -> bool:
    # By identity: default values may be equal to anything.
    return other is not None and one[2] == other[2] and one[0] is other[0] and one[1] is other[1]


def _called(fn: Any) -> Any:
    kind = class_of(fn)
    if kind is MethodType:
        return _called(fn.__func__)
    if kind is functools.partial:
        return _called(fn.func)
    if issubclass(kind, type):
        init = fn.__init__
        made = init if type(init) is FunctionType else fn.__new__
        return made if type(made) is FunctionType else init
    return fn if kind is FunctionType else None


def _rest(fn: object) -> tuple[object, ...]:
    """Return the ids of other possible sources of a signature, and of its code."""
    found: list[object] = []
    kind = class_of(fn)
    if issubclass(kind, type):
        found.append(id(class_namespace(cast("type", fn)).get("__signature__")))
        fn = fn.__init__
    while type(fn) is FunctionType and fn.__dict__:
        found.append(id(fn.__dict__.get("__signature__")))
        fn = fn.__dict__.get("__wrapped__")
        if type(fn) is FunctionType:
            found += (id(fn.__code__), id(fn.__defaults__))
    return tuple(found) if any(each != _NONE for each in found) else ()


_NONE: Final = id(None)
