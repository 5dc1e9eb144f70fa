"""Remembering with which arguments objects were made: `recorded` and `recording`."""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import threading
from collections.abc import Callable, Generator
from contextvars import ContextVar
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from ... import configs
from ...configs import WeakIdentityCache
from ..engine.callers import caller
from ..engine.values import type_of
from ..errors import NotAFunctionError, describe
from .own_attributes import ABSENT, RECORDS, attribute

if TYPE_CHECKING:
    from ...configs import ArgumentKey
    from ...configs.for_tracer import Arguments

C = TypeVar("C", bound=type)


@attrs.define(eq=False)
class RecordedArguments:
    """The arguments that an object was made with.

    Attributes:
        arguments: By the storage rule.
        holders: Attributes that held an argument when the constructor ended.
    """

    arguments: Arguments
    holders: dict[ArgumentKey, str]

    def settle(self, obj: object) -> None:
        """Note which attributes hold arguments, now that the constructor has ended."""
        for key, value in self.arguments.items():
            for name in (key, f"_{key}") if isinstance(key, str) else ():
                if attribute(obj, name) is value:
                    self.holders[key] = name
                    break

    def present(self, obj: object) -> Arguments:
        """Return the arguments, each as the attribute that held it has it now."""
        found = dict(self.arguments)
        for key, name in self.holders.items():
            value = attribute(obj, name)
            if value is not ABSENT:
                found[key] = value
        return found


_recorded: Final[WeakIdentityCache[object, RecordedArguments]] = WeakIdentityCache()


def recorded_arguments(obj: object) -> RecordedArguments | None:
    """Return the recorded construction of an object, or None."""
    found = _recorded.get(obj)
    active = _active.get()
    while found is None and active is not None:
        found = active.strong.get(id(obj), (obj, None))[1]
        active = active.outer
    return found


def recorded(cls: C) -> C:
    """Decorate a class so that its objects remember with which arguments they were made.

    They are remembered for as long as the object lives. An argument that the constructor kept as an
    attribute of its name, or of its name after an underscore, is taken as the attribute is when
    `autoconvert` asks. A subclass with a constructor of its own has to be decorated, too.

    Args:
        cls: A class with an ``__init__`` in Python; it is changed, and returned.

    Raises:
        NotAFunctionError: (a TypeError) If the class has none, or its objects cannot be weakly
            referenced.

    Example:
        >>> from bytefig.tracer import autoconvert, recorded
        >>> @recorded
        ... class Scaled:
        ...     def __init__(self, size): self.twice = 2 * size
        >>> autoconvert(lambda model: model)(Scaled(3))
        <Config[Scaled(size=3)]>
    """
    problem = fix = ""
    init: Any = cls.__init__ if isinstance(cls, type) else None  # pyright: ignore
    if not isinstance(init, FunctionType):
        problem = f"recorded needs a class with an __init__ in Python, not {cls!r}"
        fix = "use autoconvert.register for it"
    elif not any("__weakref__" in vars(base) for base in cls.__mro__):
        problem = f"recorded cannot remember objects of {cls.__qualname__}: they take no weakref"
        fix = "add '__weakref__' to its __slots__"
    if problem:
        raise NotAFunctionError(describe(problem, caller(), fix))

    @functools.wraps(init)
    def __init__(self: Any, /, *args: object, **kwargs: object) -> None:  # noqa: N807 - it is one
        init(self, *args, **kwargs)
        if type_of(self).__init__ is not __init__:
            return  # A subclass calls this with arguments that are not its own.
        made = RecordedArguments(configs.signature_of(type_of(self)).bind(args, kwargs), {})
        made.settle(self)
        _recorded.set(self, made)

    setattr(__init__, RECORDS, True)
    cls.__init__ = __init__
    return cls


class _Recording:
    """One ``with recording():`` block."""

    __slots__ = ("_begun", "outer", "strong")

    def __init__(self, outer: _Recording | None) -> None:
        self.outer = outer
        #: Constructors that run, by the id of their frame.
        self._begun: dict[int, tuple[object, RecordedArguments]] = {}
        #: What cannot be weakly referenced, by id: kept until the block ends.
        self.strong: dict[int, tuple[object, RecordedArguments]] = {}

    def begin(self, frame: FrameType) -> None:
        """Look at a constructor that is about to run."""
        code = frame.f_code
        obj: object = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        cls: Any = type_of(obj)
        init = cls.__init__
        own = isinstance(init, FunctionType) and init.__code__ is code
        if not own or type(cls).__call__ is not type.__call__:
            return
        if any(begun is obj for begun, _ in self._begun.values()):
            return
        self._begun[id(frame)] = (obj, RecordedArguments(_arguments(cls, frame), {}))

    def end(self, frame: FrameType) -> None:
        """Remember the object of a constructor that has run."""
        entry = self._begun.pop(id(frame), None)
        if entry is None:
            return
        obj, made = entry
        made.settle(obj)
        _recorded.set(obj, made)
        if _recorded.get(obj) is not made:
            self.strong[id(obj)] = entry


def _arguments(cls: type, frame: FrameType) -> Arguments:
    """Return the arguments of a constructor's frame, without those that are the default."""
    names, varargs, varkw, values = inspect.getargvalues(frame)
    count = frame.f_code.co_argcount
    positional = [values[name] for name in names[1:count]]
    named = {name: values[name] for name in names[count:]}
    rest: tuple[object, ...] = values[varargs] if varargs else ()
    named.update(values[varkw] if varkw else {})
    signature = configs.signature_of(cls)
    bound = signature.bind((*positional, *rest), named)
    if rest:
        return bound
    return {key: value for key, value in bound.items() if value is not signature.default(key)}


_active: Final[ContextVar[_Recording | None]] = ContextVar("recording", default=None)


class _Thread(threading.local):
    """The profile function of a thread, and the one to go back to."""

    blocks: int = 0
    before: Any = None
    own: Callable[[FrameType, str, object], None] | None = None


_thread: Final = _Thread()


@contextlib.contextmanager
def recording() -> Generator[None]:
    """Remember with which arguments objects are made inside a ``with`` block.

    That of the current thread and context: not what other threads and tasks make meanwhile. Classes
    need an ``__init__`` in Python. An object that takes no weak reference is kept alive, and
    remembered, until the block ends; others as long as they live. Uses `sys.setprofile`, so a
    profiler that is active sees nothing else than before, while a debugger is not disturbed.

    Example:
        >>> from bytefig.tracer import autoconvert, recording
        >>> class Scaled:
        ...     def __init__(self, size): self.twice = 2 * size
        >>> with recording():
        ...     model = Scaled(3)
        >>> autoconvert(lambda model: model)(model)
        <Config[Scaled(size=3)]>
    """
    token = _active.set(_Recording(_active.get()))
    if not _thread.blocks:
        _thread.before = sys.getprofile()
        _thread.own = _profiler(_thread.before)
        sys.setprofile(_thread.own)
    _thread.blocks += 1
    try:
        yield
    finally:
        _thread.blocks -= 1
        if not _thread.blocks:
            if sys.getprofile() is _thread.own:
                sys.setprofile(_thread.before)
            _thread.before = _thread.own = None
        _active.reset(token)


def _profiler(before: object) -> Callable[[FrameType, str, object], None]:
    def profile(frame: FrameType, event: str, arg: object) -> None:
        if callable(before):
            before(frame, event, arg)
        if frame.f_code.co_name != "__init__":
            return
        active = _active.get()
        if active is None:
            return
        if event == "call":
            active.begin(frame)
        elif event == "return":
            active.end(frame)

    return profile
