"""The plugin of pytest: a failed ``assert graph == other`` shows the difference, path by path.

pytest loads it in every run where bytefig is installed, so it imports nothing of it: a node that is
compared has brought in `bytefig.configs` itself.
"""

from __future__ import annotations

import sys
from typing import Any


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Return the lines that explain a failed comparison, if it is one of graphs.

    Args:
        op: The operator.
        left: The graph that was found.
        right: The graph that was expected.
    """
    configs: object = sys.modules.get("bytefig.configs")
    if op != "==" or configs is None:
        return None
    if not (isinstance(left, configs.Buildable) and isinstance(right, configs.Buildable)):
        return None
    from bytefig.configs.diffing import build_diff  # noqa: PLC0415 - as above

    text = build_diff(right, left).unified("right", "left")
    if not text:  # as of values that do not equal themselves
        return None
    names = [f"{type(node).__name__}[{name(node)}]" for node in (left, right)]
    return [f"{names[0]} == {names[1]}", *text.splitlines()]


def name(node: Any) -> str:
    """Return the name of the callable of a node."""
    fn = node.__fn_or_cls__
    return getattr(fn, "__qualname__", None) or repr(fn)
