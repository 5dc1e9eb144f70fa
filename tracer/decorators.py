"""Other decorators in the stack that `auto_config` is part of, read from bytecode."""

from __future__ import annotations

import opcode
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any, Final

from .errors import NotAFunctionError, describe
from .functions import own_code
from .program import CO_VARARGS, CO_VARKEYWORDS

_CALLS: Final = frozenset(
    opcode.opmap[name] for name in ("PRECALL", "CALL") if name in opcode.opmap
)
_CACHE: Final = opcode.opmap["CACHE"]
_ORDERED: Final = frozenset({"classmethod", "staticmethod"})


def check_order(frame: FrameType, name: str) -> None:
    """Refuse ``@classmethod`` and ``@staticmethod`` above the decorator being called.

    They would wrap the result, and its `as_buildable` would not be bound.

    Args:
        frame: The frame that calls the decorator.
        name: The decorated function's name.

    Raises:
        AssertionError: One is called next, on the result.
    """
    above = _called_next(frame.f_code, frame.f_lasti)
    if above in _ORDERED:
        raise AssertionError(
            describe(
                f"@{above} stands above @auto_config on {name}",
                f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}",
                f"reorder the decorators, so that @auto_config stands above @{above}",
            )
        )


def _called_next(code: CodeType, offset: int) -> str | None:
    """Return the name that the next instruction calls, if it is a call: a decorator above.

    A decorator is loaded by an instruction with the position of its call.
    """
    text = code.co_code
    offset += 2
    while offset < len(text) and text[offset] == _CACHE:
        offset += 2
    if offset >= len(text) or text[offset] not in _CALLS:
        return None
    positions = list(code.co_positions())
    wanted = positions[offset // 2]
    for unit, position in enumerate(positions[: offset // 2]):
        if position == wanted and opcode.opname[text[2 * unit]] in _LOADS:
            index = _oparg(text, 2 * unit) >> _LOADS[opcode.opname[text[2 * unit]]]
            return code.co_names[index]
    return None


#: Opcodes that load a global name, and how many bits of oparg are not its index.
_LOADS: Final = {"LOAD_NAME": 0, "LOAD_GLOBAL": 1}


def _oparg(text: bytes, offset: int) -> int:
    oparg, shift = text[offset + 1], 8
    while offset >= 2 and text[offset - 2] == opcode.EXTENDED_ARG:
        offset -= 2
        oparg |= text[offset + 1] << shift
        shift += 8
    return oparg


def wrapped_functions(function: FunctionType) -> tuple[Any, ...]:
    """Return what a function wraps, as ``functools.wraps`` tells, outermost first.

    Example:
        >>> import functools
        >>> def build(): ...
        >>> @functools.wraps(build)
        ... def wrapper(): return build()
        >>> wrapped_functions(wrapper) == (build,)
        True
    """
    found: list[Any] = []
    fn: Any = function
    while (fn := getattr(fn, "__wrapped__", None)) is not None and fn not in found:
        found.append(fn)
    return tuple(found)


def check_wrapper(function: FunctionType) -> None:
    """Refuse the wrapper that a decorator made without ``functools.wraps``.

    What it passes any arguments on to is one opaque call in its bytecode, and whether that is the
    user's function cannot be known.

    Raises:
        NotAFunctionError: If this is such a wrapper.
    """
    code = own_code(function)
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
                f"{code.co_filename}:{code.co_firstlineno} in {code.co_qualname}",
                f"use functools.wraps in {decorator}, or put @auto_config below @{decorator}",
            )
        )


def _function_in(cell: CellType) -> FunctionType | None:
    try:
        content = cell.cell_contents
    except ValueError:
        return None
    return content if isinstance(content, FunctionType) else None
