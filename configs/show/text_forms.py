"""Graphs as lines of text, as a dict of paths, as a tree, and with the history of each value.

A shared value is shown where it is met first; elsewhere a reference to that path is.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from types import GenericAlias
from typing import Annotated, Any, Final, get_args, get_origin

import attrs

from ..core.edit import CALLABLE_KEY, Edit, SavedEdit
from ..core.extras import rich_module
from ..core.keys import ArgumentKey
from ..core.member_names import node_name
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE
from ..core.shown import plain_repr, unfolds
from ..core.slots import NodeSlots
from ..core.tag_storage import tags_at
from ..node.dunders.representation import short_repr
from ..node.history import history
from ..signature.signature import native_signature
from ..traversal.iteration import Place, places
from ..traversal.location import holders
from ..traversal.paths import Attr, format_path
from ..traversal.traverse import kind_of
from .unset import Unset, arguments_with_unset

_ROOT: Final = "<root>"
_NO_LIMIT: Final = 1 << 60


def as_str_flattened(
    cfg: object,
    *,
    include_types: bool = True,
    raw_value_repr: bool = False,
    include_unset: bool = True,
    include_defaults: bool = True,
) -> str:
    """Return a graph as text with one line ``path = value`` for each value.

    Made for tools that work by lines, such as grep, sort and diff. A container without a node
    inside is one value. A node gets a line of its own if it has tags, or nothing to show inside.
    The tags of an argument follow its value.

    Args:
        cfg: A buildable, or containers that hold some. Cycles are fine.
        include_types: Show the annotations of parameters.
        raw_value_repr: Show values by ``repr`` as it is. Otherwise functions and classes are shown
            by their name, and line breaks as spaces.
        include_unset: Show arguments that have neither a value nor a default.
        include_defaults: Show arguments that are not set and have a default.

    Example:
        >>> from bytefig.configs import Config
        >>> def dense(units: int, activation=None): ...
        >>> shared = Config(dense, 8)
        >>> print(as_str_flattened(Config(dict, a=shared, b=[shared])))
        a.units: int = 8
        a.activation = <[unset; default: None]>
        b[0] = <shared with <root>.a>
    """
    inner = holders(cfg)
    arguments = partial(
        arguments_with_unset, include_unset=include_unset, include_defaults=include_defaults
    )
    annotations = _Annotations()
    lines: list[str] = []
    for place, first in places(cfg, inner, arguments):
        tags = _tags(place)
        if first is not None:
            text = _shared(first)
        elif id(place.value) not in inner:
            text = _value(place.value, raw_value_repr)
        elif tags or (type(place.value) in BUILDABLE_TYPES and not arguments(place.value)):
            text = _brief(place.value)
        else:
            continue
        annotation = annotations.at(place) if include_types else ""
        lines.append(f"{_path(place)}{annotation} = {text}{tags}")
    return "\n".join(lines)


def as_dict_flattened(
    cfg: object,
    output_fn_or_cls_name: bool = False,
    *,
    include_defaults: bool = False,
    memoized: bool = False,
) -> dict[str, Any]:
    """Return the values of a graph by their paths, written with dots.

    A container without a node inside is one value. Tags are left out.

    Args:
        cfg: A buildable, or containers that hold some.
        output_fn_or_cls_name: Add the name of the callable of each node, under the path of the
            node and ``__fn_or_cls__.__name__``.
        include_defaults: Add the defaults of arguments that are not set.
        memoized: Give the values in a shared node under its first path only. Otherwise they are
            given under each path.

    Raises:
        CycleError: The graph contains itself, and is not memoized.
        ManyPathsError: There is no end to its paths, and it is not memoized.

    Example:
        >>> from bytefig.configs import Config
        >>> as_dict_flattened(Config(dict, a=Config(complex, real=1), b=[2, 3]))
        {'a.real': 1, 'b': [2, 3]}
    """
    inner = holders(cfg)
    found: dict[str, Any] = {}
    arguments = partial(
        arguments_with_unset, include_unset=False, include_defaults=include_defaults
    )
    for place, first in places(cfg, inner, arguments, memoized):
        value = place.value
        if id(value) not in inner:
            if type(value) is Unset:
                value = value.default if include_defaults else NO_VALUE
            if value is not NO_VALUE:
                found[_path(place)] = value
        elif output_fn_or_cls_name and first is None and type(value) in BUILDABLE_TYPES:
            name = getattr(value.__fn_or_cls__, "__name__", None)
            if name is not None:
                steps = (*place.path, Attr("__fn_or_cls__"), Attr("__name__"))
                found[format_path(steps).removeprefix(_ROOT).removeprefix(".")] = name
    return found


def history_per_leaf_parameter(cfg: object, *, raw_value_repr: bool = False) -> str:
    """Return text that tells of each callable and argument how it got there, the latest first.

    Arguments that hold nodes are left out; what is in the nodes is not. Items of lists, tuples and
    dicts have no history.

    Args:
        cfg: A buildable, or containers that hold some. Cycles are fine.
        raw_value_repr: As for `as_str_flattened`.

    Example:
        >>> from bytefig.configs import Config, suspend_history
        >>> with suspend_history():  # so that no line numbers are in this example
        ...     cfg = Config(dict, a=1)
        >>> print(history_per_leaf_parameter(cfg))
        __fn_or_cls__ = dict
        a = 1
    """
    inner = holders(cfg)
    arguments = partial(arguments_with_unset, include_unset=True, include_defaults=True)
    edits: dict[int, dict[ArgumentKey, list[Edit | SavedEdit]]] = {}
    lines: list[str] = []
    for place, first in places(cfg, inner, arguments):
        node = place.node
        if first is not None:
            lines.append(f"{_path(place)} = {_shared(first)}")
        elif type(place.value) in BUILDABLE_TYPES:
            known = edits[id(place.value)] = _edits_by_key(place.value)
            fn = _value(place.value.__fn_or_cls__, raw_value_repr)
            shown = f"{_path(place, CALLABLE_KEY)} = {fn}"
            lines.extend(_history_of(shown, known[CALLABLE_KEY], raw_value_repr))
        elif id(place.value) in inner:
            continue
        else:
            own = [] if node is None else edits[id(node)].get(place.key, [])
            shown = f"{_path(place)} = {_value(place.value, raw_value_repr)}{_tags(place)}"
            lines.extend(_history_of(shown, own, raw_value_repr))
    return "\n".join(lines)


def as_tree(cfg: object, *, include_unset: bool = False, include_defaults: bool = False) -> Any:
    """Return a graph as a `rich.tree.Tree`, to print to a terminal.

    Args:
        cfg: A buildable, or containers that hold some. Cycles are fine.
        include_unset: As for `as_str_flattened`.
        include_defaults: As for `as_str_flattened`.

    Raises:
        ImportError: rich is not installed.

    Example:
        >>> import rich
        >>> from bytefig.configs import Config
        >>> shared = Config(list)
        >>> rich.print(as_tree(Config(dict, a=shared, b=[shared, 2])))
        <Config[dict]>
        ├── a: <Config[list]>
        └── b: list
            ├── [0] = <shared with <root>.a>
            └── [1] = 2
    """
    tree, text = (rich_module(name, "printing a graph as a tree") for name in ("tree", "text"))
    branches: dict[Place | None, Any] = {}
    for place, parts in _labels(cfg, include_unset, include_defaults):
        # Never a plain string: a value might hold rich's own markup.
        label = text.Text(parts[0][0], style=parts[0][1])
        for shown, style in parts[1:]:
            label.append(shown, style=style)
        branch = tree.Tree(label) if place.parent is None else branches[place.parent].add(label)
        branches[place] = branch
        branches.setdefault(None, branch)
    return branches[None]


def as_tree_text(
    cfg: object,
    *,
    include_unset: bool = False,
    include_defaults: bool = False,
    ascii_lines: bool = False,
) -> str:
    """Return the tree of `as_tree` as text; rich is not needed for it.

    Args:
        cfg: As for `as_tree`.
        include_unset: As for `as_str_flattened`.
        include_defaults: As for `as_str_flattened`.
        ascii_lines: Whether the lines of the tree are drawn in ASCII.

    Example:
        >>> from bytefig.configs import Config
        >>> print(as_tree_text(Config(dict, a=1, b=[Config(list)])))
        <Config[dict]>
        ├── a = 1
        └── b: list
            └── [0]: <Config[list]>
    """
    goes_on, branch, end = ("|   ", "+-- ", "`-- ") if ascii_lines else ("│   ", "├── ", "└── ")
    inside: dict[Place | None, list[tuple[Place, str]]] = defaultdict(list)
    for place, parts in _labels(cfg, include_unset, include_defaults):
        inside[place.parent].append((place, "".join(shown for shown, _ in parts)))
    lines: list[str] = []
    # What is found last may be inside of something before: effects are found after the root.
    pending = [(place, own, "", "") for place, own in inside[None]]
    while pending:
        place, own, before, indent = pending.pop()
        lines.append(f"{before}{own}")
        for number, (part, text) in enumerate(reversed(inside[place])):
            line, deeper = (end, "    ") if number == 0 else (branch, goes_on)
            pending.append((part, text, indent + line, indent + deeper))
    return "\n".join(lines)


def _labels(
    cfg: object, include_unset: bool, include_defaults: bool
) -> Iterator[tuple[Place, list[tuple[str, str]]]]:
    """Yield the lines of a tree: the place, and the parts of its label, each with a style."""
    inner = holders(cfg)
    arguments = partial(
        arguments_with_unset, include_unset=include_unset, include_defaults=include_defaults
    )
    for place, first in places(cfg, inner, arguments):
        parts = [(str(place.element or "").removeprefix("."), "bold")]
        if id(place.value) in inner and first is None:
            parts += [(": " if place.element else "", "default"), (_brief(place.value), "cyan")]
        else:
            shown = _value(place.value, False) if first is None else _shared(first)
            parts.append((" = " if place.element else "", "default"))
            parts.append((shown, "green" if first is None else "yellow"))
        yield place, [*parts, (_tags(place), "magenta")]


def _path(place: Place, *more: str) -> str:
    text = format_path((*place.path, *map(Attr, more)))
    return text.removeprefix(_ROOT).removeprefix(".") or _ROOT


def _shared(first: Place) -> str:
    return f"<shared with {format_path(first.path)}>"


def _brief(value: object) -> str:
    """Return a node or container as its kind only: its content is shown elsewhere."""
    name = type(value).__name__
    if type(value) in BUILDABLE_TYPES:
        return f"<{name}[{node_name(value)}]>"
    return name


def _value(value: object, raw: bool) -> str:
    if type(value) is Unset:
        if value.made:
            return "<[unset; default made at every call]>"
        if value.default is NO_VALUE:
            return "<[unset]>"
        return f"<[unset; default: {_value(value.default, raw)}]>"
    if type(value) in BUILDABLE_TYPES:
        return _brief(value)
    if raw:
        return plain_repr(value)
    text = short_repr(value, _NO_LIMIT)
    return " ".join(text.split()) if "\n" in text else text


def _tags(place: Place) -> str:
    node = place.node
    return "" if node is None else _tag_names(tags_at(node, place.key))


def _tag_names(tags: Any) -> str:
    # Those of a history that was pickled are names already.
    names = sorted(tag if isinstance(tag, str) else tag.name for tag in tags)
    return "".join(f" #{name}" for name in names)


@attrs.define
class _Annotations:
    """The annotations of parameters as text, by callable."""

    _known: dict[int, Callable[[Any], object]] = attrs.field(factory=dict)

    def at(self, place: Place) -> str:
        node = place.node
        if node is None:
            return ""
        fn = node.__fn_or_cls__
        if id(fn) not in self._known:
            self._known[id(fn)] = partial(_annotation, _parameters(fn))
        annotation = self._known[id(fn)](place.key)
        return "" if annotation is inspect.Parameter.empty else f": {_annotation_text(annotation)}"


def _parameters(fn: object) -> list[inspect.Parameter]:
    try:
        return list(native_signature(get_origin(fn) or fn).parameters.values())
    except (ValueError, TypeError):  # of some callables none is known
        return []


def _annotation(parameters: list[inspect.Parameter], key: ArgumentKey) -> object:
    variadic = inspect.Parameter.VAR_POSITIONAL
    if isinstance(key, int):
        if key < len(parameters) and parameters[key].kind is inspect.Parameter.POSITIONAL_ONLY:
            return parameters[key].annotation
    else:
        variadic = inspect.Parameter.VAR_KEYWORD
        for parameter in parameters:
            if parameter.name == key:
                return parameter.annotation
    for parameter in parameters:
        if parameter.kind is variadic:
            return parameter.annotation
    return inspect.Parameter.empty


def _annotation_text(annotation: object) -> str:
    if get_origin(annotation) is Annotated:  # the tags in it are shown anyway
        annotation = get_args(annotation)[0]
    if isinstance(annotation, type) and not isinstance(annotation, GenericAlias):
        return annotation.__qualname__
    return plain_repr(annotation) if unfolds(annotation) else str(annotation)


def _edits_by_key(node: NodeSlots) -> dict[ArgumentKey, list[Edit | SavedEdit]]:
    found: dict[ArgumentKey, list[Edit | SavedEdit]] = {}
    for edit in history(node):
        found.setdefault(edit.key, []).append(edit)
    return found


def _history_of(shown: str, edits: list[Edit | SavedEdit], raw: bool) -> Iterator[str]:
    values = [edit for edit in edits if edit.kind != "tags"]
    at = _provenance(values[-1]) if values else ""
    yield f"{shown}{at}"
    latest = values[-1] if values else None
    for edit in reversed(edits):
        if edit is latest:
            continue
        if edit.kind == "tags":
            yield f"  - tags:{_tag_names(edit.after) or ' none'}{_provenance(edit)}"
        else:
            yield f"  - previously: {_past(edit, raw)}{_provenance(edit)}"


def _past(edit: Edit | SavedEdit, raw: bool) -> str:
    if edit.after is NO_VALUE:
        return _value(Unset(), raw)
    if isinstance(edit, SavedEdit):  # its values are text
        return str(edit.after)
    return _value(edit.after, raw) if kind_of(edit.after) is None else short_repr(edit.after)


def _provenance(edit: Edit | SavedEdit) -> str:
    return "" if edit.provenance is None else f" @ {edit.provenance}"
