"""Tests of `bytefig.configs.traversal.item_pairs`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs.traversal.item_pairs import match_items

items = st.lists(st.integers(0, 6), max_size=12)


@given(items, items, st.booleans())
def test_every_item_is_met_once_and_in_order(old, new, weighed):
    matches = list(match_items(old, new, (lambda one, other: one == other) if weighed else None))
    assert [one for one, _ in matches if one is not None] == list(range(len(old)))
    assert [other for _, other in matches if other is not None] == list(range(len(new)))
    assert (None, None) not in matches


@given(st.lists(st.integers(0), unique=True, max_size=12), st.lists(st.integers(0, 12)))
def test_all_stay_that_can(old, places):
    new = list(old)
    for number, place in enumerate(places):
        new.insert(place, -1 - number)
    stay = [(one, other) for one, other in match_items(old, new) if one is not None]
    assert all(other is not None and old[one] == new[other] for one, other in stay)


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ([1, 2, 3], [3, 1, 2, 4], [(None, 0), (0, 1), (1, 2), (2, 3)]),
        ([5, 1, 5], [5, 5, 1, 5, 5], [(0, 0), (None, 1), (1, 2), (None, 3), (2, 4)]),
        ([1], [2, 3, 4], [(None, 0), (None, 1), (0, 2)]),
    ],
)
def test_matches(old, new, expected):
    assert list(match_items(old, new, lambda one, other: 5 * (other == 2))) == expected


def test_long_lists():
    old = list(range(50_000))
    new = [n for n in old if n % 7] + old[:10_000]
    kept = [1 for one, other in match_items(old, new) if one is not None and other is not None]
    assert len(kept) == len(old) * 6 // 7
