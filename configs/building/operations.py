"""Operations of a program as functions, which nodes call that stand for them.

Those that `operator` and the builtins have no function for. A `with` is two calls: one enters, one
leaves, and what a build has entered it leaves in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from sys import _getframe  # pyright: ignore[reportPrivateUsage]
from types import FrameType
from typing import Any, Final, TypeVar, cast

from ..core.errors import BuildError
from ..core.member_names import spelt_as_call
from ..core.own_code import PUBLIC

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])

#: By the `id` of its code, which is never freed: the function whose frames run builds.
BUILDS: Final[set[int]] = set()
#: By the id of the frame of a build: the context managers that it has entered, and not left yet.
OPEN: Final[dict[int, list[object]]] = {}


def _public(function: FunctionT) -> FunctionT:
    """Let a function be named in documents by the place where it is public."""
    function.__module__ = PUBLIC
    return function


@spelt_as_call
@_public
def call_method(obj: object, name: str, /, *args: object, **kwargs: object) -> Any:
    """Call a method of an object.

    Args:
        obj: The object.
        name: The name of the method.
        *args: Its positional arguments.
        **kwargs: Its named arguments.

    Example:
        >>> from bytefig.configs import Config, build, call_method
        >>> build(Config(call_method, Config(complex, 3, 4), "conjugate"))
        (3-4j)
    """
    return getattr(obj, name)(*args, **kwargs)


@_public
def unpack(values: Any, count: int, /) -> tuple[Any, ...]:
    """Return the items of an iterable, which has to have so many.

    Args:
        values: What can be iterated.
        count: How many items it has.

    Raises:
        TypeError: It cannot be iterated.
        ValueError: It has more items, or fewer.

    Example:
        >>> unpack("ab", 2)
        ('a', 'b')
    """
    found: tuple[object, ...] = tuple(islice(values, count + 1))
    if len(found) > count:
        raise ValueError(f"too many values to unpack (expected {count})")
    if len(found) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(found)})")
    return found


@_public
def enter_context(manager: object, /) -> Any:
    """Enter a context manager as a ``with`` does, and return the result.

    In a build it is left in any case: by `leave_context`, or else when the build ends or fails.

    Raises:
        TypeError: It is no context manager.

    Example:
        >>> import io
        >>> file = enter_context(io.StringIO("text"))
        >>> leave_context(file)
        >>> file.closed
        True
    """
    cls = cast("Any", type(manager))
    for name in ("__enter__", "__exit__"):
        if not hasattr(cls, name):
            raise TypeError(
                f"'{cls.__qualname__}' object does not support the context manager protocol"
                f" (it has no {name})"
            )
    entered = cls.__enter__(manager)
    running = innermost_build(_getframe(1))
    if running:
        OPEN.setdefault(running, []).append(manager)
    return entered


@_public
def leave_context(manager: object, _: object = None, /) -> None:
    """Leave a context manager as a ``with`` does whose block has come to its end.

    Args:
        manager: The context manager.
        _: What `enter_context` gave for it, which so has to be there first.
    """
    entered = OPEN.get(innermost_build(_getframe(1)), [])
    for place in reversed(range(len(entered))):
        if entered[place] is manager:
            del entered[place]
            break
    _exit(manager, None, None, None)


def _exit(manager: object, *error: object) -> bool:
    cls: Any = type(manager)
    return bool(cls.__exit__(manager, *error))


def innermost_build(frame: FrameType | None) -> int:
    """Return the id of the innermost frame of `build` from a frame up; 0 if there is none."""
    while frame is not None and id(frame.f_code) not in BUILDS:
        frame = frame.f_back
    return id(frame) if frame is not None else 0


def leave_all(running: int, error: BaseException | None) -> None:
    """Leave the context managers that a build has entered and not left, the last first.

    Args:
        running: The id of its frame.
        error: What ends the build, if it fails. It does so though a context manager swallows it.
    """
    managers = OPEN.pop(running, [])
    cause = error.__cause__ if isinstance(error, BuildError) else None
    told = error if cause is None else cause
    traceback = None if told is None else told.__traceback__
    kind = None if told is None else type(told)
    while managers:
        manager = managers.pop()
        try:
            swallowed = _exit(manager, kind, told, traceback)
        except BaseException:
            OPEN[running] = managers
            leave_all(running, error)
            raise
        if swallowed and error is not None:
            error.add_note(
                f"a {type(manager).__qualname__} that the build has entered would swallow this"
                " error, but the build cannot go on without what failed"
            )
