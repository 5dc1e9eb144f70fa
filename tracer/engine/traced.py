"""The traced code that native frames work for."""

from __future__ import annotations

from types import FrameType

from ...configs import Provenance
from .frame import Frame
from .marks import calling_mark, parameter_value, running_mark, works_for_user
from .native.sites import Origin, origin_of


def traced(native: FrameType | None) -> tuple[Frame | Origin, int] | None:
    """Return the traced frame that native frames work for, and the index of its step."""
    while native is not None:
        origin = origin_of(native.f_code)
        if origin is not None:
            return origin, native.f_lasti // 2
        running = running_mark(native)
        if running is not None:
            return parameter_value(native, running.frame), parameter_value(native, running.index)
        native = native.f_back
    return None


def locate(frame: FrameType) -> Provenance | None:
    """Return where the traced code is that an opcode, or a call in its name, works for."""
    if not works_for_user(frame) and calling_mark(frame) is None:
        return None
    found = traced(frame)
    return found and Provenance(found[0].code, found[0].program.offsets[found[1]])
