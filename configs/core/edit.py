"""The record of one change of a node, and its form in a pickle."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import attrs

from .keys import ArgumentKey
from .member_names import node_name
from .provenance import Provenance, SavedProvenance
from .registry import BUILDABLE_TYPES
from .sentinels import NO_VALUE, Immutable
from .shown import Brief, plain_repr

CALLABLE_KEY: Final = "__fn_or_cls__"
"""The key of records about the callable of a node."""

EditKind: TypeAlias = Literal["create", "set", "delete", "tags", "callable"]


@attrs.frozen
class SavedEdit:
    """An `Edit` as it comes out of a pickle: its values are text.

    Attributes:
        key: As in `Edit`.
        before: As in `Edit`, as text; or `NO_VALUE`, or the names of tags.
        after: The same of the value after.
        kind: As in `Edit`.
        provenance: Where it was made, if known.
        order: As in `Edit`.
    """

    key: ArgumentKey
    before: Any
    after: Any
    kind: EditKind
    provenance: SavedProvenance | None
    order: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Edit(Immutable):
    """One change of one argument.

    Pickling turns it into a `SavedEdit`, so that old values need not be picklable. They are no part
    of a graph that is copied.

    Attributes:
        key: Key of the argument by the storage rule; `CALLABLE_KEY` for the callable.
        before: The value before, or `NO_VALUE`; for tags, the set of them.
        after: The value after, or `NO_VALUE`; for tags, the set of them.
        kind: ``"create"``, ``"set"``, ``"delete"``, ``"tags"`` or ``"callable"``.
        provenance: Where it was made, if known.
        order: A greater number than that of each edit before, of other nodes, too, and of each
            recorded call before; 0 of what a node made by hand was made with.
    """

    key: ArgumentKey
    before: Any = attrs.field(repr=plain_repr)
    after: Any = attrs.field(repr=plain_repr)
    kind: EditKind
    provenance: Provenance | SavedProvenance | None
    order: int = attrs.field(default=0, eq=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a `SavedEdit`."""
        before, after = _saved(self.before, self.kind), _saved(self.after, self.kind)
        return SavedEdit, (self.key, before, after, self.kind, self.provenance, self.order)


History: TypeAlias = list[Edit | SavedEdit]
"""The edits of a node, oldest first."""


class _Text(Brief):
    # A value may be a whole graph, of which a line of history needs no more than the root.
    def repr_instance(self, x: object, level: int) -> str:
        if type(x) in BUILDABLE_TYPES:
            return f"<{type(x).__name__}[{node_name(x)}]>"
        return super().repr_instance(x, level)


_TEXT: Final = _Text()


def _saved(value: Any, kind: EditKind) -> object:
    if value is NO_VALUE:
        return value
    if kind == "tags":
        return frozenset(tag.name for tag in value)
    return _TEXT.repr(value)
