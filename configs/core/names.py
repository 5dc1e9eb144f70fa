"""Names in messages: that of a callable, and the one that was perhaps meant."""

from __future__ import annotations

from collections.abc import Collection


def callable_name(fn: object) -> str:
    """Return the qualified name of a callable, or its repr if it has none."""
    name = getattr(fn, "__qualname__", None)
    return name if isinstance(name, str) else repr(fn)


def near_match(name: str, candidates: Collection[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest candidate, or an empty string."""
    import difflib  # noqa: PLC0415 - only needed for error texts, and slow to import

    for match in difflib.get_close_matches(name, candidates, n=1):
        return f"; did you mean {match!r}?"
    return ""
