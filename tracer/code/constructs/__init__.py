"""Which language constructs a code object contains."""

from .scan import CONTROL_FLOW, Found, check, constructs_of

__all__ = ["CONTROL_FLOW", "Found", "check", "constructs_of"]
