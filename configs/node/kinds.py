"""The three kinds of nodes, and functions that ask of one, or of a graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, overload

from ..arg_factory import FreshArgument, FreshCall
from ..core import above
from ..core.keys import Arguments
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE
from ..core.slots import copy_node, set_form
from ..core.watching import used
from ..signature.signature import signature_of
from ..traversal.traverse import walk
from .buildable import Buildable
from .dunders.deep_copies import copy_alone
from .dunders.equality import equal

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
BuildableT = TypeVar("BuildableT", bound=Buildable[object])


class Config(Buildable[T_co]):
    """A call that `build` will make.

    Example:
        >>> from bytefig.configs import build
        >>> cfg = Config(dict, units=64)
        >>> cfg.units = 128
        >>> cfg
        <Config[dict(units=128)]>
        >>> build(cfg)
        {'units': 128}
    """

    __slots__ = ()

    def __build__(self, /, *args: object, **kwargs: object) -> T_co:
        """Call the callable."""
        return self.__fn_or_cls__(*args, **kwargs)


class Partial(Buildable[T_co]):
    """A call with some of its arguments, which builds to a `functools.partial`.

    Calling the node builds it and calls the result.

    Example:
        >>> from bytefig.configs import build
        >>> build(Partial(int, base=2))("101")
        5
        >>> Partial(int, base=2)("101")
        5
    """

    __slots__ = ()

    def __build__(self, /, *args: object, **kwargs: object) -> functools.partial[T_co]:
        """Return the partial; arguments made by an `ArgFactory` are made anew at every call."""
        fn = self.__fn_or_cls__
        if any(type(value) is FreshArgument for value in (*args, *kwargs.values())):
            fn = FreshCall(fn)
        return functools.partial(fn, *args, **kwargs)

    def __call__(self, /, *args: object, **kwargs: object) -> T_co:
        """Build the partial, and call it; arguments of this call replace the node's own.

        An argument that is replaced is not built. The node does not change.

        Args:
            *args: Follow the arguments that the node passes by position, as in a
                ``functools.partial``; they replace what the node has for those parameters.
            **kwargs: Named arguments.

        Raises:
            BuildError: An argument cannot be built.
        """
        used(self, "call")
        signature = signature_of(self.__fn_or_cls__)
        stored = self.__arguments__
        taken = len(signature.call_arguments(stored, self.__form__)[0])
        replaced = {*signature.positional[taken : taken + len(args)], *kwargs}
        left = {key: value for key, value in stored.items() if key not in replaced}
        return above.build_independently(copy_node(self, left))(*args, **kwargs)


class ArgFactory(Buildable[T_co]):
    """An argument of a `Partial`, or of another `ArgFactory`, made anew at every call.

    Example:
        >>> from bytefig.configs import build
        >>> make = build(Partial(dict, items=ArgFactory(list)))
        >>> make()["items"] is make()["items"]
        False
    """

    __slots__ = ()

    def __build__(self, /, *args: object, **kwargs: object) -> FreshArgument:
        """Return the mark that the enclosing partial replaces at every call."""
        fn = self.__fn_or_cls__
        if any(type(value) is FreshArgument for value in (*args, *kwargs.values())):
            fn = FreshCall(fn)
        return FreshArgument(functools.partial(fn, *args, **kwargs) if args or kwargs else fn)


def iter_nodes(graph: object) -> Iterator[Buildable[Any]]:
    """Yield every distinct buildable of a graph once, parents first; cycles are fine.

    Args:
        graph: A buildable, or containers that hold some.

    Example:
        >>> from bytefig.configs import Config
        >>> shared = Config(int)
        >>> len(list(iter_nodes([shared, shared, Config(list)])))
        2
    """
    for node, kind in walk(graph):
        if kind.buildable:
            yield node


@overload
def cast(new_type: type[Config[object]], buildable: Buildable[T]) -> Config[T]: ...
@overload
def cast(new_type: type[Partial[object]], buildable: Buildable[T]) -> Partial[T]: ...
@overload
def cast(new_type: type[ArgFactory[object]], buildable: Buildable[T]) -> ArgFactory[T]: ...
@overload
def cast(new_type: type[BuildableT], buildable: Buildable[object]) -> BuildableT: ...
def cast(new_type: type[Buildable[object]], buildable: Buildable[object]) -> Buildable[Any]:
    """Return a shallow copy of a node that is of another class.

    Args:
        new_type: The class, such as `Partial`.
        buildable: The node; it does not change.

    Raises:
        TypeError: One is not a subclass, the other not an instance of `Buildable`.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> cast(Partial, Config(dict, a=1))
        <Partial[dict(a=1)]>
    """
    if type(buildable) not in BUILDABLE_TYPES:
        raise TypeError(f"cannot cast {buildable!r}: it is not a Buildable")
    if new_type not in BUILDABLE_TYPES:
        raise TypeError(f"cannot cast to {new_type!r}: it is not a subclass of Buildable")
    made = copy_alone(buildable, new_type)
    if issubclass(new_type, Partial):
        set_form(made, 0)  # so that a call of the partial can override any argument by name
    return made


def typed(node: Buildable[T]) -> T:
    """Return the node itself, typed as the object that it builds.

    So they know its attributes, and complete them: those that the built object has under the names
    of its parameters. What a node has no such types for is of any type, without this, too.

    Args:
        node: The node.

    Example:
        >>> class Dense:
        ...     def __init__(self, units: int): self.units = units
        >>> cfg = Config(Dense, 8)
        >>> typed(cfg).units = 16
        >>> cfg
        <Config[Dense(units=16)]>
    """
    found: Any = node
    return found


def get_callable(buildable: Buildable[T]) -> Callable[..., T]:
    """Return the callable of a buildable.

    Example:
        >>> get_callable(Config(int))
        <class 'int'>
    """
    return buildable.__fn_or_cls__


def ordered_arguments(
    buildable: Buildable[object],
    *,
    include_var_keyword: bool = True,
    include_defaults: bool = False,
    include_unset: bool = False,
    include_positional: bool = True,
    include_equal_to_default: bool = True,
) -> Arguments:
    """Return the arguments of a buildable in the order of the parameters.

    Args:
        buildable: The buildable.
        include_var_keyword: Include arguments that ``**kwargs`` takes.
        include_defaults: Include the defaults of unset arguments.
        include_unset: Include unset arguments without a default, as `NO_VALUE`.
        include_positional: Include those stored by position.
        include_equal_to_default: Include arguments that are set to their default.

    Returns:
        A new dict, by the storage rule.

    Raises:
        ValueError: Defaults are to be both included and excluded.

    Example:
        >>> def fn(a, b=2): ...
        >>> ordered_arguments(Config(fn, a=1), include_defaults=True)
        {'a': 1, 'b': 2}
    """
    if include_defaults and not include_equal_to_default:
        raise ValueError("include_defaults and include_equal_to_default=False exclude each other")
    signature = signature_of(buildable.__fn_or_cls__)
    found = dict(buildable.__arguments__)
    if include_defaults:
        found = {**signature.defaults, **found}
    if include_unset:
        found = {**dict.fromkeys(signature.required, NO_VALUE), **found}
    return {
        key: value
        for key, value in signature.ordered(found).items()
        if (include_positional or not isinstance(key, int))
        and (include_var_keyword or isinstance(key, int) or key in signature.names)
        and (include_equal_to_default or not _is_default(value, signature.default(key)))
    }


def _is_default(value: object, default: object) -> bool:
    return default is not NO_VALUE and equal(value, default)
