"""Operations on a node that only make sense on the object it stands for.

A node is not that object, so most of them fail as they would on any object without them. Code that
runs a builder function on nodes can ask to be told of them, and refuse: `watch`.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe as _frame_above  # pyright: ignore[reportPrivateUsage]
from types import FrameType
from typing import TYPE_CHECKING, Any

#: Given a node, a verb for what is done to it, and the frame that does it; raises to refuse.
Watcher = Callable[[Any, str, FrameType], None]

_watcher: Watcher | None = None


def watch(watcher: Watcher) -> None:
    """Call ``watcher`` first when a node is compared, hashed, indexed, formatted and the like.

    There is one watcher in a process: it belongs to the capture engine.
    """
    global _watcher  # noqa: PLW0603 - one assignment when the engine is imported
    _watcher = watcher


def used(node: object, action: str) -> None:
    """Tell the watcher, if there is one, what is about to be done to a node.

    Only a special method of the node calls this itself: the frame above that one does it.
    """
    if _watcher is not None:
        _watcher(node, action, _frame_above(2))


def _undefined(symbol: str) -> Any:
    def operation(self: object, *_: object) -> Any:
        used(self, f"compute with {symbol} and")
        return NotImplemented

    return operation


def _undefined_unary(symbol: str) -> Any:
    def operation(self: object) -> Any:
        used(self, f"compute {symbol} of")
        raise TypeError(f"bad operand type for unary {symbol}: {type(self).__name__!r}")

    return operation


class Operations:
    """What nodes have so that a watcher is told; without one they behave as if it were absent."""

    __slots__ = ()

    def __bool__(self) -> bool:
        """Return True."""
        used(self, "test the truth of")
        return True

    def __format__(self, spec: str, /) -> str:
        """Return the text of the node; there is no format but the empty one."""
        used(self, "format")
        return object.__format__(self, spec)

    if not TYPE_CHECKING:  # A type checker is to report them: no node can be computed with.
        __lt__, __le__, __gt__, __ge__ = map(_undefined, ("<", "<=", ">", ">="))
        __add__ = __radd__ = _undefined("+")
        __sub__ = __rsub__ = _undefined("-")
        __mul__ = __rmul__ = _undefined("*")
        __matmul__ = __rmatmul__ = _undefined("@")
        __truediv__ = __rtruediv__ = _undefined("/")
        __floordiv__ = __rfloordiv__ = _undefined("//")
        __mod__ = __rmod__ = _undefined("%")
        __pow__ = __rpow__ = _undefined("**")
        __lshift__ = __rlshift__ = _undefined("<<")
        __rshift__ = __rrshift__ = _undefined(">>")
        __and__ = __rand__ = _undefined("&")
        __or__ = __ror__ = _undefined("|")
        __xor__ = __rxor__ = _undefined("^")
        __neg__, __pos__, __invert__ = map(_undefined_unary, "-+~")
