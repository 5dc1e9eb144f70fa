"""The parts that a decorated function needs once it is captured, imported by the first capture.

Programs decorate functions that nobody captures, and call them. They do without the interpreter,
the recorder and the policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...configs.for_tracer import late_names

if TYPE_CHECKING:
    from ..engine.functions import own_code
    from ..engine.tracebacks import strip
    from .policy import PolicyTable
    from .recorder import CaptureOptions
    from .run import capture_options, captured, with_wrapped
else:
    __getattr__, __dir__ = late_names(
        __name__,
        {
            "engine.functions": "own_code",
            "engine.tracebacks": "strip",
            "recording.policy_tables": "PolicyTable",
            "recording.recorder": "CaptureOptions",
            "recording.run": "captured capture_options with_wrapped",
        },
        __name__.rsplit(".", 2)[0],
    )

__all__ = [
    "CaptureOptions",
    "PolicyTable",
    "capture_options",
    "captured",
    "own_code",
    "strip",
    "with_wrapped",
]
