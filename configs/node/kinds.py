"""The three kinds of nodes, and what to ask of a node."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..arg_factory import FreshArgument, FreshCall
from ..core.sentinels import NO_VALUE
from ..core.watching import used
from ..signature.signature import Arguments, signature_of
from .buildable import Buildable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


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

    def __build__(self, /, *args: Any, **kwargs: Any) -> T_co:
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

    def __build__(self, /, *args: Any, **kwargs: Any) -> functools.partial[T_co]:
        """Return the partial; arguments made by an `ArgFactory` are made anew at every call."""
        fn = self.__fn_or_cls__
        if any(type(value) is FreshArgument for value in (*args, *kwargs.values())):
            fn = FreshCall(fn)
        return functools.partial(fn, *args, **kwargs)

    def __call__(self, /, *args: Any, **kwargs: Any) -> T_co:
        """Build the partial, and call it; arguments of this call replace those of the node.

        An argument that is replaced is not built. The node does not change.

        Args:
            *args: Follow the positional-only and variadic arguments of the node, as in a
                ``functools.partial``; they replace what the node has for those parameters.
            **kwargs: Named arguments.

        Raises:
            BuildError: An argument cannot be built.
        """
        used(self, "call")
        from ..building.builder import build, independent_build  # noqa: PLC0415 - it imports this module

        signature = signature_of(self.__fn_or_cls__)
        stored = self.__arguments__
        taken = sum(1 for key in stored if isinstance(key, int))
        replaced = {*signature.positional[taken : taken + len(args)], *kwargs}
        node = type(self).__from_bound__(
            self.__fn_or_cls__,
            {key: value for key, value in stored.items() if key not in replaced},
            self.__provenance__,
        )
        with independent_build():  # also where another build calls this
            partial = build(node)
        return partial(*args, **kwargs)


class ArgFactory(Buildable[T_co]):
    """An argument of a `Partial`, or of another `ArgFactory`, made anew at every call.

    Example:
        >>> from bytefig.configs import build
        >>> make = build(Partial(dict, items=ArgFactory(list)))
        >>> make()["items"] is make()["items"]
        False
    """

    __slots__ = ()

    def __build__(self, /, *args: Any, **kwargs: Any) -> FreshArgument:
        """Return the mark that the enclosing partial replaces at every call."""
        fn = self.__fn_or_cls__
        if any(type(value) is FreshArgument for value in (*args, *kwargs.values())):
            fn = FreshCall(fn)
        return FreshArgument(functools.partial(fn, *args, **kwargs) if args or kwargs else fn)


def get_callable(buildable: Buildable[T]) -> Callable[..., T]:
    """Return the callable of a buildable.

    Example:
        >>> get_callable(Config(int))
        <class 'int'>
    """
    return buildable.__fn_or_cls__


def ordered_arguments(
    buildable: Buildable[Any],
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
    if default is NO_VALUE:
        return False
    try:
        return value is default or bool(value == default)
    except Exception:  # an array compares by element; asking is all that can be done
        return False
