"""The native frames that call the tracer."""

from __future__ import annotations

from sys import _getframe  # pyright: ignore[reportPrivateUsage]
from types import FrameType

from ...configs.for_tracer import shown_file
from .marks import TRACER


def caller() -> str:
    """Return the file, line and function of the innermost caller outside this package."""
    frame = _getframe()
    while frame.f_back is not None and TRACER.hold(frame.f_globals):
        frame = frame.f_back
    return f"{shown_file(frame.f_code.co_filename)}:{frame.f_lineno} in {frame.f_code.co_qualname}"


def frame_above(depth: int) -> FrameType:
    """Return the frame that is ``depth`` calls above the caller of this."""
    return _getframe(depth + 1)
