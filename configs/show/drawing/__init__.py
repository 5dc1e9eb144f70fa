"""Graphs as drawings: for Graphviz, as a page of HTML, and in a notebook."""

from .dot import DrawingError, Look, to_dot, to_graphviz, to_svg
from .page import to_html

__all__ = ["DrawingError", "Look", "to_dot", "to_graphviz", "to_html", "to_svg"]
