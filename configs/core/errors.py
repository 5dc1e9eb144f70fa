"""The errors of the config graph."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from types import BuiltinFunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final

#: How long a part of a document may be in a message.
EXCERPT: Final = 60


class ConfigError(Exception):
    """Base class of the errors that this package raises about a graph."""


class ProblemsError(ConfigError):
    """Base class of the errors that report all problems of a graph at once.

    Attributes:
        problems: All of them; the text shows the first twenty.
    """

    _SHOWN = 20

    def __init__(self, problems: Sequence[Any]) -> None:
        """Keep the problems."""
        self.problems: tuple[Any, ...] = tuple(problems)
        super().__init__(self.problems)

    def summary(self, count: int) -> str:
        """Return the text of a number of problems."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the problem, its place, and the reason."""
        count = len(self.problems)
        shown = [f"  {problem}" for problem in self.problems[: self._SHOWN]]
        if count > self._SHOWN:
            shown.append(f"  and {count - self._SHOWN} more: see .problems")
        return "\n".join([self.summary(count), *shown])

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as text: the problems hold the graph."""
        return ConfigError, (str(self),)


class ManyPathsError(ConfigError, ValueError):
    """A graph was gone through path by path, and has far more paths than values.

    Attributes:
        path: How far it came.
    """

    def __init__(self, path: str) -> None:
        """Say where it stopped."""
        self.path = path
        super().__init__(path)

    def __str__(self) -> str:
        """Return the problem, its place, and the fix."""
        return (
            f"there is no end to the paths of this graph: what is in it is shared again and again"
            f"\n  stopped at {self.path}\n  fix: pass memoized=True, to meet each node once"
        )


class CycleError(ConfigError, ValueError):
    """A value contains itself, so the graph has no order to visit it in.

    Attributes:
        outer: Path of the value, seen first.
        inner: Longer path that leads to the same value again.
    """

    def __init__(self, outer: str, inner: str) -> None:
        """Describe the cycle by its two ends."""
        self.outer = outer
        self.inner = inner
        super().__init__(outer, inner)

    def __str__(self) -> str:
        """Return the problem, its place, and the fix."""
        return (
            f"the graph has a cycle: {self.inner} is the same object as {self.outer}\n"
            f"  fix: put another value at {self.inner}, or a copy of {self.outer}"
        )


class NestedBuildError(ConfigError, ValueError):
    """`build` was called by a callable that another `build` is calling."""


class DefaultFactoryError(ConfigError, AttributeError, ValueError):
    """The default of an unset argument does not exist yet: a factory makes it at each call."""


class UnwritableError(Exception):
    """A value cannot be written; the text says why. No user sees it."""


class DocumentError(Exception):
    """A part of a document is wrong. No user sees it.

    Attributes:
        steps: The keys that lead to it from where it is caught, outermost first.
    """

    def __init__(self, message: str, *steps: str | int) -> None:
        """Describe the problem, and its place below the value that was being read."""
        super().__init__(message)
        self.steps: list[str | int] = list(steps)


def excerpt(value: object) -> str:
    """Return the repr of a part of a document, cut short; never raises.

    Example:
        >>> len(excerpt("x" * 1000))
        60
    """
    if isinstance(value, str):
        text = repr(value[:EXCERPT])
    elif isinstance(value, dict | list):
        text = f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, int) and value.bit_length() > 128:
        text = "a huge integer"
    else:
        text = repr(value)
    return text if len(text) <= EXCERPT else text[: EXCERPT - 3] + "..."


class BuildError(ConfigError):
    """A node could not be built.

    When a callable raised, the error raised by `build` is also an instance of that exception's
    type, where Python lets the two be combined; ``__cause__`` is the original exception. Where it
    does not, as of a class written in C that has no subclasses, `build` raises the original, with
    what this would say as a note.

    Attributes:
        path: Path of the node, such as ``<root>.layers[0]``; what the original has under this name
            if it has one, such as the ``path`` of an ImportError.
        callable: The callable of the node, likewise; None for a container.
        node_path: Path of the node in any case.
        node_callable: The callable of the node in any case.
    """

    path: str
    callable: Callable[..., object] | None
    node_path: str
    node_callable: Callable[..., object] | None

    def __init__(self, message: str, *, path: str, callable: Callable[..., object] | None) -> None:
        """Keep the whole text as ``message``; see `combine` to blend in another type."""
        # Not through super(): a blended-in type may demand arguments of its own.
        self.args = (message,)
        self.path = self.node_path = path
        self.callable = self.node_callable = callable

    def __str__(self) -> str:
        """Return the message, also where the blended-in type prints itself differently."""
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the original type: the blended class cannot be imported by name."""
        ours = (ConfigError, *(base for base in type(self).__mro__ if issubclass(base, BuildError)))
        kind = next(base for base in type(self).__mro__ if base not in ours)
        parts = (kind, str(self), self.node_path, self.node_callable)
        return _restore, (*parts, self.exceptions) if isinstance(self, ExceptionGroup) else parts  # pyright: ignore[reportUnknownMemberType]


def _restore(
    kind: type[BaseException],
    message: str,
    path: str,
    fn: Callable[..., object] | None,
    exceptions: Sequence[Exception] = (),
) -> BuildError:
    original = ExceptionGroup("", exceptions) if exceptions else None
    blended = None if kind is Exception else _blend(kind, message, path, fn, original)
    return BuildError(message, path=path, callable=fn) if blended is None else blended


def combine(
    original: Exception,
    message: str,
    path: str,
    fn: Callable[..., object] | None,
    note: str | None = None,
) -> Exception:
    """Return a `BuildError` that is also an instance of the type of ``original``.

    Args:
        original: The exception that a callable raised; its own attributes are copied.
        message: The text of the new error.
        path: Path of the node that failed.
        fn: Callable of that node.
        note: What to add to the original if it is what is returned; by default, the message.

    Returns:
        The error to raise; the original with a note if the types cannot be combined.

    Example:
        >>> error = combine(KeyError("k"), "no such key", "<root>", dict)
        >>> isinstance(error, KeyError), isinstance(error, BuildError), str(error)
        (True, True, 'no such key')
    """
    blended = _blend(type(original), message, path, fn, original)
    if blended is not None:
        return blended
    with contextlib.suppress(Exception):  # of a class that lets nothing be set
        original.add_note(note or message)
    return original


def _blend(
    kind: type[BaseException],
    message: str,
    path: str,
    fn: Callable[..., object] | None,
    original: BaseException | None = None,
) -> BuildError | None:
    bases = (kind,) if issubclass(kind, BuildError) else (BuildError, kind)
    # What a user's `__new__` does, the original has been through.
    make: Any = next(
        base.__new__ for base in kind.__mro__ if type(base.__new__) is BuiltinFunctionType
    )
    source: Any = original
    parts = (source.exceptions,) if isinstance(source, ExceptionGroup) else ()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    try:
        blended = type(BuildError.__name__, bases, {"__module__": BuildError.__module__})
        error = make(blended, message, *parts)
        own = {name for name in ("path", "callable") if _is_its_own(source or kind, name)}
        if original is not None:
            _copy_state(original, error)
        ours = {"args": (message,), "node_path": path, "node_callable": fn}
        ours.update(
            (name, at) for name, at in (("path", path), ("callable", fn)) if name not in own
        )
        for name, value in ours.items():
            object.__setattr__(error, name, value)
        if issubclass(kind, SyntaxError):
            error.msg = message  # what a traceback prints of one
    except Exception:  # A user's type may refuse in any way.
        return None
    return error


def _is_its_own(original: Any, name: str) -> bool:
    """Tell whether an exception, or its type, has an attribute that a `BuildError` has, too."""
    if not hasattr(original, name):
        return False
    ours = isinstance(original, BuildError)
    return not ours or getattr(original, name) is not getattr(original, f"node_{name}")


def _copy_state(source: BaseException, target: BaseException) -> None:
    target.__dict__.update(source.__dict__)
    if notes := getattr(source, "__notes__", None):
        target.__dict__["__notes__"] = list(notes)
    for base in type(source).__mro__:
        if base in (Exception, BaseException, object):
            continue
        # C fields such as `OSError.errno`, and the slots of a user's exception.
        for name, field in vars(base).items():
            if isinstance(field, GetSetDescriptorType | MemberDescriptorType) and (
                not name.startswith("__")
            ):
                with contextlib.suppress(AttributeError, TypeError):  # unset, or read-only
                    object.__setattr__(target, name, getattr(source, name))
