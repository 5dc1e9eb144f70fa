"""Where an argument got the value that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core.provenance import Provenance, SavedProvenance

if TYPE_CHECKING:
    from .node.buildable import Buildable
    from .signature.signature import ArgumentKey


def set_at(node: Buildable[Any], key: ArgumentKey) -> Provenance | SavedProvenance | None:
    """Return where an argument was last set: by an edit, or when the node was made.

    Args:
        node: A buildable.
        key: Key of the argument by the storage rule.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, a=1)
        >>> set_at(cfg, "a") is cfg.__provenance__
        True
    """
    for edit in reversed(node.__history__ or ()):
        if edit.key == key and edit.kind != "tags":
            return edit.provenance
    return node.__provenance__
