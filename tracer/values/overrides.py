"""`override`: set values in a graph by ``path=value``, all of them or none."""

from __future__ import annotations

import copy
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import formatannotation
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, Final, cast, get_args

import attrs

from ...configs import (
    BUILDABLE_TYPES,
    NO_VALUE,
    Attr,
    ConfigError,
    Effect,
    Index,
    Key,
    Path,
    PathElement,
    Place,
    format_path,
    map_graph,
    set_argument,
    signature_of,
    suspend_history,
)
from ...configs.for_tracer import (
    HintMatcher,
    hint_class,
    near_match,
    options_of,
    short_repr,
)
from ..engine.values import type_of
from ..errors import TracerError, ValueLanguageError
from .assignments import Assignment, text_of_path
from .combination import UncombinableError, combined, is_number
from .files import SUFFIXES, NestedFile, label_of, read_document, tree_value
from .insides import classes_to_make, default_in, opened
from .scope import Scope
from .text_to_value import parse_value
from .trees import Tree, is_a


@attrs.frozen(eq=False)
class Given:
    """An object to set as it is."""

    value: Any


@attrs.frozen
class OverrideProblem:
    """An assignment that cannot be made.

    Attributes:
        assignment: Which.
        reason: Why, and what to do.
    """

    assignment: Assignment
    reason: str

    def __str__(self) -> str:
        """Return the assignment and the reason."""
        lines = self.reason.replace("\n", "\n  ")
        given = self.assignment
        text = given.text if len(given.text) <= 60 else given.text[:57] + "..."
        return f"{given.label}{given.sign}={text}: {lines}"


class OverrideError(TracerError, ValueError):
    """Overrides of a graph cannot be made; none has been.

    Attributes:
        problems: All that is wrong, one for each assignment at most.
    """

    def __init__(self, problems: Sequence[OverrideProblem]) -> None:
        """Keep the problems."""
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return all of the problems."""
        count = len(self.problems)
        noun = "override cannot be made" if count == 1 else "overrides cannot be made"
        return "\n".join([f"{count} {noun}", *(f"  {problem}" for problem in self.problems)])


class _PathError(Exception):
    """A path leads nowhere; the text says why. Never leaves this module."""


def override(
    graph: object,
    assignments: Iterable[Assignment],
    scope: Scope | None = None,
    hint: object = None,
    shared: Mapping[int, object] = MappingProxyType({}),
) -> Any:
    """Return a copy of a graph with values set in it; the graph itself does not change.

    They are set in their order, so a later one may lead into the value of an earlier one. Each
    value is converted to the annotation of where it goes.

    Args:
        graph: A buildable, or containers that hold some.
        assignments: What to set; see `parse_assignment`.
        scope: What the names in the values stand for.
        hint: The annotation of the graph itself, if there is one.
        shared: Nodes, by their ids, that are not copied, since nothing is set in them.

    Raises:
        OverrideError: Some lead nowhere, or have a value that does not fit; it lists all of them.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.tracer.values import parse_assignment
        >>> def layer(units: int, rates: list[float]): ...
        >>> changes = map(parse_assignment, ["units=16", "rates[0]=1"])
        >>> override(Config(layer, units=8, rates=[0.5]), changes)
        <Config[layer(units=16, rates=[1.0])]>
    """
    scope = Scope() if scope is None else scope
    is_node = type_of(graph) in BUILDABLE_TYPES
    changed = copy.deepcopy(graph, {**shared}) if is_node else map_graph(lambda each: each, graph)
    problems: list[OverrideProblem] = []
    failed: list[Path] = []
    with suspend_history():
        for assignment in assignments:
            if any(path == assignment.path[: len(path)] != assignment.path for path in failed):
                continue  # it leads through one, and would fail for the same reason
            try:
                changed = _Setter(assignment, scope).set(changed, 0, hint)
            except (_PathError, ValueLanguageError) as error:
                problems.append(OverrideProblem(assignment, str(error)))
                failed.append(assignment.path)
    if problems:
        raise OverrideError(problems)
    return changed


class _Setter:
    """Makes one assignment."""

    def __init__(self, assignment: Assignment, scope: Scope) -> None:
        self._assignment = assignment
        self._scope = scope

    def set(self, value: object, depth: int, hint: object) -> Any:
        """Return a value, to which so many steps lead, with the assignment made inside of it."""
        path = self._assignment.path
        if depth == len(path):
            return self._value(value, hint)
        element = path[depth]
        change = _CONTAINERS.get(_container(value))
        if change is None and type_of(value) not in BUILDABLE_TYPES:
            value = opened(value, hint)
            change = _CONTAINERS.get(_container(value))
        if type_of(value) in BUILDABLE_TYPES:
            return self._set_argument(value, element, depth)
        if change is None:
            raise self._error(depth, f"{_the(value)} has no parts that can be set")
        return change(self, value, element, depth, hint)

    def _value(self, old: object, hint: object) -> object:
        """Return the value that was written, combined with the old one if it says so."""
        given = self._assignment
        if isinstance(given.tree, Given):
            return given.tree.value
        if given.tree is not NO_VALUE:
            return self._merged(old, given.tree, hint)
        if given.text.startswith("@") and given.text.endswith(SUFFIXES):
            return self._from_file(given.text[1:], hint)
        if not given.sign:
            return self._parsed(hint)
        depth = len(given.path)
        if old is NO_VALUE:
            what = f"{given.where} is not set, so there is nothing to {given.sign}="
            raise self._error(depth - 1, what, f"{given.where}=...")
        try:
            made = combined(given.sign, old, self._operand(old, hint))
        except UncombinableError as error:
            raise self._error(depth, f"{error}, {short_repr(old, 60)}") from None
        if not _fits(made, hint):
            what = f"that makes {short_repr(made, 60)}, where {formatannotation(hint)} is expected"
            raise self._error(depth, what)
        return made

    def _parsed(self, hint: object) -> object:
        """Return the value of the text, of which the scope keeps one to copy."""
        given, known = self._assignment, self._scope.parsed
        key = given.text, id(hint)
        if key not in known:
            known[key] = hint, parse_value(given.text, hint, self._scope, given.label)
        value = known[key][1]
        changes = type_of(value) in BUILDABLE_TYPES or _container(value) is not None
        return copy.deepcopy(value) if changes else value

    def _from_file(self, name: str, hint: object) -> object:
        """Return the value in a file, if text is not all that is expected."""
        given = self._assignment
        if hint is not None and {str} == {*options_of(hint)} - {type(None)}:
            return given.text
        try:
            text = FilePath(name).read_text(encoding="utf-8")
            found = read_document(name, text, self._scope.allowed)
        except (OSError, UnicodeDecodeError, ConfigError) as error:
            raise self._error(len(given.path) - 1, f"cannot read {name}: {error}") from None
        return found.value(self._scope, hint) if isinstance(found, NestedFile) else found

    def _merged(self, old: object, tree: Tree, hint: object) -> object:
        """Return the value of a part of a file; entries are set in the node or dict there."""
        given, is_node = self._assignment, type_of(old) in BUILDABLE_TYPES
        if not (is_a(tree, dict) and tree and (is_node or is_a(old, dict))):
            return tree_value(tree, hint, self._scope, given.label)
        for key, value in tree.items():
            element = Attr(key) if is_node and is_a(key, str) else Key(key)
            where = text_of_path((*given.path, element))
            label = label_of(tree, key, where, given.label.partition(": ")[0])
            part = Assignment((*given.path, element), short_repr(value, 60), label, tree=value)
            old = _Setter(part, self._scope).set(old, len(given.path), hint)
        return old

    def _operand(self, old: object, hint: object) -> object:
        """Return the operand to combine with a value: a number, a container like it, or an item."""
        given = self._assignment
        hints = [hint]
        if is_number(old):
            hints = [int | float | complex if type_of(old) is complex else int | float]
        elif is_a(old, list | tuple):
            # `x: tuple[int, int]` says nothing of a tuple that becomes longer.
            hints = [hint if type_of(old) is list else None, _item_hint(hint, 0)]
        elif is_a(old, set | frozenset):
            hints = [hint, next(iter(get_args(_options(hint, (set, frozenset)))), None)]
        for each in hints[:-1]:
            try:
                return parse_value(given.text, each, self._scope, given.label)
            except ValueLanguageError:
                continue
        return parse_value(given.text, hints[-1], self._scope, given.label)

    def _set_argument(self, node: Any, element: PathElement, depth: int) -> object:
        signature = signature_of(node.__fn_or_cls__)
        key: Any = element.name if isinstance(element, Attr) else getattr(element, "index", None)
        is_index = isinstance(element, Index)
        if isinstance(element, Key | Effect) or (is_index and not self._takes(node, key)):
            raise self._error(depth, f"{signature.name} has no argument {element}")
        hints = self._scope.hints(node.__fn_or_cls__)
        if isinstance(element, Attr) and not (
            signature.accepts(key) and hints.allow(key, signature.names)
        ):
            raise self._error(depth, signature.explain(key, hints.fields or ()))
        hint = hints.of(key, len(signature.keys))
        old = node.__arguments__.get(key, NO_VALUE)
        last = depth + 1 == len(self._assignment.path)
        if old is NO_VALUE and not last:
            old = self._default(node, key, hint, depth)
        elif old is NO_VALUE and is_a(self._assignment.tree, dict):
            if signature.default(key) is not None and key not in signature.required:
                old = default_in(node, key, hint, self._scope)
        elif old is not NO_VALUE and is_a(self._assignment.tree, dict):
            old = opened(old, hint) if old is not None and _container(old) is None else old
        elif old is NO_VALUE and self._assignment.sign:
            old = signature.default(key)
            if key in signature.factories:
                old = default_in(node, key, hint, self._scope)
        new = self.set(old, depth + 1, hint)
        if node.__arguments__.get(key, NO_VALUE) is not new:
            set_argument(node, key, new)
        return node

    def _takes(self, node: Any, index: int) -> bool:
        signature = signature_of(node.__fn_or_cls__)
        if 0 <= index < signature.positional_only:
            return True
        filled = max((key for key in node.__arguments__ if is_a(key, int)), default=-1)
        start = len(signature.keys)
        return signature.varargs is not None and start <= index <= max(filled + 1, start)

    def _default(self, node: object, key: object, hint: object, depth: int) -> object:
        """Return the default of an unset argument, opened."""
        found = default_in(node, key, hint, self._scope)
        if type_of(found) in BUILDABLE_TYPES or _container(found) is not None:
            return found
        here = text_of_path(self._assignment.path[: depth + 1])
        classes = [getattr(cls, "__name__", str(cls)) for cls in classes_to_make(hint)]
        fix = " or ".join(f"{here}={cls}()" for cls in classes) or f"{here}=..."
        raise self._error(depth, f"{here} is not set, so nothing in it can be", fix)

    def set_in_list(self, value: Any, element: PathElement, depth: int, hint: object) -> object:
        index = self._index(value, element, depth)
        value[index] = self.set(value[index], depth + 1, _item_hint(hint, index))
        return value

    def set_in_tuple(self, value: Any, element: PathElement, depth: int, hint: object) -> object:
        names: tuple[str, ...] | None = getattr(value, "_fields", None)
        if names is not None and isinstance(element, Attr):
            if element.name not in names:
                near = near_match(element.name, names)
                raise self._error(depth, f"{_the(value)} has no field {element.name!r}{near}")
            field_hint = typing.get_type_hints(type_of(value)).get(element.name)
            old = getattr(value, element.name)
            return value._replace(**{element.name: self.set(old, depth + 1, field_hint)})
        index = self._index(value, element, depth)
        items: list[object] = list(value)
        items[index] = self.set(items[index], depth + 1, _item_hint(hint, index))
        return type_of(value)(items) if names is None else type_of(value)(*items)

    def set_in_dict(self, value: Any, element: Any, depth: int, hint: object) -> object:
        if isinstance(element, Attr):
            fix = f"write [{element.name!r}] for .{element.name}"
            raise self._error(depth, f"a dict has keys, no attributes; {fix}")
        key: Any = element.index if isinstance(element, Index) else element.key
        key_hint, value_hint = _entry_hints(hint, key)
        if depth + 1 < len(self._assignment.path) and key not in value:
            near = near_match(str(key), [each for each in value if type_of(each) is str])
            raise self._error(depth, f"there is no key {key!r}{near}")
        if key not in value and not _fits(key, key_hint):
            raise self._error(depth, f"the keys are {formatannotation(key_hint)}, unlike {key!r}")
        value[key] = self.set(value.get(key, NO_VALUE), depth + 1, value_hint)
        return value

    def _index(self, value: Any, element: PathElement, depth: int) -> int:
        count = len(value)
        if not isinstance(element, Index):
            raise self._error(depth, f"{_the(value)} has items by number only, such as [0]")
        if not -count <= element.index < count:
            raise self._error(depth, f"{_the(value)} has {count} items, so no {element}")
        return element.index % count

    def _error(self, depth: int, what: str, fix: str = "") -> _PathError:
        here = format_path(self._assignment.path[:depth])
        return _PathError(f"{what}\n  at {here}" + (f"\n  fix: set it first: {fix}" if fix else ""))


def _container(value: object) -> type | None:
    kind = type_of(value)
    if issubclass(kind, dict):
        return dict
    if kind is list:
        return list
    return tuple if issubclass(kind, tuple) else None


#: How to set something inside of a container.
_CONTAINERS: Final[dict[type | None, Callable[[_Setter, Any, Any, int, object], object]]] = {
    dict: _Setter.set_in_dict,
    list: _Setter.set_in_list,
    tuple: _Setter.set_in_tuple,
}


def _options(hint: object, classes: tuple[type, ...]) -> Any:
    """Return the option of an annotation that is for containers of some classes, or None."""
    for option in options_of(hint):
        cls = hint_class(option)
        if isinstance(cls, type) and any(issubclass(known, cls) for known in classes):
            return option
    return None


def _item_hint(hint: object, index: int) -> object:
    found = _options(hint, (list, tuple))
    args = get_args(found)
    if hint_class(found) is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        return args[index] if index < len(args) else None
    return args[0] if args else None


def _entry_hints(hint: object, key: object) -> tuple[object, object]:
    found = _options(hint, (dict,))
    if found is not None and typing.is_typeddict(found):
        return None, typing.get_type_hints(found).get(cast("str", key))
    args = get_args(found)
    return (args[0], args[1]) if len(args) == 2 else (None, None)


def _fits(value: object, hint: object) -> bool:
    return hint is None or HintMatcher().fits(Place(value), hint)


def _the(value: object) -> str:
    return f"the {type_of(value).__name__} {short_repr(value, 60)}"
