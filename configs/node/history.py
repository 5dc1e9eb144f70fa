"""What happened to a node after it was made: which argument, from what, to what, and where."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator
from contextvars import ContextVar
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from ..core.provenance import Provenance, SavedProvenance
from ..core.sentinels import NO_VALUE
from ..core.shown import Brief, plain_repr
from ..core.tag_storage import ArgumentTags
from ..signature.signature import ArgumentKey, Arguments, callable_name, signature_of
from ..traversal.traverse import BUILDABLE_TYPES

if TYPE_CHECKING:
    from .buildable import Buildable

CALLABLE_KEY: Final = "__fn_or_cls__"
"""The key of records about the callable of a node."""

EditKind: TypeAlias = Literal["create", "set", "delete", "tags", "callable"]

PACKAGE: Final = __name__.split(".", maxsplit=1)[0] + "."
"""What the names of this project's modules start with."""

_CONFIGS: Final = __name__.rpartition(".")[0].rpartition(".")[0] + "."

Locator = Callable[[FrameType], "Provenance | None"]
_locator: Locator | None = None
_suspended: Final[ContextVar[bool]] = ContextVar("bytefig_history_suspended", default=False)
suspended: Final = _suspended.get
"""Return whether no history is kept in this thread or task."""


def set_locator(locator: Locator) -> None:
    """Ask ``locator`` for the place of an edit that an interpreter of bytecode makes.

    Args:
        locator: Given a Python frame of this project; returns where the interpreted program is, or
            None if that frame does not interpret one.
    """
    global _locator  # noqa: PLW0603 - one assignment when the engine is imported
    _locator = locator


@attrs.frozen
class SavedEdit:
    """An `Edit` as it comes out of a pickle: its values are text.

    Attributes:
        key: As in `Edit`.
        before: As in `Edit`, as text; or `NO_VALUE`, or the names of tags.
        after: The same of the value after.
        kind: As in `Edit`.
        provenance: Where it was made, if known.
    """

    key: ArgumentKey
    before: Any
    after: Any
    kind: EditKind
    provenance: SavedProvenance | None


@attrs.frozen
class Edit:
    """One change of one argument.

    Pickling turns it into a `SavedEdit`, so that old values need not be picklable.

    Attributes:
        key: Key of the argument by the storage rule; `CALLABLE_KEY` for the callable.
        before: The value before, or `NO_VALUE`; for tags, the set of them.
        after: The value after, or `NO_VALUE`; for tags, the set of them.
        kind: ``"create"``, ``"set"``, ``"delete"``, ``"tags"`` or ``"callable"``.
        provenance: Where it was made, if known.
    """

    key: ArgumentKey
    before: Any = attrs.field(repr=plain_repr)
    after: Any = attrs.field(repr=plain_repr)
    kind: EditKind
    provenance: Provenance | SavedProvenance | None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a `SavedEdit`."""
        before, after = _saved(self.before, self.kind), _saved(self.after, self.kind)
        return SavedEdit, (self.key, before, after, self.kind, self.provenance)

    def __copy__(self) -> Edit:
        """Return self, which cannot change."""
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Edit:
        """Return self: what was is not a part of the graph that is copied."""
        return self


History: TypeAlias = list["Edit | SavedEdit"]


class _Text(Brief):
    # A value may be a whole graph, of which a line of history needs no more than the root.
    def repr_instance(self, x: Any, level: int) -> str:
        if type(x) in BUILDABLE_TYPES:
            return f"<{type(x).__name__}[{callable_name(x.__fn_or_cls__)}]>"
        return super().repr_instance(x, level)


_TEXT: Final = _Text()


def _saved(value: Any, kind: EditKind) -> object:
    if value is NO_VALUE:
        return value
    if kind == "tags":
        return frozenset(tag.name for tag in value)
    return _TEXT.repr(value)


@contextlib.contextmanager
def suspend_history() -> Generator[None]:
    """Keep no history of the edits made inside, in this thread or task.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict)
        >>> with suspend_history():
        ...     cfg.a = 1
        >>> cfg.__history__ is None
        True
    """
    token = _suspended.set(True)
    try:
        yield
    finally:
        _suspended.reset(token)


def set_tracking(enabled: bool) -> None:
    """Keep history from now on, or keep none, in this thread or task.

    Args:
        enabled: Whether to keep it.

    Example:
        >>> set_tracking(False)
        >>> tracking_enabled()
        False
        >>> set_tracking(True)
    """
    _suspended.set(not enabled)


def tracking_enabled() -> bool:
    """Return whether history is kept in this thread or task."""
    return not _suspended.get()


def user_place() -> Provenance | None:
    """Return where the program that uses this project is; None if history is suspended."""
    if _suspended.get():
        return None
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    asked = _locator is None
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if not isinstance(module, str) or not module.startswith(PACKAGE):
            return Provenance(frame.f_code, frame.f_lasti)
        if not asked and _locator is not None and not module.startswith(_CONFIGS):
            # What called the graph is the engine: perhaps in the name of interpreted code.
            asked = True
            place = _locator(frame)
            if place is not None:
                return place
        frame = frame.f_back
    return None


def record(
    node: Buildable[Any], key: ArgumentKey, before: object, after: object, kind: EditKind
) -> None:
    """Add one edit to the history of a node, unless that is suspended."""
    if _suspended.get():
        return
    edit = Edit(key, before, after, kind, user_place())
    edits = node.__history__
    if edits is None:
        object.__setattr__(node, "__history__", [edit])  # `__setattr__` sets arguments
    else:
        edits.append(edit)


def record_changes(
    node: Buildable[Any], before: Arguments, tags_before: ArgumentTags | None
) -> None:
    """Add an edit for each argument and tag set that differs from what it was."""
    arguments, tags = node.__arguments__, node.__argument_tags__ or {}
    old_tags = tags_before or {}
    for key in {**old_tags, **tags}:
        old, new = old_tags.get(key, frozenset()), tags.get(key, frozenset())
        if old != new:
            record(node, key, old, new, "tags")
    for key in {**before, **arguments}:
        old, new = before.get(key, NO_VALUE), arguments.get(key, NO_VALUE)
        if old is not new:
            record(node, key, old, new, "set" if key in arguments else "delete")


def history(node: Buildable[Any]) -> list[Edit | SavedEdit]:
    """Return how a node came to be what it is, oldest first.

    The first records, of kind ``"create"``, tell of the callable and the arguments that the node
    was made with; the others, of every edit since. What was edited while history was suspended
    counts as made with the node.

    Args:
        node: A buildable.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, a=1)
        >>> cfg.a = 2
        >>> for edit in history(cfg):
        ...     print(edit.kind, edit.key, edit.before, edit.after)
        create __fn_or_cls__ NO_VALUE <class 'dict'>
        create a NO_VALUE 1
        set a 1 2
    """
    edits = node.__history__ or []
    fn: object = node.__fn_or_cls__
    values: dict[ArgumentKey, object] = dict(node.__arguments__)
    tags: dict[ArgumentKey, object] = dict(node.__argument_tags__ or {})
    for edit in reversed(edits):
        if edit.kind == "callable":
            fn = edit.before
        elif edit.kind == "tags":
            tags[edit.key] = edit.before
        else:
            values[edit.key] = edit.before
    made: History = [_made(node, CALLABLE_KEY, fn)]
    ordered = signature_of(node.__fn_or_cls__).ordered
    made.extend(
        _made(node, key, value) for key, value in ordered(values).items() if value is not NO_VALUE
    )
    made.extend(
        Edit(key, frozenset(), found, "tags", node.__provenance__)
        for key, found in ordered(tags).items()
        if found
    )
    return made + edits


def node_history(node: Buildable[Any], key: ArgumentKey) -> list[Edit | SavedEdit]:
    """Return the records of `history` that are about one argument.

    Args:
        node: A buildable.
        key: Key of the argument by the storage rule: a name, or a position for positional-only and
            variadic arguments; `CALLABLE_KEY` for the callable.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, a=1, b=2)
        >>> del cfg.a
        >>> [(edit.kind, edit.after) for edit in node_history(cfg, "a")]
        [('create', 1), ('delete', NO_VALUE)]
    """
    return [edit for edit in history(node) if edit.key == key]


def _made(node: Buildable[Any], key: ArgumentKey, value: object) -> Edit:
    return Edit(key, NO_VALUE, value, "create", node.__provenance__)
