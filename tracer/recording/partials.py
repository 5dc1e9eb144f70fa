"""Calls that become a node in a way of their own: partials, and the node of any other call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from ...configs import (
    BUILDABLE_TYPES,
    ArgFactory,
    Buildable,
    Config,
    Partial,
    Provenance,
    add_declared_tags,
    arg_factory,
    cast,
    get_callable,
    signature_of,
)
from ...configs.for_tracer import (
    KNOWN_TAG_NAMES,
    NodeKind,
    Visit,
    current_signature,
    fold,
    kind_of,
    rebuild_if_changed,
    record_node,
)
from ..engine.frame import Frame
from ..engine.native.sites import Origin
from ..engine.values import Args, Kwargs, Node, Value
from ..errors import ArgumentBindingError, InlineError
from .config_types import ConfigTypes
from .guard import place_of, refuse
from .inlinable import Inlinable

T = TypeVar("T")


def make_node(
    cls: type[Buildable[object]],
    frame: Frame | Origin,
    index: int,
    fn: Value,
    args: Args,
    kwargs: Kwargs,
) -> Node:
    """Return the node of a call, of a class that may be one of a peer.

    Raises:
        ArgumentBindingError: ``fn`` does not take these arguments.
    """
    try:
        signature = current_signature(fn)
        arguments = signature.bind(args, kwargs)
    except TypeError as error:
        name = getattr(fn, "__qualname__", repr(fn))
        raise ArgumentBindingError.of(
            f"cannot record a call of {name}: {error}",
            place_of(frame, index),
            f"call {name} with arguments that it takes, or exempt it",
        ) from None
    place = Provenance(frame.code, frame.program.offsets[index])
    recorder: Any = frame.interceptor  # only a recorder makes nodes
    if cls not in BUILDABLE_TYPES:
        return recorder.peers.make(cls, fn, arguments, place)
    node = record_node(cls, fn, arguments, signature.form(len(args)), place)
    if KNOWN_TAG_NAMES:
        add_declared_tags(node)
    if recorder.made is not None:
        recorder.made.append(node)
    return node


def is_config(value: object) -> bool:
    """Tell whether a value is a Config."""
    return isinstance(value, Config)


def _peer_types() -> Any:
    from . import peer_types  # noqa: PLC0415 - rarely needed

    return peer_types


def _is(types: ConfigTypes, value: object, kind: type[Buildable[object]]) -> bool:
    """Tell whether a value is a node of a kind, in a capture with these types."""
    return isinstance(value, kind) or (types.foreign and _peer_types().is_node(value, kind))


def _cast(types: ConfigTypes, cls: type[Buildable[object]], node: Node) -> Node:
    return _peer_types().cast_any(cls, node) if types.foreign else cast(cls, node)


def _given(partial: Node) -> tuple[Callable[..., Any], list[object], dict[str, object]]:
    """Return the callable, positional and named arguments of a partial; a peer's has no form."""
    fn = get_callable(partial)
    form = partial.__form__ if type(partial) in BUILDABLE_TYPES else 0
    return fn, *signature_of(fn).call_arguments(partial.__arguments__, form)


def called_partial(
    cls: type[Buildable[object]], partial: Node, args: Args, kwargs: Kwargs
) -> tuple[Callable[..., Any], Args, dict[str, object]]:
    """Return the callable, positional and named arguments that the call of a partial is one of.

    The arguments follow the partial's own, or take their place. An `ArgFactory` among these becomes
    a node of ``cls``: it makes a value for this call.
    """

    def kinds(value: object) -> NodeKind | None:
        return None if isinstance(value, Config | Partial) else kind_of(value)

    def fresh(visit: Visit, stack: Sequence[Visit]) -> object:
        node = visit.node
        if type(node) not in BUILDABLE_TYPES:
            return rebuild_if_changed(visit, stack)
        arguments = dict(zip(visit.keys, visit.results, strict=True))
        fn, form, tags = get_callable(node), node.__form__, node.__argument_tags__
        return record_node(cls, fn, arguments, form, node.__provenance__, 0, tags)

    called, earlier, named = _given(partial)
    own = {name: value for name, value in named.items() if name not in kwargs}
    both: Any = fold([earlier, own], fresh, kinds=kinds)
    return called, (*both[0], *args), {**both[1], **kwargs}


_NO_PARTIAL: Final = (
    "make a partial of a function that takes the object: "
    "functools.partial(Class.method, object) for a method of it"
)


def _partial(types: ConfigTypes, frame: Frame, index: int, args: Args, kwargs: Kwargs) -> Node:
    """``functools.partial``; one of another merges with it."""
    fn: Value = args[0] if args else None
    if not (callable(fn) or _is(types, fn, Partial)):
        recorder: Any = frame.interceptor
        if recorder.guards and is_config(fn):
            refuse(frame, index, "make a partial of", fn, _NO_PARTIAL)
        make: Any = functools.partial
        return make(*args, **kwargs)  # and CPython words the TypeError
    rest = args[1:]
    if _is(types, fn, Partial):
        fn, earlier, named = _given(fn)
        rest, kwargs = (*earlier, *rest), {**named, **kwargs}
    return make_node(types.partial_cls, frame, index, fn, rest, kwargs)


def _of_factories(types: ConfigTypes, frame: Frame, index: int, args: Args, kwargs: Kwargs) -> Node:
    """``arg_factory.partial``."""

    def is_factory(value: object) -> bool:
        return callable(value) or _is(types, value, Partial) or _is(types, value, ArgFactory)

    if not args or not all(map(is_factory, (*args[1:], *kwargs.values()))):
        make: Any = arg_factory.partial
        return make(*args, **kwargs)  # which words the TypeError

    def factory(value: Node) -> Node:
        if _is(types, value, Partial):  # a factory with arguments of its own, recorded just now
            return _cast(types, types.arg_factory_cls, value)
        if _is(types, value, ArgFactory):
            return value
        return make_node(types.arg_factory_cls, frame, index, value, (), {})

    positional = (args[0], *map(factory, args[1:]))
    named = {name: factory(value) for name, value in kwargs.items()}
    return _partial(types, frame, index, positional, named)


def inlined_partial(
    auto_config_fn: Callable[..., T], /, *args: object, **kwargs: object
) -> functools.partial[T]:
    """Return a partial of an auto_config function; inside a capture, of the class it configures.

    Inside a capture the graph of ``auto_config_fn(*args, **kwargs)``, which has to be one Config,
    becomes a Partial, so that what the function passes on stays configurable. Outside it is
    ``functools.partial``.

    Args:
        auto_config_fn: The function.
        *args: Its positional arguments.
        **kwargs: Its named arguments.

    Raises:
        InlineError: (a ValueError) Inside a capture, if it is no auto_config function or its
            graph is no Config.

    Example:
        >>> from bytefig.tracer import auto_config, inlined_partial
        >>> class Dense:
        ...     def __init__(self, units, bias): ...
        >>> make = auto_config(lambda units: Dense(units, bias=True))
        >>> auto_config(lambda: inlined_partial(make, units=8)).as_buildable()
        <Partial[Dense(units=8, bias=True)]>
    """
    return functools.partial(auto_config_fn, *args, **kwargs)


def _inlined_partial(
    types: ConfigTypes, frame: Frame, index: int, args: Args, kwargs: Kwargs
) -> Node:
    fn: Value = args[0] if args else None
    if not isinstance(fn, Inlinable):
        raise InlineError.of(
            f"inlined_partial needs an auto_config function, not {fn!r}",
            place_of(frame, index),
            "decorate the function with auto_config, or use functools.partial",
        )
    root: Node = fn.as_buildable(*args[1:], **kwargs)
    if not _is(types, root, Config):
        raise InlineError.of(
            f"inlined_partial needs a function that gives one Config; {fn!r} gives {root!r}",
            place_of(frame, index),
            "return one object from the function, or use functools.partial",
        )
    return _cast(types, types.partial_cls, root)


#: By `id`: what becomes a Partial, and how.
PARTIALS: Final[dict[int, Callable[[ConfigTypes, Frame, int, Args, Kwargs], Node]]] = {
    id(functools.partial): _partial,
    id(arg_factory.partial): _of_factories,
    id(inlined_partial): _inlined_partial,
}
