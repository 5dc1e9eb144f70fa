"""The time by stack, in the formats of tools that draw it."""

from __future__ import annotations

from typing import Final

from ...configs import __version__
from .records import Figures, StackFrame

_SCHEMA: Final = "https://www.speedscope.app/file-format-schema.json"


def speedscope(profile: Figures) -> dict[str, object]:
    """Return a file of speedscope with one sample for each stack, which weighs its time."""
    numbers: dict[StackFrame, int] = {}
    samples = [
        [numbers.setdefault(frame, len(numbers)) for frame in stack.frames]
        for stack in profile.stacks
    ]
    weights = [stack.seconds for stack in profile.stacks]
    return {
        "$schema": _SCHEMA,
        "name": f"capture of {profile.function}",
        "exporter": f"bytefig {__version__}",
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(frame) for frame in numbers]},
        "profiles": [
            {
                "type": "sampled",
                "name": profile.function,
                "unit": "seconds",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        ],
    }


def _frame(frame: StackFrame) -> dict[str, object]:
    written: dict[str, object] = {"name": frame.name}
    if frame.filename is not None:
        written["file"] = frame.filename
    if frame.line is not None:
        written["line"] = frame.line
    return written


def collapsed(profile: Figures) -> str:
    """Return a line for each stack: names with semicolons between them, and microseconds."""
    found: dict[str, float] = {}
    for stack in profile.stacks:
        name = ";".join(_name(frame) for frame in stack.frames)
        found[name] = found.get(name, 0.0) + stack.seconds
    # A time below one would be lost.
    lines = (f"{name} {max(round(seconds * 1e6), 1)}\n" for name, seconds in found.items())
    return "".join(lines)


def _name(frame: StackFrame) -> str:
    """Return a name without the characters that the format uses itself."""
    name = frame.name.replace(";", ":").replace(" ", "_")
    return name if frame.line is None else f"{name}:{frame.line}"
