"""Optional packages, imported when they are used."""

from __future__ import annotations

import importlib
from typing import Any


def rich_module(name: str, purpose: str, instead: str = "") -> Any:
    """Return a module of rich, such as ``text``.

    Args:
        name: The module's name inside of rich.
        purpose: What needs it, for the error.
        instead: An expression that does without, if there is one.

    Raises:
        ImportError: rich is not installed.

    Example:
        >>> rich_module("text", "an example").Text("a").plain
        'a'
    """
    try:
        return importlib.import_module(f"rich.{name}")
    except ImportError as error:
        fix = f"pip install 'bytefig[cli]'{f', or {instead} as plain text' if instead else ''}"
        raise ImportError(f"{purpose} needs the package rich\n  fix: {fix}") from error
