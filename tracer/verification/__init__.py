"""``verify``: whether the graph of a function builds the result of calling the function."""

from .verification import Verification, verify

__all__ = ["Verification", "verify"]
