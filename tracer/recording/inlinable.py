"""Functions that give graphs, as far as the recorder and the policies need to know them."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, Final, TypeVar

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])

#: The verbs that say of a callable not to record it.
EXEMPTING: Final[list[Callable[..., object]]] = []


class Inlinable:
    """A callable that knows its own config graph: capture can ask it for that.

    Attributes:
        always_inline: Whether a call gives the graph itself, or one node that stands for it.
    """

    __slots__ = ()

    # Not annotated: instances would have the class's ``__annotations__`` instead of the function's.
    always_inline = True

    @property
    def as_buildable(self) -> Callable[..., Any]:
        """A function of the same parameters that returns the graph of a call."""
        raise NotImplementedError


#: The last one returns places of a captured function where something is refused, and that; who
#: foresees it stands above this.
FORESEEING: Final[list[Callable[[Captures], list[tuple[str, str]]]]] = []


class Captures:
    """The `Inlinable.as_buildable`, bound or not, of a function that is run in a capture.

    Attributes:
        function: The function.
        binder: How its arguments bind, once it was captured.
    """

    __slots__ = ("binder", "function")

    function: FunctionType
    binder: Any


def exempting(function: FunctionT) -> FunctionT:
    """Mark a verb of the library that says of a callable not to record it: the verb itself runs."""
    EXEMPTING.append(function)
    return function


def dunder_call(cls: type) -> FunctionType | None:
    """Return the ``__call__`` that a class has, if it is a Python function."""
    call = next((vars(base)["__call__"] for base in cls.__mro__ if "__call__" in vars(base)), None)
    return call if isinstance(call, FunctionType) else None
