"""Any text made fit to be shown: on one line, not too long, without control characters."""

from __future__ import annotations

from typing import Final

from ...core.edit import CALLABLE_KEY
from ...core.member_names import member
from ...core.names import callable_name
from ...core.sentinels import NO_VALUE
from ...core.tag_type import TagType
from ...node.buildable import Buildable
from ...node.dunders.representation import short_repr
from ...node.kinds import get_callable
from ...traversal.paths import Attr, Effect, Key, PathElement
from .rows import Row

#: So many steps of a path are shown; a path is as long as its graph is deep.
_MAX_STEPS: Final = 12
_MAX_KEY: Final = 60
_MAX_EDITS: Final = 12
# Of the plain values in one container; nobody reads more, and a graph may hold a dataset.
_MAX_VALUES: Final = 200
#: The longest text of a value in its row.
MAX_TEXT: Final = 160


def visible(text: str, keep: str = "") -> str:
    r"""Return the text with escapes in place of characters that do not print.

    Control characters, lone surrogates and marks that reverse the direction of writing come out of
    a careless ``__repr__``. They break XML, or make a page say something else than it holds.

    Args:
        text: The text.
        keep: Characters to leave as they are.

    Example:
        >>> visible("a\x00b")
        'a\\x00b'
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else repr(char)[1:-1] for char in text
    )


def one_line(value: object, limit: int) -> str:
    r"""Return the repr of any value on one line, cut to ``limit`` characters.

    Example:
        >>> one_line("some text", 8)
        "'som..."
    """
    text = short_repr(value, limit)
    return visible(text if text.isprintable() else " ".join(text.split()))


def value_text(row: Row, limit: int) -> str:
    """Return the text of the value of a row; a node is shown without its arguments.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.show.drawing.rows import outline
        >>> value_text(outline(Config(dict, a=1)).root, 80)
        'Config dict'
    """
    if row.value is NO_VALUE:
        return "not set"
    if row.kind is None:
        return one_line(row.value, limit)
    name = (
        f"{visible_type_name(row.value)} {fn_name(row.value)}"
        if row.kind.buildable
        else kind_text(row)
    )
    return name if len(name) <= limit else name[: limit - 3] + "..."


def kind_text(row: Row) -> str:
    """Return the type of a container and how many items it has."""
    length = 0 if row.kind is None else len(row.kind.flatten(row.value)[0])
    return f"{visible_type_name(row.value)} of {length:,}"


def visible_type_name(value: object) -> str:
    """Return the name of the type of a value."""
    return visible(type(value).__name__)


def fn_name(node: Buildable[object]) -> str:
    """Return the qualified name of the callable of a node, or the member that it stands for."""
    return visible(member(node)) or _callable_text(node)


def _callable_text(node: Buildable[object]) -> str:
    fn: object = get_callable(node)
    return visible(callable_name(fn)) if hasattr(fn, "__qualname__") else one_line(fn, 80)


def full_fn_name(node: Buildable[object]) -> str:
    """Return the name of the callable of a node, and its module where it says so."""
    module = getattr(get_callable(node), "__module__", None)
    name = _callable_text(node)
    return f"{visible(module)}.{name}" if isinstance(module, str) else name


def step_text(element: PathElement) -> str:
    """Return a step of a path as text; a long key is cut."""
    if isinstance(element, Key):
        return f"[{one_line(element.key, _MAX_KEY)}]"
    return visible(str(element))


def label(row: Row) -> str:
    """Return the step that leads to a row, without the dot before a name."""
    if row.element is None:
        return ""
    text = step_text(row.element)
    element = row.element
    named = isinstance(element, Effect) or (
        isinstance(element, Attr) and element.name.isidentifier()
    )
    return text[1:] if named else text


def path_text(row: Row) -> str:
    """Return the path of a row as text; of a long one, the last steps.

    Example:
        >>> from bytefig.configs.show.drawing.rows import outline
        >>> path_text(outline({"a": [1]}).root.children[0].children[0])
        "<root>['a'][0]"
    """
    steps: list[str] = []
    place: Row | None = row
    while place is not None and place.element is not None and len(steps) < _MAX_STEPS:
        steps.append(step_text(place.element))
        place = place.parent
    tail = "".join(reversed(steps))
    more = row.depth - len(steps)
    return f"\N{HORIZONTAL ELLIPSIS}{tail} ({row.depth:,} steps deep)" if more else f"<root>{tail}"


def before_text(row: Row, max_text: int = MAX_TEXT) -> str:
    """Return the text of a row in the earlier graph, with its tags if these have changed."""
    before = row.before
    assert before is not None
    text = value_text(before, max_text)
    if before.tags == row.tags:
        return text
    return " ".join([text, *(f"#{tag.__qualname__}" for tag in sorted_tags(before.tags))])


def sorted_tags(tags: frozenset[TagType]) -> list[TagType]:
    """Return tags by their names."""
    return sorted(tags, key=str)


def tag_title(tag: TagType) -> str:
    """Return the name of a tag and its meaning."""
    return visible(f"{tag.name}: {tag.description}")


def made_lines(row: Row, folder: str = "") -> list[str]:
    """Return the lines that say where a node was made, and edited since.

    Args:
        row: Any row.
        folder: What to leave out at the beginning of files' names.
    """
    if row.kind is None or not row.kind.buildable:
        return []
    node = row.value
    lines: list[str] = []
    if node.__provenance__ is not None:
        lines.append(f"made at {str(node.__provenance__).removeprefix(folder)}")
    edits = {edit.key: edit for edit in node.__history__ or ()}
    for key, edit in list(edits.items())[:_MAX_EDITS]:
        what = "callable" if key == CALLABLE_KEY else key
        place = str(edit.provenance).removeprefix(folder)
        where = "" if edit.provenance is None else f" at {place}"
        was = "" if edit.kind == "tags" else f", was {_edited(edit.before)}"
        lines.append(f"{what} edited{where}{was}")
    return [visible(line) for line in lines]


def _edited(before: object) -> str:
    return "not set" if before is NO_VALUE else one_line(before, 60)


def without_many(rows: list[Row]) -> list[Row]:
    """Return the rows of a container to show: all but the many plain values of a long one."""
    if len(rows) <= _MAX_VALUES:
        return rows
    return [
        row
        for index, row in enumerate(rows)
        if index < _MAX_VALUES or row.kind is not None or row.mark or row.inside
    ]


def rest_text(count: int) -> str:
    """Return how many values are not shown."""
    return f"\N{HORIZONTAL ELLIPSIS} {count:,} more plain values"
