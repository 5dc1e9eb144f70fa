"""A diff: the changes that turn one graph into another, and how they read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias

import attrs

from ..core.errors import ConfigError
from ..core.extras import rich_module
from ..core.html import html_lines
from ..core.member_names import node_name
from ..core.names import callable_name
from ..core.registry import BUILDABLE_TYPES
from ..core.shown import Brief, plain_repr
from ..core.tag_storage import TagType
from ..node.buildable import Buildable
from ..node.dunders.representation import short_repr
from ..traversal.paths import Path, format_path
from ..traversal.traverse import kind_of

OLD: Final = "old"
"""The root of a reference to a value of the graph that is changed."""

NEW_SHARED: Final = "new_shared_values"
"""The root of a reference to a new value that is used several times."""

_NO_LIMIT: Final = 1 << 60
_STYLES: Final = {"-": "red", "+": "green"}


class DiffError(ConfigError, ValueError):
    """A diff does not fit the graph, or cannot be written or read as plain data."""


class AlignmentError(ConfigError, ValueError):
    """Two values cannot be aligned."""


@attrs.frozen(repr=False)
class Reference:
    """Stands in a diff for a value that is elsewhere.

    Attributes:
        root: ``"old"`` for a value of the graph as it was before any change, or
            ``"new_shared_values"`` for one of `Diff.new_shared_values`.
        target: The path to the value from there.
    """

    root: str
    target: Path

    def __repr__(self) -> str:
        """Return ``<old.layers[0]>``."""
        return f"<{self.root}{format_path(self.target).removeprefix('<root>')}>"


@attrs.frozen
class SetValue:
    """Gives a value to an argument or key that has none, or adds an item to a list."""

    target: Path
    new_value: Any = attrs.field(repr=plain_repr)


@attrs.frozen
class InsertValue:
    """Puts a new item into a list, before the item that has the index of the target.

    Several at one place come in the order of the changes, and before what is added to the end.
    """

    target: Path
    new_value: Any = attrs.field(repr=plain_repr)


@attrs.frozen
class ModifyValue:
    """Replaces a value; with an empty path, the whole graph.

    Attributes:
        target: The path to it.
        new_value: What takes its place.
        old_text: What it was, for reading.
    """

    target: Path
    new_value: Any = attrs.field(repr=plain_repr)
    old_text: str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class DeleteValue:
    """Unsets an argument, or removes a key of a dict or an item of a list.

    Attributes:
        target: The path to it.
        old_text: What it was, for reading.
    """

    target: Path
    old_text: str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class AddTag:
    """Adds a tag to an argument."""

    target: Path
    tag: TagType


@attrs.frozen
class RemoveTag:
    """Removes a tag from an argument."""

    target: Path
    tag: TagType


@attrs.frozen
class ChangeCallable:
    """Makes the node at ``target`` configure another callable.

    Attributes:
        target: The path to the node.
        new_callable: The callable.
        old_text: What it was, for reading.
    """

    target: Path
    new_callable: Callable[..., object]
    old_text: str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class ChangeBuildableClass:
    """Makes the node at ``target`` another kind of node, such as a `Partial`.

    Attributes:
        target: The path to the node.
        new_class: The class.
        old_text: What it was, for reading.
    """

    target: Path
    new_class: type[Buildable[Any]]
    old_text: str | None = attrs.field(default=None, eq=False)


DiffOperation: TypeAlias = (
    SetValue
    | InsertValue
    | ModifyValue
    | DeleteValue
    | AddTag
    | RemoveTag
    | ChangeCallable
    | ChangeBuildableClass
)


@attrs.frozen
class Diff:
    """The changes that turn one graph into another; true if there are any.

    All paths are those of the graph before any change, so the order of changes has no meaning but
    for several `InsertValue` at one place.
    ``print(diff)`` shows it; ``rich.print(diff)`` with colours.

    Attributes:
        changes: The changes.
        new_shared_values: New values that are used several times. A value may refer to one before.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.diffing import build_diff
        >>> print(build_diff(Config(dict, a=1, b=2), Config(dict, a=3, c=4)))
        --- old
        +++ new
        - <root>.a = 1
        + <root>.a = 3
        - <root>.b = 2
        + <root>.c = 4
    """

    changes: tuple[DiffOperation, ...] = ()
    new_shared_values: tuple[Any, ...] = attrs.field(default=(), repr=plain_repr)

    def __bool__(self) -> bool:
        """Return whether there are changes."""
        return bool(self.changes)

    def __str__(self) -> str:
        """Return the changes as text."""
        return self.unified()

    def unified(self, old_name: str = OLD, new_name: str = "new") -> str:
        """Return the changes as text: old values after a minus, new ones after a plus.

        Args:
            old_name: What to call the one graph.
            new_name: What to call the other.
        """
        return "\n".join(line for _, line in self._lines(old_name, new_name))

    def __rich__(self) -> Any:
        """Return the text with colours.

        Raises:
            ImportError: rich is not installed.
        """
        text: Any = rich_module("text", "showing a diff with colours").Text()
        for sign, line in self._lines(OLD, "new"):
            text.append(f"{line}\n", style=_STYLES.get(sign, "bold"))
        text.rstrip()
        return text

    def _repr_html_(self) -> str:
        """Return the text with colours, for a notebook."""
        lines = self._lines(OLD, "new")
        shown = [(line, _STYLES[sign]) if sign in _STYLES else line for sign, line in lines]
        return html_lines(shown or ["no changes"])

    def ignoring_changes(self, ignore_fn: Callable[[DiffOperation], bool]) -> Diff:
        """Return a diff without the changes for which a function returns true."""
        kept = (change for change in self.changes if not ignore_fn(change))
        return Diff(tuple(kept), self.new_shared_values)

    def ignoring_paths(self, paths: Iterable[Path]) -> Diff:
        """Return a diff without the changes at some paths, and inside of their values.

        Example:
            >>> from bytefig.configs import Config, parse_path
            >>> from bytefig.configs.diffing import build_diff
            >>> diff = build_diff(Config(dict, a=1, b=1), Config(dict, a=2, b=2))
            >>> [str(change.target[0]) for change in diff.ignoring_paths([parse_path("a")]).changes]
            ['.b']
        """
        ignored = list(paths)
        return self.ignoring_changes(
            lambda change: any(change.target[: len(path)] == path for path in ignored)
        )

    def _lines(self, old_name: str, new_name: str) -> Iterator[tuple[str, str]]:
        if not self.changes:
            return
        yield "", f"--- {old_name}"
        yield "", f"+++ {new_name}"
        for index, value in enumerate(self.new_shared_values):
            yield "+", _signed("+", f"<{NEW_SHARED}[{index}]> = {new_text(value)}")
        for change in self.changes:
            for sign, text in _describe(change):
                yield sign, _signed(sign, f"{format_path(change.target)}{text}")


def _signed(sign: str, text: str) -> str:
    return f"{sign} " + text.replace("\n", f"\n{sign} ")


def _describe(change: DiffOperation) -> Iterator[tuple[str, str]]:
    """Yield signs, and the text behind the path for each."""
    verb, old, new = " = ", getattr(change, "old_text", None), ""
    match change:
        case AddTag() | RemoveTag():
            yield "+" if isinstance(change, AddTag) else "-", f" {change.tag}"
            return
        case ChangeCallable():
            verb, new = " calls ", callable_name(change.new_callable)
        case ChangeBuildableClass():
            verb, new = " is of class ", change.new_class.__name__
        case InsertValue():
            verb, new = " inserted: ", new_text(change.new_value)
        case SetValue() | ModifyValue():
            new = new_text(change.new_value)
        case DeleteValue():
            yield "-", "" if old is None else f" = {old}"
            return
    if old is not None:
        yield "-", f"{verb}{old}"
    yield "+", f"{verb}{new}"


def new_text(value: object) -> str:
    """Return the text of a value that a diff holds."""
    return short_repr(value, _NO_LIMIT)


class _Bounded(Brief):
    # What goes may be a whole graph, of which the root is enough.
    def repr_instance(self, x: object, level: int) -> str:
        if type(x) in BUILDABLE_TYPES:
            return f"<{type(x).__name__}[{node_name(x)}]>"
        return super().repr_instance(x, level)


_BOUNDED: Final = _Bounded()


def old_text(value: object) -> str:
    """Return one line of text for a value that a diff replaces."""
    text = short_repr(value) if kind_of(value) is None else _BOUNDED.repr(value)
    return " ".join(text.split()) if "\n" in text else text
