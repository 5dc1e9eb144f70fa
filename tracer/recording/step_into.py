"""Interpreting a function that traced code calls, under the same interceptor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, MethodType

from ..engine.decode import decode
from ..engine.drivers import start
from ..engine.frame import Frame
from ..engine.functions import make_binder
from ..engine.interception import Interceptor
from ..engine.values import Args, Kwargs, Value, type_of
from .inlinable import dunder_call


def python_function(fn: object) -> tuple[FunctionType, Args, dict[str, object]] | None:
    """Return the function behind a callable and the arguments it is bound to, or None.

    A bound method, a ``functools.partial`` and an object with ``__call__`` have one behind them.

    Example:
        >>> import functools
        >>> def scale(x, by): ...
        >>> python_function(functools.partial(scale, by=2))[0] is scale
        True
        >>> python_function(len) is None
        True
    """
    args: Args = ()
    kwargs: dict[str, object] = {}
    while True:
        if isinstance(fn, FunctionType):
            return fn, args, kwargs
        if isinstance(fn, MethodType):
            fn, args = fn.__func__, (fn.__self__, *args)
        elif isinstance(fn, functools.partial):
            fn, args, kwargs = fn.func, (*fn.args, *args), {**fn.keywords, **kwargs}
        else:
            call = dunder_call(type_of(fn))
            return call and (call, (fn, *args), kwargs)


def step_into(
    fn: object, args: Args, kwargs: Kwargs, interceptor: Interceptor[Frame]
) -> Callable[[], Value] | None:
    """Return the interpreted form of a call, or None if there is no bytecode to interpret.

    Raises:
        TypeError: The arguments do not fit the function; CPython words it.
    """
    found = python_function(fn)
    if found is None:
        return None
    function, earlier, named = found
    code = function.__code__
    slots = make_binder(function)(*earlier, *args, **{**named, **kwargs})
    closure = function.__closure__ or ()
    frame = Frame(decode(code), code, slots, closure, function.__globals__, interceptor)
    return lambda: start(frame)
