"""Print a graph as text, flat or as a tree."""

from .show.text_forms import (
    as_dict_flattened,
    as_str_flattened,
    as_tree,
    as_tree_text,
    history_per_leaf_parameter,
)

__all__ = [
    "as_dict_flattened",
    "as_str_flattened",
    "as_tree",
    "as_tree_text",
    "history_per_leaf_parameter",
]
