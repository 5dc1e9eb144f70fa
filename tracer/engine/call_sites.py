"""Calling native functions so that they find the user's frame above them.

`warnings`, `logging`, `collections.namedtuple` and others look at the frame of their caller. That
frame is made here: a small function with the user's file, function name, line and globals, which
makes the call. Tracebacks leave it out. One level up the run loop's own frames follow, so what
counts frames itself (``stacklevel``, ``sys._getframe``) has its count translated.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from types import CodeType, FrameType, FunctionType
from typing import Any, Final

from .callers import frame_above
from .frame import Frame
from .marks import CallsNatively, Hidden, Rebuilt, is_own, last_constant
from .tracebacks import line_at
from .values import Value

#: Marks the code of call sites.
_MARK: Final = CallsNatively(fn=0)


def _template(fn: Any, args: Any, kwargs: Any) -> Any: return fn(*args, **kwargs)  # fmt: skip


def call_from(
    frame: Frame, index: int, fn: object, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Value:
    """Call ``fn`` from a frame that looks like the interpreted one at a step."""
    if "stacklevel" in kwargs and _is_of_logging(fn):
        kwargs = {**kwargs, "stacklevel": _stacklevel(kwargs["stacklevel"], frame, frame_above(1))}
    return call_site(frame, index)(fn, args, kwargs)


def call_site(frame: Frame, index: int) -> Callable[..., Any]:
    """Return a function that looks like the frame at a step, and calls what it is given.

    Each frame between it and its caller takes from how deep a recursion can be.
    """
    codes = frame.program.call_sites
    code = codes.get(index)
    if code is None:
        code = codes[index] = _site_code(frame.code, frame.program.offsets[index])
    return FunctionType(code, frame.globals)


def entrance(code: CodeType, global_names: dict[str, object]) -> Callable[..., Any]:
    """Return a function that looks like the user's, so that profilers show its time there.

    Args:
        code: That of the user's function.
        global_names: The globals of that.

    Returns:
        A function of what to call, a tuple of arguments and a dict of named ones.
    """
    return FunctionType(_user_code(code, code.co_firstlineno, Hidden()), global_names)


def _site_code(code: CodeType, offset: int) -> CodeType:
    return _user_code(code, line_at(code, offset) or code.co_firstlineno, _MARK)


def _user_code(code: CodeType, line: int, mark: Hidden) -> CodeType:
    # The template is one line, so its first line is the line that it is at.
    return _template.__code__.replace(
        co_filename=code.co_filename,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_firstlineno=line,
        co_consts=(*_template.__code__.co_consts, mark),
    )


#: How many frames stand between a call site and the function below that counts for it.
_BETWEEN: Final = 2


def _physical(logical: int, caller: object, frame: FrameType | None) -> int:
    """Translate a count of the user's frames into one of all frames.

    Args:
        logical: 0 is the call site, 1 the user's frame above it.
        caller: The frame that makes the call, or what stands for it.
        frame: The native frame that calls `call_from`.
    """
    physical = _BETWEEN
    # The frame of rebuilt code is there itself, behind its call site.
    shown = isinstance(caller, Rebuilt)
    while frame is not None:
        site = _MARK in frame.f_code.co_consts
        rebuilt = isinstance(last_constant(frame.f_code), Rebuilt)
        logical -= not shown if rebuilt else site or not is_own(frame)
        shown = site or (shown and not rebuilt)
        if logical <= 0:
            break
        frame = frame.f_back
        physical += 1
    return physical


def _stacklevel(level: object, caller: object, frame: FrameType | None) -> object:
    """Translate the ``stacklevel`` of a callee of a call site, 1 being the call site."""
    if not isinstance(level, int) or level <= 1:
        return level
    return 1 + _physical(level - 1, caller, frame)


def _is_of_logging(fn: object) -> bool:
    """Tell whether ``fn`` is of `logging`, which takes no notice of frames of its own."""
    return getattr(fn, "__module__", None) == "logging"


def warn_from(
    frame: Frame, index: int, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Value:
    """``warnings.warn``, its ``stacklevel`` counting the user's frames only."""
    given = {**dict(zip(("message", "category", "stacklevel"), args, strict=False)), **kwargs}
    level = _stacklevel(given.get("stacklevel"), frame, inspect.currentframe())
    if level != given.get("stacklevel"):
        given["stacklevel"] = level
        for place, value in enumerate(args[3:], start=3):
            given[_WARN_PARAMETERS[place]] = value
        return call_from(frame, index, warnings.warn, (), given)
    return call_from(frame, index, warnings.warn, args, kwargs)


_WARN_PARAMETERS: Final = ("message", "category", "stacklevel", "source")


def _deeper(native: object) -> object:
    def handle(
        frame: Frame, index: int, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> Value:
        depth: object = {**kwargs, **dict(zip(("depth",), args, strict=False))}.get("depth", 0)
        if isinstance(depth, int) and depth > 0:
            args, kwargs = (_physical(depth, frame, inspect.currentframe()),), {}
        return call_from(frame, index, native, args, kwargs)

    return handle


#: What counts frames, by ``id``: each is given the call's frame, index and arguments.
FRAME_COUNTERS: Final[dict[int, Any]] = {
    id(warnings.warn): warn_from,
    **{
        id(getattr(sys, name)): _deeper(getattr(sys, name))
        for name in ("_getframe", "_getframemodulename")
        if hasattr(sys, name)  # the second came with 3.12
    },
}
