"""`build`: from a graph of nodes to the real objects."""

from __future__ import annotations

import contextlib
import functools
from _thread import get_ident
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from .arg_factory import FreshArgument
from .errors import BuildError, NestedBuildError, combine
from .nodes import ArgFactory, Config, Partial
from .paths import format_path
from .replacing import rebuild_if_changed
from .representation import short_repr
from .signatures import ArgumentKey, Signature, callable_name, signature_of
from .traverse import Visit, contains_buildable, fold, path_of

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
        return _build(buildable)
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


def _build(graph: object) -> object:
    # Ids of the built containers with a FreshArgument somewhere inside; the memo of the fold
    # keeps them alive.
    fresh: set[int] = set()

    def is_fresh(value: object) -> bool:
        return type(value) is FreshArgument or id(value) in fresh

    def finish(visit: Visit, stack: Sequence[Visit]) -> object:
        if visit.kind.buildable:
            return _build_node(visit, stack, is_fresh)
        result = visit.rebuild()
        if any(map(is_fresh, visit.results)):
            fresh.add(id(result))
        return result

    result = fold(graph, finish)
    if is_fresh(result):
        raise _misplaced_factory("<root>", None)
    return result


def _build_node(visit: Visit, stack: Sequence[Visit], is_fresh: Callable[[object], bool]) -> object:
    node: Buildable[Any] = visit.node
    signature = signature_of(node.__fn_or_cls__)
    for index, value in enumerate(visit.results):
        if is_fresh(value):
            if not isinstance(node, Partial | ArgFactory):
                place = (*path_of(stack), visit.kind.element(visit.keys[index]))
                raise _misplaced_factory(format_path(place), node)
            if type(value) is not FreshArgument:
                visit.results[index] = FreshArgument(functools.partial(_copy_fresh, value))
    stored = dict(zip(visit.keys, visit.results, strict=True))
    if isinstance(node, Config) and type(node).__build__ is _CALL:
        missing = signature.missing(stored)
        if missing:
            raise _missing_arguments(missing, node, stack)
    try:
        args, kwargs = signature.call_arguments(stored)
        return node.__build__(*args, **kwargs)
    except Exception as error:
        raise _failure(error, node, stored, signature, stack) from error


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


def _missing_arguments(
    missing: list[ArgumentKey], node: Buildable[Any], stack: Sequence[Visit]
) -> BuildError:
    place = path_of(stack)
    path = format_path(place)
    fn = node.__fn_or_cls__
    names = ", ".join(repr(signature_of(fn).parameter_name(key)) for key in missing)
    element = stack[-1].kind.element
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
    stack: Sequence[Visit],
) -> BuildError:
    path = format_path(path_of(stack))
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
