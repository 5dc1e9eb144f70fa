"""The history of a node: which argument was changed, from which value to which, and where."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextvars import ContextVar
from types import FrameType
from typing import Final

from ..core.edit import CALLABLE_KEY, Edit, EditKind, History, SavedEdit
from ..core.keys import ArgumentKey, Arguments
from ..core.own_code import CONFIGS, OWN
from ..core.provenance import Provenance, SavedProvenance
from ..core.sentinels import NO_VALUE
from ..core.slots import NodeSlots, next_number, set_history
from ..core.tag_storage import ArgumentTags
from ..core.transaction import Changes, Operation, set_item
from ..signature.signature import signature_of

ProvenanceFinder = Callable[[FrameType], "Provenance | None"]
_finder: ProvenanceFinder | None = None
_suspended: Final[ContextVar[bool]] = ContextVar("bytefig_history_suspended", default=False)
suspended: Final = _suspended.get
"""Return whether no history is kept in this thread or task."""
Locate = Callable[[], "Provenance | SavedProvenance | None"]
_custom: Final[ContextVar[Locate | None]] = ContextVar("bytefig_custom_location", default=None)
custom: Final = _custom.get
"""Return what says where edits are made in this thread or task; None if their frames do."""
EXCLUDED: Final[list[str]] = []
"""Parts of the names of files whose edits are made in the name of what calls them."""


def set_provenance_finder(finder: ProvenanceFinder) -> None:
    """Ask ``finder`` for the provenance of an edit that an interpreter of bytecode makes.

    It is given a Python frame of this project, and returns None if that does not interpret any.
    """
    global _finder  # noqa: PLW0603 - one assignment when the engine is imported
    _finder = finder


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


@contextlib.contextmanager
def custom_location(locate: Locate) -> Generator[Locate]:
    """Let a function say where the nodes and edits that are made inside come from.

    For libraries that make them from something of the user's, such as a file.

    Args:
        locate: Returns the place, or None if there is none to tell.

    Example:
        >>> from bytefig.configs import Config
        >>> with custom_location(lambda: SavedProvenance("model.toml", 3, None, "layers")):
        ...     cfg = Config(dict, a=1)
        >>> str(cfg.__provenance__)
        'model.toml:3 in layers'
    """
    token = _custom.set(locate)
    try:
        yield locate
    finally:
        _custom.reset(token)


def add_exclude_location(location: str) -> None:
    """Leave files out when it is looked up where a node or an edit is made.

    For libraries that make them for their users: the place is that of what calls the library.

    Args:
        location: A part of the names of the files, such as ``my_library/editing.py``.

    Raises:
        ValueError: It is empty, and so a part of every name.
    """
    if not location:
        raise ValueError("add_exclude_location needs a part of a file's name")
    # CPython gives the files of modules the separators of the system.
    wanted = os.path.normpath(location)
    if wanted not in EXCLUDED:
        EXCLUDED.append(wanted)


def _is_excluded(filename: str) -> bool:
    return any(part in filename for part in EXCLUDED)


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


def user_provenance() -> Provenance | SavedProvenance | None:
    """Return where the program that uses this project is; None if history is suspended."""
    if _suspended.get():
        return None
    locate = _custom.get()
    if locate is not None:
        return locate()
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    asked = _finder is None
    while frame is not None:
        if not OWN.hold(frame.f_globals) and not (
            EXCLUDED and _is_excluded(frame.f_code.co_filename)
        ):
            return Provenance(frame.f_code, frame.f_lasti)
        if not asked and _finder is not None and not CONFIGS.hold(frame.f_globals):
            # What called the graph is the engine: perhaps in the name of interpreted code.
            found = _finder(frame)
            asked = found is None or not _is_excluded(found.filename)
            if found is not None and asked:
                return found
        frame = frame.f_back
    return None


def record(
    changes: Changes,
    node: NodeSlots,
    edits: Iterable[tuple[ArgumentKey, object, object, EditKind]],
) -> None:
    """Have edits added to the history of a node, unless that is suspended.

    Each is given as its key, the values before and after, and its kind.
    """
    if _suspended.get():
        return
    place = user_provenance()
    new: History = [Edit(*edit, place, next_number()) for edit in edits]
    if new:
        changes.operation(*adding(node, new))


def adding(node: NodeSlots, new: History) -> tuple[Operation, Operation]:
    """Return the operations that add edits to the history of a node and take them away again."""
    edits = node.__history__
    if edits is None:
        return (set_history, node, new), (set_history, node, None)
    return (edits.extend, new), (set_item, edits, slice(len(edits), None), ())


def differences(
    node: NodeSlots, fn: Callable[..., object], arguments: Arguments, tags: ArgumentTags | None
) -> Iterator[tuple[ArgumentKey, object, object, EditKind]]:
    """Yield the edits that give a node this callable, these arguments and tags."""
    if fn is not node.__fn_or_cls__:
        yield CALLABLE_KEY, node.__fn_or_cls__, fn, "callable"
    old_tags, new_tags = node.__argument_tags__ or {}, tags or {}
    for key in {**old_tags, **new_tags}:
        before, after = old_tags.get(key, frozenset()), new_tags.get(key, frozenset())
        if before != after:
            yield key, before, after, "tags"
    old = node.__arguments__
    for key in {**old, **arguments}:
        was, becomes = old.get(key, NO_VALUE), arguments.get(key, NO_VALUE)
        if was is not becomes:
            yield key, was, becomes, "set" if key in arguments else "delete"


def history(node: NodeSlots) -> list[Edit | SavedEdit]:
    """Return all edits of a node with its arguments of the beginning, oldest first.

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
        Edit(key, frozenset(), found, "tags", node.__provenance__, node.__order__)
        for key, found in ordered(tags).items()
        if found
    )
    return made + edits


def node_history(node: NodeSlots, key: ArgumentKey) -> list[Edit | SavedEdit]:
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


def provenance_of(node: NodeSlots, key: ArgumentKey) -> Provenance | SavedProvenance | None:
    """Return where an argument was last set: by an edit, or when the node was made.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, a=1)
        >>> provenance_of(cfg, "a") is cfg.__provenance__
        True
    """
    for edit in reversed(node.__history__ or ()):
        if edit.key == key and edit.kind != "tags":
            return edit.provenance
    return node.__provenance__


def _made(node: NodeSlots, key: ArgumentKey, value: object) -> Edit:
    return Edit(key, NO_VALUE, value, "create", node.__provenance__, node.__order__)
