"""Defaults made explicit: `materialize_defaults` and `expand_default_factories`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, cast

import attrs

from ..arg_factory import FreshArgument, is_mark_of_msgspec
from ..core.errors import CycleError
from ..node.buildable import Buildable
from ..node.kinds import ArgFactory, Config, Partial, iter_nodes, ordered_arguments
from ..signature.signature import native_signature, signature_of
from ..traversal.iteration import map_graph
from ..traversal.replacement import rebuild_if_changed
from ..traversal.traverse import Visit, fold
from .drafts import Drafts
from .tags import set_argument

_EMPTY_CONTAINERS: tuple[type, ...] = (list, dict)
_MUTABLE_LEAVES: tuple[type, ...] = (set, bytearray)


def materialize_defaults(value: object) -> None:
    """Set every argument that is not set to its default, in all nodes of a graph.

    A default that is made by a factory becomes a sub-config, see `expand_default_factories`. Of a
    container, the node gets a copy: editing the graph does not change the function.

    Args:
        value: A buildable, or containers that hold some. Cycles are fine.

    Example:
        >>> from bytefig.configs import Config
        >>> def layer(units, rate=0.5): ...
        >>> cfg = Config(layer)
        >>> materialize_defaults(cfg)
        >>> cfg
        <Config[layer(rate=0.5)]>
    """
    drafts = Drafts()
    pending, seen = [value], set[int]()
    while pending:
        graph = pending.pop()
        if id(graph) in seen:
            continue
        seen.add(id(graph))
        for node in iter_nodes(graph):
            if node not in drafts:
                draft = drafts.of(node)
                memo = dict[int, object]()  # two parameters may have one default
                for key, default in signature_of(node.__fn_or_cls__).defaults.items():
                    if key not in draft.__arguments__:
                        set_argument(draft, key, _own_copy(default, memo))
                _expand(draft)
                # What was set has defaults, too. It stays alive, for the draft holds it.
                pending += [
                    new for key, new in draft.__arguments__.items() if key not in node.__arguments__
                ]
    drafts.commit()


def _own_copy(default: object, memo: dict[int, object]) -> object:
    """Return a default with the containers in it copied, and all else as it is."""

    def rebuild(visit: Visit, stack: Sequence[Visit]) -> object:
        if visit.kind.buildable:
            return visit.node
        return visit.rebuild() if visit.kind.mutable else rebuild_if_changed(visit, stack)

    def leaf(value: object) -> object:
        return copy.copy(value) if type(value) in _MUTABLE_LEAVES else value

    try:
        return fold(default, rebuild, leaf, memo)
    except CycleError:
        return copy.deepcopy(default)


def expand_default_factories(node: Buildable[object], *names: str) -> None:
    """Set arguments whose default a factory makes to configs of that factory, to be edited.

    The field of a dataclass or an attrs class becomes a `Config` of its default factory; if that
    is an auto_config function, its graph; an empty list or dict is set as such. In a `Partial` or
    `ArgFactory` it becomes an `ArgFactory`. Fields that are set already, and those whose factory
    needs the instance, are left alone.

    Args:
        node: A buildable.
        *names: Names of the arguments; by default, all.

    Raises:
        AttributeError: An argument of that name has no default that a factory makes.

    Example:
        >>> import dataclasses
        >>> from bytefig.configs import Config
        >>> @dataclasses.dataclass
        ... class Optimizer:
        ...     rate: float = 0.1
        >>> @dataclasses.dataclass
        ... class Trainer:
        ...     optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)
        >>> cfg = Config(Trainer)
        >>> expand_default_factories(cfg)
        >>> cfg.optimizer.rate = 0.2
        >>> cfg
        <Config[Trainer(optimizer=<Config[Optimizer(rate=0.2)]>)]>
    """
    drafts = Drafts()
    _expand(drafts.of(node), *names)
    drafts.commit()


def _expand(node: Buildable[object], *names: str) -> None:
    signature = signature_of(node.__fn_or_cls__)
    for name in names:
        if name not in signature.factories:
            raise AttributeError(f"no factory makes the default of {name!r} of {signature.name}")
    for key in sorted(signature.factories, key=str):
        if key in node.__arguments__ or (names and key not in names):
            continue
        factory = _factory(node.__fn_or_cls__, signature.parameter_name(key))
        if factory is not None:
            set_argument(node, key, _configure(factory, fresh=not isinstance(node, Config)))


def _configure(factory: Callable[[], object], fresh: bool) -> object:
    if fresh:
        return ArgFactory(factory)
    if hasattr(factory, "as_buildable"):  # an auto_config function, also of a peer
        made: Any = factory
        return made.as_buildable()
    return factory() if factory in _EMPTY_CONTAINERS else Config(factory)


def _factory(fn: object, name: str) -> Callable[[], object] | None:
    """Return the factory of a parameter's default, if that can be told."""
    field: Any = getattr(fn, "__dataclass_fields__", {}).get(name)
    if field is not None and callable(field.default_factory):
        return field.default_factory
    for attribute in getattr(fn, "__attrs_attrs__", ()):
        if attribute.alias == name and isinstance(attribute.default, attrs.Factory):  # pyright: ignore[reportArgumentType]
            return None if attribute.default.takes_self else attribute.default.factory
    for field_name, field in getattr(fn, "__pydantic_fields__", {}).items():
        if name in (field_name, field.alias, field.validation_alias):
            # It is not there if it is made from the other fields.
            return None if field.default_factory_takes_validated_data else field.default_factory
    default = native_signature(fn).parameters[name].default
    is_mark = type(default) is FreshArgument or is_mark_of_msgspec(default)
    return default.factory if is_mark else None


def replace_unconfigured_partials_with_callables(buildable: object) -> Any:
    """Return a copy of a graph in which each `Partial` that changes nothing is its callable.

    Args:
        buildable: A buildable, or containers that hold some.

    Example:
        >>> def relu(x, slope=0.0): ...
        >>> graph = Config(dict, plain=Partial(relu, slope=0.0), leaky=Partial(relu, slope=0.1))
        >>> replace_unconfigured_partials_with_callables(graph)
        <Config[dict(plain=relu, leaky=<Partial[relu(slope=0.1)]>)]>
    """

    def replace(value: object) -> object:
        if type(value) is not Partial:
            return value
        node = cast("Partial[object]", value)
        given = ordered_arguments(node, include_equal_to_default=False)
        return node if given or node.__effects__ else node.__fn_or_cls__

    return map_graph(replace, buildable)
