"""The opcode handlers, one module per concern, and the table that picks them per version."""

from __future__ import annotations

from .table import ELIDED, HANDLERS, UNSUPPORTED

__all__ = ["ELIDED", "HANDLERS", "UNSUPPORTED"]
