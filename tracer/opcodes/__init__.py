"""The opcode handlers, one module per concern, and the table that picks them per version."""

from __future__ import annotations

from .fused import LONGEST, Part, fused_step
from .table import ELIDED, HANDLERS, UNSUPPORTED

__all__ = ["ELIDED", "HANDLERS", "LONGEST", "UNSUPPORTED", "Part", "fused_step"]
