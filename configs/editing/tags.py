"""Tags: names for the meaning of arguments, by which they are found and set all over a graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar, cast

from ..core.keys import ArgumentKey
from ..core.sentinels import NO_VALUE
from ..core.tag_storage import TAGGED_TYPES, tag_names, tags_after, tags_at
from ..core.tag_type import ArgumentTags, TagType
from ..node.buildable import Buildable, set_tags_unchecked
from ..node.kinds import Config, iter_nodes
from ..node.positional import set_items
from ..signature.signature import signature_of
from ..traversal.traverse import Visit, fold
from .drafts import Drafts

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class TaggedValueNotFilledError(ValueError, TypeError):
    """A tagged value without a value was built; a TypeError, as of any missing argument."""


class Tag(metaclass=TagType):
    """Base of all tags. A tag is a class with a docstring; it is never instantiated.

    Tags are classes so that one can refine another: what is said of a tag holds for its subclasses.

    Example:
        >>> class Width(Tag):
        ...     "How wide the layers are."
        >>> def layer(units): ...
        >>> cfg = Config(layer, units=Width.new(default=8))
        >>> cfg.units, Width in get_tags(cfg, "units")
        (8, True)
        >>> set_tagged(cfg, tag=Width, value=16)
        >>> cfg.units
        16
    """

    @classmethod
    def new(cls, default: object = NO_VALUE) -> Any:
        """Return a value with this tag, to give to an argument of a node.

        Args:
            default: The value; without one, the argument gets the tag only.
        """
        return TaggedValue((cls,), default)


def _value(value: T) -> T:
    """Return the value of a tagged value."""
    return value


class TaggedValueCls(Config[T_co]):
    """A value with tags; made by `TaggedValue` and `Tag.new`.

    An argument that is given one takes over its tags and value. In a list, tuple or dict it stays.
    """

    __slots__ = ()

    @property
    def tags(self) -> frozenset[TagType]:
        """The tags of the value."""
        return tags_at(self, "value")

    def __build__(self, /, *args: object, **kwargs: object) -> T_co:
        """Return the value.

        Raises:
            TaggedValueNotFilledError: There is none.
        """
        if not args and "value" not in kwargs:
            raise TaggedValueNotFilledError(
                f"a value tagged {tag_names(self.tags)} is not set;"
                " use set_tagged(graph, tag=..., value=...)"
            )
        return self.__fn_or_cls__(*args, **kwargs)


TAGGED_TYPES.add(TaggedValueCls)


def TaggedValue(tags: Collection[TagType], default: object = NO_VALUE) -> Any:  # noqa: N802
    """Return a value with tags, to give to an argument of a node or to keep in a container.

    Args:
        tags: The tags.
        default: The value; without one, an argument gets the tags only.

    Raises:
        ValueError: There are no tags.
        TypeError: One is not a tag.
    """
    if not tags:
        raise ValueError("a tagged value needs at least one tag")
    node: TaggedValueCls[object] = TaggedValueCls(_value)
    if default is not NO_VALUE:
        cast("Any", node).value = default
    _set(node, "value", tags_at(node, "value") | _checked(tags))
    return node


def add_tag(buildable: Buildable[object], argument: ArgumentKey, tag: TagType) -> None:
    """Add a tag to an argument, which may have no value yet.

    Args:
        buildable: A buildable.
        argument: Name or position.
        tag: The tag.

    Raises:
        AttributeError: The callable has no parameter of that name.
        IndexError: It has none at that position.
        TypeError: ``tag`` is not a tag.
    """
    key = _key(buildable, argument)
    _set(buildable, key, tags_at(buildable, key) | _checked((tag,)))


def set_tags(
    buildable: Buildable[object], argument: ArgumentKey, tags: Collection[TagType]
) -> None:
    """Replace all tags of an argument.

    Args:
        buildable: A buildable.
        argument: Name or position.
        tags: The tags; may be empty.

    Raises:
        AttributeError: The callable has no parameter of that name.
        IndexError: It has none at that position.
        TypeError: One of the tags is not a tag.
    """
    _set(buildable, _key(buildable, argument), _checked(tags))


def remove_tag(buildable: Buildable[object], argument: ArgumentKey, tag: TagType) -> None:
    """Remove a tag from an argument.

    Args:
        buildable: A buildable.
        argument: Name or position.
        tag: The tag.

    Raises:
        AttributeError: The callable has no parameter of that name.
        IndexError: It has none at that position.
        ValueError: The argument does not have the tag.
    """
    key = _key(buildable, argument)
    tags = tags_at(buildable, key)
    if tag not in tags:
        known = ", ".join(sorted(map(repr, tags))) or "none"
        raise ValueError(f"argument {argument!r} does not have the tag {tag!r} (tags: {known})")
    _set(buildable, key, tags - {tag})


def clear_tags(buildable: Buildable[object], argument: ArgumentKey) -> None:
    """Remove all tags from an argument.

    Args:
        buildable: A buildable.
        argument: Name or position.

    Raises:
        AttributeError: The callable has no parameter of that name.
        IndexError: It has none at that position.
    """
    _set(buildable, _key(buildable, argument), frozenset())


def get_tags(buildable: Buildable[object], argument: ArgumentKey) -> frozenset[TagType]:
    """Return the tags of an argument.

    Args:
        buildable: A buildable.
        argument: Name or position.

    Raises:
        AttributeError: The callable has no parameter of that name.
        IndexError: It has none at that position.

    Example:
        >>> get_tags(Config(int), 0)
        frozenset()
    """
    return tags_at(buildable, _key(buildable, argument))


def tagged_arguments(root: object, tag: TagType) -> Iterator[tuple[Buildable[Any], ArgumentKey]]:
    """Yield every argument of a graph that has a tag or a subclass of it, as node and key.

    Args:
        root: A buildable, or containers that hold some. Cycles are fine.
        tag: The tag.
    """
    for node in iter_nodes(root):
        for key, tags in (node.__argument_tags__ or {}).items():
            if any(issubclass(other, tag) for other in tags):
                yield node, key


def set_tagged(
    root: object,
    *,
    tag: TagType,
    value: object = NO_VALUE,
    value_fn: Callable[[], object] | None = None,
) -> None:
    """Set all arguments of a graph that have a tag, or a subclass of it; or none, on an error.

    If there is none, a warning is logged.

    Args:
        root: A buildable, or containers that hold some. Cycles are fine.
        tag: The tag.
        value: The value; all arguments share it.
        value_fn: Makes a value for each argument, where they must not share one. All are made
            before the first argument is set.

    Raises:
        TypeError: Neither or both of ``value`` and ``value_fn`` are given.
    """
    if (value is NO_VALUE) == (value_fn is None):
        raise TypeError("set_tagged needs either a value or a value_fn")
    places = list(tagged_arguments(root, tag))
    if not places:
        import logging  # noqa: PLC0415 - slow to import, and rarely needed

        logging.getLogger("bytefig.configs").warning("no argument in the graph has the tag %s", tag)
    values = [value if value_fn is None else value_fn() for _ in places]
    set_arguments([(node, key, new) for (node, key), new in zip(places, values, strict=True)])


def set_argument(node: Buildable[object], key: ArgumentKey, value: object) -> None:
    """Set the argument with this key, by the storage rule.

    Args:
        node: A buildable.
        key: Name or position; a position right after the last of the ``*args`` adds to them.
        value: The value.

    Raises:
        AttributeError: The callable has no parameter of that name.
        IndexError: There is no such position.
    """
    if isinstance(key, str):
        setattr(node, key, value)
    elif key in node.__arguments__ or key < len(signature_of(node.__fn_or_cls__).keys):
        node[key] = value
    else:
        trial = dict(node.__arguments__)
        set_items(signature_of(node.__fn_or_cls__), trial, slice(key, None), [value])
        if key not in trial:
            raise IndexError(f"no positional argument at {key}: the one before it is not set")
        node[key:] = [value]


def set_arguments(edits: Sequence[tuple[Buildable[object], ArgumentKey, object]]) -> None:
    """Set arguments of several nodes; all, or in case of an error none.

    Args:
        edits: Nodes, keys and values, each as for `set_argument`.

    Raises:
        AttributeError: The callable of a node has no such parameter, or the node refuses.
        IndexError: There is no such position.
    """
    drafts = Drafts()
    for node, key, value in edits:
        set_argument(drafts.of(node), key, value)
    drafts.commit()


def list_tags(root: object, add_superclasses: bool = False) -> frozenset[TagType]:
    """Return every tag that an argument of a graph has.

    Args:
        root: A buildable, or containers that hold some. Cycles are fine.
        add_superclasses: Add the tags that those found are subclasses of, except `Tag` itself.
    """
    found = {
        tag
        for node in iter_nodes(root)
        for tags in (node.__argument_tags__ or {}).values()
        for tag in tags
    }
    if add_superclasses:
        bases = {base for tag in found for base in tag.__mro__ if isinstance(base, TagType)}
        found |= bases - {Tag}
    return frozenset(found)


def materialize_tags(
    buildable: T, tags: AbstractSet[TagType] | None = None, clear_field_tags: bool = False
) -> T:
    """Return a copy of a graph in which the tagged values in containers are plain values.

    Args:
        buildable: A buildable, or containers that hold some; it does not change.
        tags: Only replace values with one of these tags, and drop these tags from arguments.
        clear_field_tags: Drop all tags from arguments.

    Raises:
        CycleError: The graph contains itself.
    """

    def combine(visit: Visit, _: object) -> object:
        value: Any = visit.rebuild()
        return materialize(value) if visit.kind.buildable else value

    def materialize(value: Buildable[object]) -> object:
        own: ArgumentTags = value.__argument_tags__ or {}
        chosen = tags is None or own.get("value", frozenset()) & tags
        if chosen and isinstance(value, TaggedValueCls) and "value" in value.__arguments__:
            return value.__arguments__["value"]
        kept: ArgumentTags | None = None if clear_field_tags else own or None
        for key in kept or () if tags else ():
            kept = tags_after(kept, key, own[key] - (tags or set()))
        if kept != value.__argument_tags__:
            set_tags_unchecked(value, kept)
        return value

    return cast("T", fold(buildable, combine))


def _checked(tags: Collection[TagType]) -> frozenset[TagType]:
    for tag in tags:
        if not isinstance(tag, TagType):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"{tag!r} is not a tag: a tag is a subclass of Tag, used uncalled")
    return frozenset(tags)


def _set(node: Buildable[object], key: ArgumentKey, tags: frozenset[TagType]) -> None:
    if tags != tags_at(node, key):
        set_tags_unchecked(node, tags_after(node.__argument_tags__, key, tags))


def _key(node: Buildable[object], argument: ArgumentKey) -> ArgumentKey:
    """Return the key by the storage rule; an argument may be named by its position too."""
    signature = signature_of(node.__fn_or_cls__)
    if isinstance(argument, str):
        if not signature.accepts(argument):
            raise AttributeError(f"no argument {argument!r}: {signature.explain(argument)}")
        return argument
    if 0 <= argument < len(signature.keys):
        return signature.keys[argument]
    if argument < 0 or signature.varargs is None:
        raise IndexError(
            f"{signature.name} has no positional argument at {argument}; it has"
            f" {len(signature.keys)}, and a tagged one is counted from the start"
        )
    return argument
