"""Loading asks what it names nothing: no ``__getattr__``, descriptor, property or metaclass."""

from __future__ import annotations

import json

import hook_cases as cases
import pytest
from opening_cases import config, document

from bytefig.configs import Config, SerializationError, load_json
from bytefig.configs.serialization.unasked import unasked_signature

NAMES = [
    *("Model", "instance", "Instance", "Holder", "Holder.found", "Holder.computed"),
    *("Model.x", "Model.mro", "instance.x", "nothing", "Descriptor"),
]


def documents(name):
    symbol = f"hook_cases:{name}"
    value = {"symbol": symbol}
    yield document(root=value)
    yield document(config(symbol, {"x": 1}))
    yield document(config(symbol, {"nothing": 1}))
    yield document(config("builtins:dict", {"x": value}))
    yield document({**config("builtins:dict"), "tags": {"x": [symbol]}})
    yield document({**config("builtins:dict"), "type": symbol})
    yield document(root={"enum": [symbol, "x"]})
    yield document(root={"flag": [symbol, 1]})
    yield document({"id": "a", "type": "namedtuple", "class": symbol, "items": []})
    yield document({"id": "a", "type": "alias", "call": value, "items": [value]})
    yield document(
        {"id": "a", "type": "functools.partial", "call": symbol, "items": [], "entries": {}}
    )
    yield document({"id": "a", "type": "defaultdict", "factory": value, "entries": {}})


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_asked(name):
    for each in documents(name):
        cases.FIRED.clear()
        for allow in ([], ["hook_cases"], [f"hook_cases:{name}"]):
            try:
                load_json(json.dumps(each), allow=allow)
            except (SerializationError, ValueError):  # of an allowed name that is none
                continue
        assert cases.FIRED == []


def test_what_is_found_without_asking():
    cases.FIRED.clear()
    found = load_json(
        json.dumps(document(config("hook_cases:Model", {"y": 3}))), allow=["hook_cases"]
    )
    assert cases.FIRED == []
    assert isinstance(found, Config)
    assert unasked_signature(cases.Model).keys == ("x",)
    assert unasked_signature(cases.Holder).keys == ("x",)
    assert unasked_signature(cases.instance).keys == ("x",)
    assert unasked_signature(dict.fromkeys).name == "dict.fromkeys"
    with pytest.raises(SerializationError, match="has no parameter 'z'"):
        load_json(json.dumps(document(config("hook_cases:Model", {"z": 3}))), allow=["hook_cases"])
