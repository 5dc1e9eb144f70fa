"""``capture``: the graph of one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar, overload

from .auto_config import capturable, has_parameter, is_auto_config
from .engine.values import Value
from .recording import late
from .recording.inlinable import FORESEEING, Captures

if TYPE_CHECKING:
    from ..configs import Config
    from .profiling import Profile

P = ParamSpec("P")
T = TypeVar("T")


@overload
def capture(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Config[T]: ...
@overload
def capture(
    fn: Callable[..., T], /, *args: object, deferred: bool, **kwargs: object
) -> Config[T]: ...
@overload
def capture(
    fn: Callable[..., object], /, *args: object, profile: Literal[True], **kwargs: object
) -> Profile: ...
def capture(fn: Value, /, *args: object, **kwargs: Any) -> object:
    """Return the graph of the result of one call, with every language construct allowed.

    Args:
        fn: An auto_config function, or anything that `auto_config` takes.
        *args: The call's positional arguments.
        **kwargs: The call's named arguments. Two of them are not the function's, unless it has a
            parameter of that name itself: with ``profile=True`` the `Profile` of the capture is
            returned, whose ``graph`` is the graph; with ``deferred=False`` nothing can be done to
            objects that are not built yet, see `auto_config`. Of an auto_config function, what it
            was made with counts.

    Raises:
        ValueError: ``deferred`` is given with an auto_config function.
        TracerError: As `auto_config` and its `AutoConfig.as_buildable` do.

    Example:
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> capture(lambda n: [Dense(i) for i in range(n)], 2)
        [<Config[Dense(units=0)]>, <Config[Dense(units=1)]>]
        >>> capture(lambda: Dense(8), profile=True).graph
        <Config[Dense(units=8)]>
        >>> capture(lambda: Dense(8).units * 2)
        <Config[mul(0=<Config[<Config[Dense(units=8)]>.units]>, 1=2)]>
    """
    deferred = True
    if "deferred" in kwargs and not has_parameter(fn, "deferred"):
        deferred = kwargs.pop("deferred")
        if is_auto_config(fn):
            raise ValueError(
                f"deferred={deferred!r} cannot be given to the capture of an auto_config function\n"
                f"  fix: auto_config(..., deferred={deferred!r}), where the function is made"
            )
    if "profile" in kwargs and not has_parameter(fn, "profile") and kwargs.pop("profile"):
        from .profiling import profile  # noqa: PLC0415 - rarely needed

        return profile(capturable(fn, deferred=deferred), *args, **kwargs)
    try:
        return capturable(fn, deferred=deferred).as_buildable(*args, **kwargs)
    except BaseException as error:
        error.__traceback__ = late.strip(error.__traceback__)
        raise


def _foreseen(captured: Captures) -> list[tuple[str, str]]:
    """Return the places where a function is refused for sure, each with the refused action."""
    from .explanation import explain  # noqa: PLC0415 - rarely needed

    try:
        explanation = explain(captured)
    except Exception:  # a policy of the user's may fail with any; another error is being told
        return []
    return [
        (explanation.place_of(use), f"{use.action} {use.value}")
        for use in explanation.uses
        if not use.fixed and use.line is not None
    ]


FORESEEING.append(_foreseen)
