"""Other decorators in the stack that `auto_config` is part of, read from bytecode."""

from __future__ import annotations

from collections.abc import Iterator
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any, Final

from ...configs.for_tracer import shown_file
from ..errors import NotAFunctionError, describe
from .flags import CO_VARARGS, CO_VARKEYWORDS
from .wordcode import FLAG_BITS, Wordcode, number, numbers

_CALLING: Final = numbers("PRECALL", "CALL")
#: Opcodes that load a global name, and how many bits of oparg are not its index.
_LOADS: Final = {number(name): FLAG_BITS.get(name, 0) for name in ("LOAD_NAME", "LOAD_GLOBAL")}


def check_order(frame: FrameType, name: str) -> None:
    """Refuse ``@classmethod`` and ``@staticmethod`` above the decorator being called.

    They would wrap the result, and its `as_buildable` would not be bound.

    Args:
        frame: The frame that calls the decorator.
        name: The decorated function's name.

    Raises:
        AssertionError: One is called next, on the result or what other decorators make of it.
    """
    for above in _called_next(frame):
        if above in (classmethod, staticmethod):
            kind = above.__name__
            raise AssertionError(
                describe(
                    f"@{kind} stands above @auto_config on {name}",
                    f"{shown_file(frame.f_code.co_filename)}:{frame.f_lineno}"
                    f" in {frame.f_code.co_qualname}",
                    f"reorder the decorators, so that @auto_config stands above @{kind}",
                )
            )


def _called_next(frame: FrameType) -> Iterator[Any]:
    """Yield the callables of the next calls, each given the result of the one before: decorators.

    A decorator is loaded by an instruction with the position of its call.
    """
    words = Wordcode(frame.f_code)
    running = frame.f_lasti // 2
    index = words.at(running + 1)
    while index < len(words.ops) and words.ops[index] in _CALLING:
        wanted = words.positions[index]
        for earlier in range(words.at(running)):
            bits = _LOADS.get(words.ops[earlier])
            if bits is not None and words.positions[earlier] == wanted:
                yield _global(frame, frame.f_code.co_names[words.args[earlier] >> bits])
                break
        index += 1


def _global(frame: FrameType, name: str) -> object:
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if name in names:
            return names[name]
    return None


def wrapped_functions(function: object) -> tuple[Any, ...]:
    """Return the callables wrapped inside one, as ``functools.wraps`` tells, outermost first.

    Example:
        >>> import functools
        >>> def build(): ...
        >>> @functools.wraps(build)
        ... def wrapper(): return build()
        >>> wrapped_functions(wrapper) == (build,)
        True
    """
    found: list[object] = []
    fn = function
    while True:
        # From its own dict: the ``__getattr__`` of an object may answer anything.
        fn = getattr(fn, "__dict__", {}).get("__wrapped__")
        if fn is None or any(fn is each for each in found):
            return tuple(found)
        found.append(fn)


def check_wrapper(function: FunctionType, code: CodeType) -> None:
    """Refuse the wrapper that a decorator made without ``functools.wraps``.

    What it passes any arguments on to is one opaque call in its bytecode, and whether that is the
    user's function cannot be known.

    Args:
        function: What may be one.
        code: Its code as it was written.

    Raises:
        NotAFunctionError: If this is such a wrapper.
    """
    if code.co_flags & (CO_VARARGS | CO_VARKEYWORDS) != CO_VARARGS | CO_VARKEYWORDS:
        return
    if hasattr(function, "__wrapped__") or "<locals>" not in code.co_qualname:
        return
    hidden = next(filter(None, map(_function_in, function.__closure__ or ())), None)
    if hidden is not None:
        decorator = code.co_qualname.split(".<locals>")[0]
        raise NotAFunctionError(
            describe(
                f"the decorator {decorator} stands between auto_config and {hidden.__qualname__}, "
                "and does not say what it wraps",
                f"{shown_file(code.co_filename)}:{code.co_firstlineno} in {code.co_qualname}",
                f"use functools.wraps in {decorator}, or put @auto_config below @{decorator}",
            )
        )


def _function_in(cell: CellType) -> FunctionType | None:
    try:
        content = cell.cell_contents
    except ValueError:
        return None
    return content if isinstance(content, FunctionType) else None
