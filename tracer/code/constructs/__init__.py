"""The language constructs of a code object that are not allowed."""

from .scan import CONTROL_FLOW, Found, check

__all__ = ["CONTROL_FLOW", "Found", "check"]
