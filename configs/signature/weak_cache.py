"""A cache keyed by the identity of objects, which it does not keep alive."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


class WeakIdentityCache(Generic[K, V]):
    """Maps objects to values by identity; an entry goes when its key dies.

    Keys are never hashed nor compared, so unhashable keys and keys with an odd ``__eq__`` are
    fine. A value must not refer to its own key, or neither is ever freed.

    Attributes:
        entries: Weak references to the keys, and the values, by the ids of the keys. For a look-up
            without a call; it has to compare as `get` does.

    Example:
        >>> class Thing:
        ...     __hash__ = None
        >>> cache = WeakIdentityCache()
        >>> thing = Thing()
        >>> cache.set(thing, "known")
        >>> cache.get(thing)
        'known'
        >>> del thing
        >>> len(cache)
        0
    """

    __slots__ = ("entries",)

    def __init__(self) -> None:
        """Make an empty cache."""
        self.entries: dict[int, tuple[ref[K], V]] = {}

    def __len__(self) -> int:
        """Return the number of live entries."""
        return len(self.entries)

    def get(self, key: K) -> V | None:
        """Return the value stored for this very object, or None."""
        entry = self.entries.get(id(key))
        # The second test matters when a key of the same id is being finalized right now.
        if entry is not None and entry[0]() is key:
            return entry[1]
        return None

    def set(self, key: K, value: V) -> None:
        """Store ``value`` for ``key``; do nothing if ``key`` cannot be weakly referenced."""
        number = id(key)
        # None of it is Python: what a signal handler raises in such a callback is lost. It is given
        # the reference, which is what pop returns if there is no entry. It binds the dict, not the
        # cache: the callback must not keep the cache alive.
        remove: Callable[[ref[K]], object] = partial(self.entries.pop, number)
        try:
            reference = ref(key, remove)
        except TypeError:
            return
        self.entries[number] = (reference, value)
