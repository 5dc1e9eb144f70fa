"""The language constructs of a code object that are not allowed."""

from .scan import CONTROL_FLOW, Found, first_forbidden

__all__ = ["CONTROL_FLOW", "Found", "first_forbidden"]
