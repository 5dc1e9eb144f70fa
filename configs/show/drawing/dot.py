"""A graph as a drawing in the language of Graphviz, with a record for each node."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import attrs

from ...core.errors import ConfigError
from ...core.html import escape
from ...core.sentinels import NO_VALUE
from ...traversal.location import depth_over
from .rows import Mark, Row, outline
from .text import before_text, fn_name, kind_text, label, value_text, visible, visible_type_name

if TYPE_CHECKING:
    from graphviz import Source  # pyright: ignore[reportMissingTypeStubs]

_MAX_TEXT: Final = 60
# Of the plain values in one container.
_MAX_VALUES: Final = 20
# Graphviz gives each column as much of the room that is left over. The values span many, so that it
# is theirs, and not that of the names before them.
_COLUMNS: Final = 20
# Containers deeper in one another than this have records of their own.
_MAX_NESTED: Final = 3
_COLORS: Final = {"Config": "#dbe7ff", "Partial": "#e9defb", "ArgFactory": "#fbe6d0"}
_OTHER_COLOR: Final = "#e6e9ee"
_TAG_COLOR: Final = "#8a4b00"
_MARK_COLORS: Final[dict[Mark, str]] = {
    "added": "#c9efcf",
    "removed": "#f6c9c6",
    "changed": "#fbe9a8",
}
_ARROW: Final = " \N{RIGHTWARDS ARROW} "
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"

_HEAD: Final = """\
digraph {
  rankdir=LR
  graph [fontname="Helvetica"]
  node [shape=plain, fontname="Helvetica", fontsize=11]
  edge [arrowsize=0.7, color="#5b6475"]
"""


class DrawingError(ConfigError, RuntimeError):
    """Graphviz did not draw: its program is missing, or has failed."""


@attrs.frozen
class Look:
    """How `to_dot` draws one node.

    Attributes:
        heading: The text above its arguments; by default, its class and its callable.
        color: The colour of the heading, as Graphviz takes it; by default, that of its class.
        folded: Whether its arguments are left out.
    """

    heading: str | None = None
    color: str | None = None
    folded: bool = False


class _Options(TypedDict, total=False):
    """The options of `to_dot`, which are given by name."""

    title: str | None
    diff: object
    only_changes: bool
    max_depth: int | None
    max_text: int
    look: Callable[[Any], Look | None] | None


def to_dot(graph: object, **options: Unpack[_Options]) -> str:
    """Return a graph in the language of Graphviz; neither its program nor its package is needed.

    Each node is a record of its callable and arguments, with the containers nested in it. A node
    that is used several times is one record with several edges to it. Long values are cut, and of
    the plain values in a long container some are shown.

    Args:
        graph: A buildable, containers that hold some, or any other value.
        **options: All may be left out.

            * ``title``: text to show above.
            * ``diff``: an earlier graph. What was added, removed and changed since is coloured,
              with the value before, path by path.
            * ``only_changes``: leave out all that is in nodes and containers in which nothing has
              changed.
            * ``max_depth``: leave out the arguments of nodes with more others than that above them.
            * ``max_text``: how many characters of a value are shown.
            * ``look``: given a node, returns its `Look`, or None for the usual one.

    Example:
        >>> from bytefig.configs import Config
        >>> shared = Config(int)
        >>> text = to_dot(Config(dict, a=shared, b=shared))
        >>> text.count("<B>int</B>"), text.count("-> n1")
        (1, 2)
        >>> "\N{RIGHTWARDS ARROW} 8" in to_dot(Config(dict, units=8), diff=Config(dict, units=4))
        True
        >>> "Layers" in to_dot(Config(dict), look=lambda node: Look("Layers", "#ffe0e0"))
        True
    """
    title, earlier = options.get("title"), options.get("diff", NO_VALUE)
    most = options.get("max_depth")
    drawing = _Drawing(
        options.get("max_text", _MAX_TEXT),
        options.get("look"),
        options.get("only_changes", False) and earlier is not NO_VALUE,
        # What is only in the earlier graph may be drawn, too.
        set() if most is None else {id(node) for node in depth_over([graph, earlier], most)},
    )
    drawing.draw(outline(graph, earlier).root)
    caption = "" if title is None else f"  label=<{_escape(visible(title))}>; labelloc=t\n"
    return f"{_HEAD}{caption}{''.join(drawing.lines)}}}\n"


def to_graphviz(graph: object, **options: Unpack[_Options]) -> Source:
    """Return a graph as a `graphviz.Source`, which renders itself and shows in notebooks.

    Args:
        graph: As for `to_dot`.
        **options: As for `to_dot`.

    Raises:
        ImportError: The package `graphviz` is not installed.

    Example:
        >>> from bytefig.configs import Config
        >>> "<B>dict</B>" in to_graphviz(Config(dict)).source  # doctest: +SKIP
        True
    """
    try:
        # Optional, and without types.
        import graphviz  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise ImportError(
            "to_graphviz and to_svg need the package graphviz, which is not installed\n"
            "  fix: pip install 'bytefig[viz]'; to_dot and to_html do without it",
            name="graphviz",
        ) from error
    return graphviz.Source(to_dot(graph, **options))


def to_svg(graph: object, **options: Unpack[_Options]) -> str:
    """Return a graph drawn by Graphviz, as SVG.

    Args:
        graph: As for `to_dot`. Graphviz takes long for some thousands of nodes.
        **options: As for `to_dot`.

    Raises:
        ImportError: The package `graphviz` is not installed.
        DrawingError: The program `dot` is not installed, or has failed.

    Example:
        >>> from bytefig.configs import Config
        >>> to_svg(Config(dict)).endswith("</svg>")  # doctest: +SKIP
        True
    """
    source = to_graphviz(graph, **options)
    import graphviz  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - found above

    try:
        return source.pipe(format="svg", encoding="utf-8").rstrip()
    except graphviz.ExecutableNotFound as error:
        raise DrawingError(
            "cannot draw as SVG: the program dot of Graphviz was not found\n"
            "  fix: install it (apt-get install graphviz, brew install graphviz) and have it on the"
            " PATH; to_dot and to_html do without it"
        ) from error
    except graphviz.CalledProcessError as error:
        raise DrawingError(f"cannot draw as SVG: the program dot has failed: {error}") from error


@attrs.define(eq=False)
class _Drawing:
    max_text: int
    look: Callable[[Any], Look | None] | None
    only_changes: bool
    # The ids of nodes whose arguments are too deep to be drawn.
    too_deep: set[int]
    lines: list[str] = attrs.field(init=False, factory=list[str])
    _names: dict[Row, str] = attrs.field(init=False, factory=dict[Row, str])
    _pending: list[Row] = attrs.field(init=False, factory=list[Row])

    def draw(self, root: Row) -> None:
        self._name(root)
        while self._pending:
            row = self._pending.pop()
            edges: list[str] = []
            table = self._table(row, self._names[row], edges, itertools.count(), 0)
            self.lines.append(f"  {self._names[row]} [label=<{table}>]\n")
            self.lines.extend(edges)

    def _name(self, row: Row) -> str:
        """Return the name of the record of a row, which is to be drawn if it is not yet."""
        name = self._names.get(row)
        if name is None:
            name = self._names[row] = f"n{len(self._names)}"
            self._pending.append(row)
        return name

    def _table(
        self, row: Row, name: str, edges: list[str], ports: Iterator[int], level: int
    ) -> str:
        """Return a row with all that is inside; it recurses into few levels of containers."""
        look = self._look_of(row)
        color = _MARK_COLORS.get(row.mark) or look.color or _color(row)
        head = "" if level else ' PORT="head"'
        parts = [
            f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" COLOR="#8a93a3">'
            f'<TR><TD COLSPAN="{_COLUMNS}"{head} ALIGN="LEFT" BGCOLOR="{_escape(color)}">'
            f"{self._heading(row, look)}</TD></TR>"
        ]
        hidden = 0
        for index, part in enumerate(() if look.folded else row.children):
            if index >= _MAX_VALUES and part.kind is None and not part.mark:
                hidden += 1
                continue
            port = ""
            if part.kind is None:
                value = self._value(part)
            elif part.children and not _has_record(part, level):
                value = self._table(part, name, edges, ports, level + 1)
            elif part.kind.buildable or part.target is not None or part.children:
                number = next(ports)
                port = f' PORT="p{number}"'
                other = self._name(part.target or part)
                edges.append(f"  {name}:p{number}:e -> {other}:head:_\n")
                value = _escape(f"\N{BULLET} {part.note}".rstrip())
            else:
                value = _escape(kind_text(part))
            key = f"{_escape(label(part))}{_tags(part)}"
            mark = f' BGCOLOR="{_MARK_COLORS[part.mark]}"' if part.mark else ""
            parts.append(
                f'<TR><TD ALIGN="LEFT"{mark}>{key}</TD>'
                f'<TD COLSPAN="{_COLUMNS - 1}" ALIGN="LEFT"{mark}{port}>{value}</TD></TR>'
            )
        text = f"{_ELLIPSIS} {hidden:,} more plain values" if hidden else ""
        if look.folded and row.children:
            text = _ELLIPSIS
        if text:
            parts.append(f'<TR><TD COLSPAN="{_COLUMNS}" ALIGN="LEFT">{text}</TD></TR>')
        return "".join([*parts, "</TABLE>"])

    def _look_of(self, row: Row) -> Look:
        if row.kind is None:
            return _USUAL
        look = (row.kind.buildable and self.look and self.look(row.value)) or _USUAL
        is_same = self.only_changes and not (row.mark or row.inside)
        too_deep = id(row.value) in self.too_deep
        return attrs.evolve(look, folded=True) if is_same or too_deep else look

    def _heading(self, row: Row, look: Look) -> str:
        if look.heading is not None:
            return _escape(visible(look.heading))
        if row.kind is None:
            return self._value(row)
        before = "" if row.before is None else f"{_escape(before_text(row, self.max_text))}{_ARROW}"
        if not row.kind.buildable:
            return f"{before}{_escape(kind_text(row))}"
        return (
            f"{before}{_escape(visible_type_name(row.value))} <B>{_escape(fn_name(row.value))}</B>"
        )

    def _value(self, row: Row) -> str:
        before = "" if row.before is None else f"{before_text(row, self.max_text)}{_ARROW}"
        return _escape(f"{before}{value_text(row, self.max_text)}")


_USUAL: Final = Look()


def _has_record(row: Row, level: int) -> bool:
    buildable = row.kind is not None and row.kind.buildable
    return buildable or row.uses > 1 or level >= _MAX_NESTED


def _color(row: Row) -> str:
    buildable = row.kind is not None and row.kind.buildable
    return _COLORS.get(type(row.value).__name__, _COLORS["Config"]) if buildable else _OTHER_COLOR


def _tags(row: Row) -> str:
    # The alignment of a line is said at its end.
    end = '<BR ALIGN="LEFT"/>'
    tags = [
        f'<FONT COLOR="{_TAG_COLOR}" POINT-SIZE="9">#{_escape(tag.__qualname__)}</FONT>{end}'
        for tag in sorted(row.tags, key=str)
    ]
    return "".join([end, *tags]) if tags else ""


def _escape(text: str) -> str:
    # An element without text is a syntax error to Graphviz.
    return escape(text) or " "
