"""Which tag of a peer stands for which of bytefig's, and the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..core.keys import ArgumentKey
from ..core.tag_type import ArgumentTags, TagType
from ..editing.tags import Tag
from .libraries import Peer, load

_TO_PEER: Final[dict[TagType, Peer]] = {}
_FROM_PEER: Final[dict[Peer, TagType]] = {}


def pair_tags(tag: TagType, peer: Peer) -> None:
    """Declare that a tag of bytefig and one of Fiddle mean the same.

    A tag without a partner gets one when a graph that has it is converted: a class of the same
    name, module, docstring and base tags, which lasts as long as the process. So a round trip gives
    the same tags back, but the partner cannot be imported; declare pairs if it has to be.

    Args:
        tag: A subclass of `bytefig.configs.Tag`.
        peer: A subclass of ``fiddle.Tag``.

    Raises:
        TypeError: One is not a tag of its library.
        ValueError: One has another partner already.
    """
    if not isinstance(tag, TagType):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"cannot pair {tag!r}: it is not a subclass of bytefig.configs.Tag")
    if not isinstance(peer, _peer_tag_type()):
        raise TypeError(f"cannot pair {peer!r}: it is not a subclass of fiddle.Tag")
    for known, expected in ((_TO_PEER.get(tag), peer), (_FROM_PEER.get(peer), tag)):
        if known is not None and known is not expected:
            raise ValueError(
                f"cannot pair {tag.name} and {peer.name}: one has the partner {known.name} already"
                "\n  fix: declare pairs once, before the first conversion"
            )
    _TO_PEER[tag], _FROM_PEER[peer] = peer, tag


def to_peer_tags(tags: ArgumentTags | None) -> dict[ArgumentKey, frozenset[Peer]]:
    """Return the tags of a node as tags of Fiddle."""
    return {key: frozenset(map(_to_peer, own)) for key, own in (tags or {}).items()}


def from_peer_tags(tags: Mapping[ArgumentKey, Iterable[Peer]]) -> ArgumentTags | None:
    """Return the tags of a node of Fiddle, as bytefig's."""
    found = {key: frozenset(map(_from_peer, own)) for key, own in tags.items() if own}
    return found or None


def _to_peer(tag: TagType) -> Peer:
    if tag is Tag:
        return _peer_tag()
    if tag not in _TO_PEER:
        bases = tuple(_to_peer(base) for base in tag.__bases__ if isinstance(base, TagType))
        pair_tags(tag, _twin(_peer_tag_type(), tag, bases))
    return _TO_PEER[tag]


def _from_peer(peer: Peer) -> TagType:
    if peer is _peer_tag():
        return Tag
    if peer not in _FROM_PEER:
        kind = _peer_tag_type()
        bases = tuple(_from_peer(base) for base in peer.__bases__ if isinstance(base, kind))
        pair_tags(_twin(TagType, peer, bases), peer)
    return _FROM_PEER[peer]


def _twin(kind: Peer, tag: Peer, bases: tuple[Peer, ...]) -> Peer:
    # The rest is set afterwards: Fiddle refuses a class statement for a name that is taken, which
    # that of the original is.
    twin = kind(tag.__name__, bases, {"__module__": tag.__module__})
    twin.__qualname__ = tag.__qualname__
    twin.__doc__ = tag.__doc__
    return twin


def _peer_tag() -> Peer:
    return load("fiddle").Tag


def _peer_tag_type() -> Peer:
    return _peer_tag().__class__
