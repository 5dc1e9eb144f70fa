"""Names of tools above the nodes that nodes need; imported when they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .late import late_names

if TYPE_CHECKING:
    #: Returns what a node builds to, also while another build runs.
    build_independently: Callable[[object], Any]
    #: Returns a graph as a fragment of HTML.
    notebook_view: Callable[[Any], str]

else:
    __getattr__, __dir__ = late_names(
        __name__,
        {
            "building.builder": "build_independently",
            "show.drawing.notebook": "notebook_view",
        },
    )
