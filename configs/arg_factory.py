"""Arguments that a factory makes anew at every call.

`partial` binds factories where ``functools.partial`` binds values; `supply_defaults` lets a
function have defaults that are made at every call. Inside a capture the first gives a `Partial`
whose arguments are `ArgFactory` nodes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

import attrs

__all__ = [
    "default_factory",
    "is_arg_factory_partial",
    "partial",
    "partialmethod",
    "supply_defaults",
]

T = TypeVar("T")


class _NotAValueError(TypeError, ValueError):
    """A TypeError, as of any operator on the wrong operand; users of Fiddle catch a ValueError."""


class _NotAValue:
    """Says of every use as a value that it is none."""

    __slots__ = ()

    def __getattr__(self, name: str) -> object:
        raise AttributeError(_forgotten(self, f"read attribute {name!r} of"))

    def __bool__(self) -> bool:
        return True


def _forgotten(mark: object, action: str) -> str:
    try:
        factory = object.__getattribute__(mark, "factory")
    except AttributeError:  # it is only just being copied or unpickled
        return f"cannot {action} it yet"
    name = getattr(factory, "__qualname__", repr(factory))
    return (
        f"cannot {action} default_factory({name}): it stands for what {name} makes at every call\n"
        "  fix: decorate the function that has it as a default with @arg_factory.supply_defaults"
    )


def _refusing(name: str) -> Callable[..., NoReturn]:
    action = f"use {name.strip('_')!r} on"

    def refuse(self: object, *_: object) -> NoReturn:
        raise _NotAValueError(_forgotten(self, action))

    return refuse


_ARITHMETIC = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or"
_OTHERS = "neg pos abs invert lt le gt ge len iter contains getitem setitem delitem"
_REVERSED = [f"r{_operator}" for _operator in _ARITHMETIC.split()]
for _name in (*_ARITHMETIC.split(), *_REVERSED, *_OTHERS.split()):
    setattr(_NotAValue, f"__{_name}__", _refusing(f"__{_name}__"))


@attrs.frozen
class FreshArgument(_NotAValue):
    """Stands in a partial, or for a default, for an argument that ``factory`` makes at every call.

    Raises:
        TypeError: ``factory`` is not callable.
    """

    factory: Callable[[], object] = attrs.field(validator=attrs.validators.is_callable())


class _SignatureOfFn:
    """The signature of the callable of an instance; the class has its own."""

    def __get__(self, instance: FreshCall | None, owner: type | None = None) -> inspect.Signature:
        if instance is None:
            raise AttributeError("__signature__")
        return inspect.signature(instance.fn)


@attrs.frozen
class FreshCall:
    """Calls ``fn``, with every `FreshArgument` replaced by a new value."""

    fn: Callable[..., object]
    __signature__ = _SignatureOfFn()

    def __call__(self, /, *args: object, **kwargs: object) -> Any:
        """Call ``fn``."""
        # Not `*map(...)`, of which CPython would take the items after those of the dict.
        given = [_refresh(value) for value in args]
        return self.fn(*given, **{key: _refresh(kwargs[key]) for key in kwargs})


def _refresh(value: object) -> object:
    return value.factory() if type(value) is FreshArgument else value


def partial(
    fn: Callable[..., T], /, *args: Callable[[], object], **kwargs: Callable[[], object]
) -> functools.partial[T]:
    """Return ``fn`` with arguments that factories make at every call.

    To bind values as well, wrap the result in ``functools.partial``.

    Args:
        fn: The callable.
        *args: Factories of positional arguments.
        **kwargs: Factories of named arguments.

    Raises:
        TypeError: A factory is not callable.

    Example:
        >>> from bytefig.configs import arg_factory
        >>> make = arg_factory.partial(dict, items=list)
        >>> first, second = make(), make()
        >>> first == second, first["items"] is second["items"]
        (True, False)
    """
    named = {name: FreshArgument(factory) for name, factory in kwargs.items()}
    return functools.partial(FreshCall(fn), *map(FreshArgument, args), **named)


def is_arg_factory_partial(value: object) -> bool:
    """Return whether a value was made by `partial` or `partialmethod` of this module.

    Example:
        >>> is_arg_factory_partial(partial(dict, items=list))
        True
        >>> is_arg_factory_partial(functools.partial(dict))
        False
    """
    is_partial = isinstance(value, functools.partial | functools.partialmethod)
    return is_partial and type(value.func) is FreshCall


def partialmethod(
    fn: Callable[..., T], /, *args: Callable[[], object], **kwargs: Callable[[], object]
) -> functools.partialmethod[T]:
    """Return a method of a class that is ``fn``, with arguments that factories make at every call.

    Args:
        fn: A function that takes the instance first.
        *args: Factories of the positional arguments that follow it.
        **kwargs: Factories of named arguments.

    Raises:
        TypeError: A factory is not callable.

    Example:
        >>> class Queue:
        ...     def put(self, item, into):
        ...         return [*into, item]
        ...     put_alone = partialmethod(put, into=list)
        >>> Queue().put_alone(1)
        [1]
    """
    named = {name: FreshArgument(factory) for name, factory in kwargs.items()}
    return functools.partialmethod(FreshCall(fn), *map(FreshArgument, args), **named)


def default_factory(factory: Callable[..., T]) -> T:
    """Return a default for a parameter of a function that `supply_defaults` decorates.

    Args:
        factory: Makes the default, at every call that leaves the argument out.

    Raises:
        TypeError: It is not callable.
    """
    # The annotation of the parameter is about what the function will see.
    return cast("T", FreshArgument(factory))


#: A shorter name of `default_factory`.
default = default_factory


def supply_defaults(fn: Callable[..., T]) -> Callable[..., T]:
    """Decorate a function so that its `default_factory` defaults are made at every call.

    Args:
        fn: The function.

    Raises:
        ValueError: No parameter has such a default.

    Example:
        >>> from bytefig.configs import arg_factory
        >>> @arg_factory.supply_defaults
        ... def append(item, items=arg_factory.default_factory(list)):
        ...     items.append(item)
        ...     return items
        >>> append(1), append(2)
        ([1], [2])
    """
    signature = inspect.signature(fn)
    factories = {
        name: parameter.default.factory
        for name, parameter in signature.parameters.items()
        if type(parameter.default) is FreshArgument
    }
    if not factories:
        raise ValueError(
            f"supply_defaults: no parameter of {fn.__qualname__}{signature} has a default made by"
            " default_factory; drop the decorator, or write name=default_factory(list)"
        )

    @functools.wraps(fn)
    def with_defaults(*args: object, **kwargs: object) -> T:
        bound = signature.bind(*args, **kwargs)
        for name, factory in factories.items():
            if name not in bound.arguments:
                bound.arguments[name] = factory()
        return fn(*bound.args, **bound.kwargs)

    return with_defaults


def is_factory_mark(default: object) -> bool:
    """Return whether a parameter's default stands for a factory that is called for each object."""
    # dataclasses, attrs and msgspec put a private mark where the factory will be called, too; that
    # of others than attrs is told by its class's name so as not to import the module.
    kind = type(default)
    return (
        default is attrs.NOTHING
        or kind is FreshArgument
        or kind.__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
        or is_mark_of_msgspec(default)
    )


def is_mark_of_msgspec(default: object) -> bool:
    """Return whether a parameter's default stands for a factory of a msgspec struct."""
    kind = type(default)
    return kind.__name__ == "Factory" and kind.__module__.partition(".")[0] == "msgspec"
