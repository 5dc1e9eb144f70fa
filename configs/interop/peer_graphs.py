"""Graphs of the peers from graphs of bytefig, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..core.errors import ConfigError
from ..core.keys import Arguments
from ..core.names import callable_name
from ..core.provenance import SavedProvenance
from ..core.slots import NodeSlots
from ..editing.tags import Tag, TaggedValue, TaggedValueCls
from ..node.buildable import Buildable
from ..node.kinds import ArgFactory, Config, Partial
from ..traversal.paths import format_path
from ..traversal.traverse import BUILDABLE_KIND, NodeKind, Visit, fold, kind_of, path_of
from .libraries import Peer, load
from .peers import is_peer_node, located
from .tag_pairs import from_peer_tags, to_peer_tags

#: The key of a history, in Fiddle, of the callable.
_FN_KEY: Final = "__fn_or_cls__"


class InteropError(ConfigError, TypeError):
    """A node has no counterpart in the other library."""


def to_fiddle(graph: object) -> Peer:
    """Return a graph as one of Fiddle.

    Sharing, tags and the place where each node was made are kept; what is not a node, a list, dict
    or tuple is passed on as it is. Works for graphs of any depth.

    Args:
        graph: A node, or containers of nodes; it does not change.

    Raises:
        ModuleNotFoundError: Fiddle is not installed.
        InteropError: A node is of a class that Fiddle does not have, or configures a callable that
            Fiddle cannot.
        CycleError: The graph contains itself.
    """
    fiddle = load("fiddle")
    classes = {Config: fiddle.Config, Partial: fiddle.Partial, ArgFactory: fiddle.ArgFactory}
    return _to_peer(graph, classes, "fiddle")


def to_nemo_run(graph: object) -> Peer:
    """Return a graph as one of NeMo Run; an `ArgFactory` becomes one of Fiddle, as NeMo Run has it.

    Args:
        graph: As for `to_fiddle`.

    Raises:
        ModuleNotFoundError: NeMo Run is not installed.
        InteropError: As for `to_fiddle`.
        CycleError: The graph contains itself.
    """
    nemo, fiddle = load("nemo_run"), load("fiddle")
    classes = {Config: nemo.Config, Partial: nemo.Partial, ArgFactory: fiddle.ArgFactory}
    return _to_peer(graph, classes, "NeMo Run")


def from_fiddle(graph: object) -> Any:
    """Return a graph of Fiddle as one of bytefig.

    Sharing, tags and the place where each node was made are kept; later edits are not. Fiddle's
    own lists, dicts and tuples are looked into; other values are passed on as they are.

    Args:
        graph: A node of Fiddle, or containers of nodes; it does not change.

    Raises:
        ModuleNotFoundError: Fiddle is not installed.
        InteropError: A node is of a class that bytefig does not have.
        CycleError: The graph contains itself.
    """
    fiddle = load("fiddle")
    return _from_peer(
        graph, {fiddle.Config: Config, fiddle.Partial: Partial, fiddle.ArgFactory: ArgFactory}
    )


def from_nemo_run(graph: object) -> Any:
    """Return a graph of NeMo Run, which may hold nodes of Fiddle too, as one of bytefig.

    Args:
        graph: As for `from_fiddle`.

    Raises:
        ModuleNotFoundError: NeMo Run is not installed.
        InteropError: As for `from_fiddle`.
        CycleError: The graph contains itself.
    """
    nemo, fiddle = load("nemo_run"), load("fiddle")
    classes = {fiddle.Config: Config, fiddle.Partial: Partial, fiddle.ArgFactory: ArgFactory}
    return _from_peer(graph, {**classes, nemo.Config: Config, nemo.Partial: Partial})


def _to_peer(graph: object, classes: Mapping[type, Peer], peer: str) -> Peer:
    tagging = load("fiddle.tagging")
    # The function that returns the value is not public, but every instance has it.
    identity = tagging.TaggedValue([tagging.Tag]).__fn_or_cls__
    fiddle, history = load("fiddle"), load("fiddle.history")
    known: dict[type, Peer] = {**classes, TaggedValueCls: tagging.TaggedValueCls}

    def new_node(cls: Peer, fn: object, node: NodeSlots, arguments: Arguments) -> object:
        # Not by the constructor, which binds: all that is set and tagged is to be so there, too.
        # Of the base class, because that of NeMo Run makes exceptions.
        tags = to_peer_tags(node.__argument_tags__)
        edits = history.History()
        with located(node.__provenance__):
            edits.add_new_value(_FN_KEY, fn)
            for key, value in arguments.items():
                edits.add_new_value(key, value)
            for key, own in tags.items():
                edits.add_updated_tags(key, own)
        metadata = fiddle.BuildableTraverserMetadata(fn, tuple(arguments), tags, edits)
        return fiddle.Buildable.__unflatten__.__func__(cls, tuple(arguments.values()), metadata)

    def combine(visit: Visit, stack: Sequence[Visit]) -> object:
        if not visit.kind.buildable:
            return visit.rebuild()
        node: NodeSlots = visit.node
        cls = known.get(node.__class__)
        if cls is None:
            raise _no_counterpart(node, stack, f"{peer} has no class for it")
        if node.__effects__:
            raise InteropError(
                f"cannot convert the effects at {format_path(path_of(stack))}: {peer} has none\n"
                "  fix: remove_effects(graph) first, on a copy"
            )
        fn = identity if cls is tagging.TaggedValueCls else node.__fn_or_cls__
        arguments = dict(zip(visit.keys, visit.results, strict=True))
        try:
            return new_node(cls, fn, node, arguments)
        except (TypeError, ValueError) as error:
            raise _no_counterpart(
                node, stack, f"{peer} cannot configure {fn!r}: {error}"
            ) from error

    return fold(graph, combine)


def _from_peer(graph: object, classes: Mapping[Peer, type[Buildable[object]]]) -> object:
    tagged: Peer = load("fiddle.tagging").TaggedValueCls
    known: dict[Peer, type[Buildable[object]]] = {**classes, tagged: TaggedValueCls}
    identity = TaggedValue([Tag]).__fn_or_cls__

    def kinds(value: object) -> NodeKind | None:
        # Nodes of the peers have the attributes of ours.
        return BUILDABLE_KIND if is_peer_node(value) else kind_of(value)

    def combine(visit: Visit, stack: Sequence[Visit]) -> object:
        node = visit.node
        if not is_peer_node(node):
            return visit.rebuild()
        if type(node) not in known:
            raise _no_counterpart(node, stack, "bytefig has no class for it")
        return known[type(node)].__from_bound__(
            identity if type(node) is tagged else node.__fn_or_cls__,
            dict(zip(visit.keys, visit.results, strict=True)),
            _provenance(node),
            from_peer_tags(node.__argument_tags__),
        )

    return fold(graph, combine, kinds=kinds)


def _provenance(node: Peer) -> SavedProvenance | None:
    for entry in node.__argument_history__.get(_FN_KEY, ()):
        location = entry.location
        return SavedProvenance(
            location.filename, location.line_number, None, location.function_name or "<unknown>"
        )
    return None


def _no_counterpart(node: Peer, stack: Sequence[Visit], problem: str) -> InteropError:
    kind = node.__class__
    return InteropError(
        f"cannot convert the {kind.__module__}.{kind.__qualname__} of"
        f" {callable_name(node.__fn_or_cls__)} at {format_path(path_of(stack))}: {problem}\n"
        "  fix: replace it by a Config, Partial or ArgFactory first"
    )
