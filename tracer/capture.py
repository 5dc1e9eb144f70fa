"""``capture``: the graph of one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, overload

from ..configs import Config
from .auto_config import capturable, has_parameter
from .engine.tracebacks import strip

if TYPE_CHECKING:
    from .profiling import Profile

P = ParamSpec("P")
T = TypeVar("T")


@overload
def capture(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Config[T]: ...
@overload
def capture(
    fn: Callable[..., Any], /, *args: Any, profile: Literal[True], **kwargs: Any
) -> Profile: ...
def capture(fn: Any, /, *args: Any, **kwargs: Any) -> Any:
    """Return the graph of what one call builds, with every language construct allowed.

    Args:
        fn: An auto_config function, or anything that `auto_config` takes.
        *args: The call's positional arguments.
        **kwargs: The call's named arguments. One of them is not the function's, unless it has a
            parameter of that name itself: with ``profile=True`` the `Profile` of the capture is
            returned, whose ``graph`` is the graph.

    Raises:
        TracerError: As `auto_config` and its `AutoConfig.as_buildable` do.

    Example:
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> capture(lambda n: [Dense(i) for i in range(n)], 2)
        [<Config[Dense(units=0)]>, <Config[Dense(units=1)]>]
        >>> capture(lambda: Dense(8), profile=True).graph
        <Config[Dense(units=8)]>
    """
    if "profile" in kwargs and not has_parameter(fn, "profile") and kwargs.pop("profile"):
        from .profiling import profile  # noqa: PLC0415 - rarely needed

        return profile(fn, *args, **kwargs)
    try:
        return capturable(fn).as_buildable(*args, **kwargs)
    except BaseException as error:
        error.__traceback__ = strip(error.__traceback__)
        raise
