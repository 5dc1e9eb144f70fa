"""Operations on a node that only make sense on the object it stands for.

A node is not that object, so most of them fail as they would on any object without them. Code that
runs a builder function on nodes can ask to be told of them, and refuse, or answer: `watch`.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe as _frame_above  # pyright: ignore[reportPrivateUsage]
from types import FrameType
from typing import TYPE_CHECKING, Any

#: Given a node, a verb for what is done to it, the frame that does it, the name of the special
#: method without underscores, and what that is given. Returns what it is to return, or None to
#: leave it to the node; raises to refuse. Where there is no such name, no answer can be given.
Watcher = Callable[[object, str, FrameType, str, tuple[object, ...]], object]

_watcher: Watcher | None = None


def watch(watcher: Watcher) -> None:
    """Call ``watcher`` first when a node is compared, hashed, indexed, formatted and the like.

    There is one watcher in a process: it belongs to the capture engine.
    """
    global _watcher  # noqa: PLW0603 - one assignment when the engine is imported
    _watcher = watcher


def used(node: object, action: str, method: str = "", *operands: object) -> Any:
    """Tell the watcher, if there is one, of an operation on a node; return its answer.

    Only a special method of the node calls this itself: the frame above that one does it.
    """
    if _watcher is not None:
        return _watcher(node, action, _frame_above(2), method, operands)
    return None


def _undefined(symbol: str, method: str) -> object:
    def operation(self: object, *operands: object) -> object:
        answer = used(self, f"compute with {symbol} and", method, *operands)
        return NotImplemented if answer is None else answer

    return operation


def _undefined_unary(symbol: str, method: str) -> object:
    def operation(self: object) -> object:
        answer = used(self, f"compute {symbol} of", method)
        if answer is None:
            raise TypeError(f"bad operand type for unary {symbol}: {type(self).__name__!r}")
        return answer

    return operation


def _both(symbol: str, method: str) -> object:
    return _undefined(symbol, method), _undefined(symbol, f"r{method}")


class Operations:
    """The methods of nodes that tell a watcher; without one, they behave as if absent."""

    __slots__ = ()

    def __bool__(self) -> bool:
        """Return True."""
        answer = used(self, "test the truth of", "bool")
        return True if answer is None else answer

    def __format__(self, spec: str, /) -> str:
        """Return the text of the node; there is no format but the empty one."""
        answer = used(self, "format", "format", spec)
        return object.__format__(self, spec) if answer is None else answer

    if not TYPE_CHECKING:  # A type checker is to report them: no node can be computed with.
        # Arrays leave it to the other operand, and do not take it for an item.
        __array_ufunc__ = None
        __lt__, __le__ = _undefined("<", "lt"), _undefined("<=", "le")
        __gt__, __ge__ = _undefined(">", "gt"), _undefined(">=", "ge")
        __add__, __radd__ = _both("+", "add")
        __sub__, __rsub__ = _both("-", "sub")
        __mul__, __rmul__ = _both("*", "mul")
        __matmul__, __rmatmul__ = _both("@", "matmul")
        __truediv__, __rtruediv__ = _both("/", "truediv")
        __floordiv__, __rfloordiv__ = _both("//", "floordiv")
        __mod__, __rmod__ = _both("%", "mod")
        __pow__, __rpow__ = _both("**", "pow")
        __lshift__, __rlshift__ = _both("<<", "lshift")
        __rshift__, __rrshift__ = _both(">>", "rshift")
        __and__, __rand__ = _both("&", "and")
        __or__, __ror__ = _both("|", "or")
        __xor__, __rxor__ = _both("^", "xor")
        __neg__, __pos__ = _undefined_unary("-", "neg"), _undefined_unary("+", "pos")
        __invert__ = _undefined_unary("~", "invert")

        def __enter__(self) -> Any:
            answer = used(self, "enter", "enter")
            if answer is None:
                raise _no_context_manager(self)
            return answer

        def __exit__(self, *error: object) -> None:
            if used(self, "leave", "exit", *error) is None:
                raise _no_context_manager(self)


def _no_context_manager(node: object) -> TypeError:
    name = type(node).__name__
    return TypeError(f"{name!r} object does not support the context manager protocol")
