"""The classes of the peers, and how a capture makes nodes of them."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from ..argument_tags import KNOWN_TAG_NAMES, ArgumentTags, tags_of_new
from ..iteration import iterate
from ..operations import Operations, used
from ..provenance import Provenance, SavedProvenance
from ..signatures import Arguments, signature_of
from .tag_pairs import to_peer_tags

_EXTRAS: Final = {"fiddle": "fiddle", "nemo_run": "nemo"}


def load(module: str) -> Any:
    """Import a peer, or a module of it.

    Raises:
        ModuleNotFoundError: It is not installed; the text names the extra.
    """
    peer = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != peer:
            raise
        raise ModuleNotFoundError(
            f"{peer} is not installed\n  fix: pip install 'bytefig[{_EXTRAS[peer]}]'", name=peer
        ) from None


def is_peer_node(value: object, kind: str = "Buildable") -> bool:
    """Return whether a value is a node of Fiddle, or of NeMo Run, whose nodes derive from those.

    Args:
        value: Any value.
        kind: The name of the class in Fiddle.
    """
    fiddle = sys.modules.get("fiddle")  # where there is a node, it has been imported
    return isinstance(value, getattr(fiddle, kind, ()))


def is_peer_class(value: object) -> bool:
    """Return whether a value is a class of such nodes."""
    fiddle = sys.modules.get("fiddle")
    return isinstance(value, type) and issubclass(value, getattr(fiddle, "Buildable", ()))


def contains_peer_node(value: object) -> bool:
    """Return whether a value is a node of a peer, or a container with one somewhere inside."""
    return any(is_peer_node(place.value) for place in iterate(value))


@contextmanager
def located(place: Provenance | SavedProvenance | None) -> Generator[None]:
    """Let what the peer records inside have happened at ``place``."""
    if place is None:
        yield
        return
    history = load("fiddle.history")
    location = history.Location(place.filename, place.line, place.function)
    with history.custom_location(lambda: location):
        yield


class _Watched(Operations):
    """What a node of a peer has in addition while it is captured: a watcher is told of its use."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        used(self, "compare")
        return super().__eq__(other)

    def __hash__(self) -> int:
        used(self, "hash")
        raise TypeError(f"unhashable type: {type(self).__name__!r}")

    def __getitem__(self, key: Any) -> Any:
        used(self, "index or iterate")
        parent: Any = super()
        return parent.__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        used(self, "set an item of")
        parent: Any = super()
        parent.__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        used(self, "delete an item of")
        parent: Any = super()
        parent.__delitem__(key)


@functools.cache
def watched(cls: type) -> type:
    """Return a subclass of a peer's class whose instances tell the watcher how they are used.

    Copies that the peer makes of an instance are of the peer's own class. `unwatch` makes the
    instance itself one.
    """

    def unflatten(_: type, values: Any, metadata: Any) -> Any:
        peer: Any = cls
        return peer.__unflatten__(values, metadata)

    namespace = {
        "__slots__": (),
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__unflatten__": classmethod(unflatten),
    }
    return type(cls)(cls.__name__, (_Watched, cls), namespace)


def unwatch(node: Any) -> None:
    """Make an instance of a watched class one of the peer's own."""
    for base in type(node).__mro__:
        if is_peer_class(base) and not issubclass(base, _Watched):
            object.__setattr__(node, "__class__", base)  # the peer's own sets arguments
            return


def make_peer_node(
    cls: type, fn: Callable[..., Any], arguments: Arguments, place: Provenance
) -> Any:
    """Return a node of a peer, made by its constructor, so as the peer makes one for that call.

    Args:
        cls: The class of the node.
        fn: The callable.
        arguments: Its arguments by the storage rule; tagged values among them are replaced.
        place: Where it is made.
    """
    signature = signature_of(fn)
    tags: ArgumentTags | None = None
    if KNOWN_TAG_NAMES:
        tags = tags_of_new(arguments, signature.tags, len(signature.keys))
    args, kwargs = signature.call_arguments(arguments)
    with located(place):
        node = cls(fn, *args, **kwargs)
        _add_tags(node, to_peer_tags(tags))
    return node


def _add_tags(node: Any, tags: Mapping[int | str, Any]) -> None:
    for key, own in tags.items():
        for tag in own:
            load("fiddle").add_tag(node, key, tag)


def cast_peer_node(cls: type, node: Any) -> Any:
    """Return a shallow copy of a node of a peer that is of another class of it."""
    values, metadata = node.__flatten__()
    target: Any = cls
    return target.__unflatten__(values, metadata)
