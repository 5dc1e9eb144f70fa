"""Select nodes and tagged arguments of a graph."""

from .editing.select import NodeSelection, Selection, TagSelection, select

__all__ = ["NodeSelection", "Selection", "TagSelection", "select"]
