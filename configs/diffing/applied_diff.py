"""Changing a graph as a diff says: all of it, or nothing."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar, cast

import attrs

from ..core.keys import ArgumentKey
from ..core.registry import BUILDABLE_TYPES, class_of
from ..core.sentinels import NO_VALUE
from ..core.slots import NodeSlots, can_be, set_class, set_effects
from ..core.tag_storage import tags_after
from ..core.tag_type import ArgumentTags, TagType
from ..core.transaction import Changes
from ..node.buildable import rewrite
from ..signature.signature import Signature, signature_of
from ..traversal.paths import Effect, Index, Path, PathElement, format_path, key_of
from ..traversal.traverse import Visit, fold, kind_of, parts_of
from .changes import (
    NEW_SHARED,
    OLD,
    AddTag,
    ChangeBuildableClass,
    ChangeCallable,
    Diff,
    DiffError,
    DiffOperation,
    InsertValue,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
)

T = TypeVar("T")

_MOST_PROBLEMS: Final = 10
_INDEXABLE: Final = (list, tuple, deque, dict, defaultdict, OrderedDict)


def apply_diff(diff: Diff, structure: object) -> Any:
    """Change a graph in place as a diff says; in case of an error not at all.

    It need not be the graph that the diff was built from, if the changes fit. New nodes are copied
    from the diff, leaf values are not.

    Args:
        diff: The changes.
        structure: The graph.

    Returns:
        The changed graph: ``structure``, or a new value if the diff replaces the root.

    Raises:
        DiffError: A change does not fit. The error lists them all.
        TypeError: A node cannot be made one of another class.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.diffing import build_diff
        >>> old, new = Config(dict, a=1), Config(dict, a=Config(int))
        >>> apply_diff(build_diff(old, new), old) == new, old
        (True, <Config[dict(a=<Config[int()]>)]>)
    """
    plan = _Plan(structure)
    plan.add_all_shared(diff)
    for change in diff.changes:
        plan.attempt(_label(change), plan.add, change)
    plan.check("the diff does not fit the graph, which was not changed")
    return plan.commit()


def resolve_diff_references(diff: Diff, old_root: object) -> Diff:
    """Return a diff that holds values where it had references to them.

    Args:
        diff: The diff; it does not change.
        old_root: The graph whose values references to ``old`` are replaced by, themselves and not
            copies. References to new shared values become those of the diff that is returned.

    Raises:
        DiffError: There is nothing where a reference points. The error lists all of these.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.diffing import build_diff
        >>> old = Config(dict, a=Config(int))
        >>> diff = build_diff(old, Config(dict, b=old.a))
        >>> diff.changes[1].new_value
        <old.a>
        >>> resolve_diff_references(diff, old).changes[1].new_value is old.a
        True
    """
    plan = _Plan(old_root)
    plan.add_all_shared(diff)
    changes: list[DiffOperation] = []

    def resolve(change: DiffOperation) -> None:
        if isinstance(change, SetValue | InsertValue | ModifyValue):
            change = attrs.evolve(change, new_value=plan.copy(change.new_value))
        changes.append(change)

    for change in diff.changes:
        plan.attempt(_label(change), resolve, change)
    plan.check("a reference cannot be resolved")
    return Diff(tuple(changes), tuple(plan.shared))


@attrs.define
class _Draft:
    """The new content of a node or container."""

    path: Path
    value: Any
    items: dict[Any, object]
    cls: type[NodeSlots] | None = None
    fn: Any = None
    tags: ArgumentTags | None = None
    # What goes into a list, by the index of the item that it goes before.
    inserted: dict[int, list[object]] = attrs.field(factory=dict[int, list[object]])

    def list_items(self) -> Iterator[object]:
        for index in sorted({*self.items, *self.inserted}):
            yield from self.inserted.get(index, ())
            if index in self.items:
                yield self.items[index]


@attrs.define
class _Plan:
    root: object
    drafts: dict[int, _Draft] = attrs.field(factory=dict[int, _Draft])
    shared: list[object] = attrs.field(factory=list[object])
    copies: dict[int, object] = attrs.field(factory=dict[int, object])
    acted_on: list[NodeSlots] = attrs.field(factory=list[NodeSlots])
    problems: list[str] = attrs.field(factory=list[str])
    new_root: object = NO_VALUE

    def attempt(self, label: str, action: Callable[[T], object], value: T) -> None:
        try:
            action(value)
        except (LookupError, DiffError) as error:
            self.problems.append(f"{label}: {error.args[0]}")

    def add_all_shared(self, diff: Diff) -> None:
        for index, value in enumerate(diff.new_shared_values):
            self.attempt(f"<{NEW_SHARED}[{index}]>", self._add_shared, value)

    def _add_shared(self, value: object) -> None:
        self.shared.append(NO_VALUE)  # so that the others keep their numbers if this one fails
        self.shared[-1] = self.copy(value)

    def add(self, change: DiffOperation) -> None:
        match change:
            case ChangeCallable() | ChangeBuildableClass():
                draft = self._draft(change.target, _follow(self.root, change.target))
                if draft.cls is None:
                    raise DiffError("this is no node")
                if isinstance(change, ChangeCallable):
                    draft.fn = change.new_callable
                else:
                    draft.cls = change.new_class
            case ModifyValue(target=()):
                self.new_root = self.copy(change.new_value)
            case _ if not change.target:
                raise DiffError("the root can only be modified")
            case _:
                self._add_to_parent(change)

    def _add_to_parent(self, change: DiffOperation) -> None:
        parent = _follow(self.root, change.target[:-1])
        draft = self._draft(change.target[:-1], parent)
        key = _key(parent, change.target[-1])
        match change:
            case AddTag() | RemoveTag():
                _change_tags(draft, key, change.tag, isinstance(change, AddTag))
            case InsertValue():
                if type(parent) not in (list, deque) or key not in range(len(parent) + 1):
                    raise DiffError("there is no such place in a list")
                draft.inserted.setdefault(key, []).append(self.copy(change.new_value))
            case SetValue():
                if key in draft.items:
                    raise DiffError("there is a value already")
                draft.items[key] = self.copy(change.new_value)
            case _:
                if key not in draft.items:
                    raise DiffError("there is no value")
                if isinstance(change, ModifyValue):
                    draft.items[key] = self.copy(change.new_value)
                else:
                    del draft.items[key]

    def _draft(self, path: Path, value: Any) -> _Draft:
        kind = kind_of(value)
        if kind is None or kind.fill is None:
            raise DiffError(f"what a {type(value).__name__} holds cannot be changed; replace it")
        draft = self.drafts.get(id(value))
        if draft is None:
            draft = _Draft(path, value, dict(zip(*parts_of(kind, value), strict=True)))
            if kind.buildable:
                draft.cls, draft.fn = type(value), value.__fn_or_cls__
                draft.tags = value.__argument_tags__
            self.drafts[id(value)] = draft
        return draft

    def copy(self, value: object) -> object:
        return fold(value, self._rebuild, self._resolve, self.copies, effects=False)

    def _rebuild(self, visit: Visit, _: object) -> object:
        made: Any = visit.rebuild()
        if visit.kind.buildable and made.__effects__:
            self.acted_on.append(made)
        return made

    def copy_effects(self) -> None:
        """Give copies of nodes effects of their own, now that all that these act on is there."""
        for node in self.acted_on:  # grows
            set_effects(node, tuple(map(self.copy, node.__effects__ or ())))

    def _resolve(self, leaf: object) -> object:
        if type(leaf) is not Reference:
            return leaf
        if leaf.root == OLD:
            return _follow(self.root, leaf.target)
        if leaf.root != NEW_SHARED:
            raise DiffError(f"{leaf!r} refers to neither {OLD!r} nor {NEW_SHARED!r}")
        return _follow(self.shared, leaf.target)

    def check(self, failure: str) -> None:
        self.attempt("effects", _Plan.copy_effects, self)
        for draft in self.drafts.values():
            place = format_path(draft.path)
            self.problems += (f"{place}: {problem}" for problem in _misfits(draft))
        if self.problems:
            shown = self.problems[:_MOST_PROBLEMS]
            if len(self.problems) > len(shown):
                shown.append(f"... and {len(self.problems) - len(shown)} more")
            raise DiffError(f"{failure}:\n  " + "\n  ".join(shown))

    def commit(self) -> object:
        changes = Changes()
        for draft in self.drafts.values():
            value: Any = draft.value
            if draft.cls is not None:
                changes.slot(set_class, value, class_of(value), draft.cls)
                steps = sorted(key for key in draft.items if isinstance(key, Effect))
                effects = tuple(draft.items.pop(step) for step in steps)
                changes.slot(set_effects, value, value.__effects__, effects or None)
                rewrite(changes, value, draft.fn, draft.items, draft.tags)
            elif isinstance(value, list) or type(value) is deque:
                changes.contents(value, [*draft.list_items()])
            else:
                changes.contents(value, draft.items)
        try:
            changes.commit()
        except TypeError as error:
            for draft in self.drafts.values():
                if draft.cls is not None and not can_be(draft.value, draft.cls):
                    error.add_note(f"{format_path(draft.path)}: the graph was not changed")
            raise
        return self.root if self.new_root is NO_VALUE else self.new_root


def _label(change: DiffOperation) -> str:
    return f"{type(change).__name__} of {format_path(change.target)}"


def _follow(root: object, path: Iterable[PathElement]) -> Any:
    """Return the value at a path; unlike in `follow_path` no default stands for an argument."""
    taken: list[PathElement] = []
    value = root
    for element in path:
        taken.append(element)
        value = _child(value, element)
        if value is NO_VALUE:
            raise DiffError(f"{format_path(taken)} does not exist")
    return value


def _child(container: Any, element: PathElement) -> object:
    """Return the value one step further; `NO_VALUE` if there is none."""
    key, kind = _key(container, element), kind_of(container)
    if kind is None:
        return NO_VALUE
    if type(container) in (list, tuple, deque) and isinstance(element, Index):
        return container[key] if 0 <= key < len(container) else NO_VALUE
    if type(container) in (dict, defaultdict, OrderedDict):
        return container.get(key, NO_VALUE)
    return dict(zip(*parts_of(kind, container), strict=True)).get(key, NO_VALUE)


def _key(container: object, element: PathElement) -> Any:
    """Return the key in a container that a path element means."""
    key, kind = key_of(element), kind_of(container)
    if kind is None or type(container) in _INDEXABLE or kind.buildable:
        return key
    return next((own for own in kind.flatten(container)[0] if kind.element(own) == element), key)


def _change_tags(draft: _Draft, key: ArgumentKey, tag: TagType, add: bool) -> None:
    if draft.cls is None:
        raise DiffError("only arguments have tags")
    if not isinstance(tag, TagType):  # pyright: ignore[reportUnnecessaryIsInstance] - by hand
        raise DiffError(f"{tag!r} is not a tag")
    own = (draft.tags or {}).get(key, frozenset())
    if add == (tag in own):
        raise DiffError(f"the argument has the tag {tag} {'already' if add else 'not'}")
    draft.tags = tags_after(draft.tags, key, own | {tag} if add else own - {tag})


def _misfits(draft: _Draft) -> Iterable[str]:
    """Yield the problems of a draft as a whole."""
    if type(draft.value) in (list, deque):
        length = len(cast("list[Any]", draft.value))
        added = [index for index in draft.items if index >= length]
        if sorted(added) != list(range(length, length + len(added))):
            yield f"new items have to follow the {length} that are there"
        return
    if draft.cls is None:
        return
    if draft.cls not in BUILDABLE_TYPES:
        yield f"{draft.cls!r} is not a class of nodes"
    if not callable(draft.fn) or type(draft.fn) in BUILDABLE_TYPES:
        yield f"{draft.fn!r} is not a callable to configure"
        return
    signature = signature_of(draft.fn)
    for key in (*draft.items, *(draft.tags or ())):
        if not isinstance(key, Effect) and not takes(signature, key):
            yield f"{signature.name} has no argument {key!r}"
    variadic = [key for key in draft.items if isinstance(key, int) and key >= len(signature.keys)]
    if sorted(variadic) != [len(signature.keys) + number for number in range(len(variadic))]:
        yield f"the *args of {signature.name} would have a gap"


def takes(signature: Signature, key: ArgumentKey) -> bool:
    """Return whether a signature has a place for an argument with this key."""
    if isinstance(key, str):
        return signature.accepts(key)
    if 0 <= key < len(signature.keys):
        return signature.keys[key] == key
    return key >= 0 and signature.varargs is not None
