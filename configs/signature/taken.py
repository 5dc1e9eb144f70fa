"""The arguments that a callable really takes, where its signature does not tell.

``inspect`` believes ``__signature__``, and takes the parameters of a decorated function for those
of the wrapper that is called. A wrapper may take more.
"""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any, Final, cast, get_origin

from ..core.registry import class_namespace

_CACHED: Final = type(functools.cache(id))  # what functools.lru_cache makes, too
_VARIADIC: Final = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
#: Instructions without a meaning of their own.
_WITHOUT: Final = frozenset(("PUSH_NULL", "CACHE", "NOT_TAKEN"))


def taken_by(fn: object) -> inspect.Signature | None:
    """Return the signature of the function that a call runs; None if ``inspect`` gives the same.

    Example:
        >>> import functools
        >>> def fn(a): ...
        >>> @functools.wraps(fn)
        ... def wrapper(*args, level=1, **kwargs):
        ...     return level, fn(*args, **kwargs)
        >>> print(inspect.signature(wrapper), taken_by(wrapper))
        (a) (*args, level=1, **kwargs)
    """
    try:
        called = _called(get_origin(fn) or fn)
        return None if called is None else inspect.signature(called)
    except Exception:  # an object may answer these questions with any error
        return None


def _called(fn: Any) -> Callable[..., object] | None:
    """Return a callable with the signature that calls of ``fn`` have; None if it is its own."""
    kind = cast("type[Any]", type(fn))
    if kind is FunctionType:
        return _function(fn)
    if kind is MethodType:
        return _partial(_called(fn.__func__), None)
    if kind is functools.partial:
        return _partial(_called(fn.func), *fn.args, **fn.keywords)
    if issubclass(kind, type):
        return _class(fn)
    if not hasattr(fn, "__wrapped__"):
        return None
    call: Any = kind.__call__
    if kind is _CACHED or _passes_on(call, fn, fn.__wrapped__):
        return _called(fn.__wrapped__) or fn.__wrapped__
    return _partial(_bare(call) if type(call) is FunctionType else _anything, None)


def _partial(
    called: Callable[..., object] | None, *args: object, **kwargs: object
) -> Callable[..., object] | None:
    return None if called is None else functools.partial(called, *args, **kwargs)


def _anything(*args: object, **kwargs: object) -> None: ...


def _function(fn: FunctionType) -> Callable[..., object] | None:
    if "__signature__" not in fn.__dict__:
        wrapped = fn.__dict__.get("__wrapped__")
        if wrapped is None:
            return None
        if _passes_on(fn, None, wrapped):
            return _called(wrapped)
    return _bare(fn)


def _class(cls: object) -> Callable[..., object] | None:
    if type(type(cls).__call__) is FunctionType:  # a metaclass's, which ``inspect`` looks at first
        return None
    init: object = cls.__init__
    made: object = init if type(init) is FunctionType else cls.__new__
    if type(made) is not FunctionType:
        return None
    called = _called(made)
    if called is None and declares_signature(cls):
        called = _model(cls) or made
    return _partial(called, None)


def declares_signature(cls: object) -> bool:
    """Tell whether a class states its signature itself."""
    return isinstance(cls, type) and any(
        "__signature__" in class_namespace(base) for base in cls.__mro__
    )


def _model(cls: object) -> Callable[..., object] | None:
    """Return a function with the parameters of a model of pydantic; None for other classes.

    The signature of a model has one name for each field; aliases give it more.
    """
    fields: object = getattr(cls, "__pydantic_fields__", None)
    if not isinstance(fields, dict):
        return None
    settings: Any = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", {})
    by_name = settings.get("populate_by_name") or settings.get("validate_by_name")
    names: dict[str, None] = {}
    for name, field in cast("dict[str, Any]", fields).items():
        alias = field.validation_alias or field.alias
        if settings.get("validate_by_alias") is not False:
            aliases = getattr(alias, "choices", [alias])  # of several, those that are no path
            names |= dict.fromkeys(each for each in aliases if isinstance(each, str))
        if alias is None or by_name:
            names[name] = None
    kinds = inspect.Parameter
    taken = [kinds(name, kinds.KEYWORD_ONLY) for name in names if name.isidentifier()]
    if settings.get("extra") != "forbid":
        taken.append(kinds("extra_data", kinds.VAR_KEYWORD))

    def made(*_: object, **__: object) -> None: ...

    made.__signature__ = inspect.Signature([kinds("self", kinds.POSITIONAL_ONLY), *taken])  # pyright: ignore[reportFunctionMemberAccess]
    return made


def _bare(fn: FunctionType) -> FunctionType:
    """Return a function of the same code that has no attributes to believe."""
    made = FunctionType(fn.__code__, {}, fn.__name__, fn.__defaults__, fn.__closure__)
    made.__kwdefaults__ = fn.__kwdefaults__
    return made


def _passes_on(wrapper: object, owner: object, wrapped: object) -> bool:
    """Tell whether a wrapper passes its arguments on to the wrapped function, as they are.

    Only the plainest form counts: ``wrapped(*args, **kwargs)``, where nothing else looks at the
    named arguments. Then a name has to be one that the wrapped callable takes.

    Args:
        wrapper: A function.
        owner: The object whose method it is, if it is one.
        wrapped: What it says it wraps.
    """
    if type(wrapper) is not FunctionType:
        return False
    code = wrapper.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    if count != (owner is not None) or code.co_flags & _VARIADIC != _VARIADIC:
        return False
    args, kwargs = code.co_varnames[count : count + 2]
    operands: list[Any] = [
        operand
        for step in dis.get_instructions(code)
        if step.opname not in _WITHOUT
        for operand in _operands(step.argval)
    ]
    if operands.count(kwargs) != 1:
        return False
    at = operands.index(kwargs)
    if operands[at - 2 : at] != [args, 0]:  # 0: of BUILD_MAP
        return False
    name = operands[at - 3]
    if owner is not None:
        return getattr(owner, name, None) is wrapped
    cells = dict(zip(code.co_freevars, wrapper.__closure__ or (), strict=True))
    return name in cells and cells[name].cell_contents is wrapped


def _operands(argument: object) -> tuple[object, ...]:
    return argument if isinstance(argument, tuple) else (argument,)  # pyright: ignore[reportUnknownVariableType]
