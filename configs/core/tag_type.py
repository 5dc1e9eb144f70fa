"""The type of tags, and the names of all tags there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from .keys import ArgumentKey

KNOWN_TAG_NAMES: Final[set[str]] = set()
"""Names of every tag defined so far. Without any, making a node takes no notice of tags."""


class TagType(type):
    """The type of tags: they are classes, used as they are and never instantiated.

    Raises:
        TypeError: A tag has no docstring to describe it, is defined inside a function, where
            nothing could find it by name again, or is called.
    """

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
        """Check and count a new tag."""
        super().__init__(name, bases, namespace)
        qualname = namespace.get("__qualname__")
        if qualname is not None:  # Only a `class` statement has it; cloudpickle makes tags too.
            if not namespace.get("__doc__"):
                raise TypeError(f"tag {cls.name} needs a docstring that says what it marks")
            if "<locals>" in qualname:
                raise TypeError(f"tag {cls.name} has to be defined in a module or class body")
        if any(isinstance(base, TagType) for base in bases):
            KNOWN_TAG_NAMES.add(cls.name)

    def __call__(cls, *_: object, **__: object) -> Any:
        """Refuse.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            f"tag {cls.name} is used without calling it; for a value with this tag write"
            f" {cls.__name__}.new(default=...)"
        )

    @property
    def name(cls) -> str:
        """Module and qualified name."""
        return f"{cls.__module__}.{cls.__qualname__}"

    @property
    def description(cls) -> str:
        """The docstring."""
        return cls.__doc__ or ""

    def __str__(cls) -> str:
        """Return ``#module.Name``."""
        return f"#{cls.name}"

    def __repr__(cls) -> str:
        """Return ``module.Name``."""
        return cls.name


ArgumentTags: TypeAlias = Mapping[ArgumentKey, frozenset[TagType]]
"""The tags of the arguments of a node that have any."""
