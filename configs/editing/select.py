"""`select`: find nodes or tagged arguments in a graph, and edit all of them at once."""

from __future__ import annotations

import abc
import copy
from collections.abc import Callable, Iterator
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_origin, overload

import attrs

from ..core.keys import ArgumentKey
from ..core.leaf_equality import same_leaf
from ..core.names import callable_name
from ..core.registry import BUILDABLE_TYPES
from ..core.slots import set_effects
from ..core.tag_type import TagType
from ..core.transaction import Changes
from ..node.buildable import Buildable
from ..node.dunders.representation import short_repr
from ..node.kinds import iter_nodes
from ..signature.signature import signature_of
from ..traversal.location import shortest_path
from ..traversal.replacement import find_edits
from .drafts import Drafts
from .tags import set_arguments

if TYPE_CHECKING:
    from ..node.kinds import ArgFactory, Config, Partial

T = TypeVar("T")
NodeT_co = TypeVar("NodeT_co", bound=Buildable[object], covariant=True)


@overload
def select(
    cfg: object,
    fn_or_cls: Callable[..., object] | None = None,
    *,
    tag: TagType,
    match_subclasses: bool = True,
    buildable_type: type[Buildable[object]] = Buildable,
    check_nonempty: bool | None = None,
) -> TagSelection: ...
@overload
def select(
    cfg: object,
    fn_or_cls: Callable[..., T],
    *,
    match_subclasses: bool = True,
    buildable_type: type[Config[object]],
    check_nonempty: bool | None = None,
) -> NodeSelection[Config[T]]: ...
@overload
def select(
    cfg: object,
    fn_or_cls: Callable[..., T],
    *,
    match_subclasses: bool = True,
    buildable_type: type[Partial[object]],
    check_nonempty: bool | None = None,
) -> NodeSelection[Partial[T]]: ...
@overload
def select(
    cfg: object,
    fn_or_cls: Callable[..., T],
    *,
    match_subclasses: bool = True,
    buildable_type: type[ArgFactory[object]],
    check_nonempty: bool | None = None,
) -> NodeSelection[ArgFactory[T]]: ...
@overload
def select(
    cfg: object,
    fn_or_cls: Callable[..., T],
    *,
    match_subclasses: bool = True,
    buildable_type: type[Buildable[object]] = Buildable,
    check_nonempty: bool | None = None,
) -> NodeSelection[Buildable[T]]: ...
def select(
    cfg: object,
    fn_or_cls: Callable[..., object] | None = None,
    *,
    tag: TagType | None = None,
    match_subclasses: bool = True,
    buildable_type: type[Buildable[object]] = Buildable,
    check_nonempty: bool | None = None,
) -> NodeSelection[Any] | TagSelection:
    """Select the nodes of a graph that configure a callable, or arguments that have a tag.

    Args:
        cfg: A buildable, or containers that hold some. Cycles are fine.
        fn_or_cls: The function, class or other callable that the nodes configure. A generic class
            of a program is found subscripted, too.
        tag: Select arguments with this tag instead; with ``fn_or_cls``, those of its nodes.
        match_subclasses: Select nodes of the subclasses of ``fn_or_cls`` too, if it is a class,
            and arguments with a subclass of ``tag``.
        buildable_type: Only select nodes of this class, or of a subclass of it.
        check_nonempty: What to do if nothing matches now: raise if true; by default, only log a
            warning; if false, nothing.

    Returns:
        The selection. It stays up to date when the graph is edited.

    Raises:
        TypeError: ``fn_or_cls`` is not callable, or ``tag`` is not a tag.
        ValueError: Neither is given, or nothing matches that has to.

    Example:
        >>> from bytefig.configs import Config, Tag
        >>> class Rate(Tag):
        ...     "How much to drop."
        >>> def layer(units, rate=0.0): ...
        >>> cfg = Config(dict, layers=[Config(layer, 8), Config(layer, 16, Rate.new())])
        >>> select(cfg, layer).set(rate=0.5)
        >>> list(select(cfg, layer).get("units"))
        [8, 16]
        >>> select(cfg, tag=Rate).set(value=0.1)
        >>> list(select(cfg, layer).get("rate"))
        [0.5, 0.1]
    """
    if fn_or_cls is None and tag is None:
        raise ValueError("nothing to select by: pass a function or a class, or tag=...")
    if type(fn_or_cls) in BUILDABLE_TYPES or (fn_or_cls is not None and not callable(fn_or_cls)):
        message = f"cannot select by {short_repr(fn_or_cls)}: it is not callable"
        if type(fn_or_cls) in BUILDABLE_TYPES:
            raise TypeError(f"{message}; pass get_callable(node) to select by that of a node")
        raise TypeError(f"{message}; pass a function or a class")
    if tag is not None and not issubclass(type(tag), TagType):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"cannot select by the tag {short_repr(tag)}: it is not a subclass of Tag")
    nodes = NodeSelection[Any](cfg, fn_or_cls, match_subclasses, buildable_type)
    selection = nodes if tag is None else TagSelection(nodes, tag)
    if check_nonempty is not False and next(iter(selection), _NOTHING) is _NOTHING:
        _complain(selection, check_nonempty)
    return selection


_NOTHING = object()


def _complain(selection: Selection, strictly: bool | None) -> None:
    message = f"nothing in the graph matches {selection!r}"
    if strictly:
        raise ValueError(f"{message}\n  fix: select something else, or pass check_nonempty=False")
    import logging  # noqa: PLC0415 - slow to import, and rarely needed

    logging.getLogger("bytefig.configs").warning("%s", message)


class Selection(abc.ABC):
    """The result of `select`: a `NodeSelection` or a `TagSelection`.

    Every use searches the graph anew.
    """

    __slots__ = ()

    @abc.abstractmethod
    def __iter__(self) -> Iterator[Any]:
        """Yield the selected nodes or values, parents first."""

    @abc.abstractmethod
    def replace(self, value: object, deepcopy: bool = True) -> None:
        """Put a value, or a deep copy of it each time, in the place of everything selected."""


@attrs.frozen(repr=False)
class NodeSelection(Selection, Generic[NodeT_co]):
    """The nodes of a graph that match; made by `select`.

    Every use searches the graph anew. Each node counts once, however many paths lead to it.

    Attributes:
        graph: Where to search.
        fn_or_cls: What the nodes configure; None for anything.
        match_subclasses: Whether subclasses of ``fn_or_cls`` match.
        buildable_type: The class of the nodes.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> select([Config(int), Partial(int), Config(bool)], int, buildable_type=Config)
        <NodeSelection[int, match_subclasses=True, buildable_type=Config]>
        >>> list(_)
        [<Config[int()]>, <Config[bool()]>]
    """

    graph: object
    fn_or_cls: Callable[..., object] | None
    match_subclasses: bool
    buildable_type: type[Buildable[object]]

    def __iter__(self) -> Iterator[NodeT_co]:
        """Yield the matching nodes, parents first."""
        return cast("Iterator[NodeT_co]", filter(self._matches, iter_nodes(self.graph)))

    def __repr__(self) -> str:
        """Return the criteria of the search; the graph, which may be large, is left out."""
        return (
            f"<NodeSelection[{callable_name(self.fn_or_cls)},"
            f" match_subclasses={self.match_subclasses},"
            f" buildable_type={self.buildable_type.__name__}]>"
        )

    def get(self, name: str) -> Iterator[Any]:
        """Yield the argument of each matching node, or its default.

        Args:
            name: Name of the argument.

        Raises:
            AttributeError: A node has no such argument, or it is unset and has no default.

        Example:
            >>> from bytefig.configs import Config
            >>> def scale(factor=1): ...
            >>> list(select([Config(scale, 3), Config(scale)], scale).get("factor"))
            [3, 1]
        """
        for node in self:
            try:
                value = getattr(node, name)
            except AttributeError as error:
                error.add_note(self._locate(node))
                raise
            yield value

    def set(self, /, **arguments: object) -> None:
        """Set arguments on every matching node; on all, or in case of an error on none.

        The nodes share the values, which are not copied.

        Args:
            **arguments: The arguments.

        Raises:
            AttributeError: The callable of a node has no such parameter.

        Example:
            >>> from bytefig.configs import Config
            >>> def scale(factor=1): ...
            >>> graph = [Config(scale), Config(scale)]
            >>> select(graph, scale).set(factor=2)
            >>> graph
            [<Config[scale(factor=2)]>, <Config[scale(factor=2)]>]
        """
        drafts = Drafts()
        for node in self:
            for name, value in arguments.items():
                try:
                    setattr(drafts.of(node), name, value)
                except AttributeError as error:
                    raise AttributeError(
                        f"{error}\n  {self._locate(node)}\n  no node was changed"
                    ) from None
        drafts.commit()

    def replace(self, value: object, deepcopy: bool = True) -> None:
        """Put a value wherever the graph refers to a matching node.

        The graph is edited in place: its other nodes, lists and dicts keep their identity, only
        tuples are made anew. The matching nodes stay as they are, just no longer in the graph. In
        case of an error, nothing changes.

        Args:
            value: The replacement; not necessarily a buildable.
            deepcopy: Give each matching node a deep copy of its own, taken before any change. If
                false, all are replaced by ``value`` itself.

        Raises:
            ValueError: The root of the graph matches, or is a tuple that holds a matching node.

        Example:
            >>> from bytefig.configs import Config
            >>> cfg = Config(dict, a=Config(int), b=[Config(int)])
            >>> select(cfg, int).replace(Config(float))
            >>> cfg
            <Config[dict(a=<Config[float()]>, b=[<Config[float()]>])]>
            >>> cfg.a is cfg.b[0]
            False
        """
        matching = {id(node): node for node in self}
        if id(self.graph) in matching:
            raise ValueError(
                f"cannot replace the root of the graph: it matches {self!r}, and whoever holds it"
                " would not see the new value\n"
                "  fix: use the new value instead of the root, or replace_in_place(root, value)"
            )
        changes = Changes()
        edits, acted_on = find_edits(
            self.graph, matching, lambda: copy.deepcopy(value) if deepcopy else value
        )
        for target, key, new in edits:
            changes.item(target, key, new)
        for node, effects in acted_on:
            changes.slot(set_effects, node, node.__effects__, effects or None)
        changes.commit()

    def _matches(self, node: Buildable[object]) -> bool:
        fn, wanted = node.__fn_or_cls__, self.fn_or_cls
        if not isinstance(node, self.buildable_type):
            return False
        if wanted is None:
            return True
        # By equality as well: each access of a bound method makes another object.
        if same_leaf(fn, wanted):
            return True
        if not isinstance(wanted, type):
            return False
        # Of a subscripted class of a program, such as `Row[int]`; `list[int]` stands for itself.
        cls: object = fn if type(fn) is GenericAlias else get_origin(fn) or fn
        if cls is wanted:
            return True
        return self.match_subclasses and isinstance(cls, type) and issubclass(cls, wanted)

    def _locate(self, node: Buildable[object]) -> str:
        made = node.__provenance__
        return f"at {shortest_path(self.graph, node)}" + (f", made at {made}" if made else "")


@attrs.frozen(repr=False)
class TagSelection(Selection):
    """The arguments of a graph that have a tag; made by `select` with ``tag=``.

    Attributes:
        nodes: The nodes whose arguments may match.
        tag: The tag.

    Example:
        >>> from bytefig.configs import Config, Tag
        >>> class Width(Tag):
        ...     "How wide the layers are."
        >>> def layer(units, rate=0.0): ...
        >>> graph = [Config(layer, Width.new(8)), Config(layer, Width.new())]
        >>> widths = select(graph, tag=Width)
        >>> list(widths)
        [8, NO_VALUE]
        >>> widths.replace([64])
        >>> graph[0].units, graph[0].units is graph[1].units
        ([64], False)
    """

    nodes: NodeSelection[Any]
    tag: TagType

    def __iter__(self) -> Iterator[Any]:
        """Yield the value of each argument, its default, or `NO_VALUE`."""
        for node, key in self._places():
            if key in node.__arguments__:
                yield node.__arguments__[key]
            else:
                yield signature_of(node.__fn_or_cls__).default(key)

    def __repr__(self) -> str:
        """Return the criteria of the search, without the graph."""
        nodes = self.nodes
        of = "" if nodes.fn_or_cls is None else f" of {callable_name(nodes.fn_or_cls)}"
        return (
            f"<TagSelection[{self.tag!r}{of}, match_subclasses={nodes.match_subclasses},"
            f" buildable_type={nodes.buildable_type.__name__}]>"
        )

    def get(self) -> Iterator[Any]:
        """Yield the value of each argument, its default, or `NO_VALUE`; as iteration does."""
        return iter(self)

    def set(self, value: object) -> None:
        """Set all arguments to one value, which is not copied; in case of an error, none.

        Args:
            value: The value. A `TaggedValue` brings its tags along.

        Raises:
            AttributeError: A node refuses it.
            IndexError: An argument among the ``*args`` comes after one that is not set.
        """
        set_arguments([(node, key, value) for node, key in self._places()])

    def replace(self, value: object, deepcopy: bool = True) -> None:
        """Set all arguments to a value; in case of an error, none.

        Args:
            value: The value.
            deepcopy: Give each argument a deep copy of its own. If false, this is `set`.

        Raises:
            AttributeError: A node refuses it.
            IndexError: An argument among the ``*args`` comes after one that is not set.
        """
        set_arguments(
            [
                (node, key, copy.deepcopy(value) if deepcopy else value)
                for node, key in self._places()
            ]
        )

    def _places(self) -> Iterator[tuple[Buildable[object], ArgumentKey]]:
        nodes: Iterator[Buildable[object]] = iter(self.nodes)
        for node in nodes:
            for key, tags in (node.__argument_tags__ or {}).items():
                if self.tag in tags or (
                    self.nodes.match_subclasses and any(issubclass(own, self.tag) for own in tags)
                ):
                    yield node, key
