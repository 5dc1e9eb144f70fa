"""Pairs of items of two lists, and the items inserted and removed between them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any, Final, TypeAlias

from .traverse import kind_of

#: The index of an item, and of the one that it becomes; None for an item that only one list has.
Match: TypeAlias = tuple[int | None, int | None]
#: How alike the items at two indices are; of no meaning but to be compared.
Likeness: TypeAlias = Callable[[int, int], int]

# Between items that stay, so many pairs are weighed; what is more is matched from the left.
_MOST_PAIRS: Final = 400
_MOST_PARTS: Final = 50


def match_items(
    old: Sequence[int], new: Sequence[int], likeness: Likeness | None = None
) -> Iterator[Match]:
    """Yield the fate of each item of a list, in the order of both lists.

    Items with equal numbers stay what they are, as many as do so in one order. Between these,
    others change into each other, those that are most alike first.

    Args:
        old: A number for each item, such as its hash.
        new: The same of what the list becomes.
        likeness: How alike two items are; without it, they are matched from the left.

    Example:
        >>> list(match_items([10, 20, 30], [10, 15, 20, 30]))
        [(0, 0), (None, 1), (1, 2), (2, 3)]
        >>> list(match_items([10, 20, 30], [10, 31]))
        [(0, 0), (1, 1), (2, None)]
    """
    one = other = 0
    for stays, becomes in [*_staying(old, new), (len(old), len(new))]:
        yield from _changing(range(one, stays), range(other, becomes), likeness)
        if stays < len(old):
            yield stays, becomes
        one, other = stays + 1, becomes + 1


def _staying(old: Sequence[int], new: Sequence[int]) -> Iterator[tuple[int, int]]:
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and old[first] == new[first]:
        yield first, first
        first += 1
    last = 0
    while last < shorter - first and old[-1 - last] == new[-1 - last]:
        last += 1
    yield from _rising(old, new, range(first, len(old) - last), range(first, len(new) - last))
    for back in range(last, 0, -1):
        yield len(old) - back, len(new) - back


def _rising(
    old: Sequence[int], new: Sequence[int], olds: range, news: range
) -> Iterator[tuple[int, int]]:
    """Yield the most pairs of equal items that rise in both lists."""
    places: defaultdict[int, deque[int]] = defaultdict(deque)
    for index in olds:
        places[old[index]].append(index)
    pairs = [(places[new[index]].popleft(), index) for index in news if places.get(new[index])]
    # The least end of a rising row of each length, and what each pair follows in its row.
    ends: list[int] = []
    last_pairs: list[int] = []
    before: list[int] = []
    for number, (index, _) in enumerate(pairs):
        length = bisect_left(ends, index)
        before.append(last_pairs[length - 1] if length else -1)
        if length == len(ends):
            ends.append(index)
            last_pairs.append(number)
        else:
            ends[length], last_pairs[length] = index, number
    row: list[tuple[int, int]] = []
    number = last_pairs[-1] if last_pairs else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return reversed(row)


def _changing(olds: range, news: range, likeness: Likeness | None) -> Iterator[Match]:
    if likeness is None or len(olds) == len(news) or len(olds) * len(news) > _MOST_PAIRS:
        return zip_longest(olds, news)
    return _most_alike(olds, news, likeness)


def _most_alike(olds: range, news: range, likeness: Likeness) -> Iterator[Match]:
    # How alike all is that follows, by how many items of both are left out at the front.
    rest = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    alike = [[1 + likeness(one, other) for other in news] for one in olds]
    for row in range(len(olds) - 1, -1, -1):
        for column in range(len(news) - 1, -1, -1):
            rest[row][column] = max(
                alike[row][column] + rest[row + 1][column + 1],
                rest[row + 1][column],
                rest[row][column + 1],
            )
    row = column = 0
    while row < len(olds) and column < len(news):
        best = rest[row][column]
        if best == alike[row][column] + rest[row + 1][column + 1]:
            yield olds[row], news[column]
            row, column = row + 1, column + 1
        elif best == rest[row + 1][column]:
            yield olds[row], None
            row += 1
        else:
            yield None, news[column]
            column += 1
    yield from ((index, None) for index in olds[row:])
    yield from ((None, index) for index in news[column:])


def likeness_of_nodes(one: Any, other: Any, hash_of: Callable[[object], int]) -> int:
    """Return how many of their parts two values have in common, if they are of one kind.

    Example:
        >>> likeness_of_nodes([1, 2], [1, 3], hash), likeness_of_nodes([1, 2], (1, 2), hash)
        (3, 0)
    """
    kind = kind_of(one)
    if kind is None or type(one) is not type(other):
        return 0
    if kind.buildable and hash_of(one.__fn_or_cls__) != hash_of(other.__fn_or_cls__):
        return 0
    parts = dict(islice(zip(*kind.flatten(one), strict=True), _MOST_PARTS))
    others = islice(zip(*kind.flatten(other), strict=True), _MOST_PARTS)
    same = (key in parts and hash_of(parts[key]) == hash_of(part) for key, part in others)
    return 1 + 2 * sum(same)
