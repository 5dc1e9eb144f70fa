"""The costs of hashing the values of a document, and of building with it, before either is done.

A document is as long as its graph has parts, but a part that is used twice in each of many levels
is met exponentially often by all that Python does without a memory: hashing a tuple, for one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import groupby
from typing import Final

from ..core.errors import DocumentError

#: Python's own hash of what nests deeper may overflow the stack.
DEEPEST: Final = 100
#: How many values all hashing and copying of a document may meet.
MOST: Final = 10_000_000
#: How many keys of one dict, or items of one set, may have the same hash.
MOST_ALIKE: Final = 1_000
_HASHING: Final = frozenset(("dict", "frozenset", "set"))
_COPYING: Final = _HASHING | {"list", "tuple"}


class Costs:
    """Takes down how large the values of one document are; they have to stay alive.

    Args:
        refuse: Given what may not be done, and what would have to be allowed for it, raises.
    """

    def __init__(self, refuse: Callable[[str, str], None]) -> None:
        """Start with nothing."""
        self._refuse = refuse
        # By id: how deep a value nests; how many values its paths lead to; its length, which is
        # what copying takes.
        self._depths: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._lengths: dict[int, int] = {}
        self._left = MOST

    def add(self, made: object, items: Collection[object]) -> None:
        """Take down a value that holds others."""
        depth, size = 1, 1
        depths, sizes = self._depths, self._sizes
        for item in items:
            number = id(item)
            if number in sizes:
                size += sizes[number]
                depth = max(depth, 1 + depths[number])
            else:
                size += 1
        number = id(made)
        depths[number], sizes[number], self._lengths[number] = depth, size, len(items)

    def hashing(self, items: Iterable[object]) -> None:
        """Refuse items that take too long to be hashed."""
        for item in items:
            self._left -= self._sizes.get(id(item), 1)
            if self._depths.get(id(item), 0) > DEEPEST or self._left < 0:
                raise DocumentError("the keys of dicts and items of sets nest too much")

    def calling(
        self, name: str, made: object, fn: object, arguments: Mapping[int | str, object]
    ) -> None:
        """Take down a node; refuse one that calls a builtin with too much.

        Args:
            name: The builtin that it calls without permission; empty if it calls something else.
            made: The node.
            fn: What it calls.
            arguments: Its arguments.

        Raises:
            DocumentError: Calling the builtin would take too long.
        """
        self.add(made, arguments.values())
        if name not in _COPYING:
            return
        given = [value for key, value in arguments.items() if type(key) is int]
        if type(fn) is functools.partial:
            given.extend(fn.args)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        lengths = [self._length(value) for value in given]
        length = sum(lengths)
        self._lengths[id(made)] = length
        self._sizes[id(made)] = max(self._sizes[id(made)], length)
        self._left -= length
        if name in _HASHING:
            self._left -= sum(self._sizes.get(id(value), 1) for value in given)
        deep = max((self._depths.get(id(value), 0) for value in given), default=0)
        if self._left < 0 or (name in _HASHING and deep > DEEPEST):
            self._refuse(f"calling {name} with so much is not", f"builtins:{name}")

    def _length(self, value: object) -> int:
        if type(value) is range:
            return max(0, (value.stop - value.start) // value.step + 1)
        return self._lengths.get(id(value), 1)


def check_collisions(items: Collection[object]) -> None:
    """Refuse keys or items of which too many have the same hash: Python compares all of those."""
    if len(items) <= MOST_ALIKE:
        return
    # Sorted, not counted in a dict, where what collides with other hashes would collide again.
    most = max(sum(1 for _ in alike) for _, alike in groupby(sorted(map(hash, items))))
    if most > MOST_ALIKE:
        raise DocumentError(f"{most} keys or items have the same hash, of at most {MOST_ALIKE}")
