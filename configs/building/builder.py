"""`build`: from a graph of nodes to the real objects."""

from __future__ import annotations

import contextlib
import functools
from _thread import get_ident
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextvars import ContextVar
from sys import _getframe  # pyright: ignore[reportPrivateUsage]
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final, NoReturn, TypeVar, overload

import attrs

from ..arg_factory import FreshArgument
from ..core.errors import CycleError, NestedBuildError
from ..core.keys import ArgumentKey, Arguments
from ..core.names import callable_name
from ..core.own_code import hide_own_frames
from ..core.registry import BUILDABLE_TYPES, LEAF_TYPES, class_of
from ..core.slots import NodeSlots
from ..node.buildable import Buildable
from ..node.dunders.representation import short_repr
from ..node.kinds import ArgFactory, Config, Partial
from ..signature.signature import signature_of
from ..traversal.location import all_paths, contains_buildable
from ..traversal.paths import Path, format_path
from ..traversal.program_order import called, children_first, reachable
from ..traversal.replacement import rebuild_if_changed
from ..traversal.traverse import BUILDABLE_KIND, NodeKind, fold, kind_of
from .failures import failure, misplaced_factory, missing_arguments, refused_binding
from .leaf_calls import OTHER, LeafCall, leaf_call
from .operations import BUILDS, OPEN, innermost_build, leave_all

T = TypeVar("T")

_CALL: Final[object] = Config[object].__build__

# Threads that may be inside `build`. No more than a hint that spares the others a look at their
# frames: a signal, or a fork beside another thread, may leave one behind.
_MAYBE_BUILDING: Final[set[int]] = set()
# The id of the frame of a build inside of which others are allowed.
_independent: Final[ContextVar[int]] = ContextVar("bytefig_independent_build", default=0)


@overload
def build(buildable: Partial[T]) -> functools.partial[T]: ...
@overload
def build(buildable: Config[T]) -> T: ...
@overload
def build(buildable: Any) -> Any: ...
def build(buildable: object) -> Any:
    """Build a graph: call the callable of each node, arguments first.

    A node that occurs several times is built once and its result shared; so is a list, dict or
    tuple. Containers are made anew, other values are passed on as they are. The graph itself
    is not changed. Graphs of any depth can be built.

    Args:
        buildable: A node, or containers of nodes. Without any node in it, a warning is logged.

    Returns:
        What the node builds to; for a container, one of the same type with everything built.

    Raises:
        BuildError: A callable raised (the error then also is of that exception's type, or is that
            exception if its type has no subclasses), a required argument is missing (then also
            a TypeError), or an `ArgFactory` is out of place.
        CycleError: The graph contains itself.
        TypeError: It is a function that makes a graph.
        NestedBuildError: A callable that is being built calls `build`.

    Example:
        >>> from bytefig.configs import Config, build
        >>> build([Config(int, "7"), Config(complex, real=1)])
        [7, (1+0j)]
    """
    thread = get_ident()
    outer = innermost_build(_getframe(1)) if thread in _MAYBE_BUILDING else 0
    if outer and outer != _independent.get():
        raise NestedBuildError(
            "build was called while another build runs in this thread\n"
            "  fix: pass nodes as arguments instead, the outer build builds them"
        )
    if not contains_buildable(buildable):
        _warn_nothing_to_build(buildable)
    _MAYBE_BUILDING.add(thread)
    try:
        built = _Builder().build(buildable)
    except BaseException as error:
        if OPEN:
            leave_all(id(_getframe()), error)
        hide_own_frames(error)
        raise
    else:
        if OPEN:
            leave_all(id(_getframe()), None)
        return built
    finally:
        if not outer:
            _MAYBE_BUILDING.discard(thread)


BUILDS.add(id(build.__code__))


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
    before = _independent.get()
    _independent.set(innermost_build(_getframe(1)))
    try:
        yield
    finally:
        _independent.set(before)


def build_independently(node: object) -> Any:
    """Return the object that a node builds to, also while another build runs."""
    with independent_build():
        return build(node)


def _warn_nothing_to_build(graph: object) -> None:
    if callable(graph) and hasattr(graph, "as_buildable"):  # also of a peer
        raise TypeError(
            f"build needs a graph, not the function {callable_name(graph)} that makes one\n"
            "  fix: build(fn.as_buildable(...)), with the arguments of the function"
        )
    import logging  # noqa: PLC0415 - slow to import, and rarely needed

    logging.getLogger("bytefig.configs").warning(
        "nothing to build: there is no Buildable in %s of type %s",
        short_repr(graph),
        type(graph).__name__,
    )


_ACTIVE: Final = object()
#: After how many nodes that have leaves only it pays to have a function for the next.
_OFTEN: Final = 32


@attrs.define(eq=False, init=False)
class _Step:
    """A value that is being built, some of whose children are built already.

    Attributes:
        value: The value.
        kind: How it is taken apart.
        number: Its id.
        built: A copy of its arguments, dict or list, or a list of the children of any other value,
            where what is built takes the place of what it was built from.
        rest: The items of ``built`` that are not built yet.
        names: The keys of its items, or None if ``built`` has them.
        call: What takes the arguments as they are, or None if there is more to do.
        key: The key in ``built`` of the child that is being built.
    """

    value: Any
    kind: NodeKind
    number: int
    built: Any
    rest: Iterator[tuple[object, Any]]
    names: Sequence[object] | None
    call: Callable[..., object] | None
    key: Any


@attrs.define(eq=False)
class _Plan:
    """How the nodes of one callable are built, when all that there is to do is to call it.

    Attributes:
        complete: The keys of arguments that it can be called with as they are.
        exact_form: Whether that may not be right for those that were passed by position.
        leaf_call: Builds nodes that have leaves only, once there have been many of them.
        left: How many more there have to be.
    """

    complete: Collection[tuple[ArgumentKey, ...]]
    exact_form: bool
    leaf_call: LeafCall | None = None
    left: int = _OFTEN

    def count(self) -> None:
        """Note that one more such node was built without ``leaf_call``."""
        self.left -= 1
        if not self.left:
            self.left, self.leaf_call = _OFTEN, leaf_call(self.complete)


class _Builder:
    """One run of `build`; the callables that it calls may edit the graph meanwhile."""

    def __init__(self) -> None:
        self._memo: dict[int, object] = {}
        # Keeps what is in the memo alive, or its id could become that of another object.
        self._alive: list[object] = []
        self._steps: list[_Step] = []
        self._root: object = None
        self._start: object = None  # where the first of the steps is
        # Ids of the built containers with a FreshArgument somewhere inside, which the memo keeps
        # alive; and whether there is any FreshArgument at all.
        self._fresh: set[int] = set()
        self._any_fresh = False
        # The classes of nodes that just call their callable.
        self._calling = {cls for cls in BUILDABLE_TYPES if cls.__build__ is _CALL}
        # Not by the id of the callable: where there is an audit hook, as `filelock` adds one, it is
        # told of each id that is asked for.
        self._plans: dict[Callable[..., object], _Plan] = {}
        # The types of callables that are the same only if they are identical.
        self._plain: set[type] = {type, FunctionType, BuiltinFunctionType}

    def build(self, root: object) -> object:
        """Return the object that the root builds to.

        The calls that a program has made are made in its order, each after what it needs; then all
        that was made by hand and is not built yet, effects last.
        """
        self._root = root
        nodes = reachable(root)
        calls = called(nodes)
        for node in calls:
            number = id(node)
            if number not in self._memo:
                self._start = node
                if self._enter_node(node, number) is _ACTIVE:
                    self._run(self._steps[0])
        made = self._build(root)
        if len(calls) < len(nodes) and any(node.__effects__ for node in nodes):
            for node in children_first(root):
                self._build(node)
        if self._is_fresh(made):
            raise misplaced_factory("<root>", None)
        return made

    def _build(self, start: object) -> object:
        self._start, number = start, id(start)
        if number in self._memo:
            return self._memo[number]
        made = self._enter(start, number)
        return self._run(self._steps[0]) if made is _ACTIVE else made

    def _run(self, step: _Step) -> object:
        steps, memo, calling, leaves = self._steps, self._memo, self._calling, LEAF_TYPES
        enter, enter_node = self._enter, self._enter_node
        while True:
            built = step.built
            for key, value in step.rest:
                cls = class_of(value)
                if cls in leaves:
                    continue
                step.key = key
                number = id(value)
                if number in memo:
                    made = memo[number]
                    if made is _ACTIVE:
                        raise self._cycle(value)
                else:
                    made = enter_node(value, number) if cls in calling else enter(value, number)
                    if made is _ACTIVE:
                        step = steps[-1]
                        break
                built[key] = made
            else:
                steps.pop()
                if step.call is not None and not self._any_fresh:
                    made = self._called(step.call, step.value, step.built)
                else:
                    made = self._finish(step)
                memo[step.number] = made
                if not steps:
                    return made
                step = steps[-1]
                step.built[step.key] = made

    def _finish(self, step: _Step) -> object:
        """Build a value whose children are built."""
        built, names = step.built, step.names
        if step.kind is BUILDABLE_KIND:
            if self._any_fresh:
                self._check_fresh(step.value, built)
            return self._call(step.value, built)
        made = built if names is None else step.kind.rebuild(step.value, names, built)
        if self._any_fresh:
            keyed = class_of(built) is dict
            if any(map(self._is_fresh, built.values() if keyed else built)):
                self._fresh.add(id(made))
        return made

    def _enter(self, value: Any, number: int) -> object:
        """Build a value; return `_ACTIVE` if it has children, and is a new step."""
        cls = class_of(value)
        if cls in BUILDABLE_TYPES:
            return self._enter_node(value, number)
        kind = kind_of(value)
        if kind is None:
            self._any_fresh = self._any_fresh or cls is FreshArgument
            return value
        self._alive.append(value)
        names = None
        if cls is list or cls is dict:
            built: Any = value.copy()
        else:
            names, children = kind.flatten(value)
            built = list(children)
        rest: Any = iter(built.items()) if cls is dict else enumerate(built)
        return self._begin(value, kind, number, built, rest, names, None)

    def _enter_node(self, node: Any, number: int) -> object:  # noqa: PLR0912 - all nodes come by
        """Build a node; return `_ACTIVE` if it has children, and is a new step."""
        self._alive.append(node)
        fn, arguments = node.__fn_or_cls__, node.__arguments__
        plan = call = None
        if class_of(node) in self._calling:
            if class_of(fn) in self._plain:
                plan = self._plans.get(fn)
            by_name = not (node.__form__ and (plan or signature_of(fn)).exact_form)
            if by_name and plan is not None and plan.leaf_call is not None:
                try:
                    made = plan.leaf_call(fn, arguments)
                except Exception as error:
                    self._failed(error, node, arguments)
                if made is not OTHER:
                    if class_of(made) is FreshArgument:
                        self._any_fresh = True
                    self._memo[number] = made
                    return made
            known = plan is not None and tuple(arguments) in plan.complete
            if by_name and (known or self._is_complete(fn, arguments)):
                call = fn
        memo, known_values = self._memo, arguments
        for key, child in arguments.items():
            if class_of(child) not in LEAF_TYPES:
                made = memo.get(id(child), _ACTIVE)
                if made is _ACTIVE:
                    break
                if known_values is arguments:
                    known_values = arguments.copy()
                known_values[key] = made
        else:
            if known_values is arguments and plan is not None:
                plan.count()
            if self._any_fresh:
                self._check_fresh(node, known_values)
            if call is None or self._any_fresh:
                made = self._call(node, known_values)
            else:
                made = self._called(call, node, known_values)
            memo[number] = made
            return made
        built = signature_of(fn).ordered(arguments) if call is None else arguments.copy()
        # Only values are replaced, which an iterator does not mind.
        rest = iter(built.items())
        return self._begin(node, BUILDABLE_KIND, number, built, rest, None, call)

    def _begin(
        self,
        value: object,
        kind: NodeKind,
        number: int,
        built: object,
        rest: Iterator[tuple[object, object]],
        names: Sequence[object] | None,
        call: Callable[..., object] | None,
    ) -> object:
        """Begin a step, and return `_ACTIVE`."""
        self._memo[number] = _ACTIVE
        step = _Step()  # filled here: an `__init__` takes as long as all the rest of a step
        step.value = value
        step.kind = kind
        step.number = number
        step.built = built
        step.rest = rest
        step.names = names
        step.call = call
        self._steps.append(step)
        return _ACTIVE

    def _is_complete(self, fn: Callable[..., object], stored: Arguments) -> bool:
        """Return whether the callable can be called with just these arguments, by name."""
        signature = signature_of(fn)
        complete = signature.shape(stored).complete
        if complete:
            cls = class_of(fn)
            if cls.__hash__ is type.__hash__ and cls.__eq__ is type.__eq__:
                self._plain.add(cls)  # most metaclasses
            if cls in self._plain:
                self._plans.setdefault(fn, _Plan(signature.complete, signature.exact_form))
        return complete

    def _called(
        self, call: Callable[..., object], node: NodeSlots, built: dict[Any, object]
    ) -> object:
        """Call a callable with arguments that it takes as they are."""
        try:
            made = call(**built)
        except Exception as error:
            self._failed(error, node, built)
        if class_of(made) is FreshArgument:
            self._any_fresh = True
        return made

    def _call(self, node: Buildable[object], built: Arguments) -> object:
        """Build a node, a child of the last step, from its built arguments."""
        signature = signature_of(node.__fn_or_cls__)
        try:
            args, kwargs = signature.call_arguments(built, node.__form__)
            made = node.__build__(*args, **kwargs)
        except Exception as error:
            missing = signature.shape(built).missing
            if missing and type(node) in self._calling and refused_binding(error, node):
                raise missing_arguments(missing, node, self._path()) from None
            self._failed(error, node, built)
        if type(made) is FreshArgument:
            self._any_fresh = True
        return made

    def _failed(self, error: Exception, node: NodeSlots, stored: Arguments) -> NoReturn:
        found = failure(error, node, stored, self._path())
        if found is error:
            raise error
        raise found from error

    def _is_fresh(self, value: object) -> bool:
        return type(value) is FreshArgument or id(value) in self._fresh

    def _check_fresh(self, node: NodeSlots, built: Arguments) -> None:
        """Refuse marks of fresh arguments without a call, and rebuild containers of them."""
        for key, value in built.items():
            if self._is_fresh(value):
                if not isinstance(node, Partial | ArgFactory):
                    path = (*self._path(), BUILDABLE_KIND.element(key))
                    raise misplaced_factory(format_path(path), node)
                if type(value) is not FreshArgument:
                    built[key] = FreshArgument(functools.partial(_copy_fresh, value))

    def _path(self) -> Path:
        """Return the path of the child of the last step that is being built."""
        start = next(all_paths(self._root, self._start), ())
        return start + tuple(
            step.kind.element(step.key if step.names is None else step.names[step.key])
            for step in self._steps
        )

    def _cycle(self, value: object) -> CycleError:
        inner = self._path()
        first = next(index for index, step in enumerate(self._steps) if step.value is value)
        outer = len(inner) - len(self._steps)
        return CycleError(format_path(inner[: outer + first]), format_path(inner))


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
