"""The classes of the peers, and how a capture makes nodes of them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Final

from ..core.keys import ArgumentKey, Arguments
from ..core.provenance import Provenance, SavedProvenance
from ..core.registry import BUILDABLE_TYPES, bases_of, class_of
from ..core.tag_storage import tags_of_new
from ..core.tag_type import KNOWN_TAG_NAMES, ArgumentTags
from ..core.watching import Operations, used
from ..signature.signature import signature_of
from ..traversal.iteration import iterate
from .libraries import Peer, load
from .tag_pairs import to_peer_tags


def is_peer_node(value: object, kind: str = "Buildable") -> bool:
    """Return whether a value is a node of Fiddle, or of NeMo Run, whose nodes derive from those.

    Args:
        value: Any value.
        kind: The name of the class in Fiddle.
    """
    fiddle = sys.modules.get("fiddle")  # where there is a node, it has been imported
    # Those of bytefig may count as Fiddle's, after `register_with_fiddle`.
    return class_of(value) not in BUILDABLE_TYPES and isinstance(value, getattr(fiddle, kind, ()))


def is_peer_class(value: object) -> bool:
    """Return whether a value is a class of such nodes."""
    buildable = getattr(sys.modules.get("fiddle"), "Buildable", None)
    # An `issubclass` of an abstract class would compare classes, as their metaclasses do.
    return isinstance(value, type) and any(base is buildable for base in bases_of(value))


def contains_peer_node(value: object) -> bool:
    """Return whether a value is a node of a peer, or a container with one somewhere inside."""
    return any(is_peer_node(place.value) for place in iterate(value))


def held_by_peers(value: object) -> list[object]:
    """Return the arguments of all nodes of peers that are somewhere inside of a value."""
    pending: list[object] = [value]
    seen: set[int] = set()
    for each in pending:  # grows
        for place in iterate(each):
            node: Peer = place.value
            if is_peer_node(node) and id(node) not in seen:
                seen.add(id(node))
                pending.append(list(node.__arguments__.values()))
    return pending[1:]


def is_peer_auto_config(fn: object) -> bool:
    """Return whether a function was decorated by the ``auto_config`` of Fiddle."""
    module = sys.modules.get("fiddle.experimental.auto_config")
    return module is not None and module.is_auto_config(fn)


@contextmanager
def located(provenance: Provenance | SavedProvenance | None) -> Generator[None]:
    """Have the peer record everything inside as if it happened there."""
    if provenance is None:
        yield
        return
    history = load("fiddle.history")
    location = history.Location(provenance.filename, provenance.line, provenance.function)
    with history.custom_location(lambda: location):
        yield


#: What nodes have so that a watcher is told of arithmetic, comparisons, truth and formatting.
_OPERATIONS: Final = {
    name: value for name, value in vars(Operations).items() if isinstance(value, FunctionType)
}
#: More of the kind that the classes of the peers define themselves.
_ACTIONS: Final = {
    "__eq__": "compare",
    "__getitem__": "index or iterate",
    "__setitem__": "set an item of",
    "__delitem__": "delete an item of",
}


def _telling(cls: object, name: str, action: str) -> object:
    method = getattr(cls, name)

    def telling(self: object, *args: object) -> object:
        used(self, action)
        return method(self, *args)

    return telling


def _hash(self: object) -> int:
    used(self, "hash")
    raise TypeError(f"unhashable type: {type(self).__name__!r}")


@functools.cache
def watched(cls: Peer) -> Peer:
    """Return a subclass of a peer's class whose instances tell the watcher how they are used.

    Copies that the peer makes of an instance are of the peer's own class. `unwatch` makes the
    instance itself one.
    """

    def deepcopy(self: object, memo: dict[int, object]) -> Peer:
        # The peer makes copies of the class of the original, also of the nodes below this one.
        copied = cls.__deepcopy__(self, memo)
        unwatch(copied)
        return copied

    def reduce(self: object, protocol: int) -> tuple[object, ...]:
        _, _, *rest = object.__reduce_ex__(self, max(protocol, 2))
        return object.__new__, (cls,), *rest

    namespace: dict[str, object] = {
        **_OPERATIONS,
        **{name: _telling(cls, name, action) for name, action in _ACTIONS.items()},
        "__hash__": _hash,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        # No slots and no other base: the layout has to be the same for `unwatch`.
        "__slots__": (),
        "__deepcopy__": deepcopy,
        "__reduce_ex__": reduce,
        "__unflatten__": classmethod(lambda _, *parts: cls.__unflatten__(*parts)),
    }
    return type(cls)(cls.__name__, (cls,), namespace)


def unwatch(node: object) -> None:
    """Make an instance of a watched class one of the peer's own."""
    object.__setattr__(node, "__class__", type(node).__base__)  # the peer's own sets arguments


def make_peer_node(
    cls: type, fn: Callable[..., object], arguments: Arguments, provenance: Provenance
) -> Peer:
    """Return a node of a peer, made by its constructor, so as the peer makes one for that call.

    Args:
        cls: The class of the node.
        fn: The callable.
        arguments: Its arguments by the storage rule; tagged values among them are replaced.
        provenance: Where it is made.
    """
    signature = signature_of(fn)
    tags: ArgumentTags | None = None
    if KNOWN_TAG_NAMES:
        tags = tags_of_new(arguments, signature.tags, len(signature.keys))
    args, kwargs = signature.call_arguments(arguments)
    with located(provenance):
        node = cls(fn, *args, **kwargs)
        _add_tags(node, to_peer_tags(tags))
    return node


def _add_tags(node: Peer, tags: Mapping[ArgumentKey, Iterable[Peer]]) -> None:
    for key, own in tags.items():
        for tag in own:
            load("fiddle").add_tag(node, key, tag)


def class_like(node: object, kind: str) -> Peer:
    """Return the class of a node of a peer; if that is of another kind, the peer's of that name."""
    if is_peer_node(node, kind):
        return class_of(node)
    return getattr(load(type(node).__module__.partition(".")[0]), kind)


def cast_peer_node(cls: Peer, node: Peer) -> Peer:
    """Return a shallow copy of a node of a peer that is of another class of it."""
    values, metadata = node.__flatten__()
    return cls.__unflatten__(values, metadata)
