"""Any text made fit to be shown: on one line, not too long, without control characters."""

from __future__ import annotations

from typing import Any, Final

from ...core.names import callable_name
from ...core.sentinels import NO_VALUE
from ...node.dunders.representation import short_repr
from ...node.kinds import get_callable
from ...traversal.paths import Attr, Effect, Key, PathElement
from .rows import Row

#: So many steps of a path are shown; a path is as long as its graph is deep.
_MAX_STEPS: Final = 12
_MAX_KEY: Final = 60
_MARKUP: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
)


def escape(text: str) -> str:
    """Return the text for HTML or XML, inside an element or a quoted attribute.

    Example:
        >>> escape('<a href="x">')
        '&lt;a href=&quot;x&quot;&gt;'
    """
    return text.translate(_MARKUP)


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
    """Return the text of the value of a row: of a node, what it is without its arguments.

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
    name = f"{type_name(row.value)} {fn_name(row.value)}" if row.kind.buildable else kind_text(row)
    return name if len(name) <= limit else name[: limit - 3] + "..."


def kind_text(row: Row) -> str:
    """Return the type of a container and how many items it has."""
    length = 0 if row.kind is None else len(row.kind.flatten(row.value)[0])
    return f"{type_name(row.value)} of {length:,}"


def type_name(value: object) -> str:
    """Return the name of the type of a value."""
    return visible(type(value).__name__)


def fn_name(node: Any) -> str:
    """Return the qualified name of the callable of a node."""
    fn: Any = get_callable(node)
    return visible(callable_name(fn)) if hasattr(fn, "__qualname__") else one_line(fn, 80)


def full_name(node: Any) -> str:
    """Return the name of the callable of a node, and its module where it says so."""
    module = getattr(get_callable(node), "__module__", None)
    return f"{visible(module)}.{fn_name(node)}" if isinstance(module, str) else fn_name(node)


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
