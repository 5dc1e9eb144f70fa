"""Arguments that a factory makes anew at every call.

`partial` binds factories where ``functools.partial`` binds values; `supply_defaults` lets a
function have defaults that are made at every call. Inside a capture the first gives a `Partial`
whose arguments are `ArgFactory` nodes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import attrs

T = TypeVar("T")


@attrs.frozen
class FreshArgument:
    """Stands in a partial, or for a default, for an argument that ``factory`` makes at every call.

    Raises:
        TypeError: ``factory`` is not callable.
    """

    factory: Callable[[], object] = attrs.field(validator=attrs.validators.is_callable())


@attrs.frozen
class FreshCall:
    """Calls ``fn``, with every `FreshArgument` replaced by a new value."""

    fn: Callable[..., Any]

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call ``fn``."""
        # Not `*map(...)`, of which CPython would take the items after those of the dict.
        given = [_refresh(value) for value in args]
        return self.fn(*given, **{key: _refresh(kwargs[key]) for key in kwargs})


def _refresh(value: Any) -> Any:
    return value.factory() if type(value) is FreshArgument else value


def partial(fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> functools.partial[T]:
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
    """Return whether a value is a partial that `partial` of this module has made.

    Example:
        >>> is_arg_factory_partial(partial(dict, items=list))
        True
        >>> is_arg_factory_partial(functools.partial(dict))
        False
    """
    return isinstance(value, functools.partial) and type(value.func) is FreshCall


def partialmethod(fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> functools.partialmethod[T]:
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
    def with_defaults(*args: Any, **kwargs: Any) -> T:
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
