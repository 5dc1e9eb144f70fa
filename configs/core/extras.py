"""Optional packages, imported when they are used."""

from __future__ import annotations

import importlib
from typing import Any


def rich_module(name: str, purpose: str) -> Any:
    """Return a module of rich, such as ``text``.

    Args:
        name: The module's name inside of rich.
        purpose: What needs it, for the error.

    Raises:
        ImportError: rich is not installed.

    Example:
        >>> rich_module("text", "an example").Text("a").plain
        'a'
    """
    try:
        return importlib.import_module(f"rich.{name}")
    except ImportError as error:
        raise ImportError(
            f"{purpose} needs the package rich\n  fix: pip install 'bytefig[cli]'"
        ) from error
