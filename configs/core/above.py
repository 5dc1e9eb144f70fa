"""What nodes use of the tools that stand above them, imported when it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .late import late_names

if TYPE_CHECKING:
    #: Returns what a node builds to, also while another build runs.
    build_independently: Callable[[Any], Any]
    #: Returns a graph as a fragment of HTML.
    notebook_view: Callable[[Any], str]

else:
    __getattr__, __dir__ = late_names(
        __name__,
        {
            "building.builder": ("build_independently",),
            "show.drawing.notebook": ("notebook_view",),
        },
    )
