"""The reader of the text of a value, imported with the first text: it needs the interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...configs.for_tracer import late_names

if TYPE_CHECKING:
    from .value_reader import read
else:
    __getattr__, __dir__ = late_names(
        __name__, {"value_reader": "read"}, __name__.rpartition(".")[0]
    )

__all__ = ["read"]
