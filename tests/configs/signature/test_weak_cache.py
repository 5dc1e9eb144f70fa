"""Tests of `bytefig.configs.signature.weak_cache`."""

import gc
import sys

from bytefig.configs import WeakIdentityCache


class Thing:
    __hash__ = None

    def __eq__(self, other):
        raise AssertionError("keys are never compared")


class Slotted:
    __slots__ = ()


def test_entries_belong_to_one_object():
    cache = WeakIdentityCache()
    one, other = Thing(), Thing()
    cache.set(one, 1)
    assert cache.get(one) == 1
    assert cache.get(other) is None
    cache.set(one, 2)
    assert cache.get(one) == 2
    assert len(cache) == 1


def test_entry_goes_with_its_key():
    cache = WeakIdentityCache()
    key = Thing()
    cache.set(key, 1)
    del key
    gc.collect()
    assert len(cache) == 0


def test_replaced_entry_survives_the_old_one():
    cache = WeakIdentityCache()
    key = Thing()
    cache.set(key, 1)
    cache.set(key, 2)
    gc.collect()
    assert (cache.get(key), len(cache)) == (2, 1)


def test_nothing_is_lost_that_arrives_while_a_key_dies():
    cache = WeakIdentityCache()
    key = Thing()
    cache.set(key, 1)
    seen = []
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _: seen.append((event, frame.f_code.co_name)))
    try:
        del key
    finally:
        sys.setprofile(before)
    assert [name for event, name in seen if event == "call"] == []


def test_stale_entry_of_a_reused_id_is_not_returned():
    cache = WeakIdentityCache()
    one, other = Thing(), Thing()
    cache.set(one, 1)
    cache.entries[id(other)] = cache.entries[id(one)]
    assert cache.get(other) is None


def test_objects_without_weak_references_are_not_kept():
    cache = WeakIdentityCache()
    for key in (Slotted(), 3, ()):
        cache.set(key, 1)
        assert cache.get(key) is None


def test_cache_is_freed_while_keys_live():
    key = Thing()
    cache = WeakIdentityCache()
    cache.set(key, 1)
    del cache
    gc.collect()
    del key
