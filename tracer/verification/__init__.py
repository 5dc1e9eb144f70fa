"""``verify``: whether the graph of a function builds what calling the function gives."""

from .verification import Verification, verify

__all__ = ["Verification", "verify"]
