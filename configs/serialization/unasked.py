"""The signature of a callable that would answer `inspect`'s questions with code of its own."""

from __future__ import annotations

import functools
import inspect
import sys
from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    WrapperDescriptorType,
)
from typing import Any, Final, cast

from ..signature.signature import Signature, signature_of
from ..symbols import MISSING, class_namespace, static_attribute

#: What runs when something is asked for an attribute.
_HOOKS: Final = ("__getattr__", "__getattribute__", "__signature__", "__wrapped__")
#: What `inspect` asks a class for.
_ASKED: Final = ("__signature__", "__wrapped__", "__new__", "__init__")
#: Types of which no code runs when one of them is taken from a class.
_PLAIN: Final = frozenset(
    (
        *(FunctionType, MethodType, BuiltinFunctionType),
        *(WrapperDescriptorType, MethodDescriptorType, inspect.Signature),
    )
)
_bases_of: Final[Any] = type.__dict__["__mro__"].__get__


def unasked_signature(fn: Any) -> Signature:
    """Return the signature of a callable without running any code of its class or metaclass.

    For nearly all that is `signature_of`. Of a class that has such code, it is that of the function
    that makes its instances.

    Example:
        >>> class Asked(type):
        ...     def __getattr__(cls, name):
        ...         raise RuntimeError(f"asked for {name}")
        >>> class Model(metaclass=Asked):
        ...     def __init__(self, width=1): ...
        >>> unasked_signature(Model).keys
        ('width',)
    """
    kind = cast("type[Any]", type(fn))
    if kind in _PLAIN:
        return signature_of(fn)
    if not issubclass(kind, type):
        call = static_attribute(kind, "__call__")
        return _of_function(call) if _hooks(kind) else signature_of(fn)
    found = [static_attribute(fn, name) for name in _ASKED]
    if not _hooks(kind) and all(each is MISSING or type(each) in _PLAIN for each in found):
        return signature_of(fn)
    makers = [static_attribute(kind, "__call__"), *found[2:]]
    return _of_function(next((each for each in makers if type(each) is FunctionType), None))


def _hooks(cls: type) -> bool:
    return any(
        name in class_namespace(base)
        for base in _bases_of(cls)
        if not _is_of_python(base)
        for name in _HOOKS
    )


def _is_of_python(cls: type) -> bool:
    module = class_namespace(cls).get("__module__", "builtins")
    return type(module) is str and module.partition(".")[0] in sys.stdlib_module_names


def _of_function(function: object) -> Signature:
    # Without the first parameter, which is the instance or class; of all else nothing is known.
    known = type(function) is FunctionType
    return signature_of(functools.partial(function, None) if known else _anything)


def _anything(*args: object, **kwargs: object) -> None: ...
