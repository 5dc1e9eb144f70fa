"""Trim a graph that is too large to look at: each function returns a copy, to be shown."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from .core.keys import ArgumentKey
from .core.sentinels import NO_VALUE
from .diffing.skeleton import AnyValue
from .editing.defaults import expand_default_factories
from .editing.tags import set_argument
from .node.buildable import Buildable
from .node.dunders.representation import short_repr
from .node.history import suspend_history
from .node.kinds import Config
from .signature.signature import signature_of
from .traversal.iteration import map_graph
from .traversal.location import count_uses, depth_over
from .traversal.replacement import rebuild_if_changed
from .traversal.traverse import Visit, fold, is_shareable, kind_of, walk

__all__ = [
    "depth_over",
    "structure",
    "trim_fields_to",
    "trim_long_fields",
    "trimmed",
    "with_defaults_trimmed",
]


def trimmed_node() -> None:
    """Refuse to build a trimmed node.

    Raises:
        ValueError: Always.
    """
    raise ValueError("a trimmed node cannot be built: it is for looking at; build the whole graph")


def trimmed(config: object, trim: Sequence[Buildable[object]]) -> Any:
    """Return a deep copy of a graph in which some nodes are replaced by one that says so.

    Args:
        config: A buildable, or containers that hold some.
        trim: The nodes.

    Example:
        >>> graph = Config(dict, a=Config(dict, b=1), c=2)
        >>> trimmed(graph, [graph.a])
        <Config[dict(a=<Config[trimmed_node()]>, c=2)]>
    """
    return copy.deepcopy(config, {id(node): Config(trimmed_node) for node in trim})


def trim_fields_to(
    config: object,
    top_level_fields: Sequence[str] | None = None,
    *,
    fields_by_config_id: Mapping[int, Sequence[str]] | None = None,
) -> Any:
    """Return a copy of a graph in which nodes keep some arguments, and others are trimmed.

    Args:
        config: A buildable, or containers that hold some.
        top_level_fields: The arguments that the root keeps.
        fields_by_config_id: Those that other nodes keep, by the `id` of the node.

    Example:
        >>> trim_fields_to(Config(dict, a=1, b=2), ["a"])
        <Config[dict(a=1, b=<Config[trimmed_node()]>)]>
    """
    kept = dict(fields_by_config_id or {})
    if top_level_fields is not None:
        kept[id(config)] = top_level_fields

    def rebuild(visit: Visit, _: object) -> object:
        made: Any = visit.rebuild()
        fields = kept.get(id(visit.node)) if visit.kind.buildable else None
        for key in () if fields is None else visit.keys:
            if key not in fields:
                with suspend_history():
                    set_argument(made, key, Config(trimmed_node))
        return made

    return fold(config, rebuild)


@attrs.frozen(repr=False)
class _Cut:
    """Stands for a long value: it is shown as the beginning of that."""

    text: str

    def __repr__(self) -> str:
        return self.text


def trim_long_fields(config: object, threshold: int = 60) -> Any:
    """Return a copy of a graph that shows of each long value the beginning only.

    Args:
        config: A buildable, or containers that hold some; unlike in Fiddle, it does not change.
        threshold: How many characters are shown of one.

    Raises:
        ValueError: ``threshold`` is not positive.

    Example:
        >>> trim_long_fields(Config(dict, text="x" * 99), 10)
        <Config[dict(text='xxxxxx...)]>
    """
    if threshold <= 0:
        raise ValueError(f"threshold must be positive, not {threshold}")

    def cut(value: object) -> object:
        if kind_of(value) is not None:
            return value
        text = short_repr(value, threshold + 1)
        return _Cut(short_repr(value, threshold)) if len(text) > threshold else value

    return map_graph(cut, config)


_ANY: Final = AnyValue()


def structure(config: object) -> Any:
    """Return the nodes of a graph and the containers around them, without plain values.

    A container keeps the places of plain values, as `diffing.AnyValue`, if a node is in it.

    Args:
        config: A buildable, or containers that hold some.

    Example:
        >>> structure(Config(dict, a=1, b=[2, Config(dict, c=3)]))
        <Config[dict(b=[*, <Config[dict()]>])]>
    """

    def rebuild(visit: Visit, _: object) -> object:
        if not visit.kind.buildable:
            return _ANY if all(value is _ANY for value in visit.results) else visit.rebuild()
        made: Any = visit.rebuild()
        # Among ``*args``, a plain value keeps its place as in a list.
        arity = len(signature_of(made.__fn_or_cls__).keys)
        for key, value in zip(visit.keys, visit.results, strict=True):
            if value is _ANY and not (isinstance(key, int) and key >= arity):
                _unset(made, key)
        return made

    return fold(config, rebuild, lambda _: _ANY)


def with_defaults_trimmed(config: object, remove_deep_defaults: bool = False) -> Any:
    """Return a copy of a graph without the arguments that equal their defaults.

    What is used elsewhere, too, stays: sharing is a part of what a graph means.

    Args:
        config: A buildable, or containers that hold some.
        remove_deep_defaults: Remove also what equals the config of a default factory.

    Example:
        >>> def layer(units, rate=0.5): ...
        >>> with_defaults_trimmed(Config(layer, 8, rate=0.5))
        <Config[layer(units=8)]>
    """
    uses = count_uses(config)

    def rebuild(visit: Visit, stack: Sequence[Visit]) -> object:
        if not visit.kind.buildable:
            return rebuild_if_changed(visit, stack)
        made: Any = visit.rebuild()
        defaults = dict(signature_of(made.__fn_or_cls__).defaults)
        if remove_deep_defaults:
            fresh: Any = type(made)(made.__fn_or_cls__)
            expand_default_factories(fresh)
            defaults.update(fresh.__arguments__)
        values = dict(zip(visit.keys, visit.kind.flatten(visit.node)[1], strict=True))
        for key, value in values.items():
            default = defaults.get(key, NO_VALUE)
            if default is not NO_VALUE and _is_equal(value, default) and _is_alone(value, uses):
                _unset(made, key)
        return made

    return fold(config, rebuild)


def _is_equal(value: object, default: object) -> bool:
    # As arguments, which are compared as graphs are: an array in them is no error.
    return Config(dict, value=value) == Config(dict, value=default)


def _is_alone(value: object, uses: Mapping[int, int]) -> bool:
    """Return whether nothing inside of a value is used outside of it, nor it twice."""
    inside = count_uses(value)
    return all(
        uses[id(node)] == inside[id(node)] for node, kind in walk(value) if is_shareable(kind, node)
    )


def _unset(node: Any, key: ArgumentKey) -> None:
    with suspend_history():
        if isinstance(key, str):
            delattr(node, key)
        else:
            del node[key]
