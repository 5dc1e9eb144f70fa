"""What loading costs when the keys of a document collide."""

from __future__ import annotations

import collections
import json
import sys

import colliding_cases as cases
import pytest
from opening_cases import document

from bytefig.configs import SerializationError, load_json

KINDS = {
    "dict": dict.fromkeys,
    "OrderedDict": collections.OrderedDict.fromkeys,
    "set": set,
    "frozenset": frozenset,
}


def holding(kind, keys, nodes=()):
    items = [[key, 1] for key in keys] if kind.endswith("ict") else list(keys)
    return json.dumps(document(*nodes, {"id": "last", "type": kind, "items": items}))


@pytest.mark.parametrize("kind", KINDS)
def test_colliding_keys_cost_at_most_three_times_what_python_needs(kind):
    numbers = range(500)
    nodes = [
        {"id": str(number), "type": "namedtuple", "class": "colliding_cases:Key", "items": [number]}
        for number in numbers
    ]
    text = holding(kind, [{"ref": str(number)} for number in numbers], nodes)
    cases.Key.compared = 0
    KINDS[kind](map(cases.Key, numbers))
    needed = cases.Key.compared
    assert needed >= 500 * 499 / 2
    cases.Key.compared = 0
    assert len(load_json(text, allow=["colliding_cases"])) == 500
    assert cases.Key.compared <= 3 * needed


@pytest.mark.parametrize("kind", [*KINDS, "defaultdict"])
def test_many_keys_of_one_hash_are_refused(kind):
    keys = [{"int": hex(number * sys.hash_info.modulus)} for number in range(1, 20_001)]
    text = holding(kind, keys)
    if kind == "defaultdict":
        text = text.replace('"type"', '"factory": null, "type"')
    with pytest.raises(
        SerializationError, match="20000 keys or items have the same hash"
    ) as caught:
        load_json(text)
    assert caught.value.path == "$.nodes[0].items"
    assert len(load_json(holding("dict", keys[:1000]))) == 1000


def test_many_keys_of_many_hashes_are_fine():
    assert len(load_json(holding("set", range(100_000)))) == 100_000
