"""Functions that are captured when they are called, and how that was asked for."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import attrs

from . import late
from .inlinable import Captures

if TYPE_CHECKING:
    from .recorder import CaptureOptions


class Request:
    """The request that a decorator keeps; options are made of it when they are needed.

    Args:
        **asked: The parameters of `capture_options`.
    """

    __slots__ = ("_asked", "_options")

    def __init__(self, **asked: Any) -> None:
        self._asked = asked
        self._options: CaptureOptions | None = None

    @property
    def options(self) -> CaptureOptions:
        """How functions are captured: the same options for all that one decorator is given."""
        made = self._options
        if made is None:
            made = self._options = late.capture_options(**self._asked)
        return made


class Capture(Captures):
    """Calling it runs a function in the interpreter and returns the graph it builds.

    A descriptor like the function itself, so it works as a method.

    Args:
        function: The function.
        asked: How it is captured.
        functions: Those that it wraps, outermost first.
    """

    __slots__ = ("__weakref__", "_asked", "_functions", "_options")

    def __init__(
        self,
        function: FunctionType,
        asked: Request | CaptureOptions,
        functions: tuple[object, ...] = (),
    ) -> None:
        self.function = function
        self.binder = None
        self._asked = asked
        self._functions = functions
        self._options: CaptureOptions | None = None

    @property
    def options(self) -> CaptureOptions:
        """How the function is captured."""
        made = self._options
        if made is None:
            asked = self._asked
            made = asked.options if isinstance(asked, Request) else asked
            if self._functions:
                made = late.with_wrapped(made, self.function, self._functions)
            self._options = made
        return made

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the findings of the last capture."""
        options = self.options
        fields = [
            getattr(options, field.name)
            for field in attrs.fields(late.CaptureOptions)
            if field.init
        ]
        return _unpickled, (self.function, *fields)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind like a function."""
        return self if instance is None else MethodType(self, instance)

    def __call__(self, /, *args: object, **kwargs: object) -> Any:
        """Capture one call.

        Raises:
            ArgumentBindingError: If the arguments do not fit the function.
            NoBuildableError: If the result holds no buildable, unless the options allow that.
            UnbuiltNodeError: If the function used a node as the object, even if it caught this.
        """
        try:
            return late.captured(self, self._options or self.options, args, kwargs)
        except BaseException as error:
            error.__traceback__ = late.strip(error.__traceback__)
            raise


def _unpickled(function: FunctionType, *fields: Any) -> Capture:
    return Capture(function, late.CaptureOptions(*fields))
