"""`build`: from a graph of nodes to the real objects."""

from __future__ import annotations

import contextlib
import functools
from _thread import get_ident
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

from .arg_factory import FreshArgument
from .errors import BuildError, CycleError, NestedBuildError, combine
from .nodes import ArgFactory, Config, Partial
from .paths import Path, PathElement, format_path
from .replacing import rebuild_if_changed
from .representation import short_repr
from .signatures import ArgumentKey, Signature, callable_name, signature_of
from .traverse import (
    BUILDABLE_KIND,
    BUILDABLE_TYPES,
    LEAF_TYPES,
    NodeKind,
    contains_buildable,
    fold,
    kind_of,
)

if TYPE_CHECKING:
    from .buildable import Buildable

T = TypeVar("T")

_CALL: Final[object] = Config[Any].__build__

# Ids of the threads that are inside `build`.
_BUILDING: Final[set[int]] = set()


@overload
def build(buildable: Partial[T]) -> functools.partial[T]: ...
@overload
def build(buildable: Config[T]) -> T: ...
@overload
def build(buildable: Any) -> Any: ...
def build(buildable: Any) -> Any:
    """Build a graph: call what the nodes configure, arguments first.

    A node that occurs several times is built once and its result shared; so is a list, dict or
    tuple. Containers are made anew, other values are passed on as they are. The graph itself
    is not changed. Graphs of any depth can be built.

    Args:
        buildable: A node, or containers of nodes. Without any node in it, a warning is logged.

    Returns:
        What the node builds to; for a container, one of the same type with everything built.

    Raises:
        BuildError: A callable raised (the error then also is of that exception's type), a required
            argument is missing (then also a TypeError), or an `ArgFactory` is out of place.
        CycleError: The graph contains itself.
        NestedBuildError: A callable that is being built calls `build`.

    Example:
        >>> from bytefig.configs import Config, build
        >>> build([Config(int, "7"), Config(complex, real=1)])
        [7, (1+0j)]
    """
    thread = get_ident()
    if thread in _BUILDING:
        raise NestedBuildError(
            "build was called while another build runs in this thread\n"
            "  fix: pass nodes as arguments instead, the outer build builds them"
        )
    if not contains_buildable(buildable):
        _warn_nothing_to_build(buildable)
    _BUILDING.add(thread)
    try:
        return _Builder().build(buildable)
    finally:
        _BUILDING.discard(thread)


@contextlib.contextmanager
def independent_build() -> Generator[None]:
    """Allow `build` inside although another build may run in this thread.

    For code whose builds are its own business, not a part of the graph that is being built.

    Example:
        >>> from bytefig.configs import Config
        >>> def make():
        ...     with independent_build():
        ...         return build(Config(int, "7"))
        >>> build(Config(make))
        7
    """
    thread = get_ident()
    was_building = thread in _BUILDING
    _BUILDING.discard(thread)
    try:
        yield
    finally:
        if was_building:
            _BUILDING.add(thread)


def _warn_nothing_to_build(graph: object) -> None:
    import logging  # noqa: PLC0415 - slow to import, and rarely needed

    logging.getLogger("bytefig.configs").warning(
        "nothing to build: there is no Buildable in %s of type %s",
        short_repr(graph),
        type(graph).__name__,
    )


_UNKNOWN: Final = object()
_ACTIVE: Final = object()


class _Step:
    """A value that is being built, some of whose children are built already.

    Attributes:
        value: The value.
        kind: How it is taken apart.
        built: A copy of the arguments, dict or list, or a list of the children of any other value.
            What is built takes the place of what it was built from.
        rest: Its items that are not built yet.
        keys: The keys of the items; None if ``built`` has them.
        key: The key, or position in ``keys``, of the item that is being built.
    """

    __slots__ = ("built", "key", "keys", "kind", "rest", "value")

    def __init__(self, value: Any, kind: NodeKind, built: Any, keys: Sequence[Any] | None) -> None:
        self.value = value
        self.kind = kind
        self.built = built
        self.keys = keys
        # Only values are replaced, which an iterator does not mind.
        keyed = cast("type[Any]", type(built)) is dict
        self.rest: Iterator[tuple[Any, Any]] = iter(built.items()) if keyed else enumerate(built)
        self.key: Any = None

    def element(self) -> PathElement:
        return self.kind.element(self.key if self.keys is None else self.keys[self.key])


class _Builder:
    """One run of `build`; the callables that it calls may edit the graph meanwhile."""

    def __init__(self) -> None:
        self._memo: dict[int, Any] = {}
        # Keeps what is in the memo alive, or its id could become that of another object.
        self._alive: list[object] = []
        self._steps: list[_Step] = []
        # Ids of the built containers with a FreshArgument somewhere inside, which the memo keeps
        # alive; and whether there is any FreshArgument at all.
        self._fresh: set[int] = set()
        self._any_fresh = False

    def build(self, root: object) -> object:
        made = self._enter(root)
        while self._steps:
            step = self._steps[-1]
            if made is not _ACTIVE:
                step.built[step.key] = made
            made = self._advance(step)
        if self._is_fresh(made):
            raise _misplaced_factory("<root>", None)
        return made

    def _advance(self, step: _Step) -> object:
        """Build what is left of a value.

        Returns:
            What it builds to; `_ACTIVE` if a child has to be built first, which is a new step.
        """
        built, find = step.built, self._memo.get
        for key, value in step.rest:
            if type(value) in LEAF_TYPES:
                continue
            step.key = key
            made = find(id(value), _UNKNOWN)
            if made is _UNKNOWN:
                made = self._enter(value)
                if made is _ACTIVE:
                    return _ACTIVE
            elif made is _ACTIVE:
                raise self._cycle(value)
            built[key] = made
        made = self._finish(step)
        self._steps.pop()
        self._memo[id(step.value)] = made
        return made

    def _enter(self, value: Any) -> object:
        """Return what a value builds to; `_ACTIVE` if it has children, and is a new step."""
        cls = cast("type[Any]", type(value))
        if cls in BUILDABLE_TYPES:
            arguments = value.__arguments__
            for child in arguments.values():
                if type(child) not in LEAF_TYPES:
                    break
            else:
                made = self._memo[id(value)] = self._call(value, cls, arguments, None)
                self._alive.append(value)
                return made
            built = signature_of(value.__fn_or_cls__).ordered(arguments)
            step = _Step(value, BUILDABLE_KIND, built, None)
        else:
            kind = kind_of(value)
            if kind is None:
                self._any_fresh = self._any_fresh or cls is FreshArgument
                return value
            if cls is list or cls is dict:
                step = _Step(value, kind, value.copy(), None)
            else:
                keys, values = kind.flatten(value)
                step = _Step(value, kind, list(values), keys)
        self._alive.append(value)
        self._memo[id(value)] = _ACTIVE
        self._steps.append(step)
        return _ACTIVE

    def _finish(self, step: _Step) -> object:
        """Return what a value builds to, now that its children are built."""
        if step.kind.buildable:
            if self._any_fresh:
                self._check_fresh(step)
            return self._call(step.value, cast("type[Any]", type(step.value)), step.built, step)
        built = step.built
        made = built if step.keys is None else step.kind.rebuild(step.value, step.keys, built)
        if self._any_fresh:
            keyed = cast("type[Any]", type(built)) is dict
            if any(map(self._is_fresh, built.values() if keyed else built)):
                self._fresh.add(id(made))
        return made

    def _call(
        self, node: Any, cls: type[Any], stored: dict[Any, Any], step: _Step | None
    ) -> object:
        """Return what a node builds to, given its built arguments; ``step`` if it is the last."""
        fn = node.__fn_or_cls__
        signature = signature_of(fn)
        _, missing, plain = signature.shapes.get(tuple(stored)) or signature.shape(stored)
        calls = cls.__build__ is _CALL
        if missing and calls:
            raise _missing_arguments(list(missing), node, self._path(step))
        try:
            if plain and calls:
                made: Any = fn(**stored)
            else:
                args, kwargs = signature.call_arguments(stored)
                made = node.__build__(*args, **kwargs)
        except Exception as error:
            raise _failure(error, node, stored, signature, self._path(step)) from error
        if type(made) is FreshArgument:
            self._any_fresh = True
        return made

    def _is_fresh(self, value: object) -> bool:
        return type(value) is FreshArgument or id(value) in self._fresh

    def _check_fresh(self, step: _Step) -> None:
        """Refuse what is made at every call where there is no call, and make containers so."""
        for key, value in step.built.items():
            if self._is_fresh(value):
                node = step.value
                if not isinstance(node, Partial | ArgFactory):
                    step.key = key
                    place = tuple(one.element() for one in self._steps)
                    raise _misplaced_factory(format_path(place), node)
                if type(value) is not FreshArgument:
                    step.built[key] = FreshArgument(functools.partial(_copy_fresh, value))

    def _path(self, step: _Step | None) -> Path:
        """Return the path of a value, which is that of the last step, or of its current child."""
        return tuple(one.element() for one in self._steps if one is not step)

    def _cycle(self, value: object) -> CycleError:
        inner = tuple(one.element() for one in self._steps)
        first = next(index for index, one in enumerate(self._steps) if one.value is value)
        return CycleError(format_path(inner[:first]), format_path(inner))


def _copy_fresh(value: object) -> object:
    """Return a built argument with new values for its `FreshArgument` marks.

    Only the containers that hold a mark are copied. A mark that occurs twice is made once.
    """
    made: dict[int, object] = {}

    def make(leaf: object) -> object:
        if type(leaf) is not FreshArgument:
            return leaf
        if id(leaf) not in made:
            made[id(leaf)] = leaf.factory()
        return made[id(leaf)]

    return fold(value, rebuild_if_changed, make)


def _misplaced_factory(path: str, node: Buildable[Any] | None) -> BuildError:
    where = "outside of any Partial" if node is None else f"of a {type(node).__name__}"
    return BuildError(
        f"cannot build the ArgFactory at or in {path}: {where}, there is no call to make its value"
        f" for{_made_at(node)}\n  fix: use a Config here, or make the enclosing node a Partial",
        path=path,
        callable=None if node is None else node.__fn_or_cls__,
    )


def _missing_arguments(missing: list[ArgumentKey], node: Buildable[Any], place: Path) -> BuildError:
    path = format_path(place)
    fn = node.__fn_or_cls__
    names = ", ".join(repr(signature_of(fn).parameter_name(key)) for key in missing)
    element = BUILDABLE_KIND.element
    settings = ", ".join(format_path((*place, element(key))) for key in missing)
    message = (
        f"cannot build {callable_name(fn)} at {path}: required arguments are not set: {names}"
        f"{_made_at(node)}\n  fix: set {settings}"
    )
    return combine(TypeError(message), message, path, fn)


def _failure(
    error: Exception,
    node: Buildable[Any],
    stored: dict[Any, object],
    signature: Signature,
    place: Path,
) -> BuildError:
    path = format_path(place)
    arguments = ", ".join(
        f"{key}={short_repr(value)}" for key, value in signature.ordered(stored).items()
    )
    message = (
        f"cannot build {signature.name} at {path}: {type(error).__name__}: {_text(error)}"
        f"{_made_at(node)}\n  arguments: ({arguments})"
        f"\n  fix: change the arguments of {path}, or what {signature.name} does with them"
    )
    return combine(error, message, path, node.__fn_or_cls__)


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # a user's exception may fail to print itself
        return "<without text>"


def _made_at(node: Buildable[Any] | None) -> str:
    provenance = None if node is None else node.__provenance__
    return "" if provenance is None else f"\n  made at {provenance}"
