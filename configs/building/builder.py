"""`build`: from a graph of nodes to the real objects."""

from __future__ import annotations

import contextlib
import functools
from _thread import get_ident
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final, TypeVar, overload

from ..arg_factory import FreshArgument
from ..collecting import collect_as_before, collect_seldom
from ..core.errors import BuildError, CycleError, NestedBuildError
from ..core.keys import ArgumentKey
from ..core.registry import BUILDABLE_TYPES, LEAF_TYPES, class_of
from ..core.slots import NodeSlots
from ..node.dunders.representation import short_repr
from ..node.kinds import ArgFactory, Config, Partial, set_builder
from ..signature.signature import signature_of
from ..traversal.locating import contains_buildable
from ..traversal.paths import Path, format_path
from ..traversal.replacing import rebuild_if_changed
from ..traversal.traverse import BUILDABLE_KIND, NodeKind, fold, kind_of
from .failures import failure, misplaced_factory, missing_arguments
from .leaf_calls import OTHER, LeafCall, leaf_call

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
    is not changed. Graphs of any depth can be built. Garbage is collected seldom meanwhile.

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
    before = collect_seldom()
    try:
        return _Builder().build(buildable)
    finally:
        collect_as_before(before)
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


def _build_independently(node: Any) -> Any:
    with independent_build():
        return build(node)


set_builder(_build_independently)


def _warn_nothing_to_build(graph: object) -> None:
    import logging  # noqa: PLC0415 - slow to import, and rarely needed

    logging.getLogger("bytefig.configs").warning(
        "nothing to build: there is no Buildable in %s of type %s",
        short_repr(graph),
        type(graph).__name__,
    )


_ACTIVE: Final = object()
#: After how many nodes that have leaves only it pays to have a function for the next.
_OFTEN: Final = 32


#: A value that is being built, some of whose children are built already: the value; how it is taken
#: apart; a copy of its arguments, dict or list, or a list of the children of any other value, where
#: what is built takes the place of what it was built from; its items that are not built yet; the
#: keys of the items, or None if the copy has them; what the copy is passed to as it is, or None if
#: there is more to do; the id of the value; and the key of the child that is being built. A plain
#: tuple: there is one for each value that has children.
_Step = tuple[Any, NodeKind, Any, Iterator[tuple[Any, Any]], Sequence[Any] | None, Any, int, Any]


#: The keys of arguments that a callable can be called with as they are, and what builds nodes that
#: have leaves only, once there have been many of them.
_Plan = tuple[Collection[tuple[ArgumentKey, ...]], LeafCall | None]
_UNKNOWN: Final[_Plan] = ((), None)


class _Builder:
    """One run of `build`; the callables that it calls may edit the graph meanwhile."""

    def __init__(self) -> None:
        self._memo: dict[int, Any] = {}
        # Keeps what is in the memo alive, or its id could become that of another object.
        self._alive: list[object] = []
        # The last value is there only while something is done that may fail: see `_run`.
        self._steps: list[_Step] = []
        # Ids of the built containers with a FreshArgument somewhere inside, which the memo keeps
        # alive; and whether there is any FreshArgument at all.
        self._fresh: set[int] = set()
        self._any_fresh = False
        # The classes of nodes that just call their callable.
        self._calling = {cls for cls in BUILDABLE_TYPES if cls.__build__ is _CALL}
        # Not by the id of the callable: where there is an audit hook, as `filelock` adds one, it is
        # told of each id that is asked for.
        self._plans: dict[Callable[..., Any], _Plan] = {}
        # The types of callables that are the same only if they are identical.
        self._plain: set[type] = {type, FunctionType, BuiltinFunctionType}

    def build(self, root: object) -> object:
        made = self._enter(root, id(root))
        if made is _ACTIVE:
            made = self._run(self._steps.pop())
        if self._is_fresh(made):
            raise misplaced_factory("<root>", None)
        return made

    def _run(self, root: _Step) -> object:  # noqa: PLR0912, PLR0915 - inlined: all nodes come by
        steps, memo, enter = self._steps, self._memo, self._enter
        leaves, calling, alive = LEAF_TYPES, self._calling, self._alive
        plain, plan_of = self._plain, self._plans.get
        # The last step: not among the others, which is done only when an error may name its path.
        node, kind, built, rest, names, call, own, key = root
        left = _OFTEN
        make: LeafCall | None = None
        planned: Any = None
        plan: Collection[tuple[ArgumentKey, ...]] = ()
        while True:
            for key, value in rest:
                cls = class_of(value)
                if cls in leaves:
                    continue
                number = id(value)
                if number not in memo:
                    # What `enter` does with most nodes, in less time.
                    if cls in calling:
                        arguments = value.__arguments__
                        fn = value.__fn_or_cls__
                        if fn is not planned:
                            plan, make = (
                                plan_of(fn, _UNKNOWN) if class_of(fn) in plain else _UNKNOWN
                            )
                            planned = fn if plan else None
                        if make is not None:
                            alive.append(value)
                            try:
                                made = make(fn, arguments)
                            except Exception as error:
                                steps.append((node, kind, built, rest, names, call, own, key))
                                raise self._failed(error, value, arguments) from error
                            if made is not OTHER:
                                if class_of(made) is FreshArgument:
                                    self._any_fresh = True
                                built[key] = memo[number] = made
                                continue
                            make = None
                            self._plans[fn] = plan, make
                        if tuple(arguments) in plan:
                            alive.append(value)
                            for child in arguments.values():
                                if class_of(child) not in leaves:
                                    break
                            else:
                                try:
                                    made = fn(**arguments)
                                except Exception as error:
                                    steps.append((node, kind, built, rest, names, call, own, key))
                                    raise self._failed(error, value, arguments) from error
                                if class_of(made) is FreshArgument:
                                    self._any_fresh = True
                                built[key] = memo[number] = made
                                left -= 1
                                if not left:
                                    left = _OFTEN
                                    make = leaf_call(plan)
                                    self._plans[fn] = plan, make
                                continue
                            steps.append((node, kind, built, rest, names, call, own, key))
                            memo[number] = _ACTIVE
                            node, kind, call, own, names = value, BUILDABLE_KIND, fn, number, None
                            built = arguments.copy()
                            # Only values are replaced, which an iterator does not mind.
                            rest = iter(built.items())
                            break
                    steps.append((node, kind, built, rest, names, call, own, key))
                    made = enter(value, number)
                    if made is _ACTIVE:
                        node, kind, built, rest, names, call, own, _ = steps.pop()
                        break
                    steps.pop()
                else:
                    made = memo[number]
                    if made is _ACTIVE:
                        steps.append((node, kind, built, rest, names, call, own, key))
                        raise self._cycle(value)
                built[key] = made
            else:
                if call is not None and not self._any_fresh:
                    try:
                        made = call(**built)
                    except Exception as error:
                        raise self._failed(error, node, built) from error
                    if class_of(made) is FreshArgument:
                        self._any_fresh = True
                elif kind is BUILDABLE_KIND:
                    if self._any_fresh:
                        self._check_fresh(node, built)
                    made = self._call(node, built)
                else:
                    made = self._rebuilt(node, kind, built, names)
                memo[own] = made
                if not steps:
                    return made
                node, kind, built, rest, names, call, own, key = steps.pop()
                built[key] = made

    def _enter(self, value: Any, number: int) -> object:
        """Return what a value builds to; `_ACTIVE` if it has children, and is a new step."""
        cls = class_of(value)
        names: Sequence[Any] | None = None
        call: Any = None
        if cls in BUILDABLE_TYPES:
            kind = BUILDABLE_KIND
            self._alive.append(value)
            arguments = value.__arguments__
            fn = value.__fn_or_cls__
            complete = cls in self._calling and self._is_complete(fn, arguments)
            for child in arguments.values():
                if type(child) not in LEAF_TYPES:
                    break
            else:
                made = self._memo[number] = self._call(value, arguments)
                return made
            if complete:
                built: Any = arguments.copy()
                call = fn
            else:
                built = signature_of(fn).ordered(arguments)
        else:
            found = kind_of(value)
            if found is None:
                self._any_fresh = self._any_fresh or cls is FreshArgument
                return value
            kind = found
            self._alive.append(value)
            if cls is list or cls is dict:
                built = value.copy()
            else:
                names, children = kind.flatten(value)
                built = list(children)
        self._memo[number] = _ACTIVE
        rest: Any = built.items() if cls is dict or kind is BUILDABLE_KIND else enumerate(built)
        self._steps.append((value, kind, built, iter(rest), names, call, number, None))
        return _ACTIVE

    def _is_complete(self, fn: Callable[..., Any], stored: dict[Any, Any]) -> bool:
        """Return whether the callable can be called with just these arguments, by name."""
        signature = signature_of(fn)
        complete = signature.shape(stored).complete
        if complete:
            cls = class_of(fn)
            if cls.__hash__ is type.__hash__ and cls.__eq__ is type.__eq__:
                self._plain.add(cls)  # most metaclasses
            if cls in self._plain:
                self._plans.setdefault(fn, (signature.complete, None))
        return complete

    def _rebuilt(
        self, value: object, kind: NodeKind, built: Any, names: Sequence[Any] | None
    ) -> object:
        """Return what a container builds to, now that its children are built."""
        made = built if names is None else kind.rebuild(value, names, built)
        if self._any_fresh:
            keyed = class_of(built) is dict
            if any(map(self._is_fresh, built.values() if keyed else built)):
                self._fresh.add(id(made))
        return made

    def _call(self, node: Any, stored: dict[Any, Any]) -> object:
        """Return what a node, a child of the last step, builds to, given its built arguments."""
        signature = signature_of(node.__fn_or_cls__)
        missing = signature.shape(stored).missing
        if missing and type(node) in self._calling:
            raise missing_arguments(missing, node, self._path())
        try:
            args, kwargs = signature.call_arguments(stored)
            made = node.__build__(*args, **kwargs)
        except Exception as error:
            raise self._failed(error, node, stored) from error
        if type(made) is FreshArgument:
            self._any_fresh = True
        return made

    def _failed(self, error: Exception, node: NodeSlots, stored: dict[Any, Any]) -> BuildError:
        return failure(error, node, stored, self._path())

    def _is_fresh(self, value: object) -> bool:
        return type(value) is FreshArgument or id(value) in self._fresh

    def _check_fresh(self, node: NodeSlots, built: dict[Any, Any]) -> None:
        """Refuse what is made at every call where there is no call, and make containers so."""
        for key, value in built.items():
            if self._is_fresh(value):
                if not isinstance(node, Partial | ArgFactory):
                    path = (*self._path(), BUILDABLE_KIND.element(key))
                    raise misplaced_factory(format_path(path), node)
                if type(value) is not FreshArgument:
                    built[key] = FreshArgument(functools.partial(_copy_fresh, value))

    def _path(self) -> Path:
        """Return the path of the child of the last step that is being built."""
        return tuple(
            kind.element(key if names is None else names[key])
            for _, kind, _, _, names, _, _, key in self._steps
        )

    def _cycle(self, value: object) -> CycleError:
        inner = self._path()
        first = next(index for index, step in enumerate(self._steps) if step[0] is value)
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
